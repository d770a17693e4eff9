"""Prices as they are pushed: products that are consistent, and EVSEs and products that there are."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.published import Published, each_once, is_inserted, key_of, pushed
from oicp_conformance.judge.requirement import awaited, cpo, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import number, text
from oicp_conformance.oicp.operation_names import EVSE_DATA, EVSE_PRICING, PRODUCTS

PRODUCTS_FULL_LOAD = awaited(
    "eRoamingPushPricingProductData.fullLoad",
    cpo(
        "MAY",
        "The CPO may publish all pricing products with ActionType fullLoad.",
        Source("CPO 02", "eRoamingPushPricingProductDatamessage", 625, "explicit"),
        on=(PRODUCTS,),
    ),
)

PRODUCTS_INSERT = awaited(
    "eRoamingPushPricingProductData.insert",
    cpo(
        "MAY",
        "The CPO may publish new pricing products with ActionType insert.",
        Source("CPO 02", "eRoamingPushPricingProductDatamessage", 629, "explicit"),
        on=(PRODUCTS,),
    ),
)

PRODUCTS_UPDATE = awaited(
    "eRoamingPushPricingProductData.update",
    cpo(
        "MAY",
        "The CPO may publish changed pricing products with ActionType update.",
        Source("CPO 02", "eRoamingPushPricingProductData", 608, "explicit"),
        on=(PRODUCTS,),
    ),
)

PRODUCTS_DELETE = awaited(
    "eRoamingPushPricingProductData.delete",
    cpo(
        "MAY",
        "The CPO may remove published pricing products with ActionType delete.",
        Source("CPO 02", "eRoamingPushPricingProductData", 608, "explicit"),
        on=(PRODUCTS,),
    ),
)

PRICES_FULL_LOAD = awaited(
    "eRoamingPushEVSEPricing.fullLoad",
    cpo(
        "MAY",
        "The CPO may publish all EVSE prices with ActionType fullLoad.",
        Source("CPO 02", "eRoamingPushEVSEPricingmessage", 682, "explicit"),
        on=(EVSE_PRICING,),
    ),
)

PRICES_INSERT = awaited(
    "eRoamingPushEVSEPricing.insert",
    cpo(
        "MAY",
        "The CPO may publish new EVSE prices with ActionType insert.",
        Source("CPO 02", "eRoamingPushEVSEPricingmessage", 686, "explicit"),
        on=(EVSE_PRICING,),
    ),
)

PRICES_UPDATE = awaited(
    "eRoamingPushEVSEPricing.update",
    cpo(
        "MAY",
        "The CPO may publish changed EVSE prices with ActionType update.",
        Source("CPO 02", "eRoamingPushEVSEPricing", 655, "explicit"),
        on=(EVSE_PRICING,),
    ),
)

PRICES_DELETE = awaited(
    "eRoamingPushEVSEPricing.delete",
    cpo(
        "MAY",
        "The CPO may remove published EVSE prices with ActionType delete.",
        Source("CPO 02", "eRoamingPushEVSEPricing", 655, "explicit"),
        on=(EVSE_PRICING,),
    ),
)

PRODUCT_UNIQUE = requirement(
    "eRoamingPushPricingProductData.product-unique",
    cpo(
        "MUST",
        "A ProductID appears at most once per push.",
        Source("CPO 03", "PricingProductDataRecordType", 306, "explicit"),
        on=(PRODUCTS,),
    ),
)

AVAILABILITY_TIMES = requirement(
    "eRoamingPushPricingProductData.availability-times",
    cpo(
        "SHOULD",
        "A product with IsValid24hours false lists its ProductAvailabilityTimes; true means whole days.",
        Source("CPO 03", "PricingProductDataRecordType", 311, "explicit"),
        on=(PRODUCTS,),
    ),
)

FIXED_FEE = requirement(
    "eRoamingPushPricingProductData.fixed-fee",
    cpo(
        "SHOULD",
        "A product with a FIXED FEE has a PricePerReferenceUnit of zero.",
        Source("CPO 03", "AdditionalReferenceType", 697, "explicit"),
        on=(PRODUCTS,),
    ),
)

PLAUSIBLE_FIGURES = requirement(
    "eRoamingPushPricingProductData.plausible-figures",
    cpo(
        "SHOULD",
        "The power of a product is in kW, and a price is in the unit of its currency.",
        Source("CPO 03", "PricingProductDataRecordType", 309, "practice"),
        on=(PRODUCTS,),
    ),
)

_STRONGEST = 1000.0
"""kW: no charging point delivers more."""
_DEAREST = 10.0
"""A price of a kWh that nobody asks in one of these currencies."""
_IN_HUNDREDTHS = frozenset({"EUR", "USD", "GBP", "CHF"})

KNOWN_PRODUCTS = requirement(
    "eRoamingPushEVSEPricing.known-products",
    cpo(
        "SHOULD",
        "The CPO prices EVSEs only with products that it has published for that provider.",
        Source("CPO 03", "EvseIDProductListType", 331, "practice"),
        on=(EVSE_PRICING,),
    ),
)

KNOWN_EVSES = requirement(
    "eRoamingPushEVSEPricing.known-evses",
    cpo(
        "SHOULD",
        "The CPO pushes prices only for EVSEs whose data it has published.",
        Source("CPO 02", "eRoamingDynamicPricing", 594, "practice"),
        on=(EVSE_PRICING,),
    ),
)


_WORKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_WEEKEND = ("Saturday", "Sunday")
_DAYS: Mapping[str, tuple[str, ...]] = {
    "Workdays": _WORKDAYS,
    "Weekend": _WEEKEND,
    "Everyday": (*_WORKDAYS, *_WEEKEND),
}
_WHOLE_DAY = 23.9
"""Hours: an end at 23:59 is the end of the day."""


@rule(KNOWN_PRODUCTS, KNOWN_EVSES)
def known(record: Record) -> Iterator[Outcome]:
    """What is priced is known, once full loads told what there is."""
    by_provider: dict[str, Published] = defaultdict(lambda: Published(PRODUCTS))
    evses = Published(EVSE_DATA)
    for exchange in record.of(PRODUCTS, EVSE_DATA, EVSE_PRICING):
        if exchange.operation == PRODUCTS:
            # Each provider has products of its own, and a full load of one is no full load of another's.
            data = exchange.request.get("PricingProductData")
            by_provider[str(data.get("ProviderID") if isinstance(data, dict) else None)].see(exchange)
        evses.see(exchange)
        if exchange.operation != EVSE_PRICING or exchange.request.get("ActionType") == "delete":
            continue
        known_products = {name for one in by_provider.values() for name in one.records}
        lost = {name for one in by_provider.values() for name in one.lost}
        is_complete = any(one.complete for one in by_provider.values())
        for pointer, one in pushed(exchange):
            listed = one.get("EvseIDProductList")
            names = [
                item.get("ProductID") if isinstance(item, dict) else item
                for item in (listed if isinstance(listed, list) else [])
            ]
            # Prices may arrive while the products are loaded again, in several pushes.
            later = [one for one in record.of(PRODUCTS) if one.number > exchange.number] if lost else []
            missing = [
                name
                for name in names
                if not isinstance(name, str)
                or (name not in known_products and not (name in lost and is_inserted(later, PRODUCTS, name)))
            ]
            if is_complete and missing:
                yield KNOWN_PRODUCTS.broken(
                    exchange,
                    "the price names a product that has not been published",
                    pointer=f"{pointer}/EvseIDProductList",
                    expected=", ".join(sorted(known_products)) or "no product",
                    found=", ".join(map(str, missing)),
                )
            elif is_complete:
                yield KNOWN_PRODUCTS.held(exchange)
            if (key := key_of(EVSE_PRICING, one)) is None:
                continue  # a field that is missing is judged as that
            if evses.complete and key not in evses.records and key not in evses.lost:
                yield KNOWN_EVSES.broken(
                    exchange,
                    "price pushed for an EVSE whose data has not been published",
                    pointer=f"{pointer}/EvseID",
                    expected="a published EVSE",
                    found=one.get("EvseID"),
                )
            elif evses.complete:
                yield KNOWN_EVSES.held(exchange)


@rule(PRODUCT_UNIQUE, by_exchange=True)
def each_product_once(record: Record) -> Iterator[Outcome]:
    """Of the products of one push."""
    for exchange in record.of(PRODUCTS):
        given = [
            (f"{pointer}/ProductID", name, name)
            for pointer, one in pushed(exchange)
            if (name := text(one, "ProductID"))
        ]
        yield from each_once(PRODUCT_UNIQUE, exchange, given, "product")


@rule(AVAILABILITY_TIMES, by_exchange=True)
def availability_times(record: Record) -> Iterator[Outcome]:
    """Empty where they are needed, or partial where none are; a missing list is a field's matter."""
    for exchange in record.of(PRODUCTS):
        for pointer, one in pushed(exchange):
            times = one.get("ProductAvailabilityTimes")
            if not isinstance(times, list):
                continue
            if one.get("IsValid24hours") is True:
                yield from _whole_days(exchange, f"{pointer}/ProductAvailabilityTimes", times)
            if one.get("IsValid24hours") is not False:
                continue
            if times:
                yield AVAILABILITY_TIMES.held(exchange)
            else:
                yield AVAILABILITY_TIMES.broken(
                    exchange,
                    "IsValid24hours is false, but ProductAvailabilityTimes is missing",
                    pointer=f"{pointer}/ProductAvailabilityTimes",
                    expected="the times at which the product is available",
                    found="[]",
                )


