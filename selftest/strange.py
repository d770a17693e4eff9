"""What a partner may send that is strange: JSON of nearly the right shape, and HTTP that is hardly any."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import schemathesis
from filelock import FileLock
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from oicp_conformance.oicp.openapi import document
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role

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


KEPT: list[Path] = []
"""The folder in which the workers of a session of tests keep what they have made, if there is one."""


@cache
def _some(name: str) -> list[str]:
    """Some requests of an operation as the contract has them, from either role, as JSON.

    They take seconds to make, so that one worker makes them for all.
    """
    for folder in KEPT:
        folder.mkdir(exist_ok=True)
        file = folder / f"{name}.json"
        with FileLock(folder / f"{name}.lock"):
            if not file.exists():
                file.write_text(json.dumps(_make(name)), encoding="utf-8")
        kept: list[str] = json.loads(file.read_text(encoding="utf-8"))
        return kept
    return _make(name)


def _make(name: str) -> list[str]:
    role: Role = "cpo" if "cpo" in BY_NAME[name].parts else "emp"
    whole = document(role)
    described = whole["paths"][BY_NAME[name].path]["post"] | {"parameters": []}
    alone = whole | {"paths": {f"/{name}": {"post": described}}}
    (result,) = schemathesis.openapi.from_dict(alone).get_all_operations()
    assert isinstance(result, Ok)
    made: list[str] = []

    @settings(
        max_examples=8,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=result.ok().as_strategy(GenerationMode.POSITIVE))
    def collect(case: Any) -> None:
        made.append(json.dumps(case.body))

    collect()
    return made


def message_of(name: str) -> st.SearchStrategy[Any]:
    """Requests of an operation as the contract has them: a few, since each costs time to make."""
    return st.deferred(lambda: st.sampled_from(_some(name))).map(json.loads)


@st.composite
def nearly(draw: st.DrawFn, bodies: st.SearchStrategy[Any]) -> Any:
    """A message as the contract has it, with some of its values replaced by something odd."""
    body = draw(bodies)
    for _ in range(draw(st.integers(0, 4))):
        holders = list(_holders(body))
        if not holders:
            break
        holder, key = draw(st.sampled_from(holders))
        holder[key] = draw(ODD)
    if isinstance(body, dict) and "SessionID" in body and draw(st.booleans()):
        body["SessionID"] = draw(st.sampled_from(SESSIONS))
    return body if draw(st.integers(0, 9)) else draw(ODD)


def _holders(value: Any) -> Iterator[tuple[Any, Any]]:
    items: Any = ()
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield value, key
        yield from _holders(inner)


def written(value: Any) -> bytes:
    """A value as JSON; half a surrogate pair is written as JSON can, in place of a character."""
    return json.dumps(value, ensure_ascii=_has_surrogate(value)).encode()


def _has_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
