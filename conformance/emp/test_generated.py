"""Requests that are generated from the contract and judged by the same rules."""

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage
from oicp_conformance.generated.properties import Property
from oicp_conformance.generated.requests import OF_EMP, RequestsToEmp
from oicp_conformance.generated.sequences import sessions_of_emp
from oicp_conformance.marks import about, generates

VALID = ("request.valid", "request.nulls", "request.unknown-field", "request.non-ascii", "http.status")


@generates("valid")
@pytest.mark.parametrize("operation", [pytest.param(one, marks=about(one, *VALID)) for one in OF_EMP])
def test_any_valid_request_is_answered(emp: Emp, hub: Stage, generated: Property, operation: str) -> None:
    """The EMP accepts what the contract allows, or rejects it for a reason; each session can be stopped."""
    requests = RequestsToEmp(hub, emp, operation)
    generated.hold(requests.freedoms, requests.valid, requests.send)


@generates("invalid")
@pytest.mark.parametrize(
    "operation", [pytest.param(one, marks=about(one, "request.malformed", "http.status")) for one in OF_EMP]
)
def test_any_invalid_request_is_refused_and_changes_nothing(
    emp: Emp, hub: Stage, generated: Property, operation: str
) -> None:
    """What the contract does not allow gets no HTTP 5xx, and starts or stops no session."""
    requests = RequestsToEmp(hub, emp, operation)
    generated.hold(["invalid"], requests.invalid, requests.send_wrong)
    requests.close()


@about("eRoamingChargingNotifications", "request.valid")
def test_sessions_in_any_order(emp: Emp, hub: Stage, generated: Property) -> None:
    """Customers start and stop, and their messages arrive in any order: the EMP responds to all of them."""
    sessions_of_emp(generated, hub, emp)
