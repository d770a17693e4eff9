"""What the reference EMP asks for, and its reservations, against a throwaway hub."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from werkzeug.wrappers import Response

from oicp_conformance.reference.emp_backend import ReferenceEmp
from oicp_conformance.reference.emp_pulling import PAGE_SIZE
from oicp_conformance.reference.hooks import Reply
from selftest.reference import (
    CARD,
    EVSE,
    REMOTE,
    Hub,
    Target,
    reference_emp,
    saying,
    yes,
)

DATA, CDRS = "eRoamingPullEvseData", "eRoamingGetChargeDetailRecords"
STATUS, STATUS_BY_ID = "eRoamingPullEvseStatus", "eRoamingPullEvseStatusByID"
YEAR = {"From": "2025-01-01T00:00:00+01:00", "To": "2026-01-01T00:00:00+01:00"}
STRANGE = {"EvseID": "DE*ABC*E9", "Accessibility": None, "Plugs": ["Type 9"], "Address": None, "deltaType": 5}


def pages(contents: list[object], **more: object) -> Callable[[dict[str, Any]], Response]:
    """Answer with these pages, one after the other, whatever their size."""

    def answer(message: dict[str, Any]) -> Response:
        number = int(message["?page"])
        content = contents[number] if number < len(contents) else []
        body = {
            "content": content,
            "number": number,
            "size": int(message["?size"]),
            "totalElements": 3,
            "last": number + 1 >= len(contents),
            "totalPages": len(contents),
            "first": number == 0,
            "numberOfElements": 1,
            **more,
        }
        return Response(json.dumps(body), content_type="application/json")

    return answer


def asked(hub: Hub, operation: str) -> list[str]:
    return [call.query["page"] for call in hub.calls if call.operation == operation]


def test_evse_data_is_pulled_to_the_last_page(hub: Hub, emp: Target) -> None:
    hub.answers[DATA] = pages([[{"EvseID": EVSE}], [STRANGE, None, 5], [{"EvseID": None}]], StatusCode=None)
    assert emp.stimulate(DATA) == 202
    hub.wait(DATA, 3)
    assert asked(hub, DATA) == ["0", "1", "2"]
    assert {call.query["size"] for call in hub.calls} == {str(PAGE_SIZE)}
    full = {"ProviderID": "DE-DCB", "GeoCoordinatesResponseFormat": "Google"}
    assert hub.sent(DATA) == [full] * 3
    assert emp.stimulate(DATA) == 202
    last_call = hub.wait(DATA, 4)["LastCall"]
    assert datetime.fromisoformat(last_call).tzinfo is not None
    hub.wait(DATA, 6)
    assert hub.sent(DATA)[3:] == [{**full, "LastCall": last_call}] * 3


@pytest.mark.parametrize(
    "contents",
    [
        [[], [{"EvseID": EVSE}], []],
        [None, [{"EvseID": EVSE}], None],
        [[{}], [None], [{"EvseID": ["?"]}]],
    ],
)
@pytest.mark.parametrize("operation", [DATA, CDRS])
def test_pulls_survive_strange_pages(hub: Hub, emp: Target, operation: str, contents: list[object]) -> None:
    hub.answers[operation] = pages(contents)
    assert emp.stimulate(operation, **YEAR) == 202
    hub.wait(operation, 3)
    assert emp.stimulate(operation, **YEAR) == 202
    hub.wait(operation, 6)
    assert asked(hub, operation) == ["0", "1", "2"] * 2


@pytest.mark.parametrize("last", [None, True, "absent"])
def test_pulls_end_without_being_told(hub: Hub, emp: Target, last: object) -> None:
    hub.answers[DATA] = pages([[{"EvseID": EVSE}]], last=last, totalPages=None if last is None else 1)
    for count in (1, 2):
        assert emp.stimulate(DATA) == 202
        hub.wait(DATA, count)
    assert asked(hub, DATA) == ["0", "0"]


def test_a_page_that_fails_is_asked_for_once_more(hub: Hub, emp: Target) -> None:
    good, fails = pages([[{"EvseID": EVSE}]] * 3), iter([False, True, False, False])
    hub.answers[DATA] = lambda m: saying({}, 500)(m) if next(fails, False) else good(m)
    assert emp.stimulate(DATA) == 202
    hub.wait(DATA, 4)
    assert asked(hub, DATA) == ["0", "1", "1", "2"]
    no = saying({"Result": False, "StatusCode": {"Code": "021"}})
    hub.answers[DATA] = lambda m: no(m) if m["?page"] == "1" else good(m)
    assert emp.stimulate(DATA) == 202
    hub.wait(DATA, 7)
    hub.answers[DATA] = good
    assert emp.stimulate(DATA) == 202
    hub.wait(DATA, 10)
    assert asked(hub, DATA)[4:] == ["0", "1", "1", "0", "1", "2"]
    # The changes since the last pull that was complete.
    assert "LastCall" not in hub.sent(DATA)[0]
    assert len({message["LastCall"] for message in hub.sent(DATA)[4:]}) == 1


def test_cdrs_are_pulled_to_the_last_page(hub: Hub) -> None:
    with reference_emp(hub, "--mode", "offline") as emp:
        hub.answers[CDRS] = pages([[{"SessionID": str(uuid.uuid4()), "EvseID": None}], []])
        assert emp.stimulate(CDRS, **YEAR) == 202
        hub.wait(CDRS, 2)
        assert hub.sent(CDRS) == [{"ProviderID": "DE-DCB", **YEAR}] * 2
        assert emp.stimulate("eRoamingPushAuthenticationData", ActionType="fullLoad") == 202
        hub.wait("eRoamingPushAuthenticationData")
        for wrong in (
            {},
            {"From": YEAR["From"]},
            {"From": YEAR["To"], "To": YEAR["From"]},
            {**YEAR, "To": 5},
        ):
            assert emp.stimulate(CDRS, **wrong) == 400


def test_status_pulls(hub: Hub, emp: Target) -> None:
    assert emp.stimulate(STATUS) == 202
    assert hub.wait(STATUS) == {"ProviderID": "DE-DCB"}
    evse_ids = [f"DE*ABC*E{number}" for number in range(201)]
    assert emp.stimulate(STATUS_BY_ID, EvseID=evse_ids) == 202
    hub.wait(STATUS_BY_ID, 3)
    assert [len(message["EvseID"]) for message in hub.sent(STATUS_BY_ID)] == [100, 100, 1]
    assert [evse_id for message in hub.sent(STATUS_BY_ID) for evse_id in message["EvseID"]] == evse_ids
    by_operator = "eRoamingPullEvseStatusByOperatorID"
    assert emp.stimulate(by_operator, OperatorID=["DE*ABC", "FR*XYZ"]) == 202
    assert hub.wait(by_operator) == {"ProviderID": "DE-DCB", "OperatorID": ["DE*ABC", "FR*XYZ"]}
    wrongs: tuple[object, ...] = (None, [], "DE*ABC", ["?"], [None])
    for wrong in wrongs:
        assert emp.stimulate(STATUS_BY_ID, EvseID=wrong) == 400
        assert emp.stimulate(by_operator, OperatorID=wrong) == 400


def test_price_pulls(hub: Hub, emp: Target) -> None:
    for operation in ("eRoamingPullPricingProductData", "eRoamingPullEVSEPricing"):
        hub.answers[operation] = saying({"PricingProductData": None, "EVSEPricing": [None, 5]})
        assert emp.stimulate(operation, OperatorIDs=["DE*ABC"]) == 202
        message = hub.wait(operation)
        assert message["OperatorIDs"] == ["DE*ABC"]
        assert ("ProviderID" in message) is (operation == "eRoamingPullEVSEPricing")
        assert emp.stimulate(operation, OperatorIDs=[]) == 400


def test_the_emp_keeps_what_it_got(monkeypatch: pytest.MonkeyPatch) -> None:
    emp = ReferenceEmp("http://127.0.0.1:1", "DE-DCB")
    answers: dict[str, dict[str, Any]] = {
        DATA: {"content": [{"EvseID": "A"}, {"EvseID": "B"}, STRANGE], "last": True},
        STATUS: {
            "EvseStatuses": {
                "OperatorEvseStatus": [{"EvseStatusRecord": [{"EvseID": "A", "EvseStatus": "Strange"}]}, None]
            }
        },
        STATUS_BY_ID: {"EVSEStatusRecords": {"EvseStatusRecord": [{"EvseID": "B", "EvseStatus": None}]}},
        CDRS: {"content": [{"SessionID": "S"}], "last": True},
        "eRoamingPullPricingProductData": {
            "PricingProductData": [
                {"OperatorID": "O", "PricingProductDataRecords": [{"ProductID": "P", "ReferenceUnit": None}]}
            ]
        },
        "eRoamingPullEVSEPricing": {"EVSEPricing": [{"EVSEPricing": [{"EvseID": "A"}], "OperatorID": "O"}]},
    }
    monkeypatch.setattr(emp, "post", lambda sending, _: Reply(200, answers[sending.operation]))
    parameters = {"EvseID": [EVSE], "OperatorIDs": ["DE*ABC"], **YEAR}
    for operation in answers:
        emp.stimulate(operation, parameters)
        assert emp.lanes.settle(5)
    assert emp.puller.evse_data.keys() == {"A", "B", "DE*ABC*E9"}
    assert emp.puller.statuses == {"A": "Strange", "B": "None"}
    assert emp.puller.cdrs.keys() == {"S"}
    assert emp.puller.products.keys() == {"O P"}
    assert emp.puller.prices == {"A": [{"EvseID": "A"}]}
    answers[DATA] = {"content": [{"EvseID": "A", "deltaType": "delete"}], "last": True}
    emp.stimulate(DATA, {})
    assert emp.lanes.settle(5)
    assert emp.puller.evse_data.keys() == {"B", "DE*ABC*E9"}


def test_reservation_of_the_emp(hub: Hub, emp: Target) -> None:
    start, stop = "eRoamingAuthorizeRemoteReservationStart", "eRoamingAuthorizeRemoteReservationStop"
    session_id = str(uuid.uuid4())
    hub.answers[start] = lambda m: yes({**m, "SessionID": session_id})
    assert emp.stimulate(start, EvseID=EVSE, Identification=REMOTE, Duration=15) == 202
    started = hub.wait(start)
    assert set(started) == {"EMPPartnerSessionID", "ProviderID", "EvseID", "Identification", "Duration"}
    assert (started["Identification"], started["Duration"]) == (REMOTE, 15)
    assert emp.stimulate(stop, SessionID=session_id, EvseID=EVSE) == 202
    assert hub.wait(stop) == {
        "SessionID": session_id,
        "EMPPartnerSessionID": started["EMPPartnerSessionID"],
        "ProviderID": "DE-DCB",
        "EvseID": EVSE,
    }
    assert emp.stimulate("eRoamingAuthorizeRemoteStop", SessionID=session_id, EvseID=EVSE) == 409
    assert emp.stimulate(start, EvseID=EVSE, Identification=CARD, Duration=15) == 501
    assert emp.stimulate(start, EvseID=EVSE, Identification=REMOTE, Duration=100) == 400
    hub.answers[start] = saying({"Result": False, "StatusCode": {"Code": "601"}})
    assert emp.stimulate(start, EvseID=EVSE, Identification=REMOTE) == 202
    assert "Duration" not in hub.wait(start, 2)
    assert emp.stimulate(stop, SessionID=str(uuid.uuid4()), EvseID=EVSE) == 409
