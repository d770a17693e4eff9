"""What must not happen after a refusal: no session goes on, none is stopped, none ends."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.sessions import STOPS, medium
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.refused import after_refusals, answered_with, stops_of_refused
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.requirements.remote_sessions import NOTHING_STARTED
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    AUTHORIZE_STOP,
    CDR,
    REMOTE_START,
    REMOTE_STOP,
    RESERVE,
)

NOTHING_FOLLOWS = requirement(
    "session.refused",
    cpo(
        "MUST",
        "The CPO sends no notification and no CDR after a rejected or failed authorization.",
        Source("CPO 04", "BusinessProcessDiagrameRoamingAuthorization", 10, "diagram"),
        on=(
            AUTHORIZE_START,
            REMOTE_START,
            RESERVE,
        ),
        erratum="C253",
    ),
)

STOP_HONOURED = requirement(
    "eRoamingAuthorizeStop.honoured",
    cpo(
        "SHOULD",
        "The CPO does not end the session when AuthorizeStop is not authorized.",
        Source("CPO 04", "BusinessProcessDiagrameRoamingAuthorization", 10, "diagram"),
        on=(AUTHORIZE_STOP,),
    ),
)

NO_STOP = requirement(
    "eRoamingAuthorizeRemoteStop.after-refusal",
    emp(
        "SHOULD",
        "The EMP sends no RemoteStop for a RemoteStart that was rejected.",
        Source("EMP 04", "BusinessProcessDiagrameRoamingAuthorizationRemote", 14, "diagram"),
        on=(REMOTE_STOP,),
    ),
)


@rule(NOTHING_FOLLOWS, NOTHING_STARTED, piecewise=True)
def refused(record: Record) -> Iterator[Outcome]:
    """Nothing follows a refusal or an error; judged where the suite listened long enough."""
    for begun, followed in after_refusals(record):
        requirement = NOTHING_STARTED if begun.operation == REMOTE_START else NOTHING_FOLLOWS
        for one in record.asked(followed):
            yield requirement.broken(
                one,
                f"{one.operation} follows the {begun.operation} of exchange {begun.number}, "
                f"which was not authorized ({answered_with(begun)})",
                pointer="/SessionID",
                expected="nothing",
                found=one.request.get("SessionID"),
                operation=begun.operation,
                # The documents say it of a refusal, not of an answer that failed.
                verdict=None if answer_of(begun) is Answer.NEGATIVE else Verdict.WARNING,
            )
        if followed or not record.asks_about(begun):
            continue
        if any(quiet.started >= (begun.finished or 0) for quiet in record.quiets):
            yield NOTHING_FOLLOWS.held(begun)
        else:
            reason = "the suite did not wait for messages after this response"
            yield NOTHING_FOLLOWS.unclear(reason, cause=Cause.NOT_OBSERVED, exchange=begun)


@rule(STOP_HONOURED)
def unasked_stop(record: Record) -> Iterator[Outcome]:
    """No session ends when another medium is presented, and Hubject is not asked about it."""
    for wait in record.waits_for(AUTHORIZE_STOP):
        is_silent = wait.came is None and wait.stimulus == "done"
        session = record.sessions.get(wait.session) if is_silent else None
        if session is None or wait.asked is None or wait.presented is None:
            continue
        listed = session.begun_by.answer.get("AuthorizationStopIdentifications")
        known = [session.identification, *(listed if isinstance(listed, list) else [])]
        cdr = next((one for one in session.sent(CDR) if one.started >= wait.asked), None)
        if cdr is None or cdr.started > wait.asked + wait.seconds:
            continue
        is_stopped = any(one.operation in STOPS and one.number < cdr.number for one in session.exchanges)
        if not is_stopped and medium(wait.presented) not in [medium(one) for one in known]:
            yield STOP_HONOURED.broken(
                cdr,
                "the session ended when another medium was presented, and no eRoamingAuthorizeStop was sent",
                pointer="/SessionID",
                expected="the session continues, unless Hubject authorizes the stop",
                found=session.id,
                operation=AUTHORIZE_STOP,
            )


@rule(STOP_HONOURED, piecewise=True)
def refused_stop(record: Record) -> Iterator[Outcome]:
    """Nothing ends while the suite listens after a refused stop."""
    for session in record.asked_sessions:
        for stop in session.sent(AUTHORIZE_STOP):
            quiet = next((one for one in record.quiets if one.test == stop.test), None)
            if answer_of(stop) is not Answer.NEGATIVE or quiet is None:
                continue
            ended = [
                one
                for one in session.sent(CDR)
                if stop.number < one.number and one.started <= quiet.started + quiet.seconds
            ]
            if not ended:
                yield STOP_HONOURED.held(stop)
            for one in ended:
                yield STOP_HONOURED.broken(
                    one,
                    f"the session ended although its stop in exchange {stop.number} was not authorized",
                    pointer="/SessionID",
                    expected="the session continues",
                    found=session.id,
                    operation=AUTHORIZE_STOP,
                )


@rule(NO_STOP)
def after_refused_start(record: Record) -> Iterator[Outcome]:
    """An EMP stops nothing that was refused."""
    for begun, stops in stops_of_refused(record):
        for stop in stops:
            yield NO_STOP.broken(
                stop,
                f"the start in exchange {begun.number} was rejected ({answered_with(begun)}), "
                "but this request stops it",
                pointer="/SessionID",
                expected="no eRoamingAuthorizeRemoteStop",
                found=stop.request.get("SessionID"),
            )
        if not stops and any(quiet.started >= (begun.finished or 0) for quiet in record.quiets):
            yield NO_STOP.held(begun, REMOTE_STOP)
