"""Where countries lie, as far as it takes to see that coordinates of an EVSE are swapped, or lack a sign."""

import re
from collections.abc import Mapping
from typing import Any

Position = tuple[float, float]
"""Latitude and longitude, in degrees."""

_SOUTH_NORTH_WEST_EAST: Mapping[str, tuple[int, int, int, int]] = {
    "AUT": (46, 50, 9, 18),
    "BEL": (49, 52, 2, 7),
    "BGR": (41, 45, 22, 29),
    "CHE": (45, 48, 5, 11),
    "CZE": (48, 52, 12, 19),
    "DEU": (47, 56, 5, 16),
    "DNK": (54, 58, 8, 16),
    "ESP": (35, 44, -10, 5),
    "EST": (57, 60, 21, 29),
    "FIN": (59, 71, 19, 32),
    "FRA": (41, 52, -6, 10),
    "GBR": (49, 61, -9, 2),
    "GRC": (34, 42, 19, 30),
    "HRV": (42, 47, 13, 20),
    "HUN": (45, 49, 16, 23),
    "IRL": (51, 56, -11, -5),
    "ISL": (63, 67, -25, -13),
    "ITA": (35, 48, 6, 19),
    "LIE": (47, 48, 9, 10),
    "LTU": (53, 57, 20, 27),
    "LUX": (49, 51, 5, 7),
    "LVA": (55, 59, 20, 29),
    "NLD": (50, 54, 3, 8),
    "NOR": (57, 72, 4, 32),
    "POL": (49, 55, 14, 25),
    "PRT": (36, 43, -10, -6),
    "ROU": (43, 49, 20, 30),
    "SRB": (41, 47, 18, 24),
    "SVK": (47, 50, 16, 23),
    "SVN": (45, 47, 13, 17),
    "SWE": (55, 70, 10, 25),
    "TUR": (35, 43, 25, 45),
    "UKR": (44, 53, 22, 41),
}
"""Whole degrees around the mainland of European countries: a position outside may be on an island."""
_DEGREES = re.compile(r"-?\d{1,3}\.\d+")
_SEXAGESIMAL = re.compile(r"(-?)(\d{1,3})° ?(\d{1,2})' ?(\d{1,2}(?:\.\d+)?)''")


def position_of(coordinates: object) -> Position | None:
    """Read GeoCoordinates in any of the three notations (CPO 03 GeoCoordinatesType); None if unreadable."""
    if not isinstance(coordinates, dict):
        return None
    for name, given in coordinates.items():
        if not isinstance(given, dict):
            continue
        if name == "Google":
            read = list(map(float, _DEGREES.findall(str(given.get("Coordinates")))))
        else:
            read = [
                one for axis in ("Latitude", "Longitude") if (one := _degrees(given.get(axis))) is not None
            ]
        if len(read) == 2:
            return read[0], read[1]
    return None


def _degrees(value: Any) -> float | None:
    if not isinstance(value, str):
        return None
    if _DEGREES.fullmatch(value):
        return float(value)
    found = _SEXAGESIMAL.fullmatch(value)
    if found is None:
        return None
    size = int(found[2]) + int(found[3]) / 60 + float(found[4]) / 3600
    return -size if found[1] else size


def _is_in(country: str, position: Position) -> bool:
    south, north, west, east = _SOUTH_NORTH_WEST_EAST[country]
    return south <= position[0] <= north and west <= position[1] <= east


def as_meant(country: object, position: Position) -> tuple[str, Position] | None:
    """Tell how a position outside its country lies inside, and say what was mistaken; None if it does not.

    The country is that of ISO 3166-1 alpha-3; nothing is said of one that is not in the table.
    """
    if not isinstance(country, str) or country not in _SOUTH_NORTH_WEST_EAST or _is_in(country, position):
        return None
    latitude, longitude = position
    candidates = {
        "with the two numbers swapped it is: latitude must be first": (longitude, latitude),
        "with the sign of the longitude changed it is": (latitude, -longitude),
        "with the sign of the latitude changed it is": (-latitude, longitude),
    }
    return next((one for one in candidates.items() if _is_in(country, one[1])), None)
