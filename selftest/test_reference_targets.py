"""The reference CPO and EMP, as processes, against a throwaway hub that knows nothing of the suite's own."""

import json
import re
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug.wrappers import Request, Response

from fixtures.backend import Backend
from fixtures.cpo_backend import ReferenceCpo
from fixtures.emp_backend import ReferenceEmp
from fixtures.exchange import Answering, Reply, Sending
from fixtures.faults import Fault, every
from fixtures.provider import faker

ROOT = Path(__file__).parent.parent
EVSE, OTHER_EVSE = "DE*ABC*E1*1", "DE*ABC*E2*1"
CARD = {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}
OTHER_CARD = {"RFIDMifareFamilyIdentification": {"UID": "DEADBEEF"}}
QR = {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "PIN": "1234"}}
REMOTE = {"RemoteIdentification": {"EvcoID": "DE-DCB-C12345678-X"}}
ENDS = {
    "/authorize/start": "eRoamingAuthorizeStart",
    "/authorize/stop": "eRoamingAuthorizeStop",
    "/authorize-remote/start": "eRoamingAuthorizeRemoteStart",
    "/authorize-remote/stop": "eRoamingAuthorizeRemoteStop",
    "/charge-detail-record": "eRoamingChargeDetailRecord",
    "/charging-notifications": "eRoamingChargingNotifications",
    "/push-request": "eRoamingPushAuthenticationData",
}


class Hub:
    """Answers yes unless told otherwise, and keeps what it was sent."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.calls: list[tuple[str, dict[str, Any], str]] = []
        self.answers: dict[str, Callable[[dict[str, Any]], Response]] = {}
        self.arrived = threading.Condition()
        server.expect_request(_any_path).respond_with_handler(self.serve)

    def serve(self, request: Request) -> Response:
        operation = next(name for end, name in ENDS.items() if request.path.endswith(end))
        message = request.get_json()
        answer = self.answers.get(operation, yes)(message)
        with self.arrived:
            self.calls.append((operation, message, request.path))
            self.arrived.notify_all()
        return answer

    def sent(self, operation: str) -> list[dict[str, Any]]:
        return [message for name, message, _ in self.calls if name == operation]

    def wait_until(self, happened: Callable[[], bool]) -> None:
        with self.arrived:
            assert self.arrived.wait_for(happened, 5), self.calls

    def wait(self, operation: str, count: int = 1) -> dict[str, Any]:
        self.wait_until(lambda: len(self.sent(operation)) >= count)
        return self.sent(operation)[count - 1]


class _AnyPath(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


_any_path = _AnyPath("/")


def yes(message: dict[str, Any]) -> Response:
    session_id = message.get("SessionID") or str(uuid.uuid4())
    body = {"Result": True, "StatusCode": {"Code": "000"}, "SessionID": session_id}
    if "Identification" in message and "OperatorID" in message and "Type" not in message:
        body = {
            "AuthorizationStatus": "Authorized",
            "StatusCode": {"Code": "000", "Description": None},
            "SessionID": session_id,
            "ProviderID": "DE-DCB",
            "EMPPartnerSessionID": None,
        }
    return Response(json.dumps(body), content_type="application/json")


def saying(body: object, status: int = 200) -> Callable[[dict[str, Any]], Response]:
    return lambda _: Response(json.dumps(body), status=status, content_type="application/json")


NOT_AUTHORIZED = saying({"AuthorizationStatus": "NotAuthorized", "StatusCode": {"Code": "102"}})


def late(message: dict[str, Any]) -> Response:
    time.sleep(1.5)
    return yes(message)


class Target:
    """A reference target in a process of its own."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.ready = ready
        self.client = httpx.Client(trust_env=False, timeout=20)

    def post(self, path: str, body: object) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(
            self.ready["base_url"] + path, content=content, headers={"Content-Type": "application/json"}
        )

    def remote(self, what: str, **fields: object) -> dict[str, Any]:
        path = f"/api/oicp/charging/v21/providers/DE-DCB/authorize-remote/{what}"
        answer = self.post(path, {"ProviderID": "DE-DCB", "EvseID": EVSE, **fields})
        assert answer.status_code == 200
        return dict(answer.json())

    def start(self, **fields: object) -> dict[str, Any]:
        given = {"SessionID": str(uuid.uuid4()), "Identification": REMOTE, **fields}
        return self.remote("start", **given)

    def operator(self, what: str, **fields: object) -> dict[str, Any]:
        path = f"/api/oicp/charging/v21/operators/DE*ABC/authorize/{what}"
        answer = self.post(path, {"OperatorID": "DE*ABC", **fields})
        assert answer.status_code == 200
        return dict(answer.json())

    def stimulate(self, stimulus: str, **parameters: object) -> int:
        return self.post("/stimuli", {"stimulus": stimulus, "parameters": parameters}).status_code


