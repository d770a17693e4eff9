"""What a partner may send that is strange: JSON of nearly the right shape, and HTTP that is hardly any."""

import json
from typing import Any, get_args

import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from conformance.oicp.openapi import document
from conformance.oicp.operations import BY_NAME, Direction, Operation
from conformance.oicp.types import Role

SESSIONS = ("0000abcd-0000-4000-8000-000000000001", "0000ABCD-0000-4000-8000-000000000001")
_ODD_NUMBERS = (10**400, -(10**30), 2**63, 1e308, -0.0, 5e-324, 17)
_ODD_TEXTS = (
    "",
    "\x00",
    "\ud800",
    "0" * 300,
    "2026-02-30T25:61:61+99:99",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-11-22T14:00:00Z",
    "$2b$04$" + "x" * 53,
    "99.9 999",
    "DE*ABC*E1*1",
    "true",
    *SESSIONS,
)
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from(_ODD_NUMBERS)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(_ODD_TEXTS)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def _described(operation: Operation, role: Role) -> Any:
    whole = document(role)
    whole["paths"] = {f"/{operation.name}": whole["paths"][operation.path]}
    whole["paths"][f"/{operation.name}"]["post"]["parameters"] = []
    (result,) = schemathesis.openapi.from_dict(whole).get_all_operations()
    assert isinstance(result, Ok)
    return result.ok()


def _sent(operation: Operation, role: Role) -> st.SearchStrategy[Any]:
    made: st.SearchStrategy[Any] = _described(operation, role).as_strategy(GenerationMode.POSITIVE)
    return made.map(lambda case: case.body)


REQUESTS: dict[tuple[Role, str], st.SearchStrategy[Any]] = {
    (role, operation.name): _sent(operation, role)
    for role in get_args(Role)
    for operation in BY_NAME.values()
    if ("cpo" if role == "cpo" else "emp-online") in operation.parts
}


@st.composite
def nearly(draw: st.DrawFn, bodies: st.SearchStrategy[Any]) -> Any:
    """A message as the contract has it, with some of its values replaced by something odd."""
    body = json.loads(json.dumps(draw(bodies)))
    for _ in range(draw(st.integers(0, 4))):
        holders = list(_holders(body))
        if not holders:
            break
        holder, key = draw(st.sampled_from(holders))
        holder[key] = draw(ODD)
    if isinstance(body, dict) and "SessionID" in body and draw(st.booleans()):
        body["SessionID"] = draw(st.sampled_from(SESSIONS))
    return body if draw(st.integers(0, 9)) else draw(ODD)


def _holders(value: Any) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _holders(inner)


def written(value: Any) -> bytes:
    """A value as JSON; half a surrogate pair is written as JSON can, in place of a character."""
    return json.dumps(value, ensure_ascii=bool(_has_surrogate(value))).encode()


def _has_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
