"""The other forms of a message that documents have: a field under another name, one item in place of a list.

A message is brought into the form of its table, in which it is judged, and what is found is told where it
stood. A message that needs none of it, as nearly all do, stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from oicp_conformance.judge.complaints import escape
from oicp_conformance.oicp.fields import Field, Path, fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.types import Role


@dataclass(frozen=True)
class Respelt:
    """A place that was not in the form of the table."""

    field: Field
    pointer: str
    """Where it stood."""
    message: str
    expected: str
    found: Any
    erratum: str
    silent: bool


@dataclass(frozen=True)
class _Node:
    """A field that can have another form, or that has such fields in it."""

    field: Field
    inner: tuple["_Node", ...]


class Spelling:
    """A message in the form of its table."""

    def __init__(self, model: type[Message], body: Mapping[str, Any], sender: Role) -> None:
        self.places: dict[Path, list[Respelt]] = {}
        self._sender = sender
        self._moved: dict[str, str] = {}
        """Pointers in the form of the table, to where that stood."""
        self.body = self._object(_variable(model), body, "")

    def as_sent(self, pointer: str) -> str:
        """Where in the message stood what this pointer points to in the form of the table."""
        ends = [at for at, sign in enumerate(pointer) if sign == "/"][1:] if self._moved else []
        for end in (len(pointer), *reversed(ends)):
            if (stood := self._moved.get(pointer[:end])) is not None:
                return stood + pointer[end:]
        return pointer

    def _object(self, nodes: tuple[_Node, ...], holder: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
        changed: dict[str, Any] = {}
        renamed = set()
        for node in nodes:
            name = node.field.path[-1]
            key = name if holder.get(name) is not None else self._alias(node.field, holder, pointer)
            if key is None:
                continue
            at = f"{pointer}/{escape(name)}"
            if key != name:
                renamed.add(key)
                self._moved[at] = f"{self.as_sent(pointer)}/{escape(key)}"
            value = self._value(node, holder[key], at)
            if key != name or value is not holder[key]:
                changed[name] = value
        if not changed:
            return holder
        return {key: value for key, value in holder.items() if key not in renamed} | changed

    def _alias(self, field: Field, holder: Mapping[str, Any], pointer: str) -> str | None:
        """The other name under which a field stands in an object."""
        for alias in field.aliases:
            if self._sender in alias.senders and holder.get(alias.spelling) is not None:
                name = field.path[-1]
                stood = f"{self.as_sent(pointer)}/{escape(alias.spelling)}"
                self.places.setdefault(field.path, []).append(
                    Respelt(
                        field,
                        stood,
                        f"{name} is spelt {alias.spelling}",
                        expected=name,
                        found=alias.spelling,
                        erratum=alias.erratum,
                        silent=alias.silent,
                    )
                )
                return alias.spelling
        return None

    def _value(self, node: _Node, value: Any, pointer: str) -> Any:
        if not isinstance(value, list) and self._stands_alone(node.field, value, pointer):
            value = [value]
            self._moved[f"{pointer}/0"] = self.as_sent(pointer)
        if not node.inner:
            return value
        if isinstance(value, Mapping):
            return self._object(node.inner, value, pointer)
        if not isinstance(value, list):
            return value
        items = [
            self._object(node.inner, item, f"{pointer}/{index}") if isinstance(item, Mapping) else item
            for index, item in enumerate(value)
        ]
        same = all(item is before for item, before in zip(items, value, strict=True))
        return value if same else items

    def _stands_alone(self, field: Field, value: Any, pointer: str) -> bool:
        """Whether a value is an item of the list that should be there, and some document has it so."""
        if not isinstance(value, Mapping if field.structure else str):
            return False
        for single in field.singles:
            if self._sender in single.senders:
                respelt = Respelt(
                    field,
                    self.as_sent(pointer),
                    f"{field.path[-1]} must be an array; a single item was sent",
                    expected=field.type_name,
                    found=value,
                    erratum=single.erratum,
                    silent=single.silent,
                )
                known = self.places.setdefault(field.path, [])
                # Under another name, too: then its place has been told.
                if not known or (known[-1].pointer, known[-1].erratum) != (respelt.pointer, respelt.erratum):
                    known.append(respelt)
                return True
        return False


@cache
def _variable(model: type[Message]) -> tuple[_Node, ...]:
    """The fields of a message that can have another form, under those that they are in."""
    fields = fields_of(model)

    def below(above: Path) -> tuple[_Node, ...]:
        nodes = (
            _Node(field, below(path) if field.structure else ())
            for path, field in fields.items()
            if path[:-1] == above
        )
        return tuple(node for node in nodes if node.inner or node.field.aliases or node.field.singles)

    return below(())
