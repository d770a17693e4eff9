"""The keys that each table of a profile may have, looked up in the models of the tables."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from oicp_conformance.profile.drivers import DriverError
from oicp_conformance.profile.model import Profile
from oicp_conformance.profile.places import Key
from oicp_conformance.profile.stimuli import Stimuli, settings_of


def fields_of(table: Key, raw: Mapping[str, Any]) -> Mapping[str, FieldInfo]:
    """The keys that a table may have, with those of the driver in `raw`; none for one without a model."""
    model: type[BaseModel] = Profile
    for part in table:
        if isinstance(part, int):
            continue
        found = _model(model.model_fields.get(part))
        if found is None:
            return {}
        model = _settings(raw) if found is Stimuli else found
    return model.model_fields


def is_table(key: Key) -> bool:
    """Whether a key is a table, and not a list of tables."""
    *around, name = key
    field = fields_of(tuple(around), {}).get(str(name))
    return field is not None and (_model(field) is not None or get_origin(field.annotation) is dict)


def is_text(key: Key, raw: Mapping[str, Any]) -> bool:
    """Whether the value of a key can only be a string."""
    *around, name = key
    field = fields_of(tuple(around), raw).get(str(name))
    kinds = {field.annotation, *get_args(field.annotation)} if field else set()
    return str in kinds and kinds <= {str, type(None), str | None}


def driver_of(raw: Mapping[str, Any]) -> str:
    """The name of the driver in the tables of a profile."""
    table = raw.get("stimuli")
    return str(table.get("driver", "none")) if isinstance(table, Mapping) else "none"


def _settings(raw: Mapping[str, Any]) -> type[Stimuli]:
    try:
        return settings_of(driver_of(raw))
    except DriverError:
        return Stimuli


def _model(field: FieldInfo | None) -> type[BaseModel] | None:
    """The model of a table, or of the tables in a list."""
    kinds = [field.annotation if field else None]
    while kinds:
        kind = kinds.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
        kinds += [one for one in get_args(kind) if isinstance(one, type) or get_args(one)]
    return None
