"""Generated requests and sequences: the same for the same seed, fair, and finding what scenarios do not."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fixtures.faults import Fault, every
from oicp_conformance.generated import drafts as d
from oicp_conformance.generated.properties import tests as generated
from oicp_conformance.generated.requests import OF_CPO, OF_EMP
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.structure import look
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role
from oicp_conformance.reporting.curl import curl
from selftest.support import EVSES, ROOT, environment, reference_target, run_command, run_suite
from tools.matrix_run import Scope, run_once

SERVED: dict[Role, Sequence[str]] = {"cpo": OF_CPO, "emp": OF_EMP}
FREEDOMS = (d.ORDINARY, d.NULLS, d.UNKNOWN, d.CHARACTERS)
ALL = [(role, name) for role, names in SERVED.items() for name in names]

_MADE = """
import json, sys
from oicp_conformance.generated import drafts as d
from oicp_conformance.generated.properties import tests
from oicp_conformance.oicp.operations import BY_NAME

def made(role, name, seed, valid):
    found = []
    drafts = d.drafts(BY_NAME[name], role, valid=valid)
    for test in tests([d.ORDINARY, d.WILD], drafts, name=seed, examples=6):
        test(lambda draft: found.append(repr(draft)))
    return found

json.dump([made(*asked) for asked in json.load(sys.stdin)], sys.stdout)
"""
Asked = tuple[Role, str, str, bool]


def made_elsewhere(*asked: Asked) -> list[list[str]]:
    """What another process makes of roles, operations and seeds, as valid requests or as invalid ones."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", _MADE],
        cwd=ROOT,
        env=environment(),
        check=True,
        capture_output=True,
        input=json.dumps(asked).encode(),
    )
    found: list[list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.long(15)
def test_same_seed_gives_the_same_requests() -> None:
    kinds = [(role, name, valid) for role, name in (ALL[0], ALL[-1]) for valid in (True, False)]
    first_seed: list[Asked] = [(role, name, "1", valid) for role, name, valid in kinds]
    second_seed: list[Asked] = [(role, name, "2", valid) for role, name, valid in kinds]
    made = made_elsewhere(*first_seed, *second_seed)
    first, others = made[: len(kinds)], made[len(kinds) :]
    assert first == made_elsewhere(*first_seed)
    for one, other in zip(first, others, strict=True):
        assert len(one) == len(set(one)) == 6
        assert one != other


@pytest.mark.long(15)
def test_same_seed_gives_the_same_requests_whatever_else_is_loaded() -> None:
    """Hypothesis would draw the constants of all loaded modules of this folder, as those of tests."""
    kinds: list[Asked] = [(role, name, "3", valid) for role, name in ALL for valid in (True, False)]
    for (role, name, seed, valid), elsewhere in zip(kinds, made_elsewhere(*kinds), strict=True):
        here: list[str] = []
        drafts = d.drafts(BY_NAME[name], role, valid=valid)
        for test in generated([d.ORDINARY, d.WILD], drafts, name=seed, examples=6):
            test(lambda draft, here=here: here.append(repr(draft)))  # type: ignore[misc]
        assert here == elsewhere


def made(role: Role, name: str, *, valid: bool = True, examples: int = 12) -> list[d.Draft]:
    found: list[d.Draft] = []
    drafts = d.drafts(BY_NAME[name], role, valid=valid)
    for test in generated(FREEDOMS, drafts, name="3", examples=examples):
        test(found.append)
    return found


def whole_of(draft: d.Draft) -> dict[str, Any]:
    """A sensible message with all that the draft has."""
    return {
        "SessionID": "0000abcd-0000-4000-8000-000000000001",
        "ProviderID": "DE-DCB",
        "OperatorID": "DE*ABC",
        "EvseID": EVSES[0],
        "Identification": {"RemoteIdentification": {"EvcoID": "DE-DCB-C12345678-X"}},
        "Type": draft.body.get("Type", "Start") if isinstance(draft.body, dict) else "Start",
        "ErrorType": "ConnectorError",
        "ConsumedEnergy": 1.5,
        **dict.fromkeys(
            ("ChargingStart", "ChargingEnd", "SessionStart", "SessionEnd", "EventOccurred"),
            "2026-11-22T14:00:00+01:00",
        ),
    }


@pytest.mark.parametrize(("role", "name"), ALL)
def test_valid_requests_are_as_their_table_has_them(role: Role, name: str) -> None:
    for draft in made(role, name):
        located = BY_NAME[name].request_model(role, draft.body)
        assert located is not None
        body, expects = d.fitted(
            located[1], draft, whole_of(draft), texts=("EMPPartnerSessionID", "CPOPartnerSessionID")
        )
        assert expects == "accept"
        assert [one for one in look(located[1], body, role) if one.verdict != "pass"] == []


@pytest.mark.parametrize(("role", "name"), ALL)
def test_invalid_requests_are_none(role: Role, name: str) -> None:
    for draft in made(role, name, valid=False):
        model = BY_NAME[name].request_model(role, whole_of(draft))
        assert model is not None
        kept = {name: value for name, value in whole_of(draft).items() if name in model[1].model_fields}
        wrong = d.wronged(BY_NAME[name], role, draft, kept)
        body = Part((), wrong.raw).json if wrong.raw is not None else wrong.body
        if isinstance(body, dict):
            assert any(one.verdict == "fail" for one in look(model[1], body, role))


# --- through the front door

# A few of them: the matrix has all.
ONLY_GENERATED: tuple[tuple[Role, str], ...] = (
    ("cpo", "remote-stop-wants-hexadecimal"),
    ("cpo", "three-sessions-mixed-up"),
    ("emp", "cdr-answer-breaks-on-long-list"),
)


def named(role: Role, name: str) -> Fault:
    return next(one for one in every(role, "fault") if one.name == name)


@pytest.mark.long(15)
@pytest.mark.parametrize(("role", "fault"), ONLY_GENERATED, ids=[row[1] for row in ONLY_GENERATED])
def test_fault_is_found_by_generated_tests_only(role: Role, fault: str, tmp_path: Path) -> None:
    entry = named(role, fault)
    assert entry.generated
    found = run_once(role, entry, tmp_path, Scope([entry.operation], entry.generated.examples))
    assert entry.row in found.failed
    assert len(found.failed) <= 4
    statement = json.loads((tmp_path / "conformance.json").read_text(encoding="utf-8"))
    findings = [one for row in statement["requirements"] for one in row["findings"]]
    assert {one["test"].partition("::")[0].rpartition("/")[2] for one in findings} == {"test_generated.py"}


@pytest.mark.long(25)
def test_smallest_request_is_in_the_report_with_a_curl_line(tmp_path: Path) -> None:
    with reference_target("cpo", options=("--fault", "remote-start-breaks-on-four-bytes")) as target:
        ran = run_suite(tmp_path, target.profile(), "--examples", "21", "-k", "any_valid", seconds=200)
    (row,) = (one for one in ran.rows("fail") if one["id"] == "request.non-ascii")
    (finding,) = row["findings"]
    (exchange,) = (one for one in ran.journal if one["number"] == finding["exchange"])
    smallest = json.loads(exchange["request"]["body"])
    others = [one for one in ran.journal if one["purpose"] == "request.non-ascii"]
    assert len(smallest["EMPPartnerSessionID"]) == 1
    assert ord(smallest["EMPPartnerSessionID"]) > 0xFFFF
    assert len(others) > 1
    attached = [
        file.read_text(encoding="utf-8")
        for file in (tmp_path / "report" / "allure-results").glob("*-attachment.txt")
    ]
    lines = [line for text in attached for line in text.split("\n") if line.startswith("curl ")]
    assert any(smallest["SessionID"] in line for line in lines)


def test_nothing_is_generated_without_examples(tmp_path: Path) -> None:
    with reference_target("cpo") as target:
        ran = run_suite(tmp_path, target.profile(), "--examples", "0", "-k", "generated")
    assert ran.says("tests: 9 not applicable") == 1
    assert ran.journal == []


@pytest.mark.parametrize("number", ["-1", "many", "1.5", ""])
def test_number_of_examples_is_checked(number: str) -> None:
    asked = ("conformance/cpo", f"--examples={number}", "--assert=plain")
    done = run_command(*asked, program="pytest")
    assert done.returncode == 4
    assert "--examples" in done.stderr
    assert "Traceback" not in done.stderr


# --- a request to be sent again


def sent(body: bytes, path: str = "/api/oicp/x") -> Exchange:
    headers = (("Content-Type", "application/json"), ("Content-Length", "1"), ("User-Agent", "x"))
    return Exchange(1, "hub-to-target", None, "POST", path, Part(headers, body), 0.0)


@pytest.mark.parametrize(
    "body",
    [b"{}", b"", b"@file", b'it\'s "so" $HOME `x` \\ \n\t!', "Grüße 🚗".encode(), b"a\0b", b"\xff\xfe{%s}"],
)
def test_curl_line_sends_the_same_bytes(body: bytes, tmp_path: Path) -> None:
    told = tmp_path / "curl"
    # In place of curl: shows its arguments, and what it would read.
    told.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        "words = [os.fsencode(one).hex() for one in sys.argv[1:]]\n"
        "print(json.dumps([words, sys.stdin.buffer.read().hex() if sys.argv[-1] == '@-' else '']))\n"
    )
    told.chmod(0o755)
    line = curl(sent(body), "http://127.0.0.1:9000/base/")
    done = subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", line],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
        capture_output=True,
    )
    words, read = json.loads(done.stdout)
    words = [bytes.fromhex(one) for one in words]
    assert b"http://127.0.0.1:9000/base/api/oicp/x" in words
    assert b"Content-Type: application/json" in words
    assert not any(word.startswith((b"Content-Length", b"User-Agent")) for word in words)
    assert (bytes.fromhex(read) if words[-1] == b"@-" else words[-1]) == body
