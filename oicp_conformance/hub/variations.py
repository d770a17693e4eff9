"""The freedoms that a sender has, as changes of a message: what is left out, filled, null, added.

Every function gives a new message; the form that the receiver's document has decides what is mandatory.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from pydantic import BaseModel

from oicp_conformance.oicp.fields import Path, fields_of
from oicp_conformance.oicp.messages import Choice, IdentificationType, Message

Body = dict[str, Any]
NON_ASCII = "Grüße – 充電 ⚡ зарядка"


def minimal(model: type[Message], body: Mapping[str, Any], *, kept: Collection[str] = ()) -> Body:
    """Only what is mandatory, and what is to be kept."""
    needed = {name for name, info in model.model_fields.items() if info.is_required()} | {*kept}
    return {name: body[name] for name in model.model_fields if name in needed}


def nulls(model: type[Message], body: Mapping[str, Any], *, kept: Collection[str] = ()) -> Body:
    """Null in all that is optional and not to be kept, in the identification's other options too."""
    empty = {name: None for name, info in model.model_fields.items() if not info.is_required()}
    filled = {**empty, **minimal(model, body, kept=kept)}
    if isinstance(given := filled.get("Identification"), Mapping):
        filled["Identification"] = dict.fromkeys(IdentificationType.model_fields) | dict(given)
    return filled


def inner_nulls(model: type[Message], body: Mapping[str, Any]) -> Body:
    """Null in what is optional inside of the structures of a message, but for the first one that is given."""
    fields = fields_of(model)

    def within(path: Path, value: Any) -> Any:
        if isinstance(value, list):
            return [within(path, item) for item in value]
        if not isinstance(value, Mapping):
            return value
        inner = [field for field in fields.values() if field.path[:-1] == path]
        optional = [field.path[-1] for field in inner if not field.mandatory]
        first = next((name for name in optional if value.get(name) is not None), None)
        kept = {name: within((*path, name), item) for name, item in value.items()}
        return {**kept, **{name: None for name in optional if name != first}}

    return {name: within((name,), value) for name, value in body.items()}


def longest(model: type[Message], body: Mapping[str, Any], *, kept: Collection[str] = ()) -> Body:
    """Every text of the message at its greatest length, where its table sets one and it is not to be kept."""
    filled = dict(body)
    for field in fields_of(model).values():
        found = re.search(r"String \(([0-9]+)\)$", field.type_name)
        # The product stays one that there is: who does not know it may refuse.
        size = int(found.group(1)) if found else 0
        name = field.path[0]
        if size and len(field.path) == 1 and name not in kept:
            given = body.get(name)
            filled[name] = long_text(given if isinstance(given, str) and given else name, size)
    return filled


def long_text(stem: str, size: int) -> str:
    """A text of a length that begins with another: what was unique stays so."""
    return (f"{stem}-" * size)[:size]


def with_unknown_field(body: Mapping[str, Any]) -> Body:
    """With a field that OICP 2.3 does not have."""
    return {**body, "SomethingOfTomorrow": {"Value": [1, "two"]}, "PartnerSessionID": "of an older OICP"}


def without_separators(body: Mapping[str, Any]) -> Body:
    """With ids of the ISO form written without the separators around the operator and the provider."""
    bare = {}
    if found := re.match(r"([A-Za-z]{2})\*?([A-Za-z0-9]{3})\*?(E.*)", body["EvseID"]):
        bare["EvseID"] = "".join(found.groups())
    if re.match("[A-Za-z]", body["ProviderID"]):
        bare["ProviderID"] = re.sub("[*-]", "", body["ProviderID"])
    return {**body, **bare}


def with_non_ascii(body: Mapping[str, Any], name: str) -> Body:
    """With characters beyond ASCII in one of its texts; what was unique stays so."""
    return {**body, name: f"{NON_ASCII} {body.get(name) or ''}".strip()}


