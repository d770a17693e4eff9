"""A saved journal is judged again without a target, and the verdicts are those of the run."""

import json
import re
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oicp_conformance.run.archive import read
from selftest.shared_runs import SharedRuns
from selftest.support import NO_ALLURE, Ran, cpo_profile, judge_again, reference_target, run_suite

FAULTS = {
    "cpo faulty": ("cpo", "cdr-without-evse-id", "--operation", "eRoamingChargeDetailRecord"),
    "cpo warned": ("cpo", "cdr-session-ends-too-early", "-k", "test_card_authorized_by_broadcast"),
    "cpo overlapping": ("cpo", "status-overlapping", "-k", "evse_status and (full_load or slow_answer)"),
    "cpo silent": ("cpo", "cdr-never", "-k", "test_card_session_keeps_its_ids"),
    "cpo personal": ("cpo", "authorize-start-qr-long-pin", "-k", "test_qr_code_with_pin"),
    "emp personal": ("emp", "upload-foreign-evco-id", "-k", "authentication_data and full_load"),
    "emp hashing": ("emp", "upload-short-hash", "-k", "authentication_data and full_load"),
    "emp uploading": ("emp", "upload-overlapping", "-k", "authentication_data and (slow_push or after_all)"),
    "emp faulty": ("emp", "pull-data-first-page-only", "-k", "test_pages_are_read_to_the_last"),
}
"""The fault of a target, and the tests that show it."""
SECRETS = """
[secrets]
values = ["DE*ABC*E2*1"]
fields = ["CPOPartnerSessionID", "EMPPartnerSessionID"]
personal = true
"""
USAGE = 4


WHOLE = ("cpo", "emp", "cpo unasked")
"""Runs of all tests, which other tests look at as well."""


def run_of(kind: str, shared_runs: SharedRuns) -> Ran:
    """The run of a kind, made once."""
    if kind in WHOLE:
        return shared_runs(kind)
    return shared_runs(f"judged again, {kind}", lambda folder: reported(folder, kind))


def reported(folder: Path, kind: str) -> Ran:
    """A run: against a target with a fault, one that is not there, and so on."""
    role, _, how = kind.partition(" ")
    if how == "gone":
        return run_suite(folder, cpo_profile())
    if how == "in trouble":
        with socket.create_server(("127.0.0.1", 0)) as taken:
            return run_suite(folder, cpo_profile(hub=taken.getsockname()[1]))
    _, fault, *only = FAULTS[kind]
    with reference_target("cpo" if role == "cpo" else "emp", ("--fault", fault)) as target:
        toml = target.profile(wait=1.5) + (SECRETS if how == "personal" else "")
        return run_suite(folder, toml, *only, *NO_ALLURE)


EXPECTED = {
    "cpo": ("pass", 0),
    "emp": ("pass", 0),
    **dict.fromkeys(FAULTS, ("fail", 1)),
    "cpo warned": ("partial", 0),
    "cpo unasked": ("incomplete", 1),
    "cpo gone": ("incomplete", 1),
    "cpo in trouble": ("error", 3),
}


def summary(ran: Ran) -> tuple[str, ...]:
    """What the console says of what failed, the counts, and the verdict.

    The rest differs rightly: a run of some operations only shows no others, and one that is judged again has
    no tests.
    """
    failed = re.search(r"^=+ failed: .*?(?=^===)", ran.output, re.DOTALL | re.MULTILINE)
    counts, verdict = (
        re.search(rf"^{line}.*", ran.output, re.MULTILINE) for line in ("requirements:", "VERDICT")
    )
    assert counts
    assert verdict
    return failed[0] if failed else "", counts[0], verdict[0]


