"""The badge: one verdict, or that of both targets in the colour of the worse."""

import json
from typing import Any

from oicp_conformance.judge.statement import DeviationPart, Statement
from oicp_conformance.reporting import badge

KNOWN = DeviationPart(
    requirement="a.b",
    reason="r",
    owner="o",
    ticket="T-1",
    expires="2099-01-01",
    state="occurred",
    note="",
    findings=1,
)


def statement(role: str, verdict: str) -> Statement:
    counts = dict.fromkeys(("pass", "fail", "warning", "inconclusive", "not-applicable"), 0)
    made: dict[str, Any] = {
        "suite": {"name": "oicp-conformance", "version": "1"},
        "target": {"name": "A target", "version": None, "role": role},
        "started": "2026-11-29T00:00:00+00:00",
        "finished": "2026-11-29T00:01:00+00:00",
        "seed": 1,
        "verdict": verdict,
        "summary": counts,
        "operations": [],
        "requirements": [],
    }
    return Statement.model_validate(made)


def test_one_verdict() -> None:
    made = json.loads(badge.of([statement("cpo", "pass")]))
    assert made == {"schemaVersion": 1, "label": "OICP 2.3", "message": "pass", "color": "brightgreen"}


def test_worst_of_two() -> None:
    made = json.loads(badge.of([statement("cpo", "fail"), statement("emp", "incomplete")]))
    assert (made["message"], made["color"]) == ("CPO fail, EMP incomplete", "red")


def test_a_pass_with_known_deviations_is_not_simply_a_pass() -> None:
    made = [statement("cpo", "pass").model_copy(update={"deviations": [KNOWN]})]
    assert json.loads(badge.of(made)) == {
        "schemaVersion": 1,
        "label": "OICP 2.3",
        "message": "pass (known)",
        "color": "yellowgreen",
    }
    both = json.loads(badge.of([*made, statement("emp", "pass")]))
    assert (both["message"], both["color"]) == ("CPO pass (known), EMP pass", "yellowgreen")
