"""The CPO publishes its prices: eRoamingPushPricingProductData and eRoamingPushEVSEPricing."""

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import script
from oicp_conformance.marks import about

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
def test_slow_answer_about_products_is_waited_for(cpo: Cpo, hub: Stage) -> None:
    """While Hubject still works on one push of products, the next is not sent."""
    hub.script(PRODUCTS, *script.SLOW)
    cpo.publish(PRODUCTS, "fullLoad")
    cpo.publish(PRODUCTS, "update")


@about(EVSES, "push.sequential")
def test_slow_answer_about_prices_is_waited_for(cpo: Cpo, hub: Stage) -> None:
    """While Hubject still works on one push of prices, the next is not sent."""
    cpo.publish(PRODUCTS, "fullLoad")
    hub.script(EVSES, *script.SLOW)
    cpo.publish(EVSES, "fullLoad")
    cpo.publish(EVSES, "update")
