"""What a request says, read strictly: what Hubject could not work with is a data error."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from oicp_conformance.hub.store.table import ACTIONS, Record, Refused, listed
from oicp_conformance.oicp.types import operator_of, plain_id


def fault(name: str) -> Refused:
    """A field is missing, or is not what it must be."""
    return Refused("022", f"{name} is missing or malformed")


def action_of(body: Mapping[str, Any]) -> str:
    """The ActionType of a push."""
    action = body.get("ActionType")
    if not isinstance(action, str) or action not in ACTIONS:
        raise fault("ActionType")
    return action


def part_of(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A field that is an object."""
    part = body.get(name)
    if not isinstance(part, Mapping):
        raise fault(name)
    return part


def text_of(body: Mapping[str, Any], name: str) -> str:
    """A field that is a text."""
    text = body.get(name)
    if not isinstance(text, str) or not text:
        raise fault(name)
    return text


def records_of(body: Mapping[str, Any], name: str) -> list[Record]:
    """A field that is a list of objects."""
    records = body.get(name)
    if not isinstance(records, list) or not all(isinstance(one, Mapping) for one in records):
        raise fault(name)
    return records


def texts_of(body: Mapping[str, Any], name: str) -> list[str] | None:
    """A field that is a list of texts, or one text in place of it; None when it is absent or null."""
    given = body.get(name)
    if given is None:
        return None
    texts = given if isinstance(given, list) else [given]
    if not all(isinstance(one, str) for one in texts):
        raise fault(name)
    return texts


def ids_of(body: Mapping[str, Any], name: str) -> set[str] | None:
    """The same for ids, as they are compared."""
    texts = texts_of(body, name)
    return None if texts is None else set(map(plain_id, texts))


def flag_of(body: Mapping[str, Any], name: str) -> bool | None:
    """A field that is a boolean; None when it is absent or null."""
    given = body.get(name)
    if given is not None and not isinstance(given, bool):
        raise fault(name)
    return given


def moment_of(body: Mapping[str, Any], name: str) -> datetime | None:
    """A field that is a date and time with an offset; None when it is absent or null."""
    given = body.get(name)
    if given is None:
        return None
    try:
        when = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise fault(name) from None
    if when.tzinfo is None:
        raise fault(name)
    return when


def by_evse(
    records: Iterable[Record],
    operators: frozenset[str],
    key: Callable[[Record], str] = lambda one: plain_id(text_of(one, "EvseID")),
) -> dict[str, Record]:
    """Records by their key, once each, all of them of EVSEs of these operators (plain ids).

    Raises:
        Refused: with 018, when one is of another operator's EVSE, or is there twice (C113).
    """
    found: dict[str, Record] = {}
    twice, foreign = [], []
    for record in records:
        evse = text_of(record, "EvseID")
        at = key(record)
        if at in found:
            twice.append(evse)
        if operator_of(evse) not in operators:
            foreign.append(evse)
        found[at] = record
    if foreign:
        raise Refused("018", f"of another operator: {listed(foreign)}")
    if twice:
        raise Refused("018", f"more than once in the request: {listed(twice)}")
    return found
