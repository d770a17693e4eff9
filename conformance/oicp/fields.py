"""Every field of every message, read off the models: the one place where a path meets its type."""

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from conformance.oicp.messages import Choice, Message
from conformance.oicp.types import Named, Tolerance

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

    @property
    def is_choice(self) -> bool:
        """Whether exactly one member of the object must be given."""
        return self.structure is not None and issubclass(self.structure, Choice)


def _unwrap(annotation: Any) -> tuple[Any, list[Any], bool]:
    """The bare type under Annotated, Optional and list, with all metadata met on the way."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        bare, more, is_list = _unwrap(inner)
        return bare, [*metadata, *more], is_list
    if origin in {typing.Union, types.UnionType}:
        (inner,) = (arg for arg in get_args(annotation) if arg is not type(None))
        return _unwrap(inner)
    if origin is list:
        bare, more, _ = _unwrap(get_args(annotation)[0])
        return bare, more, True
    return annotation, [], False


def _field(path: Path, info: FieldInfo) -> Field:
    bare, metadata, is_list = _unwrap(info.annotation)
    metadata = [*info.metadata, *metadata]
    structure = bare if isinstance(bare, type) and issubclass(bare, BaseModel) else None
    names = [item.name for item in metadata if isinstance(item, Named)]
    type_name = names[0] if names else getattr(bare, "__name__", str(bare))
    return Field(
        path=path,
        mandatory=info.is_required(),
        type_name=f"list of {type_name}" if is_list else type_name,
        structure=structure,
        is_list=is_list,
        tolerances=tuple(item for item in metadata if isinstance(item, Tolerance)),
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
