"""The journal as HAR, which browsers and many tools read: `journal.har`."""

import base64
from datetime import UTC, datetime
from io import StringIO
from urllib.parse import parse_qsl, urlsplit

import harfile

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.statement import suite_version
from oicp_conformance.reporting import wire

NAME = "journal.har"
_HTTP = "HTTP/1.1"


def har(record: Record) -> str:
    """All exchanges of a record, as it may be written, as HAR 1.2."""
    out = StringIO()
    creator = harfile.Creator(name="oicp-conformance", version=suite_version())
    with harfile.HarFile.open(out, creator=creator) as file:
        for one in record.exchanges:
            file.add_entry(
                startedDateTime=datetime.fromtimestamp(one.started, UTC).isoformat(timespec="milliseconds"),
                time=one.seconds * 1000,
                request=_request(one, record),
                response=_response(one),
                timings=harfile.Timings(send=0, wait=one.seconds * 1000, receive=0),
                comment=wire.line(one),
            )
    return out.getvalue()


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
            for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True)
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
