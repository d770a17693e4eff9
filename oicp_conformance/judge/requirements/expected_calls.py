"""What was awaited and did not come."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Wait
from oicp_conformance.journal.sessions import Session, is_misdirected
from oicp_conformance.judge.kept import OfExchanges
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, unclear
from oicp_conformance.judge.requirement import awaited, cpo, emp, rule
from oicp_conformance.judge.requirements.encoding import JSON
from oicp_conformance.judge.requirements.paths import PATH
from oicp_conformance.judge.requirements.push_results import ACCEPTED
from oicp_conformance.judge.requirements.statuses import STATUS_SHOWN, is_rejected
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    AUTHORIZE_STOP,
    CDR,
    EVSE_STATUS,
    PULLS,
    RELEASE,
    REMOTE_START,
    REMOTE_STOP,
    RESERVE,
)
from oicp_conformance.oicp.operations import meant_by

CALLED = awaited(
    "request.sent",
    cpo(
        "MUST",
        (
            "The CPO sends AuthorizeStart when a driver presents a medium, and a declared "
            "AuthorizeStop when the driver stops."
        ),
        Source("CPO 02", "eRoamingAuthorizeStart", 29, "explicit"),
        on=(
            AUTHORIZE_START,
            AUTHORIZE_STOP,
        ),
    ),
    emp(
        "MUST",
        "The EMP sends the operation when the customer, or the EMP's own schedule, requires it.",
        Source("EMP 02", "eRoamingAuthorizeRemoteStart", 172, "explicit"),
        on=(
            REMOTE_START,
            REMOTE_STOP,
            RESERVE,
            RELEASE,
            *PULLS,
        ),
    ),
)
_OF_RESERVATION = " of the end of a reservation (CPO 02, eRoamingAuthorizeRemoteReservationStop)"


def _missing_calls(record: Record) -> Iterator[Outcome]:
    return (_missing(record, wait) for wait in record.waits if wait.came is None)


@rule(finds=_missing_calls)
def waits(record: Record) -> Iterator[Outcome]:
    """A missing message is inconclusive; a missing CDR of a session that the target ended is a failure."""
    for wait in record.waits:
        came = record.numbered(wait.came) if wait.requirement in STATUS_SHOWN else None
        if came is not None and came.operation == EVSE_STATUS and is_rejected(came):
            text = f"the hub rejected the status push in exchange {wait.came}"
            yield _unclear(wait, text, wait.came, Cause.HIDDEN, behind=ACCEPTED.id)
        elif wait.came is not None:
            yield Outcome(wait.requirement, wait.operation, Verdict.PASS, exchange=wait.came, test=wait.test)
        else:
            yield _missing(record, wait)


@rule(finds=lambda _: iter(()))
def unseen(record: Record) -> Iterator[Outcome]:
    """What a test is about and could not observe is inconclusive, unless it was observed elsewhere."""
    for note in record.unseen:
        for requirement in note.requirements:
            yield unclear(
                requirement, note.reason, cause=note.cause, operation=note.operation, test=note.test
            )


def _unclear(wait: Wait, message: str, exchange: int | None, cause: Cause, *, behind: str = "") -> Outcome:
    """What was waited for could not be judged; `exchange` shows why."""
    return Outcome(
        wait.requirement,
        wait.operation,
        Verdict.INCONCLUSIVE,
        message,
        exchange,
        test=wait.test,
        cause=cause,
        behind=behind,
    )


def _missing(record: Record, wait: Wait) -> Outcome:
    misdirected = _misdirected(record, wait)
    if misdirected is not None:
        return _unclear(
            wait,
            f"the message was sent with the wrong SessionID in exchange {misdirected.number}",
            misdirected.number,
            Cause.HIDDEN,
        )
    session = record.sessions.get(wait.session)
    elsewhere = _sent_elsewhere(record, wait)
    if elsewhere is not None:
        text = f"the message was sent to another path in exchange {elsewhere.number}"
        return _unclear(wait, text, elsewhere.number, Cause.HIDDEN, behind=PATH.id)
    unread = _unread(record, wait, session)
    if unread is not None:
        text = f"exchange {unread.number} may be this call, but its body cannot be read"
        return _unclear(wait, text, unread.number, Cause.HIDDEN, behind=JSON.id)
    stop = session.stopped_by if session else None
    if session is None or stop is None or wait.operation != CDR or wait.after != stop.number:
        return _unclear(wait, wait.detail, wait.after, wait.cause)
    said = f"for session {session.id}, although its stop was acknowledged in exchange {stop.number}"
    is_reservation = session.begun_by.operation == RESERVE
    if not (is_reservation or session.charged or wait.stimulus == "done"):
        return _unclear(
            wait,
            f"session {session.id} was stopped, but no message showed a charge; {wait.detail}",
            stop.number,
            Cause.NOT_OBSERVED,
        )
    late = wait.unasked < record.profile.stimuli.wait or bool(session.sent(CDR))
    if late or not record.reaches_hub:
        what = "CDR was received in time" if record.reaches_hub else "call of the target was ever received"
        return _unclear(wait, f"no {what} {said}", stop.number, Cause.NOT_COME)
    return Outcome(
        wait.requirement,
        wait.operation,
        Verdict.FAIL,
        f"no CDR was received {said}; {wait.detail}",
        stop.number,
        expected=f"{CDR} within {record.profile.stimuli.wait:g} s" + _OF_RESERVATION * is_reservation,
        found="nothing",
        test=wait.test,
        by_level=True,
    )


def _unread(record: Record, wait: Wait, session: Session | None) -> Exchange | None:
    """A message of the session's test whose body is no JSON object, so that nothing names its session."""
    for exchange in record.of(wait.operation) if session else ():
        if exchange.by_target and exchange.test == wait.test and not isinstance(exchange.request.json, dict):
            return exchange
    return None


def _sent_elsewhere(record: Record, wait: Wait) -> Exchange | None:
    """A message of the session to a path that OICP does not have, which was meant."""
    for exchange in record.naming(wait.session or ""):
        if exchange.operation is None and exchange.by_target and exchange.number > (wait.after or 0):
            meant = meant_by(exchange.path.partition("?")[0], exchange.request.json)
            if meant is not None and meant.name == wait.operation:
                return exchange
    return None


def _misdirected(record: Record, wait: Wait) -> Exchange | None:
    """The message that was meant, in the name of a session that never was or that is over."""
    session = record.sessions.get(wait.session)
    for exchange in record.kept(_Astray).of(wait.operation) if session else ():
        if session and is_misdirected(exchange, session) and exchange.number > session.begun_by.number:
            return exchange
    return None


class _Astray(OfExchanges):
    """What the target sent in the name of a session that never was or that is over."""

    def __init__(self, record: Record) -> None:
        self._sessions = record.sessions
        self._found: dict[str, list[Exchange]] = defaultdict(list)
        self._over: set[str] = set()

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        if exchange.operation is None:
            return
        given = exchange.request.get("SessionID")
        session = self._sessions.get(given)
        if exchange.by_target and (session is None or session.id.lower() in self._over):
            self._found[exchange.operation].append(exchange)
        is_record = exchange.operation == CDR and answer_of(exchange) is Answer.POSITIVE
        if is_record and isinstance(given, str):
            self._over.add(given.lower())

    def of(self, operation: str) -> Sequence[Exchange]:
        """What was sent so of an operation, in order."""
        return self._found.get(operation, ())
