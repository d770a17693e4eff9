"""What a run says at its beginning and at its end on the terminal."""

import platform
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from oicp_conformance.hub.addresses import announced
from oicp_conformance.journal.cause import Cause
from oicp_conformance.judge.advice import Group, groups, hub_url, on_silence, on_stop
from oicp_conformance.judge.outcome import Record, Verdict
from oicp_conformance.judge.statement import SpreadPart, Statement, suite_version
from oicp_conformance.judge.verdicts import Judgement, OperationVerdict, Row
from oicp_conformance.profile import Profile
from oicp_conformance.reporting import guard
from oicp_conformance.reporting.broken import Broken, broken, outcome
from oicp_conformance.reporting.progress import COLOURS, evidence
from oicp_conformance.reporting.render import RenderError, render
from oicp_conformance.reporting.terminal import Terminal, printable

_FILES = ("conformance.json", "journal.jsonl", "junit.xml")
_COLUMNS = "pass", "fail", "warn", "open"
_COLOUR: Mapping[str, Mapping[str, bool]] = {
    "fail": {"red": True},
    "known": {"yellow": True},
    "warning": {"yellow": True},
}
_WHOLE = 12
"""Broken requirements that are shown with their evidence; of more, only a line."""
_EXCERPT = 14
"""Lines of a message that are shown with the part marked."""
_VERDICTS = (
    *("pass", "fail", "consequence", "warning", "known-deviation"),
    *("inconclusive", "not-applicable", "not-used", "error"),
)
"""In the order in which they are counted."""
_MANY = 6
"""Requirements of an operation that are listed by their ids; of more, only how many they are."""


def header(terminal: Terminal, profile: Profile, *, seed: int, folder: Path) -> None:
    """Say who is judged, where the hub is, and what helps to do it again."""
    target, stimuli = profile.target, profile.stimuli
    version = f" {target.version}" if target.version else ""
    where = stimuli.shim
    terminal.section(f"oicp-conformance {suite_version()}, OICP 2.3")
    terminal.field("target", f"{target.name}{version} ({target.role.upper()}) at {target.base_url}", "")
    terminal.field("hub", f"{hub_url(profile)} (Hubject's address for your backend)", "")
    if reached := announced(profile):
        terminal.wrap(reached, f"{'':<10}", f"{'':<10}", yellow=True)
    how = f"{stimuli.driver}{f' ({where})' if where else ''}, waits {stimuli.wait:g} s for a call"
    terminal.field("stimuli", "none" if stimuli.driver == "none" else how, "")
    terminal.field("reports", str(folder), "")
    terminal.field("seed", f"{seed} (Python {platform.python_version()}, pytest {pytest.__version__})", "")


@dataclass(frozen=True)
class Shown:
    """What a run ended with, as it may be shown."""

    judgement: Judgement
    statement: Statement
    record: Record
    folder: Path


def summary(
    terminal: Terminal,
    ended: Shown,
    tests: Mapping[str, int] | None,
    *,
    seconds: float,
    left_out: str | None,
    verbosity: int,
) -> None:
    """Print the operations, what is open and why, the verdict, what was broken, and where the files are.

    `tests` is how many tests have which verdict, None where a saved run is judged again; `left_out` says
    which tests were not run, and why, in a run that was narrowed.
    """
    judgement = ended.judgement
    record, partial, folder = judgement.record, bool(left_out), ended.folder
    is_long = verbosity > -2 and tests != {}
    if is_long:
        _operations(terminal, judgement, partial=partial)
        _figures(terminal, ended.statement)
        _open(terminal, judgement, partial=partial, verbosity=verbosity)
        terminal.line()
    terminal.section("verdict")
    good, bad = judgement.verdict == "pass", judgement.verdict not in {"pass", "partial"}
    name = f"{record.profile.target.name} ({record.role.upper()})"
    terminal.wrap(f"VERDICT of {name}: {judgement.headline}", "", "  ", bold=True, green=good, red=bad)
    _cut_short(terminal, judgement)
    if judgement.trouble and tests == {}:
        return  # no test began: there is nothing to count, and no report to read
    warnings = [on_silence(record), *(f"not kept: {line}" for line in ended.statement.limits)]
    for text in filter(None, warnings):
        terminal.wrap(text, "", "  ", yellow=True)
    if left_out:
        terminal.wrap(f"{left_out}. This is not a verdict on the target as a whole.", "", "  ")
        if untested := _untested(judgement):
            terminal.wrap(f"left out or not observed: {', '.join(untested)}", "", "  ")
    elif judgement.verdict == "incomplete" and not judgement.stopped and (missing := _missing(judgement)):
        text = f"incomplete: these mandatory operations were not observed: {', '.join(missing)}"
        terminal.wrap(text, "", "  ")
    if tests is not None:
        terminal.wrap(f"tests: {_counted(tests)}, in {seconds:.0f} s", "", "  ")
    terminal.wrap(f"requirements: {_counted(_apart(judgement.summary))}", "", "  ")
    found = broken(ended.statement)
    if found and is_long:
        _broken(terminal, found, ended.record, ended.folder)
        terminal.line()
        terminal.section("files")
    for file in _FILES:
        if (folder / file).exists():
            terminal.line(f"  {folder / file}")


