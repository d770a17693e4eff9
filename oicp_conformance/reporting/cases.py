"""Results for Allure of what no test is red for: all is green only where the verdict is pass."""

import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from oicp_conformance.judge.deviations import BAD
from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.judge.statement import Statement

_OF_RUN = "run"
"""The feature of what is about the run as a whole."""


def write(folder: Path, statement: Statement, untold: Sequence[Outcome]) -> None:
    """Write a result for each thing that keeps a run from its pass and that no test tells.

    `untold` are the findings that were made at the end only. Does nothing where Allure is switched off.
    """
    if not folder.is_dir():
        return
    for case in _cases(statement, untold):
        (folder / f"{case['uuid']}-result.json").write_text(json.dumps(case), encoding="utf-8")


def _cases(statement: Statement, untold: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    # Of a run that was narrowed on purpose, nobody expects the rest.
    for name in [] if statement.partial else statement.missing:
        message = f"{name} is mandatory, and was not observed"
        yield _case(statement, message, name, "broken", "incomplete", to_do=_to_do(statement, name))
    if statement.stopped:
        yield _case(statement, f"the run stopped early: {statement.stopped}", _OF_RUN, "broken", "incomplete")
    for one in untold:
        message = f"FAIL {one.requirement}: {one.message}"
        yield _case(statement, message, one.operation, "failed", "fail", one.requirement)
    for position, entry in enumerate(statement.deviations, 1):
        if entry.state in BAD:
            message = f"known deviation {position} ({entry.ticket}): {entry.note}"
            yield _case(statement, message, _OF_RUN, "failed", "fail", entry.requirement)


def _to_do(statement: Statement, missing: str) -> str:
    """What to do about a mandatory operation, or one of several, that was not observed; empty if unknown."""
    operations = missing.split(" or ")
    rows = (one for one in statement.requirements if one.operation in operations)
    return next((one.advice for one in rows if one.verdict == "inconclusive" and one.advice), "")


def _case(
    statement: Statement,
    message: str,
    feature: str,
    status: str,
    verdict: str,
    broken: str = "",
    to_do: str = "",
) -> dict[str, Any]:
    labels = {"epic": statement.target.role.upper(), "feature": feature, "verdict": verdict}
    labels |= {"broken": broken} if broken else {}
    labels["severity"] = "critical"
    at = int(datetime.fromisoformat(statement.finished).timestamp() * 1000)
    # The same in each run, so that its history is.
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{statement.target.role} {feature} {verdict} {broken}").hex
    return {
        "uuid": str(uuid.uuid4()),
        "historyId": identity,
        "testCaseId": identity,
        "fullName": f"run#{feature}",
        "name": message[:250],
        "status": status,
        "statusDetails": {"message": f"{message}\n\nWhat to do: {to_do}" if to_do else message},
        "labels": [{"name": name, "value": value} for name, value in labels.items()],
        "stage": "finished",
        "start": at,
        "stop": at,
    }