@pytest.mark.long(60)
@pytest.mark.parametrize("kind", EXPECTED)
def test_statement_is_the_same(kind: str, shared_runs: SharedRuns, tmp_path: Path) -> None:
    ran = run_of(kind, shared_runs)
    assert (ran.verdict, ran.exit_code) == EXPECTED[kind], ran.output
    again = judge_again(ran.folder / "journal.jsonl", tmp_path / "again")
    assert again.statement == ran.statement
    assert again.exit_code == ran.exit_code
    if kind != "cpo in trouble":  # a run that cannot begin has one line instead of a summary
        assert summary(again) == summary(ran)
    for name in ("conformance.json", "errata.md"):
        assert (again.folder / name).read_bytes() == (ran.folder / name).read_bytes()
    assert sorted(one.name for one in again.folder.iterdir()) == ["conformance.json", "errata.md"]


@pytest.fixture(scope="module")
def faulty(shared_runs: SharedRuns) -> Ran:
    return run_of("cpo faulty", shared_runs)


@pytest.fixture
def saved(faulty: Ran, tmp_path: Path) -> Path:
    """A copy of the three files of a run; the path is the journal's."""
    for name in ("journal.jsonl", "notes.jsonl", "run.json"):
        shutil.copy(faulty.folder / name, tmp_path)
    return tmp_path / "journal.jsonl"


def test_judging_leaves_what_is_judged(faulty: Ran, saved: Path) -> None:
    """The statement may take the place of the run's, and the journal stays."""
    before = {one.name: one.read_bytes() for one in saved.parent.iterdir()}
    again = judge_again(saved, saved.parent)
    assert again.statement == faulty.statement
    assert before == {name: (saved.parent / name).read_bytes() for name in before}


def test_what_is_read_is_what_was_written(saved: Path) -> None:
    record, _ = read(saved)
    lines = saved.read_text(encoding="utf-8").split("\n")[:-1]
    assert [json.loads(line) for line in lines] == [one.as_json() for one in record.exchanges]
    assert len(record.notes) == saved.with_name("notes.jsonl").read_text(encoding="utf-8").count("\n") > 0


