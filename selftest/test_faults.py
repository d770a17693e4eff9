"""Each fault of a reference target is found at its own requirement, and no freedom is accused.

Front door: the real target as a process, the real command, the real statement.
"""

import csv
from datetime import date
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from conformance.oicp.operations import BY_NAME
from conformance.oicp.types import Role
from fixtures.faults import Fault, every
from fixtures.matrix import Result, run_one

_TABLE = Path(__file__).with_name("faults.tsv")


class Row(NamedTuple):
    """What must be found of one fault."""

    role: Role
    fault: str
    verdict: str
    requirement: str
    operation: str


with _TABLE.open(encoding="utf-8") as file:
    ROWS = [Row(**row) for row in csv.DictReader(file, delimiter="\t")]  # type: ignore[arg-type]

MOST_AT_ONCE = 6
"""How many requirements may fail for one fault before it is unclear which one it is."""


def _named(role: Role, name: str) -> Fault:
    return next(one for one in every(role) if one.name == name)


def _told(result: Result) -> str:
    return f"{result.verdict}: failed {result.failed}, warned {result.warned}"


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.role}-{row.fault}" for row in ROWS])
def test_fault_is_found_at_its_requirement(row: Row, tmp_path: Path) -> None:
    fault = _named(row.role, row.fault)
    about = {row.operation, fault.operation} & BY_NAME.keys()
    result = run_one(row.role, fault, tmp_path, operations=sorted(about), examples=0)
    wanted = f"{row.requirement} [{row.operation}]"
    if row.verdict == "fail":
        assert wanted in result.failed, _told(result)
        assert result.verdict == "fail"
    else:
        assert wanted in result.warned, _told(result)
        assert not result.failed, _told(result)
    assert len(result.failed) <= MOST_AT_ONCE, _told(result)


ALL_VARIANTS = [(role, one) for role in get_args(Role) for one in every(role, "variant")]
# A whole run each: all of them have had their turn after some days; `tox -e matrix` runs them at once.
VARIANTS = ALL_VARIANTS[date.today().toordinal() % 8 :: 8]


@pytest.mark.parametrize(("role", "variant"), VARIANTS, ids=[f"{role}-{one.name}" for role, one in VARIANTS])
def test_freedom_is_not_accused(role: Role, variant: Fault, tmp_path: Path) -> None:
    result = run_one(role, variant, tmp_path)
    assert (result.verdict, result.failed, result.warned) == ("pass", [], []), _told(result)


@pytest.mark.parametrize("role", get_args(Role))
def test_reference_passes_without_a_warning(role: Role, tmp_path: Path) -> None:
    faultless = Fault("", role, "every operation", "nothing", "variant", lambda _: None)
    result = run_one(role, faultless, tmp_path)
    assert (result.verdict, result.failed, result.warned) == ("pass", [], []), _told(result)
