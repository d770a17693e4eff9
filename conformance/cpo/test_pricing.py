"""The CPO publishes its prices: eRoamingPushPricingProductData and eRoamingPushEVSEPricing."""

import pytest

from conformance.cpo.driver import Cpo
from conformance.testing import about

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
def test_evses_are_priced_with_products_that_there_are(cpo: Cpo, action: str) -> None:
    """Each EVSE is priced with products that are published."""
    cpo.publish(PRODUCTS, "fullLoad")
    cpo.publish(EVSES, action)
