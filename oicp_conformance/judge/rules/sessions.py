"""Session-ID continuity: every message belongs to the session that its SessionID names."""

from collections.abc import Iterator
from functools import lru_cache

from oicp_conformance.journal.answers import Answer, answer_of, code_of, retried
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import BEGINNINGS, FOLLOWERS, STOPS, Session, medium
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, broken, held, rule, shown, unclear
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.types import plain_id


def _followers(record: Record) -> list[Exchange]:
    """What the target sent with a SessionID in it, but for first requests.

    What follows a refusal should not be there at all; it is judged as that, and not for its contents.
    """
    unwanted = {one.number for _, followed in _after_refusals(record) for one in followed}
    return [
        exchange
        for exchange in record.written(*FOLLOWERS, *STOPS[1:])
        if exchange.by_target
        and exchange.number not in unwanted
        and text(exchange.request.object, "SessionID")
    ]


@rule
def ids(record: Record) -> Iterator[Outcome]:
    """session.id-of-hub: known to the hub, written as the hub wrote it, and not of a session that is over."""
    for exchange in _followers(record):
        given = exchange.request.get("SessionID")
        session = record.sessions.get(given)
        message = None
        expected = "a SessionID that the hub gave"
        if session is None or session.begun_by.number > exchange.number:
            message = "the hub never gave this SessionID"
        elif given != session.id:
            message, expected = "the SessionID is not written as the hub wrote it", session.id
        elif exchange.operation == "eRoamingAuthorizeStop" and (end := _settled_before(session, exchange)):
            stops = [one for one in session.sent("eRoamingAuthorizeStop") if one.number < exchange.number]
            if retried(exchange.path, exchange.request.body, stops):
                continue
            expected = "no stop of a session that is over"
            message = f"this session is over: its charge detail record came in exchange {end.number}"
        if message:
            yield broken(
                "session.id-of-hub", exchange, message, pointer="/SessionID", expected=expected, found=given
            )
        else:
            yield held("session.id-of-hub", exchange)


def _settled_before(session: Session, exchange: Exchange) -> Exchange | None:
    for record in session.sent("eRoamingChargeDetailRecord"):
        if record.number < exchange.number and answer_of(record) is Answer.POSITIVE:
            return record
    return None


@rule
def contents(record: Record) -> Iterator[Outcome]:
    """session.evse and session.identification: the session's own, in every message of it."""
    for exchange in _followers(record):
        session = record.sessions.get(exchange.request.get("SessionID"))
        if session is None:
            continue
        evse = text(exchange.request.object, "EvseID")
        if not session.has_at_its_evse(exchange):
            # It belongs to another session, so the rest of it says nothing of this one.
            yield broken(
                "session.evse",
                exchange,
                "this is not the EVSE of the session",
                pointer="/EvseID",
                expected=session.evse or "",
                found=evse,
            )
            continue
        if evse and session.evse:
            yield held("session.evse", exchange)
        given = medium(exchange.request.get("Identification"))
        if record.role != "cpo" or given is None or exchange.operation == "eRoamingAuthorizeStop":
            continue
        if given == medium(session.identification):
            yield held("session.identification", exchange)
        else:
            yield broken(
                "session.identification",
                exchange,
                "this is not the identification that began the session",
                pointer="/Identification",
                expected=shown(session.identification),
                found=exchange.request.get("Identification"),
            )


