"""A good and a bad message for each requirement on a field: made from its type, and tried on the judge."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.message_tables import messages_sent
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirements.message_fields import fields
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.fields import Field, Path, fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.openapi import schema
from oicp_conformance.oicp.operations import Operation, Party, of_party
from oicp_conformance.profile import Profile

Body = dict[str, Any]
_SESSION, _EVCO, _NOON = (
    "f98efba4-02d8-4fa0-b810-9a9d50d2c527",
    "DE-DCB-C12345678-X",
    "2026-11-22T12:00:00+01:00",
)
_GOOD: Mapping[str, Any] = {
    "Boolean": True,
    "ChargingPoolIDType": "DE*ABC*P1",
    "CodeType": "000",
    "CountryCodeType": "DEU",
    "CurrencyIDType": "EUR",
    "Date/Time": _NOON,
    "Decimal": 0.25,
    "Decimal (,3)": 4.125,
    "Decimal (4,1)": 10.5,
    "Decimal (5)": 120.5,
    "EvcoIDType": _EVCO,
    "EvseIDType": "DE*ABC*E1*1",
    "GeoCoordinatesDecimalDegreeFormatType": "13.377700",
    "GeoCoordinatesDegreeMinuteSecondsFormatType": "13°21'23.27''",
    "GeoCoordinatesGoogleFormatType": "52.516300 13.377700",
    "HashValueType": "$2b$10$abcdefghijklmnopqrstuv",
    "Integer": 1,
    "Integer (2)": 16,
    "Integer (3)": 22,
    "Integer (milliseconds)": 3_600_000,
    "Integer (percent)": 60,
    "LanguageCodeType": "en",
    "OperatorIDType": "DE*ABC",
    "PhoneNumberType": "+49301234567",
    "ProductIDType": "AC1",
    "ProviderIDType": "DE-DCB",
    "ProviderIDType or *": "*",
    "SessionIDType": _SESSION,
    "String (5)": "2",
    "String (10)": "10115",
    "String (20)": "1234",
    "TimeZoneType": "UTC+01:00",
    "UIDType": "1234ABCD",
    "Hubject's data about the page": {},
    "time of day": "08:00",
}
"""A value of each type that is not an enumeration; that of all other texts is `_TEXT`."""
_TEXT = "Marktplatz"


@dataclass(frozen=True)
class Example:
    """A message with what the judge says about one field of it."""

    record: Record
    outcome: Outcome


def of_party_fields(party: Party) -> Iterator[tuple[str, Operation, type[Message], Path]]:
    """Each requirement on a field of a message that the party sends, with where the field is."""
    seen = set()
    for operation in of_party(party):
        for name, model in messages_sent(operation, party).items():
            for path in fields_of(model):
                id_ = ".".join((name, *path))
                if id_ not in seen:
                    seen.add(id_)
                    yield id_, operation, model, path


def examples(profile: Profile, party: Party) -> Iterator[tuple[str, Example | None, Example | None]]:
    """Yield the id of each requirement on a field with a good and a bad message, None where there is none.

    The judge decides which is which: a good one passes and has no finding, a bad one has findings of this
    field only.
    """
    for id_, operation, model, path in of_party_fields(party):
        sound = message(model, path)
        tried = partial(_tried, profile, operation, party, id_)
        good = next(tried([sound], is_finding=False), None)
        # A field that is not to be used at all is bad as it is.
        bad = next(tried([sound, *_spoiled(model, sound, path)], is_finding=True), None)
        yield id_, good, bad


def _tried(
    profile: Profile,
    operation: Operation,
    party: Party,
    id_: str,
    bodies: Sequence[Body],
    *,
    is_finding: bool,
) -> Iterator[Example]:
    for body in bodies:
        record = Record(profile, (_exchange(operation, party, body),), ())
        broken = [one for one in fields(record) if isinstance(one, Outcome) and one.is_finding]
        others = [one for one in broken if one.requirement != id_]
        own = [one for one in outcomes(record) if one.requirement == id_]
        found = [one for one in own if one.is_finding]
        if own and not others and bool(found) == is_finding:
            yield Example(record, (found or own)[0])


def _exchange(operation: Operation, party: Party, body: Body) -> Exchange:
    by_target = operation.parts[party].direction == "target-to-hub"
    written = Part((("Content-Type", "application/json"),), json.dumps(body).encode())
    return Exchange(
        number=1,
        direction="target-to-hub" if by_target else "hub-to-target",
        operation=operation.name,
        method="POST",
        path=operation.path_for({"operatorID": "DE*ABC", "providerID": "DE-DCB"}),
        request=written if by_target else Part(),
        answer=Part() if by_target else written,
        started=0.0,
        status=200,
    )


# --- messages


def message(model: type[Message], path: Path) -> Body:
    """Return the smallest message that has a field, with a value of its type in each place."""
    return _object(model, (), path)


def _object(model: type[Message], above: Path, path: Path) -> Body:
    made: Body = {}
    known = fields_of(model)
    own = [field for at, field in known.items() if at[:-1] == above]
    is_choice = known[above].is_choice if above else False
    wanted = [field for field in own if field.path == path[: len(field.path)]]
    for field in (wanted or own[:1]) if is_choice else own:
        if is_choice or field.mandatory or field in wanted:
            one = _object(model, field.path, path) if field.structure else _leaf(model, field)
            made[field.path[-1]] = [one] if field.is_list else one
    return made


def _leaf(model: type[Message], field: Field) -> Any:
    kind = field.type_name.removeprefix("list of ")
    if kind in _GOOD:
        return _GOOD[kind]
    values = _enumerated(model, field.path)
    return values[0] if values else _TEXT


def _enumerated(model: type[Message], path: Path) -> list[Any]:
    """The values that a field may have, where its type lists them."""
    whole = _schema(model)
    node: Any = whole
    for name in path:
        node = _resolved(whole, node)["properties"][name]
    node = _resolved(whole, node)
    return list(node.get("enum") or ([node["const"]] if "const" in node else []))


@cache
def _schema(model: type[Message]) -> dict[str, Any]:
    return schema(model)


def _resolved(whole: Mapping[str, Any], node: Any) -> Any:
    while True:
        if "$ref" in node:
            node = whole["$defs"][node["$ref"].rpartition("/")[2]]
        elif node.get("type") == "array":
            node = node["items"]
        else:
            return node


# --- what is wrong with them


def _spoiled(model: type[Message], sound: Body, path: Path) -> Iterator[Body]:
    """The same message with one thing wrong in one field, the most telling first."""
    field = fields_of(model)[path]
    holder = _holder(sound, path)
    value = holder[path[-1]]
    for wrong in _wrong(field, value[0] if isinstance(value, list) and value else value):
        yield _with(sound, path, [wrong] if field.is_list else wrong)
    if field.mandatory:
        yield _without(sound, path)
    yield _with(sound, path, value[0] if field.is_list and value else [value])


def _wrong(field: Field, value: Any) -> Iterator[Any]:
    kind = field.type_name.removeprefix("list of ")
    if field.is_choice:
        yield {}
    if field.structure:
        yield _TEXT
    elif kind == "Date/Time":
        yield "2026-11-22T12:00:00"
    elif isinstance(value, bool):
        yield "yes"
    elif isinstance(value, int | float):
        yield str(value)
    elif size := re.fullmatch(r"String \((?:\d+-)?(\d+)\)", kind):
        yield from [_TEXT.ljust(int(size[1]) + 1, "z")] if int(size[1]) <= 50 else []
        yield 4711
    elif kind == "String":
        yield 4711
    else:
        yield f"{value}?"
        yield "unknown"
        yield 4711


def _holder(body: Any, path: Path) -> Any:
    for name in path[:-1]:
        body = body[name]
        body = body[0] if isinstance(body, list) else body
    return body


def _with(sound: Body, path: Path, value: Any) -> Body:
    made: Body = json.loads(json.dumps(sound))
    _holder(made, path)[path[-1]] = value
    return made


def _without(sound: Body, path: Path) -> Body:
    made: Body = json.loads(json.dumps(sound))
    del _holder(made, path)[path[-1]]
    return made
