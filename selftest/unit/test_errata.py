"""Where the documents contradict each other: what one of them supports, and what none does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from oicp_conformance.judge.structure import look
from oicp_conformance.oicp.errata import ERRATA
from oicp_conformance.oicp.fields import fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.operations import OPERATIONS
from oicp_conformance.oicp.types import Role
from selftest.unit import examples as ex
from selftest.unit import models as on

FACILITY, COORDINATES = f"{on.EVSE}/ChargingFacilities/0", f"{on.EVSE}/GeoCoordinates"
TIMES = f"{on.PRODUCT}/ProductAvailabilityTimes/0"
PERIOD = {"begin": "09:00", "end": "18:00"}
LATER = {"begin": "19:00", "end": "25:00"}
SESSION_END = "/SessionEnd"

TOLERATED: tuple[tuple[str, str, type[Message], Role, dict[str, Any], str, dict[str, Any], str], ...] = (
    # erratum, verdict, message, sender, what is tolerated, where, what no document supports, where it fails
    (
        "C010",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(ChargingStationId="1"),
        f"{on.EVSE}/ChargingStationId",
        ex.pushed(ChargingStationId="x" * 51),
        f"{on.EVSE}/ChargingStationId",
    ),
    (
        "C011",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(ChargingFacilities=[ex.facility(**{"Charging Modes": ["Mode_3"]})]),
        f"{FACILITY}/Charging Modes",
        ex.pushed(ChargingFacilities=[ex.facility(**{"Charging Modes": ["Mode 3"]})]),
        f"{FACILITY}/Charging Modes/0",
    ),
    (
        "C013",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(OpeningTimes=[{"Period": [PERIOD], "On": "Monday"}]),
        f"{on.EVSE}/OpeningTimes/0/On",
        ex.pushed(OpeningTimes=[{"Period": [PERIOD], "ON": "Monday"}]),
        f"{on.EVSE}/OpeningTimes/0/on",
    ),
    (
        "C015",
        "warning",
        on.PULL,
        "emp",
        ex.pull_evses(OperatorIDs=["DE*ABC"]),
        "/OperatorIDs",
        ex.pull_evses(OperatorIDs=["ABC"]),
        "/OperatorIDs/0",
    ),
    (
        "C015",
        "warning",
        on.PULL_PRODUCTS,
        "emp",
        {"OperatorIds": ["DE*ABC"]},
        "/OperatorIds",
        {"Operators": ["DE*ABC"]},
        "/OperatorIDs",
    ),
    (
        "C017",
        "silent",
        on.PULL_STATUS,
        "emp",
        {"ProviderID": "DE-DCB", "EvseStatus": "Available"},
        "/EvseStatus",
        {"ProviderID": "DE-DCB", "EvseStatus": "Free"},
        "/EvseStatus",
    ),
    (
        "C018",
        "warning",
        on.RECORDS,
        "emp",
        ex.get_records(CDRForwarder=True),
        "/CDRForwarder",
        ex.get_records(CDRForwarder="yes"),
        "/CDRForwarder",
    ),
    (
        "C019",
        "warning",
        on.CDR,
        "cpo",
        ex.charge_detail_record(HubProviderId="DE-DCB"),
        "/HubProviderId",
        ex.charge_detail_record(HubProviderId="DCB"),
        "/HubProviderId",
    ),
    (
        "C020",
        "warning",
        on.RELEASE,
        "emp",
        ex.remote_stop(EMPPartnerSessionId="1"),
        "/EMPPartnerSessionId",
        ex.remote_stop(EMPPartnerSessionId=1),
        "/EMPPartnerSessionId",
    ),
    (
        "C022",
        "warning",
        on.PRODUCTS,
        "cpo",
        ex.available(Period=[PERIOD]),
        f"{TIMES}/Period",
        ex.available(Period=[LATER]),
        f"{TIMES}/Period/0/end",
    ),
    (
        "C022",
        "warning",
        on.PRODUCTS,
        "cpo",
        ex.available(Period=PERIOD),
        f"{TIMES}/Period",
        ex.available(Period=LATER),
        f"{TIMES}/Period/end",
    ),
    ("C044", "warning", on.ACK, "emp", {"Result": True}, "/StatusCode", {"Result": False}, "/StatusCode"),
    (
        "C059",
        "warning",
        on.PRODUCTS,
        "cpo",
        ex.priced(ProductAvailabilityTimes=None, IsValid24hours=True),
        f"{on.PRODUCT}/ProductAvailabilityTimes",
        ex.priced(ProductAvailabilityTimes=None, IsValid24hours=False),
        f"{on.PRODUCT}/ProductAvailabilityTimes",
    ),
    (
        "C070",
        "warning",
        on.CDR,
        "cpo",
        ex.charge_detail_record(MeterValueInBetween=[1.5]),
        "/MeterValueInBetween",
        ex.charge_detail_record(MeterValueInBetween=["1.5"]),
        "/MeterValueInBetween",
    ),
    (
        "C071",
        "warning",
        on.PRICES,
        "cpo",
        ex.priced_evse({"ProductID": "AC1"}),
        "/EVSEPricing/0/EvseIDProductList/0",
        ex.priced_evse({"Product": "AC1"}),
        "/EVSEPricing/0/EvseIDProductList/0",
    ),
    (
        "C078",
        "fail",
        on.CDR,
        "cpo",
        ex.charge_detail_record(MeterValueEnd="30.541"),
        "/MeterValueEnd",
        ex.charge_detail_record(MeterValueEnd="30,541"),
        "/MeterValueEnd",
    ),
    (
        "C072",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(OpeningTimes=[ex.opening(Period=PERIOD)]),
        f"{on.EVSE}/OpeningTimes/0/Period",
        ex.pushed(OpeningTimes=[ex.opening(Period=LATER)]),
        f"{on.EVSE}/OpeningTimes/0/Period/end",
    ),
    (
        "C073",
        "warning",
        on.PRODUCTS,
        "cpo",
        ex.priced(ProductAvailabilityTimes={"Periods": [PERIOD], "on": "Monday"}),
        f"{on.PRODUCT}/ProductAvailabilityTimes",
        ex.priced(ProductAvailabilityTimes={"Periods": [PERIOD], "on": "Mon"}),
        f"{on.PRODUCT}/ProductAvailabilityTimes/on",
    ),
    (
        "C074",
        "silent",
        on.RECORDS,
        "emp",
        ex.get_records(OperatorID="DE*ABC"),
        "/OperatorID",
        ex.get_records(OperatorID="ABC"),
        "/OperatorID",
    ),
    (
        "C080",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(ChargingFacilities=[ex.facility(Power=11.5)]),
        f"{FACILITY}/Power",
        ex.pushed(ChargingFacilities=[ex.facility(Power="11")]),
        f"{FACILITY}/Power",
    ),
    (
        "C082",
        "silent",
        on.CDR,
        "cpo",
        ex.charge_detail_record(MeterValueInBetween={"meterValues": None}),
        "/MeterValueInBetween/meterValues",
        ex.charge_detail_record(ConsumedEnergy=None),
        "/ConsumedEnergy",
    ),
    (
        "C096",
        "warning",
        on.PULL,
        "emp",
        ex.centre(0),
        "/SearchCenter/Radius",
        ex.centre("5"),
        "/SearchCenter/Radius",
    ),
    (
        "C096",
        "warning",
        on.PULL,
        "emp",
        ex.centre(1000.25),
        "/SearchCenter/Radius",
        ex.centre(None),
        "/SearchCenter/Radius",
    ),
    (
        "C097",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(HardwareManufacturers="x"),
        f"{on.EVSE}/HardwareManufacturer",
        ex.pushed(Plugs=None, Plug=["CHAdeMO"]),
        f"{on.EVSE}/Plugs",
    ),
    (
        "C100",
        "warning",
        on.NOTIFIED["Error"]["cpo"],
        "cpo",
        ex.notification("Error", ErrorType="Connector Error"),
        "/ErrorType",
        ex.notification("Error", ErrorType="connector error"),
        "/ErrorType",
    ),
    (
        "C105",
        "warning",
        on.ACK,
        "cpo",
        {"Result": False, "StatusCode": {"Code": "404"}},
        "/StatusCode/Code",
        {"Result": False, "StatusCode": {"Code": "403"}},
        "/StatusCode/Code",
    ),
    (
        "C107",
        "warning",
        on.PRODUCTS,
        "cpo",
        ex.push_products(PricingDefaultPriceCurrency="XXX"),
        "/PricingProductData/PricingDefaultPriceCurrency",
        ex.push_products(PricingDefaultPriceCurrency="eur"),
        "/PricingProductData/PricingDefaultPriceCurrency",
    ),
    (
        "C112",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(Address=ex.address(Country="XKX")),
        f"{on.EVSE}/Address/Country",
        ex.pushed(Address=ex.address(Country="DE")),
        f"{on.EVSE}/Address/Country",
    ),
    (
        "C115",
        "warning",
        on.STATUS,
        "cpo",
        ex.push_status("EvseNotFound"),
        "/OperatorEvseStatus/EvseStatusRecord/0/EvseStatus",
        ex.push_status("NotFound"),
        "/OperatorEvseStatus/EvseStatusRecord/0/EvseStatus",
    ),
    (
        "C122",
        "warning",
        on.START,
        "cpo",
        ex.authorize(Identification={"RFIDMifareFamilyIdentification": {"UID": "1234abcd"}}),
        "/Identification/RFIDMifareFamilyIdentification/UID",
        ex.authorize(Identification={"RFIDMifareFamilyIdentification": {"UID": "1234:ABCD"}}),
        "/Identification/RFIDMifareFamilyIdentification/UID",
    ),
    (
        "C126",
        "warning",
        on.REMOTE_START,
        "emp",
        ex.remote(Identification={"RemoteIdentification": {"EvcoID": "DE-DCB-c12345678-X"}}),
        "/Identification/RemoteIdentification/EvcoID",
        ex.remote(Identification={"RemoteIdentification": {"EvcoID": "DE|8EO|Aet5e4|3"}}),
        "/Identification/RemoteIdentification/EvcoID",
    ),
    (
        "C128",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(EvseID="de*abc*E1a"),
        f"{on.EVSE}/EvseID",
        ex.pushed(EvseID="de*abc*e1"),
        f"{on.EVSE}/EvseID",
    ),
    (
        "C132",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(GeoCoordinates=ex.google("52.480495, 13.356465")),
        f"{COORDINATES}/Google/Coordinates",
        ex.pushed(GeoCoordinates=ex.google("52.480495; 13.356465")),
        f"{COORDINATES}/Google/Coordinates",
    ),
    (
        "C132",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(GeoCoordinates=ex.google("47.6622499.360922")),
        f"{COORDINATES}/Google/Coordinates",
        ex.pushed(GeoCoordinates=ex.google("147.662249,9.360922")),
        f"{COORDINATES}/Google/Coordinates",
    ),
    (
        "C134",
        "warning",
        on.PUSH,
        "cpo",
        ex.sexagesimal("99°99'99.9''"),
        f"{COORDINATES}/DegreeMinuteSeconds/Latitude",
        ex.sexagesimal("9°21'39''"),
        f"{COORDINATES}/DegreeMinuteSeconds/Latitude",
    ),
    (
        "C137",
        "warning",
        on.UPLOAD,
        "emp",
        {
            "ActionType": "insert",
            "ProviderAuthenticationData": {
                "ProviderID": "DE-DCB",
                "AuthenticationDataRecord": [
                    {
                        "Identification": {
                            "QRCodeIdentification": {
                                "EvcoID": ex.EVCO,
                                "HashedPIN": {"Function": "Bcrypt", "Value": "abc\\defghi"},
                            }
                        }
                    }
                ],
            },
        },
        "/ProviderAuthenticationData/AuthenticationDataRecord/0/Identification/QRCodeIdentification/HashedPIN/Value",
        {
            "ActionType": "insert",
            "ProviderAuthenticationData": {
                "ProviderID": "DE-DCB",
                "AuthenticationDataRecord": [
                    {
                        "Identification": {
                            "QRCodeIdentification": {
                                "EvcoID": ex.EVCO,
                                "HashedPIN": {"Function": "Bcrypt", "Value": "abc:defghi"},
                            }
                        }
                    }
                ],
            },
        },
        "/ProviderAuthenticationData/AuthenticationDataRecord/0/Identification/QRCodeIdentification/HashedPIN/Value",
    ),
    (
        "C140",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(ChargingPoolID="DE*ABC*P*1"),
        f"{on.EVSE}/ChargingPoolID",
        ex.pushed(ChargingPoolID="DE*ABC*E1"),
        f"{on.EVSE}/ChargingPoolID",
    ),
    (
        "C143",
        "warning",
        on.CDR,
        "cpo",
        ex.charge_detail_record(SessionEnd="2026-11-22T11:00:00.5Z"),
        SESSION_END,
        ex.charge_detail_record(SessionEnd="2026-11-22T11:00:00z"),
        SESSION_END,
    ),
    (
        "C143",
        "silent",
        on.PULL,
        "emp",
        ex.pull_evses(LastCall="2026-11-22T11:00:00Z"),
        "/LastCall",
        ex.pull_evses(LastCall="2026-11-22T11:00:00"),
        "/LastCall",
    ),
    (
        "C151",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(ChargingFacilities=[ex.facility(Amperage=1250)]),
        f"{FACILITY}/Amperage",
        ex.pushed(ChargingFacilities=[ex.facility(Amperage="125 A")]),
        f"{FACILITY}/Amperage",
    ),
    (
        "C151",
        "warning",
        on.PUSH,
        "cpo",
        ex.pushed(ChargingFacilities=[ex.facility(Voltage=2000)]),
        f"{FACILITY}/Voltage",
        ex.pushed(ChargingFacilities=[ex.facility(Voltage=-1)]),
        f"{FACILITY}/Voltage",
    ),
    (
        "C247",
        "warning",
        on.RECORDS,
        "emp",
        ex.get_records(SessionID=ex.SESSION),
        "/SessionID",
        ex.get_records(SessionID={"id": ex.SESSION}),
        "/SessionID",
    ),
    (
        "C250",
        "warning",
        on.CDR,
        "cpo",
        ex.charge_detail_record(ConsumedEnergy=0.1 + 0.2),
        "/ConsumedEnergy",
        ex.charge_detail_record(ConsumedEnergy=0.1234),
        "/ConsumedEnergy",
    ),
)


@pytest.mark.parametrize(
    ("erratum", "verdict", "model", "sender", "tolerated", "pointer"),
    [row[:6] for row in TOLERATED],
    ids=[f"{row[0]}{row[5]}" for row in TOLERATED],
)
def test_what_some_document_supports_is_told_with_its_contradiction(
    erratum: str, verdict: str, model: type[Message], sender: Role, tolerated: dict[str, Any], pointer: str
) -> None:
    found = on.blamed(model, tolerated, sender)
    assert found == ({} if verdict == "silent" else {pointer: f"{verdict} {erratum}"})


@pytest.mark.parametrize(
    ("model", "sender", "body", "pointer"),
    [(row[2], row[3], row[6], row[7]) for row in TOLERATED],
    ids=[f"{row[0]}{row[7]}" for row in TOLERATED],
)
def test_what_no_document_supports_fails(
    model: type[Message], sender: Role, body: dict[str, Any], pointer: str
) -> None:
    assert on.blamed(model, body, sender)[pointer].startswith("fail")


def test_what_a_document_gets_wrong_is_hinted_at() -> None:
    names = {"ChargingStationNames": None, "ChargingStationName": [ex.text()]}
    for body, pointer, hint in (
        (
            ex.pushed(GeoCoordinates={"Google": {"Coordinatea": "52.4 13.3"}}),
            f"{COORDINATES}/Google/Coordinates",
            "Coordinatea",
        ),
        (ex.pushed(**names), f"{on.EVSE}/ChargingStationNames", "ChargingStationName "),
        (
            ex.pushed(OpeningTimes=[{"Periods": [PERIOD], "on": "Monday"}]),
            f"{on.EVSE}/OpeningTimes/0/Period",
            "Periods",
        ),
        (ex.pushed(DynamicInfoAvailable=True), f"{on.EVSE}/DynamicInfoAvailable", "string"),
    ):
        (looked,) = (one for one in look(on.PUSH, body, "cpo") if one.verdict != "pass")
        assert (looked.verdict, looked.pointer) == ("fail", pointer)
        assert hint in looked.message


def test_a_field_that_is_spelt_both_ways_is_judged_by_the_right_one() -> None:
    body = ex.pushed(ChargingStationID="1", ChargingStationId="x" * 51)
    assert on.blamed(on.PUSH, body, "cpo") == {}


def test_a_message_is_not_changed_by_looking_at_it() -> None:
    body = ex.pushed(ChargingStationId="1", OpeningTimes=[{"Period": PERIOD, "On": "Monday"}])
    before = json.dumps(body)
    assert set(on.blamed(on.PUSH, body, "cpo")) == {
        f"{on.EVSE}/ChargingStationId",
        f"{on.EVSE}/OpeningTimes/0/Period",
        f"{on.EVSE}/OpeningTimes/0/On",
    }
    assert json.dumps(body) == before


def errata_of(model: type[Message]) -> Iterator[str]:
    for field in fields_of(model).values():
        yield from (one.erratum for one in (*field.tolerances, *field.item_tolerances))
        yield from (one.erratum for one in field.aliases)
        yield from (one.erratum for one in field.singles)


def test_every_erratum_is_explained() -> None:
    used = {
        erratum
        for operation in OPERATIONS
        for forms in operation.requests.values()
        for model in (*forms.values(), operation.answer)
        for erratum in errata_of(model)
    }
    assert used <= set(ERRATA)
    # These are tried above; C097 is no field's.
    assert used == {row[0] for row in TOLERATED} - {"C097"}
    assert list(ERRATA) == sorted(ERRATA)
