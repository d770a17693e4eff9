"""What a run found broken: each requirement once, the worst first. Every report begins with this list.

A pure function over a statement. With the journal beside it, a finding also has its message with the part
marked, and the chain of requests that repeats it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.changes import history
from oicp_conformance.judge.deviations import place
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.statement import FindingPart, RequirementPart, Statement
from oicp_conformance.oicp.operations import Party
from oicp_conformance.reporting.account import Evidence
from oicp_conformance.reporting.docs_site import page_of

Standing = Literal["fail", "known", "warning"]
WORDS = {"fail": "FAIL", "known": "KNOWN", "warning": "WARN"}
"""The verdict word that stands before a broken requirement."""
ORDER: Sequence[Standing] = ("fail", "warning", "known")
"""The worst first."""
_LEVELS = ("MUST", "SHOULD", "MAY")
PLACES = 10
"""Places and tests that are named of one requirement."""


@dataclass(frozen=True)
class Found:
    """One finding, with the operation on which it was made."""

    operation: str
    it: FindingPart


@dataclass(frozen=True)
class Alike:
    """Findings of one requirement at the same place."""

    first: Found
    pointer: str | None
    count: int
    exchanges: Sequence[int]


@dataclass(frozen=True)
class Broken:
    """One requirement that was broken, wherever that was."""

    number: int
    """Which one of the list it is; the first is 1. `show` and `replay` take it."""
    id: str
    standing: Standing
    level: str
    clause: str
    sentence: str
    """What OICP demands; empty where neither the statement nor this suite knows it."""
    url: str | None
    """Where that can be read; only this suite's own addresses are links."""
    page: str | None
    """Its page on the documentation site, where one is known."""
    findings: Sequence[Found]
    since: str | None = None
    """The start of the first run in which it was broken, as far as a baseline knows."""
    compared: str | None = None
    """The start of the run that is the baseline."""

    @property
    def word(self) -> str:
        """The verdict, as it stands before the requirement."""
        return WORDS[self.standing]

    @property
    def title(self) -> str:
        """Verdict, requirement, and the message of the first finding."""
        return f"{self.word} {self.id}: {self.message}"

    @property
    def message(self) -> str:
        """What the first finding says; empty where a statement has none."""
        return self.first.it.message if self.first else ""

    @property
    def first(self) -> Found | None:
        """The finding that is shown: the first that makes it what it is."""
        listed = [one for one in self.findings if one.it.verdict == "fail" and not one.it.deviation]
        return next(iter(listed or self.findings), None)

    @property
    def count(self) -> int:
        """How many findings there are."""
        return len(self.findings)

    @property
    def operations(self) -> Sequence[str]:
        """The operations on which it was broken."""
        return list(dict.fromkeys(one.operation for one in self.findings))

    @property
    def tests(self) -> Sequence[str]:
        """The tests in which it was broken; the first is the one in which it was seen first."""
        return list(dict.fromkeys(one.it.test for one in self.findings if one.it.test))

    @property
    def exchanges(self) -> Sequence[int]:
        """The exchanges in which it was broken."""
        return sorted({one.it.exchange for one in self.findings if one.it.exchange is not None})

    @property
    def tickets(self) -> Sequence[str]:
        """The tickets of the known deviations among the findings."""
        return sorted({one.it.deviation for one in self.findings if one.it.deviation})

    @property
    def often(self) -> str:
        """How often and where, in words."""
        said = [_counted(self.count, "finding")]
        said += [f"in {_counted(len(self.tests), 'test')}"] if self.tests else []
        said += [f"on {', '.join(self.operations)}"] if self.operations else []
        numbers = self.exchanges
        if len(numbers) == 1:
            said.append(f"(exchange {numbers[0]})")
        elif numbers:
            said.append(f"(first in exchange {numbers[0]}, last in exchange {numbers[-1]})")
        return " ".join(said)

    @property
    def history(self) -> str:
        """Since when it is broken; empty where there is no baseline."""
        return history(self.since, self.compared) if self.compared else ""

    @cached_property
    def alike(self) -> Sequence[Alike]:
        """The findings by place: messages have values in them that differ each time."""
        places: dict[tuple[str | None, ...], list[Found]] = defaultdict(list)
        for one in self.findings:
            it = one.it
            places[one.operation, place(it.pointer), it.erratum, it.deviation, it.verdict].append(one)
        return [
            Alike(
                found[0],
                place(found[0].it.pointer) if len(found) > 1 else found[0].it.pointer,
                len(found),
                [one.it.exchange for one in found if one.it.exchange is not None],
            )
            for found in places.values()
        ]

    def evidence(self, record: Record) -> Evidence | None:
        """The first finding with all that helps to understand it; None where nothing is known of it."""
        if self.first is None or self.id not in catalogue(record.party):
            return None
        return Evidence(outcome(self.id, self.first), record)

    def replay(self, run: str) -> str:
        """The command that repeats it; `run` is the folder of the run."""
        return f"oicp-conformance replay {run} {self.number}"


