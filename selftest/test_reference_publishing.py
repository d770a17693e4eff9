"""What the reference CPO publishes, and its reservations, against a throwaway hub."""

import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.wrappers import Response

from oicp_conformance.reference.permissive import normal
from selftest.reference import (
    CARD,
    DATA,
    EVSE,
    OTHER_EVSE,
    PRICING,
    PRODUCTS,
    PUSHES,
    REMOTE,
    STATUS,
    Hub,
    Register,
    Target,
    code,
    process,
    records_of,
    reference_cpo,
    saying,
    yes,
)

OTHER_CUSTOMER = {"RemoteIdentification": {"EvcoID": "DE-DCB-C87654321-9"}}
NO = saying({"Result": False, "StatusCode": {"Code": "018"}})
MANDATORY = {
    "EvseID",
    "ChargingStationNames",
    "Address",
    "GeoCoordinates",
    "Plugs",
    "ChargingFacilities",
    "RenewableEnergy",
    "CalibrationLawDataAvailability",
    "AuthenticationModes",
    "PaymentOptions",
    "ValueAddedServices",
    "Accessibility",
    "HotlinePhoneNumber",
    "IsOpen24Hours",
    "IsHubjectCompatible",
    "DynamicInfoAvailable",
}


def publish(hub: Hub, cpo: Target, operation: str, action: str) -> None:
    before = len(hub.calls)
    assert cpo.stimulate(operation, ActionType=action) == 202
    hub.wait_until(
        lambda: any(
            call.operation == operation and call.message["ActionType"] == action
            for call in hub.calls[before:]
        )
    )


def reserve(cpo: Target, end: str = "start", /, **fields: Any) -> dict[str, Any]:
    given = {"ProviderID": "DE-DCB", "EvseID": EVSE, **fields}
    answer = cpo.post(f"/api/oicp/reservation/v11/providers/DE-DCB/reservation-{end}-request", given)
    assert answer.status_code == 200
    return dict(answer.json())


def test_pushes_are_truthful_whatever_is_asked_for(hub: Hub, cpo: Target) -> None:
    for action in ("update", "delete", "insert", "fullLoad", "delete", "insert"):
        for operation in (PRICING, STATUS, PRODUCTS, DATA):
            publish(hub, cpo, operation, action)
    register = Register()
    register.replay(hub)
    assert {normal(EVSE), normal(OTHER_EVSE)} <= register.records[DATA].keys()
    assert {normal(EVSE), normal(OTHER_EVSE)} <= register.records[STATUS].keys()
    assert hub.overlapping == []


def test_deleting_leaves_what_is_real(hub: Hub, cpo: Target) -> None:
    for operation in PUSHES:
        publish(hub, cpo, operation, "insert")
    for operation in reversed(PUSHES):
        publish(hub, cpo, operation, "delete")
    register = Register()
    register.replay(hub)
    for operation in (DATA, STATUS, PRICING):
        assert register.records[operation].keys() == {normal(EVSE), normal(OTHER_EVSE)}
    assert register.records[PRODUCTS].keys() == {"AC1", "AC3", "DC", "FLAT"}


def test_evse_data_is_complete(hub: Hub, cpo: Target) -> None:
    publish(hub, cpo, DATA, "fullLoad")
    first, second = records_of(hub.sent(DATA)[0])
    assert (first["EvseID"], second["EvseID"]) == (EVSE, OTHER_EVSE)
    for record in (first, second):
        assert record.keys() >= MANDATORY
        assert not record.keys() & {"deltaType", "lastUpdate"}
        assert ("OpeningTimes" in record) is not record["IsOpen24Hours"]
        (coordinates,) = record["GeoCoordinates"].values()
        assert re.fullmatch(r"\d{2}\.\d{6} \d{1,2}\.\d{6}", coordinates["Coordinates"])
        assert re.fullmatch(r"\+[0-9]{5,15}", record["HotlinePhoneNumber"])
        assert record["DynamicInfoAvailable"] == "true"
        assert record["ValueAddedServices"] == ["Reservation", "DynamicPricing"]
        assert record["Address"]["Country"] == "DEU"
    assert [record["CalibrationLawDataAvailability"] for record in (first, second)] == [
        "External",
        "Not Available",
    ]
    assert second["OpeningTimes"][0]["Period"] == [{"begin": "06:00", "end": "22:00"}]


