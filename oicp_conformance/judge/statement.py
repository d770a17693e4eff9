"""The statement: the machine-readable result of a run. Its shape is fixed; scripts rely on it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from oicp_conformance import __version__
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.times import iso
from oicp_conformance.judge.catalogue import EXTENSIONS
from oicp_conformance.judge.deviations import Settled, State
from oicp_conformance.judge.figures import figures
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.source import Source, Strength
from oicp_conformance.judge.verdicts import Judgement, OperationVerdict, Row, headline, word
from oicp_conformance.judge.ways import walked
from oicp_conformance.oicp.operations import of_party

VerdictName = Literal["pass", "fail", "warning", "inconclusive", "not-applicable"]
FINDINGS = 1000
"""Findings of a requirement on an operation that a statement lists."""
SCHEMA = Path(__file__).with_name("statement.schema.json")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Suite(_Part):
    """The suite that judged."""

    name: Literal["oicp-conformance"] = "oicp-conformance"
    version: str

    @classmethod
    def of_today(cls) -> Self:
        """The suite that runs."""
        return cls(version=suite_version())


class TargetPart(_Part):
    """The target that was judged."""

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
    not_used: int = Field(default=0, alias="not-used")
    """How many of those that are not applicable are about an optional field that was never sent."""


class SpreadPart(_Part):
    """Some durations, in seconds."""

    count: int
    median: float
    p95: float
    """95 percent took no longer."""


class FiguresPart(_Part):
    """What was measured of an operation, by the hub's clock. It is not judged."""

    calls: int
    """Exchanges, whoever sent the request."""
    calls_per_minute: float
    """On average over the run."""
    busiest_minute: int
    """The most calls within 60 seconds."""
    answers: SpreadPart | None = None
    """How long the target took to answer the hub."""
    stimulus_to_call: SpreadPart | None = None
    """How long after a stimulus the target's call came."""
    end_to_record: SpreadPart | None = None
    """How long after the end of a charge its first charge detail record came."""


class OperationPart(_Part):
    """One operation."""

    operation: str
    direction: Literal["target-to-hub", "hub-to-target"]
    obligation: Literal["mandatory", "optional", "none"]
    declared: bool
    exchanges: int
    verdict: VerdictName
    figures: FiguresPart | None = None
    """None where there was no exchange."""


class FindingPart(_Part):
    """One time that the requirement was broken."""

    message: str
    pointer: str | None
    exchange: int | None
    erratum: str | None
    verdict: Literal["fail", "warning"] = "fail"
    expected: str = ""
    found: str = ""
    test: str | None = None
    deviation: str | None = None
    """The ticket of the known deviation that it is."""


class SourcePart(_Part):
    """Where a requirement is written."""

    document: str
    anchor: str
    """The anchor of the section; empty where the document has none."""
    line: int
    """The number of the line, in the commit that the URL names."""
    url: str
    strength: Strength


class RequirementPart(_Part):
    """One requirement on one operation."""

    id: str
    operation: str
    level: Literal["MUST", "SHOULD", "MAY"]
    clause: str
    verdict: VerdictName
    findings: list[FindingPart]
    reason: str | None = None
    cause: Cause | None = None
    """Of which kind the reason is, where the verdict is inconclusive."""
    advice: str | None = None
    """What to do about it."""
    not_used: bool = False
    """Whether it is about an optional field that the target never sent: its verdict is not-applicable."""
    since: str | None = None
    """Of what is broken, the start of the first run in which it was, as far as the baseline knows."""
    sentence: str = ""
    """What is demanded, in our own words."""
    source: SourcePart | None = None
    left_out: int = 0
    """Findings beyond those that are listed."""


class SessionPart(_Part):
    """One way of a whole session, and the verdict with which it was tried."""

    begin: str
    end: str
    verdict: VerdictName
    reason: str = ""
    """What was broken, or why it was not tried or not observed."""
    test: str | None = None
    consequence: bool = False
    """Whether it fails only for defects that an earlier test has shown."""


class JournalPart(_Part):
    """The journal that was judged."""

    exchanges: int
    sha256: str
    """Of the file `journal.jsonl`, in hexadecimal."""


class DeviationPart(_Part):
    """One entry of the list of known deviations, and its state after the run."""

    requirement: str
    operation: str | None = None
    pointer: str | None = None
    test: str | None = None
    reason: str
    owner: str
    ticket: str
    expires: str
    state: State
    note: str
    """The state in words."""
    findings: int


class Change(_Part):
    """One difference from an earlier run."""

    requirement: str
    operation: str
    level: Literal["MUST", "SHOULD", "MAY"]
    clause: str
    pointer: str | None = None
    message: str


class Baseline(_Part):
    """The run that another one is compared with."""

    started: str
    verdict: Literal["pass", "fail", "incomplete", "error"]
    target: TargetPart
    suite: Suite


class Changes(_Part):
    """The differences from an earlier run."""

    baseline: Baseline
    broken: list[Change]
    """It makes the run fail, and did not before."""
    fixed: list[Change]
    """It was broken, and is no more."""
    inconclusive: list[Change]
    """It was observed, and is no more."""
    appeared: list[Change]
    """A requirement that was not judged before."""
    dropped: list[Change]
    """A requirement that is no longer judged."""
    worse: list[str]
    """What is worse with the run as a whole."""

    @property
    def is_worse(self) -> bool:
        """Whether a nightly job has to turn red."""
        return bool(self.broken or self.worse)


