"""Session-ID continuity: every message belongs to the session that its SessionID names."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import Answer, answer_of, retried
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import FOLLOWERS, STOPS, Session, medium
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, shown
from oicp_conformance.judge.refused import after_refusals, stops_of_refused
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.requirements.partner_session_ids import proposed
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_STOP,
    CDR,
    IN_SESSION,
    NOTIFY,
    RELEASE,
    REMOTE_START,
    REMOTE_STOP,
    RESERVE,
)
from oicp_conformance.oicp.types import is_plain_text, plain_id

ID_OF_HUB = requirement(
    "session.id-of-hub",
    cpo(
        "MUST",
        "The CPO sends the SessionID that Hubject assigned, unchanged, in every request of the session.",
        Source("CPO 01", "session_handling", 50, "explicit"),
        on=IN_SESSION,
    ),
    emp(
        "MUST",
        (
            "RemoteStop and RemoteReservationStop carry the SessionID that Hubject created for the "
            "start of this session."
        ),
        Source("EMP 02", "eRoamingAuthroizeRemoteStop", 241, "explicit"),
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
        "The CPO names the EVSE of the session in every message of the session.",
        Source("CPO 01", "session_handling", 50, "explicit"),
        on=IN_SESSION,
    ),
    emp(
        "MUST",
        "RemoteStop and RemoteReservationStop name the EVSE of the session.",
        Source("EMP 02", "eRoamingAuthorizeRemoteStopmessage", 255, "explicit"),
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
        "The CDR carries the Identification that authorized the session.",
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 315, "explicit"),
        on=(
            NOTIFY,
            CDR,
        ),
    ),
)

CPO_PARTNER_SESSION_ID = requirement(
    "session.cpo-partner-session-id",
    cpo(
        "SHOULD",
        "The CPO keeps one CPOPartnerSessionID through a session.",
        Source("CPO 01", "session_handling", 52, "practice"),
        on=(
            *IN_SESSION,
            REMOTE_STOP,
            RELEASE,
        ),
    ),
    emp(
        "SHOULD",
        "The EMP sends only a CPOPartnerSessionID that the CPO sent in this session.",
        Source("EMP 02", "eRoamingAuthorizeRemoteStopmessage", 252, "practice"),
        on=(
            REMOTE_STOP,
            RELEASE,
        ),
    ),
)

PRODUCT = requirement(
    "eRoamingChargeDetailRecord.product",
    cpo(
        "SHOULD",
        "A CDR names the PartnerProductID with which the session was started, or none.",
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 313, "practice"),
        on=(CDR,),
    ),
)

EMP_PARTNER_SESSION_ID = requirement(
    "session.emp-partner-session-id",
    cpo(
        "SHOULD",
        "The CPO sends only an EMPPartnerSessionID that the EMP sent in this session.",
        Source("CPO 02", "eRoamingChargeDetailRecordmessage", 312, "practice"),
        on=IN_SESSION,
    ),
    emp(
        "SHOULD",
        "The EMP uses the same EMPPartnerSessionID throughout a session.",
        Source("EMP 01", "session_handling", 52, "practice"),
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
    refused = (*after_refusals(record), *stops_of_refused(record))
    unwanted = {one.number for _, followed in refused for one in followed}
    return [
        exchange
        for exchange in record.asked_written(*FOLLOWERS, *STOPS[1:])
        if exchange.by_target
        and exchange.number not in unwanted
        and text(exchange.request.object, "SessionID")
    ]


@rule(PRODUCT, piecewise=True)
def products(record: Record) -> Iterator[Outcome]:
    """The tariff that the customer chose is the one that is billed."""
    name = "PartnerProductID"
    for exchange in record.asked_written(CDR):
        session = record.sessions.get(exchange.request.get("SessionID"))
        if session is None or session.refused or not session.has_at_its_evse(exchange):
            continue
        chosen, billed = (text(one.request.object, name) for one in (session.begun_by, exchange))
        if not chosen or not billed or not is_plain_text(chosen):
            continue
        if billed.strip().lower() == chosen.strip().lower():
            yield PRODUCT.held(exchange)
        else:
            yield PRODUCT.broken(
                exchange,
                f"the session began with {name} {chosen} in exchange {session.begun_by.number}, "
                f"and its CDR has {billed}",
                pointer=f"/{name}",
                expected=f"{chosen}, or no {name}",
                found=billed,
            )


@rule(ID_OF_HUB, piecewise=True)
def ids(record: Record) -> Iterator[Outcome]:
    """Known to the hub, written as the hub wrote it, and not of a session that is over."""
    for exchange in _followers(record):
        given = exchange.request.get("SessionID")
        session = record.sessions.get(given)
        message, erratum = None, None
        verdict: Verdict | None = None
        expected = "a SessionID that the hub assigned"
        if session is None or session.begun_by.number > exchange.number:
            message = "the hub never assigned this SessionID"
        elif given != session.id:
            # Two spellings are the same GUID; nothing says that it is written in one of them only.
            message, expected = "the SessionID is not written as the hub wrote it", session.id
            verdict, erratum = Verdict.WARNING, "C135"
        elif wanted := _begun_otherwise(session, exchange):
            message = f"this SessionID was not created for an {wanted}"
            expected = f"the SessionID of an {wanted}"
        elif exchange.operation == AUTHORIZE_STOP and (end := _settled_before(session, exchange)):
            stops = [one for one in session.sent(AUTHORIZE_STOP) if one.number < exchange.number]
            if retried(exchange.path, exchange.request.body, stops):
                continue
            # Of a session that is over, it is said only that Hubject refuses the request; where another one
            # runs, the stop has the wrong SessionID.
            verdict = None if _runs_another(record, session, exchange) else Verdict.WARNING
            expected = "no stop of a session that has ended"
            message = f"this session has ended: its CDR was received in exchange {end.number}"
        if message:
            yield ID_OF_HUB.broken(
                exchange,
                message,
                pointer="/SessionID",
                expected=expected,
                found=given,
                erratum=erratum,
                verdict=verdict,
            )
        else:
            yield ID_OF_HUB.held(exchange)


def _begun_otherwise(session: Session, stop: Exchange) -> str | None:
    """What should have begun the session that an EMP stops, where nothing like it did.

    A charge that a card began may be stopped by the app, too; a reservation is only released.
    """
    is_reservation = session.begun_by.operation == RESERVE
    if stop.operation == REMOTE_STOP and is_reservation and not session.sent(REMOTE_START):
        return REMOTE_START
    if stop.operation == RELEASE and not is_reservation and not session.sent(RESERVE):
        return RESERVE
    return None


def _runs_another(record: Record, session: Session, stop: Exchange) -> bool:
    """Whether a later session runs at the EVSE of one that is over."""
    at = plain_id(session.evse or "")
    return any(
        one.begun
        and session.begun_by.number < one.begun_by.number < stop.number
        and plain_id(one.evse or "") == at
        and _settled_before(one, stop) is None
        for one in record.sessions
    )


def _settled_before(session: Session, exchange: Exchange) -> Exchange | None:
    for record in session.sent(CDR):
        if record.number < exchange.number and answer_of(record) is Answer.POSITIVE:
            return record
    return None


@rule(EVSE, IDENTIFICATION, piecewise=True)
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
                "the EvseID is not the EVSE of the session",
                pointer="/EvseID",
                expected=session.evse or "",
                found=evse,
                # There the field is optional, and the SessionID is what names the session.
                verdict=Verdict.WARNING if exchange.operation == AUTHORIZE_STOP else None,
            )
            continue
        if evse and session.evse:
            yield EVSE.held(exchange)
        given, own = medium(exchange.request.get("Identification")), medium(session.identification)
        if record.role != "cpo" or exchange.operation == AUTHORIZE_STOP or given is None or own is None:
            continue
        if given == own:
            yield IDENTIFICATION.held(exchange)
        else:
            yield IDENTIFICATION.broken(
                exchange,
                "the Identification is not the one that began the session",
                pointer="/Identification",
                expected=shown(session.identification),
                found=exchange.request.get("Identification"),
                against=(session.begun_by.number, "/Identification"),
                # Only in the record it is mandatory, and the one that was used to authorize.
                erratum="C203" if exchange.operation == NOTIFY else None,
                verdict=Verdict.WARNING if exchange.operation == NOTIFY else None,
            )


@rule(CPO_PARTNER_SESSION_ID, EMP_PARTNER_SESSION_ID, piecewise=True)
def echoed_ids(record: Record) -> Iterator[Outcome]:
    """Each partner assigns its own session id; the other can only give back one that Hubject handed on."""
    name, requirement, whose = (
        ("EMPPartnerSessionID", EMP_PARTNER_SESSION_ID, "EMP")
        if record.role == "cpo"
        else ("CPOPartnerSessionID", CPO_PARTNER_SESSION_ID, "CPO")
    )
    for exchange in _followers(record):
        given = text(exchange.request.object, name)
        session = record.sessions.get(exchange.request.get("SessionID"))
        if session is None or session.refused or not session.has_at_its_evse(exchange):
            continue
        if not given:
            if record.role == "emp":
                yield requirement.held(exchange)  # hardly any EMP gives it back
            continue
        before = (one for one in session.exchanges if one.number < exchange.number)
        said = (text((one.answer if one.by_target else one.request).object, name) for one in before)
        assigned = list(dict.fromkeys(one for one in said if one))
        if given in assigned:
            yield requirement.held(exchange)
        elif all(is_plain_text(one) for one in assigned):  # what is no plain text may be cleaned
            yield requirement.broken(
                exchange,
                f"the {whose} sent no such {name} in the session of exchange {session.begun_by.number}",
                pointer=f"/{name}",
                expected=" or ".join(assigned) or f"no {name}",
                found=given,
            )


@rule(CPO_PARTNER_SESSION_ID, EMP_PARTNER_SESSION_ID, piecewise=True)
def partner_ids(record: Record) -> Iterator[Outcome]:
    """The target's own partner session id stays the same through a session."""
    name, requirement = (
        ("CPOPartnerSessionID", CPO_PARTNER_SESSION_ID)
        if record.role == "cpo"
        else ("EMPPartnerSessionID", EMP_PARTNER_SESSION_ID)
    )
    for session in record.asked_sessions:
        if session.refused:
            continue
        first = session.cpo_partner if record.role == "cpo" else session.emp_partner
        if first is None:
            continue
        of_hub = proposed(session, name, first[1])
        for exchange in session.exchanges:
            given = text(exchange.sent.object, name)
            is_first = exchange.number == first[1]
            echoed = {*of_hub, None if exchange.by_target else text(exchange.request.object, name)}
            if given is None or is_first or given in echoed or not session.has_at_its_evse(exchange):
                continue
            if given == first[0] or first[0] in of_hub:
                yield requirement.held(exchange)
            else:
                yield requirement.broken(
                    exchange,
                    f"{name} changed within the session since exchange {first[1]}",
                    pointer=f"/{name}",
                    expected=first[0],
                    found=given,
                )
