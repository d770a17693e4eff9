"""The EMP refreshes its tariffs: eRoamingPullPricingProductData and eRoamingPullEVSEPricing."""

import pytest

from conformance.emp.driver import Emp
from conformance.hub import pulls
from conformance.hub.hub import Hub
from conformance.testing import about

OPERATIONS = ["eRoamingPullPricingProductData", "eRoamingPullEVSEPricing"]


def _operators(hub: Hub) -> dict[str, list[str]]:
    return {"OperatorIDs": [hub.profile.counterpart.operator_id]}


@about(OPERATIONS[0], "request.sent")
def test_products_are_pulled(emp: Emp, hub: Hub) -> None:
    """The products of an operator are asked for."""
    emp.pull(OPERATIONS[0], parameters=_operators(hub))


@about(OPERATIONS[1], "request.sent")
def test_prices_are_pulled(emp: Emp, hub: Hub) -> None:
    """The prices of an operator's EVSEs are asked for."""
    emp.pull(OPERATIONS[1], parameters=_operators(hub))


@about(OPERATIONS[0], "pull.survives")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_answer_without_status_code_is_survived(emp: Emp, hub: Hub, operation: str) -> None:
    """Hubject may leave out the StatusCode: the EMP pulls on."""
    hub.script(operation, pulls.without_status_code())
    emp.pull(operation, parameters=_operators(hub))
    emp.pull(operation, "pull.survives", _operators(hub))
