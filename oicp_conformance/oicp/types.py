"""The data types of OICP 2.3 (CPO 03 and EMP 03): patterns, lengths, enumerations.

A type says what the leading document demands. Where another document allows more, the type carries a
`Tolerance` that names the erratum: the judge then warns, or stays silent, instead of failing.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from oicp_conformance.oicp.iso import COUNTRIES, CURRENCIES

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
    fails: bool = False
    """The contradiction is named, and judged against the sender."""


def tolerate(
    erratum: str, pattern: str, *, silent: bool = False, senders: frozenset[Role] = BOTH
) -> Tolerance:
    """A tolerance for strings that match `pattern` as a whole."""
    regex = re.compile(pattern)
    return Tolerance(
        erratum, lambda value, _: isinstance(value, str) and bool(regex.fullmatch(value)), silent, senders
    )


@dataclass(frozen=True)
class Alias:
    """Another spelling of a field that a document has: what stands under it is judged as the field."""

    erratum: str
    spelling: str
    silent: bool = False
    senders: frozenset[Role] = BOTH


@dataclass(frozen=True)
class Single:
    """A document has one item where a list is meant: it is judged as a list of one."""

    erratum: str
    silent: bool = False
    senders: frozenset[Role] = BOTH


@dataclass(frozen=True)
class Named:
    """The name that OICP gives to a type; it stands in findings and in the catalogue."""

    name: str
    example: str | None = field(default=None, compare=False)


_NUMBER_IN_QUOTES = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
OPERATOR_ID = r"^(([A-Za-z]{2}\*?[A-Za-z0-9]{3})|(\+?[0-9]{1,3}\*[0-9]{3}))$"
PROVIDER_ID = r"^([A-Za-z]{2}[*-]?[A-Za-z0-9]{3})$"
EVSE_ID = r"^(([A-Z]{2}\*?[A-Z0-9]{3}\*?E[A-Z0-9*]{1,30})|(\+?[0-9]{1,3}\*[0-9]{3}\*[0-9*]{1,32}))$"
EVCO_ID = (
    r"^(([A-Za-z]{2}-?[A-Za-z0-9]{3}-?C[A-Za-z0-9]{8}-?[0-9A-Za-z])"
    r"|([A-Za-z]{2}[*-]?[A-Za-z0-9]{3}[*-]?[A-Za-z0-9]{6}[*-]?[0-9X]))$"
)
SESSION_ID = r"^[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}$"
UID = r"^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$"
PHONE_NUMBER = r"^\+[0-9]{5,15}$"
LANGUAGE_CODE = r"^[a-z]{2,3}(-[A-Z]{2,3}(-[a-zA-Z]{4})?)?(-x-[a-zA-Z0-9]{1,8})?$"
# The pattern lets the instance begin with a separator, the grammar above it does not (C140).
CHARGING_POOL_ID = r"^[A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?P[A-Za-z0-9][A-Za-z0-9*]{0,30}$"
TIME_ZONE = r"^UTC[+-](0[0-9]|1[0-4]):[0-5][0-9]$"
BEGIN_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
END_TIME = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
HASH_VALUE = r"^[0-9A-Za-z.+/=$]{10,100}$"
DATE_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?[+-][0-9]{2}:[0-9]{2}$"

# The same for schemas, with the ranges that its parts have.
_DAY = (
    r"([1-9][0-9]{3}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    r"|[1-9][0-9](0[48]|[2468][048]|[13579][26])-02-29)"
)
_HOUR = "([01][0-9]|2[0-3]):[0-5][0-9]"
REAL_DATE_TIME = rf"^{_DAY}T{_HOUR}:[0-5][0-9](\.[0-9]+)?[+-]{_HOUR}$"


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
            "date_time", "is not a date and time: {reason}", {"reason": str(error)}
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
    WithJsonSchema({"type": "string", "pattern": REAL_DATE_TIME}),
    Named("Date/Time", "2026-11-22T14:00:00+01:00"),
    Tolerance("C143", _utc_written_as_z, senders=frozenset({"cpo"})),
    Tolerance("C143", _utc_written_as_z, silent=True, senders=frozenset({"emp"})),
]


def whole(value: object) -> object:
    """An integer that was written with a decimal point is an integer: JSON does not tell them apart."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def has_decimals(value: float, most: int) -> bool:
    """Return whether at most so many digits stand behind the decimal point in the shortest notation."""
    return round(value, most) == value


