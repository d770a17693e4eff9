"""The requests that the hub makes for a requirement.

What must be accepted is accepted, and what must not is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oicp_conformance.journal.answers import (
    PHYSICAL,
    PHYSICAL_STOP,
    Answer,
    answer_of,
    code_of,
    contradicts_itself,
)
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import GIVEN_UP, Exchange
from oicp_conformance.journal.sessions import BEGINNINGS, STOPS, Session, medium
from oicp_conformance.judge.facts import is_not_served, no_answer, speaks
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, once, shown
from oicp_conformance.judge.requirement import REQUIREMENTS, Requirement, rule
from oicp_conformance.judge.requirements.acceptance import (
    MALFORMED,
    MAXIMAL,
    MINIMAL,
    NOT_OFFERED,
    NULLS,
    OPTIONAL_FIELD,
    VALID,
)
from oicp_conformance.judge.requirements.http_answers import ANSWERED
from oicp_conformance.judge.requirements.remote_sessions import NOTHING_STARTED, STOP_OF_UNKNOWN_SESSION
from oicp_conformance.judge.requirements.responses import RESULT_AND_CODE
from oicp_conformance.judge.requirements.signed_values import ACCEPTED as SIGNED_VALUES
from oicp_conformance.judge.structure import look
from oicp_conformance.judge.values import text
from oicp_conformance.judge.wrong_requests import rejection_of, what_is_wrong
from oicp_conformance.oicp.operation_names import AUTHORIZE_START, AUTHORIZE_STOP, CDR, REMOTE_START, RESERVE
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import CODES, operator_of, plain_id

_WELL_ANSWERED = {
    "accept": "a positive response",
    "refuse": "a negative response, or HTTP 4xx",
    "any": "a message that accepts or rejects",
}
"""What is expected of the answer to a request, by what the request expects."""
_NO_CONNECTION = frozenset({"unreachable", "tls"})
"""Trouble after which the run ends."""
_EXPLAINING = (MINIMAL.id, SIGNED_VALUES.id, OPTIONAL_FIELD.id, MAXIMAL.id)
"""Purposes of requests in which one thing is special, the plainest first: what is behind other rejections."""
_ON_ITS_WAY = 1.0
"""Seconds after the response to a stop in which a record comes that was sent at the same time."""


@dataclass(frozen=True)
class _Trial:
    """One request, and what it was made for."""

    record: Record
    exchange: Exchange
    purpose: Requirement

    @property
    def operation(self) -> str:
        """The operation that the purpose is about, where it is tried with another one's request."""
        about = self.purpose.demands[self.record.role].operations(self.record.party)
        operation = self.exchange.operation or ""
        return operation if operation in about else about[0]

    def held(self) -> Outcome:
        return self.purpose.held(self.exchange, self.operation)

    def broken(
        self,
        message: str,
        expected: str,
        *,
        erratum: str | None = None,
        verdict: Verdict | None = None,
    ) -> Outcome:
        return self.purpose.broken(
            self.exchange,
            message,
            expected=expected,
            found=self.exchange.answer.body.decode("utf-8", "replace"),
            erratum=erratum,
            verdict=verdict,
            operation=self.operation,
        )

    def unclear(self, reason: str, cause: Cause, behind: Requirement | None = None) -> Outcome:
        return self.purpose.unclear(
            reason, cause=cause, exchange=self.exchange, operation=self.operation, behind=behind
        )


def _said(exchange: Exchange) -> str:
    code = code_of(exchange)
    named = f" with code {code} ({CODES.get(code, 'unknown')})" if code else ""
    return f"HTTP {exchange.status}{named}"


