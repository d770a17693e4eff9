"""Messages that have the same fields as one that is in order: whether they are in order, in one look.

The messages of a target differ in their values, and seldom in their fields. A validator that is compiled from
the table of a message for just these fields needs a microsecond or two for another such message. It accepts
less than a look at each field does (no unknown fields, no tolerances), and never more.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs

from oicp_conformance.judge.structure import must_be_filled
from oicp_conformance.oicp.fields import Path, fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.openapi import schema
from oicp_conformance.oicp.types import has_decimals

Accepts = Callable[[Mapping[str, Any]], bool]
_Schema = dict[str, Any]
_FILLED: Mapping[object, _Schema] = {"string": {"minLength": 1}, "array": {"minItems": 1}}
"""What a schema says of a value that is not empty, by its type."""


@lru_cache(maxsize=1024)
def alike(model: type[Message], held: frozenset[Path], *, with_nulls: bool) -> Accepts:
    """Return a function: whether a message has each of these fields, all in order, and no other field.

    A field of an object in a list may be missing in some items of the list. `with_nulls` says that other
    fields may be null, which stands for an absent field.
    """
    table = _Table(model, held, with_nulls=with_nulls)
    accepts: Accepts = jsonschema_rs.validator_for(table.schema()).is_valid
    return _with_decimals(accepts, tuple(table.decimals.items())) if table.decimals else accepts


@lru_cache(maxsize=256)
def records_alike(model: type[Message], path: Path, held: frozenset[Path]) -> Callable[[list[Any]], bool]:
    """Return a function: whether each record of a list at `path` has fields of these only, all in order.

    Other fields may be null.
    """
    accepts: Callable[[list[Any]], bool] = jsonschema_rs.validator_for(
        _Table(model, held, with_nulls=True).of_records(path)
    ).is_valid
    return accepts


def _with_decimals(accepts: Accepts, decimals: Collection[tuple[Path, int]]) -> Accepts:
    def accepts_all(body: Mapping[str, Any]) -> bool:
        if not accepts(body):
            return False
        for path, most in decimals:
            value: Any = body
            for name in path:
                value = value[name]
            for one in value if isinstance(value, list) else (value,):
                if not has_decimals(one, most):
                    return False
        return True

    return accepts_all


class _Table:
    """The table of a message, reduced to some fields."""

    def __init__(self, model: type[Message], held: Collection[Path], *, with_nulls: bool) -> None:
        self.decimals: dict[Path, int] = {}
        """How many decimals a number, or each of a list, has at most, where the schema does not demand it."""
        self._held = held
        self._with_nulls = with_nulls
        self._fields = fields_of(model)
        self._whole = schema(model)

    def schema(self) -> _Schema:
        """Return the schema of a message with these fields."""
        made = {"$schema": self._whole["$schema"], **self._object(self._whole, (), listed=False)}
        demands = [self._somewhere(path) for path in self._held if self._is_rare(path)]
        return {**made, "allOf": demands} if demands else made

    def of_records(self, path: Path) -> _Schema:
        """Return the schema of a list with records of these fields."""
        node = self._whole
        for name in path:
            node = self._resolved(node["properties"][name])
        items = self._object(self._resolved(node["items"]), path, listed=True)
        return {"$schema": self._whole["$schema"], "type": "array", "items": items}

    def _object(self, node: _Schema, at: Path, *, listed: bool) -> _Schema:
        """Return the schema of an object; `listed` says that it is an item of a list, or in one."""
        table, held = node["properties"], self._in(at)
        nulls = [name for name in table if self._with_nulls and self._may_be_null((*at, name))]
        made: _Schema = {
            "type": "object",
            "properties": {
                **{name: self._value(table[name], (*at, name), listed=listed) for name in held},
                **{name: {"type": "null"} for name in nulls},
            },
            "additionalProperties": False,
        }
        if listed:
            made["required"] = node.get("required", [])
        elif nulls:
            made["required"] = held
        else:
            made["minProperties"] = len(held)  # says the same without nulls, and takes less time
        if listed and "oneOf" in node:
            made["oneOf"] = [{"required": [name]} for name in held] or [False]
        return made

    def _value(self, node: _Schema, path: Path, *, listed: bool) -> _Schema:
        node = self._resolved(node)
        if "properties" in node:
            return self._object(node, path, listed=listed)
        if "enum" in node:
            return {"enum": node["enum"]}  # which says all
        may_be_empty = "pattern" not in node or re.search(node["pattern"], "") is not None
        if may_be_empty and (must_be_filled(self._fields[path]) or self._in(path)):
            node = {**_FILLED.get(node.get("type"), {}), **node}
        items = self._resolved(node.get("items", {}))
        if "properties" in items:
            return {**node, "items": self._object(items, path, listed=True)}
        return node if listed else self._without_decimals(node, path)

    def _without_decimals(self, node: _Schema, path: Path) -> _Schema:
        """Return a schema that allows any number of decimals: a validator needs a microsecond for each."""
        if "items" in node:
            return {**node, "items": self._without_decimals(node["items"], path)}
        if "multipleOf" in node:
            self.decimals[path] = round(-math.log10(node["multipleOf"]))
        return {key: value for key, value in node.items() if key != "multipleOf"}

    def _somewhere(self, path: Path) -> _Schema:
        """Return the schema of a message that has a field in some items of its lists."""
        made: _Schema = {}
        for end in range(len(path), 0, -1):
            if end < len(path) and self._fields[path[:end]].is_list:
                made = {"contains": made}
            made = {"required": [path[end - 1]], "properties": {path[end - 1]: made}}
        return made

    def _in(self, at: Path) -> list[str]:
        """The names of the fields in an object, in the order of its table."""
        return [path[-1] for path in self._fields if path[:-1] == at and path in self._held]

    def _may_be_null(self, path: Path) -> bool:
        return path not in self._held and not self._fields[path].mandatory

    def _is_rare(self, path: Path) -> bool:
        """Whether a field may be missing in some items of a list, but not in all."""
        above = self._fields.get(path[:-1])
        is_only_choice = above is not None and above.is_choice and len(self._in(path[:-1])) == 1
        is_listed = any(self._fields[path[:end]].is_list for end in range(1, len(path)))
        return is_listed and not self._fields[path].mandatory and not is_only_choice

    def _resolved(self, node: _Schema) -> _Schema:
        if "$ref" not in node:
            return node
        named: _Schema = self._whole["$defs"][node["$ref"].rpartition("/")[2]]
        return named
