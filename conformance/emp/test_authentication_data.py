"""The EMP publishes its customers: eRoamingPushAuthenticationData."""

import contextlib
from collections.abc import Mapping

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.emp_failures import BUSY, ENDLESS
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import script
from oicp_conformance.marks import about, sessionless, together

OPERATION = "eRoamingPushAuthenticationData"


@about(OPERATION, f"{OPERATION}.fullLoad", f"{OPERATION}.authorizes-offline", f"{OPERATION}.pin-matches")
def test_full_load_lets_hubject_authorize_offline(emp: Emp) -> None:
    """After a full load Hubject authorizes each customer of the profile without asking the EMP."""
    emp.uploads.full_load()


@about(OPERATION, f"{OPERATION}.truthful", "identification.pin-or-hash", "identification.evco-of-provider")
@pytest.mark.parametrize("action", ["insert", "update", "delete"])
def test_changes_are_published(emp: Emp, action: str) -> None:
    """New customers are inserted, known customers are updated and deleted."""
    emp.uploads.publish(action)


@about(OPERATION, "push.sequential")
def test_refused_push_breaks_nothing(emp: Emp, hub: Stage) -> None:
    """After a rejected push the EMP continues to work, and sends one push after another."""
    hub.script(OPERATION, script.refuse("009"))
    emp.uploads.publish("fullLoad")
    emp.uploads.publish("fullLoad")


@sessionless
@about(OPERATION, "push.after-refusal")
@together(ENDLESS)
def test_push_that_is_always_refused_is_not_sent_forever(emp: Emp, beside: Mapping[str, str]) -> None:
    """The EMP does not repeat a rejected upload forever, for any kind of rejection."""
    emp.failures.without_end(OPERATION, beside)


@about(OPERATION, "push.sequential")
@together(BUSY)
def test_slow_push_is_waited_for(emp: Emp, beside: Mapping[str, str]) -> None:
    """The EMP sends the next push only after the response to the previous one."""
    emp.failures.busy(OPERATION, beside)


@about(OPERATION, f"{OPERATION}.authorizes-offline", f"{OPERATION}.truthful")
def test_after_all_changes_customers_are_still_authorized(emp: Emp) -> None:
    """After an insert, an update and a delete, the customers of the profile are still uploaded."""
    with contextlib.suppress(Unobserved):
        emp.uploads.publish("delete")
        emp.uploads.publish("update")
    emp.uploads.full_load()