@rule(piecewise=True)
def trials(record: Record) -> Iterator[Outcome]:
    """What each request of the hub was made for."""
    controls = _controls(record)
    for exchange in record.asked_exchanges:
        if exchange.by_target or exchange.purpose is None:
            continue
        trial = _Trial(record, exchange, REQUIREMENTS[exchange.purpose])
        answer = answer_of(exchange)
        if trial.purpose is NOT_OFFERED:
            yield _not_offered(exchange, answer)
        elif answer is Answer.NONE:
            cause = Cause.STOPPED if exchange.trouble in _NO_CONNECTION else Cause.HIDDEN
            behind = ANSWERED if exchange.trouble == GIVEN_UP else None
            yield trial.unclear(no_answer(exchange), cause, behind)
        elif known := _explained(trial, answer, controls.get(exchange.number)):
            reason = (
                f"rejected, but so was exchange {known.number}, which differs from an ordinary request less"
            )
            yield trial.unclear(reason, Cause.HIDDEN, behind=REQUIREMENTS[known.purpose or ""])
        elif answer is Answer.BROKEN:
            yield _breaks(trial, speaks=speaks(record, exchange))
        elif exchange.expects == "accept":
            yield _accepts(trial, answer, controls.get(exchange.number))
        elif exchange.expects == "any":
            yield trial.held()
        else:
            yield _refuses(trial, answer, works=_works(record, exchange.operation or ""))


@once
def _controls(record: Record) -> Mapping[int, Exchange]:
    """The controls of requests, by the numbers of these."""
    return {exchange.control: exchange for exchange in record.exchanges if exchange.control is not None}


@once
def _works(record: Record, operation: str) -> bool:
    """Whether the target accepted any request of an operation."""
    return any(not one.by_target and answer_of(one) is Answer.POSITIVE for one in record.of(operation))


def _explained(trial: _Trial, answer: Answer, control: Exchange | None) -> Exchange | None:
    """The plainer request that was rejected for what is special in this one, too.

    A request without optional fields explains those that lack some, one with an additional field those that
    have it.
    """
    exchange, own = trial.exchange, trial.purpose.id
    if exchange.expects != "accept" or answer is Answer.POSITIVE or control is None:
        return None
    lacks, adds = _given(control) - _given(exchange), _given(exchange) - _given(control)
    for purpose in _EXPLAINING[: _EXPLAINING.index(own) if own in _EXPLAINING else None]:
        for known, special in _rejected(trial.record, purpose):
            same = (known.operation, known.request.get("Type")) == (
                exchange.operation,
                exchange.request.get("Type"),
            )
            if same and (lacks if purpose == MINIMAL.id else special and special <= adds):
                return known
    return None


@once
def _rejected(record: Record, purpose: str) -> list[tuple[Exchange, set[str]]]:
    """The rejected requests of a purpose with accepted controls, and the fields that these do not have."""
    controls = _controls(record)
    return [
        (one, _given(one) - _given(control))
        for one in record.exchanges
        if one.purpose == purpose
        and answer_of(one) in (Answer.NEGATIVE, Answer.BROKEN)
        and (control := controls.get(one.number)) is not None
        and answer_of(control) is Answer.POSITIVE
    ]


def _given(exchange: Exchange) -> set[str]:
    return {name for name, value in exchange.request.object.items() if value is not None}


def _meaningless(trial: _Trial) -> Outcome:
    return trial.unclear("the response neither accepts nor rejects", Cause.HIDDEN)


def _contradictory(trial: _Trial) -> Outcome:
    """An answer that says yes and no has a finding of its own, and tells nothing of what was tried."""
    result, code = trial.exchange.answer.get("Result"), code_of(trial.exchange)
    reason = f"the response contradicts itself: Result {shown(result)} with StatusCode {code}"
    return trial.unclear(reason, Cause.HIDDEN, behind=RESULT_AND_CODE)


def _breaks(trial: _Trial, *, speaks: bool) -> Outcome:
    """Neither yes nor no: charged to the purpose only if ordinary requests are answered."""
    exchange = trial.exchange
    blamed_elsewhere = exchange.status == 200 and bool(exchange.answer.object)
    if trial.purpose.is_basic or blamed_elsewhere or not speaks:
        return _meaningless(trial)
    return trial.broken(
        f"the response is HTTP {exchange.status} without a message that accepts or rejects",
        _WELL_ANSWERED[exchange.expects],
        # Whatever the level of what was tried: each message requires a response message (CPO 01 L31,
        # EMP 01 L32), so that an answer that is none fails.
        erratum=None if trial.purpose.is_disputed else "C208",
        verdict=None if trial.purpose.is_disputed else Verdict.FAIL,
    )


