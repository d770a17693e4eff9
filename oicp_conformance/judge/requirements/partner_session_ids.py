"""Partner session ids: with its own one, a partner tells its sessions apart."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

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
        "The CPO uses another CPOPartnerSessionID for each of its sessions.",
        Source("CPO 01", "session_handling", 52, "practice"),
        on=(CDR,),
    ),
    emp(
        "SHOULD",
        "The EMP uses another EMPPartnerSessionID for each of its sessions.",
        Source("EMP 01", "session_handling", 52, "practice"),
        on=(CDR,),
    ),
)


@rule(ONE_PER_SESSION)
def one_per_session(record: Record) -> Iterator[Outcome]:
    """One finding for each id that tells no sessions apart, where it first shows."""
    name = "CPOPartnerSessionID" if record.role == "cpo" else "EMPPartnerSessionID"
    known: dict[str, list[Session]] = defaultdict(list)
    for session in record.sessions:
        # A reservation and the charge that follows may be one session of the partner.
        if not session.begun or session.begun_by.operation == RESERVE or session.evse is None:
            continue
        first = session.cpo_partner if record.role == "cpo" else session.emp_partner
        if first is None or first[0] in proposed(session, name, first[1]):
            continue
        exchange = next(one for one in session.exchanges if one.number == first[1])
        before = known[first[0]]
        if _tells_nothing(before):
            continue
        before.append(session)
        if not _tells_nothing(before):
            yield ONE_PER_SESSION.held(exchange, CDR)
            continue
        others = ", ".join(str(one.begun_by.number) for one in before[:-1])
        yield ONE_PER_SESSION.broken(
            exchange,
            f"the sessions that exchanges {others} began have the same {name}, "
            "also those of other drivers at other EVSEs",
            pointer=f"/{name}",
            expected="an id of its own for each session",
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


def _tells_nothing(sessions: Sequence[Session]) -> bool:
    """Whether sessions with one id cannot be of a partner that tells them apart by it and the EVSE.

    A partner may count the sessions of each EVSE, so that two EVSEs have the same id; and all that happens
    until a car leaves may be one session to it, so that one EVSE has it twice. Nobody does both.
    """
    evses = [plain_id(one.evse or "") for one in sessions]
    media = {medium(one.identification) for one in sessions}
    return 1 < len(set(evses)) < len(evses) and len(media) > 1
