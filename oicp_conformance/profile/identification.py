"""Identifications in a profile, checked as the data types of OICP."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, JsonValue, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails, InitErrorDetails

from oicp_conformance.oicp.messages import IdentificationType
from oicp_conformance.oicp.types import Named, Tolerance
from oicp_conformance.profile.places import Key
from oicp_conformance.profile.toml import hint
from oicp_conformance.profile.values import absent, expected, is_saved

KINDS: Mapping[str, type[BaseModel]] = {
    kind: get_args(field.annotation)[0] for kind, field in IdentificationType.model_fields.items()
}
"""The kinds of Identification, each with its data type."""


def _identification(
    value: dict[str, dict[str, JsonValue]], info: ValidationInfo
) -> dict[str, dict[str, JsonValue]]:
    if len(value) != 1 or not value.keys() <= KINDS.keys():
        hints = [hint(key, KINDS) for key in value if key not in KINDS]
        raise expected("; ".join([f"exactly one of {', '.join(KINDS)}", *filter(None, hints)]))
    if is_saved(info):
        return value
    try:
        IdentificationType.model_validate(value)
    except ValidationError as error:
        if problems := list(_problems(error, value)):
            raise ValidationError.from_exception_data("Identification", problems) from None
    return value


Identification = Annotated[dict[str, dict[str, JsonValue]], AfterValidator(_identification)]


def _problems(error: ValidationError, value: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    for one in error.errors():
        if not _is_tolerated(one, value):
            found: Any = one["input"]
            kind = absent if one["type"] == "missing" else expected
            yield InitErrorDetails(type=kind(_expected(one)), loc=one["loc"], input=found)


def _is_tolerated(error: ErrorDetails, value: Mapping[str, Any]) -> bool:
    """Whether another document allows it, such as an id in lower case: a target is judged for that."""
    *around, name = error["loc"]
    for part in around:
        value = value[str(part)]
    return error["type"] != "missing" and any(
        one.accepts(value[str(name)], value)
        for one in _metadata(error["loc"])
        if isinstance(one, Tolerance) and not one.fails
    )


def _expected(error: ErrorDetails) -> str:
    named = next((one for one in _metadata(error["loc"]) if isinstance(one, Named)), None)
    what = f"a value of OICP's {named.name}" if named else "a value of OICP"
    if named and named.example:
        what += f' such as "{named.example}"'
    context = error.get("ctx", {})
    if "pattern" in context:
        return f"{what} (pattern {context['pattern']})"
    if error["type"] in {"missing", "string_type"}:
        return what
    return f"{what} ({error['msg'].removeprefix('Input ')})"


def _metadata(location: Key) -> list[Any]:
    """What is noted at the type of a field: its name in OICP, what is tolerated."""
    table: type[BaseModel] = IdentificationType
    metadata: list[Any] = []
    for part in location:
        field = table.model_fields[str(part)]
        metadata = list(field.metadata)
        for inner in (field.annotation, *get_args(field.annotation)):
            metadata += getattr(inner, "__metadata__", ())
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                table = inner
    return metadata