class Statement(_Part):
    """The result of a run against one target."""

    format: Literal[1] = 1
    suite: Suite
    protocol: Literal["OICP 2.3"] = "OICP 2.3"
    target: TargetPart
    started: str
    finished: str
    seed: int
    verdict: Literal["pass", "fail", "incomplete", "partial", "error"]
    summary: Summary
    operations: list[OperationPart]
    requirements: list[RequirementPart]
    stopped: str | None = None
    trouble: list[str] = []
    partial: str | None = None
    """Which tests were not run, and why, where the run was narrowed on purpose."""
    mode: Literal["online", "offline"] | None = None
    """Of an EMP."""
    strict: bool = False
    """Whether warnings count as fails."""
    missing: list[str] = []
    """The mandatory operations of which nothing could be judged."""
    supports: dict[str, bool | list[str]] = {}
    """The optional features that the profile declares."""
    journal: JournalPart | None = None
    deviations: list[DeviationPart] = []
    sessions: list[SessionPart] = []
    """The ways of whole sessions, in the order of their table."""
    changes: Changes | None = None
    """The differences from the run that is the baseline."""
    limits: list[str] = []
    """What was not kept, because it was beyond what the suite keeps in a run."""
    extensions: list[str] = []
    """The installed packages whose rules judged, too, with their versions, such as `acme-rules 1.0`."""

    @property
    def headline(self) -> str:
        """The verdict, and that it rests on known deviations where it does."""
        return headline(self.verdict, sum(one.state == "occurred" for one in self.deviations))

    @property
    def word(self) -> str:
        """The verdict where there is room for a word: a pass with known deviations is not simply one."""
        return word(self.headline)


def suite_version() -> str:
    """The version of the suite that runs."""
    return __version__


def statement(
    judgement: Judgement,
    *,
    started: float,
    finished: float,
    seed: int,
    journal: JournalPart | None = None,
    partial: str | None = None,
    limits: Sequence[str] = (),
    advise: Callable[[Row], str] = lambda _: "",
) -> Statement:
    """The statement of a judgement; times are seconds since the epoch.

    `partial` says which tests were not run, `limits` what was not kept; `advise` what to do
    about a row that is inconclusive.
    """
    record = judgement.record
    target = record.profile.target
    return Statement(
        suite=Suite.of_today(),
        target=TargetPart(name=target.name, version=target.version, role=target.role),
        started=iso(started, "milliseconds"),
        finished=iso(finished, "milliseconds"),
        seed=seed,
        verdict=judgement.verdict,
        summary=Summary.model_validate(judgement.summary),
        operations=_OPERATIONS.validate_python([_operation(record, one) for one in judgement.operations]),
        requirements=_REQUIREMENTS.validate_python([_requirement(row, advise) for row in judgement.rows]),
        stopped=judgement.stopped,
        trouble=list(judgement.trouble),
        partial=partial,
        mode=_mode(record),
        strict=judgement.strict,
        missing=list(judgement.missing),
        supports=_supports(record),
        journal=journal,
        deviations=[_deviation(one) for one in judgement.deviations],
        limits=list(limits),
        extensions=list(EXTENSIONS),
        sessions=[
            SessionPart(
                begin=one.way.begin,
                end=one.way.end,
                verdict=one.verdict.value,
                reason=one.reason,
                test=one.test,
                consequence=one.consequence,
            )
            for one in walked(record, judgement.findings)
        ],
    )


# To validate all at once takes half the time of one after the other.
_OPERATIONS = TypeAdapter(list[OperationPart])
_REQUIREMENTS = TypeAdapter(list[RequirementPart])


def _operation(record: Record, one: OperationVerdict) -> dict[str, Any]:
    found = figures(record, one.operation.name)
    return {
        "operation": one.operation.name,
        "direction": one.direction,
        "obligation": one.obligation,
        "declared": one.declared,
        "exchanges": one.exchanges,
        "verdict": one.verdict.value,
        "figures": asdict(found) if found is not None else None,
    }


def _requirement(row: Row, advise: Callable[[Row], str]) -> dict[str, Any]:
    requirement = row.requirement
    return {
        "id": requirement.id,
        "operation": row.operation,
        "level": requirement.level,
        "clause": requirement.clause,
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
                "deviation": finding.deviation,
            }
            for finding in row.findings[:FINDINGS]
        ],
        "left_out": max(0, len(row.findings) - FINDINGS),
        "reason": row.reason or None,
        "cause": row.cause,
        "advice": advise(row) or None,
        "not_used": row.not_used,
        "sentence": requirement.sentence,
        "source": _source(requirement.source),
    }


@cache
def _source(source: Source) -> SourcePart:
    return SourcePart(
        document=source.document,
        anchor=source.anchor,
        line=source.line,
        url=source.url,
        strength=source.strength,
    )


def _mode(record: Record) -> Literal["online", "offline"] | None:
    if record.role == "cpo":
        return None
    return "offline" if record.party == "emp-offline" else "online"


def _supports(record: Record) -> dict[str, bool | list[str]]:
    """What is optional for this party, and whether the profile declares it."""
    declared = record.profile.supports.model_dump()
    keys = [
        one.supports
        for one in of_party(record.party)
        if one.supports and one.parts[record.party].obligation == "optional"
    ]
    return {key: declared[key] for key in dict.fromkeys(keys)}


def _deviation(settled: Settled) -> DeviationPart:
    one = settled.deviation
    return DeviationPart(
        requirement=one.requirement,
        operation=one.operation,
        pointer=one.pointer,
        test=one.test,
        reason=one.reason,
        owner=one.owner,
        ticket=one.ticket,
        expires=one.expires.isoformat(),
        state=settled.state,
        note=settled.note,
        findings=settled.findings,
    )


def schema() -> str:
    """The JSON Schema of a statement, as it is shipped."""
    return json.dumps(Statement.model_json_schema(by_alias=True), indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
