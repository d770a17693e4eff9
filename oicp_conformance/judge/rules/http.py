"""How messages travel: path, ids, encoding, status, time."""

from collections.abc import Iterator
from email.message import Message as Headers
from functools import cache

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.facts import BASIC, is_not_served, speaks, subject_of
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, broken, held, operation_of, rule
from oicp_conformance.oicp.operations import at_path, meant_by, unpack
from oicp_conformance.oicp.types import plain_id

SLOW = 10.0
"""Seconds after which an answer is slow (C198)."""


@rule
def path(record: Record) -> Iterator[Outcome]:
    """http.path: a wrong path is charged to the operation that it most likely means."""
    for exchange in record.exchanges:
        if not exchange.by_target:
            continue
        if exchange.operation is None:
            bare = exchange.path.partition("?")[0]
            if (
                exchange.method == "POST"
                and (meant := meant_by(bare, exchange.request.json))
                and record.party in meant.parts
            ):
                yield broken(
                    "http.path",
                    exchange,
                    f"this is no path of OICP 2.3; was {meant.name} meant?",
                    expected=f"POST {meant.path}",
                    found=f"{exchange.method} {exchange.path}",
                    operation=meant.name,
                )
        elif exchange.method != "POST":
            yield broken(
                "http.path",
                exchange,
                f"{exchange.operation} is sent with POST",
                expected="POST",
                found=exchange.method,
            )
        else:
            yield held("http.path", exchange)


@rule
def path_id(record: Record) -> Iterator[Outcome]:
    """http.path-id: the partner's own id, in the path and in the body."""
    own = record.profile.partner.operator_id if record.role == "cpo" else record.profile.partner.provider_id
    for exchange in record.exchanges:
        located = at_path(exchange.path.partition("?")[0]) if exchange.by_target else None
        if own is None or located is None or not located[1]:
            continue
        operation, ids = located
        (in_path,) = ids.values()
        in_body = unpack(exchange.request.object, operation.body_id) if operation.body_id else None
        if plain_id(in_path) != plain_id(own):
            yield broken(
                "http.path-id", exchange, "the path names another partner", expected=own, found=in_path
            )
        elif isinstance(in_body, str) and plain_id(in_body) != plain_id(in_path):
            yield broken(
                "http.path-id",
                exchange,
                "the body names another partner than the path",
                pointer=operation.body_id,
                expected=in_path,
                found=in_body,
            )
        else:
            yield held("http.path-id", exchange)


def _must_be_json(exchange: Exchange) -> bool:
    """Whether the target's half has to be a message: a request, or an answer with 2xx."""
    if exchange.operation is None:
        return False
    if exchange.by_target:
        return True
    return (
        exchange.status is not None
        and 200 <= exchange.status < 300
        and exchange.purpose != "optional.not-offered"
    )


@rule
def json(record: Record) -> Iterator[Outcome]:
    """http.json and http.utf-8: one JSON object, in UTF-8."""
    for exchange in record.exchanges:
        if not _must_be_json(exchange):
            continue
        part = exchange.sent
        try:
            start = part.body.decode("utf-8")
            yield held("http.utf-8", exchange)
        except UnicodeDecodeError as error:
            yield broken(
                "http.utf-8",
                exchange,
                f"the body is not UTF-8 at byte {error.start}",
                expected="UTF-8",
                found=repr(part.body[max(0, error.start - 20) : error.start + 20]),
            )
            continue
        if part.cut:
            yield broken(
                "http.json",
                exchange,
                f"the body is longer than the {len(part.body)} bytes that the suite reads",
                expected="one JSON object",
                found=start,
            )
        elif part.problem:
            yield broken(
                "http.json",
                exchange,
                f"the body is not JSON: {part.problem}" if part.body else "the body is empty",
                expected="one JSON object",
                found=start,
            )
        elif not isinstance(part.json, dict):
            yield broken(
                "http.json", exchange, "the body is no JSON object", expected="one JSON object", found=start
            )
        else:
            yield held("http.json", exchange)


@cache
def _announces_json(content_type: str) -> bool:
    headers = Headers()
    headers["Content-Type"] = content_type
    kind, charset = headers.get_content_type(), headers.get_content_charset("utf-8")
    is_json = kind == "application/json" or kind.endswith("+json")
    return is_json and charset in {"utf-8", "utf8", "us-ascii"}


@rule
def content_type(record: Record) -> Iterator[Outcome]:
    """http.content-type: application/json; a charset, if one is named, is UTF-8."""
    for exchange in record.exchanges:
        if not _must_be_json(exchange) or not exchange.sent.body:
            continue
        announced = exchange.sent.header("Content-Type")
        if not announced or not _announces_json(announced):
            yield broken(
                "http.content-type",
                exchange,
                "the body is not announced as JSON in UTF-8",
                expected="application/json",
                found=announced or "nothing",
                verdict=Verdict.WARNING,
            )
        else:
            yield held("http.content-type", exchange)


@rule
def answered(record: Record) -> Iterator[Outcome]:
    """http.answered and http.answer-time; a target that cannot be reached is not accused."""
    for exchange in record.exchanges:
        if exchange.by_target or exchange.operation is None or exchange.trouble in {"unreachable", "tls"}:
            continue
        if exchange.trouble:
            yield broken(
                "http.answered",
                exchange,
                f"no answer: {exchange.detail or exchange.trouble}",
                expected=f"an answer within {record.profile.target.timeout:g} s",
                found=exchange.trouble,
            )
            continue
        yield held("http.answered", exchange)
        if exchange.seconds > SLOW:
            yield broken(
                "http.answer-time",
                exchange,
                f"the answer took {exchange.seconds:.1f} s",
                expected=f"less than {SLOW:g} s",
                found=f"{exchange.seconds:.1f} s",
                verdict=Verdict.WARNING,
            )
        else:
            yield held("http.answer-time", exchange)


@rule
def status(record: Record) -> Iterator[Outcome]:
    """http.served and http.status."""
    speaking = speaks(record)
    for exchange in record.exchanges:
        if exchange.by_target or exchange.status is None or exchange.operation is None:
            continue
        if exchange.purpose == "optional.not-offered" or not record.declared(operation_of(exchange)):
            continue
        if is_not_served(exchange) and exchange.expects == "accept":
            yield broken(
                "http.served",
                exchange,
                f"{exchange.operation} is not served",
                expected="HTTP 200",
                found=f"HTTP {exchange.status}",
            )
            continue
        if answer_of(exchange) is Answer.POSITIVE:
            yield held("http.served", exchange)
        # What only a special request breaks is charged to what was special.
        if exchange.purpose in BASIC or subject_of(exchange) not in speaking:
            yield _judged_status(exchange)


def _judged_status(exchange: Exchange) -> Outcome:
    code = exchange.status or 0
    if code == 200 or (400 <= code < 500):
        return held("http.status", exchange)
    if code == 201:
        return broken(
            "http.status",
            exchange,
            "only a withdrawn description of Hubject knows HTTP 201",
            expected="HTTP 200",
            found="HTTP 201",
            erratum="C208",
            verdict=Verdict.WARNING,
        )
    return broken(
        "http.status",
        exchange,
        f"HTTP {code} is no answer of OICP",
        expected="HTTP 200, or 4xx for a refusal",
        found=f"HTTP {code}",
    )
