"""How the reference EMP reads the operations that it serves."""

from collections.abc import Mapping

from oicp_conformance.reference import permissive as reading
from oicp_conformance.reference.permissive import (
    Check,
    Message,
    Shape,
    date_time,
    integer,
    many,
    number,
    text,
)

_PARTNERS: Mapping[str, Check] = {
    "CPOPartnerSessionID": reading.PARTNER_SESSION_ID,
    "EMPPartnerSessionID": reading.PARTNER_SESSION_ID,
}
_PRODUCT: Mapping[str, Check] = {"PartnerProductID": reading.PRODUCT_ID}
_METERING_STATUS = reading.one_of("Start", "Progress", "End")


def _meter_values(value: object) -> str:
    # The text wants a list, every schema an object around it: whoever reads must take both.
    if isinstance(value, list):
        return many(number)(value)
    return Shape({}, {"meterValues": many(number)})(value)


READS: Mapping[str, Shape] = {
    "eRoamingAuthorizeStart": Shape(
        {"OperatorID": reading.OPERATOR_ID, "Identification": reading.identification},
        {"SessionID": reading.SESSION_ID, "EvseID": reading.EVSE_ID, **_PARTNERS, **_PRODUCT},
    ),
    "eRoamingAuthorizeStop": Shape(
        {
            "SessionID": reading.SESSION_ID,
            "OperatorID": reading.OPERATOR_ID,
            "Identification": reading.identification,
        },
        {"EvseID": reading.EVSE_ID, **_PARTNERS},
    ),
    "eRoamingChargeDetailRecord": Shape(
        {
            "SessionID": reading.SESSION_ID,
            "EvseID": reading.EVSE_ID,
            "Identification": reading.identification,
            "ChargingStart": date_time,
            "ChargingEnd": date_time,
            "SessionStart": date_time,
            "SessionEnd": date_time,
            "ConsumedEnergy": number,
        },
        {
            **_PARTNERS,
            **_PRODUCT,
            "MeterValueStart": number,
            "MeterValueEnd": number,
            "MeterValueInBetween": _meter_values,
            "SignedMeteringValues": many(
                Shape({}, {"SignedMeteringValue": text(3000), "MeteringStatus": _METERING_STATUS}), most=10
            ),
            "CalibrationLawVerificationInfo": Shape(
                {},
                {
                    "CalibrationLawCertificateID": text(100),
                    "PublicKey": text(1000),
                    "MeteringSignatureUrl": text(200),
                    "MeteringSignatureEncodingFormat": text(50),
                    "SignedMeteringValuesVerificationInstruction": text(400),
                },
            ),
            "HubOperatorID": reading.OPERATOR_ID,
            "HubProviderID": reading.PROVIDER_ID,
        },
    ),
}

_NOTIFIED: Mapping[str, Check] = {"SessionID": reading.SESSION_ID, "EvseID": reading.EVSE_ID}
_MAYBE_NOTIFIED: Mapping[str, Check] = {
    **_PARTNERS,
    "Identification": reading.identification,
    "OperatorID": reading.OPERATOR_ID,
}
_CHARGED: Mapping[str, Check] = {
    **_MAYBE_NOTIFIED,
    **_PRODUCT,
    "SessionStart": date_time,
    "MeterValueStart": number,
}
NOTIFICATIONS: Mapping[str, Shape] = {
    "Start": Shape({**_NOTIFIED, "ChargingStart": date_time}, _CHARGED),
    "Progress": Shape(
        {**_NOTIFIED, "ChargingStart": date_time, "EventOccurred": date_time},
        {
            **_CHARGED,
            "ChargingDuration": integer,
            "ConsumedEnergyProgress": number,
            "MeterValueInBetween": _meter_values,
        },
    ),
    "End": Shape(
        {**_NOTIFIED, "ChargingEnd": date_time},
        {
            **_CHARGED,
            "ChargingStart": date_time,
            "SessionEnd": date_time,
            "ConsumedEnergy": number,
            "MeterValueEnd": number,
            "MeterValueInBetween": _meter_values,
            "PenaltyTimeStart": date_time,
        },
    ),
    "Error": Shape(
        {
            **_NOTIFIED,
            # The two documents spell these words differently.
            "ErrorType": reading.one_of(
                "ConnectorError", "CriticalError", "Connector Error", "Critical Error"
            ),
        },
        {**_MAYBE_NOTIFIED, "ErrorAdditionalInfo": text(250)},
    ),
}


def problems(operation: str, request: Message) -> list[str]:
    """List why a request cannot be understood."""
    if operation != "eRoamingChargingNotifications":
        return READS[operation].problems(request)
    kind = request.get("Type")
    if not isinstance(kind, str) or kind not in NOTIFICATIONS:
        return [f"Type is none of {', '.join(NOTIFICATIONS)}"]
    found = NOTIFICATIONS[kind].problems(request)
    measured = (request.get("ChargingDuration"), request.get("ConsumedEnergyProgress"))
    if kind == "Progress" and measured == (None, None):
        found.append("neither ChargingDuration nor ConsumedEnergyProgress is there")
    return found
