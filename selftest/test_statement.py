"""What a run leaves behind: the statement, the journal, JUnit's file and Allure's results."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]
import pytest

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.statement import SCHEMA, schema
from oicp_conformance.oicp.operations import BY_NAME
from selftest.shared_runs import SharedRuns
from selftest.support import Ran

KEYS = {
    "": {
        *("format", "suite", "protocol", "target", "started", "finished", "seed"),
        *("verdict", "summary", "operations", "requirements"),
    },
    "suite": {"name", "version"},
    "target": {"name", "version", "role"},
    "operation": {"operation", "direction", "obligation", "declared", "exchanges", "verdict"},
    "requirement": {"id", "operation", "level", "clause", "verdict", "findings"},
    "finding": {"message", "pointer", "exchange", "erratum"},
}
VERDICTS = {"pass", "fail", "warning", "inconclusive", "not-applicable"}


@pytest.fixture(scope="module", params=["cpo", "emp", "cpo faulty", "cpo unasked"])
def ran(request: pytest.FixtureRequest, shared_runs: SharedRuns) -> Ran:
    return shared_runs(request.param)


@pytest.fixture
def kind(request: pytest.FixtureRequest, ran: Ran) -> str:  # noqa: ARG001 - it is the run's
    return str(request.node.callspec.params["ran"])


def findings(ran: Ran) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for row in ran.statement["requirements"]:
        for finding in row["findings"]:
            yield row, finding


def test_schema_is_not_stale() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema(), "run python -m oicp_conformance.judge.statement"


def test_statement_is_valid(ran: Ran) -> None:
    shipped = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(shipped)
    jsonschema.validate(ran.statement, shipped)


def test_verdict_is_the_exit_code(ran: Ran, kind: str) -> None:
    expected = {
        "cpo": ("pass", 0),
        "emp": ("pass", 0),
        "cpo faulty": ("fail", 1),
        "cpo unasked": ("incomplete", 1),
    }
    assert (ran.verdict, ran.exit_code) == expected[kind], ran.output
    assert ran.says(f"VERDICT of Reference {kind[:3].upper()} ({kind[:3].upper()}): {ran.verdict} ") == 1


def test_fixed_keys_are_there(ran: Ran, kind: str) -> None:
    said = ran.statement
    assert said.keys() >= KEYS[""]
    assert said["format"] == 1
    assert said["protocol"] == "OICP 2.3"
    assert said["suite"].keys() == KEYS["suite"]
    assert said["suite"]["name"] == "oicp-conformance"
    assert said["target"] == {"name": f"Reference {kind[:3].upper()}", "version": "1", "role": kind[:3]}
    assert said["seed"] == 1
    assert said["started"] < said["finished"]
    assert all(one.keys() >= KEYS["operation"] for one in said["operations"])
    assert all(row.keys() >= KEYS["requirement"] for row in said["requirements"])
    assert all(finding.keys() >= KEYS["finding"] for _, finding in findings(ran))


def test_summary_counts_the_rows(ran: Ran) -> None:
    counted = Counter(row["verdict"] for row in ran.statement["requirements"])
    not_used = [row for row in ran.statement["requirements"] if row["not_used"]]
    counts = {verdict: counted[verdict] for verdict in VERDICTS}
    assert ran.statement["summary"] == counts | {"not-used": len(not_used)}
    assert all(row["verdict"] == "not-applicable" and not row["advice"] for row in not_used)
    if ran.verdict == "pass" and ran.statement["target"]["role"] == "cpo":
        assert {"eRoamingAuthorizeStart.PartnerProductID"} <= {row["id"] for row in not_used}


def test_no_row_can_never_pass(ran: Ran) -> None:
    """A QR code goes without HashedPIN in an authorization: its table has no row there, and one elsewhere."""
    hashed = [
        row["operation"]
        for row in ran.statement["requirements"]
        if "QRCodeIdentification.HashedPIN" in row["id"] and not row["findings"]
    ]
    forbidden = {"eRoamingAuthorizeStart", "eRoamingAuthorizeStop"} & set(hashed)
    assert not forbidden or ran.statement["target"]["role"] == "emp", "an EMP answers, and may name one"


def test_rows_are_about_operations(ran: Ran) -> None:
    operations = [one["operation"] for one in ran.statement["operations"]]
    assert len(operations) == len(set(operations))
    assert set(operations) <= BY_NAME.keys()
    rows = [(row["id"], row["operation"]) for row in ran.statement["requirements"]]
    assert len(rows) == len(set(rows))
    assert {operation for _, operation in rows} == set(operations)


def test_verdict_of_an_operation_follows_from_its_rows(ran: Ran) -> None:
    for one in ran.statement["operations"]:
        rows = [row for row in ran.statement["requirements"] if row["operation"] == one["operation"]]
        assert (one["verdict"] == "fail") == any(row["verdict"] == "fail" for row in rows)
        own = [exchange for exchange in ran.journal if exchange["operation"] == one["operation"]]
        assert one["exchanges"] == len(own)


def test_findings_are_where_something_was_broken(ran: Ran) -> None:
    for row in ran.statement["requirements"]:
        assert bool(row["findings"]) == (row["verdict"] in {"fail", "warning"}), row
        if row["verdict"] == "inconclusive":
            assert row["reason"]


def test_findings_refer_to_the_journal(ran: Ran, kind: str) -> None:
    by_number = {exchange["number"]: exchange for exchange in ran.journal}
    seen = 0
    for row, finding in findings(ran):
        if finding["exchange"] is not None:
            assert by_number[finding["exchange"]]["operation"] == row["operation"]
            seen += 1
    assert (seen > 0) == (kind == "cpo faulty")


def test_fault_is_found_where_it_is(ran: Ran, kind: str) -> None:
    broken = ("eRoamingChargeDetailRecord.EvseID", "eRoamingChargeDetailRecord", "MUST", "/EvseID")
    failed = [
        (row["id"], row["operation"], row["level"], row["findings"][0]["pointer"]) for row in ran.rows("fail")
    ]
    assert failed == ([broken] if kind == "cpo faulty" else [])
    assert all(row["clause"].startswith("CPO 02 eRoamingChargeDetailRecord") for row in ran.rows("fail"))
    assert ran.says(f"1. FAIL {broken[0]}: ") == len(failed)


def test_journal_is_numbered(ran: Ran) -> None:
    assert [exchange["number"] for exchange in ran.journal] == list(range(1, len(ran.journal) + 1))
    started = [exchange["started"] for exchange in ran.journal]
    assert started == sorted(started)


def test_journal_can_be_read_again(ran: Ran) -> None:
    for line in ran.journal:
        assert Exchange.from_json(line).as_json() == line


def test_journal_and_tests_know_each_other(ran: Ran) -> None:
    tests = {exchange["test"] for exchange in ran.journal}
    assert all(test.startswith("conformance/") for test in tests), tests


def test_junit(ran: Ran, kind: str) -> None:
    """Failures are failures, and what could not be seen is skipped with the reason; nothing is an error."""
    *defects, suite = ET.parse(ran.folder / "junit.xml").getroot()  # noqa: S314 - our own file
    assert len(defects) == (kind == "cpo faulty")
    assert suite.get("errors") == "0"
    assert int(suite.get("tests", "0")) == len(suite.findall("testcase")) > 50
    failures = [
        case.find("failure") for case in suite.findall("testcase") if case.find("failure") is not None
    ]
    skipped = [str(one.get("message")) for one in suite.iter("skipped")]
    assert len(failures) == int(suite.get("failures", "0"))
    assert bool(failures) == (kind == "cpo faulty")
    for failure in failures:
        assert failure is not None
        assert "FAIL eRoamingChargeDetailRecord.EvseID" in str(failure.get("message"))
        assert "/EvseID" in (failure.text or "")
    known = ("inconclusive: ", "not applicable: ", "consequence of eRoamingChargeDetailRecord.EvseID, ")
    assert all(reason.startswith(known) for reason in skipped), skipped
    assert any(reason.startswith("consequence") for reason in skipped) == (kind == "cpo faulty")
    if kind == "cpo unasked":
        assert "inconclusive: the stimulus is not supported: no stimuli are configured" in skipped


def test_allure_results_lie_beside(ran: Ran, kind: str) -> None:
    results = [
        json.loads(file.read_text(encoding="utf-8"))
        for file in (ran.folder / "allure-results").glob("*-result.json")
    ]
    assert len(results) > 50
    verdicts = Counter(
        label["value"] for one in results for label in one["labels"] if label["name"] == "verdict"
    )
    assert sum(verdicts.values()) == len(results), "each test has one"
    assert set(verdicts) <= VERDICTS | {"consequence", "incomplete"}
    assert ("incomplete" in verdicts) == (kind == "cpo unasked")
    assert verdicts["fail"] == (kind == "cpo faulty")
    assert ("fail" in verdicts) == (kind == "cpo faulty")
    statuses = {one["status"] for one in results}
    assert statuses <= {"passed", "failed", "skipped", "unknown", "broken"}
    # The ring is full only where the verdict is pass.
    assert bool(statuses & {"failed", "broken"}) == (ran.verdict != "pass")
    assert ("unknown" in statuses) == ("inconclusive" in verdicts)
    environment = (ran.folder / "allure-results" / "environment.properties").read_text(encoding="utf-8")
    assert f"verdict = {ran.verdict}" in environment
