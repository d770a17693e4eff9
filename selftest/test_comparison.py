"""The comparison with schemathesis alone: fair to it, and honest about what it cannot reach."""

import json
from pathlib import Path
from typing import Any

import pytest

from fixtures.faults import every
from oicp_conformance.embedded import ACCEPTS, EVSE_IDS
from tools import comparison
from tools.comparison import CATEGORIES, REACHABLE, ROLES, SENT, Comparison, Row

# Categories


def test_every_fault_has_a_category_and_every_category_a_fault() -> None:
    found = {comparison.category(role, one) for role in ROLES for one in every(role, "fault")}
    assert found == set(CATEGORIES)


def test_what_a_target_sends_is_out_of_reach() -> None:
    for role in ROLES:
        for one in every(role, "fault"):
            sent = not comparison.is_served(role, one.operation)
            assert (comparison.category(role, one) in SENT) == sent, one.name


@pytest.mark.parametrize(
    ("role", "name", "category"),
    [
        ("cpo", "remote-start-result-missing", "fields of responses"),
        ("emp", "authorization-stop-code-number", "fields of responses"),
        ("cpo", "remote-stop-unknown-code", "fields of responses"),
        ("cpo", "reservation-start-http-204", "HTTP behaviour"),
        ("cpo", "remote-stop-500-on-refusal", "HTTP behaviour"),
        ("emp", "notification-answer-not-served", "HTTP behaviour"),
        ("cpo", "remote-start-yes-with-510", "consistency of responses"),
        ("emp", "cdr-answer-other-session-id", "consistency of responses"),
        ("cpo", "reserves-twice", "sessions and places"),
        ("emp", "authorization-stop-accepts-other-medium", "sessions and places"),
        ("emp", "authorization-start-needs-evse-id", "tolerance"),
        ("cpo", "remote-start-breaks-on-longest", "tolerance"),
        ("emp", "accepts-any-pin", "who and what is accepted"),
        ("cpo", "cdr-lost-after-remote-stop", "served, but shows only in what is sent"),
        ("cpo", "authorize-start-path", "authorizations"),
    ],
)
def test_category(role: Any, name: str, category: str) -> None:
    fault = next(one for one in every(role) if one.name == name)
    assert comparison.category(role, fault) == category


# Reading

START = "POST /charging/v21/providers/{providerID}/authorize-remote/start"
STOP = "POST /charging/v21/providers/{providerID}/authorize-remote/stop"
RECORDED = {
    "schemathesis_version": "4.32.5",
    "stop_reason": "failure_limit",
    "complete": True,
    "exit_code": 1,
    "operations": {"total": 12, "selected": 2, "tested": 2, "errored": 0, "skipped": 0, "skip_reasons": []},
    "test_cases": {
        "generated": 183,
        "with_failures": 1,
        "unique_failures": 1,
        "without_checks": 0,
        "errored": 1,
    },
    "failures": [
        {
            "type": "JsonSchemaError",
            "code": "ST108",
            "title": "Response violates schema",
            "severity": "high",
            "count": 2,
            "operations": [START, STOP],
        }
    ],
    "errors": [{"title": "Network Error", "count": 1}],
    "baseline": {"known": 4, "new": 2, "recorded": None},
}


def test_a_report_of_schemathesis_is_read() -> None:
    new, cases = comparison.read_report(RECORDED)
    assert new == [f"JsonSchemaError {START}", f"JsonSchemaError {STOP}", "Network Error"]
    assert cases == 183


