"""A stop is of one session: the one that the customer stops is named, and the one that is named ends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Note, Wait
from oicp_conformance.journal.sessions import BEGINNINGS, STOPS, Session, medium
from oicp_conformance.judge.counted import is_garbage
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import Requirement, cpo, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import AUTHORIZE_STOP, CDR, NOTIFY, REMOTE_STOP, RESERVE
from oicp_conformance.oicp.types import Role

AS_TAPPED = requirement(
    "eRoamingAuthorizeRemoteStop.as-tapped",
    emp(
        "SHOULD",
        "The EMP stops the session that its customer stops, and no other.",
        Source("EMP 01", "session_handling", 50, "practice"),
        on=(REMOTE_STOP,),
    ),
)

AS_PRESENTED = requirement(
    "eRoamingAuthorizeStop.as-presented",
    cpo(
        "SHOULD",
        "The CPO sends AuthorizeStop for the session of the EVSE where the driver presents the medium.",
        Source("CPO 01", "session_handling", 50, "practice"),
        on=(AUTHORIZE_STOP,),
    ),
)

NAMED_ENDS = requirement(
    "session.stop-of-named",
    cpo(
        "SHOULD",
        "A stop ends the session that its SessionID names, and no other.",
        Source("CPO 01", "session_handling", 54, "practice"),
        on=(REMOTE_STOP, AUTHORIZE_STOP),
    ),
)

_ASKED: Mapping[Role, tuple[str, Requirement]] = {
    "emp": (REMOTE_STOP, AS_TAPPED),
    "cpo": (AUTHORIZE_STOP, AS_PRESENTED),
}
"""By which operation a target stops a session for a customer who asks for it."""
_TOGETHER = 1.0
"""Seconds after the CDR of the stopped session in which the CDR of another one belongs to the stop."""
_OVER = ("End", "Error")
"""The types of notification after which a charge may end by itself."""
_LONGEST = 30.0
"""Seconds after a stop in which a CDR may belong to it, also where the session that was stopped has none."""


@rule(AS_TAPPED, AS_PRESENTED)
def stopped_as_asked(record: Record) -> Iterator[Outcome]:
    """No other session is stopped instead of the one whose stop the customer asked for."""
    operation, requirement = _ASKED[record.role]
    asked = [one for one in record.waits_for(operation) if one.stimulus == "done"]
    of_customers = {one.session for one in asked}
    for wait in asked:
        later = [
            one
            for one in record.of(operation)
            if one.by_target and one.test == wait.test and one.number > (wait.after or 0)
        ]
        if came := next((one for one in later if one.number == wait.came), None):
            yield requirement.held(came)
            continue
        for one in later:
            other = record.sessions.get(one.request.get("SessionID"))
            if other is not None and other.id not in of_customers:
                yield requirement.broken(
                    one,
                    f"the customer stopped session {wait.session}, but this request stops another one",
                    pointer="/SessionID",
                    expected=wait.session or "",
                    found=other.id,
                )
                break


@dataclass(frozen=True)
class _Stop:
    """An acknowledged stop, while another session was running."""

    session: Session
    by: Exchange

    def is_cause_of(self, session: Session, cdr: Exchange) -> bool:
        """Whether the CDR of another session came when the CPO acted on this stop."""
        if any(
            one.number < self.by.number and one.request.get("Type") in _OVER for one in session.sent(NOTIFY)
        ):
            return False
        own = next((one for one in self.session.sent(CDR) if one.number > self.by.number), None)
        until = own.started + _TOGETHER if own else self.by.started + _LONGEST
        return self.by.number < cdr.number and self.by.started <= cdr.started <= until


@rule(NAMED_ENDS)
def named_ends(record: Record) -> Iterator[Outcome]:
    """Sessions that nobody ended, and whose CDR came when another one was stopped.

    Of a CPO of which a session has ended without any stop, that says nothing: its charges end by themselves.
    """
    ends = record.kept(_Ends)
    ended: dict[int, tuple[Session, Exchange]] = {}
    by_itself = False
    for session, cdr in ends.by_nobody():
        behind = next((one for one in reversed(ends.stops) if one.is_cause_of(session, cdr)), None)
        if behind is None:
            by_itself = True
        else:
            ended.setdefault(behind.by.number, (session, cdr))
    for stop in ends.stops:
        if (found := ended.get(stop.by.number)) is None:
            yield NAMED_ENDS.held(stop.by)
        elif not by_itself:
            other, cdr = found
            is_same = medium(other.identification) == medium(stop.session.identification)
            whose = "the same customer" if is_same else "another customer"
            yield NAMED_ENDS.broken(
                stop.by,
                f"nobody stopped the other session of {whose}, but the CPO sent its CDR in exchange "
                f"{cdr.number} after this stop",
                pointer="/SessionID",
                expected=f"only session {stop.session.id} ends",
                found=f"session {other.id} ended",
            )


class _Ends:
    """The stops and the other ends of a run."""

    def __init__(self, record: Record) -> None:
        self._sessions = record.sessions
        self._running: set[str] = set()
        self._with_record: set[str] = set()
        self._asked: dict[str | None, float] = {}
        """When the suite first asked for something that may end a session."""
        self._not_stopped: list[tuple[Session, Exchange]] = []
        """The sessions that no stop has ended, with their first CDR."""
        self.stops: list[_Stop] = []
        """The acknowledged stops in order, each of them while at least one other session was running."""

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        begins = exchange.operation in BEGINNINGS
        if not (begins or exchange.operation in STOPS or exchange.operation == CDR):
            return
        session = (
            self._sessions.of(exchange)
            if begins and not exchange.by_target
            else self._sessions.get((exchange.answer if begins else exchange.request).get("SessionID"))
        )
        if session is None:
            return
        if exchange.operation == CDR and exchange.by_target and session.id not in self._with_record:
            self._with_record.add(session.id)
            is_stopped = any(
                one.operation in STOPS and one.number < exchange.number for one in session.exchanges
            )
            if not is_stopped and session.begun and not is_garbage(session.begun_by):
                self._not_stopped.append((session, exchange))
        if answer_of(exchange) is not Answer.POSITIVE:
            return
        if not begins:
            self._running.discard(session.id)
        elif exchange.operation != RESERVE and not is_garbage(exchange):
            self._running.add(session.id)
        is_asked = exchange.by_target or exchange.expects == "accept"
        if exchange.operation in {REMOTE_STOP, AUTHORIZE_STOP} and is_asked and self._running:
            self.stops.append(_Stop(session, exchange))

    def hear(self, note: Note, /) -> None:
        """Take in one note."""
        if isinstance(note, Wait) and note.asked is not None and note.stimulus and _is_of_end(note):
            self._asked.setdefault(note.session, note.asked)

    def by_nobody(self) -> Iterator[tuple[Session, Exchange]]:
        """The sessions that neither a stop nor the suite has ended, with their first CDR."""
        for session, cdr in sorted(self._not_stopped, key=lambda one: one[0].begun_by.number):
            if self._asked.get(session.id, cdr.started + 1) > cdr.started:
                yield session, cdr


def _is_of_end(wait: Wait) -> bool:
    """Whether the suite asked for something that may end a session."""
    is_of_over = wait.operation == NOTIFY and (wait.parameters or {}).get("Type") in _OVER
    return is_of_over or wait.operation in {CDR, AUTHORIZE_STOP}
