"""A message against its table: presence, type, pattern, length and enumeration of every field."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from oicp_conformance.judge.complaints import complaints, escape
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.spelling import Respelt, Spelling
from oicp_conformance.oicp.fields import Field, Path, fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.types import Role, is_number

_MOST_KILOWATTS = 999


# To make a frozen one takes four times as long, and there is one of each field of a message.
@dataclass(slots=True)
class Looked:
    """One field, looked at where it stands or should stand; it is never changed."""

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


@dataclass(frozen=True)
class _Node:
    """The fields of an object, and what may be in those that are objects themselves."""

    fields: tuple[tuple[str, Field, "_Node | None"], ...]
    names: frozenset[str]


@cache
def _tree(model: type[Message]) -> _Node:
    """The fields of a message, as they lie in one another."""
    below: dict[Path, list[Field]] = {}
    for path, field in fields_of(model).items():
        below.setdefault(path[:-1], []).append(field)

    def node(above: Path) -> _Node:
        fields = tuple(
            (field.path[-1], field, node(field.path) if field.path in below else None)
            for field in below[above]
        )
        return _Node(fields, frozenset(name for name, _, _ in fields))

    return node(()) if below else _Node((), frozenset())


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
    in_case = " in this letter case" if _is_lower_case(error) else ""
    texts = {
        "string_pattern_mismatch": f"{name} is not a valid {field.type_name}{in_case}",
        "string_too_long": f"{name} is too long",
        "literal_error": f"{name} has a value that is not in its enumeration",
    }
    if error["type"] == "literal_error" and not isinstance(error["input"], str):
        return f"{name} must be a string of JSON"
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
    message = _worded(name, str(error["msg"]))
    if name == "Power" and is_number(error["input"]) and error["input"] > _MOST_KILOWATTS:
        return f"{message}; is it in W?"
    return texts.get(error["type"], message)


def _is_lower_case(error: Mapping[str, Any]) -> bool:
    """Whether a text would match its pattern in capitals."""
    pattern, given = error.get("ctx", {}).get("pattern"), error["input"]
    return bool(pattern and isinstance(given, str) and re.search(pattern, given.upper()))


def _worded(name: str, message: str) -> str:
    """What pydantic says of an input, with the field as the subject: `Input should be a valid string`."""
    what, found = re.subn(r"^(?:Input|Value|String|List|Dictionary|Decimal|Number) should ", "", message)
    what = what.replace(" after validation", "")
    what = re.sub(r"\b[Aa] valid (?=([aeiou])?)", lambda it: "an " if it[1] else "a ", what)
    return f"{name} must {what}" if found else f"{name}: {what[:1].lower()}{what[1:]}"


def look(model: type[Message], body: Mapping[str, Any], sender: Role) -> Iterator[Looked]:
    """Judge each field of a message that stands in it, or that is missing from it.

    Every place that is not in order is reported. That a field is in order is said once, however many places
    it has: a full load has it fifty thousand times. Fields that are optional and absent are not reported:
    nothing was seen of them.
    """
    spelling = Spelling(model, body, sender)
    walk = _Walk(complaints(model, spelling.body), sender)
    walk.through(_tree(model), spelling.body, "", examined=True, sound=not walk.errors)
    if not walk.broken and not spelling.places:
        yield from walk.held.values()
        return
    for path in fields_of(model):
        for looked in walk.broken.get(path, ()):
            yield replace(looked, pointer=spelling.as_sent(looked.pointer))
        yield from (_respelt(one) for one in spelling.places.get(path, ()) if not one.silent)
        if path in walk.held:
            yield replace(walk.held[path], pointer=spelling.as_sent(walk.held[path].pointer))


def _respelt(place: Respelt) -> Looked:
    return Looked(
        place.field,
        place.pointer,
        Verdict.WARNING,
        place.message,
        place.expected,
        place.found,
        place.erratum,
    )


_MAY_BE_EMPTY = frozenset(
    {
        "AuthenticationDataRecord",
        "EVSEPricing",
        "EvseDataRecord",
        "EvseStatusRecord",
        "OperatorEvseStatus",
        "PricingProductData",
        "PricingProductDataRecords",
        "ProductAvailabilityTimes",
        "content",
        "meterValues",
    }
)
"""Mandatory lists that say something when they are empty: that there is nothing of the kind (C059, C060)."""


def must_be_filled(field: Field) -> bool:
    """Return whether a text or a list in a field must not be empty: README CPO 00 L65."""
    return field.mandatory and field.path[-1] not in _MAY_BE_EMPTY


def _is_unfilled(field: Field, value: Any) -> bool:
    return not value and isinstance(value, str | list) and must_be_filled(field)


def _unfilled(field: Field, pointer: str, value: Any) -> Looked:
    return Looked(
        field,
        pointer,
        Verdict.WARNING,
        f"{field.path[-1]} is mandatory and must not be empty",
        expected=f"mandatory: {field.type_name}",
        found=value,
        erratum="C060" if isinstance(value, list) else None,
    )


class _Walk:
    """One way through a message, object by object."""

    def __init__(self, errors: Mapping[str, Any], sender: Role) -> None:
        self.errors = errors
        self.broken: dict[Path, list[Looked]] = {}
        self.held: dict[Path, Looked] = {}
        self._sender = sender
        self._troubled = {
            pointer[:end]
            for pointer in errors
            for end in [*(at for at, sign in enumerate(pointer) if sign == "/"), len(pointer)]
        }
        """Where something is wrong, or further below."""

    def through(
        self, node: _Node, holder: Mapping[str, Any], pointer: str, *, examined: bool, sound: bool
    ) -> None:
        """Look at an object, and at all that is in it.

        `examined` says that its table was applied to it, which ends where something else stands in the place
        of an object; `sound`, that nothing was wrong with it nor with what is in it. What stands in such a
        place and has no field of the table is nothing of the kind: that is said once, of the place.
        """
        if not examined and node.names.isdisjoint(holder):
            return
        stranger = any(key not in node.names and holder[key] is not None for key in holder)
        for name, field, inner in node.fields:
            value = holder.get(name)
            if value is None:
                if field.mandatory or stranger:
                    self._absent(node, field, _Place(f"{pointer}/{escape(name)}", holder, None))
                continue
            if _is_unfilled(field, value) and f"{pointer}/{escape(name)}" not in self.errors:
                self._keep(_unfilled(field, f"{pointer}/{escape(name)}", value))
                continue
            if sound and not inner:
                if field.path not in self.held:
                    self._keep(Looked(field, f"{pointer}/{escape(name)}"))
                continue
            at = f"{pointer}/{escape(name)}"
            if sound and not field.is_choice:
                if field.path not in self.held:
                    self._keep(Looked(field, at))
            else:
                for looked in _present(field, _Place(at, holder, value), self.errors, self._sender):
                    self._keep(looked)
            if inner:
                self._below(inner, value, at, examined=examined, sound=sound)

    def _below(self, node: _Node, value: Any, pointer: str, *, examined: bool, sound: bool) -> None:
        examined = examined and pointer not in self.errors
        items = (
            ((f"{pointer}/{index}", item) for index, item in enumerate(value))
            if isinstance(value, list)
            else [(pointer, value)]
        )
        for at, item in items:
            if isinstance(item, Mapping):
                fine = sound or (examined and at not in self._troubled)
                self.through(node, item, at, examined=examined and at not in self.errors, sound=fine)

    def _absent(self, node: _Node, field: Field, place: _Place) -> None:
        near = _near_miss(node, field, place.holder)
        if field.mandatory:
            self._keep(_missing(field, place, self._sender, near))
        elif near:
            self._keep(
                Looked(
                    field,
                    place.pointer,
                    Verdict.WARNING,
                    f"{near} is not an OICP field; did you mean {field.path[-1]}?",
                    expected=field.path[-1],
                    found=near,
                    erratum="C097",
                )
            )

    def _keep(self, looked: Looked) -> None:
        if looked.verdict is Verdict.PASS:
            self.held.setdefault(looked.field.path, looked)
        else:
            self.broken.setdefault(looked.field.path, []).append(looked)


def _missing(field: Field, place: _Place, sender: Role, near: str | None) -> Looked:
    hint = f"; {near} was sent: is it meant?" if near else ""
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
    is_item = looked.field.is_list and looked.pointer.rpartition("/")[2] != escape(looked.field.path[-1])
    for tolerance in looked.field.item_tolerances if is_item else looked.field.tolerances:
        if sender in tolerance.senders and tolerance.accepts(place.value, place.holder):
            if tolerance.silent:
                return Looked(looked.field, looked.pointer)
            return Looked(
                looked.field,
                looked.pointer,
                Verdict.FAIL if tolerance.fails else Verdict.WARNING,
                looked.message,
                looked.expected,
                looked.found,
                tolerance.erratum,
            )
    return looked


def _near_miss(node: _Node, field: Field, holder: Mapping[str, Any]) -> str | None:
    """An unknown field that looks like a misspelling of `field`, which is absent."""
    unknown = tuple(key for key in holder if key not in node.names and holder[key] is not None)
    return _nearest(field.path[-1], unknown) if unknown else None


# The same unknown fields are in each record of a list, and comparing names is slow.
@lru_cache(maxsize=4096)
def _nearest(name: str, unknown: tuple[str, ...]) -> str | None:
    by_plain = {key.lower().replace(" ", ""): key for key in unknown}
    close = difflib.get_close_matches(name.lower(), by_plain, n=1, cutoff=0.9)
    return by_plain[close[0]] if close else None
