"""From outcomes to verdicts: of each requirement, of each operation, of the run."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import chain
from typing import Literal

from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.notes import Unseen, Wait
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.causes import Causes
from oicp_conformance.judge.counted import counted, enough
from oicp_conformance.judge.deviations import BAD, Deviation, Settled, marked, settle, tests_named, valid
from oicp_conformance.judge.outcome import Outcome, Passes, Record, Verdict, passes_once
from oicp_conformance.judge.requirement import FINDS, JUDGES, RULES, Demand, Rule, graded
from oicp_conformance.judge.requirements.acceptance import NOT_OFFERED
from oicp_conformance.judge.requirements.identifications import PIN_IN_CLEAR
from oicp_conformance.judge.requirements.notification_types import SENT
from oicp_conformance.oicp.operations import BY_NAME, NOTIFICATION_TYPES, Operation, Party, of_party

RunVerdict = Literal["pass", "fail", "incomplete", "partial", "error"]
_FORBIDS = {PIN_IN_CLEAR.id: "Identification.QRCodeIdentification.HashedPIN"}
"""Fields that a message's table has, and that another MUST forbids: that requirement, and the field."""

_PASS = Verdict.PASS  # a look into an enumeration takes longer, and there are a million outcomes


@dataclass(frozen=True)
class Row:
    """One requirement on one operation."""

    requirement: Demand
    operation: str
    verdict: Verdict
    findings: Sequence[Outcome] = ()
    reason: str = ""
    """Why it is inconclusive or not applicable."""
    excused: bool = False
    """Whether it failed, and all that made it fail are known deviations."""
    cause: Cause | None = None
    """Which kind of reason it is, where it is inconclusive."""
    behind: str = ""
    """The id of the requirement that has to be repaired first, where one hides this one."""
    not_used: bool = False
    """Whether it is about an optional field that the target never sent: then it is not applicable."""


@dataclass(frozen=True)
class OperationVerdict:
    """One operation."""

    operation: Operation
    obligation: str
    direction: str
    declared: bool
    exchanges: int
    verdict: Verdict


@dataclass(frozen=True)
class Judgement:
    """The whole run."""

    record: Record
    rows: Sequence[Row]
    operations: Sequence[OperationVerdict]
    verdict: RunVerdict
    stopped: str | None = None
    """Why the run ended before its time."""
    trouble: Sequence[str] = field(default=())
    """The suite's own trouble."""
    strict: bool = False
    """Whether warnings count as fails."""
    missing: Sequence[str] = ()
    """The mandatory operations of which nothing could be judged: with one of them no run is green."""
    deviations: Sequence[Settled] = ()
    """What became of the known deviations."""

    @property
    def headline(self) -> str:
        """The verdict, and that it rests on known deviations where it does."""
        return headline(self.verdict, sum(one.state == "occurred" for one in self.deviations))

    @property
    def findings(self) -> list[Outcome]:
        """All that was broken."""
        return [finding for row in self.rows for finding in row.findings]

    @property
    def summary(self) -> dict[str, int]:
        """How many requirements have which verdict, and how many of the last are fields not used."""
        counts = Counter(row.verdict for row in self.rows)
        order = (Verdict.PASS, Verdict.FAIL, Verdict.WARNING, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE)
        not_used = sum(row.not_used for row in self.rows)
        return {verdict.value: counts[verdict] for verdict in order} | {"not-used": not_used}


def headline(verdict: str, known: int) -> str:
    """A run's verdict in words; `known` is how many known deviations occurred."""
    if verdict != "pass" or not known:
        return verdict
    return f"pass with {known} known deviation{'s' if known > 1 else ''}"


def as_known(verdict: str) -> str:
    """The word of a verdict that rests on known deviations only."""
    return f"{verdict} (known)"


KNOWN = as_known("pass")
"""The word for a pass with known deviations: such a target is not ready for certification."""


def word(headline: str) -> str:
    """Return the short form of a headline, without the number of known deviations."""
    verdict, _, more = headline.partition(" ")
    return KNOWN if verdict == "pass" and more else verdict