def test_given_profile_takes_the_place_of_the_saved_one(faulty: Ran, saved: Path, tmp_path: Path) -> None:
    toml = (faulty.folder.parent / "profile.toml").read_text(encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(toml.replace('operator_id = "DE*ABC"', 'operator_id = "DE*XYZ"', 1), encoding="utf-8")
    again = judge_again(saved, tmp_path / "again", "--target", str(other))
    assert "operator.of-evse" in again.failed() - faulty.failed()
    assert again.exit_code == 1


def test_pins_of_a_given_profile_are_not_held_against_the_target(
    shared_runs: SharedRuns, tmp_path: Path
) -> None:
    """The PINs of the journal are pseudonyms, and so are those that its hashes are compared with."""
    ran = shared_runs("emp")
    given = str(ran.folder.parent / "profile.toml")
    again = judge_again(ran.folder / "journal.jsonl", tmp_path / "again", "--target", given)
    assert again.statement == ran.statement


def test_profile_of_the_other_role(saved: Path, tmp_path: Path) -> None:
    with reference_target("emp") as target:
        other = tmp_path / "emp.toml"
        other.write_text(target.profile(), encoding="utf-8")
    again = judge_again(saved, tmp_path / "again", "--target", str(other))
    assert again.exit_code == USAGE
    assert f"ERROR: {saved}: this is a run of role cpo, and the profile is one of role emp" in again.output


def test_strict_turns_a_warning_into_a_fail(shared_runs: SharedRuns, tmp_path: Path) -> None:
    ran = run_of("cpo warned", shared_runs)
    assert ran.rows("warning"), ran.output
    again = judge_again(ran.folder / "journal.jsonl", tmp_path / "again", "--strict")
    assert {row["id"] for row in ran.rows("warning")} <= again.failed()
    assert again.exit_code == 1


@pytest.fixture
def listed(faulty: Ran, tmp_path: Path) -> Path:
    """The template that the run left, filled in."""
    text = (faulty.folder / "deviations.toml").read_text(encoding="utf-8")
    file = tmp_path / "known.toml"
    file.write_text(text.replace('""', '"said"'), encoding="utf-8")
    return file


def test_given_deviations_take_the_place_of_the_saved_ones(saved: Path, listed: Path) -> None:
    again = judge_again(saved, saved.parent / "again", "--deviations", str(listed))
    assert (again.exit_code, again.verdict) == (0, "partial"), again.output
    assert [one["state"] for one in again.statement["deviations"]] == ["occurred"]
    assert "= known deviations =" in again.output
    listed.write_text(listed.read_text(encoding="utf-8").replace("EvseID", "EvseIDs"), encoding="utf-8")
    unknown = judge_again(saved, saved.parent / "unknown", "--deviations", str(listed))
    assert (unknown.exit_code, unknown.verdict) == (1, "fail")
    assert [one["state"] for one in unknown.statement["deviations"]] == ["unknown"]


def test_deviations_that_were_saved_are_held_against_the_day_of_the_run(
    faulty: Ran, saved: Path, listed: Path
) -> None:
    """And those that are given against today."""
    frame = json.loads(saved.with_name("run.json").read_text(encoding="utf-8"))
    entry = {"position": 1, "reason": "why", "owner": "Jane", "ticket": "T-1", "expires": "2026-01-01"}
    entry["requirement"] = "eRoamingChargeDetailRecord.EvseID"
    frame |= {"today": "2025-12-31", "deviations": [entry]}
    saved.with_name("run.json").write_text(json.dumps(frame), encoding="utf-8")
    then = judge_again(saved, saved.parent / "then")
    assert (then.exit_code, [one["state"] for one in then.statement["deviations"]]) == (0, ["occurred"])
    text = re.sub("expires = .*", "expires = 2026-01-01", listed.read_text(encoding="utf-8"))
    listed.write_text(text, encoding="utf-8")
    today = judge_again(saved, saved.parent / "today", "--deviations", str(listed))
    assert (today.exit_code, [one["state"] for one in today.statement["deviations"]]) == (1, ["expired"])
    listed.write_text("", encoding="utf-8")
    none = judge_again(saved, saved.parent / "none", "--deviations", str(listed))
    assert (none.exit_code, none.failed()) == (1, faulty.failed())


def test_baseline_is_compared_with(faulty: Ran, saved: Path, tmp_path: Path) -> None:
    """It may lie where the new statement is written; a part of a run is not compared."""
    statement = faulty.statement | {"partial": None}
    statement["requirements"] = [
        row | {"verdict": "pass", "findings": []} if row["verdict"] == "fail" else row
        for row in statement["requirements"]
    ]
    kept = tmp_path / "conformance.json"
    kept.write_text(json.dumps(statement), encoding="utf-8")
    part = judge_again(saved, tmp_path / "part", "--baseline", str(kept))
    assert part.exit_code == USAGE
    assert "--baseline: only a whole run can be compared; only " in part.output
    frame = json.loads(saved.with_name("run.json").read_text(encoding="utf-8"))
    saved.with_name("run.json").write_text(json.dumps(frame | {"partial": None}), encoding="utf-8")
    again = judge_again(saved, tmp_path, "--baseline", str(kept))
    assert again.exit_code == faulty.exit_code
    assert {one["requirement"] for one in again.statement["changes"]["broken"]} == faulty.failed()
    assert "= compared with the baseline =" in again.output


NOT_WITH_JOURNAL = {
    "--deviations": "no such file",
    "--baseline": "no such file",
    "--seed": "--seed: with --journal no tests run; leave it out",
    "--history": "--history: with --journal no tests run; leave it out",
    "--operation": "--operation: with --journal no tests run; leave it out",
}


@pytest.mark.parametrize("option", NOT_WITH_JOURNAL)
def test_bad_option_costs_no_statement(saved: Path, tmp_path: Path, option: str) -> None:
    earlier = tmp_path / "conformance.json"
    earlier.write_text("{}", encoding="utf-8")
    again = judge_again(saved, tmp_path, option, "2" if option == "--seed" else str(tmp_path / "missing"))
    assert again.exit_code == USAGE
    assert NOT_WITH_JOURNAL[option] in again.output
    assert earlier.read_text(encoding="utf-8") == "{}"


def test_purpose_that_today_is_none_is_no_error(faulty: Ran, saved: Path) -> None:
    """An older suite tried what today is no requirement: the rest is judged all the same."""
    text = saved.read_text(encoding="utf-8")
    saved.write_text(
        text.replace('"purpose": "request.nulls"', '"purpose": "request.zeros"'), encoding="utf-8"
    )
    again = judge_again(saved, saved.parent / "again")
    assert (again.verdict, again.failed()) == (faulty.verdict, faulty.failed())


def changed(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def act(journal: Path) -> None:
        file = journal.with_name(name)
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")

    return act


def second_line(change: Callable[[Any], Any]) -> Callable[[str], str]:
    def act(text: str) -> str:
        lines = text.split("\n")
        lines[1] = json.dumps(change(json.loads(lines[1])))
        return "\n".join(lines)

    return act


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "no journal": (Path.unlink, "journal.jsonl: no such file"),
    "no notes": (lambda journal: journal.with_name("notes.jsonl").unlink(), "notes.jsonl: no such file"),
    "no frame": (lambda journal: journal.with_name("run.json").unlink(), "run.json: no such file"),
    "not JSON": (
        changed("journal.jsonl", lambda text: text[:-20]),
        "expected an exchange as one line of JSON",
    ),
    "cut off in a text": (
        changed("journal.jsonl", lambda text: text[: text.index('"method"') + 4]),
        "journal.jsonl: line 1: Unterminated string at line 1, column ",
    ),
    "blank line": (
        changed("journal.jsonl", lambda text: text.replace("\n", "\n\n", 1)),
        "journal.jsonl: line 2: Expecting value at line 1, column 1",
    ),
    "no exchange": (
        changed("journal.jsonl", second_line(lambda one: one["request"])),
        "journal.jsonl: line 2: expected an exchange: 'started' is missing or unknown",
    ),
    "a list": (
        changed("journal.jsonl", second_line(lambda one: [one])),
        "journal.jsonl: line 2: expected an exchange: ",
    ),
    "wrong type": (
        changed("journal.jsonl", second_line(lambda one: {**one, "status": "200"})),
        "journal.jsonl: line 2: expected an exchange: status: Input should be a valid integer",
    ),
    "wrong time": (
        changed("journal.jsonl", second_line(lambda one: {**one, "started": "yesterday"})),
        "journal.jsonl: line 2: expected an exchange: Invalid isoformat string: 'yesterday'",
    ),
    "unknown operation": (
        changed("journal.jsonl", second_line(lambda one: {**one, "operation": "eRoamingNonsense"})),
        "journal.jsonl: line 2: expected an exchange: there is no operation eRoamingNonsense",
    ),
    "out of order": (
        changed("journal.jsonl", second_line(lambda one: {**one, "number": 1})),
        "journal.jsonl: line 2: exchange 1 is listed after exchange 1",
    ),
    "no note": (
        changed("notes.jsonl", second_line(lambda one: {**one, "note": "dream"})),
        "notes.jsonl: line 2: expected a note: 'dream' is missing or unknown",
    ),
    "note of another kind": (
        changed("notes.jsonl", second_line(lambda one: {**one, "note": "quiet"})),
        "notes.jsonl: line 2: expected a note: ",
    ),
    "frame of a wrong type": (
        changed("run.json", lambda text: text.replace('"seed": 1', '"seed": "1"')),
        "run.json: seed: Input should be a valid integer",
    ),
    "frame that is not JSON": (changed("run.json", lambda text: text[:-5]), "run.json: Expecting"),
    "profile with an unknown key": (
        changed("run.json", lambda text: text.replace('"timeout"', '"timout"')),
        "run.json: [target] timout: unknown key; did you mean timeout?",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input(saved: Path, what: str) -> None:
    act, told = BAD[what]
    act(saved)
    again = judge_again(saved, saved.parent / "again")
    assert again.exit_code == USAGE, again.output
    errors = [line for line in again.output.splitlines() if line.startswith("ERROR: ")]
    assert len(errors) == 1
    assert errors[0].startswith(f"ERROR: {saved.parent}")
    assert told in errors[0]
