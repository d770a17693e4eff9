"""The JSON Schema of the profile, with which editors complete and check it.

It is made from the tables that also check a profile. The file beside this one is its text for our own
drivers: `python -m oicp_conformance.profile` writes it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from oicp_conformance.oicp.messages import IdentificationType
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import across, drivers
from oicp_conformance.profile.model import Profile
from oicp_conformance.profile.stimuli import Stimuli, settings_of
from oicp_conformance.profile.values import any_case

FILE = Path(__file__).with_name("profile.schema.json")
"""The text of the schema, as it is installed."""
_VARIABLE = "Variable"
_Json = dict[str, Any]


def json_schema(names: Sequence[str] | None = None) -> _Json:
    """The JSON Schema (draft 2020-12) of a profile.

    It has the `[stimuli]` keys of the drivers with these names, of our own drivers without. A profile that
    extends another may leave out what is mandatory: it may be in the other.
    """
    names = drivers.own_names() if names is None else names
    profile = _tidy(Profile.model_json_schema())
    tables: _Json = profile.pop("$defs")
    tables.pop("JsonValue")
    # What is mandatory holds for a whole profile only, see `_whole`.
    del profile["required"], tables["Target"]["required"], tables["HubTls"]["required"]
    tables["Stimuli"], own = _stimuli(names)
    tables |= own
    tables["Identification"], kinds = _identification()
    for key in ("accepts", "refuses"):
        tables["Partner"]["properties"][key]["items"] = _ref("Identification")
    paths = tables["Target"]["properties"]["paths"]
    paths["properties"] = dict.fromkeys(BY_NAME, paths["additionalProperties"])
    paths["additionalProperties"] = False
    variable = {
        "type": "string",
        "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}",
        "description": "A string with ${NAME}: the value of an environment variable, which is a secret.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A profile of oicp-conformance",
        **profile,
        "allOf": [*_of_roles(), {"if": {"not": {"required": ["extends"]}}, "then": _whole(names)}],
        "$defs": dict(sorted({**tables, **kinds, _VARIABLE: variable}.items())),
    }


def text() -> str:
    """The text of the schema for our own drivers."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


# --- the tables ---------------------------------------------------------------------------------------


def _tidy(schema: Mapping[str, Any]) -> _Json:
    """A schema of pydantic's as one of TOML: without nulls and titles; and `${NAME}` fits all strings."""
    tidy = {key: _tidied(key, value) for key, value in schema.items() if key != "title"}
    if tidy.get("default", ...) is None or "$ref" in tidy:
        tidy.pop("default", None)
    if "description" in tidy:
        tidy["description"] = " ".join(tidy["description"].split())
    if {"type": "null"} in tidy.get("anyOf", ()):
        (kind,) = (one for one in tidy.pop("anyOf") if one != {"type": "null"})
        return {**kind, **tidy}
    constraints = {"pattern", "enum", "const", "minLength", "maxLength"} & tidy.keys()
    if tidy.get("type") == "string" and constraints:
        fits = {key: tidy.pop(key) for key in ("type", *sorted(constraints))}
        return {"anyOf": [fits, _ref(_VARIABLE)], **tidy}
    return tidy


def _tidied(key: str, value: Any) -> Any:
    if key in {"properties", "$defs"}:
        return {name: _tidy(one) for name, one in value.items()}
    if key in {"items", "additionalProperties"} and isinstance(value, Mapping):
        return _tidy(value)
    if key == "anyOf":
        return [_tidy(one) for one in value]
    return value


def _identification() -> tuple[_Json, _Json]:
    """The schema of an Identification, and those of its kinds."""
    schema = IdentificationType.model_json_schema()
    for table in (schema, *schema["$defs"].values()):
        table.pop("description", None)
        for name, field in table["properties"].items():
            field["description"] = f"{name} of {table['title']} in OICP 2.3."
            for one in (field, *field.get("anyOf", ())):
                if "pattern" in one:
                    one["pattern"] = any_case(one["pattern"])
    tidy = _tidy(schema)
    kinds: _Json = tidy.pop("$defs")
    exactly_one = {"additionalProperties": False, "minProperties": 1, "maxProperties": 1}
    what = "An Identification: exactly one of these kinds."
    return {**tidy, **exactly_one, "description": what}, kinds