def outcomes(record: Record, deviations: Sequence[Deviation] = ()) -> list[Outcome]:
    """All that the rules say of a record; findings that are known deviations are marked.

    A target may send what only the other role sends: of that, nothing is required of it.
    """
    said = (one for rule in RULES for one in passes_once(_one_by_one(said_by(rule, record))))
    return counting(record, said, deviations)


def _one_by_one(said: Iterable[Outcome | Passes]) -> Iterator[Outcome]:
    return (one for some in said for one in (some if isinstance(some, Passes) else (some,)))


def _said(record: Record) -> Iterator[Outcome | Passes]:
    return chain.from_iterable(said_by(rule, record) for rule in RULES)


def said_by(rule: Rule, record: Record) -> Iterator[Outcome | Passes]:
    """What a rule says of a record, as far as it is required of the target."""
    known = required(rule, record.party)
    if known is None:
        return
    for outcome in rule(record):
        if isinstance(outcome, Passes):
            yield outcome.of(known)
        elif demand := known.get(outcome.requirement):
            yield outcome if outcome.verdict is _PASS else graded(outcome, demand)


def found_by(rule: Rule, record: Record) -> Iterator[Outcome]:
    """The findings among what a rule says of a record."""
    known = required(rule, record.party)
    return findings(FINDS.get(rule, rule)(record), known) if known is not None else iter(())


def findings(said: Iterable[Outcome | Passes], known: Mapping[str, Demand]) -> Iterator[Outcome]:
    """The findings among some outcomes, as far as they are about what is required."""
    for outcome in said:
        if outcome.verdict is _PASS or isinstance(outcome, Passes):
            continue
        if outcome.is_finding and (demand := known.get(outcome.requirement)):
            yield graded(outcome, demand)


@cache
def required(rule: Rule, party: Party) -> Mapping[str, Demand] | None:
    """What is required of a party; None where a rule judges nothing of that."""
    known, about = catalogue(party), JUDGES.get(rule)
    return None if about and not any(one in known for one in about) else known


def counting(record: Record, said: Iterable[Outcome], deviations: Sequence[Deviation]) -> list[Outcome]:
    """What counts of what was said; findings that are known deviations are marked."""
    found = counted(record, said)
    found = _told_once(record, found) if record.reduced else found
    return [marked(outcome, deviations) for outcome in found] if deviations else found


def _told_once(record: Record, found: list[Outcome]) -> list[Outcome]:
    """Without what is broken in a larger generated request just as in the smallest one."""
    told = {(one.exchange, one.requirement, one.operation) for one in found if one.is_finding}
    instead = {number: note.smallest for note in record.reduced for number in note.larger}
    return [
        one
        for one in found
        if not one.is_finding
        or not any(
            (number, one.requirement, one.operation) in told for number in instead.get(one.exchange or 0, ())
        )
    ]


def judge(
    record: Record,
    *,
    strict: bool = False,
    stopped: str | None = None,
    trouble: Iterable[str] = (),
    deviations: Sequence[Deviation] = (),
    today: date = date.min,
    partial: str | None = None,
) -> Judgement:
    """Judge all that was said in a run.

    `strict` turns warnings into fails. `stopped` says why the run ended early: it is never green then.
    `deviations` are those that are known, looked at as of `today`. `partial` says why not all that there is
    was tried: none of the deviations can be called stale then, and the run is at best partial. What it did
    try, and could not observe, makes it incomplete all the same.
    """
    known = valid(deviations, record.party, today)
    said = counting(record, enough(record, _said(record), tests_named(known)), known)
    by_row: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in said:
        by_row[outcome.requirement, outcome.operation].append(outcome)
    broken = {key for key, some in by_row.items() if any(outcome.is_finding for outcome in some)}
    rows = [
        _row(record, requirement, operation, by_row.get((requirement.id, operation.name), ()), strict=strict)
        for requirement, operation in _expected_rows(record, broken)
    ]
    trouble = tuple(trouble)
    untried = stopped or (trouble[0] if trouble else partial)
    settled = settle(deviations, said, party=record.party, today=today, partial=untried)
    # A known deviation must not hide that an operation was never seen to work.
    counted = [replace(row, verdict=Verdict.WARNING) if row.excused else row for row in rows]
    missing = _missing(_operations(record, counted))
    bad = any(row.verdict is Verdict.FAIL for row in counted) or any(one.state in BAD for one in settled)
    unseen = [one for one in missing if not partial or one in _tried(record)]
    verdict = _verdict(
        trouble=bool(trouble), bad=bad, incomplete=bool(unseen or stopped), partial=bool(partial)
    )
    operations = _operations(record, rows)
    rows = list(_explained(record, rows, by_row, operations, Causes(said, stopped=stopped is not None)))
    return Judgement(
        record, rows, operations, verdict, stopped, trouble, strict, tuple(missing), tuple(settled)
    )


