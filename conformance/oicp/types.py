"""The data types of OICP 2.3 (CPO 03 and EMP 03): patterns, lengths, enumerations.

A type says what the leading document demands. Where another document allows more, the type carries a
`Tolerance` that names the erratum: the judge then warns, or stays silent, instead of failing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

Role = Literal["cpo", "emp"]
BOTH: frozenset[Role] = frozenset({"cpo", "emp"})


@dataclass(frozen=True)
class Tolerance:
    """What a lower document, or the running system, allows beyond the leading document.

    `accepts` is given the offending value (None when it is missing) and the object that holds it.
    """

    erratum: str
    accepts: Callable[[Any, Mapping[str, Any]], bool]
    silent: bool = False
    senders: frozenset[Role] = BOTH


def tolerate(
    erratum: str, pattern: str, *, silent: bool = False, senders: frozenset[Role] = BOTH
) -> Tolerance:
    """A tolerance for strings that match `pattern` as a whole."""
    regex = re.compile(pattern)
    return Tolerance(
        erratum, lambda value, _: isinstance(value, str) and bool(regex.fullmatch(value)), silent, senders
    )


@dataclass(frozen=True)
class Named:
    """The name that OICP gives to a type; it stands in findings and in the catalogue."""

    name: str
    example: str | None = field(default=None, compare=False)


OPERATOR_ID = r"^(([A-Za-z]{2}\*?[A-Za-z0-9]{3})|(\+?[0-9]{1,3}\*[0-9]{3}))$"
PROVIDER_ID = r"^([A-Za-z]{2}[*-]?[A-Za-z0-9]{3})$"
EVSE_ID = r"^(([A-Z]{2}\*?[A-Z0-9]{3}\*?E[A-Z0-9*]{1,30})|(\+?[0-9]{1,3}\*[0-9]{3}\*[0-9*]{1,32}))$"
EVCO_ID = (
    r"^(([A-Za-z]{2}-?[A-Za-z0-9]{3}-?C[A-Za-z0-9]{8}-?[0-9A-Za-z])"
    r"|([A-Za-z]{2}[*-]?[A-Za-z0-9]{3}[*-]?[A-Za-z0-9]{6}[*-]?[0-9X]))$"
)
SESSION_ID = r"^[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}$"
UID = r"^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$"
HASH_VALUE = r"^[0-9A-Za-z.+/=$]{10,100}$"
DATE_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?[+-][0-9]{2}:[0-9]{2}$"


OperatorIDType = Annotated[str, StringConstraints(pattern=OPERATOR_ID), Named("OperatorIDType", "DE*ABC")]
ProviderIDType = Annotated[str, StringConstraints(pattern=PROVIDER_ID), Named("ProviderIDType", "DE-DCB")]
EvseIDType = Annotated[
    str,
    StringConstraints(pattern=EVSE_ID),
    Named("EvseIDType", "DE*ABC*E1*1"),
    tolerate("C128", r"[A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?E[A-Za-z0-9*]{1,30}"),
]
EvcoIDType = Annotated[
    str,
    StringConstraints(pattern=EVCO_ID),
    Named("EvcoIDType", "DE-DCB-C12345678-X"),
    tolerate(
        "C126",
        r"([A-Za-z]{2}-?[A-Za-z0-9]{3}-?c[A-Za-z0-9]{8}-?[0-9A-Za-z])"
        r"|([A-Za-z]{2}[*-]?[A-Za-z0-9]{3}[*-]?[A-Za-z0-9]{6}[*-]?x)",
    ),
]
SessionIDType = Annotated[
    str, StringConstraints(pattern=SESSION_ID), Named("SessionIDType", "f98efba4-02d8-4fa0-b810-9a9d50d2c527")
]
UIDType = Annotated[
    str,
    StringConstraints(pattern=UID),
    Named("UIDType", "1234ABCD"),
    tolerate("C122", r"[0-9A-Fa-f]{8}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{20}"),
]
HashValueType = Annotated[
    str,
    StringConstraints(pattern=HASH_VALUE),
    Named("HashValueType"),
    tolerate("C137", r"[0-9A-Za-z.+/=$\\]{10,100}"),
]


def _real_date_time(value: str) -> str:
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError(
            "date_time", "is no date and time: {reason}", {"reason": str(error)}
        ) from None
    return value


def _utc_written_as_z(value: Any, _: Mapping[str, Any]) -> bool:
    if not (isinstance(value, str) and value.endswith("Z")):
        return False
    with_offset = value[:-1] + "+00:00"
    if not re.fullmatch(DATE_TIME, with_offset):
        return False
    try:
        datetime.fromisoformat(with_offset)
    except ValueError:
        return False
    return True


# No `format: date-time`: schema validators read it differently, and a target's value must stay readable.
DateTimeType = Annotated[
    str,
    StringConstraints(pattern=DATE_TIME),
    AfterValidator(_real_date_time),
    Named("Date/Time", "2026-11-22T14:00:00+01:00"),
    Tolerance("C143", _utc_written_as_z, senders=frozenset({"cpo"})),
    Tolerance("C143", _utc_written_as_z, silent=True, senders=frozenset({"emp"})),
]


def whole(value: object) -> object:
    """An integer that was written with a decimal point is an integer: JSON does not tell them apart."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def decimals_of(value: float) -> int:
    """How many digits stand behind the decimal point in the shortest notation of `value`."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _at_most_three_decimals(value: float) -> float:
    if decimals_of(value) > 3:
        raise PydanticCustomError("decimals", "has more than 3 decimals")
    return value


def _binary_noise(value: Any, _: Mapping[str, Any]) -> bool:
    return isinstance(value, float) and abs(round(value, 3) - value) < 1e-9


Decimal3Type = Annotated[
    float,
    AfterValidator(_at_most_three_decimals),
    WithJsonSchema({"type": "number", "multipleOf": 0.001}),
    Named("Decimal (,3)"),
    Tolerance("C250", _binary_noise),
]


String20Type = Annotated[str, StringConstraints(max_length=20), Named("String (20)")]
String50Type = Annotated[str, StringConstraints(max_length=50), Named("String (50)")]
String100Type = Annotated[str, StringConstraints(max_length=100), Named("String (100)")]
String150Type = Annotated[str, StringConstraints(max_length=150), Named("String (150)")]
String200Type = Annotated[str, StringConstraints(max_length=200), Named("String (200)")]
String250Type = Annotated[str, StringConstraints(max_length=250), Named("String (250)")]
String400Type = Annotated[str, StringConstraints(max_length=400), Named("String (400)")]
String1000Type = Annotated[str, StringConstraints(max_length=1000), Named("String (1000)")]
String3000Type = Annotated[str, StringConstraints(max_length=3000), Named("String (3000)")]
ProductIDType = Annotated[str, StringConstraints(max_length=50), Named("ProductIDType")]

AuthorizationStatusType = Annotated[Literal["Authorized", "NotAuthorized"], Named("AuthorizationStatusType")]
ActionType = Annotated[Literal["fullLoad", "update", "insert", "delete"], Named("ActionType")]
RFIDType = Annotated[Literal["mifareCls", "mifareDes", "calypso", "nfc", "mifareFamily"], Named("RFIDType")]
HashFunctionType = Annotated[Literal["Bcrypt"], Named("HashFunctionType")]
MeteringStatusType = Annotated[Literal["Start", "Progress", "End"], Named("MeteringStatusType")]
# CPO 03 writes these with a blank, EMP 03 and all other documents without.
ErrorClassType = Annotated[
    Literal["ConnectorError", "CriticalError"],
    Named("ErrorClassType"),
    tolerate("C100", r"Connector Error|Critical Error"),
]

CODES: Mapping[str, str] = {
    "000": "Success",
    "001": "Hubject system error",
    "002": "Hubject database error",
    "009": "Data transaction error",
    "017": "Unauthorized Access",
    "018": "Inconsistent EvseID",
    "019": "Inconsistent EvcoID",
    "021": "System error",
    "022": "Data error",
    "101": "QR Code Authentication failed - Invalid Credentials",
    "102": "RFID Authentication failed - invalid UID",
    "103": "RFID Authentication failed - card not readable",
    "105": "PLC Authentication failed - invalid EvcoID",
    "106": "No positive authentication response",
    "110": "QR Code App Authentication failed - time out error",
    "120": "PLC (ISO/IEC 15118) Authentication failed - invalid underlying EvcoID",
    "121": "PLC (ISO/IEC 15118) Authentication failed - invalid certificate",
    "122": "PLC (ISO/IEC 15118) Authentication failed - time out error",
    "200": "EvcoID locked",
    "210": "No valid contract",
    "300": "Partner not found",
    "310": "Partner did not respond",
    "320": "Service not available",
    "400": "Session is invalid",
    "501": "Communication to EVSE failed",
    "510": "No EV connected to EVSE",
    "601": "EVSE already reserved",
    "602": "EVSE already in use/ wrong token",
    "603": "Unknown EVSE ID",
    "604": "EVSE ID is not Hubject compatible",
    "700": "EVSE out of service",
}


def _known_code(value: str) -> str:
    if value not in CODES:
        raise PydanticCustomError("code", "is no code of the CodeType list")
    return value


CodeType = Annotated[
    str,
    AfterValidator(_known_code),
    WithJsonSchema({"type": "string", "enum": list(CODES)}),
    Named("CodeType", "000"),
    # The integration guide lists these three besides the AsciiDoc's codes.
    tolerate("C105", r"401|404|500"),
]


def plain_id(value: str) -> str:
    """An EvseID, EvcoID, OperatorID or ProviderID as it is compared: no separators, no plus, upper case."""
    return re.sub(r"[*\-+]", "", value).upper()


def provider_of(evco_id: str) -> str:
    """The plain ProviderID that an EvcoID names."""
    return plain_id(evco_id)[:5]


def operator_of(evse_id: str) -> str:
    """The plain OperatorID that an EvseID names, of the ISO or of the DIN form."""
    if din := re.match(r"\+?([0-9]{1,3})\*([0-9]{3})\*", evse_id):
        return din.group(1) + din.group(2)
    return plain_id(evse_id)[:5]