@rule
def partner_ids(record: Record) -> Iterator[Outcome]:
    """The target's own partner session id stays the same through a session."""
    name, requirement = (
        ("CPOPartnerSessionID", "session.cpo-partner-session-id")
        if record.role == "cpo"
        else ("EMPPartnerSessionID", "session.emp-partner-session-id")
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
                yield held(requirement, exchange)
            else:
                yield broken(
                    requirement,
                    exchange,
                    f"{name} changed within the session since exchange {first[1]}",
                    pointer=f"/{name}",
                    expected=first[0],
                    found=given,
                )


@rule
def refused(record: Record) -> Iterator[Outcome]:
    """session.refused: nothing follows a refusal or an error; judged where the suite listened long enough."""
    for begun, followed in _after_refusals(record):
        requirement = (
            "eRoamingAuthorizeRemoteStart.nothing-started"
            if begun.operation == "eRoamingAuthorizeRemoteStart"
            else "session.refused"
        )
        for one in followed:
            yield broken(
                requirement,
                one,
                f"{one.operation} follows the {begun.operation} of exchange {begun.number}, "
                f"which was not authorized ({_why(begun)})",
                pointer="/SessionID",
                expected="nothing",
                found=one.request.get("SessionID"),
                operation=begun.operation,
            )
        if followed:
            continue
        if any(quiet.started >= (begun.finished or 0) for quiet in record.quiets):
            yield held("session.refused", begun)
        else:
            reason = "the run ended before anything could follow"
            yield unclear("session.refused", reason, cause=Cause.STOPPED, exchange=begun)


@lru_cache(maxsize=1)
def _after_refusals(record: Record) -> list[tuple[Exchange, list[Exchange]]]:
    """Each beginning that was refused, with what the CPO sent all the same."""
    if record.role != "cpo":
        return []
    # An Error may come before charging starts (CPO 02): then it tells why a start was refused.
    followers = [
        exchange
        for exchange in record.written(*FOLLOWERS)
        if exchange.by_target and exchange.request.get("Type") != "Error"
    ]
    return [
        (begun, [one for one in followers if one.number > begun.number and _follows(record, begun, one)])
        for begun in record.of(*BEGINNINGS)
        if answer_of(begun) is not Answer.POSITIVE
        and (begun.by_target or answer_of(begun) is not Answer.NONE)
        and begun.scripted != "late"  # the CPO may or may not have waited for it
    ]


@rule
def refused_stop(record: Record) -> Iterator[Outcome]:
    """eRoamingAuthorizeStop.honoured: nothing ends while the suite listens after a refused stop."""
    if record.role != "cpo":
        return
    for session in record.sessions:
        for stop in session.sent("eRoamingAuthorizeStop"):
            quiet = next((one for one in record.quiets if one.test == stop.test), None)
            if answer_of(stop) is not Answer.NEGATIVE or quiet is None:
                continue
            ended = [
                one
                for one in session.sent("eRoamingChargeDetailRecord")
                if stop.number < one.number and one.started <= quiet.started + quiet.seconds
            ]
            if not ended:
                yield held("eRoamingAuthorizeStop.honoured", stop)
            for one in ended:
                yield broken(
                    "eRoamingAuthorizeStop.honoured",
                    one,
                    f"the session ends although its stop in exchange {stop.number} was not authorized",
                    pointer="/SessionID",
                    expected="the charge goes on",
                    found=session.id,
                    verdict=Verdict.WARNING,
                    operation="eRoamingAuthorizeStop",
                )


def _why(begun: Exchange) -> str:
    if begun.status is None:
        return begun.scripted or begun.trouble or "no answer"
    said = begun.answer.get("AuthorizationStatus") or f"Result {begun.answer.get('Result')}"
    return f"HTTP {begun.status}, {said}, code {code_of(begun) or '-'}"


def _follows(record: Record, begun: Exchange, one: Exchange) -> bool:
    """Whether a message belongs to what `begun` wanted to begin."""
    asked, given = begun.request.object, one.request.object
    session_id = text(begun.answer.object if begun.by_target else asked, "SessionID")
    if session_id and given.get("SessionID") == session_id:
        return True
    if record.sessions.get(given.get("SessionID")):
        return False
    # An id that the hub never gave: of this EVSE or this partner session, if that was the last to begin.
    partner = text(asked, "CPOPartnerSessionID") if begun.by_target else None
    if partner and given.get("CPOPartnerSessionID") == partner:
        return True
    evse = text(asked, "EvseID")
    # A remote start that was refused may have met a session that runs there: that one may go on.
    return begun.by_target and bool(evse) and _last_begun(record, evse or "", one) is begun


def _last_begun(record: Record, evse: str, before: Exchange) -> Exchange | None:
    found = None
    for begun in record.of(*BEGINNINGS):
        at = text(begun.request.object, "EvseID")
        if begun.number < before.number and at and plain_id(at) == plain_id(evse):
            found = begun
    at = text(before.request.object, "EvseID")
    return found if at and plain_id(at) == plain_id(evse) else None


@rule
def after_refusal(record: Record) -> Iterator[Outcome]:
    """eRoamingAuthorizeRemoteStop.after-refusal: an EMP stops nothing that was refused."""
    if record.role != "emp":
        return
    for begun in record.of("eRoamingAuthorizeRemoteStart"):
        if not begun.by_target or answer_of(begun) is Answer.POSITIVE:
            continue
        given = text(begun.answer.object, "SessionID")
        partner = text(begun.request.object, "EMPPartnerSessionID")
        stops = [
            stop
            for stop in record.of("eRoamingAuthorizeRemoteStop")
            if stop.number > begun.number
            and (
                (given and stop.request.get("SessionID") == given)
                or (
                    partner
                    and stop.request.get("EMPPartnerSessionID") == partner
                    and record.sessions.get(stop.request.get("SessionID")) is None
                )
                or (not partner and not given and _stops_unknown(record, begun, stop))
            )
        ]
        for stop in stops:
            yield broken(
                "eRoamingAuthorizeRemoteStop.after-refusal",
                stop,
                f"the start in exchange {begun.number} was refused ({_why(begun)}), and yet it is stopped",
                pointer="/SessionID",
                expected="no eRoamingAuthorizeRemoteStop",
                found=stop.request.get("SessionID"),
            )
        if not stops and any(quiet.started >= (begun.finished or 0) for quiet in record.quiets):
            yield held("eRoamingAuthorizeRemoteStop.after-refusal", begun, "eRoamingAuthorizeRemoteStop")


def _stops_unknown(record: Record, begun: Exchange, stop: Exchange) -> bool:
    same_evse = plain_id(str(stop.request.get("EvseID"))) == plain_id(str(begun.request.get("EvseID")))
    return same_evse and record.sessions.get(stop.request.get("SessionID")) is None


@rule
def stopped_once(record: Record) -> Iterator[Outcome]:
    """eRoamingAuthorizeRemoteStop.once: an EMP does not stop again unless it is tapped, or failed."""
    if record.role != "emp":
        return
    for session in record.sessions:
        sent = [one for one in session.sent("eRoamingAuthorizeRemoteStop") if one.by_target]
        stops = [one for at, one in enumerate(sent) if not retried(one.path, one.request.body, sent[:at])]
        tapped = sum(
            (wait.session, wait.operation, wait.stimulus)
            == (session.id, "eRoamingAuthorizeRemoteStop", "done")
            for wait in record.waits
        )
        for count, stop in enumerate(stops, start=1):
            if session.stopped_by is None or stop.number <= session.stopped_by.number:
                yield held("eRoamingAuthorizeRemoteStop.once", stop)
            elif count > tapped:
                yield broken(
                    "eRoamingAuthorizeRemoteStop.once",
                    stop,
                    f"the stop of this session was acknowledged in exchange {session.stopped_by.number}",
                    pointer="/SessionID",
                    expected="one eRoamingAuthorizeRemoteStop",
                    found=session.id,
                    verdict=Verdict.WARNING,
                )


@rule
def authorized_once(record: Record) -> Iterator[Outcome]:
    """eRoamingAuthorizeStart.once: no second request for the same medium while its session has just begun."""
    if record.role != "cpo":
        return
    begun: dict[tuple[object, str], Exchange] = {}
    for exchange in record.of("eRoamingAuthorizeStart", "eRoamingChargeDetailRecord"):
        if exchange.operation == "eRoamingChargeDetailRecord":
            over = exchange.request.get("SessionID")
            begun = {key: one for key, one in begun.items() if one.answer.get("SessionID") != over}
            continue
        evse = text(exchange.request.object, "EvseID")
        if evse is None:
            continue
        key = medium(exchange.request.get("Identification")), plain_id(evse)
        first = begun.get(key)
        if first is not None and first.test == exchange.test and key[0] is not None:
            yield broken(
                "eRoamingAuthorizeStart.once",
                exchange,
                f"the same medium was authorized at the same EVSE in exchange {first.number}",
                pointer="/Identification",
                expected="one request for each presentation",
                found=exchange.request.get("Identification"),
                verdict=Verdict.WARNING,
            )
        elif answer_of(exchange) is Answer.POSITIVE:
            begun[key] = exchange
            yield held("eRoamingAuthorizeStart.once", exchange)
