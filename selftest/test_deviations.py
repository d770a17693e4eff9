"""Known deviations: what is listed does not fail a run; what is listed wrongly, or no longer true, does."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from selftest.shared_runs import SharedRuns
from selftest.support import NO_ALLURE, Ran, cpo_profile, judge_again, reference_target, run_suite

PATIENCE = 180.0
FAULT = ("--fault", "cdr-without-evse-id")
BROKEN = "eRoamingChargeDetailRecord.EvseID"
CDR = "eRoamingChargeDetailRecord"
CARD = "test_card_authorized_by_broadcast"
ENTRY = {
    "requirement": BROKEN,
    "reason": "the backend of 2019 cannot do it",
    "owner": "Jane",
    "ticket": "ACME-1",
    "expires": "2099-12-31",
}


def entry(without: str = "", **values: str) -> str:
    """One entry of the file; a date, and what is in quotes already, is taken as it is."""
    lines = ["[[deviation]]"]
    for name, value in (ENTRY | values).items():
        bare = re.fullmatch(r"[0-9]+(-[0-9T:-]+)?|\".*\"|\[.*\]|true", value)
        lines += [f"{name} = {value if bare else json.dumps(value)}"] if name != without else []
    return "\n".join(lines) + "\n"


def judged(folder: Path, listed: str, *arguments: str, fault: bool = True) -> Ran:
    """A run against a reference CPO with a list of known deviations."""
    (folder / "known.toml").write_text(listed, encoding="utf-8")
    with reference_target("cpo", FAULT if fault else ()) as target:
        known = ("--deviations", str(folder / "known.toml"))
        return run_suite(folder, target.profile(wait=1.5), *known, *arguments, seconds=PATIENCE)


def states(ran: Ran) -> list[str]:
    return [one["state"] for one in ran.statement["deviations"]]


def row(ran: Ran, requirement: str = BROKEN) -> dict[str, Any]:
    (found,) = (one for one in ran.statement["requirements"] if one["id"] == requirement)
    return dict(found)


@pytest.fixture(scope="module")
def failed(shared_runs: SharedRuns) -> Ran:
    """A run that fails, without a list."""
    return shared_runs("cpo faulty")


def pasted(failed: Ran) -> str:
    """The template of that run, with reasons and owners filled in and nothing else."""
    template = (failed.folder / "deviations.toml").read_text(encoding="utf-8")
    return template.replace('reason = ""', 'reason = "why"').replace('owner = ""', 'owner = "Jane"')


def excused_run(shared_runs: SharedRuns) -> Ran:
    """The same again, with the template as the list and the first run as the baseline."""
    failed = shared_runs("cpo faulty")
    baseline = ("--baseline", str(failed.folder / "conformance.json"))
    return shared_runs("excused", lambda folder: judged(folder, pasted(failed), *baseline))


@pytest.fixture(scope="module")
def excused(shared_runs: SharedRuns) -> Ran:
    return excused_run(shared_runs)


# --- the template


def test_template_has_one_entry_for_each_place(failed: Ran) -> None:
    assert (failed.exit_code, failed.verdict) == (1, "fail")
    template = tomllib.loads((failed.folder / "deviations.toml").read_text(encoding="utf-8"))
    (one,) = template["deviation"]
    assert (one["requirement"], one["operation"], one["pointer"]) == (BROKEN, CDR, "/EvseID")


def test_template_is_not_accepted_as_it_is(failed: Ran, tmp_path: Path) -> None:
    """Somebody has to say why, and who."""
    ran = run_suite(tmp_path, cpo_profile(), "--deviations", str(failed.folder / "deviations.toml"))
    assert ran.exit_code == 4
    errors = [line for line in ran.output.splitlines() if line.startswith("ERROR: ")]
    assert [line.partition("deviation 1: ")[2].partition(":")[0] for line in errors] == ["reason", "owner"]


def test_no_template_where_nothing_failed(excused: Ran) -> None:
    assert not (excused.folder / "deviations.toml").exists()


# --- what is listed


def test_listed_deviation_does_not_fail_the_run(excused: Ran) -> None:
    assert (excused.exit_code, excused.verdict) == (0, "pass"), excused.output
    assert states(excused) == ["occurred"]
    assert excused.statement["deviations"][0]["findings"] == len(row(excused)["findings"]) > 10


def test_listed_deviation_stays_broken(excused: Ran) -> None:
    """The run passes; what is true of the target does not change."""
    assert row(excused)["verdict"] == "fail"
    assert excused.statement["summary"]["fail"] == 1
    assert excused.operation(CDR)["verdict"] == "fail"
    assert {one["deviation"] for one in row(excused)["findings"]} == {"none yet"}


def test_listed_deviation_is_shown_as_such(excused: Ran) -> None:
    headline = "pass with 1 known deviation"
    assert excused.says(f"VERDICT of Reference CPO (CPO): {headline}") == 1
    assert excused.says("1. occurred: none yet: " + f"{BROKEN} [{CDR}] /EvseID") == 1
    assert " failed" not in excused.output.rpartition("tests:")[2].partition("requirements:")[0]
    for page in ("conformance.html", "conformance.md"):
        assert headline in (excused.folder / page).read_text(encoding="utf-8")
    results = [
        json.loads(one.read_text()) for one in (excused.folder / "allure-results").glob("*-result.json")
    ]
    labels = [{(one["name"], one["value"]) for one in result["labels"]} for result in results]
    marked = [one for one in labels if ("verdict", "known-deviation") in one]
    assert len(marked) > 10
    assert all(("deviation", "none yet") in one for one in marked)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert {step["status"] for result in results for step in result.get("steps", ())} == {"passed"}


def test_listed_deviation_in_junit(excused: Ran) -> None:
    cases = list(ET.parse(excused.folder / "junit.xml").iter("testcase"))  # noqa: S314 - our own file
    assert not [one for one in cases if one.find("failure") is not None or one.find("error") is not None]
    marked = [one for one in cases if any(each.get("name") == "deviation" for each in one.iter("property"))]
    assert len(marked) > 10


def test_listed_deviation_is_neither_newly_broken_nor_fixed(excused: Ran) -> None:
    changes = excused.statement["changes"]
    assert (changes["broken"], changes["fixed"], changes["worse"]) == ([], [], [])


# --- what is listed wrongly, or no longer true


WRONG = (
    entry(expires="2020-02-29", ticket="ACME-2"),
    entry(requirement="eRoamingChargeDetailRecord.EvseId", ticket="ACME-3"),
    entry(requirement="authorization.provider-id", ticket="ACME-4"),
    entry(requirement="http.served", operation="eRoamingAuthorizeStart", ticket="ACME-5"),
    entry(requirement="partner.version", ticket="ACME-6"),
    entry(requirement="eRoamingChargeDetailRecord.HubOperatorID", ticket="ACME-7"),
)


@pytest.fixture(scope="module")
def honest(failed: Ran, shared_runs: SharedRuns) -> Ran:
    """A run without the fault, judged with entries of all kinds, and with the one with the fault as its
    baseline.
    """

    def make(folder: Path) -> Ran:
        listed = folder / "known.toml"
        listed.write_text("\n".join([pasted(failed), *WRONG]), encoding="utf-8")
        options = ("--deviations", str(listed), "--baseline", str(failed.folder))
        return judge_again(shared_runs("cpo").folder / "journal.jsonl", folder / "report", *options)

    return shared_runs("honest", make)


def test_bad_entries_fail_the_run(honest: Ran) -> None:
    assert (honest.exit_code, honest.verdict) == (1, "fail")
    assert honest.statement["summary"]["fail"] == 0
    unknown = ["unknown"] * 4
    assert states(honest) == ["stale", "expired", *unknown, "not-observed"]


@pytest.mark.parametrize(
    "said",
    [
        "1. stale: none yet",
        "it no longer occurs: remove the entry",
        "2. expired: ACME-2",
        "it expired on 2020-02-29",
        "unknown requirement eRoamingChargeDetailRecord.EvseId; did you mean",
        "authorization.provider-id is a requirement on an EMP, and the target is a CPO",
        "http.served is not a requirement on eRoamingAuthorizeStart",
        "partner.version is not tested: ",
        "7. not-observed: ACME-7",
    ],
)
def test_bad_entries_are_named_with_their_reason(honest: Ran, said: str) -> None:
    assert honest.says(said) >= 1, honest.output


def test_bad_entries_fail_in_junit(tmp_path: Path) -> None:
    """Also where only a part of the tests is run; the first is about a test that is."""
    listed = "\n".join([entry(test=CARD), *WRONG])
    ran = judged(tmp_path, listed, "-k", CARD, *NO_ALLURE, fault=False)
    suite = ET.parse(ran.folder / "junit.xml").getroot().find("testsuite")  # noqa: S314 - our own file
    assert suite is not None
    failures = [one.get("name") for one in suite.findall("testcase") if one.find("failure") is not None]
    assert [str(one)[:17] for one in failures] == [f"known deviation {n}" for n in range(1, 7)]
    assert suite.get("failures") == "6"


def test_what_is_fixed_is_told(honest: Ran) -> None:
    changes = honest.statement["changes"]
    assert [(one["requirement"], one["pointer"]) for one in changes["fixed"]] == [(BROKEN, "/EvseID")]
    assert changes["broken"] == []
    assert len(changes["worse"]) == 6
    assert honest.says(f"newly fixed: {BROKEN} [{CDR}] at /EvseID") == 1


# --- only a part of the tests


PARTLY: dict[str, tuple[str, bool, str]] = {
    "it occurs": (entry(), True, "occurred"),
    "it occurs, as an entry on this test": (entry(test=CARD), True, "occurred"),
    "it occurs elsewhere in the message": (entry(pointer="/SessionID"), True, "not-observed"),
    "it does not occur, and another test may tell": (entry(), False, "not-observed"),
    "it does not occur in the test of the entry": (entry(test=CARD), False, "stale"),
    "the test of the entry was not run": (entry(test="test_card_refused"), False, "not-observed"),
}


@pytest.mark.parametrize("what", PARTLY)
def test_only_what_was_run_counts(tmp_path: Path, what: str) -> None:
    listed, fault, state = PARTLY[what]
    ran = judged(tmp_path, listed, "-k", CARD, *NO_ALLURE, fault=fault)
    assert states(ran) == [state], ran.statement["deviations"]
    fails = state == "stale" or (fault and state != "occurred")
    assert (ran.exit_code, ran.verdict) == ((1, "fail") if fails else (0, "partial"))


def test_operation_that_never_worked_is_not_excused(tmp_path: Path) -> None:
    """The run is incomplete: a known deviation does not make up for what was not observed."""
    listed = entry(requirement="http.answered")
    (tmp_path / "known.toml").write_text(listed, encoding="utf-8")
    ran = run_suite(tmp_path, cpo_profile(), "--deviations", str(tmp_path / "known.toml"))
    assert (ran.exit_code, ran.verdict) == (1, "incomplete")
    assert "eRoamingAuthorizeRemoteStart" in ran.statement["missing"]


def test_warning_that_counts_as_a_fail_can_be_listed(tmp_path: Path) -> None:
    listed = entry(requirement="eRoamingAcknowledgement.StatusCode")
    (tmp_path / "known.toml").write_text(listed, encoding="utf-8")
    with reference_target("cpo", ("--fault", "remote-start-status-code-missing")) as target:
        only = ("--strict", "-k", "test_start_on_a_free_evse_is_acknowledged", *NO_ALLURE)
        profile = target.profile(wait=1.5)
        strict = run_suite(tmp_path, profile, *only)
        assert strict.verdict == "fail"
        ran = run_suite(tmp_path, profile, *only, "--deviations", str(tmp_path / "known.toml"))
    assert states(ran) == ["occurred"]
    assert [one["id"] for one in ran.rows("fail")] == ["eRoamingAcknowledgement.StatusCode"]
    assert ran.verdict == "partial"
    assert ran.says("tests: 1 known deviation") == 1


# --- bad input

FILES: dict[str, tuple[str | bytes, str]] = {
    "no TOML": ("[[deviation", "line 1: not valid TOML"),
    "not UTF-8": (b'x = "\xe4"', "line 1: found byte 0xe4, expected text in UTF-8"),
    "unknown table": ("[deviations]\n", "deviations: unknown key; did you mean deviation?"),
    "no list": ("[deviation]\n", "deviation: found {}, expected tables that begin with [[deviation]]"),
    "no table": ("deviation = [1]\n", "deviation 1: found 1, expected a table"),
    "unknown key": (entry(expiry="x"), "deviation 1: expiry: unknown key; did you mean expires?"),
    "missing": (entry(without="owner"), "deviation 1: owner: missing, expected who fixes it"),
    "empty": (entry(reason=" "), 'deviation 1: reason: found " ", expected a text that is not empty'),
    "wrong type": (entry(ticket="12"), "deviation 1: ticket: found 12, expected a string"),
    "no date": (entry(expires="soon"), 'deviation 1: expires: found "soon", expected a date such as'),
    "a date in quotes": (
        entry(expires='"2027-01-01"'),
        'found "2027-01-01", expected a date such as 2027-03-31',
    ),
    "a time": (entry(expires="2027-01-01T00:00:00"), "deviation 1: expires: found "),
    "no such date": (entry(expires="2027-02-30"), "not valid TOML"),
    "no pointer": (entry(pointer="EvseID"), 'deviation 1: pointer: found "EvseID", expected a JSON pointer'),
    "no operation": (
        entry(operation="eRoamingAuthoriseStart"),
        "an operation of OICP; did you mean eRoamingAuthorizeStart?",
    ),
    "the second": (entry() + entry(test="true"), "deviation 2: test: found true, expected a string"),
}


@pytest.mark.parametrize("what", FILES)
def test_bad_file(tmp_path: Path, what: str) -> None:
    text, said = FILES[what]
    file = tmp_path / "known.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    ran = run_suite(tmp_path, cpo_profile(), "--deviations", str(file))
    assert ran.exit_code == 4, ran.output
    (error,) = (line for line in ran.output.splitlines() if line.startswith("ERROR: "))
    assert str(file) in error
    assert said in error


def in_report_folder(tmp_path: Path) -> Path:
    (tmp_path / "report").mkdir()
    file = tmp_path / "report" / "deviations.toml"
    file.write_text(entry(), encoding="utf-8")
    return file


PLACES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no such file": (lambda folder: folder / "none.toml", "no such file"),
    "a folder": (lambda folder: folder, "found a folder"),
    "where the template would be": (in_report_folder, "keep the list elsewhere"),
}


@pytest.mark.parametrize("what", PLACES)
def test_bad_place(tmp_path: Path, what: str) -> None:
    place, said = PLACES[what]
    file = place(tmp_path)
    ran = run_suite(tmp_path, cpo_profile(), "--deviations", str(file))
    assert ran.exit_code == 4, ran.output
    assert ran.says(said) == 1
    assert not file.suffix or not file.name.startswith("dev") or file.read_text(encoding="utf-8") == entry()
