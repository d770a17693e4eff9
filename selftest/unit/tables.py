"""Messages in order, and messages with one thing wrong."""

from typing import Any

from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.types import Role
from selftest.unit import examples as ex
from selftest.unit import models as on

SOUND: tuple[tuple[type[Message], dict[str, Any], Role], ...] = (
    (on.PUSH, ex.pushed(), "cpo"),
    (on.PUSH, ex.push_evses(ex.example_evse()), "cpo"),
    (on.PUSH, ex.push_evses(), "cpo"),
    (on.PUSH, ex.pushed(SomethingOfTomorrow=1), "cpo"),
    (
        on.PUSH,
        ex.pushed(GeoCoordinates={**ex.google(), "DecimalDegree": None, "DegreeMinuteSeconds": None}),
        "cpo",
    ),
    (on.STATUS, ex.push_status("Available", "Reserved", "Occupied", "OutOfService", "Unknown"), "cpo"),
    (on.STATUS, ex.push_status(), "cpo"),
    (on.PRODUCTS, ex.push_products(ex.product()), "cpo"),
    (on.PRODUCTS, ex.push_products(ex.product(ProductAvailabilityTimes=[], IsValid24hours=True)), "cpo"),
    (on.PRODUCTS, ex.push_products(OperatorName=None), "cpo"),
    (on.PRICES, {"ActionType": "delete", "EVSEPricing": [ex.evse_pricing()]}, "cpo"),
    (on.RESERVE, ex.remote(Duration=15, PartnerProductID="Reservation", **ex.PARTNERS), "emp"),
    (on.RESERVE, ex.without(ex.remote(), "SessionID"), "emp"),
    (on.RELEASE, ex.remote_stop(), "emp"),
    (on.PULL, ex.pull_evses(), "emp"),
    (on.PULL_STATUS, {"ProviderID": "DE-DCB"}, "emp"),
    (on.PULL_BY_ID, {"ProviderID": "DE-DCB", "EvseID": ["DE*ABC*E1"] * 100}, "emp"),
    (on.PULL_BY_OPERATOR, {"ProviderID": "DE-DCB", "OperatorID": ["DE*ABC", "+49*810"]}, "emp"),
    (on.PULL_PRICES, {"ProviderID": "DE-DCB", "OperatorIDs": ["DE*ABC"]}, "emp"),
    (on.PULL_PRODUCTS, {"OperatorIDs": ["DE*ABC"], "ProviderID": "DE-DCB"}, "emp"),
    (on.RECORDS, ex.get_records(SessionID=[ex.SESSION], CDRForwarded=True), "emp"),
)


BROKEN: tuple[tuple[type[Message], dict[str, Any], Role, str], ...] = (
    (on.PUSH, ex.without(ex.push_evses(), "ActionType"), "cpo", "/ActionType"),
    (on.PUSH, ex.push_evses(OperatorName=None), "cpo", "/OperatorEvseData/OperatorName"),
    (on.PUSH, ex.push_evses(OperatorName="x" * 101), "cpo", "/OperatorEvseData/OperatorName"),
    (on.PUSH, ex.push_evses(EvseDataRecord=None), "cpo", "/OperatorEvseData/EvseDataRecord"),
    *((on.PUSH, ex.pushed(**{name: None}), "cpo", f"{on.EVSE}/{name}") for name in ex.evse()),
    (on.PUSH, ex.pushed(Address=ex.address(Street="A")), "cpo", f"{on.EVSE}/Address/Street"),
    (on.PUSH, ex.pushed(Address=ex.address(City="")), "cpo", f"{on.EVSE}/Address/City"),
    (on.PUSH, ex.pushed(Address=ex.address(Floor="second")), "cpo", f"{on.EVSE}/Address/Floor"),
    (
        on.PUSH,
        ex.pushed(ChargingFacilities=[{"Power": 22}]),
        "cpo",
        f"{on.EVSE}/ChargingFacilities/0/PowerType",
    ),
    (
        on.PUSH,
        ex.pushed(ChargingStationNames=[ex.text(lang=None)]),
        "cpo",
        f"{on.EVSE}/ChargingStationNames/0/lang",
    ),
    (
        on.PUSH,
        ex.pushed(ChargingStationNames=[ex.text("x" * 151)]),
        "cpo",
        f"{on.EVSE}/ChargingStationNames/0/value",
    ),
    (on.PUSH, ex.pushed(GeoCoordinates={}), "cpo", f"{on.EVSE}/GeoCoordinates"),
    (on.PUSH, ex.pushed(GeoCoordinates=ex.three_formats()), "cpo", f"{on.EVSE}/GeoCoordinates"),
    (on.STATUS, ex.push_status("Charging"), "cpo", "/OperatorEvseStatus/EvseStatusRecord/0/EvseStatus"),
    (on.PRICES, {"ActionType": "insert", "EVSEPricing": []}, "cpo", "/EVSEPricing"),
    (
        on.PRICES,
        {"ActionType": "insert", "EVSEPricing": [ex.evse_pricing(EvseIDProductList=[])]},
        "cpo",
        "/EVSEPricing/0/EvseIDProductList",
    ),
    (on.PRODUCTS, ex.push_products(ex.product(ProductID="x" * 51)), "cpo", f"{on.PRODUCT}/ProductID"),
    (
        on.PRODUCTS,
        ex.push_products(ex.product(PricePerReferenceUnit="1.00")),
        "cpo",
        f"{on.PRODUCT}/PricePerReferenceUnit",
    ),
    (on.PULL_BY_ID, {"ProviderID": "DE-DCB", "EvseID": ["DE*ABC*E1"] * 101}, "emp", "/EvseID"),
    (on.PULL_BY_ID, {"ProviderID": "DE-DCB", "EvseID": "DE*ABC*E1"}, "emp", "/EvseID"),
    (
        on.PRICES,
        {"ActionType": "insert", "EVSEPricing": [ex.evse_pricing(EvseIDProductList="AC1")]},
        "cpo",
        "/EVSEPricing/0/EvseIDProductList",
    ),
    (on.PULL, {"ProviderID": "DE-DCB"}, "emp", "/GeoCoordinatesResponseFormat"),
    (on.PULL, ex.pull_evses(RenewableEnergy="true"), "emp", "/RenewableEnergy"),
    (on.RECORDS, ex.without(ex.get_records(), "To"), "emp", "/To"),
    (on.RESERVE, ex.without(ex.remote(), "Identification"), "emp", "/Identification"),
    (on.RELEASE, ex.without(ex.remote_stop(), "SessionID"), "emp", "/SessionID"),
)
