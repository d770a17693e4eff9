"""The notations of geo coordinates in OICP 2.3, with the ranges that latitude and longitude have.

The documents' patterns check no range and let the two numbers of the Google notation run into one another.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from oicp_conformance.oicp.types import Named, Tolerance, tolerate

DECIMAL_DEGREE = r"-?1?[0-9]{1,2}\.[0-9]{1,6}"
SEXAGESIMAL = r"-?1?[0-9]{1,2}°[ ]?[0-9]{1,2}'[ ]?[0-9]{1,2}\.[0-9]+''"

# The same with their ranges, for the schemas.
_LATITUDE = r"-?((0?[0-9]|[1-8][0-9])\.[0-9]{1,6}|90\.0{1,6})"
_LONGITUDE = r"-?((0?[0-9]|[1-9][0-9]|1[0-7][0-9])\.[0-9]{1,6}|180\.0{1,6})"
_MINUTES = r"[ ]?[0-5]?[0-9]'[ ]?[0-5]?[0-9]\.[0-9]+''"
_LATITUDE_60 = rf"^-?((0?[0-9]|[1-8][0-9])°{_MINUTES}|90°[ ]?0{{1,2}}'[ ]?0{{1,2}}\.0+'')$"
_LONGITUDE_60 = rf"^-?((0?[0-9]|[1-9][0-9]|1[0-7][0-9])°{_MINUTES}|180°[ ]?0{{1,2}}'[ ]?0{{1,2}}\.0+'')$"


def _outside(value: str, name: str, limit: int) -> PydanticCustomError | None:
    if abs(float(value)) <= limit:
        return None
    return PydanticCustomError(
        "out_of_range",
        "{name} {value} is out of range: -{limit} to {limit}",
        {"name": name, "value": value, "limit": limit},
    )


def _latitude(value: str) -> str:
    if error := _outside(value, "the latitude", 90):
        raise error
    return value


def _longitude(value: str) -> str:
    if error := _outside(value, "the longitude", 180):
        raise error
    return value


def _position(value: str) -> str:
    latitude, longitude = value.split()
    _latitude(latitude)
    _longitude(longitude)
    return value


_PAIR = re.compile(rf"({DECIMAL_DEGREE})\s*,?\s*({DECIMAL_DEGREE})")


def _with_another_separator(value: Any, _: Mapping[str, Any]) -> bool:
    found = _PAIR.fullmatch(value) if isinstance(value, str) else None
    return bool(found and abs(float(found[1])) <= 90 and abs(float(found[2])) <= 180)


GeoCoordinatesGoogleFormatType = Annotated[
    str,
    StringConstraints(pattern=rf"^{DECIMAL_DEGREE} {DECIMAL_DEGREE}$"),
    AfterValidator(_position),
    WithJsonSchema({"type": "string", "pattern": f"^{_LATITUDE} {_LONGITUDE}$"}),
    Named("GeoCoordinatesGoogleFormatType", "52.480495 13.356465"),
    Tolerance("C132", _with_another_separator),
]
DecimalLatitudeType = Annotated[
    str,
    StringConstraints(pattern=f"^{DECIMAL_DEGREE}$"),
    AfterValidator(_latitude),
    WithJsonSchema({"type": "string", "pattern": f"^{_LATITUDE}$"}),
    Named("GeoCoordinatesDecimalDegreeFormatType", "52.480495"),
]
DecimalLongitudeType = Annotated[
    str,
    StringConstraints(pattern=f"^{DECIMAL_DEGREE}$"),
    AfterValidator(_longitude),
    WithJsonSchema({"type": "string", "pattern": f"^{_LONGITUDE}$"}),
    Named("GeoCoordinatesDecimalDegreeFormatType", "13.356465"),
]
SexagesimalLatitudeType = Annotated[
    str,
    StringConstraints(pattern=_LATITUDE_60),
    Named("GeoCoordinatesDegreeMinuteSecondsFormatType", "52°28'49.78''"),
    tolerate("C134", SEXAGESIMAL),
]
SexagesimalLongitudeType = Annotated[
    str,
    StringConstraints(pattern=_LONGITUDE_60),
    Named("GeoCoordinatesDegreeMinuteSecondsFormatType", "13°21'23.27''"),
    tolerate("C134", SEXAGESIMAL),
]