def _at_most_three_decimals(value: float) -> float:
    if not has_decimals(value, 3):
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
    Tolerance("C078", lambda value, _: is_number_in_quotes(value), fails=True),
]


def _whole(value: Any) -> Any:
    """22.0 and 22 are the same number in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def is_number(value: Any) -> bool:
    """Whether a value is a number of JSON; a Boolean is none."""
    return type(value) in (int, float)


def is_number_in_quotes(value: Any) -> bool:
    """Whether a value is a string that tells a number of JSON."""
    return isinstance(value, str) and bool(_NUMBER_IN_QUOTES.fullmatch(value))


def exceeds(erratum: str, limit: int) -> Tolerance:
    """A tolerance for numbers that have more digits than their table allows."""
    return Tolerance(erratum, lambda value, _: is_number(value) and value > limit)


def up_to(erratum: str, limit: int) -> Tolerance:
    """A tolerance, without a warning, for whole numbers of a digit more that real chargers have."""
    return Tolerance(erratum, lambda value, _: isinstance(value, int) and 0 <= value <= limit, silent=True)


def _in_tenths(value: float) -> float:
    if not has_decimals(value, 1):
        raise PydanticCustomError("decimals", "has more than 1 decimal")
    return value


BooleanType = Annotated[bool, Named("Boolean")]
DecimalType = Annotated[float, Named("Decimal")]
IntegerType = Annotated[int, BeforeValidator(_whole), Named("Integer")]
CountType = Annotated[int, Field(ge=0), BeforeValidator(_whole), Named("Integer")]
TwoDigitsType = Annotated[
    int,
    Field(ge=0, le=99),
    BeforeValidator(_whole),
    Named("Integer (2)"),
    up_to("C151", 999),
    exceeds("C151", 99),
]
ThreeDigitsType = Annotated[
    int,
    Field(ge=0, le=999),
    BeforeValidator(_whole),
    Named("Integer (3)"),
    up_to("C151", 1500),
    exceeds("C151", 999),
]
PowerInKilowattType = Annotated[
    int,
    Field(ge=0, le=999),
    BeforeValidator(_whole),
    Named("Integer (3)"),
    exceeds("C151", 999),
    Tolerance("C080", lambda value, _: isinstance(value, float) and value >= 0),
]
DurationType = Annotated[int, Field(ge=1, le=99), BeforeValidator(_whole), Named("Integer (2)")]
# C152: two digits in the table, but a single source of energy gives 100 percent.
PercentageType = Annotated[int, Field(ge=0, le=100), BeforeValidator(_whole), Named("Integer (percent)")]
# C153: five characters in the table, five digits in the schemas.
EmissionType = Annotated[float, Field(ge=0, le=99999), Named("Decimal (5)")]
RadiusType = Annotated[
    float,
    Field(gt=0, le=999.9),
    AfterValidator(_in_tenths),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 999.9, "multipleOf": 0.1}),
    Named("Decimal (4,1)"),
    Tolerance("C096", lambda value, _: is_number(value)),
]


String5Type = Annotated[str, StringConstraints(max_length=5), Named("String (5)")]
String10Type = Annotated[str, StringConstraints(max_length=10), Named("String (10)")]
String20Type = Annotated[str, StringConstraints(max_length=20), Named("String (20)")]
String50Type = Annotated[str, StringConstraints(max_length=50), Named("String (50)")]
String100Type = Annotated[str, StringConstraints(max_length=100), Named("String (100)")]
String150Type = Annotated[str, StringConstraints(max_length=150), Named("String (150)")]
String200Type = Annotated[str, StringConstraints(max_length=200), Named("String (200)")]
LONGEST_PARTNER_ID = 250
"""Characters of a partner's session id."""
String250Type = Annotated[str, StringConstraints(max_length=LONGEST_PARTNER_ID), Named("String (250)")]
String400Type = Annotated[str, StringConstraints(max_length=400), Named("String (400)")]
String1000Type = Annotated[str, StringConstraints(max_length=1000), Named("String (1000)")]
String3000Type = Annotated[str, StringConstraints(max_length=3000), Named("String (3000)")]
CityType = Annotated[str, StringConstraints(min_length=1, max_length=50), Named("String (1-50)")]
StreetType = Annotated[str, StringConstraints(min_length=2, max_length=100), Named("String (2-100)")]
LONGEST_PRODUCT_ID = 50
"""Characters of a ProductID."""
ProductIDType = Annotated[str, StringConstraints(max_length=LONGEST_PRODUCT_ID), Named("ProductIDType")]

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

