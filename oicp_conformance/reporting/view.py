"""What the statement page shows, worked out of a statement alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from oicp_conformance.judge.catalogue import Requirement, catalogue
from oicp_conformance.judge.deviations import BAD, place
from oicp_conformance.judge.statement import FindingPart, OperationPart, RequirementPart, Statement
from oicp_conformance.oicp.errata import ERRATA, Erratum
from oicp_conformance.oicp.operations import BY_NAME, Party

EXCHANGES = 5
"""How many exchanges are named of findings that are alike."""
NEVER_SENT = "it was never sent"


@dataclass(frozen=True)
class Alike:
    """Findings of one requirement that say the same of the same place."""

    first: FindingPart
    pointer: str | None
    count: int
    exchanges: Sequence[int]


@dataclass(frozen=True)
class Broken:
    """A requirement that was broken."""

    row: RequirementPart
    known: Requirement | None
    """The requirement in the catalogue of this suite, where it is there."""
    url: str | None
    findings: Sequence[Alike]

    @property
    def tickets(self) -> list[str]:
        """The tickets of the known deviations among its findings."""
        return sorted({one.first.deviation for one in self.findings if one.first.deviation})


@dataclass(frozen=True)
class Feature:
    """An optional feature."""

    name: str
    declared: str
    verdict: str


class View:
    """A statement, ready to be shown."""

    def __init__(self, statement: Statement) -> None:
        self.it = statement

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
        yield from (f"the suite's own trouble: {one}" for one in self.it.trouble)
        if self.it.stopped:
            yield f"the run stopped early: {self.it.stopped}"
        if failing:
            counted = Counter(one.row.level for one in self.failing)
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
            yield f"{_requirements(known)} broken that {'is' if known == 1 else 'are'} known: see below"
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

    def is_known(self, operation: str) -> bool:
        """Whether all that failed of an operation is known."""
        return operation in {one.row.operation for one in self.excused} - {
            one.row.operation for one in self.failing
        }

    def counts(self, operation: str) -> Mapping[str, int]:
        """How many requirements on an operation have which verdict."""
        return self._counts[operation]

    @cached_property
    def _counts(self) -> dict[str, Counter[str]]:
        counts: dict[str, Counter[str]] = {one.operation: Counter() for one in self.it.operations}
        for row in self.it.requirements:
            counts.setdefault(row.operation, Counter())[row.verdict] += 1
        return counts

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
    def _broken(self) -> list[Broken]:
        known = catalogue(self._party)
        return [
            Broken(
                row,
                known.get(row.id),
                known[row.id].url(self.it.target.role) if row.id in known else None,
                _alike(row.findings),
            )
            for row in self.it.requirements
            if row.findings or row.verdict == "fail"
        ]

    @property
    def _party(self) -> Party:
        if self.it.target.role == "cpo":
            return "cpo"
        return "emp-offline" if self.it.mode == "offline" else "emp-online"

    @property
    def failing(self) -> list[Broken]:
        """What makes the run fail."""
        return [one for one in self._broken if one.row.verdict == "fail" and not self._is_excused(one.row)]

    @property
    def excused(self) -> list[Broken]:
        """What failed, and is known."""
        return [one for one in self._broken if one.row.verdict == "fail" and self._is_excused(one.row)]

    @property
    def warned(self) -> list[Broken]:
        """What is a warning."""
        return [one for one in self._broken if one.row.verdict != "fail"]

    def _is_excused(self, row: RequirementPart) -> bool:
        failing = [one for one in row.findings if self.it.strict or one.verdict == "fail"]
        return bool(failing) and all(one.deviation for one in failing)

    @cached_property
    def inconclusive(self) -> list[tuple[str, str, list[str]]]:
        """What could not be observed: operation, reason, requirements."""
        found: dict[tuple[str, str], list[str]] = {}
        for row in self.it.requirements:
            if row.verdict == "inconclusive":
                found.setdefault((row.operation, row.reason or ""), []).append(row.id)
        return [(operation, reason, ids) for (operation, reason), ids in found.items()]

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


def _alike(findings: Sequence[FindingPart]) -> list[Alike]:
    found: dict[tuple[str | None, ...], list[FindingPart]] = {}
    for one in findings:
        # Messages have values in them that differ each time.
        key = (place(one.pointer), one.erratum, one.deviation, one.verdict)
        found.setdefault(key, []).append(one)
    return [
        Alike(
            alike[0],
            place(alike[0].pointer) if len(alike) > 1 else alike[0].pointer,
            len(alike),
            [one.exchange for one in alike if one.exchange is not None][:EXCHANGES],
        )
        for alike in found.values()
    ]
