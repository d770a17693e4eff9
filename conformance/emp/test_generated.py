"""Requests that nobody thought of, generated from the contract and judged by the same rules."""

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage
from oicp_conformance.generated.properties import Property
from oicp_conformance.generated.requests import OF_EMP, RequestsToEmp
from oicp_conformance.generated.sequences import sessions_of_emp
from oicp_conformance.marks import about

VALID = ("request.valid", "request.nulls", "request.unknown-field", "request.non-ascii", "http.status")


@pytest.mark.parametrize("operation", [pytest.param(one, marks=about(one, *VALID)) for one in OF_EMP])
def test_any_valid_request_is_answered(emp: Emp, hub: Stage, generated: Property, operation: str) -> None:
    """Whatever the contract allows is accepted, or refused for a reason; what begins can be ended."""
    requests = RequestsToEmp(hub, emp, operation)
    generated.hold(requests.freedoms, requests.valid, requests.send)


@pytest.mark.parametrize(
    "operation", [pytest.param(one, marks=about(one, "request.malformed", "http.status")) for one in OF_EMP]
)
def test_any_invalid_request_is_refused_and_changes_nothing(
    emp: Emp, hub: Stage, generated: Property, operation: str
) -> None:
    """What the contract does not allow is never answered with a 5xx, begins nothing and ends nothing."""
    requests = RequestsToEmp(hub, emp, operation)
    generated.hold(["invalid"], requests.invalid, requests.send_wrong)
    requests.close()


@about("eRoamingChargingNotifications", "request.valid")
def test_sessions_in_any_order(emp: Emp, hub: Stage, generated: Property) -> None:
    """Customers come and go, and what is heard of them comes in any order: all of it is answered."""
    sessions_of_emp(generated, hub, emp)
