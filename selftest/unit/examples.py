"""Messages for the tests of the contract: sound ones, and the values that the official examples have."""

from collections.abc import Mapping
from typing import Any

Body = dict[str, Any]

SESSION = "f98efba4-02d8-4fa0-b810-9a9d50d2c527"
EVCO = "DE-DCB-C12345678-X"
HASH = "$2a$10$abcdefghijklmnopqrstuv"
NOON = "2026-11-22T12:00:00+01:00"
OF_EXAMPLES = "2020-09-23T14:17:53.038Z"
REMOTE: Body = {"RemoteIdentification": {"EvcoID": EVCO}}
CARD: Body = {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}
SUCCESS: Body = {"Code": "000", "Description": "string", "AdditionalInfo": "Success"}
NULLS: Body = {"Code": "000", "Description": None, "AdditionalInfo": None}
PARTNERS: Body = {"CPOPartnerSessionID": "1234XYZ", "EMPPartnerSessionID": "2345ABC"}


def all_five(uid: str = "1234ABCD", hashed: str = "string", evco: str = EVCO) -> Body:
    """All kinds of identification at once, as the examples have them (C092)."""
    legacy = {"Function": "MD5", "Salt": "string", "Value": hashed}
    pin = {"Value": hashed, "Function": "Bcrypt", "LegacyHashData": legacy}
    return {
        "RFIDMifareFamilyIdentification": {"UID": uid},
        "QRCodeIdentification": {"EvcoID": evco, "PIN": "1234", "HashedPIN": pin},
        "PlugAndChargeIdentification": {"EvcoID": EVCO},
        "RFIDIdentification": {
            "UID": "1234ABCD",
            "EvcoID": EVCO,
            "RFID": "mifareCls",
            "PrintedNumber": "9876655",
            "ExpiryDate": "2021-01-23T14:21:23.744Z",
        },
        **REMOTE,
    }


def acknowledgement(**fields: Any) -> Body:
    return {"Result": True, "StatusCode": SUCCESS, **fields}


def authorize(**fields: Any) -> Body:
    """An AuthorizeStart, or an AuthorizeStop where it has a SessionID."""
    return {"OperatorID": "DE*ABC", "EvseID": "DE*ABC*E1*1", "Identification": CARD, **fields}


def authorized(**fields: Any) -> Body:
    return {
        "SessionID": SESSION,
        "ProviderID": "DE-DCB",
        "AuthorizationStatus": "Authorized",
        "StatusCode": SUCCESS,
        **fields,
    }


def remote(**fields: Any) -> Body:
    """A remote start, or the start of a reservation."""
    return {
        "SessionID": SESSION,
        "ProviderID": "DE-DCB",
        "EvseID": "DE*ABC*E1*1",
        "Identification": REMOTE,
        **fields,
    }


def remote_stop(**fields: Any) -> Body:
    """A remote stop, or the stop of a reservation."""
    return {"SessionID": SESSION, "ProviderID": "DE-DCB", "EvseID": "DE*ABC*E1*1", **fields}


def charge_detail_record(**fields: Any) -> Body:
    times = dict.fromkeys(("SessionStart", "ChargingStart", "ChargingEnd", "SessionEnd"), NOON)
    return {
        "SessionID": SESSION,
        "EvseID": "DE*ABC*E1*1",
        "Identification": CARD,
        **times,
        "ConsumedEnergy": 10,
        **fields,
    }


def example_record(**fields: Any) -> Body:
    """The charge detail record of the examples."""
    times = dict.fromkeys(("SessionStart", "ChargingStart", "ChargingEnd", "SessionEnd"), OF_EXAMPLES)
    values: Body = {
        **PARTNERS,
        **times,
        "Identification": all_five(),
        "MeterValueStart": 0,
        "MeterValueInBetween": {"meterValues": [10]},
        "MeterValueEnd": 10,
        "SignedMeteringValues": [
            {"MeteringStatus": "Start", "SignedMeteringValue": "AAA"},
            {"MeteringStatus": "End", "SignedMeteringValue": "BBB"},
        ],
        "PartnerProductID": "AC 1",
        "HubOperatorID": "DE*ABC",
        "HubProviderID": "DE-DCB",
        "SessionID": "string",
        **fields,
    }
    return charge_detail_record(**values)