@contextmanager
def process(role: str, *arguments: str) -> Iterator[Target]:
    command = [sys.executable, "-m", f"fixtures.{role}", "--until-stdin-closes", *arguments]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdin
        assert running.stdout
        assert running.stderr
        line = running.stdout.readline()
        target = Target(json.loads(line or "{}"))
        yield target
        target.client.close()
        running.stdin.close()
        assert running.wait(5) == 0
        assert running.stdout.read() == ""
        assert running.stderr.read() == ""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        yield Hub(server)


@pytest.fixture
def cpo(hub: Hub) -> Iterator[Target]:
    with process("cpo", "--hub", hub.url, "--timeout", "1") as target:
        yield target


@pytest.fixture
def emp(hub: Hub) -> Iterator[Target]:
    accepts = [json.dumps(medium) for medium in (CARD, QR, REMOTE)]
    with process("emp", "--hub", hub.url, "--accepts", *accepts, "--refuses", json.dumps(OTHER_CARD)) as t:
        yield t


def code(answer: dict[str, Any]) -> str:
    return str(answer["StatusCode"]["Code"])


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
    reservation = "/api/oicp/reservation/v11/providers/DE-DCB/reservation-start-request"
    assert cpo.post(reservation, {}).status_code == 404
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
    assert cpo.stimulate("eRoamingPushEvseData", ActionType="fullLoad") == 501
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
        hub.wait_until(lambda: any(m["ActionType"] == action for _, m, _ in hub.calls[before:]))  # noqa: B023
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


# Faults and variants


