"""What a run says at its beginning and at its end on the terminal."""

import platform
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from oicp_conformance.journal.cause import Cause
from oicp_conformance.judge.advice import Group, groups, hub_url, on_silence, on_stop
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.judge.statement import suite_version
from oicp_conformance.judge.verdicts import Judgement, OperationVerdict, Row
from oicp_conformance.profile import Profile
from oicp_conformance.reporting import runs
from oicp_conformance.reporting.progress import COLOURS, evidence, in_exchanges
from oicp_conformance.reporting.render import RenderError, render
from oicp_conformance.reporting.terminal import Terminal

_FILES = ("conformance.json", "journal.jsonl", "junit.xml")
_COLUMNS = "pass", "fail", "warn", "open"
_MANY = 6
"""Requirements of an operation that are listed by their ids; of more, only how many they are."""


def header(terminal: Terminal, profile: Profile, *, seed: int, folder: Path) -> None:
    """Say who is judged, where the hub is, and what helps to do it again."""
    target, stimuli = profile.target, profile.stimuli
    version = f" {target.version}" if target.version else ""
    where = stimuli.shim
    terminal.section(f"oicp-conformance {suite_version()}, OICP 2.3")
    terminal.field("target", f"{target.name}{version} ({target.role.upper()}) at {target.base_url}", "")
    terminal.field("hub", f"{hub_url(profile)} (this is Hubject to your backend)", "")
    how = f"{stimuli.driver}{f' ({where})' if where else ''}, a call is waited for {stimuli.wait:g} s"
    terminal.field("stimuli", "none" if stimuli.driver == "none" else how, "")
    terminal.field("reports", str(folder), "")
    terminal.field("seed", f"{seed} (Python {platform.python_version()}, pytest {pytest.__version__})", "")


def summary(
    terminal: Terminal,
    judgement: Judgement,
    folder: Path,
    tests: Mapping[str, int] | None,
    *,
    seconds: float,
    partial: bool,
    verbosity: int,
) -> None:
    """Print the operations, what failed, what is open and why, the verdict, and where the files are.

    `tests` is how many tests have which verdict, None where a saved run is judged again; `partial` says
    that the command line left some out.
    """
    record = judgement.record
    if verbosity > -2 and tests != {}:
        _operations(terminal, judgement, partial=partial)
        _broken(terminal, judgement, Verdict.FAIL)
        _broken(terminal, judgement, Verdict.WARNING)
        _open(terminal, judgement, partial=partial, verbosity=verbosity)
        terminal.line()
    terminal.section("verdict")
    for line in judgement.trouble:
        terminal.wrap(f"the suite's own trouble: {line}", "", "  ", red=True)
    if judgement.stopped:
        terminal.wrap(f"the run stopped early: {judgement.stopped}", "", "  ", red=True)
        if text := on_stop(judgement.stopped, record):
            terminal.wrap(text, "  ", yellow=True)
    if text := on_silence(record):
        terminal.wrap(text, "", "  ", yellow=True)
    if partial and tests is not None:
        terminal.wrap(_partial(tests), "", "  ")
    elif judgement.verdict == "incomplete" and not judgement.stopped and (missing := _missing(judgement)):
        text = f"incomplete, because nothing could be judged of what is mandatory: {', '.join(missing)}"
        terminal.wrap(text, "", "  ")
    if tests is not None:
        terminal.wrap(f"tests: {_counted(tests)}, in {seconds:.0f} s", "", "  ")
    terminal.wrap(f"requirements: {_counted(judgement.summary)}", "", "  ")
    good = judgement.verdict == "pass"
    name = f"{record.profile.target.name} ({record.role.upper()})"
    terminal.wrap(f"VERDICT of {name}: {judgement.headline}", "", "  ", bold=True, green=good, red=not good)
    for file in _FILES:
        if (folder / file).exists():
            terminal.line(f"  {folder / file}")


def leaked(terminal: Terminal, found: Sequence[str]) -> None:
    """Say which secrets turned up in what was written, and that the run is an error for that."""
    for one in found:
        terminal.wrap(f"the suite's own trouble: {one}", "", "  ", red=True)
    terminal.line("VERDICT: error: do not pass these files on", red=True, bold=True)


def _counted(counts: Mapping[str, int]) -> str:
    words = {"pass": "passed", "fail": "failed"}
    told = [
        f"{counts[one]} {words.get(one, one.replace('-', ' '))}"
        for one in ("pass", "fail", "warning", "known-deviation", "inconclusive", "not-applicable", "error")
        if counts.get(one)
    ]
    return ", ".join(told) or "none"


# --- operations


def _operations(terminal: Terminal, judgement: Judgement, *, partial: bool) -> None:
    counts: dict[str, Counter[Verdict]] = defaultdict(Counter)
    for row in judgement.rows:
        counts[row.operation][row.verdict] += 1
    by_need: dict[str, list[OperationVerdict]] = defaultdict(list)
    for one in judgement.operations:
        if one.exchanges or not partial:
            by_need[_need(one)].append(one)
    if not by_need:
        return
    terminal.section("operations")
    heading = "".join(f"{name:>5}" for name in _COLUMNS)
    terminal.line(f"{'':<40}{'calls':>5}{heading}  verdict")
    for need in ("mandatory", "optional, declared", "optional, not declared", "not required"):
        if by_need[need]:
            terminal.line(need, bold=True)
        for one in by_need[need]:
            own = counts[one.operation.name]
            shown = (Verdict.PASS, Verdict.FAIL, Verdict.WARNING, Verdict.INCONCLUSIVE)
            cells = "".join(f"{own[verdict] or '-':>5}" for verdict in shown)
            applies = one.verdict is not Verdict.NOT_APPLICABLE
            verdict = one.verdict.value if applies else "-"
            start = f" {one.operation.name:<39}{one.exchanges or '-':>5}{cells}  "
            terminal.line(start, verdict, **COLOURS.get(verdict, {}))
    terminal.wrap("calls: exchanges, either way; the rest: requirements (open: inconclusive)", "", light=True)


