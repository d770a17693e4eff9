"""The badge: one verdict, or that of both targets in the colour of the worse."""

import json
from typing import Any

from oicp_conformance.judge.statement import Statement
from oicp_conformance.reporting import badge


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
