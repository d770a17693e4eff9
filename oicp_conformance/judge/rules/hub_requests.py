"""How the target takes the hub's requests: what must be accepted is accepted, what must not is refused."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import Answer, answer_of, code_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import BEGINNINGS, STOPS
from oicp_conformance.judge.catalogue import catalogue, operations_of
from oicp_conformance.judge.facts import BASIC, is_not_served, speaks, subject_of
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, broken, held, rule, unclear
from oicp_conformance.judge.structure import look
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import CODES, plain_id

PHYSICAL = frozenset({"501", "510", "601", "602", "700"})
"""Codes of a refusal that the world gives, not the interface: no car, in use, out of order."""
PHYSICAL_STOP = frozenset({"501", "700"})
"""The same for what runs already."""
_REMOTE_START = "eRoamingAuthorizeRemoteStart"
_UNKNOWN_SESSION = "eRoamingAuthorizeRemoteStop.unknown-session"
_NO_CONNECTION = frozenset({"unreachable", "tls"})
"""Trouble after which the run ends."""


def _row(record: Record, exchange: Exchange) -> str:
    """The operation that the purpose is about, where it is tried with another one's request."""
    purpose = catalogue(record.party)[exchange.purpose or ""]
    about = operations_of(purpose, record.party)
    operation = exchange.operation or ""
    return operation if operation in about else about[0]


def _said(exchange: Exchange) -> str:
    code = code_of(exchange)
    named = f" with code {code} ({CODES.get(code, 'unknown')})" if code else ""
    return f"HTTP {exchange.status}{named}"


@rule
def purposes(record: Record) -> Iterator[Outcome]:
    """What each request of the hub was for."""
    works = {
        exchange.operation
        for exchange in record.exchanges
        if not exchange.by_target and answer_of(exchange) is Answer.POSITIVE
    }
    speaking = speaks(record)
    controls = {exchange.control: exchange for exchange in record.exchanges if exchange.control is not None}
    for exchange in record.exchanges:
        if exchange.by_target or exchange.purpose is None:
            continue
        operation = _row(record, exchange)
        answer = answer_of(exchange)
        if exchange.purpose == "optional.not-offered":
            yield _not_offered(exchange, answer)
        elif answer is Answer.NONE:
            yield unclear(
                exchange.purpose,
                f"no answer: {exchange.detail}",
                cause=Cause.STOPPED if exchange.trouble in _NO_CONNECTION else Cause.HIDDEN,
                exchange=exchange,
                operation=operation,
            )
        elif answer is Answer.BROKEN:
            yield _breaks(record, exchange, operation, speaks=subject_of(exchange) in speaking)
        elif exchange.expects == "accept":
            yield _accepts(record, exchange, answer, operation, controls.get(exchange.number))
        elif exchange.expects == "any":
            yield held(exchange.purpose, exchange, operation)
        else:
            yield _refuses(record, exchange, answer, operation, works=exchange.operation in works)


def _meaningless(exchange: Exchange, operation: str) -> Outcome:
    reason = "the answer says neither yes nor no"
    return unclear(exchange.purpose or "", reason, cause=Cause.HIDDEN, exchange=exchange, operation=operation)


def _breaks(record: Record, exchange: Exchange, operation: str, *, speaks: bool) -> Outcome:
    """Neither yes nor no: charged to the purpose only if ordinary requests are answered."""
    purpose = exchange.purpose or ""
    blamed_elsewhere = exchange.status == 200 and bool(exchange.answer.object)
    if purpose in BASIC or blamed_elsewhere or not speaks:
        return _meaningless(exchange, operation)
    return broken(
        purpose,
        exchange,
        f"answered with HTTP {exchange.status} and no message that says yes or no",
        expected="a positive answer" if exchange.expects == "accept" else "a negative message, or 4xx",
        found=exchange.answer.body.decode("utf-8", "replace"),
        operation=operation,
        verdict=_severity(record, purpose),
    )


EXCUSES = {"eRoamingAuthorizeStart.other-operator": ("017", "210", "300")}
"""Codes with which a request may be refused for want of a contract, where that was not promised."""

ERRATA = {
    "eRoamingChargingNotifications.error-type-with-blank": "C100",
    "eRoamingChargingNotifications.without-operator-id": "C042",
}
"""What the documents disagree on, where a request tries that the target takes both."""


def _had_ended(record: Record, stop: Exchange) -> bool:
    """Whether the session's charge detail record had come, or was on its way, without being asked for."""
    session = record.sessions.get(stop.request.get("SessionID"))
    asked = {wait.came for wait in record.waits if wait.stimulus == "done"}
    return session is not None and any(
        one.by_target and one.number not in asked and one.started <= (stop.finished or stop.started) + 1
        for one in session.sent("eRoamingChargeDetailRecord")
    )


def _others(exchange: Exchange, control: Exchange) -> str:
    """The fields in which two requests differ; their session is always another."""
    one, other = exchange.request.object, control.request.object
    names = [name for name in {**one, **other} if name != "SessionID" and one.get(name) != other.get(name)]
    return ", ".join(names) or "bytes"


def _severity(record: Record, requirement: str) -> Verdict:
    return Verdict.FAIL if catalogue(record.party)[requirement].level == "MUST" else Verdict.WARNING


