"""Two runs side by side, as a page: what is newly broken, what is newly fixed, and the figures of both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oicp_conformance.judge.changes import compare
from oicp_conformance.judge.statement import Change, Changes, Statement
from oicp_conformance.reporting.broken import broken
from oicp_conformance.reporting.measured import times
from oicp_conformance.reporting.page import HTML


@dataclass(frozen=True)
class Figure:
    """One figure of both runs."""

    name: str
    old: str
    new: str
    is_measured: bool = False
    """Whether it is a time, which is another one in each run."""

    @property
    def differs(self) -> bool:
        """Whether it is not as it was, and that says something."""
        return self.old != self.new and not self.is_measured


def html(old: Statement, new: Statement) -> str:
    """The page; `old` is the earlier run, both are against targets of the same role."""
    changes = compare(old, new)
    template = HTML.get_template("comparison.html")
    return template.render(
        old=old, new=new, changes=changes, kinds=_kinds(changes), figures=list(_figures(old, new))
    )


def _kinds(changes: Changes) -> Sequence[tuple[str, str, Sequence[Change]]]:
    """What is not as it was: verdict word, heading, and the changes."""
    return (
        ("FAIL", "Newly broken", changes.broken),
        ("PASS", "Newly fixed", changes.fixed),
        ("INCONCLUSIVE", "Newly inconclusive", changes.inconclusive),
        ("NEW", "Newly judged", changes.appeared),
        ("GONE", "No longer judged", changes.dropped),
    )


def _figures(old: Statement, new: Statement) -> Iterator[Figure]:
    yield Figure("verdict", old.headline, new.headline)
    yield Figure("broken requirements", str(len(broken(old))), str(len(broken(new))))
    before, after = _counts(old), _counts(new)
    for name in after:
        yield Figure(f"requirements: {name.replace('-', ' ')}", str(before[name]), str(after[name]))
    yield Figure("exchanges", _exchanges(old), _exchanges(new))
    verdicts = {one.operation: one for one in old.operations}
    for one in new.operations:
        was = verdicts.get(one.operation)
        told = f"{was.verdict} ({was.exchanges})" if was else "–"
        yield Figure(one.operation, told, f"{one.verdict} ({one.exchanges})")
    times_before, times_after = _measured(old), _measured(new)
    for name in times_before | times_after:
        yield Figure(name, times_before.get(name, "–"), times_after.get(name, "–"), is_measured=True)
    yield Figure("version of the suite", old.suite.version, new.suite.version)
    yield Figure("version of the target", old.target.version or "–", new.target.version or "–")


def _counts(statement: Statement) -> dict[str, int]:
    """How many rows have which verdict; fields that were not used are counted separately."""
    counts: dict[str, int] = statement.summary.model_dump(by_alias=True)
    return counts | {"not-applicable": counts["not-applicable"] - counts["not-used"]}


def _measured(statement: Statement) -> dict[str, str]:
    """The times of each operation in seconds, median and 95th percentile."""
    return {
        f"{one.operation}: {words}": f"{spread.median:.3f}, {spread.p95:.3f}"
        for one in statement.operations
        if one.figures
        for words, spread in times(one.figures)
    }


def _exchanges(statement: Statement) -> str:
    return str(sum(one.exchanges for one in statement.operations))