def in_utc(value: Any) -> Any:
    """A date and time as the same moment in UTC, written with a Z; anything else as it is."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9-]{10}T[0-9:.]+[+-][0-9]{2}:[0-9]{2}", value):
        return value
    return datetime.fromisoformat(value).astimezone(UTC).isoformat().replace("+00:00", "Z")


_STARTS, _ENDS = ("SessionStart", "ChargingStart"), ("ChargingEnd", "SessionEnd")


def _moved(body: Mapping[str, Any], names: Collection[str], hours: float) -> Body:
    """Some times of a message as the same moments, so many hours east of Greenwich."""
    zone = timezone(timedelta(hours=hours))
    return {name: datetime.fromisoformat(body[name]).astimezone(zone).isoformat() for name in names}


def into_summer_time(body: Mapping[str, Any]) -> Body:
    """A charge during which the clock is put forward by an hour: the offset changes, time goes on."""
    return {**body, **_moved(body, _STARTS, 1), **_moved(body, _ENDS, 2)}


def out_of_summer_time(body: Mapping[str, Any]) -> Body:
    """A charge during which the clock is put back by an hour: by the clock it ends before it began."""
    return {**body, **_moved(body, _STARTS, 2), **_moved(body, _ENDS, 1)}


def over_midnight(body: Mapping[str, Any]) -> Body:
    """A charge that began half a minute before midnight, at a place where midnight has just passed.

    The offset is one that has midnight where it is wanted: an EMP may refuse a charge that began long before
    it was authorized.
    """
    end = datetime.fromisoformat(body["SessionEnd"]).astimezone(UTC)
    minutes = end.hour * 60 + end.minute
    zone = timezone(timedelta(minutes=-minutes if minutes <= 12 * 60 else 24 * 60 - minutes))
    local = end.astimezone(zone)
    begun = local.replace(hour=0, minute=0, second=0) - timedelta(seconds=30)
    starts, ends = dict.fromkeys(_STARTS, begun.isoformat()), dict.fromkeys(_ENDS, local.isoformat())
    return {**body, **starts, **ends}


def with_half_hours(body: Mapping[str, Any]) -> Body:
    """Times of a place whose offset has half an hour in it."""
    return {**body, **_moved(body, (*_STARTS, *_ENDS), 5.5)}


def with_milliseconds(body: Mapping[str, Any]) -> Body:
    """Times with milliseconds, as many partners write them."""
    moved = _moved(body, (*_STARTS, *_ENDS), 1)
    return {**body, **{name: f"{value[:19]}.000{value[19:]}" for name, value in moved.items()}}


CLOCKS: Mapping[str, Callable[[Mapping[str, Any]], Body]] = {
    "into summer time": into_summer_time,
    "out of summer time": out_of_summer_time,
    "over midnight": over_midnight,
    "offset with half an hour": with_half_hours,
    "milliseconds": with_milliseconds,
}
"""How the times of a charge can be written, by what the clock does or shows."""


def with_much_energy(body: Mapping[str, Any]) -> Body:
    """A charge of 121 kWh, as a large car takes: 5.5 hours with 22 kW."""
    begun = datetime.fromisoformat(body["SessionEnd"]) - timedelta(hours=5.5)
    return {**_from(body, body["MeterValueStart"], 121.0), **dict.fromkeys(_STARTS, begun.isoformat())}


def with_high_meter_value(body: Mapping[str, Any]) -> Body:
    """A charge at a meter that has counted for years."""
    return _from(body, 234567.891, body["ConsumedEnergy"])


def over_days(body: Mapping[str, Any]) -> Body:
    """A session of three days, in which the car charged at the end only."""
    begun = datetime.fromisoformat(body["SessionStart"]) - timedelta(days=3)
    return {**body, "SessionStart": begun.isoformat()}


def _from(body: Mapping[str, Any], start: float, charged: float) -> Body:
    """A record of this energy by a meter with this value at the start."""
    readings = {"MeterValueStart": start, "MeterValueEnd": round(start + charged, 3)}
    between = {"meterValues": [round(start + charged / 2, 3)]}
    return {**body, **readings, "MeterValueInBetween": between, "ConsumedEnergy": charged}


LARGE: Mapping[str, Callable[[Mapping[str, Any]], Body]] = {
    "121 kWh": with_much_energy,
    "a meter value of 234567.891 kWh": with_high_meter_value,
    "a session of three days": over_days,
}
"""Records with large figures that are ordinary: no sentence limits them."""


def beginning(purpose: str, model: type[Message]) -> Callable[[Body], Body]:
    """The change of a start whose session is to be stopped in a permitted form.

    The partner's session id, the EvseID and the provider stay the same through a session: a stop that writes
    them in another form, or leaves the partner's session id out, belongs to a session that began so.
    """
    changes: dict[str, Callable[[Body], Body]] = {
        "request.minimal": lambda body: {
            **minimal(model, body),
            "SessionID": body["SessionID"],
        },
        "request.nulls": lambda body: {**nulls(model, body), "SessionID": body["SessionID"]},
        "request.maximal": lambda body: longest(model, body),
        "request.separators": without_separators,
        "request.non-ascii": lambda body: with_non_ascii(body, "EMPPartnerSessionID"),
    }
    return changes.get(purpose, lambda body: body)


@dataclass(frozen=True)
class Malformed:
    """A request that is none: what is wrong with it, and its body or raw bytes."""

    name: str
    body: Any = None
    raw: bytes | None = None


NOT_JSON = (
    Malformed("empty body", raw=b""),
    Malformed("not JSON", raw=b"<eRoaming/>"),
    Malformed("half a JSON", raw=b'{"SessionID": "'),
    Malformed("a JSON list", raw=b"[]"),
    Malformed("a JSON text", raw=b'"eRoaming"'),
)


def malformed_names(model: type[Message]) -> list[str]:
    """The names of all that `malformed` makes, for the parameters of a test."""
    return [one.name for one in malformed(model, {})]


def malformed(model: type[Message], body: Mapping[str, Any]) -> Iterator[Malformed]:
    """What is no message of the table: each mandatory field missing, null, of a wrong type; and no JSON."""
    for name, info in model.model_fields.items():
        if info.is_required():
            yield Malformed(f"without {name}", {key: body[key] for key in body if key != name})
            yield Malformed(f"{name} null", {**body, name: None})
            structured = isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)
            yield Malformed(f"{name} of a wrong type", {**body, name: "text" if structured else [17]})
            if isinstance(info.annotation, type) and issubclass(info.annotation, Choice):
                yield Malformed(f"{name} empty", {**body, name: {}})
    yield from NOT_JSON


def malformed_as(name: str, model: type[Message], body: Mapping[str, Any]) -> Malformed:
    """The one of `malformed` that has a name."""
    return next(one for one in malformed(model, body) if one.name == name)


def replaced_by(wrong: Malformed) -> Callable[[Body], Any]:
    """A change that puts something malformed in the place of a message."""
    return lambda _: wrong.body
