"""The body of a message: one JSON object in UTF-8, announced as that."""

from collections.abc import Iterator
from email.message import Message as Headers
from functools import cache

from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.facts import WITHOUT_BODY
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.requirements.acceptance import NOT_OFFERED
from oicp_conformance.judge.source import Source

JSON = requirement(
    "http.json",
    cpo(
        "MUST",
        "The CPO sends each message as one JSON object.",
        Source("OAS-CPO RemoteStart", "", 39, "lower"),
        on="all",
        erratum="C301",
    ),
    emp(
        "MUST",
        "The EMP sends each request and each response as one JSON object.",
        Source("OAS-EMP AuthorizeStart", "", 39, "lower"),
        on="all",
        erratum="C301",
    ),
)

UTF_8 = requirement(
    "http.utf-8",
    cpo(
        "MUST", "The CPO encodes every message in UTF-8.", Source("CPO 01", "rest", 11, "explicit"), on="all"
    ),
    emp("MUST", "The EMP encodes each message in UTF-8.", Source("EMP 01", "rest", 14, "explicit"), on="all"),
)

CONTENT_TYPE = requirement(
    "http.content-type",
    cpo(
        "SHOULD",
        "The CPO sends each body with the Content-Type application/json.",
        Source("OAS-CPO RemoteStart", "", 39, "lower"),
        on="all",
    ),
    emp(
        "SHOULD",
        "The EMP sends Content-Type application/json; a charset parameter, if present, is UTF-8.",
        Source("OAS-EMP AuthorizeStart", "", 39, "lower"),
        on="all",
    ),
)


def _must_be_json(exchange: Exchange) -> bool:
    """Whether the target's half has to be a message: a request, or an answer with 2xx."""
    if exchange.operation is None:
        return False
    if exchange.by_target:
        # A method that has no body is what is wrong with a request, and http.path is about that.
        return exchange.method in {"POST", "PUT", "PATCH"} or bool(exchange.request.body)
    if exchange.purpose == NOT_OFFERED.id or exchange.status in WITHOUT_BODY:
        return False
    return exchange.status is not None and 200 <= exchange.status < 300


def _coding(part: Part) -> str:
    """The Content-Encoding of a body; empty where there is none."""
    coding = (part.header("Content-Encoding") or "").strip().lower()
    return "" if coding == "identity" or not part.body else coding


def _encoded(exchange: Exchange, part: Part, coding: str) -> Outcome:
    """The finding for a body with a Content-Encoding: no document of OICP has one."""
    if part.problem is None:
        return JSON.broken(
            exchange,
            f"the Content-Encoding is {coding}, but the body is not compressed",
            expected="no Content-Encoding",
            found=coding,
            verdict=Verdict.WARNING,
        )
    return JSON.broken(
        exchange,
        f"the body is compressed (Content-Encoding: {coding}), which no OICP document mentions",
        expected="one JSON object without Content-Encoding",
        found=coding,
    )


@rule(JSON, UTF_8, by_exchange=True)
def one_object(record: Record) -> Iterator[Outcome]:
    """One JSON object, in UTF-8."""
    for exchange in record.exchanges:
        if not _must_be_json(exchange):
            continue
        part = exchange.sent
        if part.over_budget:
            yield JSON.unclear(
                f"the body of {part.length} bytes exceeds what the suite keeps in a run",
                exchange=exchange,
                cause=Cause.HIDDEN,
            )
            continue
        if exchange.by_target and exchange.trouble:
            continue  # it never arrived as a whole
        if coding := _coding(part):
            yield _encoded(exchange, part, coding)
            continue
        try:
            start = part.body.decode("utf-8")
            yield UTF_8.held(exchange)
        except UnicodeDecodeError as error:
            yield UTF_8.broken(
                exchange,
                f"the body is not UTF-8 at byte {error.start}",
                expected="UTF-8",
                found=repr(part.body[max(0, error.start - 20) : error.start + 20]),
            )
            continue
        if part.cut:
            yield JSON.broken(
                exchange,
                f"the body is longer than the {len(part.body)} bytes that the suite reads",
                expected="one JSON object",
                found=start,
            )
        elif part.problem:
            yield JSON.broken(
                exchange,
                f"the body is not JSON: {part.problem}" if part.body else "the body is empty",
                expected="one JSON object",
                found=start,
            )
        elif not isinstance(part.json, dict):
            yield JSON.broken(
                exchange, "the body is not a JSON object", expected="one JSON object", found=start
            )
        elif part.repeated:
            # RFC 8259 says that names should be unique, and no document of OICP does: readers differ.
            pointer, *others = part.repeated
            more = f", and so do {len(others)} more" if others else ""
            yield JSON.broken(
                exchange,
                f"a name occurs more than once in one object{more}; the suite reads the last value",
                pointer=pointer,
                expected="each name once in an object (RFC 8259, section 4)",
                found=start,
                verdict=Verdict.WARNING,
            )
        else:
            yield JSON.held(exchange)


@cache
def _announces_json(content_type: str) -> bool:
    headers = Headers()
    headers["Content-Type"] = content_type
    kind, charset = headers.get_content_type(), headers.get_content_charset("utf-8")
    is_json = kind == "application/json" or kind.endswith("+json")
    return is_json and charset in {"utf-8", "utf8", "us-ascii"}


@rule(CONTENT_TYPE, by_exchange=True)
def content_type(record: Record) -> Iterator[Outcome]:
    """The type application/json; a charset, if one is named, is UTF-8."""
    for exchange in record.exchanges:
        if not _must_be_json(exchange) or not exchange.sent.body:
            continue
        announced = exchange.sent.header("Content-Type")
        if not announced or not _announces_json(announced):
            yield CONTENT_TYPE.broken(
                exchange,
                "the Content-Type is not application/json in UTF-8",
                expected="application/json",
                found=announced or "nothing",
            )
        else:
            yield CONTENT_TYPE.held(exchange)