def _cut_short(terminal: Terminal, judgement: Judgement) -> None:
    """Say what kept the run from its end."""
    for line in judgement.trouble:
        terminal.wrap(f"internal error of the suite: {line}", "", "  ", red=True)
    if judgement.stopped:
        terminal.wrap(f"the run stopped early: {judgement.stopped}", "", "  ", red=True)
        if text := on_stop(judgement.stopped, judgement.record):
            terminal.wrap(text, "  ", yellow=True)


def _apart(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts with the fields that were not used apart from what else is not applicable."""
    not_used = counts.get("not-used", 0)
    return {**counts, "not-applicable": counts["not-applicable"] - not_used}


def leaked(terminal: Terminal, found: Sequence[str]) -> None:
    """Say which secrets turned up in what was written, and that the run is an error for that."""
    for one in found:
        terminal.wrap(f"internal error of the suite: {one}", "", "  ", red=True)
    terminal.line("VERDICT: error: do not pass these files on", red=True, bold=True)


def _counted(counts: Mapping[str, int]) -> str:
    words = {"pass": "passed", "fail": "failed", "not-used": "fields not used"}
    words["consequence"] = "failed only as a consequence"
    told = [f"{counts[one]} {words.get(one, one.replace('-', ' '))}" for one in _VERDICTS if counts.get(one)]
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


def _figures(terminal: Terminal, statement: Statement) -> None:
    """Say how fast the target was, in seconds."""
    found = [(one.operation, one.figures) for one in statement.operations if one.figures]
    if not found:
        return
    terminal.line()
    terminal.section("measured, not judged")
    terminal.line(f"{'':39} busiest    responses   after stimulus")
    terminal.line(f"{'seconds':39}  minute  median   p95   median   p95")
    for operation, figures in found:
        spreads = "  ".join(map(_spread, (figures.answers, figures.stimulus_to_call)))
        terminal.line(f"{operation:39} {figures.busiest_minute:7d}  {spreads}")
    for operation, figures in found:
        if later := figures.end_to_record:
            terminal.line(f"end of charge to {operation}: {later.median:.3f} median, {later.p95:.3f} p95")


def _spread(spread: SpreadPart | None) -> str:
    return f"{spread.median:6.3f} {spread.p95:6.3f}" if spread else f"{'-':>6} {'-':>6}"


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


def _broken(terminal: Terminal, found: Sequence[Broken], record: Record, folder: Path) -> None:
    """List what was broken, each requirement once, the worst first; after so many only in a line each."""
    terminal.line()
    terminal.section(f"broken: {len(found)} requirement{'' if len(found) == 1 else 's'}")
    for one in found[:_WHOLE]:
        if one.number > 1:
            terminal.line()
        guard.guarded(
            one.id,
            partial(_requirement, terminal, one, record, folder),
            partial(terminal.wrap, first="   ", yellow=True),
        )
    for one in found[_WHOLE:]:
        terminal.wrap(f"{one.number}. {one.title} ({one.often})", "", "   ", **_COLOUR[one.standing])
    terminal.line()
    terminal.wrap("conformance.html has the curl commands that repeat each of them.", "", light=True)


def _requirement(terminal: Terminal, one: Broken, record: Record, folder: Path) -> None:
    terminal.wrap(f"{one.number}. {one.title}", "", "   ", bold=True, **_COLOUR[one.standing])
    if one.tickets:
        terminal.wrap(f"known deviation {', '.join(one.tickets)}", "   ", yellow=True)
    terminal.field("rule", f"{one.sentence} ({one.level})" if one.sentence else one.level, "   ")
    terminal.field("clause", one.clause, "   ", url=one.url)
    if one.page:
        terminal.field("page", one.page, "   ")
    terminal.field("seen", one.often, "   ")
    if one.tests:
        terminal.field("test", one.tests[0], "   ")
    if one.history:
        terminal.field("since", one.history, "   ")
    if one.first is None:
        return
    finding = outcome(one.id, one.first)
    evidence(terminal, finding, "   ")
    shown = one.evidence(record)
    if shown is not None and shown.marked:
        terminal.line()
        terminal.block(list(shown.lines), _EXCERPT, "   ", **_COLOUR[one.standing])
        terminal.line()
    terminal.field("repeat", one.replay(str(folder)), "   ")


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
        for line in not_rendered(error, folder):
            terminal.line(printable(line), yellow=True)
    else:
        terminal.line(f"  {report}")


def not_rendered(error: RenderError, folder: Path) -> tuple[str, str]:
    """Return why there is no report.html of a run, and what to do about it: a line each."""
    advice = f"{error.advice}; then: " if error.advice else ""
    return f"report.html was not rendered: {error}", f"to do: {advice}oicp-conformance report {folder}"


def _untested(judgement: Judgement) -> list[str]:
    """The operations that the profile declares, and of which nothing was seen."""
    return [
        one.operation.name
        for one in judgement.operations
        if one.verdict is Verdict.INCONCLUSIVE and one.declared
    ]
