"""What is new since another run: of two statements, of a run with a baseline, and from night to night."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oicp_conformance.reporting.nightly import main as nightly
from selftest.support import ROOT, Ran, cpo_profile, reference_target, run_module, run_suite

Statement = dict[str, Any]
CARD = "test_card_authorized_by_broadcast"
CDR = "eRoamingChargeDetailRecord"
BROKEN = f"{CDR}.EvseID"
PATIENCE = 180.0


def asked(*arguments: str | Path) -> Ran:
    """Run a module of ours as a user does."""
    done = run_module(*arguments, seconds=PATIENCE)
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout + done.stderr, ROOT)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Statement:
    """A statement of a run of which one requirement failed."""
    with reference_target("cpo", ("--fault", "cdr-without-evse-id")) as target:
        ran = run_suite(tmp_path_factory.mktemp("made"), target.profile(), "-k", CARD, seconds=PATIENCE)
    assert ran.failed() == {BROKEN}
    return ran.statement


def row(statement: Statement, requirement: str) -> Statement:
    """The requirement on charge detail records, to be changed where it stands."""
    rows: list[Statement] = statement["requirements"]
    (found,) = (one for one in rows if (one["id"], one["operation"]) == (requirement, CDR))
    return found


def breaks(statement: Statement, requirement: str, *pointers: str | None, **more: object) -> None:
    """Let a requirement be broken."""
    finding = {"message": f"it is {more.get('exchange', 1)}", "exchange": 1, "erratum": None, **more}
    row(statement, requirement).update(
        verdict="fail", findings=[{**finding, "pointer": one} for one in pointers]
    )
    statement["verdict"] = "fail"


def holds(statement: Statement, requirement: str, verdict: str = "pass") -> None:
    row(statement, requirement).update(verdict=verdict, findings=[])


def is_gone(statement: Statement, requirement: str) -> None:
    statement["requirements"].remove(row(statement, requirement))


def sets(**values: object) -> Callable[[Statement], None]:
    return lambda statement: statement.update(values)


SESSION = f"{CDR}.SessionID"
Change = Callable[[Statement], object]
STALE = {
    "requirement": BROKEN,
    "reason": "r",
    "owner": "o",
    "ticket": "T-1",
    "expires": "2099-01-01",
    "state": "stale",
    "note": "it no longer occurs",
    "findings": 0,
}


def nothing(_: Statement) -> None:
    pass


# What is done to the old and the new statement, what is said, and whether a nightly job turns red.
CHANGED: dict[str, tuple[Change, Change, list[str], bool]] = {
    "nothing": (nothing, nothing, [], False),
    "newly broken": (
        nothing,
        lambda new: breaks(new, SESSION, "/SessionID"),
        [f"newly broken: {SESSION} [{CDR}] at /SessionID: it is 1"],
        True,
    ),
    "newly broken elsewhere": (
        nothing,
        lambda new: breaks(new, BROKEN, "/EvseID", "/Other"),
        [f"newly broken: {BROKEN} [{CDR}] at /Other: it is 1"],
        True,
    ),
    "newly broken by an erratum": (
        nothing,
        lambda new: breaks(new, BROKEN, "/EvseID", erratum="C010"),
        [
            f"newly broken: {BROKEN} [{CDR}] at /EvseID: it is 1",
            f"newly fixed: {BROKEN} [{CDR}] at /EvseID: EvseID is mandatory and missing",
        ],
        True,
    ),
    "another exchange, message and index": (
        lambda old: breaks(old, SESSION, "/List/0/SessionID", exchange=7),
        lambda new: breaks(new, SESSION, "/List/31/SessionID", exchange=8),
        [],
        False,
    ),
    "newly fixed": (
        nothing,
        lambda new: holds(new, BROKEN),
        [f"newly fixed: {BROKEN} [{CDR}] at /EvseID: EvseID is mandatory and missing"],
        False,
    ),
    "broken, and not seen any more": (
        nothing,
        lambda new: holds(new, BROKEN, "inconclusive"),
        [f"newly inconclusive: {BROKEN} [{CDR}]: nothing was observed of it"],
        False,
    ),
    "newly inconclusive": (
        nothing,
        lambda new: holds(new, SESSION, "inconclusive"),
        [f"newly inconclusive: {SESSION} [{CDR}]: nothing was observed of it"],
        False,
    ),
    "newly judged": (
        lambda old: is_gone(old, SESSION),
        nothing,
        [f"newly judged: {SESSION} [{CDR}]: pass"],
        False,
    ),
    "newly judged, and broken": (
        lambda old: is_gone(old, SESSION),
        lambda new: breaks(new, SESSION, None),
        [f"newly broken: {SESSION} [{CDR}]: it is 1", f"newly judged: {SESSION} [{CDR}]: fail"],
        True,
    ),
    "judged no more": (
        nothing,
        lambda new: holds(new, BROKEN, "not-applicable"),
        [f"judged no more: {BROKEN} [{CDR}]: it was fail"],
        False,
    ),
    "known now": (
        nothing,
        lambda new: breaks(new, BROKEN, "/EvseID", deviation="T-1"),
        [],
        False,
    ),
    "known no more": (
        lambda old: breaks(old, BROKEN, "/EvseID", deviation="T-1"),
        nothing,
        [f"newly broken: {BROKEN} [{CDR}] at /EvseID: EvseID is mandatory and missing"],
        True,
    ),
    "stale now": (
        nothing,
        sets(deviations=[STALE]),
        ["worse: known deviation 1 (T-1): it no longer occurs"],
        True,
    ),
    "a mandatory operation that is not observed any more": (
        lambda old: old["missing"].remove("eRoamingPushEvseData"),
        nothing,
        ["worse: eRoamingPushEvseData is mandatory, was observed before, and is not any more"],
        True,
    ),
    "stopped": (
        nothing,
        sets(stopped="the target cannot be reached"),
        ["worse: the run stopped early: the target cannot be reached"],
        True,
    ),
    "trouble": (
        nothing,
        sets(verdict="error", trouble=["a bug"]),
        ["worse: internal error of the suite: a bug"],
        True,
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_compare(tmp_path: Path, made: Statement, what: str) -> None:
    change_old, change_new, said, is_worse = CHANGED[what]
    old, new = copy.deepcopy(made), copy.deepcopy(made)
    change_old(old)
    change_new(new)
    files = tmp_path / "old.json", tmp_path / "new.json"
    for file, statement in zip(files, (old, new), strict=True):
        file.write_text(json.dumps(statement), encoding="utf-8")
    ran = asked("oicp_conformance.reporting.compare", *files)
    *lines, last = ran.output.splitlines()
    assert lines == said
    assert last.startswith("compared with the run of ")
    assert ran.exit_code == int(is_worse)


# --- bad input

WRONG: dict[str, tuple[Callable[[Statement], object], str]] = {
    "another role": (lambda one: one["target"].update(role="emp"), "target.role: found 'emp'"),
    "another format": (sets(format=2), "old.json: format: "),
    "no verdict": (lambda one: one.pop("verdict"), "old.json: verdict: Field required"),
    "a row that is wrong": (
        lambda one: one["requirements"][3].update(verdict="good"),
        "old.json: requirements.3.verdict: ",
    ),
    "trouble": (sets(verdict="error"), "verdict: found 'error'"),
}


@pytest.mark.parametrize("what", WRONG)
def test_statement_that_cannot_be_compared(tmp_path: Path, made: Statement, what: str) -> None:
    change, said = WRONG[what]
    old = copy.deepcopy(made)
    change(old)
    (tmp_path / "old.json").write_text(json.dumps(old), encoding="utf-8")
    (tmp_path / "new.json").write_text(json.dumps(made), encoding="utf-8")
    ran = asked("oicp_conformance.reporting.compare", tmp_path / "old.json", tmp_path / "new.json")
    assert ran.exit_code == 2
    assert said in ran.output
    run = run_suite(tmp_path, cpo_profile(), "--baseline", str(tmp_path / "old.json"))
    assert run.exit_code == 4
    (error,) = (line for line in run.output.splitlines() if line.startswith("ERROR: "))
    assert error.startswith("ERROR: --baseline ")
    assert said in error


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "there is no such file"), ("{", "EOF while parsing"), ("[]", "expected a statement")],
)
def test_file_that_is_no_statement(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "old.json").write_text(content, encoding="utf-8")
    for command in (
        ("oicp_conformance.reporting.compare", tmp_path / "old.json"),
        ("oicp_conformance.reporting.page",),
    ):
        ran = asked(*command, tmp_path / "old.json")
        assert ran.exit_code == 2
        assert said in ran.output
    run = run_suite(tmp_path, cpo_profile(), "--baseline", str(tmp_path / "old.json"))
    assert run.exit_code == 4
    assert run.says(said) == 1


def test_folder_without_a_statement(tmp_path: Path, made: Statement) -> None:
    """Nobody compares with nothing by mistake; but a run may be the first of its folder."""
    (tmp_path / "new.json").write_text(json.dumps(made), encoding="utf-8")
    (tmp_path / "kept").mkdir()
    assert (
        asked("oicp_conformance.reporting.compare", tmp_path / "kept", tmp_path / "new.json").exit_code == 2
    )
    only = ("-k", "no_such_test")
    first = run_suite(tmp_path, cpo_profile(), "--baseline", str(tmp_path / "kept"), *only)
    assert first.statement["changes"] is None
    none = run_suite(tmp_path, cpo_profile(), "--baseline", str(tmp_path / "none"), *only)
    assert none.exit_code == 4


# --- a run with a baseline


def test_baseline_is_shown_in_all_reports(tmp_path: Path, made: Statement) -> None:
    """And changes neither the verdict nor the exit code."""
    (tmp_path / "kept" / "cpo").mkdir(parents=True)
    (tmp_path / "kept" / "cpo" / "conformance.json").write_text(json.dumps(made), encoding="utf-8")
    with reference_target("cpo", ("--fault", "cdr-without-session-id")) as target:
        kept = ("--baseline", str(tmp_path / "kept"))
        ran = run_suite(tmp_path, target.profile(), "-k", CARD, *kept, seconds=PATIENCE)
    assert (ran.exit_code, ran.verdict) == (1, "fail")
    changes = ran.statement["changes"]
    assert SESSION in {one["requirement"] for one in changes["broken"]}
    assert [one["requirement"] for one in changes["fixed"]] == [BROKEN]
    assert changes["baseline"]["started"] == made["started"]
    assert ran.says(f"newly broken: {SESSION} [{CDR}]") == 1
    assert ran.says(f"newly fixed: {BROKEN} [{CDR}] at /EvseID") == 1
    for name in ("conformance.html", "conformance.md"):
        text = (ran.folder / name).read_text(encoding="utf-8")
        assert "1 newly fixed" in re.sub(r"<[^>]*>", "", text)
    globals_of = [one.read_text() for one in (ran.folder / "allure-results").glob("*-attachment.txt")]
    assert any(f"newly fixed: {BROKEN}" in one for one in globals_of)


# --- from night to night


def test_nightly_is_red_only_for_what_is_new(tmp_path: Path) -> None:
    keep, folder = tmp_path / "kept", tmp_path / "night"
    listed = tmp_path / "known.toml"
    listed.write_text(
        f'[[deviation]]\nrequirement = "{BROKEN}"\nreason = "r"\nowner = "o"\nticket = "T-1"\n'
        "expires = 2099-01-01\n",
        encoding="utf-8",
    )

    def night(fault: str | None, *arguments: str) -> Ran:
        with reference_target("cpo", ("--fault", fault) if fault else ()) as target:
            (tmp_path / "profile.toml").write_text(target.profile(), encoding="utf-8")
            ran = asked(
                *(
                    "oicp_conformance.reporting.nightly",
                    "--keep",
                    keep,
                    "--report-dir",
                    folder,
                    "-k",
                    CARD,
                    "-q",
                ),
                *("--target", tmp_path / "profile.toml", "--no-report-html", "-p", "no:cacheprovider"),
                *arguments,
            )
        return Ran(ran.exit_code, ran.output, folder)

    def kept() -> Statement:
        return dict(json.loads((keep / "cpo" / "conformance.json").read_text(encoding="utf-8")))

    first = night(None)
    assert (first.exit_code, first.verdict) == (1, "incomplete"), "a part of the tests is never green"
    assert first.says("the next runs are compared with this one") == 1
    assert kept() == first.statement
    second = night(None)
    assert (second.exit_code, second.verdict) == (0, "incomplete"), second.output
    assert kept() == second.statement
    for _ in range(2):
        broken = night("cdr-without-evse-id")
        assert broken.exit_code == 1, "it stays red until it is fixed or listed"
        assert broken.says(f"newly broken: {BROKEN}") == 1
        assert kept() == second.statement
    known = night("cdr-without-evse-id", "--deviations", str(listed))
    assert known.exit_code == 0, known.output
    assert kept() == known.statement


def test_nightly_passes_on_what_is_no_verdict(tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    ran = asked(
        "oicp_conformance.reporting.nightly",
        "--keep",
        keep,
        "--report-dir",
        tmp_path / "night",
        "--target",
        "none.toml",
    )
    assert ran.exit_code == 4
    assert ran.says("none.toml: there is no such file") == 1
    assert not list(keep.iterdir())


def test_nightly_does_not_keep_a_run_that_stopped(tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    (tmp_path / "profile.toml").write_text(cpo_profile(), encoding="utf-8")
    ran = asked(
        *(
            "oicp_conformance.reporting.nightly",
            "--keep",
            keep,
            "--report-dir",
            tmp_path / "night",
            "--no-report-html",
        ),
        *("--target", tmp_path / "profile.toml", "-p", "no:cacheprovider"),
    )
    assert ran.exit_code == 1
    assert ran.says("it is not kept: it stopped early") == 1
    assert not list(keep.iterdir())


def test_nightly_where_it_cannot_keep_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kept").write_text("a file", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        nightly(["--keep", str(tmp_path / "kept")])
    assert ended.value.code == 2
    assert f"{tmp_path / 'kept'}: File exists" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_ready_files_fit_the_nightly_run(name: str) -> None:
    """They keep and publish the folders that the run writes."""
    text = (ROOT / "docs" / "ci" / name).read_text(encoding="utf-8")
    assert "tox run -e nightly" in text
    assert "[testenv:nightly]" in (ROOT / "tox.ini").read_text(encoding="utf-8")
    parser = (ROOT / "reports" / "nightly.py").read_text(encoding="utf-8")
    for folder in re.findall(r"default=Path\((.*?)\)", parser):
        assert "/".join(re.findall(r'"(.*?)"', folder)) in text
