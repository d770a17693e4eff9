"""A small CPO backend: two charging points, the mandatory operations of OICP 2.3.

Start it with `python backend.py`. `HUBJECT` is where it finds Hubject, `PORT` is where it listens.
The paths under /test move the charging points: a card, a cable, the end of a charge.
"""

import os
import time
from datetime import UTC, datetime
from threading import RLock, Thread
from typing import Annotated, Literal
from uuid import uuid4

import httpx
import uvicorn
from fastapi import BackgroundTasks, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, Field

HUBJECT = os.environ.get("HUBJECT", "http://127.0.0.1:8600")
PORT = int(os.environ.get("PORT", "9000"))
OPERATOR = "DE*ABC"
EVSES = ["DE*ABC*E1*1", "DE*ABC*E2*1"]

app = FastAPI(title="A small CPO")
hubject = httpx.Client(base_url=HUBJECT, timeout=10)
sessions: dict[str, dict] = {}
published: dict[str, set[str]] = {"data": set(), "status": set()}
"""The EVSEs whose data, and whose status, Hubject has."""
lock, publishing = RLock(), RLock()

EvseID = Annotated[str, Field(pattern=r"^[A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?E[A-Za-z0-9*]+$")]
ProviderID = Annotated[str, Field(pattern=r"^[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}$")]
SessionID = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}$")]


def without_nulls(value: object) -> object:
    """An optional field may be null."""
    if not isinstance(value, dict):
        return value
    return {name: one for name, one in value.items() if one is not None}


class RemoteStart(BaseModel):
    SessionID: SessionID
    ProviderID: ProviderID
    EvseID: EvseID
    Identification: Annotated[dict, BeforeValidator(without_nulls), Field(min_length=1, max_length=1)]
    CPOPartnerSessionID: str | None = None
    EMPPartnerSessionID: str | None = None


class RemoteStop(BaseModel):
    SessionID: SessionID
    ProviderID: ProviderID
    EvseID: EvseID


class Swipe(BaseModel):
    EvseID: EvseID
    Identification: dict


class Publish(BaseModel):
    ActionType: Literal["fullLoad", "insert", "update", "delete"]


# What Hubject calls


@app.post("/api/oicp/charging/v21/providers/{provider_id}/authorize-remote/start")
def remote_start(provider_id: str, start: RemoteStart):
    evse_id = known(start.EvseID)
    if evse_id is None:
        return refuse("603", "unknown EVSE", start.SessionID)
    with lock:
        if is_occupied(evse_id):
            return refuse("602", "the EVSE is in use", start.SessionID)
        if start.SessionID in sessions:
            return refuse("400", "the SessionID is used already", start.SessionID)
        session = open_session(evse_id, start.Identification, start.SessionID, start.ProviderID)
    return acknowledge(session)


@app.post("/api/oicp/charging/v21/providers/{provider_id}/authorize-remote/stop")
def remote_stop(provider_id: str, stop: RemoteStop, later: BackgroundTasks):
    with lock:
        session = sessions.get(stop.SessionID)
        if session is None or session["EvseID"] != known(stop.EvseID) or "SessionEnd" in session:
            return refuse("400", "no such session is running at this EVSE", stop.SessionID)
        if plain(session["ProviderID"]) != plain(stop.ProviderID):
            return refuse("400", "the session is another provider's", stop.SessionID)
        session["SessionEnd"] = now()
    later.add_task(settle, session)
    return acknowledge(session)


@app.exception_handler(RequestValidationError)
def malformed(request: Request, error: RequestValidationError):
    first = error.errors()[0]
    return JSONResponse(refuse("022", f"{first['loc'][-1]}: {first['msg']}"), 400)


def acknowledge(session: dict) -> dict:
    return {"Result": True, "StatusCode": {"Code": "000"}, "SessionID": session["SessionID"]}


def refuse(code: str, reason: str, session_id: str | None = None) -> dict:
    answer = {"Result": False, "StatusCode": {"Code": code, "Description": reason}}
    return {**answer, "SessionID": session_id} if session_id else answer


def plain(text: str) -> str:
    """OICP lets a partner write an id with or without separators, in either case."""
    return text.replace("*", "").replace("-", "").upper()


def known(evse_id: str) -> str | None:
    return next((one for one in EVSES if plain(one) == plain(evse_id)), None)


# What happens at a charging point


def is_occupied(evse_id: str) -> bool:
    return any(one["EvseID"] == evse_id and "SessionEnd" not in one for one in sessions.values())


def open_session(evse_id: str, identification: dict, session_id: str, provider_id: str) -> dict:
    session = {
        "SessionID": session_id,
        "CPOPartnerSessionID": str(uuid4()),
        "EvseID": evse_id,
        "Identification": identification,
        "SessionStart": now(),
        "ProviderID": provider_id,
    }
    sessions[session_id] = session
    Thread(target=status_changed, args=[evse_id]).start()
    return session