def test_the_same_seed_publishes_the_same(hub: Hub) -> None:
    for _ in range(2):
        with reference_cpo(hub, "--seed", "7") as cpo:
            for operation in PUSHES:
                publish(hub, cpo, operation, "insert")
    for operation in PUSHES:
        sent = hub.sent(operation)
        assert sent[: len(sent) // 2] == sent[len(sent) // 2 :]


def test_ids_in_din_form(hub: Hub) -> None:
    hub.paths = {path.replace("DE[*]ABC", "[+]49[*]810"): name for path, name in hub.paths.items()}
    with process("cpo", "--hub", hub.url, "--operator-id", "+49*810") as cpo:
        for operation in PUSHES:
            publish(hub, cpo, operation, "insert")
    for record in records_of(hub.sent(DATA)[-1]) + records_of(hub.sent(DATA)[0]):
        assert re.fullmatch(r"\+49\*810\*[0-9*]{1,32}", record["EvseID"])
        assert "ChargingPoolID" not in record
        assert record["Address"]["Country"] == "DEU"


def test_prices(hub: Hub, cpo: Target) -> None:
    publish(hub, cpo, PRICING, "fullLoad")
    products = records_of(hub.sent(PRODUCTS)[0])
    assert all(product["ProductAvailabilityTimes"][0]["Periods"][0]["begin"] for product in products)
    assert hub.sent(PRICING)[0] == {
        "ActionType": "fullLoad",
        "EVSEPricing": [
            {"EvseID": EVSE, "ProviderID": "*", "EvseIDProductList": ["AC3"]},
            {"EvseID": OTHER_EVSE, "ProviderID": "*", "EvseIDProductList": ["AC1"]},
        ],
    }


def told(hub: Hub) -> list[tuple[str, str, str]]:
    return [
        (message["ActionType"], record["EvseID"], record["EvseStatus"])
        for message in hub.sent(STATUS)
        for record in records_of(message)
    ]


def test_a_session_is_shown_once_the_charging_point_is_published(hub: Hub, cpo: Target) -> None:
    cpo.remote("stop", SessionID=cpo.start()["SessionID"])
    hub.wait("eRoamingChargeDetailRecord")
    publish(hub, cpo, DATA, "fullLoad")
    assert hub.sent(STATUS) == []
    session_id = cpo.start()["SessionID"]
    hub.wait(STATUS)
    cpo.remote("stop", SessionID=session_id)
    hub.wait(STATUS, 2)
    card_session = str(uuid.uuid4())
    hub.answers["eRoamingAuthorizeStart"] = lambda m: yes({**m, "SessionID": card_session})
    assert cpo.stimulate("eRoamingAuthorizeStart", EvseID=OTHER_EVSE, Identification=CARD) == 202
    hub.wait(STATUS, 3)
    about = {"SessionID": card_session, "EvseID": OTHER_EVSE}
    assert cpo.stimulate("eRoamingAuthorizeStop", **about, Identification=CARD) == 202
    hub.wait(STATUS, 4)
    assert told(hub) == [
        ("fullLoad", EVSE, "Occupied"),
        ("fullLoad", OTHER_EVSE, "Available"),
        ("update", EVSE, "Available"),
        ("update", OTHER_EVSE, "Occupied"),
        ("update", OTHER_EVSE, "Available"),
    ]


def slowly(answer: Callable[[dict[str, Any]], Response]) -> Callable[[dict[str, Any]], Response]:
    def wait(message: dict[str, Any]) -> Response:
        time.sleep(0.3)
        return answer(message)

    return wait


def test_pushes_wait_for_a_slow_hub(hub: Hub, cpo: Target) -> None:
    publish(hub, cpo, STATUS, "fullLoad")
    hub.answers = dict.fromkeys((DATA, STATUS), slowly(yes))
    assert cpo.stimulate(STATUS, ActionType="delete") == 202
    assert cpo.stimulate(DATA, ActionType="delete") == 202
    threads = []
    for evse_id in (EVSE, OTHER_EVSE):
        thread = threading.Thread(target=cpo.start, kwargs={"EvseID": evse_id})
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    hub.wait_until(lambda: [status for _, _, status in told(hub)].count("Occupied") >= 2)
    hub.wait_until(lambda: any(m["ActionType"] == "delete" for m in hub.sent(DATA)))
    assert hub.overlapping == []
    Register().replay(hub)


@pytest.mark.parametrize("operation", PUSHES)
def test_a_refused_push_is_tried_twice_at_most(hub: Hub, cpo: Target, operation: str) -> None:
    hub.answers[operation] = NO
    assert cpo.stimulate(operation, ActionType="update") == 202
    hub.wait(operation, 2)
    time.sleep(0.4)
    assert [message["ActionType"] for message in hub.sent(operation)] == ["fullLoad"] * 2
    hub.answers.clear()
    hub.calls.clear()
    publish(hub, cpo, operation, "update")
    assert [message["ActionType"] for message in hub.sent(operation)] == ["fullLoad", "update"]


def test_a_refused_status_is_followed_by_all(hub: Hub, cpo: Target) -> None:
    publish(hub, cpo, STATUS, "fullLoad")
    hub.answers[STATUS] = lambda m: yes(m) if m["ActionType"] == "fullLoad" else NO(m)
    cpo.start()
    hub.wait(STATUS, 3)
    assert [message["ActionType"] for message in hub.sent(STATUS)] == ["fullLoad", "update", "fullLoad"]


# Calibration law


def test_the_external_charging_point_signs(hub: Hub, cpo: Target) -> None:
    session_id = cpo.start()["SessionID"]
    for _ in range(3):
        cpo.stimulate("eRoamingChargingNotifications", SessionID=session_id, Type="Progress")
    cpo.remote("stop", SessionID=session_id)
    signed = hub.wait("eRoamingChargeDetailRecord")["SignedMeteringValues"]
    statuses = [value["MeteringStatus"] for value in signed]
    assert statuses == ["Start", "Progress", "Progress", "Progress", "End"]
    assert len({value["SignedMeteringValue"] for value in signed}) == 5
    assert "PublicKey" in hub.sent("eRoamingChargeDetailRecord")[0]["CalibrationLawVerificationInfo"]
    session_id = cpo.start(EvseID=OTHER_EVSE)["SessionID"]
    cpo.remote("stop", SessionID=session_id, EvseID=OTHER_EVSE)
    assert "SignedMeteringValues" not in hub.wait("eRoamingChargeDetailRecord", 2)


# Reservations


def test_reservation_from_start_to_cdr(hub: Hub, cpo: Target) -> None:
    publish(hub, cpo, STATUS, "fullLoad")
    session_id = str(uuid.uuid4())
    given = {"SessionID": session_id, "Identification": REMOTE, "EMPPartnerSessionID": "mine"}
    started = reserve(cpo, **given, Duration=99)
    assert (started["Result"], started["SessionID"]) == (True, session_id)
    hub.wait(STATUS, 2)
    assert code(reserve(cpo, **{**given, "SessionID": str(uuid.uuid4())})) == "601"
    assert code(cpo.start(Identification=OTHER_CUSTOMER)) == "601"
    assert cpo.stimulate("eRoamingAuthorizeStart", EvseID=EVSE, Identification=CARD) == 409
    assert code(reserve(cpo, "stop", SessionID=str(uuid.uuid4()))) == "400"
    assert code(reserve(cpo, "stop", SessionID=session_id, EvseID=OTHER_EVSE)) == "400"
    assert code(reserve(cpo, "stop", SessionID=session_id, ProviderID="DE-XYZ")) == "400"
    assert code(cpo.remote("stop", SessionID=session_id)) == "400"
    stopped = reserve(cpo, "stop", SessionID=session_id)
    assert stopped["Result"] is True
    assert stopped["CPOPartnerSessionID"] == started["CPOPartnerSessionID"]
    cdr = hub.wait("eRoamingChargeDetailRecord")
    assert (cdr["SessionID"], cdr["ConsumedEnergy"], cdr["EvseID"]) == (session_id, 0, EVSE)
    assert cdr["SessionStart"] == cdr["ChargingStart"] == cdr["ChargingEnd"] <= cdr["SessionEnd"]
    assert cdr["SignedMeteringValues"][0]["MeteringStatus"] == "Start"
    hub.wait(STATUS, 3)
    assert [status for _, evse_id, status in told(hub) if evse_id == EVSE] == [
        "Available",
        "Reserved",
        "Available",
    ]
    for end in ("start", "stop"):
        assert code(reserve(cpo, end, **given)) == "400"
    assert cpo.start()["Result"] is True
    assert code(reserve(cpo, **{**given, "SessionID": str(uuid.uuid4())})) == "602"
    assert len(hub.sent("eRoamingChargeDetailRecord")) == 1


@pytest.mark.parametrize("same", ["session", "customer"])
def test_who_has_reserved_may_start(cpo: Target, same: str) -> None:
    session_id = str(uuid.uuid4())
    assert reserve(cpo, SessionID=session_id, Identification=REMOTE)["Result"] is True
    given: dict[str, object] = {"SessionID": session_id} if same == "session" else {"Identification": REMOTE}
    assert cpo.start(**given)["Result"] is True
    assert code(reserve(cpo, "stop", SessionID=session_id)) == "400"


def malformed() -> Iterator[dict[str, object]]:
    values: tuple[object, ...] = (None, 5, "?", {}, [], True)
    for name in ("SessionID", "ProviderID", "EvseID", "Identification"):
        yield from ({name: value} for value in values)
    durations: tuple[object, ...] = (0, 100, -1, 1.5, "15", True)
    yield from ({"Duration": value} for value in durations)
    yield {"Identification": CARD}


def test_malformed_reservations_are_refused(cpo: Target) -> None:
    for wrong in malformed():
        given = {"SessionID": str(uuid.uuid4()), "Identification": REMOTE, **wrong}
        assert code(reserve(cpo, **given)) == "022", wrong
    assert code(reserve(cpo, SessionID=str(uuid.uuid4()), Identification=REMOTE, EvseID="DE*ABC*E9")) == "603"
    minimal = {"SessionID": str(uuid.uuid4()), "Identification": REMOTE, "Duration": None}
    assert reserve(cpo, **minimal)["Result"] is True


def test_without_reservation(hub: Hub) -> None:
    with reference_cpo(hub, "--no-reservation") as cpo:
        for end in ("start", "stop"):
            path = f"/api/oicp/reservation/v11/providers/DE-DCB/reservation-{end}-request"
            assert cpo.post(path, {}).status_code == 404
        publish(hub, cpo, DATA, "fullLoad")
        assert all(r["ValueAddedServices"] == ["DynamicPricing"] for r in records_of(hub.sent(DATA)[0]))
        assert "Reservation" not in json.dumps(hub.sent(DATA))
