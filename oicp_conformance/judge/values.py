"""Values out of a target's message, read permissively: None where the field is no such value."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from oicp_conformance.oicp.types import is_evse_id, is_number, is_number_in_quotes


def number(body: Mapping[str, Any], name: str) -> float | None:
    """A number, also one that was put into quotation marks (C078), or None."""
    return _as_number(body.get(name))


def _as_number(value: Any) -> float | None:
    if isinstance(value, str):
        return float(value) if is_number_in_quotes(value) else None
    return value if is_number(value) else None


def moment(body: Mapping[str, Any], name: str) -> datetime | None:
    """A date and time with its offset, or None."""
    value = body.get(name)
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    return when if when.tzinfo else None


def are_readable(body: Mapping[str, Any], *names: str) -> bool:
    """Whether each of these fields is a date and time with its offset, so that they can be compared."""
    return all(moment(body, name) for name in names)


def evse_id(body: Mapping[str, Any]) -> str | None:
    """The EvseID of a record, or None where it has not the form of one: then the form is what is wrong."""
    found = text(body, "EvseID")
    return found if found is not None and is_evse_id(found) else None


def session_id(body: Mapping[str, Any]) -> str | None:
    """The SessionID of a message as two are compared: a GUID is the same in either letter case."""
    given = text(body, "SessionID")
    return given.lower() if given else None


def text(body: Mapping[str, Any], name: str) -> str | None:
    """A string, or None."""
    value = body.get(name)
    return value if isinstance(value, str) else None


def texts(value: object) -> list[str]:
    """The strings in a list; an empty list if the value is not one."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def measured_energy(body: Mapping[str, Any]) -> float | None:
    """The energy between the meter values of the start and of the end, in kWh; None if one is not there."""
    start, end = number(body, "MeterValueStart"), number(body, "MeterValueEnd")
    return end - start if start is not None and end is not None else None


def meter_values(body: Mapping[str, Any]) -> list[tuple[str, float]]:
    """All meter values of a message with their pointers: start, in between, end."""
    between = body.get("MeterValueInBetween")
    inner, at = (
        (between.get("meterValues"), "/MeterValueInBetween/meterValues")
        if isinstance(between, Mapping)
        else (between, "/MeterValueInBetween")
    )
    found = [
        ("/MeterValueStart", number(body, "MeterValueStart")),
        *(
            (f"{at}/{index}", _as_number(value))
            for index, value in enumerate(inner if isinstance(inner, list) else [])
        ),
        ("/MeterValueEnd", number(body, "MeterValueEnd")),
    ]
    return [(pointer, value) for pointer, value in found if value is not None]


def fall(values: list[tuple[str, float]]) -> tuple[str, float, float] | None:
    """Where a row of values falls: the pointer, the value before, the value there."""
    for (_, before), (pointer, value) in pairwise(values):
        if value < before - 1e-6:
            return pointer, before, value
    return None


def in_order(body: Mapping[str, Any], *names: str) -> Iterator[tuple[str, str]]:
    """Pairs of present date fields, neighbours in `names`, of which the first is after the second."""
    present = [(name, when) for name in names if (when := moment(body, name))]
    for (earlier, first), (later, second) in pairwise(present):
        if first > second:
            yield earlier, later
