"""Sessions that an app begins or ends: which starts and stops are refused, and what the EMP sends."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from oicp_conformance.journal.answers import FAILURES, Answer, answer_of, code_of, last_same
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import STOPS, Session, medium
from oicp_conformance.judge.first_requests import without_session_id
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule, tried
from oicp_conformance.judge.requirements.acceptance import VALID
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    CDR,
    RELEASE,
    REMOTE_START,
    REMOTE_STOP,
    RESERVE,
)
from oicp_conformance.oicp.types import plain_id

UNKNOWN_EVSE = tried(
    "eRoamingAuthorizeRemoteStart.unknown-evse",
    cpo(
        "MUST",
        "The CPO rejects a RemoteStart for an EVSE that it does not have.",
        Source("CPO 02", "eRoamingAuthorizeRemoteStart", 221, "explicit"),
        on=(REMOTE_START,),
    ),
)

OCCUPIED_EVSE = tried(
    "eRoamingAuthorizeRemoteStart.occupied-evse",
    cpo(
        "MUST",
        "The CPO rejects a RemoteStart on an EVSE that is in use.",
        Source("CPO 04", "BusinessProcessDiagrameRoamingAuthorizationRemote", 15, "diagram"),
        on=(REMOTE_START,),
        erratum="C302",
    ),
)

ONE_OF_TWO = requirement(
    "eRoamingAuthorizeRemoteStart.one-of-two",
    cpo(
        "SHOULD",
        "Of two RemoteStarts on one EVSE at the same time, the CPO accepts at most one.",
        Source("CPO 04", "BusinessProcessDiagrameRoamingAuthorizationRemote", 15, "practice"),
        on=(REMOTE_START,),
    ),
)

SUB_PROVIDER = tried(
    "eRoamingAuthorizeRemoteStart.sub-provider",
    cpo(
        "SHOULD",
        "The CPO accepts a RemoteStart of a hub provider for a customer of one of its sub-providers.",
        Source("CPO 01", "hub_provider_and_operator", 81, "explicit"),
        on=(REMOTE_START,),
    ),
)

NOTHING_STARTED = tried(
    "eRoamingAuthorizeRemoteStart.nothing-started",
    cpo(
        "MUST",
        "The CPO starts no charging session after it rejected a RemoteStart.",
        Source("CPO 02", "eRoamingAuthorizeRemoteStart", 221, "explicit"),
        on=(REMOTE_START,),
    ),
)

STOP_OF_CARD_SESSION = tried(
    "eRoamingAuthorizeRemoteStop.of-card-session",
    cpo(
        "SHOULD",
        "The CPO accepts a RemoteStop for a session that a card started.",
        Source("CPO 02", "eRoamingChargeDetailRecord", 292, "practice"),
        on=(REMOTE_STOP,),
    ),
)

STOP_OF_UNKNOWN_SESSION = tried(
    "eRoamingAuthorizeRemoteStop.unknown-session",
    cpo(
        "MUST",
        "The CPO rejects a RemoteStop for a session that it does not know.",
        Source("CPO 01", "session_handling", 50, "explicit"),
        on=(REMOTE_STOP,),
    ),
)

STOP_OF_ENDED_SESSION = tried(
    "eRoamingAuthorizeRemoteStop.ended-session",
    cpo(
        "SHOULD",
        "The CPO rejects a RemoteStop for a session that has ended.",
        Source("CPO 01", "session_handling", 50, "explicit"),
        on=(REMOTE_STOP,),
    ),
)

STOP_AT_OTHER_EVSE = tried(
    "eRoamingAuthorizeRemoteStop.other-evse",
    cpo(
        "SHOULD",
        "The CPO rejects a RemoteStop that names another EVSE than the session.",
        Source("CPO 02", "eRoamingAuthorizeRemoteStopmessage", 273, "practice"),
        on=(REMOTE_STOP,),
    ),
)

STOP_BY_OTHER_PROVIDER = tried(
    "session.other-provider",
    cpo(
        "SHOULD",
        "The CPO rejects a RemoteStop or ReservationStop of another provider than the session's.",
        Source("CPO 02", "eRoamingAuthorizeRemoteStopmessage", 272, "practice"),
        on=(REMOTE_STOP, RELEASE),
    ),
)

EVSE_FREE = requirement(
    "session.evse-free",
    cpo(
        "SHOULD",
        "The CPO accepts a start on an EVSE whose session has ended or whose driver was rejected.",
        Source("CPO 03", "EvseStatusType", 579, "practice"),
        on=(REMOTE_START,),
    ),
)

START_WITHOUT_SESSION_ID = requirement(
    "eRoamingAuthorizeRemoteStart.no-session-id",
    emp(
        "SHOULD",
        "The EMP sends no SessionID in RemoteStart.",
        Source("EMP 02", "eRoamingAuthorizeRemoteStartmessage", 224, "explicit"),
        on=(REMOTE_START,),
    ),
)

STOPPED_ONCE = requirement(
    "eRoamingAuthorizeRemoteStop.once",
    emp(
        "SHOULD",
        "The EMP does not send another RemoteStop for a session whose stop was acknowledged.",
        Source("EMP 01", "session_handling", 50, "practice"),
        on=(REMOTE_STOP,),
    ),
)

STARTED_ONCE = requirement(
    "eRoamingAuthorizeRemoteStart.once",
    emp(
        "SHOULD",
        "The EMP sends one RemoteStart per start that a customer asks for.",
        Source("EMP 01", "session_handling", 50, "practice"),
        on=(REMOTE_START,),
    ),
)

_UNKNOWN = frozenset({Answer.BROKEN, Answer.NONE})
_AT_ONCE = 10.0
"""Seconds within which nobody ends a charge and begins the next one."""


@rule(ONE_OF_TWO)
def one_of_two(record: Record) -> Iterator[Outcome]:
    """Starts of different sessions on one EVSE, of which the second came before the first was answered.

    Of a CPO that starts what is in use at any time, they say nothing.
    """
    starts = record.of(REMOTE_START)
    if any(one.purpose == OCCUPIED_EVSE.id and answer_of(one) is Answer.POSITIVE for one in starts):
        return
    for first, second in pairwise(starts):
        sessions, evses = (
            {plain_id(str(one.request.get(name))) for one in (first, second)}
            for name in ("SessionID", "EvseID")
        )
        if len(sessions) == 1 or len(evses) == 2 or second.started >= (first.finished or 0.0):
            continue
        accepted = [one for one in (first, second) if answer_of(one) is Answer.POSITIVE]
        if len(accepted) == 1:
            yield ONE_OF_TWO.held(second)
        elif accepted:
            yield ONE_OF_TWO.broken(
                second,
                f"{second.request.get('EvseID')} was started twice at the same time: "
                f"exchanges {first.number} and {second.number} were both accepted",
                pointer="/Result",
                expected="a rejection of one of them, such as code 602",
                found=second.answer.get("Result"),
            )


@rule(EVSE_FREE, piecewise=True)
def evse_free(record: Record) -> Iterator[Outcome]:
    """Where this run's sessions are over, the EVSE is not said to be in use.

    What a start or a reservation has begun whose answer could not be understood, nobody knows. While a
    session runs elsewhere, an EVSE may be in use with it: a station may have two plugs for one car.
    """
    if not any(one.purpose == VALID.id for one in record.asked_of(REMOTE_START)):
        return
    used: set[str] = set()
    running: set[str] = set()
    unknown: set[str] = set()
    charging: set[str] = set()
    for exchange in record.of(REMOTE_START, AUTHORIZE_START, RESERVE, CDR, *STOPS):
        _keep(charging, record, exchange)
        evse = exchange.request.get("EvseID")
        if not isinstance(evse, str):
            continue
        at, session = plain_id(evse), record.sessions.get(exchange.request.get("SessionID"))
        if exchange.operation == REMOTE_START and exchange.purpose == VALID.id:
            is_free = at in used and at not in {*running, *unknown} and record.asks_about(exchange)
            if is_free and answer_of(exchange) is Answer.POSITIVE:
                yield EVSE_FREE.held(exchange)
            elif is_free and not charging and code_of(exchange) in {"601", "602"}:
                yield EVSE_FREE.broken(
                    exchange,
                    "the CPO reports the EVSE as in use, but no session is active on it",
                    pointer="/StatusCode/Code",
                    expected="000",
                    found=code_of(exchange),
                )
        if exchange.operation in (REMOTE_START, RESERVE) and answer_of(exchange) in _UNKNOWN:
            unknown.add(at)
        if exchange.operation in (REMOTE_START, AUTHORIZE_START):
            used.add(at)
            if answer_of(exchange) not in (Answer.NEGATIVE, Answer.BROKEN):
                running.add(at)
        elif exchange.operation == CDR and session is not None:
            running.discard(plain_id(session.evse or evse))


def _keep(charging: set[str], record: Record, exchange: Exchange) -> None:
    """Keep the sessions that run, as far as what has been said until now shows it."""
    half = exchange.answer if exchange.operation == AUTHORIZE_START else exchange.request
    session = record.sessions.get(half.get("SessionID"))
    if session is None:
        return
    answer = answer_of(exchange)
    if exchange.operation in (REMOTE_START, AUTHORIZE_START):
        # A CPO that gave up waiting for the response knows of no session.
        if answer is Answer.POSITIVE and exchange.scripted != "late":
            charging.add(session.id)
    elif exchange.operation == CDR or answer is Answer.POSITIVE or code_of(exchange) == "400":
        charging.discard(session.id)


@rule(START_WITHOUT_SESSION_ID, by_exchange=True)
def own_session_id(record: Record) -> Iterator[Outcome]:
    """No SessionID in a first request: the hub makes it."""
    yield from without_session_id(record, REMOTE_START, START_WITHOUT_SESSION_ID, "C040")


@rule(STARTED_ONCE)
def started_once(record: Record) -> Iterator[Outcome]:
    """An EMP does not start again what was acknowledged and goes on, unless it is tapped, or retries.

    The retry of a start that met an outage may come after other starts were tapped and acknowledged.
    """
    before = 0.0
    taps = [wait.asked for wait in record.waits_for(REMOTE_START) if wait.asked is not None]
    begun: dict[tuple[object, str], Exchange] = {}
    failed: dict[tuple[object, str], set[float]] = {}
    for exchange in record.written(REMOTE_START):
        if not exchange.by_target:
            continue
        is_tapped = any(before < tap <= exchange.started for tap in taps)
        before = exchange.started
        key = medium(exchange.request.get("Identification")), plain_id(str(exchange.request.get("EvseID")))
        outages = failed.setdefault(key, set())
        if answer_of(exchange) is not Answer.POSITIVE:
            if answer_of(exchange) is not Answer.NEGATIVE or code_of(exchange) in FAILURES:
                outages.add(max((tap for tap in taps if tap <= exchange.started), default=0.0))
            continue
        is_retry = not is_tapped and bool(outages)
        if is_retry:
            outages.remove(min(outages))
        first = begun.get(key)
        begun[key] = exchange
        if is_tapped or is_retry or first is None or not _goes_on(record, first, exchange):
            yield STARTED_ONCE.held(exchange)
        elif not any(first.started < tap <= exchange.started for tap in taps):
            yield STARTED_ONCE.broken(
                exchange,
                f"the same start was acknowledged in exchange {first.number}",
                pointer="/EvseID",
                expected="one eRoamingAuthorizeRemoteStart",
                found=exchange.request.get("EvseID"),
            )


def _goes_on(record: Record, begun: Exchange, later: Exchange) -> bool:
    """Whether what a start began has just begun, and nothing is known to have ended it."""
    session = record.sessions.get(begun.answer.get("SessionID"))
    if session is None or later.started - (begun.finished or begun.started) > _AT_ONCE:
        return False
    return not any(
        one.operation in {REMOTE_STOP, CDR} and begun.number < one.number < later.number
        for one in session.exchanges
    )


@rule(STOPPED_ONCE, piecewise=True)
def stopped_once(record: Record) -> Iterator[Outcome]:
    """An EMP does not stop again unless it is tapped, or failed."""
    for session in record.asked_sessions:
        sent = [one for one in session.sent(REMOTE_STOP) if one.by_target]
        # What was not acknowledged may come again, whatever the code: the customer wants to stop.
        stops = [one for at, one in enumerate(sent) if not _comes_again(one, sent[:at])]
        for count, stop in enumerate(stops, start=1):
            if session.stopped_by is None or stop.number <= session.stopped_by.number or count == 1:
                # A driver may have stopped the session with a card just before.
                yield STOPPED_ONCE.held(stop)
            elif count > _taps(record, session):
                yield STOPPED_ONCE.broken(
                    stop,
                    f"the stop of this session was acknowledged in exchange {session.stopped_by.number}",
                    pointer="/SessionID",
                    expected="one eRoamingAuthorizeRemoteStop",
                    found=session.id,
                )


def _taps(record: Record, session: Session) -> int:
    """How often the suite tapped the stop of a session."""
    return sum(
        (wait.stimulus, wait.session) == ("done", session.id) for wait in record.waits_for(REMOTE_STOP)
    )


def _comes_again(stop: Exchange, earlier: Sequence[Exchange]) -> bool:
    """Whether a stop repeats the last one that was the same, which was not acknowledged."""
    same = last_same(stop.path, stop.request.body, earlier)
    return same is not None and answer_of(same) is not Answer.POSITIVE
