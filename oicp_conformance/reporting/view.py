"""What the statement page shows, worked out of a statement alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from oicp_conformance.judge.deviations import BAD
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.statement import OperationPart, RequirementPart, Statement
from oicp_conformance.judge.verdicts import as_known
from oicp_conformance.oicp.errata import ERRATA, Erratum
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.reporting import guard
from oicp_conformance.reporting.account import Evidence
from oicp_conformance.reporting.broken import Broken, broken, only_known, outcome
from oicp_conformance.reporting.diagram import blank, diagram
from oicp_conformance.reporting.measured import measured
from oicp_conformance.reporting.session_table import SessionTable, session_table

DIAGRAMS = 20
"""Broken requirements that are shown with message, diagram and commands."""


@dataclass(frozen=True)
class Feature:
    """An optional feature."""

    name: str
    declared: str
    verdict: str


@dataclass(frozen=True)
class Open:
    """Inconclusive requirements about which the same has to be done."""

    advice: str
    rows: Sequence[tuple[str, str, Sequence[str]]]
    """Operation, reason, and requirements."""


@dataclass(frozen=True)
class Shown:
    """A broken requirement, and what the journal tells of its first finding."""

    it: Broken
    record: Record | None
    run: str

    @cached_property
    def evidence(self) -> Evidence | None:
        """The finding with its message; None where there is no journal."""
        return self.it.evidence(self.record) if self.record else None

    @property
    def replay(self) -> str:
        """The command that repeats it."""
        return self.it.replay(self.run)

    @property
    def picture(self) -> Markup:
        """What led to the finding, as a sequence diagram; empty where nothing is known of it."""
        evidence = self.evidence
        if evidence is None or not evidence.chain:
            return Markup("")
        numbers = {one.number for one in evidence.chain}
        findings = [
            outcome(self.it.id, one)
            for one in self.it.findings
            if one.it.exchange in numbers and not one.it.deviation
        ]
        notes = [one for one in evidence.record.waits if one.came in numbers]
        name = evidence.record.profile.target.name
        # Its text is escaped where it is drawn, and all else in it is ours.
        drawn = guard.guarded(
            "the sequence diagram",
            lambda: diagram(evidence.chain, findings, notes, target_name=name),
            lambda note: blank(note, name),
        )
        return Markup(drawn)  # noqa: S704


class View:
    """A statement, ready to be shown; with what was said in the run, where the journal lies beside it."""

    def __init__(self, statement: Statement, record: Record | None = None, run: str = "RUN") -> None:
        self.it = statement
        self._record = record
        self._run = run

    @property
    def has_journal(self) -> bool:
        """Whether it is known what was said in the run."""
        return self._record is not None

    @property
    def contents(self) -> list[tuple[str, str, bool]]:
        """The parts of the page: anchor, name, and whether it is there."""
        return [
            ("broken", "Broken requirements", bool(self.broken)),
            ("run", "The run", True),
            ("operations", "Operations", True),
            ("figures", "Measured figures", bool(self.figures)),
            ("sessions", "Whole sessions", bool(self.it.sessions)),
            ("features", "Optional features", bool(self.features)),
            ("deviations", "Known deviations", bool(self.it.deviations)),
            ("changes", "Compared with an earlier run", self.it.changes is not None),
            ("inconclusive", "Inconclusive, and what to do", bool(self.inconclusive)),
            ("errata", "Contradictions of the documents", bool(self.errata)),
            ("requirements", "All requirements", True),
        ]

    @property
    def tone(self) -> str:
        """How the verdict is to look."""
        if self.it.verdict == "pass":
            return "pass" if self.it.headline == "pass" else "warning"
        return "inconclusive" if self.it.verdict in {"incomplete", "partial"} else "fail"

    @property
    def why(self) -> Iterator[str]:
        """Why the verdict is what it is, for somebody who has ten seconds."""
        failing, known = len(self.failing), len(self.excused)
        yield from (f"internal error of the suite: {one}" for one in self.it.trouble)
        if self.it.stopped:
            yield f"the run stopped early: {self.it.stopped}"
        if failing:
            counted = Counter(one.it.level for one in self.failing)
            levels = ", ".join(f"{counted[level]} {level}" for level in ("MUST", "SHOULD") if counted[level])
            yield f"{_requirements(failing)} broken ({levels})"
        for position, one in enumerate(self.it.deviations, 1):
            if one.state in BAD:
                yield f"known deviation {position} ({one.ticket}): {one.note}"
        if self.it.verdict != "partial":  # what was left out on purpose is one line, not twenty
            yield from (f"{name} is mandatory, and was not observed" for name in self.it.missing)
        if self.it.verdict == "partial":
            yield "nothing was broken in the tests that were run; this is not a verdict on the target"
        if known:
            yield f"{_requirements(known)} broken as a known deviation: see below"
        if self.it.verdict == "pass" and not known:
            yield "no MUST was broken, and every mandatory operation was observed"

    @cached_property
    def groups(self) -> list[tuple[str, list[OperationPart]]]:
        """The operations by obligation."""
        of: dict[str, list[OperationPart]] = {
            "Mandatory (core)": [],
            "Optional, declared": [],
            "Optional, not declared": [],
            "Not required of this target": [],
        }
        for one in self.it.operations:
            optional = "Optional, declared" if one.declared else "Optional, not declared"
            names = {"mandatory": "Mandatory (core)", "optional": optional}
            of[names.get(one.obligation, "Not required of this target")].append(one)
        return [(name, found) for name, found in of.items() if found]

    @property
    def figures(self) -> list[tuple[str, str]]:
        """Each operation that was measured, with its figures in words."""
        return list(measured(self.it))

    def counts(self, operation: str) -> Mapping[str, int]:
        """How many requirements on an operation have which verdict."""
        return self._counts[operation]

    @cached_property
    def _counts(self) -> dict[str, Counter[str]]:
        counts: dict[str, Counter[str]] = {one.operation: Counter() for one in self.it.operations}
        for row in self.it.requirements:
            verdict = "not-used" if row.not_used else row.verdict
            counts.setdefault(row.operation, Counter())[verdict] += 1
        return counts

    @cached_property
    def sessions(self) -> SessionTable:
        """How sessions began and ended, and with which verdicts."""
        return session_table(self.it)

    @property
    def core(self) -> str:
        """How much of what is mandatory is supported."""
        mandatory = [one for one in self.it.operations if one.obligation == "mandatory"]
        good = sum(one.verdict in {"pass", "warning"} for one in mandatory)
        return f"{good} of {len(mandatory)} mandatory operations pass"

    @cached_property
    def features(self) -> list[Feature]:
        """The optional features, whether they are declared, and what became of them."""
        features = []
        for name, declared in self.it.supports.items():
            verdicts = [
                one.verdict
                for one in self.it.operations
                if one.operation in BY_NAME and BY_NAME[one.operation].supports == name
            ]
            said = ", ".join(declared) if isinstance(declared, list) else "yes" if declared else ""
            worst = next((one for one in ("fail", "inconclusive", "warning", "pass") if one in verdicts), "")
            features.append(Feature(name, said or "no", worst if said else "not-applicable"))
        return features

    @cached_property
    def broken(self) -> list[Shown]:
        """What was broken, the worst first, each with what the journal tells of it."""
        return [
            Shown(one, self._record if one.number <= DIAGRAMS else None, self._run) for one in broken(self.it)
        ]

    @property
    def failing(self) -> list[Shown]:
        """What makes the run fail."""
        return [one for one in self.broken if one.it.standing == "fail"]

    @property
    def excused(self) -> list[Shown]:
        """What failed, and is known."""
        return [one for one in self.broken if one.it.standing == "known"]

    @property
    def warned(self) -> list[Shown]:
        """What is a warning."""
        return [one for one in self.broken if one.it.standing == "warning"]

    def word(self, operation: OperationPart) -> str:
        """The verdict of an operation, and whether all that failed of it is known."""
        is_known = operation.verdict == "fail" and operation.operation in self._known
        return as_known(operation.verdict) if is_known else operation.verdict

    @cached_property
    def _known(self) -> frozenset[str]:
        return only_known([one.it for one in self.broken], lambda one: one.operations)

    @cached_property
    def inconclusive(self) -> list[Open]:
        """What could not be judged: by what to do about it, then by operation."""
        found: dict[str, dict[tuple[str, str], list[str]]] = {}
        for row in self.it.requirements:
            if row.verdict == "inconclusive":
                own = found.setdefault(row.advice or "", {})
                own.setdefault((row.operation, row.reason or ""), []).append(row.id)
        return [
            Open(advice, [(operation, reason, ids) for (operation, reason), ids in own.items()])
            for advice, own in found.items()
        ]

    @property
    def to_do(self) -> list[str]:
        """What to do first about the mandatory operations that were not observed, each advice once."""
        missing = {name for group in self.it.missing for name in group.split(" or ")}
        return [
            one.advice
            for one in self.inconclusive
            if one.advice and any(operation in missing for operation, _, _ in one.rows)
        ][:3]

    @property
    def counted(self) -> list[tuple[str, int]]:
        """How many requirements have which verdict; fields that were not used stand apart."""
        summary = self.it.summary
        counts = summary.model_dump(by_alias=True)
        counts["not-applicable"] -= summary.not_used
        return [(name.replace("-", " "), count) for name, count in counts.items() if count]

    @cached_property
    def errata(self) -> list[tuple[str, Erratum | None, list[str]]]:
        """The contradictions of the documents that findings rest on."""
        resting: dict[str, set[str]] = {}
        for row in self.it.requirements:
            for one in row.findings:
                if one.erratum:
                    resting.setdefault(one.erratum, set()).add(row.id)
        return [(name, ERRATA.get(name), sorted(ids)) for name, ids in sorted(resting.items())]

    @cached_property
    def by_operation(self) -> list[tuple[str, list[tuple[str, list[tuple[RequirementPart, str]]]]]]:
        """All requirements by operation, and by what their ids begin with; each with the rest of its id."""
        found: dict[str, dict[str, list[tuple[RequirementPart, str]]]] = {}
        for row in self.it.requirements:
            prefix, _, rest = row.id.partition(".")
            found.setdefault(row.operation, {}).setdefault(prefix, []).append((row, rest))
        return [(operation, list(of.items())) for operation, of in found.items()]


def _requirements(count: int) -> str:
    return f"{count} requirement{'' if count == 1 else 's'}"
