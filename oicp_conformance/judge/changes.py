"""The differences between two statements: what is newly broken, newly fixed, newly inconclusive.

Requirements are compared by id and operation, findings by where they point to and the erratum that they rest
on: the numbers of exchanges and the values in messages differ from run to run.
"""

from collections.abc import Iterator, Mapping

from oicp_conformance.journal.cause import Cause
from oicp_conformance.judge.deviations import BAD, place
from oicp_conformance.judge.statement import (
    Baseline,
    Change,
    Changes,
    FindingPart,
    RequirementPart,
    Statement,
)

_Key = tuple[str, str, str | None, str | None]
_OBSERVED = {"pass", "warning", "fail"}
_RANK = {"pass": 0, "incomplete": 1, "fail": 2, "error": 3}


def compare(old: Statement, new: Statement) -> Changes:
    """Compare the statement of a run with one of an earlier run against a target of the same role."""
    before = {(row.id, row.operation): row for row in old.requirements}
    after = {(row.id, row.operation): row for row in new.requirements}
    failed_before, failed_after = dict(_failing(old)), dict(_failing(new))
    broken = [
        _change(row, finding)
        for key, (row, finding) in failed_after.items()
        if not finding.deviation and (key not in failed_before or failed_before[key][1].deviation)
    ]
    fixed = [
        _change(row, finding)
        for key, (row, finding) in failed_before.items()
        if key not in failed_after and _verdict(after, key[:2]) in _OBSERVED
    ]
    worse = list(_worse(old, new))
    if not broken and not worse and _RANK[new.verdict] > _RANK[old.verdict]:
        worse = [f"the verdict was {old.verdict} and is now {new.verdict}"]
    return Changes(
        baseline=Baseline(started=old.started, verdict=old.verdict, target=old.target, suite=old.suite),
        broken=broken,
        fixed=fixed,
        inconclusive=[
            _change(row, reason=row.reason or "not observed in this run")
            for key, row in after.items()
            if row.verdict == "inconclusive" and _is_judged(row) and _verdict(before, key) in _OBSERVED
        ],
        appeared=[
            _change(row, reason=row.verdict)
            for key, row in after.items()
            if _is_judged(row) and not _is_judged(before.get(key))
        ],
        dropped=[
            _change(row, reason=f"it was {row.verdict}")
            for key, row in before.items()
            if _is_judged(row) and not _is_judged(after.get(key))
        ],
        worse=worse,
    )


def compared(old: Statement, new: Statement) -> Statement:
    """The statement of a run with its differences from an earlier run, and since when each defect exists."""
    before = {(row.id, row.operation): row for row in old.requirements}
    rows = [
        row.model_copy(update={"since": _since(row, before.get((row.id, row.operation)), old, new)})
        for row in new.requirements
    ]
    return new.model_copy(update={"changes": compare(old, new), "requirements": rows})


def _since(
    row: RequirementPart, before: RequirementPart | None, old: Statement, new: Statement
) -> str | None:
    """The start of the first run in which a requirement was broken; None where it is not."""
    return (_known_since(before, old) or new.started) if row.findings else None


def _known_since(row: RequirementPart | None, of: Statement) -> str | None:
    return (row.since or of.started) if row is not None and row.findings else None


def history(since: str | None, compared: str) -> str:
    """Since when a requirement is broken, in words; `compared` is the start of the earlier run."""
    if since is None or since > compared:
        return f"new: it was not broken in the run of {_when(compared)}"
    return f"the run of {_when(since)}, or earlier"


def history_by(old: Statement, requirement: str, operation: str) -> str:
    """Since when a requirement is broken on an operation, in words, as an earlier run tells."""
    row = next((one for one in old.requirements if (one.id, one.operation) == (requirement, operation)), None)
    return history(_known_since(row, old), old.started)


def _when(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _failing(statement: Statement) -> Iterator[tuple[_Key, tuple[RequirementPart, FindingPart]]]:
    """The findings that make a requirement fail: of those alike, the first that is not a known deviation."""
    for row in statement.requirements:
        if row.verdict != "fail":
            continue
        found: dict[_Key, FindingPart] = {}
        # A row may fail without a finding in a statement that was not made by this suite.
        for one in row.findings or [FindingPart(message="", pointer=None, exchange=None, erratum=None)]:
            key = (row.id, row.operation, place(one.pointer), one.erratum)
            if (one.verdict == "fail" or statement.strict) and (key not in found or found[key].deviation):
                found[key] = one
        for key, one in found.items():
            yield key, (row, one)


def _verdict(rows: Mapping[tuple[str, str], RequirementPart], key: tuple[str, str]) -> str | None:
    return rows[key].verdict if key in rows else None


def _is_judged(row: RequirementPart | None) -> bool:
    # Earlier versions of the suite called what was not used inconclusive.
    return row is not None and row.verdict != "not-applicable" and row.cause is not Cause.NOT_SENT


def _change(row: RequirementPart, finding: FindingPart | None = None, reason: str = "") -> Change:
    return Change(
        requirement=row.id,
        operation=row.operation,
        level=row.level,
        clause=row.clause,
        pointer=place(finding.pointer) if finding else None,
        message=finding.message if finding else reason,
    )


def _worse(old: Statement, new: Statement) -> Iterator[str]:
    """What is worse with the run as a whole: it is not green, though no requirement was broken."""
    yield from (f"internal error of the suite: {one}" for one in new.trouble)
    if new.stopped:
        yield f"the run stopped early: {new.stopped}"
    for name in new.missing:
        if name not in old.missing:
            yield f"{name} is mandatory and was observed before, but not in this run"
    known = {(one.requirement, one.operation, one.pointer, one.test, one.state) for one in old.deviations}
    for position, one in enumerate(new.deviations, 1):
        key = (one.requirement, one.operation, one.pointer, one.test, one.state)
        if one.state in BAD and key not in known:
            yield f"known deviation {position} ({one.ticket}): {one.note}"