EvseStatusType = Annotated[
    Literal["Available", "Reserved", "Occupied", "OutOfService", "EvseNotFound", "Unknown"],
    Named("EvseStatusType"),
]
# EvseNotFound is what Hubject answers; a CPO that pushes it is warned.
PushedEvseStatusType = Annotated[
    Literal["Available", "Reserved", "Occupied", "OutOfService", "Unknown"],
    Named("EvseStatusType"),
    tolerate("C115", "EvseNotFound"),
]
DeltaType = Annotated[Literal["update", "insert", "delete"], Named("update, insert or delete")]
PlugType = Annotated[
    Literal[
        "Small Paddle Inductive",
        "Large Paddle Inductive",
        "AVCON Connector",
        "Tesla Connector",
        "NEMA 5-20",
        "Type E French Standard",
        "Type F Schuko",
        "Type G British Standard",
        "Type J Swiss Standard",
        "Type 1 Connector (Cable Attached)",
        "Type 2 Outlet",
        "Type 2 Connector (Cable Attached)",
        "Type 3 Outlet",
        "IEC 60309 Single Phase",
        "IEC 60309 Three Phase",
        "CCS Combo 2 Plug (Cable Attached)",
        "CCS Combo 1 Plug (Cable Attached)",
        "CHAdeMO",
    ],
    Named("PlugType"),
]
PowerType = Annotated[Literal["AC_1_PHASE", "AC_3_PHASE", "DC"], Named("PowerType")]
ChargingModeType = Annotated[
    Literal["Mode_1", "Mode_2", "Mode_3", "Mode_4", "CHAdeMO"], Named("ChargingModeType")
]
AuthenticationModeType = Annotated[
    Literal[
        "NFC RFID Classic",
        "NFC RFID DESFire",
        "PnC",
        "REMOTE",
        "Direct Payment",
        "No Authentication Required",
    ],
    Named("AuthenticationModeType"),
]
PaymentOptionType = Annotated[Literal["No Payment", "Direct", "Contract"], Named("PaymentOptionType")]
ValueAddedServiceType = Annotated[
    Literal[
        "Reservation",
        "DynamicPricing",
        "ParkingSensors",
        "MaximumPowerCharging",
        "PredictiveChargePointUsage",
        "ChargingPlans",
        "RoofProvided",
        "None",
    ],
    Named("ValueAddedServiceType"),
]
AccessibilityType = Annotated[
    Literal["Free publicly accessible", "Restricted access", "Paying publicly accessible", "Test Station"],
    Named("AccessibilityType"),
]
AccessibilityLocationType = Annotated[
    Literal["OnStreet", "ParkingLot", "ParkingGarage", "UndergroundParkingGarage"],
    Named("AccessibilityLocationType"),
]
EnergyType = Annotated[
    Literal[
        "Solar",
        "Wind",
        "HydroPower",
        "GeothermalEnergy",
        "Biomass",
        "Coal",
        "NuclearEnergy",
        "Petroleum",
        "NaturalGas",
    ],
    Named("EnergyType"),
]
CalibrationLawDataAvailabilityType = Annotated[
    Literal["Local", "External", "Not Available"], Named("CalibrationLawDataAvailabilityType")
]
DynamicInfoAvailableType = Annotated[
    Literal["true", "false", "auto"], Named('Enumeration of the texts "true", "false" and "auto"')
]
GeoCoordinatesResponseFormatType = Annotated[
    Literal["Google", "DegreeMinuteSeconds", "DecimalDegree"], Named("GeoCoordinatesResponseFormatType")
]
ReferenceUnitType = Annotated[Literal["HOUR", "KILOWATT_HOUR", "MINUTE"], Named("ReferenceUnitType")]
AdditionalReferenceType = Annotated[
    Literal["START FEE", "FIXED FEE", "PARKING FEE", "MINIMUM FEE", "MAXIMUM FEE"],
    Named("AdditionalReferenceType"),
]
DayType = Annotated[
    Literal[
        "Everyday",
        "Workdays",
        "Weekend",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ],
    Named("enumeration of days"),
]
PhoneNumberType = Annotated[
    str, StringConstraints(pattern=PHONE_NUMBER), Named("PhoneNumberType", "+49123123123123")
]
LanguageCodeType = Annotated[str, StringConstraints(pattern=LANGUAGE_CODE), Named("LanguageCodeType", "en")]
ChargingPoolIDType = Annotated[
    str,
    StringConstraints(pattern=CHARGING_POOL_ID),
    Named("ChargingPoolIDType", "IT*123*P456*AB789"),
    tolerate("C140", r"[A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?P[A-Za-z0-9*]{1,30}"),
]
TimeZoneType = Annotated[str, StringConstraints(pattern=TIME_ZONE), Named("TimeZoneType", "UTC+01:00")]
BeginTimeType = Annotated[str, StringConstraints(pattern=BEGIN_TIME), Named("time of day", "09:00")]
EndTimeType = Annotated[str, StringConstraints(pattern=END_TIME), Named("time of day", "18:00")]
# The prose allows an asterisk for all providers, the type's pattern does not.
ProviderIDOrAllType = Annotated[
    str,
    StringConstraints(pattern=rf"{PROVIDER_ID}|^\*$"),
    Named("ProviderIDType or *", "DE-DCB"),
]


