"""One run against one target: it holds the hub, judges what was said, and writes what a run leaves behind."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from faker import Faker

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub.budget import Budget
from oicp_conformance.journal.archive import JOURNAL, NOTES
from oicp_conformance.journal.times import now
from oicp_conformance.judge.advice import advice
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.changes import compared
from oicp_conformance.judge.deviations import Deviation, valid
from oicp_conformance.judge.first_seen import FirstSeen
from oicp_conformance.judge.frame import Frame, conclude, state
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, declared, party_of
from oicp_conformance.judge.statement import Statement
from oicp_conformance.judge.verdicts import Judgement
from oicp_conformance.judge.watch import Watch
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.profile import Profile
from oicp_conformance.redaction import Redactor, leaks
from oicp_conformance.run import archive
from oicp_conformance.run import known_list as deviations
from oicp_conformance.stimuli import Driver

FILES = (
    *(archive.STATEMENT, "conformance.html", "conformance.md", deviations.NAME),
    *(JOURNAL, NOTES, archive.FRAME, "errata.md", "junit.xml", "journal.har"),
)
"""What a run leaves behind, beside the results for Allure."""


def _driver(hub: Stage) -> Cpo | Emp:
    """The target's driver."""
    return Cpo(hub) if hub.profile.target.role == "cpo" else Emp(hub)


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
        budget: Budget | None = None,
    ) -> None:
        self.profile = profile
        self.seed = seed
        self.folder = folder
        self.hub = Stage(profile, stimuli, faker, budget)
        self.driver: Cpo | Emp = _driver(self.hub)
        self.stopped: str | None = None
        self.trouble: list[str] = []
        self.judgement: Judgement | None = None
        self.statement: Statement | None = None
        self.partial: str | None = None
        """Why not all tests are run, where that is so."""
        self.only_statement = False
        """Whether the run is judged at its end only, and no report is made of it."""
        self.known = known
        self.baseline = baseline
        self._today = date.today()
        self._strict = strict
        self._started = now()
        self._watch = Watch()
        self._told: set[Outcome] = set()
        self.first_seen = FirstSeen()
        self._written: tuple[Record, Frame, Judgement] | None = None
        self.redactor = Redactor.from_profile(profile)
        self.shown_profile = self.redactor.profile(profile)

    def reset(self) -> None:
        """Begin again: nothing was said."""
        self.hub.reset()
        self.driver = _driver(self.hub)
        self._started = now()
        self._watch = Watch()
        self._told.clear()

    @property
    def written(self) -> Record:
        """What was said, as it was written; before the end of the run, nothing was."""
        return self._written[0] if self._written else Record(self.shown_profile, (), ())

    @property
    def seconds(self) -> float:
        """How long it has taken until now."""
        return now() - self._started

    @property
    def record(self) -> Record:
        """What was said until now."""
        journal = self.hub.journal
        return Record(self.profile, tuple(journal.closed()), tuple(journal.notes))

    def shown_record(self, test: str) -> Record:
        """What was said in a test, as it may be shown."""
        said = [self.redactor.exchange(one) for one in self.hub.journal.closed() if one.test == test]
        notes = [self.redactor.note(one) for one in self.hub.journal.notes if one.test == test]
        return Record(self.shown_profile, tuple(said), tuple(notes))

    def news(self, test: str | None = None) -> list[Outcome]:
        """The findings that were not told yet, as they may be told: of one test, or all."""
        if self.only_statement:
            return []
        record = self.record
        found = [
            one
            for one in self._watch.findings(record, valid(self.known, record.party, self._today))
            if one not in self._told and (test is None or one.test == test)
        ]
        self._told.update(found)
        if found:
            self._learn(record)
        return list(map(self.redactor.outcome, found))

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
        demands = catalogue(party_of(self.profile))
        for needed in (demands[one].needs for one in requirements if one in demands):
            if needed and not declared(self.profile, BY_NAME[needed]):
                return f"it needs {needed}, which the profile does not declare"
        if f"{operation}.sent-Error" in requirements:
            return (
                None
                if "Error" in self.profile.supports.eRoamingChargingNotifications
                else "Error is not declared"
            )
        return None

    def finish(self) -> Statement:
        """Judge all as it was said; save the run and write what is made of it, as it may be written."""
        record = self.record
        self._learn(record)
        self.trouble += self.hub.failures
        self.trouble += [f"redaction failed: {one}" for one in self.redactor.failures.values()]
        frame = Frame(
            seed=self.seed,
            strict=self._strict,
            started=self._started,
            finished=now(),
            stopped=self.stopped,
            trouble=tuple(self.trouble),
            known=tuple(self.known),
            today=self._today,
            partial=self.partial,
            limits=self.hub.budget.notes,
        )
        judgement = conclude(record, frame)
        return self._write(self.redactor.record(record), self.redactor.frame(frame), judgement)

    def search(self) -> list[str]:
        """Look for secrets of the profile in what was written: each that is found is trouble."""
        found = leaks(self.folder, self.redactor, since=self._started, but=self.profile.path)
        if found and self._written is not None:
            record, frame, judgement = self._written
            self._write(
                record,
                replace(frame, trouble=(*frame.trouble, *found)),
                replace(judgement, verdict="error", trouble=(*judgement.trouble, *found)),
            )
        return found

    def _write(self, record: Record, frame: Frame, judgement: Judgement) -> Statement:
        """Write what is redacted."""
        self._written = record, frame, judgement
        self.judgement = self.redactor.judgement(judgement)
        archive.save(self.folder, record, frame)
        result = state(
            self.judgement,
            frame,
            journal=archive.digest(self.folder / JOURNAL, record),
            advise=lambda row: advice(row, self.shown_profile),
        )
        if self.baseline is not None and not frame.partial:  # a part is no worse than the whole
            result = compared(self.baseline, result)
        self.statement = result
        archive.write_statement(self.folder, result)
        if listed := deviations.template(self.judgement, self._today):
            (self.folder / deviations.NAME).write_text(listed, encoding="utf-8")
        return result

    def _learn(self, record: Record) -> None:
        """What was said may be quoted: all of it is known before the first line is written."""
        for one in record.exchanges:
            self.redactor.exchange(one)
        for note in record.notes:
            self.redactor.note(note)