def broken(statement: Statement) -> list[Broken]:
    """What was broken, the worst first: what makes the run fail, then warnings, then what is known.

    Of what is equally bad, MUST comes before SHOULD; then what was found in more tests, which is what most
    of the others follow from; then what was found earlier.
    """
    known = catalogue(party_of(statement))
    rows: dict[tuple[str, Standing], list[RequirementPart]] = defaultdict(list)
    for row in statement.requirements:
        if row.findings or row.verdict == "fail":
            rows[row.id, _standing(row, strict=statement.strict)].append(row)
    made = [
        Broken(
            number=0,
            id=id_,
            standing=standing,
            level=own[0].level,
            clause=own[0].clause,
            sentence=own[0].sentence or (known[id_].sentence if id_ in known else ""),
            url=known[id_].url if id_ in known else None,
            page=page_of(id_),
            findings=_in_order(own),
            since=min((row.since for row in own if row.since), default=None),
            compared=statement.changes.baseline.started if statement.changes else None,
        )
        for (id_, standing), own in rows.items()
    ]
    made.sort(key=_badness)
    return [replace(one, number=number) for number, one in enumerate(made, 1)]


def only_known(found: Iterable[Broken], names: Callable[[Broken], Iterable[str]]) -> frozenset[str]:
    """Return what is broken only as a known deviation; `names` has the names of what each of them breaks."""
    named: dict[Standing, set[str]] = defaultdict(set)
    for one in found:
        named[one.standing].update(names(one))
    return frozenset(named["known"] - named["fail"])


def told(one: Broken, record: Record, run: str, *, chain: bool = True) -> Iterator[str]:
    """All that is known of a broken requirement, as lines of plain text; `run` is the folder of the run."""
    yield one.title
    yield f"  rule:     {one.sentence} ({one.level})" if one.sentence else f"  rule:     {one.level}"
    yield f"  clause:   {one.clause}" + (f" ({one.url})" if one.url else "")
    if one.page:
        yield f"  page:     {one.page}"
    yield f"  seen:     {one.often}"
    if one.tests:
        yield f"  test:     {one.tests[0]}"
    if one.history:
        yield f"  since:    {one.history}"
    if one.tickets:
        yield f"  known:    {', '.join(one.tickets)}"
    evidence = one.evidence(record)
    if evidence is None:
        return
    for name in ("where", "expected", "found"):
        value = evidence.where if name == "where" else getattr(evidence.it, name)
        if value:
            yield f"  {name + ':':<9} {value}"
    if evidence.marked:
        yield ""
        yield from (f"  {line}" for line in evidence.marked.split("\n"))
        yield ""
    yield f"  repeat:   {one.replay(run)}"
    if chain and evidence.again:
        yield ""
        yield from (f"  {line}" for line in evidence.again.split("\n"))


def outcome(requirement: str, found: Found) -> Outcome:
    """A finding of a statement, as the judge made it."""
    it = found.it
    return Outcome(
        requirement,
        found.operation,
        Verdict(it.verdict),
        it.message,
        it.exchange,
        it.pointer,
        it.expected,
        it.found,
        it.erratum,
        it.test,
        it.deviation,
    )


def party_of(statement: Statement) -> Party:
    """The target of a statement as the operation table knows it."""
    if statement.target.role == "cpo":
        return "cpo"
    return "emp-offline" if statement.mode == "offline" else "emp-online"


def _in_order(rows: Iterable[RequirementPart]) -> list[Found]:
    found = [Found(row.operation, one) for row in rows for one in row.findings]
    return sorted(found, key=lambda one: one.it.exchange or 10**9)


def _standing(row: RequirementPart, *, strict: bool) -> Standing:
    failing = [one for one in row.findings if strict or one.verdict == "fail"]
    if row.verdict == "fail" and not (failing and all(one.deviation for one in failing)):
        return "fail"
    return "known" if row.verdict == "fail" or all(one.deviation for one in row.findings) else "warning"


def _badness(one: Broken) -> tuple[int, int, int, int, str]:
    earliest = one.exchanges[0] if one.exchanges else 10**9
    level = _LEVELS.index(one.level)
    return ORDER.index(one.standing), level, -len(one.tests), earliest, one.id


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
