"""Each fault of a reference target is found at its own requirement, and no freedom is accused.

Front door: the real target and the real run, each a process of its own, and the real statement. A day has its
share of the matrix; `tox -e matrix` runs all of it at once.
"""

import json
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from fixtures.faults import Fault, every
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.oicp.operations import BY_NAME, Party
from oicp_conformance.oicp.types import Role
from tools.matrix import run_one
from tools.matrix_result import Result, proofs, unproven

SHARES = 20
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


def _known(role: Role) -> set[str]:
    parties: dict[Role, list[Party]] = {"cpo": ["cpo"], "emp": ["emp-online", "emp-offline"]}
    return {name for party in parties[role] for name in catalogue(party)}


def test_every_fault_has_its_requirement() -> None:
    assert {(role, one.name) for role, one in FAULTS} == set(proofs())


@pytest.mark.parametrize("role", get_args(Role))
def test_every_requirement_has_a_fault_or_a_reason(role: Role) -> None:
    proven = {one.requirement for one in proofs().values() if one.role == role}
    reasons = {name for who, name in unproven() if who == role}
    assert proven <= _known(role)
    assert not proven & reasons
    assert _known(role) - proven == reasons


def test_faults_are_about_operations_that_there_are() -> None:
    assert {one.operation for one in proofs().values()} <= BY_NAME.keys()


def test_fault_is_found_at_its_requirement(role: Role, fault: Fault, tmp_path: Path) -> None:
    result = run_one(role, fault, tmp_path)
    assert result.attributed, _told(result)


def test_freedom_is_not_accused(role: Role, variant: Fault, tmp_path: Path) -> None:
    result = run_one(role, variant, tmp_path)
    assert not result.accused, _told(result)


@pytest.mark.parametrize("role", get_args(Role))
def test_reference_passes_without_a_warning_and_all_but_fields_is_seen(role: Role, tmp_path: Path) -> None:
    faultless = Fault("", role, "every operation", "nothing", "variant", lambda _: None)
    result = run_one(role, faultless, tmp_path)
    assert not result.accused, _told(result)
    statement = json.loads((tmp_path / role / "faultless" / "conformance.json").read_text(encoding="utf-8"))
    known = catalogue("cpo" if role == "cpo" else "emp-online")
    unseen = [
        f"{one['id']} [{one['operation']}]"
        for one in statement["requirements"]
        if one["verdict"] == "inconclusive" and not known[one["id"]].field
    ]
    assert unseen == []
