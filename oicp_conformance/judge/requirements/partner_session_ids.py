"""Partner session ids: with its own one, a partner tells its sessions apart."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from oicp_conformance.journal.sessions import Session, medium
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


_FEW = 5
"""Exchanges that a finding names."""


@dataclass
class _Use:
    """What one partner session id was used for."""

    sessions: list[Session] = field(default_factory=list)

    @property
    def tells_nothing(self) -> bool:
        """Whether the sessions cannot be of a partner that tells them apart by this id and the EVSE.

        A partner may count the sessions of each EVSE, so that two EVSEs have the same id; and all that
        happens until a car leaves may be one session to it, so that one EVSE has it twice. Nobody does both.
        """
        if len(self.sessions) < 3:
            return False  # most ids are of one session
        evses = {plain_id(one.evse or "") for one in self.sessions}
        media = {medium(one.identification) for one in self.sessions}
        return 1 < len(evses) < len(self.sessions) and len(media) > 1


@rule(ONE_PER_SESSION)
def one_per_session(record: Record) -> Iterator[Outcome]:
    """One finding for each id that tells no sessions apart, where it first shows."""
    name = "CPOPartnerSessionID" if record.role == "cpo" else "EMPPartnerSessionID"
    known: dict[str, _Use] = defaultdict(_Use)
    for session in record.sessions:
        # A reservation and the charge that follows may be one session of the partner.
        if not session.begun or session.begun_by.operation == RESERVE or session.evse is None:
            continue
        first = session.cpo_partner if record.role == "cpo" else session.emp_partner
        if first is None or first[0] in proposed(session, name, first[1]) or known[first[0]].tells_nothing:
            continue
        use = known[first[0]]
        use.sessions.append(session)
        exchange = next(one for one in session.exchanges if one.number == first[1])
        if not use.tells_nothing:
            yield ONE_PER_SESSION.held(exchange, CDR)
            continue
        others = ", ".join(str(one.begun_by.number) for one in use.sessions[:-1][:_FEW])
        yield ONE_PER_SESSION.broken(
            exchange,
            f"the sessions that exchanges {others} began have the same {name}, "
            "although drivers and EVSEs differ",
            pointer=f"/{name}",
            expected="a different id for each session",
            found=first[0],
            operation=CDR,
        )


def proposed(session: Session, name: str, until: int) -> set[str | None]:
    """The ids that the hub itself sent in a session up to an exchange: they may come back as an echo."""
    return {
        text(one.request.object, name)
        for one in session.exchanges
        if not one.by_target and one.number <= until
    }
