"""The list of broken requirements, from made-up statements; and what a target may not do to a terminal."""

import pytest

from oicp_conformance.judge.first_seen import FirstSeen
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.judge.statement import Statement
from oicp_conformance.reporting import comparison
from oicp_conformance.reporting.broken import broken
from oicp_conformance.reporting.terminal import harmless, printable

CDR = "eRoamingChargeDetailRecord"


def row(
    id_: str, verdict: str, *tests: str, level: str = "MUST", deviation: str | None = None
) -> dict[str, object]:
    findings = [
        {
            "message": f"{id_} is broken",
            "pointer": "/x",
            "exchange": 10 * number,
            "erratum": None,
            "verdict": "fail" if verdict == "fail" else "warning",
            "test": test,
            "deviation": deviation,
        }
        for number, test in enumerate(tests, 1)
    ]
    return {
        "id": id_,
        "operation": CDR,
        "level": level,
        "clause": "CPO 02 x",
        "verdict": verdict,
        "findings": findings,
    }


def statement(*rows: dict[str, object]) -> Statement:
    counts = dict.fromkeys(("pass", "fail", "warning", "inconclusive", "not-applicable"), 0)
    return Statement.model_validate(
        {
            "suite": {"version": "1"},
            "target": {"name": "A CPO", "version": None, "role": "cpo"},
            "started": "2026-01-01T00:00:00+00:00",
            "finished": "2026-01-01T00:01:00+00:00",
            "seed": 1,
            "verdict": "fail",
            "summary": counts,
            "operations": [],
            "requirements": list(rows),
        }
    )


def test_the_worst_comes_first_and_each_once() -> None:
    listed = broken(
        statement(
            row("a.warned", "warning", "t1", "t2", "t3"),
            row("b.known", "fail", "t1", "t2", "t3", "t4", deviation="OPS-1"),
            row("c.should", "fail", "t1", "t2", level="SHOULD"),
            row("d.narrow", "fail", "t1"),
            row("e.wide", "fail", "t1", "t2"),
            row("e.wide", "pass"),
        )
    )
    assert [(one.number, one.id, one.word) for one in listed] == [
        (1, "e.wide", "FAIL"),
        (2, "d.narrow", "FAIL"),
        (3, "c.should", "FAIL"),
        (4, "a.warned", "WARN"),
        (5, "b.known", "KNOWN"),
    ]
    assert listed[0].often == f"2 findings in 2 tests on {CDR} (first in exchange 10, last in exchange 20)"
    assert listed[4].tickets == ["OPS-1"]
    assert broken(statement(row("a.b", "pass"))) == []


def finding(requirement: str, pointer: str | None, message: str = "") -> Outcome:
    return Outcome(requirement, CDR, Verdict.FAIL, message, 1, pointer)


def test_what_fails_for_the_same_again_is_a_consequence() -> None:
    seen = FirstSeen()
    missing = finding("cdr.evse", "/List/3/EvseID")
    assert seen.fresh([missing], "first") == [missing]
    again, other = finding("cdr.evse", "/List/7/EvseID"), finding("cdr.evse", "/Other")
    assert seen.fresh([again], "second") == []
    assert seen.consequence([again]) == "consequence of cdr.evse, first seen in first"
    assert seen.fresh([again, other], "third") == [other]


def test_without_a_place_the_words_tell_defects_apart() -> None:
    seen = FirstSeen()
    assert seen.fresh([finding("r", None, "no answer to exchange 7")], "first")
    assert not seen.fresh([finding("r", None, "no answer to exchange 12")], "second")
    assert seen.fresh([finding("r", None, "two answers to exchange 12")], "third")


@pytest.mark.parametrize(
    "command", ["::error::x", "  ::set-output name=a::b", "##vso[task.complete]", "##[error]x"]
)
def test_no_line_is_a_command_to_a_ci_server(command: str) -> None:
    made = harmless(printable(command) if command.startswith("#") else command)
    assert not made.lstrip().startswith("::")
    assert "##vso[" not in made
    assert "##[" not in made


def test_ordinary_lines_stay_as_they_are() -> None:
    for line in ("conformance/cpo/test_x.py::test_y", "  ## heading", "a :: b"):
        assert harmless(line) == line


def test_two_runs_side_by_side() -> None:
    hostile = "<script>alert(1)</script>"
    old = statement(row("a.mended", "fail", "t1"), row("b.broke", "pass"))
    new = statement(row("a.mended", "pass"), row("b.broke", "fail", "t1"))
    new.requirements[1].findings[0].message = hostile
    page = comparison.html(old, new)
    assert "1 newly broken, 1 newly fixed" in page
    assert page.index("Newly broken (1)") < page.index("b.broke") < page.index("Newly fixed (1)")
    assert hostile not in page
    assert "Nothing changed" not in page
    assert "Nothing changed" in comparison.html(old, old)
