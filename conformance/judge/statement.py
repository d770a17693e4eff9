"""The statement: the machine-readable result of a run. Its shape is fixed; scripts rely on it."""

import json
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from conformance.judge.verdicts import Judgement

VerdictName = Literal["pass", "fail", "warning", "inconclusive", "not-applicable"]
SCHEMA = Path(__file__).with_name("statement.schema.json")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Suite(_Part):
    """Who judged."""

    name: Literal["oicp-conformance"] = "oicp-conformance"
    version: str

    @classmethod
    def of_today(cls) -> Self:
        """The suite that runs."""
        return cls(version=suite_version())


class TargetPart(_Part):
    """Who was judged."""

    name: str
    version: str | None
    role: Literal["cpo", "emp"]


class Summary(_Part):
    """How many requirements have which verdict."""

    passed: int = Field(alias="pass")
    fail: int
    warning: int
    inconclusive: int
    not_applicable: int = Field(alias="not-applicable")


class OperationPart(_Part):
    """One operation."""

    operation: str
    direction: Literal["target-to-hub", "hub-to-target"]
    obligation: Literal["mandatory", "optional", "none"]
    declared: bool
    exchanges: int
    verdict: VerdictName


class FindingPart(_Part):
    """One time that the requirement was broken."""

    message: str
    pointer: str | None
    exchange: int | None
    erratum: str | None
    verdict: Literal["fail", "warning"]
    expected: str
    found: str
    test: str | None


class RequirementPart(_Part):
    """One requirement on one operation."""

    id: str
    operation: str
    level: Literal["MUST", "SHOULD", "MAY"]
    clause: str
    verdict: VerdictName
    findings: list[FindingPart]
    reason: str | None = None


class Statement(_Part):
    """The result of a run against one target."""

    format: Literal[1] = 1
    suite: Suite
    protocol: Literal["OICP 2.3"] = "OICP 2.3"
    target: TargetPart
    started: str
    finished: str
    seed: int
    verdict: Literal["pass", "fail", "incomplete", "error"]
    summary: Summary
    operations: list[OperationPart]
    requirements: list[RequirementPart]
    stopped: str | None = None
    trouble: list[str] = []


def suite_version() -> str:
    """The version of the suite that runs."""
    try:
        return version("oicp-conformance")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "0.1.0"


def statement(judgement: Judgement, *, started: float, finished: float, seed: int) -> Statement:
    """The statement of a judgement; times are seconds since the epoch."""
    record = judgement.record
    target = record.profile.target
    return Statement(
        suite=Suite.of_today(),
        target=TargetPart(name=target.name, version=target.version, role=target.role),
        started=_iso(started),
        finished=_iso(finished),
        seed=seed,
        verdict=judgement.verdict,
        summary=Summary.model_validate(judgement.summary),
        operations=[
            OperationPart.model_validate(
                {
                    "operation": one.operation.name,
                    "direction": one.direction,
                    "obligation": one.obligation,
                    "declared": one.declared,
                    "exchanges": one.exchanges,
                    "verdict": one.verdict.value,
                }
            )
            for one in judgement.operations
        ],
        requirements=[
            RequirementPart.model_validate(
                {
                    "id": row.requirement.id,
                    "operation": row.operation,
                    "level": row.requirement.level,
                    "clause": row.requirement.clause(record.role),
                    "verdict": row.verdict.value,
                    "findings": [
                        {
                            "message": finding.message,
                            "pointer": finding.pointer,
                            "exchange": finding.exchange,
                            "erratum": finding.erratum,
                            "verdict": finding.verdict.value,
                            "expected": finding.expected,
                            "found": finding.found,
                            "test": finding.test,
                        }
                        for finding in row.findings
                    ],
                    "reason": row.reason or None,
                }
            )
            for row in judgement.rows
        ],
        stopped=judgement.stopped,
        trouble=list(judgement.trouble),
    )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def schema() -> str:
    """The JSON Schema of a statement, as it is shipped."""
    return json.dumps(Statement.model_json_schema(by_alias=True), indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