def _had_ended(record: Record, stop: Exchange) -> bool:
    """Whether the session's charge detail record had come, or was on its way, without being asked for."""
    session = record.sessions.get(stop.request.get("SessionID"))
    came = _unasked(record, session) if session else None
    return came is not None and came.started <= (stop.finished or stop.started) + _ON_ITS_WAY


def _ended_by(record: Record, stop: Exchange) -> Exchange | None:
    """The record that followed a rejected stop at once, where nothing else ended the session."""
    session = record.sessions.get(stop.request.get("SessionID"))
    if stop.operation not in STOPS or session is None or session.stopped_by is not None:
        return None
    came = _unasked(record, session)
    soon = (stop.finished or stop.started) + _ON_ITS_WAY
    if came is None or not stop.started < came.started <= soon or _some_end_on_their_own(record):
        return None
    return came


def _rejected_before(record: Record, stop: Exchange) -> Exchange | None:
    """The first stop of the hub that was rejected in a session before another one."""
    session = record.sessions.get(stop.request.get("SessionID"))
    stops = [one for name in STOPS for one in session.sent(name)] if session else []
    return next((one for one in stops if not one.by_target and one.number < stop.number), None)


def _unasked(record: Record, session: Session) -> Exchange | None:
    """The first charge detail record of a session for which no stimulus asked."""
    if any((one.session, one.operation, one.stimulus) == (session.id, CDR, "done") for one in record.waits):
        return None
    return next((one for one in session.sent(CDR) if one.by_target), None)


@once
def _some_end_on_their_own(record: Record) -> bool:
    """Whether a session got its record that nobody tried to stop: charges are short in this world."""
    return any(
        one.begun and not any(map(one.sent, STOPS)) and _unasked(record, one) is not None
        for one in record.sessions
    )


def _compared(exchange: Exchange, control: Exchange) -> str:
    """In which fields two requests differ, if not in their bytes only; their session is always another."""
    one, other = exchange.request.object, control.request.object
    names = [name for name in {**one, **other} if name != "SessionID" and one.get(name) != other.get(name)]
    if names:
        return f"with other {', '.join(names)}"
    return "with the same fields" if _but_session(exchange) == _but_session(control) else "with other bytes"


def _but_session(exchange: Exchange) -> bytes:
    """The bytes of a request without its SessionID."""
    return exchange.request.body.replace(str(exchange.request.get("SessionID")).encode(), b"")


def _accepts(trial: _Trial, answer: Answer, control: Exchange | None) -> Outcome:
    exchange = trial.exchange
    if answer is Answer.POSITIVE:
        return trial.held()
    if is_not_served(exchange):
        return trial.unclear("the operation is not served", Cause.NOT_SERVED)
    if answer is Answer.BROKEN and trial.purpose is VALID:
        return _meaningless(trial)
    was_possible = control is not None and answer_of(control) is Answer.POSITIVE
    if control is not None and not was_possible:
        reason = f"rejected, but so was the control request without it (exchange {control.number})"
        return trial.unclear(reason, Cause.HIDDEN)
    if contradicts_itself(exchange) and not was_possible:
        return _contradictory(trial)
    if exchange.operation in STOPS and _had_ended(trial.record, exchange):
        return trial.unclear("the session had ended on its own before the stop", Cause.ENDED)
    if locked := _wrong_pin_before(trial.record, exchange):
        reason = f"rejected after a wrong PIN of this contract (exchange {locked.number}), which may lock it"
        return trial.unclear(reason, Cause.REFUSED)
    physical = PHYSICAL if exchange.operation in BEGINNINGS else PHYSICAL_STOP
    is_busy = code_of(exchange) is None and exchange.status in (409, 423, 429)
    # A control that was rejected at first shows that the world has changed, and not what is special.
    before = control.repeats if control is not None else None
    if (code_of(exchange) in physical or is_busy) and (not was_possible or before is not None):
        reason = f"rejected for a reason outside of OICP: {_said(exchange)}"
        return trial.unclear(reason, Cause.REFUSED)
    if before is not None:
        reason = f"rejected, but so was the control request at first (exchange {before})"
        return trial.unclear(reason, Cause.REFUSED)
    compared = ""
    if control is not None:
        compared = f"; exchange {control.number} was accepted, {_compared(exchange, control)}"
    return trial.broken(
        f"rejected: {_said(exchange)}{compared}",
        "a positive response",
        verdict=None if _must_be_accepted(trial) else Verdict.WARNING,
    )


