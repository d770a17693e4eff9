"""Positions: OICP's three notations of them, and the distance between two.

Inside, a position is counted in whole millionths of a degree, which is as fine as the decimal notations are.
"""

import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

Notation = Literal["Google", "DecimalDegree", "DegreeMinuteSeconds"]
NOTATIONS: tuple[Notation, ...] = get_args(Notation)
EARTH_RADIUS = 6371.0088
"""Kilometres: the mean radius of the earth."""

_DECIMAL = r"-?1?[0-9]{1,2}\.[0-9]{1,6}"
_GOOGLE = re.compile(rf"({_DECIMAL})\s*,?\s*({_DECIMAL})")
_DECIMAL_DEGREE = re.compile(_DECIMAL)
_SEXAGESIMAL = re.compile(r"(-?)(1?[0-9]{1,2})° ?([0-9]{1,2})' ?([0-9]{1,2}\.[0-9]+)''")


class Position(NamedTuple):
    """Latitude and longitude in millionths of a degree."""

    latitude: int
    longitude: int

    def __str__(self) -> str:
        """As the Google notation has it."""
        return f"{_decimal(self.latitude)} {_decimal(self.longitude)}"

    def distance(self, other: "Position") -> float:
        """Kilometres on a great circle."""
        (north, east), (to_north, to_east) = (
            (math.radians(one.latitude / 1e6), math.radians(one.longitude / 1e6)) for one in (self, other)
        )
        half = (
            math.sin((to_north - north) / 2) ** 2
            + math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
        )
        return 2 * EARTH_RADIUS * math.asin(math.sqrt(min(1.0, half)))


def _from_decimal(text: Any) -> int | None:
    return _millionths(text) if isinstance(text, str) and _DECIMAL_DEGREE.fullmatch(text) else None


def _millionths(degrees: str) -> int:
    # There are six decimals at most: the nearest whole number is the one that was meant.
    return round(float(degrees) * 1_000_000)


# The EVSEs of a station, which come one after the other, and their entrance have one position.
@lru_cache(maxsize=64)
def _from_google(text: str) -> Position | None:
    found = _GOOGLE.fullmatch(text)
    return Position(_millionths(found[1]), _millionths(found[2])) if found else None


def _from_sexagesimal(text: Any) -> int | None:
    found = _SEXAGESIMAL.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    sign, degrees, minutes, seconds = found.groups()
    total = int(degrees) * 3600 + int(minutes) * 60 + Decimal(seconds[:20])
    size = int((total * 1_000_000 / 3600).to_integral_value(ROUND_HALF_EVEN))
    return -size if sign else size


def _decimal(size: int) -> str:
    whole, fraction = divmod(abs(size), 1_000_000)
    return f"{'-' if size < 0 else ''}{whole}.{fraction:06d}"


def _sexagesimal(size: int) -> str:
    # Thousandths of a second are finer than millionths of a degree: nothing is lost on the way back.
    thousandths = (abs(size) * 36 + 5) // 10
    degrees, rest = divmod(thousandths, 3_600_000)
    minutes, seconds = divmod(rest, 60_000)
    return f"{'-' if size < 0 else ''}{degrees}°{minutes}'{seconds // 1000}.{seconds % 1000:03d}''"


def read(coordinates: Any) -> Position | None:
    """The position that a GeoCoordinates object tells, in whichever notation; None when it tells none."""
    given = coordinates if isinstance(coordinates, Mapping) else {}
    for notation in NOTATIONS:
        one = given.get(notation)
        if not isinstance(one, Mapping):
            continue
        if notation == "Google":
            text = one.get("Coordinates")
            if isinstance(text, str) and (position := _from_google(text)):
                return position
            continue
        parse = _from_sexagesimal if notation == "DegreeMinuteSeconds" else _from_decimal
        north, east = parse(one.get("Latitude")), parse(one.get("Longitude"))
        if north is not None and east is not None:
            return Position(north, east)
    return None


def write(position: Position, notation: Notation) -> dict[str, Any]:
    """A GeoCoordinates object of one notation."""
    if notation == "Google":
        return {notation: {"Coordinates": str(position)}}
    said = _sexagesimal if notation == "DegreeMinuteSeconds" else _decimal
    return {notation: {"Longitude": said(position.longitude), "Latitude": said(position.latitude)}}


def convert(coordinates: Any, notation: Notation) -> Any:
    """GeoCoordinates in another notation; what cannot be read stays as it is."""
    given = coordinates if isinstance(coordinates, Mapping) else {}
    if given.get(notation) is not None:
        return {notation: given[notation]}
    position = read(coordinates)
    return coordinates if position is None else _written(position, notation)


@lru_cache(maxsize=64)
def _written(position: Position, notation: Notation) -> dict[str, Any]:
    return write(position, notation)
