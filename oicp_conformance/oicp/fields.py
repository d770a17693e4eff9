"""Every field of every message, read off the models: the one place where a path meets its type."""

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from oicp_conformance.oicp.messages import Choice, Message
from oicp_conformance.oicp.types import Alias, Named, Single, Tolerance

Path = tuple[str, ...]
"""Names of fields from the top of a message; list indexes are left out."""


@dataclass(frozen=True)
class Field:
    """One field of a message."""

    path: Path
    mandatory: bool
    type_name: str
    structure: type[BaseModel] | None
    is_list: bool
    tolerances: tuple[Tolerance, ...]
    item_tolerances: tuple[Tolerance, ...] = ()
    """Where it is a list: for what is in it."""
    aliases: tuple[Alias, ...] = ()
    singles: tuple[Single, ...] = ()

    @property
    def is_choice(self) -> bool:
        """Whether exactly one member of the object must be given."""
        return self.structure is not None and issubclass(self.structure, Choice)


@dataclass
class _Bare:
    """A type without Annotated, Optional and list, and the metadata met on the way."""

    type: Any
    metadata: list[Any]
    of_items: list[Any]
    """The metadata of what is in a list."""
    is_list: bool = False


def _unwrap(annotation: Any) -> _Bare:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        bare = _unwrap(inner)
        return _Bare(bare.type, [*metadata, *bare.metadata], bare.of_items, bare.is_list)
    if origin in {typing.Union, types.UnionType}:
        (inner,) = (arg for arg in get_args(annotation) if arg is not type(None))
        return _unwrap(inner)
    if origin is list:
        item = _unwrap(get_args(annotation)[0])
        return _Bare(item.type, [], [*item.metadata, *item.of_items], is_list=True)
    return _Bare(annotation, [], [])


def _field(path: Path, info: FieldInfo) -> Field:
    bare = _unwrap(info.annotation)
    own = [*info.metadata, *bare.metadata]
    structure = bare.type if isinstance(bare.type, type) and issubclass(bare.type, BaseModel) else None
    names = [item.name for item in (*own, *bare.of_items) if isinstance(item, Named)]
    type_name = names[0] if names else getattr(bare.type, "__name__", str(bare.type))
    return Field(
        path=path,
        mandatory=info.is_required(),
        type_name=f"list of {type_name}" if bare.is_list else type_name,
        structure=structure,
        is_list=bare.is_list,
        tolerances=tuple(item for item in own if isinstance(item, Tolerance)),
        item_tolerances=tuple(item for item in bare.of_items if isinstance(item, Tolerance)),
        aliases=tuple(item for item in own if isinstance(item, Alias)),
        singles=tuple(item for item in own if isinstance(item, Single)),
    )


def _walk(model: type[BaseModel], above: Path) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        field = _field((*above, name), info)
        yield field
        if field.structure:
            yield from _walk(field.structure, field.path)


@cache
def fields_of(model: type[Message]) -> dict[Path, Field]:
    """All fields of a message by path, in the order of its table."""
    return {field.path: field for field in _walk(model, ())}