def _known_country(value: str) -> str:
    if value not in COUNTRIES:
        raise PydanticCustomError("country", "is not an alpha-3 code of ISO 3166-1")
    return value


def _known_currency(value: str) -> str:
    if value not in CURRENCIES:
        raise PydanticCustomError("currency", "is not an active code of ISO 4217")
    return value


CountryCodeType = Annotated[
    str,
    AfterValidator(_known_country),
    WithJsonSchema({"type": "string", "enum": sorted(COUNTRIES)}),
    Named("CountryCodeType", "DEU"),
    # Kosovo has a code of those that ISO leaves to its users.
    tolerate("C112", "XKX"),
]
CurrencyIDType = Annotated[
    str,
    AfterValidator(_known_currency),
    WithJsonSchema({"type": "string", "enum": sorted(CURRENCIES)}),
    Named("CurrencyIDType", "EUR"),
    tolerate("C107", r"[A-Z]{3}"),
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
        raise PydanticCustomError("code", "is not a code of the CodeType list")
    return value


CodeType = Annotated[
    str,
    AfterValidator(_known_code),
    WithJsonSchema({"type": "string", "enum": list(CODES)}),
    Named("CodeType", "000"),
    # The integration guide lists these three besides the AsciiDoc's codes.
    tolerate("C105", r"401|404|500"),
]


@lru_cache(maxsize=10_000)
def plain_id(value: str) -> str:
    """An EvseID, EvcoID, OperatorID or ProviderID as it is compared: no separators, no plus, upper case."""
    return value.replace("*", "").replace("-", "").replace("+", "").upper()


def is_same_id(one: object, other: object) -> bool:
    """Whether two values of messages are ids, and the same one as ids are compared."""
    return isinstance(one, str) and isinstance(other, str) and plain_id(one) == plain_id(other)


def provider_of(evco_id: str) -> str:
    """The plain ProviderID that an EvcoID names."""
    return plain_id(evco_id)[:5]


def is_plain_text(value: str) -> bool:
    """Whether a text has nothing that a partner may clean away: no blanks at its ends, no odd characters."""
    if value.isascii() and value.isprintable():
        return value == value.strip()
    return (
        value == value.strip()
        and unicodedata.is_normalized("NFC", value)
        and not any(unicodedata.category(one) in {"Cc", "Cf", "Cn", "Co", "Cs"} for one in value)
    )


_EVSE_ID = re.compile(EVSE_ID, re.IGNORECASE)
_DIN_OPERATOR = re.compile(r"\+?([0-9]{1,3})\*([0-9]{3})\*")


def is_evse_id(text: str) -> bool:
    """Whether a text has the form of an EvseID, in either letter case."""
    return _EVSE_ID.fullmatch(text) is not None


def operator_of(evse_id: str) -> str:
    """The plain OperatorID that an EvseID names, of the ISO or of the DIN form."""
    if din := _DIN_OPERATOR.match(evse_id):
        return din.group(1) + din.group(2)
    return plain_id(evse_id)[:5]
