"""The JSON Schemas and the OpenAPI document that are made of the contract."""

import json
from typing import Any, get_args

import jsonschema  # type: ignore[import-untyped]
import pytest

from oicp_conformance.oicp import openapi
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.operations import Party, of_party
from oicp_conformance.oicp.types import Role
from selftest.unit import examples as ex
from selftest.unit import models as on
from selftest.unit.tables import BROKEN, SOUND

SOUND_ANSWERS: dict[type[Message], dict[str, Any]] = {
    on.EVSE_PAGE: ex.page(ex.evse(OperatorID="DE*ABC", OperatorName="ABC")),
    on.STATUSES: {"EvseStatuses": {"OperatorEvseStatus": []}},
    on.STATUSES_BY_ID: {"EVSEStatusRecords": {"EvseStatusRecord": []}},
    on.CDR_PAGE: ex.page(ex.charge_detail_record()),
    on.PULLED_PRODUCTS: {"PricingProductData": [ex.products(ex.product())]},
    on.PULLED_PRICES: {"EVSEPricing": [{"OperatorID": "DE*ABC", "EVSEPricing": [ex.evse_pricing()]}]},
}


@pytest.mark.parametrize(("model", "body"), SOUND_ANSWERS.items())
def test_answers_with_data(model: type[Message], body: dict[str, Any]) -> None:
    assert on.blamed(model, body, "emp") == {}
    jsonschema.Draft202012Validator(openapi.schema(model)).validate(body)


def json_of(body: Any) -> Any:
    """Without the nulls that stand for what is absent: the schemas have none."""
    if isinstance(body, dict):
        return {name: json_of(value) for name, value in body.items() if value is not None}
    return [json_of(item) for item in body] if isinstance(body, list) else body


@pytest.mark.parametrize("model", dict.fromkeys(row[0] for row in (*SOUND, *BROKEN)))
def test_schemas_say_what_the_models_say(model: type[Message]) -> None:
    validator = jsonschema.Draft202012Validator(openapi.schema(model))
    validator.check_schema(validator.schema)
    sound = [body for kind, body, _ in SOUND if kind is model]
    broken = [body for kind, body, _, _ in BROKEN if kind is model]
    assert all(validator.is_valid(json_of(body)) for body in sound)
    assert not any(validator.is_valid(json_of(body)) for body in broken)


def test_a_choice_has_exactly_one_member() -> None:
    validator = jsonschema.Draft202012Validator(openapi.schema(on.PULL))
    assert validator.is_valid(ex.centre(5))
    assert not validator.is_valid(ex.centre(5, ex.three_formats()))
    assert not validator.is_valid(ex.pull_evses(SearchCenter={"GeoCoordinates": {}, "Radius": 5}))


@pytest.mark.parametrize("role", get_args(Role))
def test_the_document_has_all_operations(role: Role) -> None:
    document = openapi.document(role)
    party: Party = "cpo" if role == "cpo" else "emp-online"
    assert set(document["paths"]) == {one.path for one in of_party(party)}
    for component in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(component)
    received = openapi.document(role, "hub-to-target")
    assert set(received["paths"]) == {
        one.path for one in of_party(party) if one.parts[party].direction == "hub-to-target"
    }


def test_the_document_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    openapi.main(["emp"])
    assert json.loads(capsys.readouterr().out) == openapi.document("emp")
