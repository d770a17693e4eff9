"""What the matrix runs when it is asked for a part, and how it judges what came of a run."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from fixtures.faults import every, generated
from fixtures.faults.registry import Fault, check
from fixtures.faults.variants import ANY
from oicp_conformance.oicp.types import Role
from tools import matrix
from tools.matrix_files import ALWAYS, about, files
from tools.matrix_page import write
from tools.matrix_result import Result
from tools.matrix_run import Scope, merged, mixed, run_once, scopes
from tools.matrix_selection import NothingMatchesError, Selection


def named(selection: Selection) -> set[str]:
    return {one.name for _, one in selection.runs()}


def test_nothing_asked_for_is_everything() -> None:
    assert len(Selection().runs()) == sum(len(every(role)) for role in get_args(Role))


def test_requirement_selects_the_faults_that_break_it_and_the_variants_of_its_operations() -> None:
    runs = [one for _, one in Selection(requirements=["push.evse-*"]).runs()]
    faults = {one.name: one.breaks for one in runs if one.kind == "fault"}
    assert faults["evse-data-foreign-evse-id"] == "push.evse-of-operator"
    assert faults["prices-evse-id-twice"] == "push.evse-unique"
    assert set(faults.values()) == {"push.evse-of-operator", "push.evse-unique"}
    assert {one.operation for one in runs if one.kind == "variant"} == {
        *("eRoamingPushEvseData", "eRoamingPushEvseStatus", "eRoamingPushEVSEPricing", ANY)
    }


def test_operation_selects_what_is_about_it_and_what_shows_there() -> None:
    selected = named(Selection(operations=["eRoamingChargeDetailRecord"], kinds=["fault"], roles=["cpo"]))
    assert {"cdr-twice", "cdr-lost-after-remote-stop"} <= selected
    assert "remote-start-html" not in selected


def test_options_narrow_together_and_repeated_patterns_widen() -> None:
    fewer = named(Selection(only=["status-*"], requirements=["push.*"], kinds=["fault"]))
    assert {"status-overlapping", "status-foreign-evse-id"} <= fewer
    assert all(name.startswith("status-") for name in fewer)
    both = named(Selection(requirements=["push.sequential", "http.served"], kinds=["fault"], roles=["cpo"]))
    assert {"status-overlapping", "remote-start-not-served"} <= both


def test_shares_are_the_whole() -> None:
    whole = named(Selection(only=["cdr-*"]))
    shares = [named(Selection(only=["cdr-*"], share=(number, 3))) for number in (1, 2, 3)]
    assert set.union(*shares) == whole
    assert sum(map(len, shares)) == len(Selection(only=["cdr-*"]).runs())


@pytest.mark.parametrize(
    ("option", "pattern"), [("--requirement", "pusch.*"), ("--operation", "eRoamingPush"), ("--only", "cdr")]
)
def test_pattern_that_matches_nothing_is_an_error_that_names_it(
    option: str, pattern: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert matrix.main([option, pattern]) == 2
    assert capsys.readouterr().err == f"{option} {pattern}: nothing matches\n"


def test_nothing_left_is_an_error() -> None:
    with pytest.raises(NothingMatchesError, match="no fault or variant is all that is asked for"):
        Selection(only=["cdr-twice"], operations=["eRoamingPushEvseData"]).runs()


FAULT = Fault(
    name="made-up", role="cpo", operation="eRoamingPushEvseData", kind="fault", breaks="push.sequential"
)


def test_fault_must_break_a_requirement_of_its_role_on_its_operation() -> None:
    check(FAULT)
    with pytest.raises(ValueError, match=r"made-up: there is no requirement 'push\.sequentiel' on the cpo"):
        check(replace(FAULT, breaks="push.sequentiel"))
    with pytest.raises(ValueError, match=r"there is no requirement 'pull\.last-page' on the cpo"):
        check(replace(FAULT, breaks="pull.last-page"))
    with pytest.raises(ValueError, match=r"no row 'push\.sequential \[eRoamingAuthorizeStart\]'"):
        check(replace(FAULT, shown_at="eRoamingAuthorizeStart"))


RESULT = Result(
    role="cpo",
    kind="variant",
    name="made-up",
    operation=ANY,
    about="something is free",
    expected="pass",
    requirement="",
    verdict="pass",
    failed=[],
    warned=[],
    test="",
    seconds=1.0,
    suite="",
)


def test_variant_may_be_warned_of_only_where_that_is_acceptable() -> None:
    warned = replace(RESULT, warned=["push.sequential [eRoamingPushEvseData]"])
    assert RESULT.good
    assert not warned.good
    assert replace(warned, expected="no fail").good
    assert not replace(warned, expected="no fail", failed=warned.warned, verdict="fail").good
    assert not replace(RESULT, expected="no fail", verdict="incomplete").good


def test_fault_must_be_found_where_it_breaks_something() -> None:
    row = "push.sequential [eRoamingPushEvseData]"
    found = replace(
        RESULT, kind="fault", expected="fail", requirement=row, verdict="fail", failed=[row], about="a rule"
    )
    assert found.good
    assert not replace(found, failed=["http.path [eRoamingPushEvseData]"]).good
    assert not replace(found, verdict="pass", failed=[]).good
    assert not replace(found, expected="warning").good


def test_what_is_written_has_each_run_once(tmp_path: Path) -> None:
    write([RESULT, replace(RESULT, name="another", warned=["x [y]"])], tmp_path, 1.5)
    head, *rows = (tmp_path / "matrix.tsv").read_text(encoding="utf-8").splitlines()
    assert head.split("\t")[:3] == ["role", "kind", "name"]
    assert [row.split("\t")[2] for row in rows] == ["another", "made-up"]
    assert "another" in (tmp_path / "matrix.html").read_text(encoding="utf-8")


def test_profile_of_a_fault_is_merged_into_that_of_the_reference_target() -> None:
    base = {"partner": {"operator_id": "DE*ABC", "evse_ids": ["DE*ABC*E1"]}, "hub": {"listen": "x"}}
    more = {"partner": {"evse_ids": ["DE*SUB*E1"], "products": ["CITY-22"]}}
    assert merged(base, more) == {
        "partner": {"operator_id": "DE*ABC", "evse_ids": ["DE*SUB*E1"], "products": ["CITY-22"]},
        "hub": {"listen": "x"},
    }


def test_fault_that_only_generated_inputs_find_has_their_test_in_its_first_run() -> None:
    known = {one.name: one for one in every("cpo", "fault")}
    plain = next(scopes("cpo", known["cdr-twice"], whole=False))
    assert plain == Scope(["eRoamingChargeDetailRecord"])
    first, *more = scopes("cpo", known["second-error-of-another-session"], whole=False)
    assert first.operations == ["eRoamingChargingNotifications", "eRoamingChargeDetailRecord"]
    assert first.examples == 4
    assert set(first.without) == set(generated.TESTS) - {generated.SEQUENCES}
    assert [list(one.operations) for one in more] == [[], first.operations]


def test_variant_has_one_run_of_all_tests() -> None:
    variant = next(iter(every("emp", "variant")))
    assert [list(one.operations) for one in scopes("emp", variant, whole=False)] == [[]]


@pytest.mark.parametrize(
    ("name", "runs", "test", "said"),
    [
        ("cdr-twice", 1, "a.py::test_scenario", ""),
        ("cdr-twice", 2, "a.py::test_scenario", "write that into fixtures/faults/elsewhere.py"),
        ("cdr-twice", 2, f"a.py::{generated.VALID}", "write that into fixtures/faults/generated.py"),
        ("three-sessions-mixed-up", 1, f"a.py::{generated.SEQUENCES}", ""),
        ("three-sessions-mixed-up", 1, "a.py::test_scenario", "faults/generated.py need not name it"),
    ],
)
def test_matrix_says_where_what_is_known_of_generated_tests_is_wrong(
    name: str, runs: int, test: str, said: str
) -> None:
    row = "push.sequential [eRoamingPushEvseData]"
    found = replace(RESULT, kind="fault", expected="fail", requirement=row, verdict="fail", failed=[row])
    line = matrix.line(replace(found, name=name, runs=runs, test=test), "1/1")
    assert said in line
    assert ("fixtures/faults/" in line) == bool(said)


class Collected:
    """What pytest finds: the files, with what their tests are about."""

    def __init__(self) -> None:
        self.about: dict[str, set[str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            its = self.about.setdefault(item.nodeid.partition("::")[0], set())
            its.update(mark.args[0] for mark in item.iter_markers("about"))
            its.update(ALWAYS for _ in item.iter_markers("last"))


@pytest.mark.parametrize("role", get_args(Role))
def test_files_of_an_operation_are_those_in_which_pytest_finds_its_tests(role: Role) -> None:
    found = Collected()
    pytest.main([f"conformance/{role}", "--collect-only", "--assert=plain", "-p", "no:terminal"], [found])
    assert found.about == about(role)
    assert len(files(role, ["eRoamingChargeDetailRecord"])) < len(found.about)


@pytest.mark.parametrize(
    ("name", "examples"), [("prices-product-number", 0), ("remote-start-breaks-on-bytes", 4)]
)
def test_variant_is_accused_by_the_statement_though_no_test_is_told_anything(
    tmp_path: Path, name: str, examples: int
) -> None:
    known = {one.name: one for one in every("cpo")}
    accused = replace(known[name], kind="variant", expected="pass")
    found = run_once("cpo", accused, tmp_path / "run", Scope([accused.operation], examples))
    assert found.accused
    assert found.failed == [known[name].row]


def test_whole_runs_are_spread_among_the_short_ones_and_none_is_last() -> None:
    runs = Selection(share=(3, 9)).runs()
    order = mixed(runs)
    assert {(role, one.name) for role, one in order} == {(role, one.name) for role, one in runs}
    assert len(order) == len(runs)
    whole = [number for number, (_, one) in enumerate(order) if one.kind == "variant"]
    assert whole[0] == 0
    assert 0.7 < whole[-1] / len(order) < 0.9
    assert max(late - early for early, late in pairwise(whole)) <= 2 * len(order) / len(whole)
