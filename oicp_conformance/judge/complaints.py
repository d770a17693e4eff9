"""What pydantic has to say against a message, by JSON pointer."""

import typing
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from oicp_conformance.oicp.fields import Path, fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.types import Alias, Named, Single, Tolerance

BATCH = 20
"""Records of a list that are validated together.

The models of a full load at once would fill the memory. And those of a thousand records live long enough for
the garbage collector to go through all that there is, again and again: that took seven times as long.
"""


def escape(step: str | int) -> str:
    """One step of a JSON pointer."""
    return str(step).replace("~", "~0").replace("/", "~1")


def complaints(model: type[Message], body: Mapping[str, Any], batch: int = BATCH) -> dict[str, Any]:
    """Pydantic's complaints by JSON pointer; the first one where there are several."""
    long = [(path, value) for path in record_lists(model) if len(value := list_at(body, path)) > batch]
    first = dict(body)
    for path, value in long:
        first = with_list(first, path, value[:batch])
    found = dict(_validate(model, first))
    for path, value in long:
        for start in range(batch, len(value), batch):
            part = with_list(first, path, value[start : start + batch])
            found.update(_validate(model, part, path, start))
    return found


def _validate(
    model: type[Message], body: Mapping[str, Any], path: Path = (), start: int = 0
) -> Iterator[tuple[str, Any]]:
    """The complaints about all of a body, or about the records at `path`, which begin at number `start`."""
    try:
        model.model_validate(body)
    except ValidationError as error:
        seen = set()
        for item in error.errors(include_url=False):
            location = item["loc"]
            if path:
                if location[: len(path)] != path or len(location) == len(path):
                    continue
                number = location[len(path)]
                assert isinstance(number, int)
                location = (*path, number + start, *location[len(path) + 1 :])
            pointer = "".join(f"/{escape(step)}" for step in location)
            if pointer not in seen:
                seen.add(pointer)
                yield pointer, item


def list_at(body: Mapping[str, Any], path: Path) -> list[Any]:
    """The list at a path in a message; empty where there is none."""
    value: Any = body
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, list) else []


def with_list(body: Mapping[str, Any], path: Path, value: list[Any]) -> dict[str, Any]:
    """The same with another list at `path`."""
    name, *rest = path
    return {**body, name: with_list(body[name], tuple(rest), value) if rest else value}


@cache
def record_lists(model: type[Message]) -> tuple[Path, ...]:
    """Where in a message the lists of objects are that can be validated in parts.

    Those that no other list is above, and of which nothing is demanded as a whole.
    """
    fields = fields_of(model)
    return tuple(
        path
        for path, field in fields.items()
        if field.is_list
        and field.structure
        and not any(fields[path[:depth]].is_list for depth in range(1, len(path)))
        and not _demands_on_lists(model, path)
    )


def _demands_on_lists(model: type[BaseModel], path: Path) -> bool:
    """Whether a list, or an object that it is in, has to be seen as a whole to be validated."""
    holder: type[BaseModel] = model
    for step in path:
        decorators = holder.__pydantic_decorators__
        if decorators.model_validators or decorators.field_validators or decorators.root_validators:
            return True
        info = holder.model_fields[step]
        bare, metadata = _outside(info.annotation)
        if any(
            not isinstance(one, Alias | Named | Single | Tolerance) for one in (*info.metadata, *metadata)
        ):
            return True
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            holder = bare
    return False


def _outside(annotation: Any) -> tuple[Any, list[Any]]:
    """The type under Annotated and Optional, but not what is in a list, with the metadata met on the way."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        bare, more = _outside(inner)
        return bare, [*metadata, *more]
    if get_origin(annotation) in _UNIONS:
        bare, metadata = None, []
        for one in get_args(annotation):
            if one is not type(None):
                bare, more = _outside(one)
                metadata += more
        return bare, metadata
    return annotation, []


_UNIONS = {typing.Union, type(int | None)}
