"""One run against one target: it holds the hub, judges what was said, and writes what a run leaves behind."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from faker import Faker

from conformance import deviations
from conformance.cpo.driver import Cpo
from conformance.emp.driver import Emp
from conformance.hub.hub import Hub
from conformance.judge.compare import compare
from conformance.judge.deviations import Deviation, valid
from conformance.judge.outcome import Outcome, Record, Verdict, declared, party_of
from conformance.judge.statement import JournalPart, Statement, statement
from conformance.judge.verdicts import Judgement, judge, outcomes
from conformance.oicp.operations import BY_NAME
from conformance.profile import Profile
from conformance.stimuli import Driver
from reports.advice import advice

FILES = (
    *("conformance.json", "conformance.html", "conformance.md", deviations.NAME),
    *("journal.jsonl", "notes.jsonl", "errata.md", "junit.xml"),
)
"""What a run leaves behind, beside the results for Allure."""


class TestedTarget(Protocol):
    """What both roles' drivers have in common."""

    def clean_up(self) -> None:
        """End what a test has begun and left running."""


class Run:
    """One run."""

    def __init__(
        self,
        profile: Profile,
        stimuli: Driver,
        faker: Faker,
        *,
        seed: int,
        strict: bool,
        folder: Path,
        known: Sequence[Deviation] = (),
        baseline: Statement | None = None,
    ) -> None:
        self.profile = profile
        self.seed = seed
        self.folder = folder
        self.hub = Hub(profile, stimuli, faker)
        self.driver: TestedTarget = Cpo(self.hub) if profile.target.role == "cpo" else Emp(self.hub)
        self.stopped: str | None = None
        self.trouble: list[str] = []
        self.judgement: Judgement | None = None
        self.statement: Statement | None = None
        self.partial: str | None = None
        """Why not all tests are run, where that is so."""
        self.known = known
        self.baseline = baseline
        self._today = date.today()
        self._strict = strict
        self._started = time.time()
        self._told: set[Outcome] = set()

    @property
    def seconds(self) -> float:
        """How long it has taken until now."""
        return time.time() - self._started

    @property
    def record(self) -> Record:
        """What was said until now."""
        journal = self.hub.journal
        return Record(self.profile, tuple(journal.closed()), tuple(journal.notes))

    def news(self, test: str | None = None) -> list[Outcome]:
        """The findings that were not told yet: of one test, or all."""
        record = self.record
        found = [
            one
            for one in outcomes(record, valid(self.known, record.party, self._today))
            if one.is_finding and one not in self._told and (test is None or one.test == test)
        ]
        self._told.update(found)
        return found

    @property
    def untold(self) -> list[Outcome]:
        """What makes the run fail, and no test was told: what was judged at the end only."""
        told = {(one.requirement, one.operation) for one in self._told if self.fails(one)}
        found = self.judgement.findings if self.judgement else []
        failing = {(one.requirement, one.operation): one for one in found if self.fails(one)}
        return [one for key, one in failing.items() if key not in told]

    def is_told(self, finding: Outcome) -> bool:
        """Whether another test was told that the same requirement is broken."""
        return any(
            (one.requirement, one.operation) == (finding.requirement, finding.operation) for one in self._told
        )

    def fails(self, finding: Outcome) -> bool:
        """Whether a finding makes its test fail: a known deviation does not."""
        return not finding.deviation and (finding.verdict is Verdict.FAIL or self._strict)

    def not_applicable(self, operation: str, requirements: Sequence[str]) -> str | None:
        """Why a test about an operation and its requirements says nothing of this target, or None."""
        known = BY_NAME[operation]
        if "optional.not-offered" in requirements:
            if declared(self.profile, known):
                return f"it is for targets that do not offer {operation}"
            none = known.parts[party_of(self.profile)].obligation == "none"
            return f"{operation} is not required of this target" if none else None
        if not declared(self.profile, known):
            return f"{operation} is not declared in the profile"
        if f"{operation}.sent-Error" in requirements:
            return (
                None
                if "Error" in self.profile.supports.eRoamingChargingNotifications
                else "Error is not declared"
            )
        return None

    def finish(self) -> Statement:
        """Write the journal, judge all, and write the statement, and the template of known deviations."""
        record = self.record
        self._write(record)
        self.trouble += self.hub.failures
        try:
            self.judgement = self._judge(record)
        except Exception as error:  # noqa: BLE001 - a rule's mistake must not cost the statement
            self.trouble.append(f"the judge failed: {type(error).__name__}: {error}")
            self.judgement = self._judge(replace(record, exchanges=(), notes=()))
        result = statement(
            self.judgement,
            started=self._started,
            finished=time.time(),
            seed=self.seed,
            journal=_part(self.folder / "journal.jsonl", len(record.exchanges)),
            advise=lambda row: advice(row, self.profile),
        )
        if self.baseline is not None:
            result = result.model_copy(update={"changes": compare(self.baseline, result)})
        self.statement = result
        text = result.model_dump_json(by_alias=True, indent=2)
        (self.folder / "conformance.json").write_text(f"{text}\n", encoding="utf-8")
        if listed := deviations.template(self.judgement, self._today):
            (self.folder / deviations.NAME).write_text(listed, encoding="utf-8")
        return result

    def _judge(self, record: Record) -> Judgement:
        return judge(
            record,
            strict=self._strict,
            stopped=self.stopped,
            trouble=self.trouble,
            deviations=self.known,
            today=self._today,
            partial=self.partial,
        )

    def _write(self, record: Record) -> None:
        with (self.folder / "journal.jsonl").open("w", encoding="utf-8") as file:
            for exchange in record.exchanges:
                file.write(json.dumps(exchange.as_json(), ensure_ascii=False) + "\n")
        with (self.folder / "notes.jsonl").open("w", encoding="utf-8") as file:
            for note in record.notes:
                line = {"note": type(note).__name__.lower(), **asdict(note)}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _part(journal: Path, exchanges: int) -> JournalPart:
    with journal.open("rb") as file:
        return JournalPart(exchanges=exchanges, sha256=hashlib.file_digest(file, "sha256").hexdigest())
