"""The CPO publishes its prices: eRoamingPushPricingProductData and eRoamingPushEVSEPricing."""

from collections.abc import Mapping

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.cpo_pushes import SLOW
from oicp_conformance.marks import about, sessionless, together

PRODUCTS, EVSES = "eRoamingPushPricingProductData", "eRoamingPushEVSEPricing"
ACTIONS = ["fullLoad", "insert", "update", "delete"]


@about(PRODUCTS, *(f"{PRODUCTS}.{action}" for action in ACTIONS), f"{PRODUCTS}.product-unique")
@pytest.mark.parametrize("action", ACTIONS)
def test_products_are_published(cpo: Cpo, action: str) -> None:
    """Pricing products are inserted, updated and deleted, each once per push."""
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
    """The CPO prices each EVSE with products that it has published."""
    cpo.publish(PRODUCTS, "fullLoad")
    cpo.publish(EVSES, action)


@sessionless
@about(PRODUCTS, "push.sequential")
@together(SLOW)
def test_slow_answer_about_products_is_waited_for(cpo: Cpo, beside: Mapping[str, str]) -> None:
    """The CPO sends the next push of products only after the response to the previous one."""
    cpo.pushes.slowly(PRODUCTS, beside)


@sessionless
@about(EVSES, "push.sequential")
@together(SLOW)
def test_slow_answer_about_prices_is_waited_for(cpo: Cpo, beside: Mapping[str, str]) -> None:
    """The CPO sends the next push of prices only after the response to the previous one."""
    cpo.pushes.slowly(EVSES, beside)
