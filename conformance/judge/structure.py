"""A message against its table: presence, type, pattern, length and enumeration of every field."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from conformance.judge.outcome import Verdict
from conformance.oicp.fields import Field, fields_of
from conformance.oicp.messages import Message
from conformance.oicp.types import Role


@dataclass(frozen=True)
class Looked:
    """One field, looked at where it stands or should stand."""

    field: Field
    pointer: str
    verdict: Verdict = Verdict.PASS
    message: str = ""
    expected: str = ""
    found: Any = None
    erratum: str | None = None


@dataclass(frozen=True)
class _Place:
    """Where a field stands, or could: the object that holds it, and its pointer."""

    pointer: str
    holder: Mapping[str, Any]
    value: Any


def _escape(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def _places(body: Mapping[str, Any], path: tuple[str, ...]) -> list[_Place]:
    """Each place of the field at `path`: one for each object that could hold it."""
    holders = [("", body)]
    for step in path[:-1]:
        inner: list[tuple[str, Mapping[str, Any]]] = []
        for pointer, holder in holders:
            value = holder.get(step)
            items = enumerate(value) if isinstance(value, list) else [(None, value)]
            for index, item in items:
                if isinstance(item, Mapping):
                    at = f"{pointer}/{_escape(step)}" + ("" if index is None else f"/{index}")
                    inner.append((at, item))
        holders = inner
    return [
        _Place(f"{pointer}/{_escape(path[-1])}", holder, holder.get(path[-1])) for pointer, holder in holders
    ]


def _errors(model: type[Message], body: Mapping[str, Any]) -> dict[str, Any]:
    """Pydantic's complaints by JSON pointer; the first one where there are several."""
    try:
        model.model_validate(body)
    except ValidationError as error:
        found: dict[str, Any] = {}
        for item in error.errors(include_url=False):
            found.setdefault("".join(f"/{_escape(step)}" for step in item["loc"]), item)
        return found
    return {}


def _expected(field: Field, error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    for key, text in (
        ("pattern", f"{field.type_name}: {context.get('pattern')}"),
        ("max_length", f"at most {context.get('max_length')} characters"),
        ("expected", f"{context.get('expected')}"),
    ):
        if key in context:
            return text
    return field.type_name


def _complaint(field: Field, error: Mapping[str, Any]) -> str:
    name = field.path[-1]
    texts = {
        "string_pattern_mismatch": f"{name} is no {field.type_name}",
        "string_too_long": f"{name} is too long",
        "literal_error": f"{name} has a value that is not in its enumeration",
    }
    if field.type_name.endswith("Date/Time") and re.fullmatch(r"[0-9T:.-]{19,}Z?", str(error["input"])):
        ending = "ends in Z instead of" if str(error["input"]).endswith("Z") else "has no"
        return f"{name} {ending} a numeric time zone offset".replace("no a", "no")
    if error["type"] == "model_type":
        needed = (
            [one for one, info in field.structure.model_fields.items() if info.is_required()]
            if field.structure
            else []
        )
        return f"{name} must be an object" + (f" with {', '.join(needed)}" if needed else "")
    message = str(error["msg"])
    return texts.get(error["type"], f"{name}: {message[0].lower()}{message[1:]}")


def look(model: type[Message], body: Mapping[str, Any], sender: Role) -> Iterator[Looked]:
    """Judge each field of a message that stands in it, or that is missing from it.

    Fields that are optional and absent are not reported: nothing was seen of them.
    """
    errors = _errors(model, body)
    for field in fields_of(model).values():
        for place in _places(body, field.path):
            near = _near_miss(model, field, place.holder)
            if place.value is None:
                if field.mandatory:
                    yield _missing(field, place, sender, near)
                elif near:
                    yield Looked(
                        field,
                        place.pointer,
                        Verdict.WARNING,
                        f"{near} is no field of OICP; was {field.path[-1]} meant?",
                        expected=field.path[-1],
                        found=near,
                        erratum="C097",
                    )
            else:
                yield from _present(field, place, errors, sender)


def _missing(field: Field, place: _Place, sender: Role, near: str | None) -> Looked:
    hint = f"; {near} is there: was it meant?" if near else ""
    null = " (null)" if field.path[-1] in place.holder else ""
    return _tolerated(
        Looked(
            field,
            place.pointer,
            Verdict.FAIL,
            f"{field.path[-1]} is mandatory and missing{null}{hint}",
            expected=f"mandatory: {field.type_name}",
            found="null" if null else "nothing",
        ),
        place,
        sender,
    )


def _present(field: Field, place: _Place, errors: Mapping[str, Any], sender: Role) -> Iterator[Looked]:
    items = (
        [(f"{place.pointer}/{index}", item) for index, item in enumerate(place.value)]
        if field.is_list and isinstance(place.value, list)
        else []
    )
    clean = True
    for pointer, value in [(place.pointer, place.value), *items]:
        if error := errors.get(pointer):
            clean = False
            yield _tolerated(
                Looked(
                    field,
                    pointer,
                    Verdict.FAIL,
                    _complaint(field, error),
                    expected=_expected(field, error),
                    found=value,
                ),
                _Place(pointer, place.holder, value),
                sender,
            )
        elif field.is_choice and isinstance(value, Mapping) and (looked := _choice(field, pointer, value)):
            clean = False
            yield looked
    if clean:
        yield Looked(field, place.pointer)


def _choice(field: Field, pointer: str, value: Mapping[str, Any]) -> Looked | None:
    known = field.structure.model_fields if field.structure else {}
    given = [name for name in known if value.get(name) is not None]
    if len(given) == 1:
        return None
    said = f"has {len(given)} of them: {', '.join(given)}" if given else "has none of them"
    return Looked(
        field,
        pointer,
        Verdict.FAIL,
        f"{field.path[-1]} must have exactly one of its options and {said}",
        expected=f"exactly one of {', '.join(known)}",
        found=dict(value),
    )


def _tolerated(looked: Looked, place: _Place, sender: Role) -> Looked:
    """The same, softened when an erratum speaks for the target."""
    for tolerance in looked.field.tolerances:
        if sender in tolerance.senders and tolerance.accepts(place.value, place.holder):
            if tolerance.silent:
                return Looked(looked.field, looked.pointer)
            return Looked(
                looked.field,
                looked.pointer,
                Verdict.WARNING,
                looked.message,
                looked.expected,
                looked.found,
                tolerance.erratum,
            )
    return looked


def _near_miss(model: type[Message], field: Field, holder: Mapping[str, Any]) -> str | None:
    """An unknown field that looks like a misspelling of `field`, which is absent."""
    name = field.path[-1]
    if holder.get(name) is not None:
        return None
    siblings = {other[-1] for other in fields_of(model) if other[:-1] == field.path[:-1]}
    unknown = {
        key.lower().replace(" ", ""): key for key in holder if key not in siblings and holder[key] is not None
    }
    close = difflib.get_close_matches(name.lower(), unknown, n=1, cutoff=0.9)
    return unknown[close[0]] if close else None