class Clock(datetime):
    """A clock that stands still, so that two transcripts can be compared."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Clock":
        return cls(2026, 3, 1, 12, 0, 0, tzinfo=tz)


class Rehearsal:
    """One backend without a network: plays everything that faults can show in, and writes it all down."""

    def __init__(self, backend: Backend, entry: Fault | None) -> None:
        self.backend = backend
        self.transcript: list[object] = []
        self.replies: dict[str, Reply] = {}
        self.count = 0
        backend.__dict__["post"] = self.post
        if entry is not None:
            entry.change(backend)
        backend.answering.append(self.write_down)
        backend.lanes.stop()

    def write_down(self, answer: Answering) -> None:
        body = (len(answer.body), answer.body[:1000]) if answer.body is not None else None
        headers, message = dict(answer.headers), deepcopy(answer.message)
        how = (answer.delay, answer.hang_up, answer.chunked)
        self.transcript.append((answer.operation, answer.status, headers, body, how, message))

    def post(self, sending: Sending, timeout: float) -> Reply:
        assert timeout > 0
        # No salt is the same twice.
        message = re.sub(r"[$]2b[$]04[$][^\"]{20,}", "hash", json.dumps(sending.message))
        self.transcript.append((sending.operation, sending.path, dict(sending.headers), message))
        if sending.operation in self.replies:
            return self.replies[sending.operation]
        given = sending.message if isinstance(sending.message, dict) else {}
        session_id = given.get("SessionID")
        if session_id is None:
            self.count += 1
            session_id = session(self.count)
        answer = yes({**given, "SessionID": session_id})
        return Reply(200, answer.get_json())

    def ask(self, path: str, body: object) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.backend.route("POST", path, content)
        for job in answer.after:
            job()
        assert self.backend.lanes.settle(5)
        self.transcript.append((path, answer.status))

    def stimulate(self, stimulus: str, **parameters: object) -> None:
        self.ask("/stimuli", {"stimulus": stimulus, "parameters": parameters})


def session(number: int) -> str:
    return f"0000abcd-0000-4000-8000-{number:012}"


def strange(message: dict[str, Any]) -> Iterator[object]:
    """Give a message in all the forms that tend to break a reader."""
    yield b"{"
    yield []
    yield {**message, "SessionID": None}
    yield {**message, "CPOPartnerSessionID": "x" * 250}
    yield {**message, "CPOPartnerSessionID": "Säule"}
    yield {**message, "CPOPartnerSessionID": None}
    yield {**message, "Unknown": 1}
    for name in message:
        yield {key: value for key, value in message.items() if key != name}


def rehearse_cpo(entry: Fault | None) -> list[object]:
    cpo = ReferenceCpo("http://127.0.0.1:1", "DE*ABC", [EVSE, OTHER_EVSE])
    play = Rehearsal(cpo, entry)
    base = "/api/oicp/charging/v21/providers/DE-DCB/authorize-remote/"
    play.ask("/api/oicp/reservation/v11/providers/DE-DCB/reservation-start-request", {})
    start: dict[str, Any] = {
        "SessionID": session(900),
        "ProviderID": "DE-DCB",
        "EvseID": EVSE,
        "Identification": REMOTE,
    }
    full = {**start, "EMPPartnerSessionID": "mine", "PartnerProductID": "AC3"}
    stop = {name: start[name] for name in ("SessionID", "ProviderID", "EvseID")}
    for number, message in enumerate(strange(full)):
        play.ask(base + "start", message)
        play.ask(base + "start", {**start, "EvseID": "DEABCE11", "SessionID": session(800 + number)})
        for name in list(cpo.sessions):
            play.ask(base + "stop", {**stop, "SessionID": name})
    play.ask(base + "start", {**start, "EvseID": "DE*ABC*E9", "SessionID": session(902)})
    play.ask(base + "start", {**full, "SessionID": session(903)})
    play.ask(base + "start", {**full, "SessionID": session(904)})
    for changed in ({"EvseID": OTHER_EVSE}, {"ProviderID": "DE-XYZ"}, {"SessionID": session(999)}):
        play.ask(base + "stop", {**stop, "SessionID": session(903), **changed})
    for message in strange({**stop, "SessionID": session(903), "EMPPartnerSessionID": "mine"}):
        play.ask(base + "stop", message)
    play.replies["eRoamingChargeDetailRecord"] = Reply(200, {"Result": False})
    play.ask(base + "start", {**start, "SessionID": session(905)})
    play.ask(base + "stop", {**stop, "SessionID": session(905)})
    play.replies.clear()

    # The next two sessions run side by side.
    here, there = {"EvseID": EVSE}, {"EvseID": OTHER_EVSE}
    play.ask(base + "start", {**full, **there, "SessionID": session(906)})
    for medium, number in ((CARD, 1), (QR, 2), (CARD, 3)):
        about = {**here, "SessionID": session(number)}
        play.stimulate("eRoamingAuthorizeStart", **here, Identification=medium)
        if number < 3:
            for kind in ("Start", "Progress", "Progress", "Error", "End"):
                play.stimulate("eRoamingChargingNotifications", **about, Type=kind)
            play.replies["eRoamingAuthorizeStop"] = Reply(200, {"AuthorizationStatus": "NotAuthorized"})
            play.stimulate("eRoamingAuthorizeStop", **about, Identification=OTHER_CARD)
            play.replies.clear()
            play.stimulate("eRoamingAuthorizeStop", **about, Identification=medium)
        play.ask(base + "stop", {**stop, "SessionID": session(number)})
    play.stimulate("eRoamingChargeDetailRecord", **there, SessionID=session(906))

    no: dict[str, Any] = {"AuthorizationStatus": "NotAuthorized", "SessionID": session(777)}
    malformed = Reply(200, "<html>")
    for reply in (Reply(200, no), Reply(200, {"Result": False}), Reply(500), Reply(None), malformed):
        play.replies["eRoamingAuthorizeStart"] = reply
        play.stimulate("eRoamingAuthorizeStart", **here, Identification=CARD)
    play.replies["eRoamingAuthorizeStart"] = Reply(200, {"Result": True, "SessionID": session(778)})
    play.stimulate("eRoamingAuthorizeStart", **here, Identification=CARD)
    return play.transcript


def rehearse_emp(entry: Fault | None) -> list[object]:
    emp = ReferenceEmp("http://127.0.0.1:1", "DE-DCB", accepts=[CARD, QR, REMOTE], refuses=[OTHER_CARD])
    play = Rehearsal(emp, entry)
    base = "/api/oicp/charging/v21/operators/DE*ABC/authorize/"
    play.ask("/api/oicp/reservation/v11/providers/DE-DCB/reservation-start-request", {})
    play.ask(base + "stop", {"OperatorID": "DE*ABC", "SessionID": session(996), "Identification": CARD})
    for end in ("start", "stop"):
        about = {"OperatorID": "DE*ABC", "SessionID": session(901), "CPOPartnerSessionID": "mine"}
        unknown = {"PlugAndChargeIdentification": {"EvcoID": "DE-DCB-C00000000-0"}}
        wrong_pin = {"QRCodeIdentification": {**QR["QRCodeIdentification"], "PIN": "0000"}}
        for medium in (CARD, OTHER_CARD, QR, wrong_pin, unknown):
            play.ask(base + end, {**about, "EvseID": EVSE, "Identification": medium})
        play.ask(base + end, {**about, "OperatorID": "FR*XYZ", "EvseID": EVSE, "Identification": CARD})
        play.ask(base + end, {**about, "EvseID": "+49*810*000*438", "Identification": CARD})
        play.ask(base + end, {**about, "SessionID": session(999), "EvseID": EVSE, "Identification": CARD})
        for message in strange({**about, "EvseID": EVSE, "Identification": CARD}):
            play.ask(base + end, message)

    records = "/api/oicp/cdrmgmt/v22/operators/DE*ABC/charge-detail-record"
    at = "2026-01-01T12:00:00+01:00"
    times = dict.fromkeys(("ChargingStart", "ChargingEnd", "SessionStart", "SessionEnd"), at)
    least: dict[str, Any] = {
        "EvseID": EVSE,
        "SessionID": session(901),
        "Identification": CARD,
        "ConsumedEnergy": 0,
        **times,
    }
    most = {
        **least,
        **dict.fromkeys(("CPOPartnerSessionID", "EMPPartnerSessionID", "PartnerProductID"), "mine"),
        **dict.fromkeys(("MeterValueStart", "MeterValueEnd"), 1.5),
        "MeterValueInBetween": {"meterValues": [1.5]},
        "SignedMeteringValues": [{"SignedMeteringValue": "x", "MeteringStatus": "Start"}],
        "CalibrationLawVerificationInfo": {"PublicKey": "x"},
        "HubOperatorID": "DE*ABC",
        "HubProviderID": "DE-DCB",
        "SessionID": session(998),
    }
    for message in (least, most, least, *strange({**most, "SessionID": session(997)})):
        play.ask(records, message)
    play.ask(base + "stop", {"OperatorID": "DE*ABC", "SessionID": session(901), "Identification": CARD})

    told = "/api/oicp/notificationmgmt/v11/charging-notifications"
    about = {"SessionID": session(902), "EvseID": EVSE, "OperatorID": "DE*ABC"}
    for kind, more in (
        ("Start", {"ChargingStart": at}),
        ("Progress", {"ChargingStart": at, "EventOccurred": at, "ConsumedEnergyProgress": 1}),
        ("End", {"ChargingEnd": at}),
        ("Error", {"ErrorType": "ConnectorError"}),
        ("Stop", {"ChargingEnd": at}),
    ):
        for message in strange({"Type": kind, **about, **more}):
            play.ask(told, message)

    for number in (1, 2):
        play.stimulate("eRoamingAuthorizeRemoteStart", EvseID=EVSE, Identification=REMOTE)
        play.stimulate("eRoamingAuthorizeRemoteStop", EvseID=EVSE, SessionID=session(number))
    play.replies["eRoamingAuthorizeRemoteStart"] = Reply(200, {"Result": False})
    play.stimulate("eRoamingAuthorizeRemoteStart", EvseID=EVSE, Identification=REMOTE)
    for action in ("fullLoad", "insert", "update", "delete"):
        play.stimulate("eRoamingPushAuthenticationData", ActionType=action)
    return play.transcript


REHEARSALS = {"cpo": rehearse_cpo, "emp": rehearse_emp}
NOT_IN_A_TRANSCRIPT = {"http-1-0", "sends-before-answering", "sends-later"}


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fixtures.session.datetime", Clock)


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("role", ["cpo", "emp"])
def test_every_fault_shows(role: str) -> None:
    rehearse = REHEARSALS[role]
    usual = rehearse(None)
    assert rehearse(None) == usual
    invisible = [entry.name for entry in every(role) if rehearse(entry) == usual]
    assert set(invisible) <= NOT_IN_A_TRANSCRIPT


def test_faults_are_named_uniquely() -> None:
    names = [entry.name for entry in every()]
    assert len(names) == len(set(names))
    assert all(name == name.lower() and " " not in name for name in names)


def test_an_unknown_fault_is_a_usage_error() -> None:
    command = [sys.executable, "-m", "fixtures.cpo", "--hub", "http://127.0.0.1:1", "--fault", "nonsense"]
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
