"""The reference CPO and EMP, as processes, against a throwaway hub that knows nothing of the suite's own."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import bcrypt
import pytest
from werkzeug.wrappers import Response

from oicp_conformance.oicp.provider import faker
from selftest.reference import (
    CARD,
    EVSE,
    NOT_AUTHORIZED,
    OTHER_CARD,
    OTHER_EVSE,
    QR,
    REMOTE,
    Hub,
    Target,
    code,
    late,
    process,
    saying,
    yes,
)
from selftest.support import ROOT

# The CPO


def test_remote_session_from_start_to_cdr(hub: Hub, cpo: Target) -> None:
    session_id, long_id = str(uuid.uuid4()), "e" * 250
    started = cpo.start(
        SessionID=session_id,
        EMPPartnerSessionID=long_id,
        EvseID="deabce11",
        PartnerProductID="Größe" * 10,
        CPOPartnerSessionID=None,
        Unknown={"a": None},
    )
    assert started["Result"] is True
    assert code(started) == "000"
    assert (started["SessionID"], started["EMPPartnerSessionID"]) == (session_id, long_id)
    assert code(cpo.start()) == "602"
    assert code(cpo.remote("stop", SessionID=session_id, EvseID=OTHER_EVSE)) == "400"
    stopped = cpo.remote("stop", SessionID=session_id)
    assert stopped["Result"] is True
    assert stopped["CPOPartnerSessionID"] == started["CPOPartnerSessionID"]
    cdr = hub.wait("eRoamingChargeDetailRecord")
    assert cdr["SessionID"] == session_id
    assert cdr["EvseID"] == EVSE
    assert cdr["Identification"] == REMOTE
    assert cdr["PartnerProductID"] == "Größe" * 10
    assert cdr["EMPPartnerSessionID"] == long_id
    times = [cdr[name] for name in ("SessionStart", "ChargingStart", "ChargingEnd", "SessionEnd")]
    assert [datetime.fromisoformat(time) for time in times] == sorted(map(datetime.fromisoformat, times))
    assert all(time.endswith("+01:00") and len(time) == 25 for time in times)
    energy = round(cdr["MeterValueEnd"] - cdr["MeterValueStart"], 3)
    assert cdr["ConsumedEnergy"] == energy > 0
    assert code(cpo.remote("stop", SessionID=session_id)) == "400"
    assert code(cpo.start(SessionID=session_id)) == "400"
    assert cpo.stimulate("eRoamingChargeDetailRecord", SessionID=session_id, EvseID=EVSE) == 409
    assert cpo.start()["Result"] is True
    assert len(hub.sent("eRoamingChargeDetailRecord")) == 1


def test_cpo_refuses_what_it_cannot_read(cpo: Target) -> None:
    for field in ("SessionID", "ProviderID", "EvseID", "Identification"):
        values: tuple[object, ...] = (None, 5, "?", {}, [], True)
        for value in values:
            assert code(cpo.start(**{field: value})) == "022", (field, value)
    assert cpo.start()["Result"] is True


def test_cpo_refuses_other_nonsense(cpo: Target) -> None:
    path = "/api/oicp/charging/v21/providers/DE-DCB/authorize-remote/start"
    for raw in (b"", b"{", b"\xff", b'{"SessionID": NaN}', b"[" * 100_000, b'{"a": "\\ud800"}'):
        answer = cpo.post(path, raw)
        assert answer.status_code == 400, raw[:20]
        assert answer.json()["Result"] is False
    values: tuple[object, ...] = ([], "text", 1, None)
    for value in values:
        assert code(cpo.post(path, value).json()) == "022"
    assert code(cpo.start(EvseID="DE*ABC*E9*9")) == "603"
    assert code(cpo.start(Identification=CARD)) == "022"
    assert code(cpo.start(Identification={**CARD, **REMOTE})) == "022"
    assert code(cpo.remote("stop", SessionID=str(uuid.uuid4()))) == "400"
    assert cpo.post("/api/oicp/elsewhere", {}).status_code == 404
    assert cpo.start()["Result"] is True


def test_card_session_with_notifications(hub: Hub, cpo: Target) -> None:
    assert cpo.stimulate("eRoamingAuthorizeStart", EvseID=EVSE, Identification=QR) == 202
    asked = hub.wait("eRoamingAuthorizeStart")
    assert set(asked) == {"CPOPartnerSessionID", "OperatorID", "EvseID", "Identification"}
    assert asked["Identification"] == QR
    known = cpo.stimulate("eRoamingAuthorizeStart", EvseID=EVSE, Identification=CARD)
    assert known == 409
    # The hub's id is not in the request: it comes back with the first notification.
    session_id = str(uuid.uuid4())
    hub.answers["eRoamingAuthorizeStart"] = lambda message: yes({**message, "SessionID": session_id})
    assert cpo.stimulate("eRoamingAuthorizeStart", EvseID=OTHER_EVSE, Identification=CARD) == 202
    about = {"SessionID": session_id, "EvseID": OTHER_EVSE}
    hub.wait("eRoamingAuthorizeStart", 2)
    for kind in ("Start", "Progress", "Progress", "Error", "End"):
        assert cpo.stimulate("eRoamingChargingNotifications", **about, Type=kind) == 202
    hub.wait("eRoamingChargingNotifications", 5)
    told = hub.sent("eRoamingChargingNotifications")
    assert [message["Type"] for message in told] == ["Start", "Progress", "Progress", "Error", "End"]
    assert all(message["OperatorID"] == "DE*ABC" for message in told)
    first, second = (datetime.fromisoformat(message["EventOccurred"]) for message in told[1:3])
    assert (second - first).total_seconds() >= 300
    start = datetime.fromisoformat(told[0]["ChargingStart"])
    assert told[2]["ChargingDuration"] == (second - start).total_seconds() * 1000
    assert cpo.stimulate("eRoamingAuthorizeStop", **about, Identification=CARD) == 202
    cdr = hub.wait("eRoamingChargeDetailRecord")
    assert len({m["CPOPartnerSessionID"] for m in [*told, cdr, *hub.sent("eRoamingAuthorizeStop")]}) == 1
    for name in ("ChargingStart", "ChargingEnd", "ConsumedEnergy", "MeterValueStart", "MeterValueEnd"):
        assert cdr[name] == told[4][name]
    assert 0 < told[1]["ConsumedEnergyProgress"] < told[2]["ConsumedEnergyProgress"] <= cdr["ConsumedEnergy"]


@pytest.mark.parametrize(
    "answer",
    [
        NOT_AUTHORIZED,
        saying({"Result": False, "StatusCode": {"Code": "001"}}),
        saying({"Result": True, "StatusCode": {"Code": "000"}, "SessionID": str(uuid.uuid4())}),
        saying({"AuthorizationStatus": "Authorized", "SessionID": str(uuid.uuid4())}, 500),
        saying({"AuthorizationStatus": "Authorized", "SessionID": None}),
        lambda _: Response("<html>", content_type="text/html"),
        late,
    ],
)
def test_nothing_follows_a_start_that_was_not_granted(
    hub: Hub, cpo: Target, answer: Callable[[dict[str, Any]], Response]
) -> None:
    hub.answers["eRoamingAuthorizeStart"] = answer
    assert cpo.stimulate("eRoamingAuthorizeStart", EvseID=EVSE, Identification=CARD) == 202
    hub.wait("eRoamingAuthorizeStart")
    assert cpo.start()["Result"] is True
    assert len(hub.calls) == 1


def test_a_refused_stop_lets_the_charge_go_on(hub: Hub, cpo: Target) -> None:
    session_id = cpo.start()["SessionID"]
    about = {"SessionID": session_id, "EvseID": EVSE}
    hub.answers["eRoamingAuthorizeStop"] = NOT_AUTHORIZED
    assert cpo.stimulate("eRoamingAuthorizeStop", **about, Identification=CARD) == 202
    hub.wait("eRoamingAuthorizeStop")
    assert code(cpo.start()) == "602"
    assert hub.sent("eRoamingChargeDetailRecord") == []
    assert cpo.stimulate("eRoamingChargeDetailRecord", **about) == 202
    hub.wait("eRoamingChargeDetailRecord")


def test_a_cdr_is_sent_again_only_when_the_hub_may_not_have_it(hub: Hub, cpo: Target) -> None:
    hub.answers["eRoamingChargeDetailRecord"] = saying({}, 503)
    cpo.remote("stop", SessionID=cpo.start()["SessionID"])
    assert hub.wait("eRoamingChargeDetailRecord", 3) == hub.wait("eRoamingChargeDetailRecord", 1)
    hub.calls.clear()
    hub.answers["eRoamingChargeDetailRecord"] = saying({"Result": False, "StatusCode": {"Code": "400"}})
    cpo.remote("stop", SessionID=cpo.start()["SessionID"])
    hub.wait("eRoamingChargeDetailRecord")
    time.sleep(0.5)
    assert len(hub.sent("eRoamingChargeDetailRecord")) == 1


def test_what_the_charging_points_cannot_do(cpo: Target) -> None:
    rfid = {"RFIDIdentification": {"UID": "1234ABCD", "RFID": "mifareCls"}}
    for medium in (rfid, REMOTE):
        assert cpo.stimulate("eRoamingAuthorizeStart", EvseID=EVSE, Identification=medium) == 501
    assert cpo.stimulate("eRoamingPushAuthenticationData", ActionType="fullLoad") == 501
    assert cpo.stimulate("eRoamingPushEvseData", ActionType="all") == 400
    assert cpo.stimulate("eRoamingAuthorizeStart", EvseID="DE*ABC*E9", Identification=CARD) == 404
    assert cpo.stimulate("eRoamingChargeDetailRecord", SessionID=str(uuid.uuid4())) == 409
    assert cpo.post("/stimuli", b"{").status_code == 400


# The EMP


def test_card_session_at_the_emp(emp: Target) -> None:
    about = {"SessionID": str(uuid.uuid4()), "CPOPartnerSessionID": "x" * 250}
    spelt = {"RFIDMifareFamilyIdentification": {"UID": "1234abcd"}, "QRCodeIdentification": None}
    started = emp.operator("start", **about, Identification=spelt, EvseID=None, Unknown=1)
    assert started["AuthorizationStatus"] == "Authorized"
    assert started["ProviderID"] == "DE-DCB"
    assert (started["SessionID"], started["CPOPartnerSessionID"]) == tuple(about.values())
    assert [*started["AuthorizationStopIdentifications"][0]] == ["RFIDMifareFamilyIdentification"]
    assert code(emp.operator("stop", **about, Identification=OTHER_CARD)) == "102"
    stopped = emp.operator("stop", **about, Identification=CARD)
    assert stopped["AuthorizationStatus"] == "Authorized"
    assert stopped["EMPPartnerSessionID"] == started["EMPPartnerSessionID"]
    assert send_cdr(emp, about["SessionID"])["Result"] is True
    assert code(send_cdr(emp, about["SessionID"])) == "400"
    assert code(emp.operator("stop", **about, Identification=CARD)) == "400"
    assert code(emp.operator("stop", SessionID=str(uuid.uuid4()), Identification=CARD)) == "400"
    assert send_cdr(emp, str(uuid.uuid4()))["Result"] is True


def send_cdr(emp: Target, session_id: str, **fields: object) -> dict[str, Any]:
    now = "2026-01-01T12:00:00+01:00"
    cdr = {
        "SessionID": session_id,
        "EvseID": EVSE,
        "Identification": CARD,
        **dict.fromkeys(("ChargingStart", "ChargingEnd", "SessionStart", "SessionEnd"), now),
        "ConsumedEnergy": 0,
        **fields,
    }
    answer = emp.post("/api/oicp/cdrmgmt/v22/operators/DE*ABC/charge-detail-record", cdr)
    assert answer.status_code == 200
    return dict(answer.json())


def test_whom_the_emp_refuses(emp: Target) -> None:
    qr = QR["QRCodeIdentification"]
    refused = {
        "101": {"QRCodeIdentification": {**qr, "PIN": "0000"}},
        "102": OTHER_CARD,
        "105": {"PlugAndChargeIdentification": {"EvcoID": "DE-DCB-C00000000-0"}},
        "022": {**CARD, **QR},
    }
    for expected, medium in refused.items():
        answer = emp.operator("start", SessionID=str(uuid.uuid4()), Identification=medium)
        assert (answer["AuthorizationStatus"], code(answer)) == ("NotAuthorized", expected)
    unread = emp.post("/api/oicp/charging/v21/operators/DE*ABC/authorize/start", b"{")
    assert unread.status_code == 400
    assert unread.json()["AuthorizationStatus"] == "NotAuthorized"
    assert code(send_cdr(emp, str(uuid.uuid4()), ConsumedEnergy="5")) == "022"


def test_notifications_to_the_emp(emp: Target) -> None:
    at = "2026-01-01T12:00:00.5+01:00"
    about = {"SessionID": str(uuid.uuid4()), "EvseID": EVSE, "OperatorID": None}
    good: list[dict[str, object]] = [
        {"Type": "Start", "ChargingStart": at},
        {"Type": "Progress", "ChargingStart": at, "EventOccurred": at, "ChargingDuration": 1},
        {"Type": "End", "ChargingEnd": at, "MeterValueInBetween": {"meterValues": [1.5]}},
        {"Type": "Error", "ErrorType": "ConnectorError"},
        {"Type": "Error", "ErrorType": "Critical Error"},
    ]
    bad: list[dict[str, object]] = [
        {"Type": "Stop", "ChargingEnd": at},
        {"Type": "Start", "ChargingEnd": at},
        {"Type": "Progress", "ChargingStart": at, "EventOccurred": at},
        {"ChargingStart": at},
    ]
    path = "/api/oicp/notificationmgmt/v11/charging-notifications"
    assert [emp.post(path, {**about, **m}).json()["Result"] for m in good] == [True] * 5
    assert [code(emp.post(path, {**about, **m}).json()) for m in bad] == ["022"] * 4


def test_remote_session_of_the_emp(hub: Hub, emp: Target) -> None:
    session_id = str(uuid.uuid4())
    hub.answers["eRoamingAuthorizeRemoteStart"] = lambda m: yes({**m, "SessionID": session_id})
    assert emp.stimulate("eRoamingAuthorizeRemoteStart", EvseID=EVSE, Identification=REMOTE) == 202
    started = hub.wait("eRoamingAuthorizeRemoteStart")
    assert set(started) == {"EMPPartnerSessionID", "ProviderID", "EvseID", "Identification"}
    assert emp.stimulate("eRoamingAuthorizeRemoteStop", SessionID=session_id, EvseID=EVSE) == 202
    stopped = hub.wait("eRoamingAuthorizeRemoteStop")
    assert stopped["EMPPartnerSessionID"] == started["EMPPartnerSessionID"]
    assert emp.stimulate("eRoamingAuthorizeRemoteStart", EvseID=EVSE, Identification=CARD) == 501
    hub.answers["eRoamingAuthorizeRemoteStart"] = saying({"Result": False, "SessionID": session_id[::-1]})
    assert emp.stimulate("eRoamingAuthorizeRemoteStart", EvseID=EVSE, Identification=REMOTE) == 202
    hub.wait("eRoamingAuthorizeRemoteStart", 2)
    assert emp.stimulate("eRoamingAuthorizeRemoteStop", SessionID=session_id[::-1], EvseID=EVSE) == 409


def test_uploads_of_the_emp(hub: Hub, emp: Target) -> None:
    current: dict[str, Any] = {}
    for action in ("update", "delete", "insert", "fullLoad", "delete"):
        before = len(hub.calls)
        assert emp.stimulate("eRoamingPushAuthenticationData", ActionType=action) == 202
        hub.wait_until(lambda: any(c.message["ActionType"] == action for c in hub.calls[before:]))  # noqa: B023
    for push in hub.sent("eRoamingPushAuthenticationData"):
        records = push["ProviderAuthenticationData"]["AuthenticationDataRecord"]
        names = {json.dumps(r["Identification"], sort_keys=True)[:80]: r["Identification"] for r in records}
        if push["ActionType"] == "fullLoad":
            current = names
        elif push["ActionType"] == "insert":
            assert not names.keys() & current.keys()
            current |= names
        elif push["ActionType"] == "update":
            assert names.keys() <= current.keys()
        else:
            assert names.keys() <= current.keys()
            current = {name: value for name, value in current.items() if name not in names}
    assert CARD in current.values()
    hashed = next(v for v in current.values() if "QRCodeIdentification" in v)["QRCodeIdentification"]
    assert bcrypt.checkpw(b"1234", hashed["HashedPIN"]["Value"].encode())
    assert "PIN" not in hashed


def test_offline_emp(hub: Hub) -> None:
    with process("emp", "--hub", hub.url, "--mode", "offline") as emp:
        for end in ("authorize/start", "authorize/stop"):
            assert emp.post(f"/api/oicp/charging/v21/operators/DE*ABC/{end}", {}).status_code == 404
        assert emp.post("/api/oicp/notificationmgmt/v11/charging-notifications", {}).status_code == 200


def test_an_unknown_fault_is_a_usage_error() -> None:
    command = [
        sys.executable,
        "-m",
        "oicp_conformance.reference.cpo",
        "--hub",
        "http://127.0.0.1:1",
        "--fault",
        "nonsense",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
    assert done.returncode == 2
    assert "nonsense" in done.stderr


def test_provider_says_the_same_for_the_same_seed() -> None:
    one, other = faker(7), faker(7)
    kinds = ("RFIDMifareFamilyIdentification", "QRCodeIdentification", "RemoteIdentification")
    for make in (one, other):
        make.seed_instance(7)
    assert [one.identification(k) for k in kinds] == [other.identification(k) for k in kinds]
    assert (one.evse_id(), one.session_id(), one.name()) == (
        other.evse_id(),
        other.session_id(),
        other.name(),
    )
