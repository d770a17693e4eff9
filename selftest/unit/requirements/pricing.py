"""Pricing: products each once, and EVSEs priced with what there is."""

from selftest.unit import examples as ex
from selftest.unit.journals import EVSE, OTHER_EVSE, Journal, a_cpo
from selftest.unit.requirements.push import actions
from selftest.unit.requirements.row import Row, Talk, broken
from selftest.unit.wording import Body

_PRODUCTS, _PRICES = "eRoamingPushPricingProductData", "eRoamingPushEVSEPricing"
_PRODUCT = "/PricingProductData/PricingProductDataRecords"


def _priced(product: str, evse: str = EVSE, *, published: bool = True) -> Talk:
    """The first EVSE and the product `AC 1` are published, and then an EVSE is priced."""

    def talk(cpo: Journal) -> None:
        action = "fullLoad" if published else "insert"
        cpo.push_evse_data(action=action)
        cpo.push_products(action=action)
        cpo.push_prices(ex.evse_pricing(product, EvseID=evse))

    return talk


def _of_energy(price: float) -> Body:
    return ex.product(ReferenceUnit="KILOWATT_HOUR", PricePerReferenceUnit=price)


_FIXED = [
    {
        "AdditionalReference": "FIXED FEE",
        "AdditionalReferenceUnit": "HOUR",
        "PricePerAdditionalReferenceUnit": 5,
    }
]

ROWS = (
    *actions(a_cpo, _PRODUCTS, Journal.push_products),
    *actions(a_cpo, _PRICES, Journal.push_prices),
    Row(
        a_cpo,
        f"{_PRODUCTS}.product-unique",
        holds=lambda cpo: cpo.push_products(ex.product(ProductID="AC 1"), ex.product(ProductID="AC 2")),
        breaks=broken(
            lambda cpo: cpo.push_products(ex.product(ProductID="AC 1"), ex.product(ProductID="AC 1")),
            f"{_PRODUCT}/1/ProductID",
            "AC 1",
            "more than once",
        ),
        unclear=lambda cpo: cpo.push_products(PricingProductData=ex.products()),
    ),
    Row(
        a_cpo,
        f"{_PRODUCTS}.availability-times",
        holds=lambda cpo: cpo.push_products(ex.product(IsValid24hours=False)),
        breaks=broken(
            lambda cpo: cpo.push_products(ex.product(IsValid24hours=False, ProductAvailabilityTimes=[])),
            f"{_PRODUCT}/0/ProductAvailabilityTimes",
            "ProductAvailabilityTimes is missing",
            "[]",
        ),
        unclear=lambda cpo: cpo.push_products(ex.product(IsValid24hours=True, ProductAvailabilityTimes=[])),
    ),
    Row(
        a_cpo,
        f"{_PRODUCTS}.fixed-fee",
        holds=lambda cpo: cpo.push_products(
            ex.product(PricePerReferenceUnit=0, AdditionalReferences=_FIXED), ex.product(ProductID="AC 2")
        ),
        breaks=broken(
            lambda cpo: cpo.push_products(ex.product(PricePerReferenceUnit=0.4, AdditionalReferences=_FIXED)),
            f"{_PRODUCT}/0/PricePerReferenceUnit",
            "FIXED FEE",
            "0.4",
        ),
        unclear=lambda cpo: cpo.push_products(ex.product(PricePerReferenceUnit=0.4)),
    ),
    Row(
        a_cpo,
        f"{_PRODUCTS}.plausible-figures",
        # A currency without hundredths, and a price of an hour.
        holds=lambda cpo: cpo.push_products(
            ex.product(ReferenceUnit="KILOWATT_HOUR", ProductPriceCurrency="JPY", PricePerReferenceUnit=55),
            ex.product(ProductID="AC 2", PricePerReferenceUnit=12),
            _of_energy(0.49) | {"ProductID": "AC 3"},
        ),
        breaks=broken(
            lambda cpo: cpo.push_products(ex.product(MaximumProductChargingPower=22000)),
            f"{_PRODUCT}/0/MaximumProductChargingPower",
            "22000 kW: is it in W?",
            "at most 1000",
        ),
        unclear=lambda cpo: cpo.push_products(ex.product(MaximumProductChargingPower=22000), action="delete"),
    ),
    Row(
        a_cpo,
        f"{_PRICES}.known-products",
        holds=_priced("AC 1"),
        breaks=broken(_priced("AC 2"), "/EVSEPricing/0/EvseIDProductList", "AC 2", "AC 1"),
        unclear=_priced("AC 2", published=False),
    ),
    Row(
        a_cpo,
        f"{_PRICES}.known-evses",
        holds=_priced("AC 1"),
        breaks=broken(
            _priced("AC 1", OTHER_EVSE), "/EVSEPricing/0/EvseID", OTHER_EVSE, "has not been published"
        ),
        unclear=_priced("AC 1", OTHER_EVSE, published=False),
    ),
)