def _wrong_pin_before(record: Record, start: Exchange) -> Exchange | None:
    """The last QR code that was to be rejected, and was, of a contract that had charged before.

    An EMP may lock a contract for a while whose PIN somebody tries to guess.
    """
    before = [one for one in _starts_of(record).get(_contract(start) or "", ()) if one.number < start.number]
    rejected = [one for one in before if one.expects == "refuse" and answer_of(one) is Answer.NEGATIVE]
    has_charged = rejected and any(
        one.number < rejected[-1].number and answer_of(one) is Answer.POSITIVE for one in before
    )
    return rejected[-1] if has_charged else None


@once
def _starts_of(record: Record) -> Mapping[str, list[Exchange]]:
    """The starts with a QR code, by the contract."""
    found: dict[str, list[Exchange]] = {}
    for one in record.of(AUTHORIZE_START):
        if (contract := _contract(one)) is not None:
            found.setdefault(contract, []).append(one)
    return found


def _contract(start: Exchange) -> str | None:
    """The contract of the QR code of a start."""
    shown = medium(start.request.get("Identification")) if start.operation == AUTHORIZE_START else None
    return shown[1] if shown and shown[0] == "QRCodeIdentification" else None


def _must_be_accepted(trial: _Trial) -> bool:
    """Whether the sentence behind a requirement speaks of this request."""
    request = trial.exchange.request.object
    if trial.exchange.operation == AUTHORIZE_START and request.get("EvseID") is None:
        # The CPO may leave it out (EMP 02 L35, L71); no sentence obliges the EMP to authorize then.
        return False
    # That a field is null is demanded of HashedPIN only (EMP 03 L132).
    return trial.purpose is not NULLS or set(_nulls(request)) == {"HashedPIN"}


