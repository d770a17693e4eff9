"""The contract as JSON Schema and as an OpenAPI document, made from the operations and their messages.

`python -m oicp_conformance.oicp.openapi cpo` prints the document of a CPO, `emp` that of an EMP.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable
from functools import cache
from typing import Any, get_args

from pydantic.json_schema import DEFAULT_REF_TEMPLATE, GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import CoreSchema, core_schema

from oicp_conformance.oicp.messages import Choice, Message
from oicp_conformance.oicp.operations import OPERATIONS, Direction, Operation, Part
from oicp_conformance.oicp.types import OPERATOR_ID, PROVIDER_ID, Role

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_COMPONENT = "#/components/schemas/{model}"
_ID_PATTERNS = {"operatorID": OPERATOR_ID, "providerID": PROVIDER_ID}
_PAGING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("page", {"type": "integer", "minimum": 0, "default": 0}),
    ("size", {"type": "integer", "minimum": 1, "maximum": 2000, "default": 20}),
)
_SENDS: dict[Direction, str] = {"target-to-hub": "sends", "hub-to-target": "receives"}


class _Schemas(GenerateJsonSchema):
    """Optional fields are left out and never null (C082); of a choice exactly one member is given."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        if issubclass(schema["cls"], Choice):
            made["oneOf"] = [{"required": [name]} for name in schema["cls"].model_fields]
        return made

    def field_title_should_be_set(self, _: Any) -> bool:
        return False

    def generate(self, schema: CoreSchema, mode: Any = "validation") -> JsonSchemaValue:
        return {"$schema": DIALECT, **super().generate(schema, mode)}


@cache
def schema(message: type[Message]) -> dict[str, Any]:
    """A message as JSON Schema; it is made once, and must not be changed."""
    return message.model_json_schema(schema_generator=_Schemas, ref_template=DEFAULT_REF_TEMPLATE)


def document(role: Role, direction: Direction | None = None) -> dict[str, Any]:
    """All operations of a role as OpenAPI; or only those that it sends, or that are sent to it."""
    operations = [
        (operation, part)
        for operation in OPERATIONS
        if (part := _part(operation, role)) and direction in {None, part.direction}
    ]
    models = {
        model
        for operation, _ in operations
        for model in (operation.answer, *(forms[role] for forms in operation.requests.values()))
    }
    _, components = models_json_schema(
        [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)],
        schema_generator=_Schemas,
        ref_template=_COMPONENT,
    )
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": f"OICP 2.3 of {'a CPO' if role == 'cpo' else 'an EMP'}",
            "version": "2.3",
            "description": "Made from the contract of oicp-conformance.",
        },
        "tags": [
            {"name": _SENDS[one], "description": f"The {role.upper()} {_SENDS[one]} these operations."}
            for one in get_args(Direction)
            if any(part.direction == one for _, part in operations)
        ],
        "paths": {
            operation.path: {"post": _operation(operation, part, role)} for operation, part in operations
        },
        "components": {"schemas": components.get("$defs", {})},
    }


def _part(operation: Operation, role: Role) -> Part | None:
    return operation.parts.get("cpo" if role == "cpo" else "emp-online")


def _operation(operation: Operation, part: Part, role: Role) -> dict[str, Any]:
    return {
        "operationId": operation.name,
        "tags": [_SENDS[part.direction]],
        "parameters": list(_parameters(operation)),
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _request(operation, role)}},
        },
        "responses": {
            "200": {
                "description": "The response, positive or negative.",
                "content": {"application/json": {"schema": _reference(operation.answer)}},
            },
            "4XX": {"description": "A rejection."},
        },
    }


def _parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"\{(\w+)\}", operation.path):
        pattern = {"type": "string", "pattern": _ID_PATTERNS[name]}
        yield {"name": name, "in": "path", "required": True, "schema": pattern}
    for name, limits in _PAGING if operation.is_paged else ():
        yield {"name": name, "in": "query", "required": False, "schema": limits}


def _request(operation: Operation, role: Role) -> dict[str, Any]:
    references = [_reference(forms[role]) for forms in operation.requests.values()]
    # The Type of each is another constant, so that no message matches two of them (C223).
    return references[0] if len(references) == 1 else {"oneOf": references}


def _reference(model: type[Message]) -> dict[str, str]:
    return {"$ref": _COMPONENT.format(model=model.__name__)}


def main(arguments: list[str] | None = None) -> None:
    """Print the document of a role."""
    parser = argparse.ArgumentParser(prog="python -m oicp_conformance.oicp.openapi", description=__doc__)
    parser.add_argument("role", choices=get_args(Role))
    role = parser.parse_args(arguments).role
    sys.stdout.write(json.dumps(document(role), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