def settle(session: dict) -> None:
    status_changed(session["EvseID"])
    about = {name: value for name, value in session.items() if name != "ProviderID"}
    call(
        f"/api/oicp/cdrmgmt/v22/operators/{OPERATOR}/charge-detail-record",
        {
            **about,
            "ChargingStart": session["SessionStart"],
            "ChargingEnd": session["SessionEnd"],
            "MeterValueStart": 120.0,
            "MeterValueEnd": 120.002,
            "ConsumedEnergy": 0.002,
        },
    )


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


# What we send to Hubject


def call(path: str, message: dict) -> dict:
    """Send a message; try again while Hubject has an outage or wants fewer requests."""
    for pause in (0.5, 1, 2, 4, 8, 8, 8):
        try:
            answer = hubject.post(path, json=message)
            if answer.status_code < 500 and answer.status_code not in {408, 429}:
                return answer.json()
        except (httpx.TransportError, ValueError):
            pass
        time.sleep(pause)
    raise RuntimeError(f"Hubject does not take {path}")


def status_changed(evse_id: str) -> None:
    with publishing:
        if not published["data"]:
            push("data", "fullLoad")
        if published["status"]:
            push("status", "update", evse_id)
        else:
            push("status", "fullLoad")


def push(what: str, action: str, *evse_ids: str) -> None:
    """Push data or statuses: those of some EVSEs, or of all."""
    evse_ids = evse_ids or tuple(EVSES)
    about = {"OperatorID": OPERATOR, "OperatorName": "A small CPO"}
    if what == "data":
        path = f"/api/oicp/evsepush/v23/operators/{OPERATOR}/data-records"
        message = {"OperatorEvseData": {**about, "EvseDataRecord": [evse_record(one) for one in evse_ids]}}
    else:
        path = f"/api/oicp/evsepush/v21/operators/{OPERATOR}/status-records"
        message = {"OperatorEvseStatus": {**about, "EvseStatusRecord": [status(one) for one in evse_ids]}}
    call(path, {"ActionType": action, **message})
    if action == "delete":
        published[what].difference_update(evse_ids)
    else:
        published[what].update(evse_ids)


def status(evse_id: str) -> dict:
    return {"EvseID": evse_id, "EvseStatus": "Occupied" if is_occupied(evse_id) else "Available"}


def evse_record(evse_id: str) -> dict:
    return {
        "EvseID": evse_id,
        "ChargingStationNames": [{"lang": "en", "value": "Market square"}],
        "Address": {
            "Country": "DEU",
            "City": "Berlin",
            "Street": "Marktplatz",
            "PostalCode": "10115",
            "HouseNum": "1",
        },
        "GeoCoordinates": {"DecimalDegree": {"Longitude": "13.38", "Latitude": "52.53"}},
        "Plugs": ["Type 2 Outlet"],
        "ChargingFacilities": [{"PowerType": "AC_3_PHASE", "Power": 22}],
        "RenewableEnergy": True,
        "CalibrationLawDataAvailability": "Not Available",
        "AuthenticationModes": ["NFC RFID Classic", "REMOTE"],
        "PaymentOptions": ["Contract"],
        "ValueAddedServices": ["None"],
        "Accessibility": "Free publicly accessible",
        "HotlinePhoneNumber": "+49301234567",
        "IsOpen24Hours": True,
        "IsHubjectCompatible": True,
        "DynamicInfoAvailable": "true",
    }


# What a test can do


@app.post("/test/swipe", status_code=204)
def swipe(card: Swipe) -> None:
    if "RFIDMifareFamilyIdentification" not in card.Identification:
        raise HTTPException(501, "the charging points read RFID cards only")
    answer = call(
        f"/api/oicp/charging/v21/operators/{OPERATOR}/authorize/start",
        {"OperatorID": OPERATOR, "EvseID": card.EvseID, "Identification": card.Identification},
    )
    if answer.get("AuthorizationStatus") == "Authorized":
        open_session(card.EvseID, card.Identification, answer["SessionID"], answer["ProviderID"])


@app.post("/test/finish/{session_id}", status_code=204)
def finish(session_id: str) -> None:
    with lock:
        session = sessions[session_id]
        if "SessionEnd" in session:
            return
        session["SessionEnd"] = now()
    settle(session)


@app.post("/test/publish/{what}", status_code=204)
def publish(what: Literal["data", "status"], asked: Publish) -> None:
    with publishing:
        if not published["data"] and what == "status":
            push("data", "fullLoad")
        # Delete what an insert would find there already; load what an update or a delete would not find.
        if asked.ActionType == "insert" and published[what]:
            push(what, "delete")
        elif asked.ActionType in {"update", "delete"} and not published[what]:
            push(what, "fullLoad")
        push(what, asked.ActionType)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