def notification(kind: str, **fields: Any) -> Body:
    return {
        "Type": kind,
        "SessionID": SESSION,
        "EvseID": "DE*ABC*E1*1",
        "OperatorID": "DE*ABC",
        "Identification": CARD,
        **fields,
    }


def text(value: str = "Teststation", lang: str | None = "en") -> Body:
    return {"lang": lang, "value": value}


def google(coordinates: str = "52.480495 13.356465") -> Body:
    return {"Google": {"Coordinates": coordinates}}


def three_formats(value: str | None = None) -> Body:
    """All formats of coordinates at once, as the examples have them (C091)."""
    decimal = {"Latitude": value or "52.480495", "Longitude": value or "13.356465"}
    sexagesimal = dict.fromkeys(("Latitude", "Longitude"), value or "9°21'39.32''")
    return {
        **google(value or "52.480495 13.356465"),
        "DecimalDegree": decimal,
        "DegreeMinuteSeconds": sexagesimal,
    }


def address(**fields: Any) -> Body:
    return {
        "Country": "DEU",
        "City": "Berlin",
        "Street": "Am Platz",
        "PostalCode": "10829",
        "HouseNum": "22",
        **fields,
    }


def facility(**fields: Any) -> Body:
    return {"PowerType": "AC_3_PHASE", "Power": 22, **fields}


def opening(**fields: Any) -> Body:
    return {"Period": [{"begin": "09:00", "end": "18:00"}], "on": "Everyday", **fields}


def evse(**fields: Any) -> Body:
    """An EVSE with what is mandatory."""
    return {
        "EvseID": "DE*ABC*E1*1",
        "ChargingStationNames": [text()],
        "Address": address(),
        "GeoCoordinates": google(),
        "Plugs": ["Type 2 Outlet"],
        "ChargingFacilities": [facility()],
        "RenewableEnergy": True,
        "CalibrationLawDataAvailability": "Local",
        "AuthenticationModes": ["NFC RFID Classic", "REMOTE"],
        "PaymentOptions": ["No Payment"],
        "ValueAddedServices": ["None"],
        "Accessibility": "Restricted access",
        "HotlinePhoneNumber": "+49123123123123",
        "IsOpen24Hours": True,
        "IsHubjectCompatible": True,
        "DynamicInfoAvailable": "true",
        **fields,
    }


def example_evse(**fields: Any) -> Body:
    """The EVSE of the examples, with all its optional fields."""
    values: Body = {
        "EvseID": "DE*XYZ*ETEST1",
        "ChargingPoolID": "DE*ABC*P1234TEST*1",
        "ChargingStationID": "TEST 1",
        "ChargingStationNames": [text(), text("Testladestation", "de")],
        "HardwareManufacturer": "Manufacturer",
        "ChargingStationImage": "http://www.testlink.com",
        "SubOperatorName": "XYZ Technologies",
        "Address": address(
            Floor="6OG", Region="Berlin", TimeZone="UTC+01:00", ParkingFacility=True, ParkingSpot="E36"
        ),
        "DynamicPowerLevel": True,
        "ChargingFacilities": [facility(Amperage=32, Voltage=480, ChargingModes=["Mode_4"])],
        "EnergySource": [{"Energy": "Solar", "Percentage": 85}, {"Energy": "Wind", "Percentage": 15}],
        "EnvironmentalImpact": {"CO2Emission": 30.3},
        "MaxCapacity": 50,
        "ValueAddedServices": ["Reservation"],
        "AccessibilityLocation": "ParkingGarage",
        "AdditionalInfo": [text()],
        "ChargingStationLocationReference": [text()],
        "GeoChargingPointEntrance": google(),
        "IsOpen24Hours": False,
        "OpeningTimes": [opening()],
        "HubOperatorID": "DE*ABC",
        "ClearinghouseID": "TEST ID",
        **fields,
    }
    return evse(**values)


def push_evses(*records: Body, **fields: Any) -> Body:
    data = {"OperatorID": "DE*ABC", "OperatorName": "ABC", "EvseDataRecord": list(records), **fields}
    return {"ActionType": "fullLoad", "OperatorEvseData": data}


