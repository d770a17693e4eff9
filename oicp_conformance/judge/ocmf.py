"""Readings in signed metering values of the Open Charge Metering Format (OCMF), which calls its fields so.

Other formats of the transparency software are binary or proprietary, and are not read.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oicp_conformance.judge.values import number, text

_HEADER = "OCMF|"
_BEGIN, _ENDS = frozenset("B"), frozenset("ELRAP")
"""The first letters of TX: the transaction begins; it ends, for one reason or another."""
_PER_KWH = {"kWh": 1.0, "Wh": 1000.0}


@dataclass(frozen=True)
class Reading:
    """What a meter read."""

    kwh: float
    register: str
    """Which of its registers (RI): only readings of one register can be compared."""
    is_begin: bool
    is_end: bool


def readings(signed: str) -> list[Reading]:
    """The good readings of energy in a signed value; an empty list where it is not of this format."""
    if not signed.startswith(_HEADER):
        return []
    try:
        payload, _ = json.JSONDecoder().raw_decode(signed, len(_HEADER))
    except (ValueError, RecursionError):
        return []
    rows = payload.get("RD") if isinstance(payload, dict) else None
    return list(_readings(rows if isinstance(rows, list) else []))


def _readings(rows: list[Any]) -> Iterator[Reading]:
    known: Mapping[str, Any] = {}
    for row in rows:
        if not isinstance(row, dict):
            continue
        known = {**known, **row}  # what is as in the row before may be left out
        value, per_kwh = number(row, "RV"), _PER_KWH.get(text(known, "RU") or "")
        if value is None or per_kwh is None or known.get("ST", "G") != "G":
            continue
        letter = (text(known, "TX") or " ")[:1]
        yield Reading(value / per_kwh, text(known, "RI") or "", letter in _BEGIN, letter in _ENDS)
