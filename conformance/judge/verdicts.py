"""From outcomes to verdicts: of each requirement, of each operation, of the run."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from conformance.judge import rules as _all_rules
from conformance.judge.outcome import RULES, Outcome, Record, Verdict
from conformance.oicp.operations import NOTIFICATION_TYPES, Operation, of_party
from conformance.oicp.requirements import Requirement, catalogue, operations_of

NOT_OBSERVED = "nothing was observed of it"
RunVerdict = Literal["pass", "fail", "incomplete", "error"]

_BASIC = {
    ("emp", "eRoamingAuthorizeStart"): "eRoamingAuthorizeStart.accepted",
    ("emp", "eRoamingAuthorizeStop"): "eRoamingAuthorizeStop.own-medium",
}
"""The requirement without which nothing is known of an operation that the target answers."""


@dataclass(frozen=True)
class Row:
    """One requirement on one operation."""

    requirement: Requirement
    operation: str
    verdict: Verdict
    findings: Sequence[Outcome] = ()
    reason: str = ""
    """Why it is inconclusive or not applicable."""


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

    @property
    def findings(self) -> list[Outcome]:
        """All that was broken."""
        return [finding for row in self.rows for finding in row.findings]

    @property
    def summary(self) -> dict[str, int]:
        """How many requirements have which verdict."""
        counts = Counter(row.verdict for row in self.rows)
        order = (Verdict.PASS, Verdict.FAIL, Verdict.WARNING, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE)
        return {verdict.value: counts[verdict] for verdict in order}


def outcomes(record: Record) -> list[Outcome]:
    """All that the rules say of a record.

    A target may send what only the other role sends: of that, nothing is required of it.
    """
    assert _all_rules.__all__
    known = catalogue(record.party)
    found = [outcome for rule in RULES for outcome in rule(record) if outcome.requirement in known]
    return _told_once(record, found) if record.reduced else found


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
    record: Record, *, strict: bool = False, stopped: str | None = None, trouble: Iterable[str] = ()
) -> Judgement:
    """Judge all that was said in a run.

    `strict` turns warnings into fails. `stopped` says why the run ended early: it is never green then.
    """
    by_row: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes(record):
        by_row[outcome.requirement, outcome.operation].append(outcome)
    rows = [
        _row(record, requirement, operation, by_row[requirement.id, operation.name], strict=strict)
        for operation in of_party(record.party)
        for requirement in catalogue(record.party).values()
        if _has_row(record, requirement, operation, by_row[requirement.id, operation.name])
    ]
    operations = [_operation(record, operation, rows) for operation in of_party(record.party)]
    trouble = tuple(trouble)
    return Judgement(
        record, rows, operations, _run(rows, operations, stopped=stopped, trouble=trouble), stopped, trouble
    )


def _has_row(record: Record, requirement: Requirement, operation: Operation, seen: Sequence[Outcome]) -> bool:
    """Whether a requirement is one on this operation, or was found broken on it all the same."""
    if any(outcome.is_finding for outcome in seen):
        return True
    if operation.name not in operations_of(requirement, record.party):
        return False
    optional = operation.parts[record.party].obligation == "optional"
    return requirement.id != "optional.not-offered" or (optional and not record.declared(operation))


def _not_applicable(record: Record, requirement: Requirement, operation: Operation) -> str | None:
    if not record.declared(operation):
        none = operation.parts[record.party].obligation == "none"
        if requirement.id == "optional.not-offered":
            return None
        return "not required of this target" if none else "optional, and the profile does not declare it"
    if operation.name == "eRoamingChargingNotifications" and record.role == "cpo":
        undeclared = set(NOTIFICATION_TYPES) - set(record.profile.supports.eRoamingChargingNotifications)
        for kind in undeclared:
            if requirement.id.startswith(f"eRoamingChargingNotification{kind}.") or requirement.id.endswith(
                f".sent-{kind}"
            ):
                return f"the profile does not declare the type {kind}"
    return None


def _row(
    record: Record, requirement: Requirement, operation: Operation, seen: list[Outcome], *, strict: bool
) -> Row:
    findings = [outcome for outcome in seen if outcome.is_finding]
    verdicts = {outcome.verdict for outcome in seen}
    inapplicable = _not_applicable(record, requirement, operation)
    if Verdict.FAIL in verdicts or (strict and Verdict.WARNING in verdicts and not inapplicable):
        return Row(requirement, operation.name, Verdict.FAIL, findings)
    if inapplicable:
        return Row(requirement, operation.name, Verdict.NOT_APPLICABLE, findings, inapplicable)
    if Verdict.WARNING in verdicts:
        return Row(requirement, operation.name, Verdict.WARNING, findings)
    if Verdict.PASS in verdicts:
        return Row(requirement, operation.name, Verdict.PASS)
    reasons = [outcome.message for outcome in seen if outcome.message]
    unseen = "it was never sent" if requirement.field else NOT_OBSERVED
    return Row(requirement, operation.name, Verdict.INCONCLUSIVE, reason=reasons[-1] if reasons else unseen)


def _operation(record: Record, operation: Operation, rows: Sequence[Row]) -> OperationVerdict:
    part = operation.parts[record.party]
    declared = record.declared(operation)
    exchanges = record.of(operation.name)
    own = [row for row in rows if row.operation == operation.name]
    verdicts = {row.verdict for row in own}
    verdict = Verdict.PASS
    if Verdict.FAIL in verdicts:
        verdict = Verdict.FAIL
    elif not declared:
        verdict = Verdict.NOT_APPLICABLE
    elif not any(one.by_target or one.status is not None for one in exchanges) or _never_worked(
        record, operation, own
    ):
        verdict = Verdict.INCONCLUSIVE
    elif Verdict.WARNING in verdicts:
        verdict = Verdict.WARNING
    return OperationVerdict(operation, part.obligation, part.direction, declared, len(exchanges), verdict)


def _never_worked(record: Record, operation: Operation, rows: Sequence[Row]) -> bool:
    basic = _BASIC.get((record.role, operation.name), "request.valid")
    return any(row.requirement.id == basic and row.verdict is Verdict.INCONCLUSIVE for row in rows)


def _run(
    rows: Sequence[Row],
    operations: Sequence[OperationVerdict],
    *,
    stopped: str | None,
    trouble: Sequence[str],
) -> RunVerdict:
    if trouble:
        return "error"
    if any(row.verdict is Verdict.FAIL for row in rows):
        return "fail"
    seen = {one.operation.alternatives or one.operation.name for one in operations if _seen(one)}
    needed = {
        one.operation.alternatives or one.operation.name
        for one in operations
        if one.obligation == "mandatory"
    }
    return "incomplete" if needed - seen or stopped else "pass"


def _seen(operation: OperationVerdict) -> bool:
    return operation.verdict is not Verdict.INCONCLUSIVE
