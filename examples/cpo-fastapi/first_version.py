"""The first version of a small CPO backend: two charging points, the mandatory operations of OICP 2.3.

Start it with `python first_version.py`. `HUBJECT` is where it finds Hubject, `PORT` is where it listens.
The paths under /test move the charging points: a card, a cable, the end of a charge.
"""

import os
from datetime import datetime
from typing import Annotated, Literal
from uuid import uuid4

import httpx
import uvicorn
from fastapi import BackgroundTasks, FastAPI, HTTPException
from pydantic import BaseModel, Field

HUBJECT = os.environ.get("HUBJECT", "http://127.0.0.1:8600")
PORT = int(os.environ.get("PORT", "9000"))
OPERATOR = "DE*ABC"
EVSES = ["DE*ABC*E1*1", "DE*ABC*E2*1"]

app = FastAPI(title="A small CPO")
hubject = httpx.Client(base_url=HUBJECT, timeout=10)
sessions: dict[str, dict] = {}

EvseID = Annotated[str, Field(pattern=r"^DE\*ABC\*E[0-9*]+$")]
SessionID = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}$")]


class RemoteStart(BaseModel):
    SessionID: SessionID
    ProviderID: str
    EvseID: EvseID
    Identification: dict


class RemoteStop(BaseModel):
    SessionID: SessionID
    ProviderID: str
    EvseID: EvseID


class Swipe(BaseModel):
    EvseID: EvseID
    Identification: dict


class Publish(BaseModel):
    ActionType: Literal["fullLoad", "insert", "update", "delete"]


# What Hubject calls


@app.post("/api/oicp/charging/v21/providers/{provider_id}/authorize-remote/start")
def remote_start(provider_id: str, start: RemoteStart):
    session = open_session(start.EvseID, start.Identification, start.SessionID)
    return acknowledge(session)


@app.post("/api/oicp/charging/v21/providers/{provider_id}/authorize-remote/stop")
def remote_stop(provider_id: str, stop: RemoteStop, later: BackgroundTasks):
    session = sessions[stop.SessionID]
    later.add_task(close_session, session)
    return acknowledge(session)


def acknowledge(session: dict) -> dict:
    return {"Result": True, "StatusCode": {"Code": "000"}, "SessionID": session["SessionID"]}


# What happens at a charging point


def open_session(evse_id: str, identification: dict, session_id: str) -> dict:
    session = {
        "SessionID": session_id,
        "CPOPartnerSessionID": str(uuid4()),
        "EvseID": evse_id,
        "Identification": identification,
        "SessionStart": now(),
    }
    sessions[session_id] = session
    push_status(evse_id)
    return session


def close_session(session: dict) -> None:
    if "SessionEnd" in session:
        return
    session["SessionEnd"] = now()
    push_status(session["EvseID"])
    call(
        f"/api/oicp/cdrmgmt/v22/operators/{OPERATOR}/charge-detail-record",
        {
            **session,
            "ChargingStart": session["SessionStart"],
            "ChargingEnd": session["SessionEnd"],
            "MeterValueStart": 120000,
            "MeterValueEnd": 120450,
            "ConsumedEnergy": 450,
        },
    )


def now() -> str:
    return datetime.now().isoformat()


# What we send to Hubject


def call(path: str, message: dict) -> dict:
    answer = hubject.post(path, json=message)
    answer.raise_for_status()
    return answer.json()


def push_status(*evse_ids: str, action: str = "update") -> None:
    occupied = {one["EvseID"] for one in sessions.values() if "SessionEnd" not in one}
    records = [
        {"EvseID": one, "EvseStatus": "Occupied" if one in occupied else "Available"} for one in evse_ids
    ]
    call(
        f"/api/oicp/evsepush/v21/operators/{OPERATOR}/status-records",
        {
            "ActionType": action,
            "OperatorEvseStatus": {
                "OperatorID": OPERATOR,
                "OperatorName": "A small CPO",
                "EvseStatusRecord": records,
            },
        },
    )


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
        "GeoCoordinates": {"DecimalDegree": {"Longitude": 13.38, "Latitude": 52.53}},
        "Plugs": ["Type 2 Outlet"],
        "ChargingFacilities": [{"PowerType": "AC_3_PHASE", "Power": 22}],
        "RenewableEnergy": True,
        "CalibrationLawDataAvailability": "Not Available",
        "AuthenticationModes": ["NFC RFID Classic", "REMOTE"],
        "PaymentOptions": ["Contract"],
        "ValueAddedServices": ["None"],
        "Accessibility": "Free publicly accessible",
        "HotlinePhoneNumber": "030 1234567",
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
    if answer["AuthorizationStatus"] == "Authorized":
        open_session(card.EvseID, card.Identification, answer["SessionID"])


@app.post("/test/finish/{session_id}", status_code=204)
def finish(session_id: str) -> None:
    close_session(sessions[session_id])


@app.post("/test/publish/data", status_code=204)
def publish_data(publish: Publish) -> None:
    call(
        f"/api/oicp/evsepush/v23/operators/{OPERATOR}/data-records",
        {
            "ActionType": publish.ActionType,
            "OperatorEvseData": {
                "OperatorID": OPERATOR,
                "OperatorName": "A small CPO",
                "EvseDataRecord": [evse_record(one) for one in EVSES],
            },
        },
    )


@app.post("/test/publish/status", status_code=204)
def publish_status(publish: Publish) -> None:
    push_status(*EVSES, action=publish.ActionType)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
