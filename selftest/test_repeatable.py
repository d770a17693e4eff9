"""One seed gives one statement, and the order of the tests changes nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from oicp_conformance.oicp.types import Role
from selftest.shared_runs import FAULTS, SharedRuns
from selftest.support import NO_ALLURE, Ran, reference_target, run_suite
from selftest.test_deviations import excused_run

Statement = dict[str, Any]
SHUFFLED = ("-p", "random_order", "--random-order-bucket", "global", "--random-order-seed")

# What is new in each run: SessionIDs, times, and how long something took.
NEW = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})"
    r"|127\.0\.0\.1:[0-9]+"
    r"|\b[0-9.]+ s\b",
    re.IGNORECASE,
)
# The reference CPO pushes statuses and sends again what failed in the background, the reference EMP pulls,
# and the hub closes the sessions of an EMP once they have settled. Where that comes between other calls, and
# so the numbers of exchanges and their order, is left to the machine.
NUMBERS = re.compile(r'(?<="exchange": )[0-9]+|(?<=exchange )[0-9]+')


def told(statement: Statement) -> Statement:
    """A statement without what is new in each run, such as its figures and the digest of its journal."""
    new = {"started", "finished", "journal"}
    bare = {name: value for name, value in statement.items() if name not in new}
    bare["operations"] = [one | {"figures": None} for one in statement["operations"]]
    found: Statement = json.loads(NUMBERS.sub("0", NEW.sub("-", json.dumps(bare))))
    for row in found["requirements"]:
        row["findings"] = sorted(row["findings"] or [], key=json.dumps)
    return found


def unlisted(statement: Statement) -> Statement:
    """The statement as it would be without a list of known deviations and without a baseline."""
    rows = [
        row | {"since": None, "findings": [one | {"deviation": None} for one in row["findings"]]}
        for row in statement["requirements"]
    ]
    return statement | {"verdict": "fail", "deviations": [], "changes": None, "requirements": rows}


def run(folder: Path, role: Role, fault: str, *arguments: str) -> Ran:
    """A run against a reference target."""
    with reference_target(role, ("--fault", fault)) as target:
        return run_suite(folder, target.profile(wait=1.5), *NO_ALLURE, *arguments)


@pytest.fixture(scope="module", params=FAULTS)
def plain(request: pytest.FixtureRequest, shared_runs: SharedRuns) -> tuple[Role, str, Ran]:
    """A run in the order of the files."""
    ran = shared_runs(request.param)
    assert ran.failed()
    return *FAULTS[request.param], ran


@pytest.mark.long(80)
def test_one_seed_gives_one_statement(
    plain: tuple[Role, str, Ran], shared_runs: SharedRuns, tmp_path: Path
) -> None:
    role, fault, ran = plain
    # The CPO has been asked the same again already, where its deviation was known.
    same = (
        unlisted(excused_run(shared_runs).statement)
        if role == "cpo"
        else run(tmp_path, role, fault).statement
    )
    first, again = told(ran.statement), told(same)
    if role == "cpo":
        # What is known has no consequences.
        for one in (*first["sessions"], *again["sessions"]):
            del one["consequence"]
    rows, rows_again = first.pop("requirements"), again.pop("requirements")
    assert [pair for pair in zip(rows, rows_again, strict=True) if pair[0] != pair[1]] == []
    assert again == first


@pytest.mark.long(40)
def test_order_of_the_tests_changes_nothing(plain: tuple[Role, str, Ran], tmp_path: Path) -> None:
    role, fault, ran = plain
    shuffled = run(tmp_path, role, fault, *SHUFFLED, "1")
    assert order_of(shuffled) != order_of(ran), "they were in another order"
    assert (shuffled.verdict, shuffled.failed()) == (ran.verdict, ran.failed())
    assert ids(shuffled.rows("warning")) == ids(ran.rows("warning"))


def order_of(ran: Ran) -> list[str]:
    """The tests in which something was said, in their order."""
    return list(dict.fromkeys(one["test"] for one in ran.journal))


def ids(rows: list[dict[str, Any]]) -> set[str]:
    """The ids of some requirements."""
    return {row["id"] for row in rows}
