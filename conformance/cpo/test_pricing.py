"""The CPO publishes its prices: eRoamingPushPricingProductData and eRoamingPushEVSEPricing."""

from collections.abc import Mapping

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.cpo_pushes import SLOW
from oicp_conformance.marks import about, together

PRODUCTS, EVSES = "eRoamingPushPricingProductData", "eRoamingPushEVSEPricing"
ACTIONS = ["fullLoad", "insert", "update", "delete"]


@about(PRODUCTS, *(f"{PRODUCTS}.{action}" for action in ACTIONS), f"{PRODUCTS}.product-unique")
@pytest.mark.parametrize("action", ACTIONS)
def test_products_are_published(cpo: Cpo, action: str) -> None:
    """Pricing products appear, change and go, each of them once in a push."""
    cpo.publish(PRODUCTS, action)


@about(
    EVSES,
    *(f"{EVSES}.{action}" for action in ACTIONS),
    f"{EVSES}.known-products",
    "push.evse-of-operator",
    "push.evse-unique",
)
@pytest.mark.parametrize("action", ACTIONS)
def test_evses_are_priced_with_published_products(cpo: Cpo, action: str) -> None:
    """Each EVSE is priced with products that are published."""
    cpo.publish(PRODUCTS, "fullLoad")
    cpo.publish(EVSES, action)


@about(PRODUCTS, "push.sequential")
@together(SLOW)
def test_slow_answer_about_products_is_waited_for(cpo: Cpo, beside: Mapping[str, str]) -> None:
    """While Hubject still works on one push of products, the next is not sent."""
    cpo.pushes.slowly(PRODUCTS, beside)


@about(EVSES, "push.sequential")
@together(SLOW)
def test_slow_answer_about_prices_is_waited_for(cpo: Cpo, beside: Mapping[str, str]) -> None:
    """While Hubject still works on one push of prices, the next is not sent."""
    cpo.pushes.slowly(EVSES, beside)