def push_status(*states: str) -> Body:
    records = [{"EvseID": f"DE*ABC*E{at}", "EvseStatus": state} for at, state in enumerate(states)]
    return {
        "ActionType": "update",
        "OperatorEvseStatus": {"OperatorID": "DE*ABC", "EvseStatusRecord": records},
    }


def product(**fields: Any) -> Body:
    return {
        "ProductID": "AC 1",
        "ReferenceUnit": "HOUR",
        "ProductPriceCurrency": "EUR",
        "PricePerReferenceUnit": 1,
        "MaximumProductChargingPower": 22,
        "IsValid24hours": False,
        "ProductAvailabilityTimes": [{"Periods": [{"begin": "09:00", "end": "18:00"}], "on": "Everyday"}],
        "AdditionalReferences": [
            {
                "AdditionalReference": "PARKING FEE",
                "AdditionalReferenceUnit": "HOUR",
                "PricePerAdditionalReferenceUnit": 2,
            }
        ],
        **fields,
    }


def products(*records: Body, **fields: Any) -> Body:
    return {
        "OperatorID": "DE*ABC",
        "OperatorName": "ABC",
        "ProviderID": "*",
        "PricingDefaultPrice": 0,
        "PricingDefaultPriceCurrency": "EUR",
        "PricingDefaultReferenceUnit": "HOUR",
        "PricingProductDataRecords": list(records),
        **fields,
    }


def push_products(*records: Body, **fields: Any) -> Body:
    return {"ActionType": "fullLoad", "PricingProductData": products(*records, **fields)}


def evse_pricing(*product_ids: Any, **fields: Any) -> Body:
    return {
        "EvseID": "DE*XYZ*ETEST1",
        "ProviderID": "*",
        "EvseIDProductList": list(product_ids) or ["AC 1"],
        **fields,
    }


def page(*content: Body, **fields: Any) -> Body:
    return {
        "content": list(content),
        "number": 0,
        "size": 20,
        "totalElements": len(content),
        "last": True,
        "totalPages": 1,
        "first": True,
        "numberOfElements": len(content),
        "StatusCode": SUCCESS,
        **fields,
    }


def pull_evses(**fields: Any) -> Body:
    return {"ProviderID": "DE-DCB", "GeoCoordinatesResponseFormat": "Google", **fields}


def example_pull(coordinates: Body) -> Body:
    """The pull of EVSE data of the examples, with all its filters."""
    return pull_evses(
        LastCall="2020-09-23T14:27:43.052Z",
        SearchCenter={"GeoCoordinates": coordinates, "Radius": 0},
        CountryCodes=["DEU"],
        OperatorIds=["DE*ABC"],
        AuthenticationModes=["PnC"],
        Accessibility=["Free publicly accessible"],
        CalibrationLawDataAvailability=["Local"],
        RenewableEnergy=True,
        IsHubjectCompatible=True,
        IsOpen24Hours=True,
    )


def get_records(**fields: Any) -> Body:
    return {"ProviderID": "DE-DCB", "From": NOON, "To": NOON, **fields}


def without(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def pushed(**fields: Any) -> dict[str, Any]:
    """A push of one EVSE; what is None is left out."""
    return push_evses({name: value for name, value in evse(**fields).items() if value is not None})


def priced(**fields: Any) -> dict[str, Any]:
    """A push of one pricing product; what is None is left out."""
    record = {name: value for name, value in product(**fields).items() if value is not None}
    return push_products(record)


def available(**fields: Any) -> dict[str, Any]:
    return priced(ProductAvailabilityTimes=[{"on": "Everyday", **fields}])


def priced_evse(*product_ids: Any) -> dict[str, Any]:
    return {"ActionType": "fullLoad", "EVSEPricing": [evse_pricing(*product_ids)]}


def centre(radius: Any = 5, coordinates: Any = None) -> dict[str, Any]:
    return pull_evses(SearchCenter={"GeoCoordinates": coordinates or google(), "Radius": radius})


def sexagesimal(latitude: str) -> dict[str, Any]:
    return pushed(GeoCoordinates={"DegreeMinuteSeconds": {"Latitude": latitude, "Longitude": "9°21'39.32''"}})