def _verdict(*, trouble: bool, bad: bool, incomplete: bool, partial: bool) -> RunVerdict:
    """The worst of what is so."""
    if trouble:
        return "error"
    if bad:
        return "fail"
    if incomplete:
        return "incomplete"
    return "partial" if partial else "pass"


def _expected_rows(record: Record, broken: Set[tuple[str, str]]) -> list[tuple[Demand, Operation]]:
    """The requirements on each operation of this target, whatever was said, and those that were broken."""
    usual = _usual_rows(record.party)
    offered = {
        (NOT_OFFERED.id, operation.name)
        for operation in of_party(record.party)
        if operation.parts[record.party].obligation != "optional" or record.declared(operation)
    }
    rows = usual if usual.keys() >= broken else _all_rows(record.party)
    return [row for key, row in rows.items() if key in broken or (key in usual and key not in offered)]


_Rows = Mapping[tuple[str, str], tuple[Demand, Operation]]


@cache
def _all_rows(party: Party) -> _Rows:
    """Each requirement on each operation of a party, by their names, as they are ordered in a statement."""
    return {
        (requirement.id, operation.name): (requirement, operation)
        for operation in of_party(party)
        for requirement in catalogue(party).values()
    }


@cache
def _usual_rows(party: Party) -> _Rows:
    """Those of them that are in a statement whatever is found."""
    return {
        key: (requirement, operation)
        for key, (requirement, operation) in _all_rows(party).items()
        if requirement.is_judged_on(operation, party) and not _is_forbidden(party, requirement, operation)
    }


def _is_forbidden(party: Party, requirement: Demand, operation: Operation) -> bool:
    """Whether a field must not be sent, by another requirement on the operation: then none can pass."""
    if not requirement.is_field:
        return False
    known = catalogue(party)
    path = requirement.id.partition(".")[2]
    return any(
        f"{path}.".startswith(f"{field}.")
        and forbidding in known
        and known[forbidding].is_judged_on(operation, party)
        for forbidding, field in _FORBIDS.items()
    )


def _not_applicable(record: Record, requirement: Demand, operation: Operation) -> str | None:
    if not record.declared(operation):
        none = operation.parts[record.party].obligation == "none"
        if requirement.id == NOT_OFFERED.id:
            return None
        return "not required of this target" if none else "optional, and the profile does not declare it"
    if requirement.needs and not record.declared(BY_NAME[requirement.needs]):
        return f"it needs {requirement.needs}, which the profile does not declare"
    if reason := requirement.unless(record.profile):
        return reason
    if operation.name == "eRoamingChargingNotifications" and record.role == "cpo":
        undeclared = set(NOTIFICATION_TYPES) - set(record.profile.supports.eRoamingChargingNotifications)
        for kind in undeclared:
            of_kind = requirement.id.startswith(f"eRoamingChargingNotification{kind}.")
            if of_kind or requirement.id == SENT[kind].id:
                return f"the profile does not declare the type {kind}"
    return None


def _row(
    record: Record, requirement: Demand, operation: Operation, seen: Sequence[Outcome], *, strict: bool
) -> Row:
    findings = [outcome for outcome in seen if outcome.is_finding]
    verdicts = {outcome.verdict for outcome in seen}
    inapplicable = _not_applicable(record, requirement, operation)
    if Verdict.FAIL in verdicts or (strict and Verdict.WARNING in verdicts and not inapplicable):
        excused = all(one.deviation for one in findings if strict or one.verdict is Verdict.FAIL)
        return Row(requirement, operation.name, Verdict.FAIL, findings, excused=excused)
    if inapplicable:
        return Row(requirement, operation.name, Verdict.NOT_APPLICABLE, findings, inapplicable)
    if Verdict.WARNING in verdicts:
        return Row(requirement, operation.name, Verdict.WARNING, findings)
    if Verdict.PASS in verdicts:
        return Row(requirement, operation.name, Verdict.PASS)
    return Row(requirement, operation.name, Verdict.INCONCLUSIVE)


