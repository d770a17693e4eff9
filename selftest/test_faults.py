"""Each fault of a reference target is found at its own requirement, and no freedom is accused.

Front door: the real target and the real run, each a process of its own, and the real statement. A day has its
share of the matrix; `tox -e matrix` runs all of it at once.
"""

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from fixtures.faults import UNPROVEN, Fault, every, requirements
from oicp_conformance.oicp.types import Role
from selftest.shared_runs import SharedRuns
from tools.matrix_result import Result
from tools.matrix_run import run_one

SHARES = 80
"""After so many days, all of it has had its turn."""

FAULTS = [(role, one) for role in get_args(Role) for one in every(role, "fault")]
VARIANTS = [(role, one) for role in get_args(Role) for one in every(role, "variant")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    day = date.fromisoformat(metafunc.config.option.day).toordinal()
    for name, several in (("fault", FAULTS), ("variant", VARIANTS)):
        if name in metafunc.fixturenames:
            share = several[day % SHARES :: SHARES]
            metafunc.parametrize(("role", name), share, ids=[f"{role}-{one.name}" for role, one in share])


def _told(result: Result) -> str:
    return f"{result.verdict}: failed {result.failed}, warned {result.warned}; wanted {result.requirement}"


@pytest.mark.parametrize("role", get_args(Role))
def test_every_requirement_has_a_fault_or_a_reason(role: Role) -> None:
    proven = {one.breaks for one in every(role, "fault")}
    assert not proven & UNPROVEN[role].keys()
    assert proven | UNPROVEN[role].keys() == requirements(role).keys()


@pytest.mark.long(35)
def test_fault_is_found_at_its_requirement(role: Role, fault: Fault, tmp_path: Path) -> None:
    result = run_one(role, fault, tmp_path)
    assert result.attributed, _told(result)


@pytest.mark.long(45)
def test_freedom_is_not_accused(role: Role, variant: Fault, tmp_path: Path) -> None:
    result = run_one(role, variant, tmp_path)
    assert not result.accused, _told(result)


@pytest.mark.parametrize("role", get_args(Role))
def test_reference_passes_without_a_warning_and_all_but_fields_is_seen(
    role: Role, shared_runs: SharedRuns
) -> None:
    ran = shared_runs(role)
    assert (ran.verdict, ran.rows("fail"), ran.rows("warning")) == ("pass", [], [])
    unseen = [
        f"{one['id']} [{one['operation']}]"
        for one in ran.rows("inconclusive")
        if not requirements(role)[one["id"]].is_field
    ]
    assert unseen == []
