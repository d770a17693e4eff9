"""Pricing: EVSEs are priced with products that there are."""

from collections.abc import Iterator

from oicp_conformance.judge.outcome import Outcome, Record, Verdict, broken, held, rule
from oicp_conformance.judge.published import (
    EVSE_DATA,
    EVSE_PRICING,
    PRODUCTS,
    Published,
    each_once,
    key_of,
    pushed,
)
from oicp_conformance.judge.values import text


@rule
def known(record: Record) -> Iterator[Outcome]:
    """eRoamingPushEVSEPricing.known-products and .known-evses, once full loads told what there is."""
    products, evses = Published(PRODUCTS), Published(EVSE_DATA)
    for exchange in record.of(PRODUCTS, EVSE_DATA, EVSE_PRICING):
        products.see(exchange)
        evses.see(exchange)
        if exchange.operation != EVSE_PRICING or exchange.request.get("ActionType") == "delete":
            continue
        for pointer, one in pushed(exchange):
            listed = one.get("EvseIDProductList")
            names = [
                item.get("ProductID") if isinstance(item, dict) else item
                for item in (listed if isinstance(listed, list) else [])
            ]
            missing = [name for name in names if not (isinstance(name, str) and name in products.records)]
            if products.complete and missing:
                yield broken(
                    f"{EVSE_PRICING}.known-products",
                    exchange,
                    "an EVSE is priced with a product that is not published",
                    pointer=f"{pointer}/EvseIDProductList",
                    expected=", ".join(products.records) or "no product",
                    found=", ".join(map(str, missing)),
                )
            elif products.complete:
                yield held(f"{EVSE_PRICING}.known-products", exchange)
            if (key := key_of(EVSE_PRICING, one)) is None:
                continue  # a field that is missing is judged as that
            if evses.complete and key not in evses.records:
                yield broken(
                    f"{EVSE_PRICING}.known-evses",
                    exchange,
                    "an EVSE is priced whose data are not published",
                    pointer=f"{pointer}/EvseID",
                    expected="a published EVSE",
                    found=one.get("EvseID"),
                )
            elif evses.complete:
                yield held(f"{EVSE_PRICING}.known-evses", exchange)


@rule
def each_product_once(record: Record) -> Iterator[Outcome]:
    """product-unique: of the products of one push."""
    requirement = f"{PRODUCTS}.product-unique"
    for exchange in record.of(PRODUCTS):
        given = [
            (f"{pointer}/ProductID", name, name)
            for pointer, one in pushed(exchange)
            if (name := text(one, "ProductID"))
        ]
        yield from each_once(requirement, exchange, given, "product")


@rule
def availability_times(record: Record) -> Iterator[Outcome]:
    """availability-times: of products that are not always valid; a missing list is a field's matter."""
    requirement = f"{PRODUCTS}.availability-times"
    for exchange in record.of(PRODUCTS):
        for pointer, one in pushed(exchange):
            times = one.get("ProductAvailabilityTimes")
            if one.get("IsValid24hours") is not False or not isinstance(times, list):
                continue
            if times:
                yield held(requirement, exchange)
            else:
                yield broken(
                    requirement,
                    exchange,
                    "the product is not valid around the clock, and no times are given",
                    pointer=f"{pointer}/ProductAvailabilityTimes",
                    expected="the times at which it is applicable",
                    found="[]",
                    verdict=Verdict.WARNING,
                )