def _whole_days(exchange: Exchange, pointer: str, times: list[Any]) -> Iterator[Outcome]:
    """Whether the times of a product that is valid 24 hours a day leave out a part of a day."""
    hours: dict[str, float] = defaultdict(float)
    for one in times:
        on = text(one, "on") if isinstance(one, dict) else None
        for day in _DAYS.get(on or "", (on,) if on else ()):
            hours[day] += sum(map(_hours, _periods(one)))
    short = [(day, given) for day, given in hours.items() if 0 < given < _WHOLE_DAY]
    if short:
        day, given = short[0]
        yield AVAILABILITY_TIMES.broken(
            exchange,
            f"IsValid24hours is true, and ProductAvailabilityTimes has {given:g} hours of {day}",
            pointer=pointer,
            expected="24 hours, or IsValid24hours false",
            found=times,
        )
    elif hours:
        yield AVAILABILITY_TIMES.held(exchange)


def _periods(times: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The periods of a day, in either spelling and form (C022)."""
    given = times.get("Periods", times.get("Period"))
    return [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, dict)]


def _hours(period: Mapping[str, Any]) -> float:
    """The length of a period, which may go on after midnight; that of one that cannot be read is a day."""
    try:
        begin, end = (int(clock[:2]) + int(clock[3:5]) / 60 for clock in (period["begin"], period["end"]))
    except (KeyError, TypeError, ValueError):
        return 24.0
    return end - begin if end > begin else end - begin + 24


@rule(FIXED_FEE, by_exchange=True)
def fixed_fee(record: Record) -> Iterator[Outcome]:
    """Of products with a single price for a session."""
    for exchange in record.of(PRODUCTS):
        for pointer, one in pushed(exchange):
            references = one.get("AdditionalReferences")
            named = [
                item.get("AdditionalReference")
                for item in (references if isinstance(references, list) else [])
                if isinstance(item, dict)
            ]
            price = number(one, "PricePerReferenceUnit")
            if "FIXED FEE" not in named or price is None:
                continue
            if price == 0:
                yield FIXED_FEE.held(exchange)
            else:
                yield FIXED_FEE.broken(
                    exchange,
                    "the product has a FIXED FEE, but also a price per unit",
                    pointer=f"{pointer}/PricePerReferenceUnit",
                    expected="0",
                    found=price,
                )


@rule(PLAUSIBLE_FIGURES, by_exchange=True)
def plausible_figures(record: Record) -> Iterator[Outcome]:
    """Products with figures of another unit."""
    for exchange in record.of(PRODUCTS):
        if exchange.request.get("ActionType") == "delete":
            continue
        for pointer, one in pushed(exchange):
            power, price = (
                number(one, name) for name in ("MaximumProductChargingPower", "PricePerReferenceUnit")
            )
            currency = text(one, "ProductPriceCurrency")
            is_of_energy = one.get("ReferenceUnit") == "KILOWATT_HOUR" and currency in _IN_HUNDREDTHS
            if power is not None and power > _STRONGEST:
                yield PLAUSIBLE_FIGURES.broken(
                    exchange,
                    f"the product is for a power of {power:g} kW: is it in W?",
                    pointer=f"{pointer}/MaximumProductChargingPower",
                    expected=f"at most {_STRONGEST:g}",
                    found=power,
                )
            if is_of_energy and price is not None and price > _DEAREST:
                yield PLAUSIBLE_FIGURES.broken(
                    exchange,
                    f"a kWh costs {price:g} {currency}: is the price in hundredths of the currency?",
                    pointer=f"{pointer}/PricePerReferenceUnit",
                    expected=f"at most {_DEAREST:g}",
                    found=price,
                )
            elif power is not None and power <= _STRONGEST:
                yield PLAUSIBLE_FIGURES.held(exchange)
