"""The CPO publishes the status of its EVSEs: eRoamingPushEvseStatus."""

import contextlib
from collections.abc import Callable, Mapping

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.cpo_pushes import SLOW
from oicp_conformance.actors.stage import NotApplicable, Stage, Unobserved
from oicp_conformance.hub import script
from oicp_conformance.journal.sessions import Session
from oicp_conformance.marks import about, first, sessionless, together

OPERATION = "eRoamingPushEvseStatus"


@first
@about(
    OPERATION, f"{OPERATION}.fullLoad", f"{OPERATION}.published", "push.evse-of-operator", "push.evse-unique"
)
def test_full_load_is_published(cpo: Cpo) -> None:
    """The CPO publishes the status of all its EVSEs, and of no other EVSE."""
    cpo.publish("eRoamingPushEvseData", "fullLoad")
    cpo.publish(OPERATION, "fullLoad")


@about(OPERATION, "push.sequential", f"{OPERATION}.published")
@pytest.mark.parametrize("action", ["insert", "update", "delete"])
def test_changes_are_published(cpo: Cpo, action: str) -> None:
    """The status of an EVSE is inserted, updated and deleted."""
    cpo.publish(OPERATION, action)


BEGINNINGS: dict[str, Callable[[Cpo], Session]] = {
    "app": lambda cpo: cpo.start(),
    "card": lambda cpo: cpo.swipe_in(cpo.customer()),
    "reservation": lambda cpo: cpo.start_reserved(cpo.reserve()),
}
"""How the session begins."""


@about(OPERATION, f"{OPERATION}.occupied")
@pytest.mark.parametrize("begin", BEGINNINGS)
def test_running_session_shows_as_occupied(cpo: Cpo, hub: Stage, begin: str) -> None:
    """While a car charges, the status of the EVSE is Occupied."""
    if begin == "reservation" and not hub.profile.supports.eRoamingReservation:
        raise NotApplicable("the profile does not declare eRoamingReservation")
    cpo.publish("eRoamingPushEvseData", "fullLoad")
    session = BEGINNINGS[begin](cpo)
    if "Start" in hub.profile.supports.eRoamingChargingNotifications:
        with contextlib.suppress(Unobserved):
            cpo.notify(session, "Start")
    cpo.statuses.shows(session, "Occupied")
    cpo.finish(session)


@about(OPERATION, f"{OPERATION}.free-again")
def test_finished_session_leaves_the_evse_free(cpo: Cpo, hub: Stage) -> None:
    """After the CDR, the status of the EVSE is no longer Occupied."""
    cpo.publish("eRoamingPushEvseData", "fullLoad")
    session = cpo.start()
    if "Start" in hub.profile.supports.eRoamingChargingNotifications:
        with contextlib.suppress(Unobserved):
            cpo.notify(session, "Start")
    cpo.statuses.shows_free(session, cpo.finish(session))


@about(OPERATION, f"{OPERATION}.other-evse")
def test_charge_at_another_evse_leaves_the_status_of_the_first(cpo: Cpo) -> None:
    """A second car charges at another EVSE: the EVSE of the first car is not published as Available."""
    cpo.two_free_evses()
    cpo.publish("eRoamingPushEvseData", "fullLoad")
    first = cpo.start()
    cpo.report(first, ["Start"])
    cpo.statuses.shows(first, "Occupied")
    second = cpo.start()
    cpo.report(second, ["Start"])
    cpo.statuses.shows(second, "Occupied")
    cpo.statuses.shows_free(second, cpo.finish(second))
    cpo.finish(first)


@about(OPERATION, f"{OPERATION}.not-lost")
def test_status_that_hubject_could_not_take_is_not_lost(cpo: Cpo, hub: Stage) -> None:
    """Hubject fails once when a session ends: the CPO sends the status of the EVSE again."""
    cpo.publish("eRoamingPushEvseData", "fullLoad")
    session = cpo.start()
    failure = script.http_error(503)
    hub.script(OPERATION, failure)
    cpo.finish(session)
    cpo.statuses.makes_up_for(session, failure.name)


@sessionless
@about(OPERATION, "push.sequential")
@together(SLOW)
def test_slow_answer_is_waited_for(cpo: Cpo, beside: Mapping[str, str]) -> None:
    """The CPO sends the next push of an operation only after the response to the previous push."""
    cpo.pushes.slowly(OPERATION, beside)