def test_a_matrix_without_its_columns_is_named(tmp_path: Path) -> None:
    file = tmp_path / "matrix.tsv"
    file.write_text("role\tname\tcaught\ncpo\tx\tyes\n", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the columns attributed"):
        comparison.read_matrix(file)
    file.write_text("name\tattributed\trole\tcaught\nx\tno\tcpo\tyes\n", encoding="utf-8")
    assert comparison.read_matrix(file) == {("cpo", "x"): ("yes", "no")}


def test_what_was_not_run_is_not_counted_as_missed() -> None:
    def row(name: str, plain: str, helped: str, suite: str) -> Row:
        return Row("cpo", name, "fault", REACHABLE[0], plain, helped, "", "", 1.0, 1.0, suite, suite)

    rows = [row("a", "no", "yes", "yes"), row("b", "yes", "yes", "no"), row("c", "", "", "yes")]
    counts = comparison.totals(rows)
    assert counts[0] == {
        "category": REACHABLE[0],
        "count": 3,
        "run": 2,
        "plain": 1,
        "helped": 2,
        "suite_caught": 1,
        "suite_attributed": 1,
    }
    table = comparison.markdown(counts, {"plain": 16, "helped": 0})
    assert f"| {REACHABLE[0]} | 3 (2 run) | 1 | 2 | 1 | 1 |" in table
    assert "| pulls | 0 | – | – | – | – |" in table
    assert "| accusations of the faultless targets | 2 | 16 | 0 |" in table


def test_documents_that_are_not_there_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        comparison.main(["--documents", str(tmp_path)])
    assert left.value.code == 2
    assert "oicp-cpo-2.3-api-doc/src/openapi.yaml" in capsys.readouterr().err


# Running

EVSE_ID = {"type": "string", "pattern": r"^[A-Z]{2}\*?[A-Z0-9]{3}\*?E[A-Z0-9*]{1,30}$"}
SESSION_ID = {"type": "string", "pattern": "^[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}$"}
FIELDS = ("SessionID", "ProviderID", "EvseID", "Identification")
MESSAGES: dict[str, Any] = {
    "EvseID": EVSE_ID,
    "SessionID": SESSION_ID,
    "ProviderID": {"type": "string", "pattern": r"^[A-Z]{2}[*-]?[A-Z0-9]{3}$"},
    "Identification": {"type": "object", "properties": {"RemoteIdentification": {"type": "object"}}},
    "eRoamingAuthorizeRemoteStart": {
        "type": "object",
        "required": ["SessionID", "ProviderID", "EvseID", "Identification"],
        "properties": {
            name: {"$ref": f"./{name}.yaml"}
            for name in ("SessionID", "ProviderID", "EvseID", "Identification")
        },
        "example": {"SessionID": "f98efba4-02d8-4fa0-b810-9a9d50d2c527", "EvseID": "DE*XYZ*ETEST1"},
    },
    "eRoamingAcknowledgment": {
        "type": "object",
        "required": ["Result", "StatusCode"],
        "properties": {"Result": {"type": "boolean"}, "SessionID": {"$ref": "./SessionID.yaml"}},
    },
}


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"../schemas/{schema}.yaml"}}}


def _documents(folder: Path) -> Path:
    """A document as the official ones are laid out, of one operation."""
    post = {
        "operationId": "eRoamingAuthorizeRemoteStart_v2.1",
        "parameters": [{"name": "providerID", "in": "path", "required": True, "schema": {"type": "string"}}],
        "requestBody": {"required": True, "content": _json("eRoamingAuthorizeRemoteStart")},
        "responses": {"200": {"description": "The answer.", "content": _json("eRoamingAcknowledgment")}},
    }
    path = "/charging/v21/providers/{providerID}/authorize-remote/start"
    files = {
        "openapi": {
            "openapi": "3.0.0",
            "info": {"title": "a CPO", "version": "2.3"},
            "paths": {path: {"$ref": "./resources/start.yaml"}},
        },
        "resources/start": {"post": post},
        **{f"schemas/{name}": schema for name, schema in MESSAGES.items()},
    }
    for name, content in files.items():
        file = folder / "oicp-cpo-2.3-api-doc" / "src" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_help_is_what_the_target_knows(tmp_path: Path) -> None:
    comparison.write_with_help("cpo", _documents(tmp_path / "official"), tmp_path / "helped")
    schemas = tmp_path / "helped" / "oicp-cpo-2.3-api-doc" / "src" / "schemas"
    evse = json.loads((schemas / "EvseID.yaml").read_text(encoding="utf-8"))
    start = json.loads((schemas / "eRoamingAuthorizeRemoteStart.yaml").read_text(encoding="utf-8"))
    assert EVSE_IDS[0] in evse["enum"]
    assert start["example"] == {"SessionID": "f98efba4-02d8-4fa0-b810-9a9d50d2c527", "EvseID": EVSE_IDS[0]}
    medium = json.loads((schemas / "Identification.yaml").read_text(encoding="utf-8"))
    assert [one["required"] for one in medium["anyOf"]] == [list(ACCEPTS[3])]


@pytest.mark.long(50)
def test_a_fault_is_caught_and_the_faultless_target_is_not_accused(tmp_path: Path) -> None:
    runs = Comparison(_documents(tmp_path / "official"), tmp_path / "out")
    comparison.write_with_help("cpo", runs.documents, runs.folder / "documents")
    operation = ["eRoamingAuthorizeRemoteStart"]
    faultless = runs.run("cpo", "", "helped", operation, accept=True)
    assert (faultless.ended, faultless.new) == (True, [])
    caught = runs.run("cpo", "remote-start-result-missing", "helped", operation)
    assert caught.new == [f"JsonSchemaError {START}"]
    assert runs.run("cpo", "remote-start-unknown-code", "helped", operation).new == []
