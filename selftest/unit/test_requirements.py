"""Every rule on journals written by hand: one that holds, one that breaks it, one that cannot say."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from fixtures.faults import Fault, every
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.requirement import Demand
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.judge.watch import Watch
from oicp_conformance.oicp.operations import Party
from selftest.unit.journals import a_cpo, an_emp
from selftest.unit.requirements import (
    answers,
    authorization,
    cdr,
    fair,
    fields,
    forms,
    further_pushes,
    further_records,
    further_requests,
    further_sessions,
    http,
    hub_requests,
    notifications,
    outages,
    practice,
    pricing,
    pulls,
    push,
    sessions,
    stations,
    trust,
    waits,
)
from selftest.unit.requirements.row import Broken, Never, Row, Talk, Target
from selftest.unit.wording import spelled_by_python


def of_fault(fault: Fault) -> Iterator[Row]:
    """The rows of a requirement whose journals stand beside its fault."""
    if given := fault.journals:
        for role in fault.roles:
            journal = a_cpo if role == "cpo" else an_emp
            finding = Broken(given.breaks, given.pointer, given.says)
            yield Row(journal, fault.breaks, given.holds, finding, given.unclear)


ROWS: tuple[Row, ...] = (
    *http.ROWS,
    *answers.ROWS,
    *hub_requests.ROWS,
    *sessions.ROWS,
    *authorization.ROWS,
    *cdr.ROWS,
    *notifications.ROWS,
    *outages.ROWS,
    *forms.ROWS,
    *push.ROWS,
    *practice.ROWS,
    *trust.ROWS,
    *pricing.ROWS,
    *pulls.ROWS,
    *stations.ROWS,
    *waits.ROWS,
    *(row for fault in every(kind="fault") for row in of_fault(fault)),
)
FURTHER = {
    **further_pushes.FURTHER,
    **further_records.FURTHER,
    **further_requests.FURTHER,
    **further_sessions.FURTHER,
    **stations.FURTHER,
    **trust.FURTHER,
}
FAIR = {**fair.FAIR, **stations.FAIR, **trust.FAIR}


@dataclass(frozen=True)
class Judged:
    """A requirement, and what the rules say about a journal."""

    requirement: Demand
    record: Record
    said: list[Outcome]

    @property
    def own(self) -> list[Outcome]:
        """What they say of the requirement."""
        return [one for one in self.said if one.requirement == self.requirement.id]

    @property
    def broken(self) -> set[str]:
        """The requirements that were broken."""
        return {one.requirement for one in self.said if one.is_finding}

    def verdict(self, finding: Outcome) -> Verdict:
        """What a finding must be: that follows from the level, unless an erratum says otherwise."""
        if finding.erratum:
            return finding.verdict
        return Verdict.FAIL if self.requirement.level == "MUST" else Verdict.WARNING


def judged(target: Target, requirement: str, talk: Talk) -> Judged:
    """Judge what is said: the only place where an id becomes a requirement."""
    journal = target()
    talk(journal)
    assert journal.exchanges or journal.notes
    record = journal.record
    said = outcomes(record)
    assert set(watched(record)) == set(heard_late(record)) == {one for one in said if one.is_finding}
    return Judged(catalogue(record.party)[requirement], record, said)


def watched(record: Record) -> list[Outcome]:
    """What is found by who watches the run, and judges after each exchange."""
    watch, found = Watch(), list[Outcome]()
    for end in range(1, len(record.exchanges) + 1):
        found = watch.findings(replace(record, exchanges=record.exchanges[:end]))
    return watch.findings(record) if not record.exchanges else found


def heard_late(record: Record) -> list[Outcome]:
    """What is found by who gets the notes one by one, when all exchanges have been judged without them."""
    watch = Watch()
    for end in range(len(record.notes)):
        watch.findings(replace(record, notes=record.notes[:end]))
    return watch.findings(record)


def name_of(row: Row) -> str:
    return f"{row.journal().profile.target.role} {row.requirement}"


def pairs(kind: str) -> list[Any]:
    """The rows that have such a journal."""
    rows = [(name_of(row), row) for row in ROWS]
    rows += [(f"a field that is {way}", row) for way, row in fields.WAYS.items()]
    given = [(name, row, getattr(row, kind)) for name, row in rows]
    return [pytest.param(row, one, id=name) for name, row, one in given if not isinstance(one, Never)]


@pytest.mark.parametrize(("row", "talk"), pairs("holds"))
def test_holds(row: Row, talk: Talk) -> None:
    it = judged(row.journal, row.requirement, talk)
    assert not any(one.is_finding for one in it.own)
    assert not it.broken
    held = [one for one in it.own if one.verdict is Verdict.PASS]
    assert held
    assert {one.operation for one in held} <= set(it.requirement.operations(it.record.party))


def is_found(target: Target, requirement: str, breaks: Broken) -> None:
    it = judged(target, requirement, breaks.talk)
    assert it.broken == {requirement, *breaks.also}
    finding = next(one for one in it.own if one.is_finding)
    assert finding.verdict is (Verdict.WARNING if breaks.warns else it.verdict(finding))
    assert finding.pointer == breaks.pointer
    assert finding.operation in it.requirement.operations(it.record.party)
    assert finding.message
    told = f"{finding.message}; expected {finding.expected}; found {finding.found}"
    assert all(figure in told for figure in breaks.says), told
    assert not spelled_by_python(finding), told


@pytest.mark.parametrize(("row", "breaks"), pairs("breaks"))
def test_breaks(row: Row, breaks: Broken) -> None:
    is_found(row.journal, row.requirement, breaks)


@pytest.mark.parametrize("what", FURTHER)
def test_breaks_in_another_way(what: str) -> None:
    is_found(*FURTHER[what])


@pytest.mark.parametrize("what", FAIR)
def test_accuses_nobody(what: str) -> None:
    target, talk = FAIR[what]
    assert judged(target, "http.json", talk).broken == set()


@pytest.mark.parametrize(("row", "talk"), pairs("unclear"))
def test_cannot_say(row: Row, talk: Talk) -> None:
    it = judged(row.journal, row.requirement, talk)
    assert all(one.verdict is Verdict.INCONCLUSIVE for one in it.own), it.own


@pytest.mark.parametrize("party", ["cpo", "emp-online"])
def test_every_rule_has_its_row(party: Party) -> None:
    known = {one.id for one in catalogue(party).values() if not one.is_field}
    rows = Counter(row.requirement for row in ROWS if row.journal().profile.target.role == party[:3])
    assert rows.keys() == known
    assert not [name for name, count in rows.items() if count > 1]
    assert {one.id for one in catalogue("emp-offline").values()} == set(catalogue("emp-online"))


def test_what_there_never_is_says_why() -> None:
    given = [one for row in ROWS for one in (row.holds, row.breaks, row.unclear)]
    assert all(len(one.why.split()) > 5 for one in given if isinstance(one, Never))
