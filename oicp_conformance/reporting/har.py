"""The journal as HAR, which browsers and many tools read: `journal.har`."""

import base64
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl

import harfile

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.times import iso
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.statement import suite_version
from oicp_conformance.reporting import guard, wire

NAME = "journal.har"
_HTTP = "HTTP/1.1"


def write(file: Path, record: Record) -> None:
    """Write all exchanges of a record, as it may be written, as HAR 1.2."""
    creator = harfile.Creator(name="oicp-conformance", version=suite_version())
    with file.open("w", encoding="utf-8") as out, harfile.HarFile.open(out, creator=creator) as har:
        for one in record.exchanges:
            request, response, comment = guard.guarded(
                f"exchange {one.number}", partial(_entry, one, record), _unshown
            )
            har.add_entry(
                startedDateTime=iso(one.started, "milliseconds"),
                time=one.seconds * 1000,
                request=request,
                response=response,
                timings=harfile.Timings(send=0, wait=one.seconds * 1000, receive=0),
                comment=comment,
            )


_Entry = tuple[harfile.Request, harfile.Response, str]


def _entry(one: Exchange, record: Record) -> _Entry:
    return _request(one, record), _response(one), wire.line(one)


def _unshown(note: str) -> _Entry:
    return (
        harfile.Request(method="", url="", httpVersion=_HTTP),
        harfile.Response(
            status=0, statusText="", httpVersion=_HTTP, content=harfile.Content(mimeType="", text="")
        ),
        note,
    )


def _request(one: Exchange, record: Record) -> harfile.Request:
    url = f"{wire.base_url(one, record.profile)}{one.path}"
    text, _ = _text(one.request.body)
    return harfile.Request(
        method=one.method,
        url=url,
        httpVersion=_HTTP,
        headers=_headers(one.request),
        queryString=[
            harfile.Record(name, value)
            # The query as it was sent: a path may be no part of any URL.
            for name, value in parse_qsl(url.partition("#")[0].partition("?")[2], keep_blank_values=True)
        ],
        postData=harfile.PostData(mimeType=_type(one.request), text=text) if one.request.body else None,
        bodySize=len(one.request.body),
    )


def _response(one: Exchange) -> harfile.Response:
    text, encoding = _text(one.answer.body)
    return harfile.Response(
        # HAR has 0 where nothing came.
        status=one.status or 0,
        statusText="" if one.status else one.trouble or "",
        httpVersion=_HTTP,
        headers=_headers(one.answer),
        content=harfile.Content(
            size=len(one.answer.body), mimeType=_type(one.answer), text=text, encoding=encoding
        ),
        bodySize=len(one.answer.body),
    )


def _headers(part: Part) -> list[harfile.Record]:
    return [harfile.Record(name, value) for name, value in part.headers]


def _type(part: Part) -> str:
    return part.header("Content-Type") or ""


def _text(body: bytes) -> tuple[str, str | None]:
    """A body as text, and in which encoding it is where it is none."""
    try:
        return body.decode("utf-8"), None
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "base64"
