"""The official examples, of which most break the rules: by their number in the list of contradictions."""

from typing import Any

import pytest

from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role
from selftest.unit import examples as ex
from selftest.unit import models as on

SESSION_END = "/SessionEnd"


def at(*pointers: str, verdict: str = "fail") -> dict[str, str]:
    return dict.fromkeys(pointers, verdict)


def z(*pointers: str) -> dict[str, str]:
    """Times of a CPO that end with Z."""
    return at(*pointers, verdict="warning C143")


IDENTIFICATION = "/Identification"
EXPIRY = f"{IDENTIFICATION}/RFIDIdentification/ExpiryDate"
HASHED = f"{IDENTIFICATION}/QRCodeIdentification/HashedPIN/Value"
MIFARE = f"{IDENTIFICATION}/RFIDMifareFamilyIdentification/UID"
STOP_LIST = "/AuthorizationStopIdentifications/0"
FIRST = "/content/0"
CENTRE = "/SearchCenter/GeoCoordinates"
SEARCHED = tuple(
    f"{CENTRE}/{name}"
    for name in (
        "Google/Coordinates",
        "DecimalDegree/Latitude",
        "DecimalDegree/Longitude",
        "DegreeMinuteSeconds/Latitude",
        "DegreeMinuteSeconds/Longitude",
    )
)
RECORD = "/ProviderAuthenticationData/AuthenticationDataRecord/0"
CDR_TIMES = ("/SessionStart", "/ChargingStart", "/ChargingEnd", SESSION_END)
RADIUS_0 = {"/SearchCenter/Radius": "warning C096"}
STRINGS = ex.acknowledgement(SessionID="string", CPOPartnerSessionID="string", EMPPartnerSessionID="string")
FILLED = "string123456"


def with_all(uid: str = "12345ABCD", hashed: str = "string", **fields: Any) -> dict[str, Any]:
    return {**ex.PARTNERS, "Identification": ex.all_five(uid, hashed), **fields}


def upload(*records: dict[str, Any]) -> dict[str, Any]:
    data = {"ProviderID": "DE-DCB", "AuthenticationDataRecord": list(records)}
    return {"ActionType": "fullLoad", "ProviderAuthenticationData": data}


def nulls(**fields: Any) -> dict[str, Any]:
    ids = dict.fromkeys(("SessionID", "CPOPartnerSessionID", "EMPPartnerSessionID"))
    return {"Result": True, "StatusCode": ex.NULLS, **ids, **fields}


def status_search(coordinates: dict[str, Any]) -> dict[str, Any]:
    search = {"GeoCoordinates": coordinates, "Radius": 0}
    return {"ProviderID": "DE-DCB", "EvseStatus": "Available", "SearchCenter": search}


def noticed(kind: str, *times: str, **fields: Any) -> dict[str, Any]:
    return ex.notification(kind, **dict.fromkeys(times, ex.OF_EXAMPLES), **ex.PARTNERS, **fields)


PROGRESS = noticed(
    "Progress",
    "SessionStart",
    "ChargingStart",
    "EventOccurred",
    ChargingDuration=48000,
    ConsumedEnergyProgress=9,
    MeterValueStart=0,
    MeterValueInBetween={"meterValues": [9]},
)
END = noticed(
    "End",
    "SessionStart",
    "ChargingEnd",
    "PenaltyTimeStart",
    ChargingStart="2020-09-23T14:50:53.038Z",
    SessionEnd="2020-09-23T14:50:53.038Z",
    ConsumedEnergy=10,
    MeterValueStart=0,
    MeterValueEnd=10,
    MeterValueInBetween={"meterValues": [0]},
)
PROGRESS_TIMES = ("/SessionStart", "/ChargingStart", "/EventOccurred")
END_TIMES = ("/SessionStart", "/ChargingStart", "/ChargingEnd", SESSION_END, "/PenaltyTimeStart")
RANGE = {"From": "2020-08-23T14:20:10.285Z", "To": "2020-09-23T14:20:10.285Z"}
TEXTS = {
    "MeterValueStart": "0.0",
    "MeterValueEnd": "30.541",
    "MeterValueInBetween": {"meterValues": ["10.1"]},
}
GUIDE_EVSE = {
    **ex.without(ex.example_evse(), "ChargingPoolID", "ClearinghouseID", "EnergySource"),
    "AuthenticationModes": ["No Authentication Required"],
}
OLD_EVSE = {
    **ex.example_evse(OperatorID="DE*ABC", OperatorName="ABC-Test"),
    **dict.fromkeys(("HardwareManufacturer", "SubOperatorName", "EnergySource", "AccessibilityLocation")),
    **dict.fromkeys(("RenewableEnergy", "CalibrationLawDataAvailability")),
    "GeoCoordinates": {**ex.google("12.345660 2.345670"), "DecimalDegree": None, "DegreeMinuteSeconds": None},
    "ChargingStationNames": [ex.text(lang=None), ex.text()],
    "lastUpdate": "2021-08-24T13:15:24+00:00",
}

