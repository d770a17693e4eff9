"""The contract as other tools read it."""

import json
import re
from typing import Any, get_args

import jsonschema  # type: ignore[import-untyped]
import pytest

from oicp_conformance.cli import main
from oicp_conformance.oicp.operations import OPERATIONS
from oicp_conformance.oicp.types import Role
from selftest.unit import examples as ex


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["contract", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def names(role: str) -> set[str]:
    party = "cpo" if role == "cpo" else "emp-online"
    return {one.name for one in OPERATIONS if party in one.parts}


@pytest.mark.parametrize("role", get_args(Role))
def test_openapi(capsys: pytest.CaptureFixture[str], role: str) -> None:
    made = printed(capsys, "--role", role)
    assert {one["post"]["operationId"] for one in made["paths"].values()} == names(role)


def test_json_schema_judges_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    made = printed(capsys, "--role", "cpo", "--format", "json-schema")
    schema = {**made, "$ref": "#/$defs/eRoamingChargeDetailRecord"}
    record = ex.charge_detail_record()
    jsonschema.Draft202012Validator(schema).validate(record)
    del record["EvseID"]
    with pytest.raises(jsonschema.ValidationError, match="'EvseID' is a required property"):
        jsonschema.Draft202012Validator(schema).validate(record)


@pytest.mark.parametrize("role", get_args(Role))
def test_postman(capsys: pytest.CaptureFixture[str], role: str) -> None:
    made = printed(capsys, "--role", role, "--format", "postman")
    requests = {one["name"]: one["request"] for folder in made["item"] for one in folder["item"]}
    assert set(requests) == names(role)
    for one in requests.values():
        assert "{" not in re.sub(r"\{\{baseUrl\}\}", "", one["url"]["raw"])
        json.loads(one["body"]["raw"])
    start = requests["eRoamingAuthorizeStart"]
    assert start["url"]["raw"] == "{{baseUrl}}/api/oicp/charging/v21/operators/:operatorID/authorize/start"
    assert start["url"]["variable"] == [{"key": "operatorID", "value": ""}]
    body = json.loads(start["body"]["raw"])
    assert set(body) >= {"OperatorID", "Identification"}
    assert len(body["Identification"]) == 1
