"""Session-ID continuity: every message belongs to the session that its SessionID names."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import Answer, answer_of, retried
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import FOLLOWERS, STOPS, Session, medium
from oicp_conformance.judge.outcome import Outcome, Record, shown
from oicp_conformance.judge.refused import after_refusals
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_STOP,
    CDR,
    IN_SESSION,
    NOTIFY,
    RELEASE,
    REMOTE_STOP,
)

ID_OF_HUB = requirement(
    "session.id-of-hub",
    cpo(
        "MUST",
        "A SessionID is one that Hubject gave in this session; partners make none.",
        Source("CPO 01", "session_handling"),
        on=IN_SESSION,
    ),
    emp(
        "MUST",
        "A SessionID is one that Hubject gave in this session; partners make none.",
        Source("EMP 01", "session_handling"),
        on=(
            REMOTE_STOP,
            RELEASE,
        ),
    ),
)

EVSE = requirement(
    "session.evse",
    cpo(
        "MUST",
        "Messages of a session name the session's EVSE.",
        Source("CPO 01", "session_handling"),
        on=IN_SESSION,
    ),
    emp(
        "MUST",
        "Messages of a session name the session's EVSE.",
        Source("EMP 01", "session_handling"),
        on=(
            REMOTE_STOP,
            RELEASE,
        ),
    ),
)

IDENTIFICATION = requirement(
    "session.identification",
    cpo(
        "MUST",
        "Messages of a session carry the identification that began it.",
        Source("CPO 02", "eRoamingChargeDetailRecord"),
        on=(
            NOTIFY,
            CDR,
        ),
    ),
)

CPO_PARTNER_SESSION_ID = requirement(
    "session.cpo-partner-session-id",
    cpo(
        "MUST",
        "The CPOPartnerSessionID stays the same through a session.",
        Source("CPO 01", "session_handling"),
        on=(
            *IN_SESSION,
            REMOTE_STOP,
            RELEASE,
        ),
    ),
)

EMP_PARTNER_SESSION_ID = requirement(
    "session.emp-partner-session-id",
    emp(
        "MUST",
        "The EMPPartnerSessionID stays the same through a session.",
        Source("EMP 01", "session_handling"),
        on=(
            AUTHORIZE_STOP,
            REMOTE_STOP,
            RELEASE,
        ),
    ),
)


def _followers(record: Record) -> list[Exchange]:
    """What the target sent with a SessionID in it, but for first requests.

    What follows a refusal should not be there at all; it is judged as that, and not for its contents.
    """
    unwanted = {one.number for _, followed in after_refusals(record) for one in followed}
    return [
        exchange
        for exchange in record.written(*FOLLOWERS, *STOPS[1:])
        if exchange.by_target
        and exchange.number not in unwanted
        and text(exchange.request.object, "SessionID")
    ]


@rule(ID_OF_HUB)
def ids(record: Record) -> Iterator[Outcome]:
    """Known to the hub, written as the hub wrote it, and not of a session that is over."""
    for exchange in _followers(record):
        given = exchange.request.get("SessionID")
        session = record.sessions.get(given)
        message = None
        expected = "a SessionID that the hub gave"
        if session is None or session.begun_by.number > exchange.number:
            message = "the hub never gave this SessionID"
        elif given != session.id:
            message, expected = "the SessionID is not written as the hub wrote it", session.id
        elif exchange.operation == AUTHORIZE_STOP and (end := _settled_before(session, exchange)):
            stops = [one for one in session.sent(AUTHORIZE_STOP) if one.number < exchange.number]
            if retried(exchange.path, exchange.request.body, stops):
                continue
            expected = "no stop of a session that is over"
            message = f"this session is over: its charge detail record came in exchange {end.number}"
        if message:
            yield ID_OF_HUB.broken(exchange, message, pointer="/SessionID", expected=expected, found=given)
        else:
            yield ID_OF_HUB.held(exchange)


def _settled_before(session: Session, exchange: Exchange) -> Exchange | None:
    for record in session.sent(CDR):
        if record.number < exchange.number and answer_of(record) is Answer.POSITIVE:
            return record
    return None


@rule(EVSE, IDENTIFICATION)
def contents(record: Record) -> Iterator[Outcome]:
    """The session's own EVSE and identification, in every message of it."""
    for exchange in _followers(record):
        session = record.sessions.get(exchange.request.get("SessionID"))
        if session is None:
            continue
        evse = text(exchange.request.object, "EvseID")
        if not session.has_at_its_evse(exchange):
            # It belongs to another session, so the rest of it says nothing of this one.
            yield EVSE.broken(
                exchange,
                "this is not the EVSE of the session",
                pointer="/EvseID",
                expected=session.evse or "",
                found=evse,
            )
            continue
        if evse and session.evse:
            yield EVSE.held(exchange)
        given = medium(exchange.request.get("Identification"))
        if record.role != "cpo" or given is None or exchange.operation == AUTHORIZE_STOP:
            continue
        if given == medium(session.identification):
            yield IDENTIFICATION.held(exchange)
        else:
            yield IDENTIFICATION.broken(
                exchange,
                "this is not the identification that began the session",
                pointer="/Identification",
                expected=shown(session.identification),
                found=exchange.request.get("Identification"),
            )


@rule(CPO_PARTNER_SESSION_ID, EMP_PARTNER_SESSION_ID)
def partner_ids(record: Record) -> Iterator[Outcome]:
    """The target's own partner session id stays the same through a session."""
    name, requirement = (
        ("CPOPartnerSessionID", CPO_PARTNER_SESSION_ID)
        if record.role == "cpo"
        else ("EMPPartnerSessionID", EMP_PARTNER_SESSION_ID)
    )
    for session in record.sessions:
        if session.refused:
            continue
        first = session.cpo_partner if record.role == "cpo" else session.emp_partner
        if first is None:
            continue
        # An id that the hub itself proposed may come back as an echo.
        proposed = {
            text(one.request.object, name)
            for one in session.exchanges
            if not one.by_target and one.number <= first[1]
        }
        for exchange in session.exchanges:
            given = text(exchange.sent.object, name)
            is_first = exchange.number == first[1]
            echoed = {*proposed, None if exchange.by_target else text(exchange.request.object, name)}
            if given is None or is_first or given in echoed or not session.has_at_its_evse(exchange):
                continue
            if given == first[0] or first[0] in proposed:
                yield requirement.held(exchange)
            else:
                yield requirement.broken(
                    exchange,
                    f"{name} changed within the session since exchange {first[1]}",
                    pointer=f"/{name}",
                    expected=first[0],
                    found=given,
                )
