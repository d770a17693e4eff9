"""Partner session ids: with its own one, a partner tells its sessions apart."""

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.judge.kept import OfExchanges
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.operation_names import CDR, RESERVE
from oicp_conformance.oicp.types import plain_id

ONE_PER_SESSION = requirement(
    "session.partner-session-id-unique",
    cpo(
        "SHOULD",
        "The CPO uses a different CPOPartnerSessionID for each of its sessions.",
        Source("CPO 01", "session_handling", 52, "practice"),
        on=(CDR,),
    ),
    emp(
        "SHOULD",
        "The EMP uses a different EMPPartnerSessionID for each of its sessions.",
        Source("EMP 01", "session_handling", 52, "practice"),
        on=(CDR,),
    ),
)


_FEW_SESSIONS = 2
"""Sessions with one id that never show that it tells them not apart; most ids are of one."""
_FEW = 5
"""Exchanges that a finding names."""


@dataclass
class _Use:
    """What one partner session id was used for."""

    sessions: list[Session] = field(default_factory=list)
    _evses: set[str] = field(default_factory=set)
    _media: set[tuple[str, str] | None] = field(default_factory=set)

    def add(self, session: Session) -> None:
        """It was used for another session."""
        self.sessions.append(session)
        self._evses.add(plain_id(session.evse or ""))
        self._media.add(medium(session.identification))

    @property
    def tells_nothing(self) -> bool:
        """Whether the sessions cannot be of a partner that tells them apart by this id and the EVSE.

        A partner may count the sessions of each EVSE, so that two EVSEs have the same id; and all that
        happens until a car leaves may be one session to it, so that one EVSE has it twice. Nobody does both.
        """
        return 1 < len(self._evses) < len(self.sessions) and len(self._media) > 1


class _Firsts(OfExchanges):
    """Where a partner first used an id of its own in a session."""

    def __init__(self, record: Record) -> None:
        self._sessions, self._is_cpo = record.sessions, record.role == "cpo"
        self.name = "CPOPartnerSessionID" if self._is_cpo else "EMPPartnerSessionID"
        self.found: list[tuple[Session, str, Exchange]] = []
        """The session, as they began, the id and the exchange."""
        self.times: Counter[str] = Counter()
        """In how many sessions each id was used."""

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        session = self._sessions.of(exchange)
        # A reservation and the charge that follows may be one session of the partner.
        if session is None or session.begun_by.operation == RESERVE:
            return
        first = session.cpo_partner if self._is_cpo else session.emp_partner
        if first and first[1] == exchange.number and first[0] not in proposed(session, self.name, first[1]):
            self.times[first[0]] += 1
            insort(self.found, (session, first[0], exchange), key=lambda one: one[0].begun_by.number)


def _of_ids_used_often(record: Record) -> Iterator[Outcome]:
    firsts = record.kept(_Firsts)
    if max(firsts.times.values(), default=0) <= _FEW_SESSIONS:
        return
    known: dict[str, _Use] = defaultdict(_Use)
    for session, given, exchange in firsts.found:
        if firsts.times[given] <= _FEW_SESSIONS or not session.begun or session.evse is None:
            continue
        use = known[given]
        if use.tells_nothing:
            continue
        use.add(session)
        if not use.tells_nothing:
            yield ONE_PER_SESSION.held(exchange, CDR)
            continue
        others = ", ".join(str(one.begun_by.number) for one in use.sessions[:-1][:_FEW])
        yield ONE_PER_SESSION.broken(
            exchange,
            f"the sessions that exchanges {others} began have the same {firsts.name}, "
            "although drivers and EVSEs differ",
            pointer=f"/{firsts.name}",
            expected="a different id for each session",
            found=given,
            operation=CDR,
        )


@rule(ONE_PER_SESSION, finds=_of_ids_used_often)
def one_per_session(record: Record) -> Iterator[Outcome]:
    """One finding for each id that tells no sessions apart, where it first shows."""
    firsts = record.kept(_Firsts)
    for session, given, exchange in firsts.found:
        if firsts.times[given] <= _FEW_SESSIONS and session.begun and session.evse is not None:
            yield ONE_PER_SESSION.held(exchange, CDR)
    yield from _of_ids_used_often(record)


def proposed(session: Session, name: str, until: int) -> set[str | None]:
    """The ids that the hub itself sent in a session up to an exchange: they may come back as an echo."""
    return {
        text(one.request.object, name)
        for one in session.exchanges
        if not one.by_target and one.number <= until
    }
