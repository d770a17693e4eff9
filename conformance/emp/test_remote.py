"""A customer starts and stops with the app: remote start and stop, sent by the EMP."""

import contextlib

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import script
from oicp_conformance.marks import about
from oicp_conformance.oicp.types import plain_id

START, STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"


@about(
    START,
    "request.sent",
    "identification.remote",
    "identification.evco-of-provider",
    f"{START}.no-session-id",
)
def test_start_is_sent(emp: Emp) -> None:
    """The start identifies the customer by RemoteIdentification, and leaves the SessionID to Hubject."""
    emp.started(emp.tap_start())


@about(STOP, "request.sent", "session.id-of-hub", "session.evse", "session.emp-partner-session-id")
def test_stop_carries_the_session_id_of_hubject(emp: Emp) -> None:
    """The stop carries the SessionID of Hubject's response, and the EVSE of the session."""
    emp.app.stop(emp.started(emp.tap_start()))


@about(STOP, "request.sent", "session.id-of-hub", "session.evse", f"{STOP}.as-tapped")
def test_sessions_side_by_side_are_not_mixed_up(emp: Emp, hub: Stage) -> None:
    """Charges that the app started end in another order, each with its own SessionID."""
    evses = hub.profile.counterpart.evse_ids
    first = emp.started(emp.tap_start(evses[0]))
    second = emp.started(emp.tap_start(evses[-1], beside=True))
    running = [second, first]
    # The one between is neither the oldest nor the newest. An EMP may allow no third one.
    with contextlib.suppress(Unobserved):
        running.append(emp.started(emp.tap_start(evses[len(evses) // 2], beside=True)))
    for session in running:
        emp.app.stop(session)


@about(START, "request.sent", "response.any-form")
@pytest.mark.parametrize("form", script.FORMS)
def test_every_form_of_answer_is_understood(emp: Emp, hub: Stage, form: str) -> None:
    """Hubject may send an acknowledgement in several forms; each of them begins a session."""
    hub.script(START, script.FORMS[form])
    emp.app.stop(emp.started(emp.tap_start()))


@about(START, "request.sent")
def test_answer_without_session_id_breaks_nothing(emp: Emp, hub: Stage) -> None:
    """A positive acknowledgement may lack the SessionID: the next start works again."""
    hub.script(START, script.without("SessionID"))
    emp.tap_start()
    emp.app.stop(emp.started(emp.tap_start()))


REFUSALS = {
    "unknown EVSE, 603": script.refuse("603"),
    "not compatible, 604": script.refuse("604"),
    "communication failed, 501": script.refuse("501"),
    "no car, 510": script.refuse("510"),
    "in use, 602": script.refuse("602"),
    "no contract, 210": script.refuse("210"),
    "with a SessionID": script.refuse("501", SessionID=None),
    "system error 001": script.system_error(),
    "HTTP 500": script.http_error(500),
    "hung up": script.hang_up(),
}


@about(STOP, f"{STOP}.after-refusal")
@pytest.mark.parametrize("how", REFUSALS)
def test_refused_start_is_not_stopped(emp: Emp, hub: Stage, how: str) -> None:
    """A start that Hubject rejects, or that fails, begins no session: no stop follows."""
    refusal = REFUSALS[how]
    if how == "with a SessionID":
        refusal = script.refuse("501", SessionID=hub.hubject.session_id())
    hub.script(START, *[refusal] * 3)  # it may try again
    emp.tap_start()


@about(START, "request.sent")
def test_start_of_an_evse_that_hubject_does_not_know(emp: Emp, hub: Stage) -> None:
    """Hubject responds with code 603 itself; the next start works again."""
    unknown = f"{hub.profile.counterpart.operator_id}*E0NOT0HERE"
    if plain_id(unknown)[:2].isalpha():
        emp.tap_start(unknown)
    emp.started(emp.tap_start())


FAILED_STOPS = {
    "session invalid, 400": script.refuse("400"),
    "HTTP 500": script.http_error(500),
    "HTTP 503": script.http_error(503),
    "hung up": script.hang_up(),
}


@about(STOP, "request.sent")
@pytest.mark.parametrize("how", FAILED_STOPS)
def test_refused_stop_breaks_nothing(emp: Emp, hub: Stage, how: str) -> None:
    """Hubject rejects a stop, or it fails: the next session works again."""
    session = emp.started(emp.tap_start())
    hub.script(STOP, FAILED_STOPS[how])
    emp.app.stop(session)
    emp.started(emp.tap_start())
