"""The freedoms that Hubject has when it answers a pull, as changes of the honest answer.

A test puts them before the hub with `Hub.script`; each is for one request.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from oicp_conformance.hub.script import Answer, Script, http_error
from oicp_conformance.oicp.empty import EMPTY, EMPTY_PAGE
from oicp_conformance.oicp.operations import Operation

Record = Mapping[str, Any]
SUCCESS = {"StatusCode": {"Code": "000", "Description": "Success"}}
TOMORROW = "Something Of Tomorrow"
"""A value that is in no enumeration of OICP 2.3."""

_NULL_OF_OLDER_PARTNERS = ("RenewableEnergy", "CalibrationLawDataAvailability")
_OPTIONAL = (
    "ChargingPoolID",
    "HardwareManufacturer",
    "ChargingStationImage",
    "SubOperatorName",
    "DynamicPowerLevel",
    "EnergySource",
    "EnvironmentalImpact",
    "MaxCapacity",
    "AccessibilityLocation",
    "AdditionalInfo",
    "ChargingStationLocationReference",
    "GeoChargingPointEntrance",
    "OpeningTimes",
    "HubOperatorID",
    "ClearinghouseID",
)
_OPTIONAL_IN_RECORD = (
    "CPOPartnerSessionID",
    "EMPPartnerSessionID",
    "PartnerProductID",
    "MeterValueStart",
    "MeterValueEnd",
    "MeterValueInBetween",
    "SignedMeteringValues",
    "CalibrationLawVerificationInfo",
    "HubOperatorID",
    "HubProviderID",
)
_OF_OICP_22 = {
    "ChargingStationName": "Ladestation",
    "EnChargingStationName": "Charging station",
    "EnAdditionalInfo": None,
    "ChargingModes": ["Mode_4"],
    "MeterValuesInBetween": [1.0],
}
"""Fields of records of OICP 2.2 that 2.3 has no more, and that older partners still send."""
_NULLABLE_IN_ADDRESS = ("Floor", "Region", "ParkingSpot", "TimeZone")


def honest() -> Script:
    """The honest answer: for the requests before the one that a test spoils."""
    return Script("honest", lambda _, answer: answer)


def fails_once(page: int) -> tuple[Script, ...]:
    """The request number `page`, from 0, comes to nothing; those before it and after it do not."""
    return (*[honest()] * page, http_error(500))


def without_status_code() -> Script:
    """The honest answer without a StatusCode (C057)."""

    def change(_: Operation, answer: Answer) -> Answer:
        return replace(answer, message={k: v for k, v in answer.message.items() if k != "StatusCode"})

    return Script("no StatusCode", change)


def null_status_code() -> Script:
    """The honest answer with null as its StatusCode (C057)."""
    return Script(
        "null StatusCode",
        lambda _, answer: replace(answer, message={**answer.message, "StatusCode": None}),
    )


def empty_page() -> Script:
    """A page with nothing on it, of a list with nothing in it."""
    return Script("empty page", lambda _, answer: replace(answer, message={**EMPTY_PAGE, **SUCCESS}))


def no_total() -> Script:
    """A page that says that it is the last one, with totalPages and totalElements 0 whatever is on it."""
    totals = {"totalPages": 0, "totalElements": 0, "last": True}
    return Script("totalPages 0", lambda _, answer: replace(answer, message={**answer.message, **totals}))


def meanwhile(happens: Callable[[], None]) -> Script:
    """The honest page; before the next one is asked for, something happens to the list."""

    def change(_: Operation, answer: Answer) -> Answer:
        happens()
        return answer

    return Script("records inserted while reading", change)


def nothing() -> Script:
    """An answer in good order with nothing in it, of an operation without pages."""
    return Script(
        "nothing", lambda operation, answer: replace(answer, message={**EMPTY[operation.name], **SUCCESS})
    )


def on_page(name: str, change: Callable[[Record], Record]) -> Script:
    """The honest page with each of its records changed, by a function that gives a new one."""

    def changed(_: Operation, answer: Answer) -> Answer:
        content = [change(record) for record in answer.message.get("content", ())]
        return replace(answer, message={**answer.message, "content": content})

    return Script(name, changed)


def records_of_older_partners() -> Script:
    """EVSE data with null in all that is optional, and in what was added to OICP with 2.3 (C058)."""

    def change(record: Record) -> Record:
        address = record.get("Address")
        names = record.get("ChargingStationNames")
        older = {**record, **dict.fromkeys(_OPTIONAL), **dict.fromkeys(_NULL_OF_OLDER_PARTNERS)}
        if record.get("IsOpen24Hours") is False:
            older["OpeningTimes"] = record.get("OpeningTimes")
        if isinstance(address, Mapping):
            older["Address"] = {**address, **dict.fromkeys(_NULLABLE_IN_ADDRESS)}
        if isinstance(names, list):
            older["ChargingStationNames"] = [{**one, "lang": None} for one in names]
        if isinstance(given := record.get("GeoCoordinates"), Mapping):
            empty = dict.fromkeys(("Google", "DecimalDegree", "DegreeMinuteSeconds"))
            older["GeoCoordinates"] = {**empty, **given}
        return older

    return on_page("records of older partners", change)


def bare_records() -> Script:
    """Charge detail records with null in all that is optional."""
    return on_page("bare records", lambda record: {**record, **dict.fromkeys(_OPTIONAL_IN_RECORD)})


def unknown_values() -> Script:
    """EVSE data with values that no enumeration has yet, beside those that it has."""

    def change(record: Record) -> Record:
        facilities = [
            {**one, "ChargingModes": ["Mode_3", TOMORROW]} for one in record.get("ChargingFacilities") or ()
        ]
        return {
            **record,
            "Plugs": [*(record.get("Plugs") or ()), TOMORROW],
            "ChargingFacilities": facilities,
            "AuthenticationModes": [*(record.get("AuthenticationModes") or ()), TOMORROW],
            "ValueAddedServices": [*(record.get("ValueAddedServices") or ()), TOMORROW],
            "AccessibilityLocation": TOMORROW,
        }

    return on_page("unknown values", change)


def unknown_fields() -> Script:
    """A page and records with fields that OICP 2.3 does not have."""
    tomorrow = {"SomethingOfTomorrow": {"Value": [1, "two", None]}}
    records = on_page("unknown fields", lambda record: {**record, **tomorrow, **_OF_OICP_22})

    def change(operation: Operation, answer: Answer) -> Answer:
        changed = records.change(operation, answer)
        return replace(changed, message={**changed.message, **tomorrow})

    return Script("unknown fields", change)


def unknown_status() -> Script:
    """EVSE status with a value that the enumeration does not have yet, in place of the first one."""

    def change(_: Operation, answer: Answer) -> Answer:
        message = dict(answer.message)
        if isinstance(by_id := message.get("EVSEStatusRecords"), Mapping):
            records = _first_unknown(by_id["EvseStatusRecord"])
            message["EVSEStatusRecords"] = {**by_id, "EvseStatusRecord": records}
        if isinstance(grouped := message.get("EvseStatuses"), Mapping):
            groups = [
                {**one, "EvseStatusRecord": _first_unknown(one["EvseStatusRecord"])}
                for one in grouped["OperatorEvseStatus"]
            ]
            message["EvseStatuses"] = {**grouped, "OperatorEvseStatus": groups}
        return replace(answer, message=message)

    return Script("unknown status", change)


def _first_unknown(records: list[Record]) -> list[Record]:
    return [{**record, "EvseStatus": TOMORROW} for record in records[:1]] + records[1:]


FREEDOMS: Mapping[str, Callable[[], Script]] = {
    "no StatusCode": without_status_code,
    "null StatusCode": null_status_code,
    "records of older partners": records_of_older_partners,
    "unknown values": unknown_values,
    "unknown fields": unknown_fields,
    "empty page": empty_page,
    "totalPages 0": no_total,
}
"""What an answer to a pull of EVSE data may look like besides the honest one, by name."""
RECORD_FREEDOMS: Mapping[str, Callable[[], Script]] = {
    "no StatusCode": without_status_code,
    "null StatusCode": null_status_code,
    "bare records": bare_records,
    "unknown fields": unknown_fields,
    "empty page": empty_page,
}
"""The same for the pulls of charge detail records."""
STATUS_FREEDOMS: Mapping[str, Callable[[], Script]] = {
    "no StatusCode": without_status_code,
    "null StatusCode": null_status_code,
    "nothing": nothing,
    "unknown status": unknown_status,
}
"""The same for the pulls of EVSE status."""
PRICE_FREEDOMS: Mapping[str, Callable[[], Script]] = {
    "no StatusCode": without_status_code,
    "null StatusCode": null_status_code,
    "nothing": nothing,
}
"""The same for the pulls of products and prices."""
