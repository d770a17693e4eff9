"""The words for what is wrong with a profile, and for the key at which it is."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from oicp_conformance.profile import drivers
from oicp_conformance.profile.drivers import DriverError
from oicp_conformance.profile.fields import driver_of, fields_of, is_table
from oicp_conformance.profile.masking import Mask
from oicp_conformance.profile.places import Key
from oicp_conformance.profile.stimuli import settings_of
from oicp_conformance.profile.toml import shown, unknown
from oicp_conformance.profile.values import Expected, Form

_TYPES: Mapping[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "an integer",
    float: "a number",
    list: "a list",
    dict: "a table",
    Path: "a file",
}
_EXPECTED: Mapping[str, str] = {
    "string_type": _TYPES[str],
    "string_too_short": "a string that is not empty",
    "bool_type": _TYPES[bool],
    "int_type": _TYPES[int],
    "float_type": _TYPES[float],
    "finite_number": "a finite number",
    "list_type": _TYPES[list],
    "dict_type": _TYPES[dict],
    "model_type": _TYPES[dict],
    "invalid-json-value": "a JSON value (write dates as strings)",
}
_EXPECTED_WITH: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "expected": lambda context: str(context["expected"]),
    "greater_than": lambda context: f"a number greater than {context['gt']:g}",
    "greater_than_equal": lambda context: f"a number of at least {context['ge']:g}",
    "less_than": lambda context: f"a number less than {context['lt']:g}",
    "less_than_equal": lambda context: f"a number of at most {context['le']:g}",
    "string_too_long": lambda context: f"a string of at most {context['max_length']} characters",
    "string_pattern_mismatch": lambda context: f"a string with the pattern {context['pattern']}",
    "too_short": lambda context: _entries("at least", context["min_length"]),
    "too_long": lambda context: _entries("at most", context["max_length"]),
    "literal_error": lambda context: str(context["expected"]).replace("'", '"'),
}


def _entries(bound: str, count: int) -> str:
    return f"a list with {bound} one entry" if count == 1 else f"a list with {bound} {count} entries"


def explain(error: ErrorDetails, raw: Mapping[str, Any], mask: Mask) -> str:
    """What an error of pydantic says to the user of a profile."""
    location, kind = error["loc"], error["type"]
    if kind in {"missing", "extra_forbidden"}:
        name, known = str(location[-1]), fields_of(location[:-1], raw)
        if kind == "extra_forbidden":
            return _unknown(name, known, location[:-1], error["input"], raw, mask)
        needed = f" (driver {driver_of(raw)} needs it)" if location[0] == "stimuli" else ""
        return f"missing, expected {_needed(known[name])}{needed}"
    if kind == "absent":
        return f"missing, expected {error['ctx']['expected']}"
    found = "something else" if location[:2] == ("secrets", "values") else shown(mask.value(error["input"]))
    if kind in _EXPECTED_WITH:
        expected = _EXPECTED_WITH[kind](error.get("ctx", {}))
    elif kind in _EXPECTED:
        expected = _EXPECTED[kind]
    else:  # a driver of somebody else may have types that this suite does not
        return f"found {found}: {error['msg']}"
    return f"found {found}, expected {expected}"


def _unknown(
    name: str, known: Mapping[str, Any], table: Key, found: Any, raw: Mapping[str, Any], mask: Mask
) -> str:
    if table == ("stimuli",) and (others := list(_drivers_with(name))):
        only = f"it is only for driver {' or '.join(others)} (this is {driver_of(raw)})"
        return f"found {shown(mask.value(found))}, but {only}"
    return unknown(name, known, "table" if isinstance(found, dict) else "key")


def _drivers_with(key: str) -> Iterator[str]:
    """The drivers that have a key of `[stimuli]`."""
    for name in drivers.names():
        try:
            known = settings_of(name).model_fields
        except DriverError:
            continue
        if key in known:
            yield name


def _needed(field: FieldInfo) -> str:
    """What is expected at a key that is missing."""
    for one in field.metadata:
        if isinstance(one, Form | Expected):
            return one.expected
    kind = field.annotation
    if literals := [f'"{one}"' for one in get_args(kind) if isinstance(one, str)]:
        return " or ".join(literals)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _TYPES[dict]
    plain = get_origin(kind) or kind
    return _TYPES.get(plain, "a value") if isinstance(plain, type) else "a value"


# --- keys ---------------------------------------------------------------------------------------------


def key_of(location: Key) -> str:
    """A key as a user finds it in the file: `[partner] evse_ids[1]`."""
    depth = 0
    while depth < min(2, len(location)) and is_table(location[: depth + 1]):
        depth += 1
    if depth == 0 and len(location) > 1:
        depth = 1
    parts = [part if _is_bare(part) else shown(part) for part in location]
    table, rest = parts[:depth], parts[depth:]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest).lstrip(".")
    return " ".join(filter(None, [f"[{'.'.join(map(str, table))}]" if table else "", key]))


def _is_bare(part: str | int) -> bool:
    return isinstance(part, int) or bool(re.fullmatch(r"[A-Za-z0-9_-]+", part))
