"""Requests that nobody thought of, generated from the contract and judged by the same rules."""

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.stage import Stage
from oicp_conformance.generated.properties import Property
from oicp_conformance.generated.requests import OF_CPO, RequestsToCpo
from oicp_conformance.generated.sequences import sessions_of_cpo
from oicp_conformance.marks import about

VALID = ("request.valid", "request.nulls", "request.unknown-field", "request.non-ascii", "http.status")


@pytest.mark.parametrize("operation", [pytest.param(one, marks=about(one, *VALID)) for one in OF_CPO])
def test_any_valid_request_is_answered(cpo: Cpo, hub: Stage, generated: Property, operation: str) -> None:
    """Whatever the contract allows is accepted, or refused for a reason; what begins can be ended."""
    requests = RequestsToCpo(hub, cpo, operation)
    generated.hold(requests.freedoms, requests.valid, requests.send)


@pytest.mark.parametrize(
    "operation", [pytest.param(one, marks=about(one, "request.malformed", "http.status")) for one in OF_CPO]
)
def test_any_invalid_request_is_refused_and_changes_nothing(
    cpo: Cpo, hub: Stage, generated: Property, operation: str
) -> None:
    """What the contract does not allow is never answered with a 5xx, begins nothing and ends nothing."""
    requests = RequestsToCpo(hub, cpo, operation)
    generated.hold(["invalid"], requests.invalid, requests.send_wrong)
    requests.close()


@about("eRoamingChargeDetailRecord", "session.id-of-hub", "eRoamingChargeDetailRecord.one-per-session")
def test_sessions_in_any_order(cpo: Cpo, hub: Stage, generated: Property) -> None:
    """Drivers come and go at all charging points, with the app and with cards: nothing is mixed up."""
    sessions_of_cpo(generated, hub, cpo)
