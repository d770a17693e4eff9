"""Messages that are drawn from the OpenAPI document are as their tables have them."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from oicp_conformance.oicp import openapi
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role
from selftest.unit import models as on


def described(role: Role) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    for result in schemathesis.openapi.from_dict(openapi.document(role)).get_all_operations():
        assert isinstance(result, Ok)
        yield result.ok()


@pytest.mark.parametrize("role", get_args(Role))
def test_what_the_document_describes_is_sound(role: Role) -> None:
    operations = list(described(role))
    assert len(operations) == len(openapi.document(role)["paths"])
    for operation in operations:
        try_some(operation, role)


def try_some(operation: APIOperation[Any, Any, Any, Any], role: Role) -> None:
    known = BY_NAME[operation.definition.raw["operationId"]]

    @settings(
        max_examples=5,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def judged(case: Any) -> None:
        located = known.request_model(role, case.body)
        assert located is not None
        # The document does not say that a mandatory text or list is filled: what is empty is warned of.
        assert set(on.blamed(located[1], case.body, role).values()) <= {"warning", "warning C060"}

    judged()
