"""The contract as a Postman collection (format 2.1), which Bruno, Insomnia and others import, too."""

import json
import re
from collections.abc import Mapping
from typing import Any

from oicp_conformance.oicp.openapi import document
from oicp_conformance.oicp.types import Role

_FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection(role: Role) -> dict[str, Any]:
    """Return all operations of a role as requests, in a folder for each direction.

    `{{baseUrl}}` is where the receiver listens. Each body has the mandatory fields, to be filled in.
    """
    contract = document(role)
    folders: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in contract["tags"]}
    for path, methods in contract["paths"].items():
        operation = methods["post"]
        folders[operation["tags"][0]].append(_request(path, operation, contract["components"]["schemas"]))
    return {
        "info": {"name": contract["info"]["title"], "schema": _FORMAT},
        "item": [
            {"name": f"The {role.upper()} {name} these", "item": items} for name, items in folders.items()
        ],
        "variable": [{"key": "baseUrl", "value": "http://127.0.0.1:8600"}],
    }


def _request(path: str, operation: Mapping[str, Any], models: Mapping[str, Any]) -> dict[str, Any]:
    ids = re.findall(r"\{(\w+)\}", path)
    own = re.sub(r"\{(\w+)\}", r":\1", path)
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    body = json.dumps(_skeleton(schema, models), indent=2)
    return {
        "name": operation["operationId"],
        "request": {
            "method": "POST",
            "header": [{"key": "Content-Type", "value": "application/json"}],
            "url": {
                "raw": f"{{{{baseUrl}}}}{own}",
                "host": ["{{baseUrl}}"],
                "path": own.strip("/").split("/"),
                "variable": [{"key": name, "value": ""} for name in ids],
            },
            "body": {"mode": "raw", "raw": body, "options": {"raw": {"language": "json"}}},
        },
    }


def _skeleton(schema: Mapping[str, Any], models: Mapping[str, Any]) -> Any:
    """A value with the mandatory fields of a schema; of several forms, the first."""
    if "$ref" in schema:
        return _skeleton(models[schema["$ref"].rpartition("/")[2]], models)
    if "const" in schema or "enum" in schema:
        return schema.get("const", next(iter(schema.get("enum", [])), None))
    if "properties" in schema:
        several = schema.get("oneOf") or [{}]
        wanted = [*schema.get("required", []), *several[0].get("required", [])]
        return {name: _skeleton(schema["properties"][name], models) for name in dict.fromkeys(wanted)}
    for word in ("oneOf", "anyOf", "allOf"):
        if word in schema:
            return _skeleton(schema[word][0], models)
    if schema.get("type") == "array":
        return [_skeleton(schema["items"], models)]
    return {"number": 0, "integer": 0, "boolean": False, "object": {}}.get(str(schema.get("type")), "")