def _need(one: OperationVerdict) -> str:
    if one.obligation == "none":
        return "not required"
    if one.obligation == "optional":
        return "optional, declared" if one.declared else "optional, not declared"
    return "mandatory"


def _missing(judgement: Judgement) -> list[str]:
    """The mandatory operations, or groups of which one suffices, of which nothing could be judged."""
    mandatory = [one for one in judgement.operations if one.obligation == "mandatory"]
    names = {one.operation.name: one.operation.alternatives or one.operation.name for one in mandatory}
    seen = {names[one.operation.name] for one in mandatory if one.verdict is not Verdict.INCONCLUSIVE}
    return [one for one in dict.fromkeys(names.values()) if one not in seen]


# --- what was broken


def _broken(terminal: Terminal, judgement: Judgement, verdict: Verdict) -> None:
    by_requirement: dict[str, list[Row]] = defaultdict(list)
    for row in judgement.rows:
        if row.verdict is verdict and row.findings:
            by_requirement[row.requirement.id].append(row)
    if not by_requirement:
        return
    many = "failed" if verdict is Verdict.FAIL else "warnings"
    terminal.line()
    terminal.section(f"{many}: {len(by_requirement)}")
    for number, rows in enumerate(by_requirement.values()):
        if number:
            terminal.line()
        _requirement(terminal, rows, judgement, COLOURS[verdict.value])


def _requirement(
    terminal: Terminal, rows: Sequence[Row], judgement: Judgement, colour: Mapping[str, bool]
) -> None:
    role, requirement = judgement.record.role, rows[0].requirement
    findings: list[Outcome] = [finding for row in rows for finding in row.findings]
    first, *others = findings
    for row in rows:
        terminal.wrap(
            f"{row.verdict.value} {requirement.id} [{row.operation}]", "", "  ", bold=True, **colour
        )
        if row.excused:
            terminal.wrap(runs.tickets(row), "  ", yellow=True)
    terminal.wrap(first.message, "  ", "  ", **colour)
    terminal.field(requirement.level, requirement.text, "  ")
    terminal.field("clause", f"{requirement.clause(role)} {requirement.url(role)}", "  ")
    evidence(terminal, first, "  ")
    if first.test:
        terminal.field("test", first.test, "  ")
    if others:
        terminal.wrap(f"and {len(others)} more{in_exchanges(others)}", "  ")


# --- what is open


def _open(terminal: Terminal, judgement: Judgement, *, partial: bool, verbosity: int) -> None:
    found = groups(judgement.rows, judgement.record.profile)
    if partial:  # what nobody tried is no surprise
        found = [one for one in found if not one.is_by_default and one.cause is not Cause.STOPPED]
    if not found:
        return
    terminal.line()
    terminal.section(f"inconclusive: {sum(len(one.rows) for one in found)}")
    silent = {one.operation.name for one in judgement.operations if one.verdict is Verdict.INCONCLUSIVE}
    for number, group in enumerate(found):
        if number:
            terminal.line()
        _group(terminal, group, judgement, silent, verbosity=verbosity)


def _group(
    terminal: Terminal, group: Group, judgement: Judgement, silent: set[str], *, verbosity: int
) -> None:
    terminal.wrap(group.title, "", "  ", **COLOURS["inconclusive"])
    terminal.field("to do", group.advice, "  ")
    by_operation: dict[str, list[Row]] = defaultdict(list)
    for row in group.rows:
        by_operation[row.operation].append(row)
    if group.is_by_default and verbosity < 1:
        listed = ", ".join(f"{name} ({len(rows)})" for name, rows in by_operation.items())
        terminal.wrap(f"{listed} (-v names them)", "  ")
        return
    needs = {one.operation.name: _need(one) for one in judgement.operations}
    for name, rows in by_operation.items():
        ids = [row.requirement.id for row in rows]
        what = ", ".join(ids) if len(ids) <= _MANY or verbosity > 0 else f"{len(ids)} requirements"
        if name in silent:
            what = f"all of it, {needs[name]}"
        why = "" if group.reason or group.is_by_default else f"; {rows[0].reason}"
        terminal.wrap(f"{name}: {what}{why}", "  ", "    ")


# --- the report


def rendered(
    terminal: Terminal,
    results: Sequence[Path],
    folder: Path,
    title: str,
    history: Path | None = None,
) -> None:
    """Render the report; that it cannot be rendered is said, and changes nothing else."""
    try:
        report = render(results, folder / "report.html", title=title, history=history)
    except RenderError as error:
        terminal.wrap(f"report.html was not rendered: {error}", "", "  ", yellow=True)
    else:
        terminal.line(f"  {report}")


def _partial(tests: Mapping[str, int]) -> str:
    asked = sum(tests.values())
    which = "1 test was" if asked == 1 else f"{asked} tests were"
    return f"only {which} asked for: this is no verdict on the target as a whole"
