"""The EMP refreshes its tariffs: eRoamingPullPricingProductData and eRoamingPullEVSEPricing."""

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import pulls, script
from oicp_conformance.marks import about, each

OPERATIONS = ["eRoamingPullPricingProductData", "eRoamingPullEVSEPricing"]


def _operators(hub: Stage) -> dict[str, list[str]]:
    return {"OperatorIDs": [hub.profile.counterpart.operator_id]}


@about(OPERATIONS[0], "request.sent")
def test_products_are_pulled(emp: Emp, hub: Stage) -> None:
    """The EMP pulls the products of an operator."""
    emp.pulls.read(OPERATIONS[0], parameters=_operators(hub))


@about(OPERATIONS[1], "request.sent")
def test_prices_are_pulled(emp: Emp, hub: Stage) -> None:
    """The EMP pulls the prices of an operator's EVSEs."""
    emp.pulls.read(OPERATIONS[1], parameters=_operators(hub))


@pytest.mark.parametrize("operation", each(OPERATIONS, "pull.survives"))
@pytest.mark.parametrize("freedom", pulls.PRICE_FREEDOMS)
def test_every_form_of_answer_is_tolerated(emp: Emp, hub: Stage, operation: str, freedom: str) -> None:
    """Hubject may have no price, and omit the StatusCode: the EMP continues to pull."""
    hub.script(operation, pulls.PRICE_FREEDOMS[freedom]())
    with emp.survives():
        emp.pulls.read(operation, parameters=_operators(hub))
        emp.pulls.read(operation, "pull.survives", _operators(hub))


@pytest.mark.parametrize("operation", each(OPERATIONS, "pull.failed-page"))
def test_pull_that_fails_does_not_end_the_pulls(emp: Emp, hub: Stage, operation: str) -> None:
    """A pull fails: the EMP repeats it, or the next one works."""
    hub.script(operation, script.http_error())
    with emp.survives():
        emp.pulls.ask(operation, _operators(hub))
        emp.pulls.read(operation, "pull.failed-page", _operators(hub))
