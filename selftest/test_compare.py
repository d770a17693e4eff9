"""What is new since another run: of two statements, of a run with a baseline, and from night to night."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oicp_conformance.cli import judging
from oicp_conformance.judge.changes import compare
from oicp_conformance.judge.statement import Statement as Parsed
from oicp_conformance.reporting import nightly
from selftest.support import ROOT, Ran, cpo_profile, reference_target, run_command, run_suite

Statement = dict[str, Any]
CARD = "test_card_authorized_by_broadcast"
CDR = "eRoamingChargeDetailRecord"
BROKEN = f"{CDR}.EvseID"
PATIENCE = 180.0


def asked(*arguments: str | Path) -> Ran:
    """Run the command as a user does."""
    done = run_command(*arguments, seconds=PATIENCE)
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout + done.stderr, ROOT)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Statement:
    """A statement of a run of which one requirement failed."""
    with reference_target("cpo", ("--fault", "cdr-without-evse-id")) as target:
        ran = run_suite(tmp_path_factory.mktemp("made"), target.profile(), "-k", CARD, seconds=PATIENCE)
    assert ran.failed() == {BROKEN}
    assert ran.statement["partial"]
    return ran.statement | {"partial": None}


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
END = f"{CDR}.ChargingEnd"
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
        [f"newly inconclusive: {BROKEN} [{CDR}]: not observed in this run"],
        False,
    ),
    "newly inconclusive": (
        nothing,
        lambda new: holds(new, SESSION, "inconclusive"),
        [f"newly inconclusive: {SESSION} [{CDR}]: not observed in this run"],
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
    "no longer judged": (
        nothing,
        lambda new: holds(new, BROKEN, "not-applicable"),
        [f"no longer judged: {BROKEN} [{CDR}]: it was fail"],
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
        ["worse: eRoamingPushEvseData is mandatory and was observed before, but not in this run"],
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
    ran = asked("compare", *files)
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
    "a narrowed run": (
        sets(verdict="partial", partial="only 3 of 9 tests run: -k x"),
        "old.json: only a whole run can be compared; of this run, only 3 of 9 tests run: -k x",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_statement_that_cannot_be_compared(tmp_path: Path, made: Statement, what: str) -> None:
    change, said = WRONG[what]
    old = copy.deepcopy(made)
    change(old)
    (tmp_path / "old.json").write_text(json.dumps(old), encoding="utf-8")
    (tmp_path / "new.json").write_text(json.dumps(made), encoding="utf-8")
    ran = asked("compare", tmp_path / "old.json", tmp_path / "new.json")
    assert ran.exit_code == 4
    assert said in ran.output
    run = run_suite(tmp_path, cpo_profile(), "--baseline", str(tmp_path / "old.json"))
    assert run.exit_code == 4
    (error,) = (line for line in run.output.splitlines() if line.startswith("ERROR: "))
    assert error.startswith("ERROR: --baseline ")
    assert said in error


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no such file"), ("{", "EOF while parsing"), ("[]", "expected a statement")],
)
def test_file_that_is_no_statement(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "old.json").write_text(content, encoding="utf-8")
    for command in (
        ("compare", tmp_path / "old.json"),
        ("report",),
    ):
        ran = asked(*command, tmp_path / "old.json")
        assert ran.exit_code == 4
        assert said in ran.output
    run = run_suite(tmp_path, cpo_profile(), "--baseline", str(tmp_path / "old.json"))
    assert run.exit_code == 4
    assert run.says(said) == 1


def test_folder_without_a_statement(tmp_path: Path, made: Statement) -> None:
    """Nobody compares with nothing by mistake; but a run may be the first of its folder."""
    (tmp_path / "new.json").write_text(json.dumps(made), encoding="utf-8")
    (tmp_path / "kept").mkdir()
    assert asked("compare", tmp_path / "kept", tmp_path / "new.json").exit_code == 4
    first = run_suite(tmp_path, cpo_profile(), "--baseline", str(tmp_path / "kept"))
    assert first.statement["changes"] is None
    none = run_suite(tmp_path, cpo_profile(), "--baseline", str(tmp_path / "none"))
    assert none.exit_code == 4


def test_narrowed_run_is_not_compared(tmp_path: Path, made: Statement) -> None:
    """Neither with a baseline, nor as the later one of two."""
    (tmp_path / "old.json").write_text(json.dumps(made), encoding="utf-8")
    part = made | {"verdict": "partial", "partial": "only 3 of 9 tests run: -k x"}
    (tmp_path / "new.json").write_text(json.dumps(part), encoding="utf-8")
    ran = asked("compare", tmp_path / "old.json", tmp_path / "new.json")
    assert ran.exit_code == 4
    assert ran.says("new.json: only a whole run can be compared") == 1
    run = run_suite(tmp_path, cpo_profile(), "--baseline", str(tmp_path / "old.json"), "-k", CARD)
    assert run.exit_code == 4
    assert (
        run.says(f"ERROR: --baseline: only a whole run can be compared, and -k {CARD} leaves tests out") == 1
    )


# --- from night to night


def night(*arguments: str | Path) -> Ran:
    """Run the command of a night."""
    made = asked("nightly", "--no-report-html", "--examples", "0", *arguments)
    return Ran(made.exit_code, made.output, Path(arguments[arguments.index("--report-dir") + 1]))


@pytest.mark.long(20)
def test_night_in_which_another_thing_is_broken(tmp_path: Path, made: Statement) -> None:
    """All reports say what is new, and the exit code is about that; a run that is worse is not kept."""
    kept = tmp_path / "kept" / "cpo" / "conformance.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps(made), encoding="utf-8")
    with reference_target("cpo", ("--fault", "cdr-without-charging-end")) as target:
        # A run of all tests that is short: nobody swipes a card, and the hub's own starts give records, too.
        unasked = re.sub(r'driver = "http"\nurl = .*', 'driver = "none"', target.profile(wait=0.5))
        (tmp_path / "profile.toml").write_text(unasked, encoding="utf-8")
        ran = night(
            *("--keep", tmp_path / "kept", "--report-dir", tmp_path / "night"),
            # Forked, its asserts cannot be rewritten any more.
            *("--target", tmp_path / "profile.toml", "--", "-p", "no:cacheprovider", "--assert=plain"),
        )
    assert (ran.exit_code, ran.verdict) == (1, "fail")
    assert json.loads(kept.read_text(encoding="utf-8")) == made
    changes = ran.statement["changes"]
    assert END in {one["requirement"] for one in changes["broken"]}
    assert [one["requirement"] for one in changes["fixed"]] == [BROKEN]
    assert changes["baseline"]["started"] == made["started"]
    assert ran.says(f"newly broken: {END} [{CDR}]") == 1
    assert ran.says(f"newly fixed: {BROKEN} [{CDR}] at /EvseID") == 1
    for name in ("conformance.html", "conformance.md"):
        text = (ran.folder / name).read_text(encoding="utf-8")
        assert "1 newly fixed" in re.sub(r"<[^>]*>", "", text)
    globals_of = [one.read_text() for one in (ran.folder / "allure-results").glob("*-attachment.txt")]
    assert any(f"newly fixed: {BROKEN}" in one for one in globals_of)


def test_nightly_is_red_only_for_what_is_new(
    tmp_path: Path, made: Statement, capsys: pytest.CaptureFixture[str]
) -> None:
    keep, folder = tmp_path / "kept", tmp_path / "night"
    file = keep / "cpo" / "conformance.json"
    nightly.make_ready(folder, keep)
    folder.mkdir()

    def after(statement: Statement) -> int:
        """What a night exits with whose run has this statement."""
        new = Parsed.model_validate(statement)
        if file.exists():
            old = Parsed.model_validate_json(file.read_bytes())
            new = new.model_copy(update={"changes": compare(old, new)})
        (folder / "conformance.json").write_text(new.model_dump_json(by_alias=True), encoding="utf-8")
        return nightly.settle(folder, keep, 0 if new.verdict in {"pass", "partial"} else 1)

    def kept() -> Statement:
        found: Statement = json.loads(file.read_text(encoding="utf-8"))
        return found

    good = copy.deepcopy(made)
    holds(good, BROKEN)
    good.update(verdict="incomplete")
    assert after(good) == 1, "what is incomplete is not green, with nothing to compare with"
    assert "the next runs are compared with this one" in capsys.readouterr().out
    assert kept()["changes"] is None
    assert after(good) == 0
    assert kept()["changes"] is not None
    before = kept()
    for _ in range(2):
        assert after(made) == 1, "it stays red until it is fixed or listed"
        assert kept() == before
    known = copy.deepcopy(made)
    (broken,) = row(known, BROKEN)["findings"]
    broken["deviation"] = "T-1"
    known.update(verdict="incomplete")
    assert after(known) == 0
    assert kept()["requirements"] == known["requirements"]
    part = good | {"verdict": "partial", "partial": "only 3 of 9 tests run: -k x"}
    file.unlink()
    assert after(part) == 1, "a part is never enough for a night"
    assert not file.exists()
    assert "`nightly` needs a whole run: only 3 of 9 tests run: -k x" in capsys.readouterr().out


def test_nightly_passes_on_what_is_no_verdict(tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    ran = night("--keep", keep, "--report-dir", tmp_path / "night", "--target", "none.toml")
    assert ran.exit_code == 4
    assert ran.says("none.toml: no such file") == 1
    assert not list(keep.iterdir())


def test_nightly_does_not_keep_a_run_that_stopped(tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    (tmp_path / "profile.toml").write_text(cpo_profile(), encoding="utf-8")
    ran = night(
        *("--keep", keep, "--report-dir", tmp_path / "night", "--target", tmp_path / "profile.toml"),
        *("--", "-p", "no:cacheprovider"),
    )
    assert ran.exit_code == 1
    assert ran.says("it is not kept: it stopped early") == 1
    assert not list(keep.iterdir())


def test_nightly_where_it_cannot_keep_anything(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file", encoding="utf-8")
    ran = night("--keep", tmp_path / "kept", "--report-dir", tmp_path / "night")
    assert ran.exit_code == 4
    assert ran.says(f"error: {tmp_path / 'kept'}: File exists") == 1


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_ready_files_fit_the_nightly_run(name: str) -> None:
    """They keep and publish the folders that the run writes."""
    text = (ROOT / "docs" / "ci" / name).read_text(encoding="utf-8")
    assert "tox run -e nightly" in text
    assert "[testenv:nightly]" in (ROOT / "tox.ini").read_text(encoding="utf-8")
    for folder in (judging.KEEP, judging.NIGHT):
        assert folder.as_posix() in text
