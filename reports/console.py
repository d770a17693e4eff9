"""What a run says at its end on the terminal."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.judge.outcome import Verdict
from conformance.judge.verdicts import NOT_OBSERVED, Judgement
from reports.render import RenderError, render

_COLOURS = {"pass": "green", "fail": "red", "warning": "yellow", "inconclusive": "yellow"}


def summary(reporter: pytest.TerminalReporter, judgement: Judgement, folder: Path) -> None:
    """Print the operations, what failed, what could not be seen, the verdict, and where the files are."""
    _operations(reporter, judgement)
    _findings(reporter, judgement)
    _unseen(reporter, judgement)
    record = judgement.record
    for line in judgement.trouble:
        reporter.write_line(f"the suite's own trouble: {line}", red=True)
    if judgement.stopped:
        reporter.write_line(f"the run stopped early: {judgement.stopped}", red=True)
    counts = ", ".join(f"{count} {name}" for name, count in judgement.summary.items() if count)
    reporter.write_line(f"requirements: {counts}")
    good = judgement.verdict == "pass"
    reporter.write_line(
        f"VERDICT of {record.profile.target.name} ({record.role.upper()}): {judgement.verdict}",
        bold=True,
        green=good,
        red=not good,
    )
    for name in ("conformance.json", "journal.jsonl", "junit.xml"):
        if (folder / name).exists():
            reporter.write_line(f"  {folder / name}")


def leaked(reporter: pytest.TerminalReporter, found: Sequence[str]) -> None:
    """Say which secrets turned up in what was written, and that the run is an error for that."""
    for one in found:
        reporter.write_line(f"the suite's own trouble: {one}", red=True)
    reporter.write_line("VERDICT: error: do not pass these files on", red=True, bold=True)


def _operations(reporter: pytest.TerminalReporter, judgement: Judgement) -> None:
    reporter.section("operations")
    for one in judgement.operations:
        colour = _COLOURS.get(one.verdict.value)
        need = one.obligation if one.obligation != "none" else "not required"
        reporter.write(f"{one.operation.name:<36} {need:<13} {one.exchanges:>4} exchanges  ")
        reporter.write_line(one.verdict.value, **({colour: True} if colour else {}))


def _findings(reporter: pytest.TerminalReporter, judgement: Judgement) -> None:
    rows = [row for row in judgement.rows if row.findings]
    if not rows:
        return
    reporter.section("findings")
    for row in rows:
        first = row.findings[0]
        more = f" (and {len(row.findings) - 1} more)" if len(row.findings) > 1 else ""
        colour = _COLOURS.get(row.verdict.value, "yellow")
        reporter.write_line(f"{row.verdict.value} {row.requirement.id} [{row.operation}]", **{colour: True})
        reporter.write_line(f"  {row.requirement.clause(judgement.record.role)}: {row.requirement.text}")
        where = f" at {first.pointer}" if first.pointer else ""
        reporter.write_line(f"  exchange {first.exchange}{where}: {first.message}{more}")
        if first.expected or first.found:
            reporter.write_line(f"  expected {first.expected or '-'}; found {first.found or '-'}")


def _unseen(reporter: pytest.TerminalReporter, judgement: Judgement) -> None:
    unseen = [row for row in judgement.rows if row.verdict is Verdict.INCONCLUSIVE]
    if not unseen:
        return
    reporter.section("inconclusive")
    silent = {one.operation.name for one in judgement.operations if one.verdict is Verdict.INCONCLUSIVE}
    for name in sorted(silent):
        reasons = [row.reason for row in unseen if row.operation == name and not row.requirement.field]
        told_reason = next((one for one in reasons if one != NOT_OBSERVED), NOT_OBSERVED)
        reporter.write_line(f"{name}, as a whole: {told_reason}")
    told = [row for row in unseen if not row.requirement.field and row.operation not in silent]
    for row in told:
        reporter.write_line(f"{row.requirement.id} [{row.operation}]: {row.reason}")
    unseen = [row for row in unseen if row.operation not in silent]
    if fields := len(unseen) - len(told):
        reporter.write_line(f"and {fields} fields that the target never sent")


def rendered(
    reporter: pytest.TerminalReporter, results: Sequence[Path], folder: Path, judgement: Judgement
) -> None:
    """Render the report; that it cannot be rendered is said, and changes nothing else."""
    title = f"{judgement.record.profile.target.name}: {judgement.verdict}"
    try:
        report = render(results, folder / "report.html", title=title)
    except RenderError as error:
        reporter.write_line(f"report.html was not rendered: {error}", yellow=True)
    else:
        reporter.write_line(f"  {report}")