EXAMPLES: dict[str, tuple[type[Message], Role, dict[str, Any], dict[str, str]]] = {
    # what is blamed on it; what only a rule over several fields sees is not blamed here
    "X001": (
        on.PUSH,
        "cpo",
        ex.push_evses(ex.example_evse(deltaType="insert", lastUpdate="2018-01-23T14:04:29.377Z")),
        z(f"{on.EVSE}/lastUpdate"),
    ),
    "X002": (on.ACK, "cpo", STRINGS, at("/SessionID")),
    "X004": (
        on.START,
        "cpo",
        ex.authorize(SessionID=ex.SESSION, PartnerProductID="AC 1", **with_all()),
        {**at(IDENTIFICATION, HASHED, MIFARE), **z(EXPIRY)},
    ),
    "X005": (
        on.AUTHORIZED,
        "emp",
        ex.authorized(AuthorizationStopIdentifications=[ex.all_five()]),
        at(STOP_LIST, STOP_LIST + HASHED.removeprefix(IDENTIFICATION)),
    ),
    "X006": (
        on.STOP,
        "cpo",
        ex.authorize(SessionID=ex.SESSION, PartnerProductID="AC 1", **with_all()),
        {**at(IDENTIFICATION, HASHED, MIFARE), **z(EXPIRY)},
    ),
    "X007": (
        on.REMOTE_START,
        "emp",
        ex.remote(**with_all("1234ABCD", SessionID="string")),
        at("/SessionID", IDENTIFICATION, HASHED),
    ),
    "X008": (
        on.CDR,
        "cpo",
        ex.example_record(Identification=ex.all_five(evco="string")),
        {
            **at("/SessionID", IDENTIFICATION, f"{IDENTIFICATION}/QRCodeIdentification/EvcoID", HASHED),
            **z(EXPIRY, *CDR_TIMES),
        },
    ),
    "X009": (
        on.RESERVE,
        "emp",
        ex.remote(Duration=15, PartnerProductID="Reservation", **with_all("1234ABCD", SessionID="string")),
        at("/SessionID", IDENTIFICATION, HASHED),
    ),
    "X010": (on.RELEASE, "emp", ex.remote_stop(**ex.PARTNERS), {}),
    "X013": (
        on.PULL,
        "emp",
        ex.example_pull(ex.three_formats("string")),
        {**at(CENTRE, *SEARCHED), **RADIUS_0},
    ),
    "X014": (
        on.EVSE_PAGE,
        "emp",
        ex.page(
            ex.example_evse(OperatorId="DE*ABC", OperatorName="ABC"),
            size=1,
            totalElements=8,
            last=False,
            totalPages=8,
        ),
        at(f"{FIRST}/OperatorID"),
    ),
    "X015": (
        on.PULL_STATUS,
        "emp",
        status_search(ex.three_formats("string")),
        {**at(CENTRE, *SEARCHED), **RADIUS_0},
    ),
    "X017": (
        on.AUTHORIZED,
        "emp",
        ex.authorized(AuthorizationStopIdentifications=[ex.all_five("12345ABCD")]),
        at(STOP_LIST, *(STOP_LIST + one.removeprefix(IDENTIFICATION) for one in (HASHED, MIFARE))),
    ),
    "X019": (
        on.STOPPED,
        "emp",
        {**ex.without(ex.authorized(**ex.PARTNERS), "ProviderID"), "Result": True},
        {},
    ),
    "X020": (
        on.REMOTE_START,
        "emp",
        ex.remote(**with_all("1234ABCD", SessionID="string")),
        at("/SessionID", IDENTIFICATION, HASHED),
    ),
    "X021": (
        on.RECORDS,
        "emp",
        ex.get_records(**RANGE, OperatorID=["DE*ABC"], CDRForwarded=False, SessionID=["string"]),
        at("/SessionID/0"),
    ),
    "X022": (
        on.CDR_PAGE,
        "emp",
        ex.page(ex.example_record(), StatusCode=None),
        at(*(FIRST + one for one in ("/SessionID", IDENTIFICATION, HASHED))),
    ),
    "X025": (
        on.UPLOAD,
        "emp",
        upload({"Identification": ex.all_five("12345ABCD")}),
        at(*(RECORD + one for one in (IDENTIFICATION, HASHED, MIFARE))),
    ),
    "X027": (on.PULLED_PRODUCTS, "emp", STRINGS, at("/PricingProductData")),
    "X028": (
        on.NOTIFIED["Error"]["emp"],
        "cpo",
        ex.notification("Error", ErrorType="Connector Error"),
        {"/ErrorType": "warning C100"},
    ),
    "X029": (on.PUSH, "cpo", ex.remote_stop(**ex.PARTNERS), at("/ActionType", "/OperatorEvseData")),
    "X030": (
        on.AUTHORIZED,
        "emp",
        ex.authorized(AuthorizationStopIdentifications=[ex.all_five(hashed=FILLED)]),
        at(STOP_LIST),
    ),
    "X031": (
        on.RESERVE,
        "emp",
        ex.remote(Duration=15, **with_all("1234ABCD", "a5ghdhf73h")),
        at(IDENTIFICATION),
    ),
    "X032": (on.RELEASE, "emp", ex.remote_stop(**ex.PARTNERS), {}),
    "X033": (on.REMOTE_START, "emp", ex.remote(**with_all("1234ABCD", FILLED)), at(IDENTIFICATION)),
    "X034": (
        on.START,
        "cpo",
        ex.authorize(**with_all("1234ABCD", FILLED)),
        {**at(IDENTIFICATION), **z(EXPIRY)},
    ),
    "X035": (
        on.STOP,
        "cpo",
        ex.authorize(SessionID=ex.SESSION, PartnerProductID="AC 1", **with_all("1234ABCD", FILLED)),
        {**at(IDENTIFICATION), **z(EXPIRY)},
    ),
    "X036": (
        on.CDR,
        "cpo",
        ex.example_record(SessionID=ex.SESSION, Identification=ex.all_five(hashed=FILLED)),
        {**at(IDENTIFICATION), **z(EXPIRY, *CDR_TIMES)},
    ),
    "X037": (on.PUSH, "cpo", ex.push_evses(ex.example_evse()), {}),
    "X044": (
        on.CDR,
        "emp",
        ex.example_record(SessionID=ex.SESSION, Identification=ex.all_five(hashed=FILLED)),
        at(IDENTIFICATION),
    ),
    "X045": (
        on.CDR_PAGE,
        "emp",
        ex.page(
            ex.example_record(SessionID=ex.SESSION, Identification=ex.all_five(hashed=FILLED)),
            empty=False,
            pageable={"pageNumber": 0},
        ),
        at(FIRST + IDENTIFICATION),
    ),
    "X046": (
        on.RECORDS,
        "emp",
        ex.get_records(**RANGE, OperatorID="DE*ABC", CDRForwarded=False, SessionID=[ex.SESSION]),
        {},
    ),
    "X047": (on.PULL, "emp", ex.example_pull(ex.three_formats()), {**at(CENTRE), **RADIUS_0}),
    "X048": (on.PULL_STATUS, "emp", status_search(ex.three_formats()), {**at(CENTRE), **RADIUS_0}),
    "X049": (
        on.UPLOAD,
        "emp",
        upload({"Identification": ex.CARD, **ex.without(ex.all_five(), "RFIDMifareFamilyIdentification")}),
        {},
    ),
    "X050": (on.PUSH, "cpo", ex.push_evses(GUIDE_EVSE), {}),
    "X051": (on.ACK, "cpo", nulls(), {}),
    "X053": (
        on.AUTHORIZED,
        "emp",
        ex.authorized(StatusCode=ex.NULLS, CPOPartnerSessionID=None, AuthorizationStopIdentifications=None),
        {},
    ),
    "X054": (
        on.CDR,
        "cpo",
        ex.charge_detail_record(ConsumedEnergy=30.541, **TEXTS),
        at(
            "/MeterValueStart",
            "/MeterValueEnd",
            "/MeterValueInBetween/meterValues/0",
            verdict="fail C078",
        ),
    ),
    "X055": (
        on.ACK,
        "emp",
        nulls(StatusCode={"Code": "000", "Description": "SUCCESS", "AdditionalInfo": None}),
        {},
    ),
    "X056": (
        on.REMOTE_START,
        "emp",
        ex.remote(
            SessionID=None,
            PartnerProductID=None,
            Identification={**dict.fromkeys(ex.all_five()), **ex.REMOTE},
        ),
        at("/SessionID"),
    ),
    "X057": (on.ACK, "cpo", nulls(SessionID=ex.SESSION, CPOPartnerSessionID="1"), {}),
    "X058": (
        on.REMOTE_STOP,
        "emp",
        ex.remote_stop(EvseID="DE*ICE*I01000*6", CPOPartnerSessionID=None),
        at("/EvseID"),
    ),
    "X061": (
        on.EVSE_PAGE,
        "emp",
        ex.page(OLD_EVSE),
        at(
            *(
                f"{FIRST}/{name}"
                for name in (
                    "RenewableEnergy",
                    "CalibrationLawDataAvailability",
                    "ChargingStationNames/0/lang",
                )
            )
        ),
    ),
    "X062": (
        on.STATUSES,
        "emp",
        {
            "EvseStatuses": {"OperatorEvseStatus": [ex.push_status("Available")["OperatorEvseStatus"]]},
            "StatusCode": ex.NULLS,
        },
        {},
    ),
    "X065": (
        on.PULLED_PRODUCTS,
        "emp",
        {"EVSEPricing": [], "StatusCode": ex.SUCCESS},
        at("/PricingProductData"),
    ),
    "X066": (on.NOTIFIED["Progress"]["cpo"], "cpo", PROGRESS, z(*PROGRESS_TIMES)),
    "X067": (on.NOTIFIED["End"]["cpo"], "cpo", END, z(*END_TIMES)),
    "X068": (on.NOTIFIED["Progress"]["emp"], "emp", PROGRESS, {}),
    "X069": (on.NOTIFIED["End"]["emp"], "emp", END, {}),
    "X070": (on.PULL_BY_ID, "emp", {"ProviderID": "DE-DCB", "EvseID": ["DE*XYZ*ETEST1"]}, {}),
    "X071": (on.PULL_BY_OPERATOR, "emp", {"ProviderID": "DE-DCB", "OperatorID": ["DE*ABC"]}, {}),
    "X077": (
        on.NOTIFIED["Start"]["cpo"],
        "cpo",
        noticed("Start", "ChargingStart", "SessionStart", MeterValueStart=0),
        z("/ChargingStart", "/SessionStart"),
    ),
    "X080": (
        on.PUSH,
        "cpo",
        ex.pushed(
            PaymentOptions=["No Payment"],
            ValueAddedServices=["Reservation"],
            ChargingFacilities=[ex.facility(Voltage=480, Amperage=32, ChargingModes=["Mode_4"])],
        ),
        {},
    ),
}


@pytest.mark.parametrize(("model", "sender", "body", "blame"), EXAMPLES.values(), ids=EXAMPLES)
def test_official_examples(
    model: type[Message], sender: Role, body: dict[str, Any], blame: dict[str, str]
) -> None:
    assert on.blamed(model, body, sender) == blame


def test_notifications_are_told_apart_by_their_type() -> None:
    operation = BY_NAME["eRoamingChargingNotifications"]
    for body in (PROGRESS, END):
        located = operation.request_model("cpo", body)
        assert located is not None
        assert located[0] == f"eRoamingChargingNotification{body['Type']}"
    assert operation.request_model("cpo", {"Type": "Stop"}) is None
