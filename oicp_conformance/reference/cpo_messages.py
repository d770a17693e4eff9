"""What the reference CPO writes about a session."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from oicp_conformance.reference.charge import Session
from oicp_conformance.reference.permissive import Message

TYPES = ("Start", "Progress", "End", "Error")
MOST_SIGNED_IN_BETWEEN = 8
_TX = {"Start": "B", "Progress": "C", "End": "E"}
"""How a meter that signs calls the reasons for which it reads."""


def date(moment: datetime) -> str:
    """Write a time in whole seconds with its numeric offset."""
    return moment.isoformat(timespec="seconds")


def kwh(watt_hours: int) -> float:
    """Write an energy with at most three decimals."""
    return watt_hours / 1000


def present(message: Mapping[str, object]) -> Message:
    """Leave out what there is not."""
    return {name: value for name, value in message.items() if value is not None}


def _about(session: Session) -> Message:
    return {
        "SessionID": session.session_id,
        "CPOPartnerSessionID": session.cpo_partner_session_id,
        "EMPPartnerSessionID": session.emp_partner_session_id,
        "EvseID": session.evse_id,
        "Identification": session.identification,
        "PartnerProductID": session.product_id,
    }


def charge_detail_record(session: Session) -> Message:
    """Write the CDR of a session that is over."""
    session.finish()
    if session.charging_start is None or session.charging_end is None or session.ended is None:
        msg = "a finished session has all its times"
        raise RuntimeError(msg)
    return present(
        {
            **_about(session),
            "ChargingStart": date(session.charging_start),
            "ChargingEnd": date(session.charging_end),
            "SessionStart": date(session.began),
            "SessionEnd": date(session.ended),
            "MeterValueStart": kwh(session.meter_start),
            "MeterValueEnd": kwh(session.meter_end),
            "MeterValueInBetween": {"meterValues": list(map(kwh, session.readings))}
            if session.readings
            else None,
            "ConsumedEnergy": kwh(session.meter_end - session.meter_start),
            **(_calibration(session) if session.signs else {}),
        }
    )


def _calibration(session: Session) -> Message:
    readings = [
        ("Start", session.meter_start),
        *(("Progress", reading) for reading in session.readings[:MOST_SIGNED_IN_BETWEEN]),
        ("End", session.meter_end),
    ]
    return {
        "SignedMeteringValues": [
            {"SignedMeteringValue": _signed(session.evse_id, kind, reading), "MeteringStatus": kind}
            for kind, reading in readings
        ],
        "CalibrationLawVerificationInfo": {
            "CalibrationLawCertificateID": "DE-MTP 26 B 001 MI-003 : V1 : 01Jan2026",
            "PublicKey": _digest(session.evse_id),
            "MeteringSignatureUrl": "https://meters.example/transparency.xml",
            "MeteringSignatureEncodingFormat": "OCMF : V1.0",
            "SignedMeteringValuesVerificationInstruction": "Paste the values into the transparency software",
        },
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _signed(evse_id: str, kind: str, watt_hours: int) -> str:
    """Write a reading as a meter would that signs it."""
    read = {"TX": _TX[kind], "RV": kwh(watt_hours), "RI": "01-00:B2.08.00*FF", "RU": "kWh", "ST": "G"}
    payload = json.dumps({"FV": "1.0", "GI": evse_id, "PG": "T1", "RD": [read]})
    return f"OCMF|{payload}|{json.dumps({'SD': _digest(payload)})}"


def notification(session: Session, kind: str, operator_id: str) -> Message:
    """Write a notification about what just happened in a session."""
    about = {"Type": kind, **_about(session), "OperatorID": operator_id}
    if kind == "Error":
        del about["PartnerProductID"]
        about |= {"ErrorType": "ConnectorError", "ErrorAdditionalInfo": "The plug is not locked"}
        return present(about)
    start = session.let_energy_flow()
    about |= {
        "ChargingStart": date(start),
        "SessionStart": date(session.began),
        "MeterValueStart": kwh(session.meter_start),
    }
    consumed = session.meter_end - session.meter_start
    if kind == "Progress":
        about |= {
            "EventOccurred": date(session.clock),
            "ChargingDuration": int((session.clock - start).total_seconds()) * 1000,
            "ConsumedEnergyProgress": kwh(consumed),
        }
    if kind == "End":
        about |= {
            "ChargingEnd": date(session.let_energy_end()),
            "ConsumedEnergy": kwh(session.meter_end - session.meter_start),
            "MeterValueEnd": kwh(session.meter_end),
        }
    if kind in {"Progress", "End"}:
        about["MeterValueInBetween"] = {"meterValues": [kwh(reading) for reading in session.readings]}
    return present(about)
