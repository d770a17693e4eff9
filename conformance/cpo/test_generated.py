"""Requests that are generated from the contract and judged by the same rules."""

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.stage import Stage
from oicp_conformance.generated.properties import Property
from oicp_conformance.generated.requests import OF_CPO, RequestsToCpo
from oicp_conformance.generated.sequences import sessions_of_cpo
from oicp_conformance.marks import about, generates

VALID = ("request.valid", "request.nulls", "request.unknown-field", "request.non-ascii", "http.status")


@generates("valid")
@pytest.mark.parametrize("operation", [pytest.param(one, marks=about(one, *VALID)) for one in OF_CPO])
def test_any_valid_request_is_answered(cpo: Cpo, hub: Stage, generated: Property, operation: str) -> None:
    """The CPO accepts what the contract allows, or rejects it for a reason; each session can be stopped."""
    requests = RequestsToCpo(hub, cpo, operation)
    generated.hold(requests.freedoms, requests.valid, requests.send)


@generates("invalid")
@pytest.mark.parametrize(
    "operation", [pytest.param(one, marks=about(one, "request.malformed", "http.status")) for one in OF_CPO]
)
def test_any_invalid_request_is_refused_and_changes_nothing(
    cpo: Cpo, hub: Stage, generated: Property, operation: str
) -> None:
    """What the contract does not allow gets no HTTP 5xx, and starts or stops no session."""
    requests = RequestsToCpo(hub, cpo, operation)
    generated.hold(["invalid"], requests.invalid, requests.send_wrong)
    requests.close()


@about("eRoamingChargeDetailRecord", "session.id-of-hub", "eRoamingChargeDetailRecord.one-per-session")
def test_sessions_in_any_order(cpo: Cpo, hub: Stage, generated: Property) -> None:
    """Drivers start and stop at all EVSEs, with the app and with cards: no session is mixed up."""
    sessions_of_cpo(generated, hub, cpo)