def _nulls(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            if item is None:
                yield name
            yield from _nulls(item)
    elif isinstance(value, list):
        for item in value:
            yield from _nulls(item)


def _refuses(trial: _Trial, answer: Answer, *, works: bool) -> Outcome:
    if trial.purpose is NOTHING_STARTED and not _knows_its_sessions(trial.record):
        return trial.unclear(
            "the target also accepts stops for unknown sessions, so this proves nothing",
            Cause.HIDDEN,
            behind=STOP_OF_UNKNOWN_SESSION,
        )
    begun = trial.record.sessions.get(trial.exchange.request.get("SessionID"))
    if trial.purpose is NOTHING_STARTED and begun is not None and contradicts_itself(begun.begun_by):
        return _contradictory(trial)
    if answer is Answer.POSITIVE:
        if _may_stop(trial.record, trial.exchange):
            return trial.held()
        is_guides = _lacks_only_its_id(trial.record, trial.exchange)
        wrong = what_is_wrong(trial.record, trial.exchange)
        return trial.broken(
            f"accepted: {_said(trial.exchange)}" + (f", although {wrong}" if wrong else ""),
            rejection_of(trial.exchange),
            erratum="C219" if is_guides else None,
            verdict=None if _must_be_refused(trial) and not is_guides else Verdict.WARNING,
        )
    if not works:
        reason = "the target accepted no request of this operation, so a rejection proves nothing"
        return trial.unclear(reason, Cause.HIDDEN)
    if came := _ended_by(trial.record, trial.exchange):
        before = _rejected_before(trial.record, trial.exchange)
        if before is not None:
            reason = f"the session ended after the rejected stop of exchange {before.number}, too"
            return trial.unclear(reason, Cause.HIDDEN, behind=REQUIREMENTS.get(before.purpose or ""))
        followed = f"but the session ended: its CDR followed in exchange {came.number}"
        # Result is false where the operation was not performed (CPO 02 L890); the charge may have ended, too.
        return trial.broken(
            f"rejected: {_said(trial.exchange)}, {followed}",
            "a rejected stop that leaves the session running",
            verdict=Verdict.WARNING,
        )
    return trial.held()


def _must_be_refused(trial: _Trial) -> bool:
    """Whether the sentence behind a requirement speaks of this request."""
    request = trial.exchange.request.object
    if trial.purpose is NOTHING_STARTED:
        return False  # that a stop is acknowledged does not show that something ran
    if trial.purpose is not MALFORMED:
        return True
    # Each message is answered. That a malformed one is refused is said only of what cannot be done: a start
    # at no EVSE (CPO 02 L221, L383), and the authorization of nobody (EMP 02 L47).
    if trial.exchange.operation in {REMOTE_START, RESERVE}:
        return operator_of(text(request, "EvseID") or "") != plain_id(
            trial.record.profile.partner.operator_id or ""
        )
    return trial.exchange.operation == AUTHORIZE_START and medium(request.get("Identification")) is None


def _may_stop(record: Record, exchange: Exchange) -> bool:
    """Whether the EMP named a medium itself as one that may stop the session, which is not over."""
    session = record.sessions.get(exchange.request.get("SessionID"))
    if exchange.operation != AUTHORIZE_STOP or session is None:
        return False
    if any(one.number < exchange.number and answer_of(one) is Answer.POSITIVE for one in session.sent(CDR)):
        return False
    named = session.begun_by.answer.get("AuthorizationStopIdentifications")
    given = medium(exchange.request.get("Identification"))
    return given is not None and given in [medium(one) for one in (named if isinstance(named, list) else [])]


def _lacks_only_its_id(record: Record, exchange: Exchange) -> bool:
    """Whether a start has no SessionID, as Hubject's guide shows one, and nothing else is wrong with it."""
    if exchange.operation != REMOTE_START or exchange.request.get("SessionID") is not None:
        return False
    form = BY_NAME[REMOTE_START].requests[REMOTE_START][record.role]
    looked = look(form, exchange.request.object, record.role)
    return {one.pointer for one in looked if one.verdict is Verdict.FAIL} == {"/SessionID"}


@once
def _knows_its_sessions(record: Record) -> bool:
    return all(
        answer_of(one) is Answer.NEGATIVE
        for one in record.exchanges
        if one.purpose == STOP_OF_UNKNOWN_SESSION.id
    )


def _trouble_of(exchange: Exchange) -> str:
    if exchange.status is not None:
        return exchange.detail or f"HTTP {exchange.status}"
    return f"no response: {exchange.detail or exchange.trouble}"


def _not_offered(exchange: Exchange, answer: Answer) -> Outcome:
    if answer is Answer.NEGATIVE:
        return NOT_OFFERED.held(exchange)
    if exchange.trouble in _NO_CONNECTION:
        reason = "the target could not be reached"
        return NOT_OFFERED.unclear(reason, cause=Cause.STOPPED, exchange=exchange)
    if exchange.trouble == GIVEN_UP:
        return NOT_OFFERED.unclear(
            no_answer(exchange), cause=Cause.HIDDEN, exchange=exchange, behind=NOT_OFFERED
        )
    return NOT_OFFERED.broken(
        exchange,
        "the profile does not declare the operation, but the target acts on it: declare it under [supports]"
        if answer is Answer.POSITIVE
        else f"the endpoint fails: {_trouble_of(exchange)}",
        expected="HTTP 4xx or 501, or a negative response",
        found=exchange.answer.body.decode("utf-8", "replace") if exchange.status else exchange.trouble,
    )