def _accepts(
    record: Record, exchange: Exchange, answer: Answer, operation: str, control: Exchange | None
) -> Outcome:
    purpose = exchange.purpose or ""
    if answer is Answer.POSITIVE:
        return held(purpose, exchange, operation)
    if is_not_served(exchange):
        reason = "the operation is not served"
        return unclear(purpose, reason, cause=Cause.NOT_SERVED, exchange=exchange, operation=operation)
    if answer is Answer.BROKEN and purpose == "request.valid":
        return _meaningless(exchange, operation)
    was_possible = control is not None and answer_of(control) is Answer.POSITIVE
    if control is not None and not was_possible:
        return unclear(
            purpose,
            f"refused, and so was the same without it in exchange {control.number}",
            cause=Cause.HIDDEN,
            exchange=exchange,
            operation=operation,
        )
    if code_of(exchange) in EXCUSES.get(purpose, ()):
        reason = f"refused: {_said(exchange)}"
        return unclear(purpose, reason, cause=Cause.REFUSED, exchange=exchange, operation=operation)
    if exchange.operation in STOPS and _had_ended(record, exchange):
        reason = "the session had ended by itself before the stop"
        return unclear(purpose, reason, cause=Cause.ENDED, exchange=exchange, operation=operation)
    physical = PHYSICAL if exchange.operation in BEGINNINGS else PHYSICAL_STOP
    is_busy = code_of(exchange) is None and exchange.status in (409, 423)
    if (code_of(exchange) in physical or is_busy) and not was_possible:
        return unclear(
            purpose,
            f"refused for a reason outside of the interface: {_said(exchange)}",
            cause=Cause.REFUSED,
            exchange=exchange,
            operation=operation,
        )
    compared = ""
    if control is not None:
        compared = f"; exchange {control.number} was accepted, with other {_others(exchange, control)}"
    return broken(
        purpose,
        exchange,
        f"refused: {_said(exchange)}{compared}",
        expected="a positive answer",
        found=exchange.answer.body.decode("utf-8", "replace"),
        erratum=ERRATA.get(purpose),
        operation=operation,
        verdict=_severity(record, purpose),
    )


def _refuses(record: Record, exchange: Exchange, answer: Answer, operation: str, *, works: bool) -> Outcome:
    purpose = exchange.purpose or ""
    if purpose == "eRoamingAuthorizeRemoteStart.nothing-started" and not _knows_its_sessions(record):
        return unclear(
            purpose,
            "the target accepts stops of sessions that never were, so this one says nothing",
            cause=Cause.HIDDEN,
            behind=_UNKNOWN_SESSION,
            exchange=exchange,
            operation=operation,
        )
    if answer is Answer.POSITIVE:
        is_guides = _lacks_only_its_id(record, exchange)
        return broken(
            purpose,
            exchange,
            f"accepted: {_said(exchange)}",
            expected="a refusal",
            found=exchange.answer.body.decode("utf-8", "replace"),
            erratum="C219" if is_guides else None,
            operation=operation,
            verdict=Verdict.WARNING if is_guides else _severity(record, purpose),
        )
    if not works:
        return unclear(
            purpose,
            "the target accepted nothing in this operation, so a refusal says nothing",
            cause=Cause.HIDDEN,
            exchange=exchange,
            operation=operation,
        )
    return held(purpose, exchange, operation)


def _lacks_only_its_id(record: Record, exchange: Exchange) -> bool:
    """Whether a start has no SessionID, as Hubject's guide shows one, and nothing else is wrong with it."""
    if exchange.operation != _REMOTE_START or exchange.request.get("SessionID") is not None:
        return False
    form = BY_NAME[_REMOTE_START].requests[_REMOTE_START][record.role]
    looked = look(form, exchange.request.object, record.role)
    return {one.pointer for one in looked if one.verdict is Verdict.FAIL} == {"/SessionID"}


def _knows_its_sessions(record: Record) -> bool:
    return all(
        answer_of(one) is Answer.NEGATIVE for one in record.exchanges if one.purpose == _UNKNOWN_SESSION
    )


def _not_offered(exchange: Exchange, answer: Answer) -> Outcome:
    requirement = "optional.not-offered"
    if answer is Answer.NEGATIVE:
        return held(requirement, exchange)
    if exchange.trouble in _NO_CONNECTION:
        reason = "the target could not be reached"
        return unclear(requirement, reason, cause=Cause.STOPPED, exchange=exchange)
    acted = answer is Answer.POSITIVE
    return broken(
        requirement,
        exchange,
        "the profile does not declare the operation, but the target acts on it: declare it under [supports]"
        if acted
        else f"the endpoint breaks: {exchange.detail or f'HTTP {exchange.status}'}",
        expected="404, 405, 501 or a negative answer",
        found=exchange.answer.body.decode("utf-8", "replace") if exchange.status else exchange.trouble,
    )


@rule
def evse_free(record: Record) -> Iterator[Outcome]:
    """session.evse-free: where this run's sessions are over, the EVSE is not said to be in use."""
    used: set[str] = set()
    running: set[str] = set()
    for exchange in record.exchanges:
        evse = exchange.request.get("EvseID")
        if record.role != "cpo" or not isinstance(evse, str):
            continue
        at, session = plain_id(evse), record.sessions.get(exchange.request.get("SessionID"))
        if exchange.operation == "eRoamingAuthorizeRemoteStart" and exchange.purpose == "request.valid":
            if at in used - running and answer_of(exchange) is Answer.POSITIVE:
                yield held("session.evse-free", exchange)
            elif at in used - running and code_of(exchange) in {"601", "602"}:
                yield broken(
                    "session.evse-free",
                    exchange,
                    "the EVSE is said to be in use, though no session runs on it",
                    pointer="/StatusCode/Code",
                    expected="000",
                    found=code_of(exchange),
                    verdict=Verdict.WARNING,
                )
        if exchange.operation in {"eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeStart"}:
            used.add(at)
            if answer_of(exchange) not in {Answer.NEGATIVE, Answer.BROKEN}:
                running.add(at)
        elif exchange.operation == "eRoamingChargeDetailRecord" and session is not None:
            running.discard(plain_id(session.evse or evse))
