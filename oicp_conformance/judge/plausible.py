"""Figures that are of the right form and cannot be right: which unit or time zone was meant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Record, once
from oicp_conformance.judge.published import by_key
from oicp_conformance.judge.values import number
from oicp_conformance.oicp.operation_names import EVSE_DATA
from oicp_conformance.oicp.types import plain_id

CLOCK = 900.0
"""Seconds by which a target's clock may differ from the hub's."""
_WHOLE_HOURS = (1, 2)
"""What local times of Europe differ by from UTC."""
_PRECISE = 120.0
"""Seconds by which a difference that comes of a time zone may miss the whole hour: the time on the way."""
_THOUSAND = (900.0, 1100.0)
"""The factor between Wh and kWh, for figures that were not measured at the same moment."""


@once
def evse_data(record: Record) -> Mapping[str, Mapping[str, Any]]:
    """The EVSE data that the CPO published last, by plain EvseID; also of EVSEs that it removed later."""
    known: dict[str, Mapping[str, Any]] = {}
    for exchange in record.of(EVSE_DATA):
        if answer_of(exchange) is Answer.POSITIVE and exchange.request.get("ActionType") != "delete":
            known |= by_key(exchange)
    return known


def data_of(record: Record, exchange: Exchange) -> Mapping[str, Any]:
    """The published data of the EVSE that a message names; empty where there are none.

    They are also empty where the session runs at another EVSE: that is a finding of its own, and its cause.
    """
    evse = exchange.request.get("EvseID")
    if not isinstance(evse, str) or not at_its_evse(record, exchange):
        return {}
    return evse_data(record).get(plain_id(evse), {})


def at_its_evse(record: Record, exchange: Exchange) -> bool:
    """Tell whether a message names the EVSE of its session, as far as that is known."""
    session = record.sessions.get(exchange.request.get("SessionID"))
    return session is None or session.has_at_its_evse(exchange)


def power_of(data: Mapping[str, Any]) -> float | None:
    """The most that an EVSE delivers by its published data, in kW; None where that is not known."""
    facilities = data.get("ChargingFacilities")
    given = [one for one in (facilities if isinstance(facilities, list) else []) if isinstance(one, dict)]
    powers = [power for one in given if (power := number(one, "Power"))]
    return max(powers, default=None)


def is_thousandfold(large: float | None, small: float | None) -> bool:
    """Whether one figure is a thousand times the other: Wh and kWh, or W and kW."""
    if large is None or small is None or small <= 0:
        return False
    return _THOUSAND[0] <= large / small <= _THOUSAND[1]


def time_zone_hint(seconds: float) -> str:
    """What a difference of whole hours between two clocks suggests; empty where it is none.

    `seconds` is how much later the target's time is than the hub's.
    """
    for hours in _WHOLE_HOURS:
        if abs(abs(seconds) - hours * 3600) <= _PRECISE:
            off = "1 hour" if hours == 1 else f"{hours} hours"
            meant = "local time marked as UTC" if seconds > 0 else "UTC marked as local time"
            return f"; that is {off}: is it {meant}?"
    return ""


def in_words(seconds: float) -> str:
    """A duration as a finding has it."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size or (unit == "minutes" and seconds >= size):
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"


def offset_of(data: Mapping[str, Any]) -> float | None:
    """The offset from UTC, in hours, of the TimeZone in the address of an EVSE."""
    address = data.get("Address")
    zone = address.get("TimeZone") if isinstance(address, Mapping) else None
    if not isinstance(zone, str) or not zone.startswith("UTC"):
        return None
    try:
        offset = datetime.fromisoformat(f"2026-01-01T00:00:00{zone[3:]}").utcoffset()
    except ValueError:
        return None
    return offset.total_seconds() / 3600 if offset is not None else None