def _stimuli(names: Iterable[str]) -> tuple[_Json, _Json]:
    """The schema of `[stimuli]`, and those of the tables in it.

    Each driver has keys of its own; those of an unknown one may be any.
    """
    table = _tidy(Stimuli.model_json_schema())
    schemas = {name: _tidy(settings_of(name).model_json_schema()) for name in names}
    forms: dict[str, list[_Json]] = {}
    for schema in schemas.values():
        for key, form in schema["properties"].items():
            if form not in forms.setdefault(key, []):
                forms[key].append(form)
    # A key that has another form in each driver is described here, and each form at its driver.
    keys = {
        key: found[0]
        if len(found) == 1
        else {"description": " Or: ".join(one["description"] for one in found)}
        for key, found in forms.items()
    }
    rules: list[_Json] = []
    for name, schema in schemas.items():
        own = schema["properties"]
        differing = {key: form for key, form in own.items() if len(forms[key]) > 1 and key != "driver"}
        then = {"propertyNames": {"enum": list(own)}, **({"properties": differing} if differing else {})}
        rules.append({"if": _driver(name), "then": then})
    tables: _Json = {}
    for schema in schemas.values():
        tables |= {key: one for key, one in schema.get("$defs", {}).items() if key != "Stimuli"}
    driver = table["properties"]["driver"]
    driver |= {"anyOf": [{"enum": list(names)}, {"type": "string"}]}
    del driver["type"], table["additionalProperties"]
    return {**table, "properties": {**keys, **table["properties"]}, "allOf": rules}, tables


# --- what holds for some ------------------------------------------------------------------------------


def _of_roles() -> Iterator[_Json]:
    """What is only for one role."""
    for role in get_args(Role):
        partner = dict.fromkeys(_others(across.ONLY_FOR, role), False)
        supports = {key: {"const": False} for key in _others(across.SUPPORTS_ONLY_FOR, role)}
        tables = {"partner": {"properties": partner}, "supports": {"properties": supports}}
        yield {"if": _role(role), "then": {"properties": tables}}


def _others(only_for: Mapping[str, Role], role: Role) -> Iterator[str]:
    return (key for key, only in only_for.items() if only != role)


def _whole(names: Iterable[str]) -> _Json:
    """What is mandatory in a profile that does not extend another."""
    schema = Profile.model_json_schema()
    mandatory = {name: schema["$defs"][name]["required"] for name in ("Target", "HubTls")}
    stimuli = [
        {"if": _driver(name), "then": {"required": required}}
        for name in names
        if (required := settings_of(name).model_json_schema().get("required"))
    ]
    online = {"not": {"properties": {"mode": {"const": "offline"}}, "required": ["mode"]}}
    roles: list[_Json] = [
        {
            "if": _role(role),
            "then": {"properties": {"partner": {"required": list(needs)}}, "required": ["partner"]},
        }
        for role, needs in across.NEEDS.items()
    ]
    accepts = {"if": online, "then": {"required": ["accepts"], "properties": {"accepts": {"minItems": 1}}}}
    roles.append({"if": _role("emp"), "then": {"properties": {"partner": accepts}}})
    return {
        "properties": {
            "target": {"required": mandatory["Target"]},
            "hub": {"properties": {"tls": {"required": mandatory["HubTls"]}}},
            "stimuli": {"allOf": stimuli},
        },
        "required": schema["required"],
        "allOf": roles,
    }


def _role(role: str) -> _Json:
    target = {"properties": {"role": {"const": role}}, "required": ["role"]}
    return {"properties": {"target": target}, "required": ["target"]}


def _driver(name: str) -> _Json:
    return {"properties": {"driver": {"const": name}}, "required": ["driver"]}


def _ref(name: str) -> _Json:
    return {"$ref": f"#/$defs/{name}"}