def _explained(
    record: Record,
    rows: Iterable[Row],
    said: Mapping[tuple[str, str], Sequence[Outcome]],
    operations: Iterable[OperationVerdict],
    causes: Causes,
) -> Iterator[Row]:
    """The rows, and of those that are inconclusive why."""
    by_name = {one.operation.name: one for one in operations}
    seen = {one.operation.alternatives for one in by_name.values() if _seen(one)}
    kinds = [one.request.get("Type") for one in record.of("eRoamingChargingNotifications")]
    for row in rows:
        if row.verdict is not Verdict.INCONCLUSIVE:
            yield row
            continue
        about = by_name[row.operation]
        why = causes.of(
            said.get((row.requirement.id, row.operation), ()),
            row.operation,
            is_field=row.requirement.is_field and not _is_of_another_type(row.requirement, kinds),
            is_silent=not (_seen(about) and about.exchanges),
        )
        dispensable = not _seen(about) and about.operation.alternatives in seen - {None}
        cause = Cause.ALTERNATIVE if dispensable else why.cause
        # About what was not sent nobody can do anything, and nobody needs to.
        not_used = cause is Cause.NOT_SENT
        verdict = Verdict.NOT_APPLICABLE if not_used else row.verdict
        yield Row(
            row.requirement,
            row.operation,
            verdict,
            reason=why.reason,
            cause=cause,
            behind=why.behind,
            not_used=not_used,
        )


def _is_of_another_type(requirement: Demand, kinds: Container[object]) -> bool:
    """Whether a field is one of a type of notification that did not come: it could not be used."""
    kind = requirement.id.partition(".")[0].removeprefix("eRoamingChargingNotification")
    return kind in NOTIFICATION_TYPES and kind not in kinds


def _operations(record: Record, rows: Iterable[Row]) -> list[OperationVerdict]:
    own: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        own[row.operation].append(row)
    return [_operation(record, operation, own[operation.name]) for operation in of_party(record.party)]


def _operation(record: Record, operation: Operation, own: Sequence[Row]) -> OperationVerdict:
    part = operation.parts[record.party]
    declared = record.declared(operation)
    exchanges = record.of(operation.name)
    verdicts = {row.verdict for row in own}
    verdict = Verdict.PASS
    if Verdict.FAIL in verdicts:
        verdict = Verdict.FAIL
    elif not declared:
        verdict = Verdict.NOT_APPLICABLE
    elif not any(one.by_target or one.status is not None for one in exchanges) or _never_worked(own):
        verdict = Verdict.INCONCLUSIVE
    elif Verdict.WARNING in verdicts:
        verdict = Verdict.WARNING
    return OperationVerdict(operation, part.obligation, part.direction, declared, len(exchanges), verdict)


def _never_worked(rows: Sequence[Row]) -> bool:
    return any(row.requirement.is_basic and row.verdict is Verdict.INCONCLUSIVE for row in rows)


def _seen(operation: OperationVerdict) -> bool:
    return operation.verdict is not Verdict.INCONCLUSIVE


def _missing(operations: Sequence[OperationVerdict]) -> list[str]:
    """The mandatory operations, or groups of which one suffices, that were not observed."""
    seen = {one.operation.alternatives or one.operation.name for one in operations if _seen(one)}
    needed = [
        one.operation.alternatives or one.operation.name
        for one in operations
        if one.obligation == "mandatory"
    ]
    return [one for one in dict.fromkeys(needed) if one not in seen]


def _tried(record: Record) -> set[str]:
    """The operations, or groups of which one suffices, that a run tried to observe."""
    names = {one.operation for one in record.exchanges if one.operation}
    names |= {one.operation for one in record.notes if isinstance(one, Unseen | Wait)}
    return {BY_NAME[name].alternatives or name for name in names}
