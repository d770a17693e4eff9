"""A throwaway hub that knows nothing of the suite's own, and the reference targets as processes."""

import json
import re
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from pytest_httpserver import HTTPServer
from werkzeug.wrappers import Request, Response

from oicp_conformance.reference.permissive import normal
from selftest.support import forked

EVSE, OTHER_EVSE = "DE*ABC*E1*1", "DE*ABC*E2*1"
CARD = {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}
OTHER_CARD = {"RFIDMifareFamilyIdentification": {"UID": "DEADBEEF"}}
QR = {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "PIN": "1234"}}
REMOTE = {"RemoteIdentification": {"EvcoID": "DE-DCB-C12345678-X"}}
PATHS = {
    "/charging/v21/.*/authorize/start": "eRoamingAuthorizeStart",
    "/charging/v21/.*/authorize/stop": "eRoamingAuthorizeStop",
    "/charging/v21/.*/authorize-remote/start": "eRoamingAuthorizeRemoteStart",
    "/charging/v21/.*/authorize-remote/stop": "eRoamingAuthorizeRemoteStop",
    "/reservation/v11/.*/reservation-start-request": "eRoamingAuthorizeRemoteReservationStart",
    "/reservation/v11/.*/reservation-stop-request": "eRoamingAuthorizeRemoteReservationStop",
    "/cdrmgmt/v22/.*/charge-detail-record": "eRoamingChargeDetailRecord",
    "/cdrmgmt/v22/.*/get-charge-detail-records-request": "eRoamingGetChargeDetailRecords",
    "/notificationmgmt/v11/charging-notifications": "eRoamingChargingNotifications",
    "/authdata/v21/.*/push-request": "eRoamingPushAuthenticationData",
    "/evsepush/v23/operators/DE[*]ABC/data-records": "eRoamingPushEvseData",
    "/evsepush/v21/operators/DE[*]ABC/status-records": "eRoamingPushEvseStatus",
    "/dynamicpricing/v10/operators/DE[*]ABC/pricing-products": "eRoamingPushPricingProductData",
    "/dynamicpricing/v10/operators/DE[*]ABC/evse-pricing": "eRoamingPushEVSEPricing",
    "/evsepull/v23/providers/DE-DCB/data-records": "eRoamingPullEvseData",
    "/evsepull/v21/providers/DE-DCB/status-records": "eRoamingPullEvseStatus",
    "/evsepull/v21/providers/DE-DCB/status-records-by-id": "eRoamingPullEvseStatusByID",
    "/evsepull/v21/providers/DE-DCB/status-records-by-operator-id": "eRoamingPullEvseStatusByOperatorID",
    "/dynamicpricing/v10/providers/DE-DCB/pricing-products": "eRoamingPullPricingProductData",
    "/dynamicpricing/v10/providers/DE-DCB/evse-pricing": "eRoamingPullEVSEPricing",
}


DATA, STATUS = "eRoamingPushEvseData", "eRoamingPushEvseStatus"
PRODUCTS, PRICING = "eRoamingPushPricingProductData", "eRoamingPushEVSEPricing"
PUSHES = (DATA, STATUS, PRODUCTS, PRICING)


class Call(NamedTuple):
    """One request of a target."""

    operation: str
    message: dict[str, Any]
    path: str
    query: dict[str, str]


def records_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Find the list of records in a push."""
    if "EVSEPricing" in message:
        return list(message["EVSEPricing"])
    (holder,) = (value for name, value in message.items() if name != "ActionType")
    return list(next(value for value in holder.values() if isinstance(value, list)))


class Register:
    """Keeps what was pushed as the hub does, and objects to what makes no sense."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, dict[str, Any]]] = {operation: {} for operation in PUSHES}

    def take(self, operation: str, message: dict[str, Any]) -> None:
        records = {r.get("ProductID") or normal(r["EvseID"]): r for r in records_of(message)}
        assert len(records) == len(records_of(message))
        known, action = self.records[operation], message["ActionType"]
        if action == "fullLoad":
            known.clear()
        if action in {"fullLoad", "insert"}:
            assert not records.keys() & known.keys()
        else:
            assert records.keys() <= known.keys()
        if operation in {STATUS, PRICING}:
            assert records.keys() <= self.records[DATA].keys()
        for record in records.values() if operation == PRICING else ():
            assert set(record["EvseIDProductList"]) <= self.records[PRODUCTS].keys()
        for key, record in records.items():
            if action == "delete":
                del known[key]
            else:
                known[key] = record

    def replay(self, hub: "Hub") -> None:
        for call in hub.calls:
            if call.operation in PUSHES:
                self.take(call.operation, call.message)


class Hub:
    """Answers yes unless told otherwise, and keeps what it was sent."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.calls: list[Call] = []
        self.paths = dict(PATHS)
        self.open: list[str] = []
        self.overlapping: list[str] = []
        self.answers: dict[str, Callable[[dict[str, Any]], Response]] = {}
        self.arrived = threading.Condition()
        server.expect_request(_any_path).respond_with_handler(self.serve)

    def serve(self, request: Request) -> Response:
        operation = next(
            name for path, name in self.paths.items() if re.fullmatch("/api/oicp" + path, request.path)
        )
        message = request.get_json()
        with self.arrived:
            if operation in self.open:
                self.overlapping.append(operation)
            self.open.append(operation)
        answer = self.answers.get(operation, yes)({**message, **self.page_asked_for(request)})
        with self.arrived:
            self.open.remove(operation)
            self.calls.append(Call(operation, message, request.path, dict(request.args)))
            self.arrived.notify_all()
        return answer

    @staticmethod
    def page_asked_for(request: Request) -> dict[str, Any]:
        return {"?" + name: value for name, value in request.args.items()}

    def sent(self, operation: str) -> list[dict[str, Any]]:
        return [call.message for call in self.calls if call.operation == operation]

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
    with tempfile.TemporaryDirectory(prefix="reference-") as folder:
        said = Path(folder, "said")
        running = forked(f"fixtures.{role}", ["--until-stdin-closes", *arguments], said)
        try:
            target = Target(json.loads(running.line()))
            yield target
            target.client.close()
        finally:
            running.end()
        assert running.code == 0
        assert said.read_text(encoding="utf-8").count("\n") == 1, "it says where it is, and nothing else"


def code(answer: dict[str, Any]) -> str:
    return str(answer["StatusCode"]["Code"])


@contextmanager
def reference_cpo(hub: Hub, *options: str) -> Iterator[Target]:
    evses = ("--evse", EVSE, OTHER_EVSE)
    with process("cpo", "--hub", hub.url, "--timeout", "1", *evses, *options) as target:
        yield target


@contextmanager
def reference_emp(hub: Hub, *options: str) -> Iterator[Target]:
    accepts = [json.dumps(medium) for medium in (CARD, QR, REMOTE)]
    refuses = json.dumps(OTHER_CARD)
    with process("emp", "--hub", hub.url, "--accepts", *accepts, "--refuses", refuses, *options) as target:
        yield target
