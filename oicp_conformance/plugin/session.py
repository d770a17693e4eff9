"""A session of the suite: the life of a run, what becomes of each test, and the end."""

from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from traceback import walk_tb
from typing import NoReturn

import pytest

from oicp_conformance import collector
from oicp_conformance.actors.stage import NotApplicable, Unobserved
from oicp_conformance.collections_folder import NAME, collections_folder
from oicp_conformance.hub.errors import HubError
from oicp_conformance.hub.hub import TargetDown
from oicp_conformance.interrupts import can_be_interrupted, hold, let_go, raise_if_interrupted
from oicp_conformance.journal.notes import Unseen
from oicp_conformance.judge.outcome import Outcome, party_of
from oicp_conformance.judge.statement import Statement
from oicp_conformance.marks import MARKERS, place
from oicp_conformance.plugin import RUN, selection, start
from oicp_conformance.preflight import objection
from oicp_conformance.reporting import (
    cases,
    console,
    extensions,
    guard,
    har,
    junit,
    overview,
    page,
    redacting,
    results,
    runs,
)
from oicp_conformance.reporting.account import Account, ticketed
from oicp_conformance.reporting.console import Shown
from oicp_conformance.reporting.exit_codes import EXIT
from oicp_conformance.reporting.later import Later
from oicp_conformance.reporting.progress import Progress, Told
from oicp_conformance.reporting.terminal import Terminal
from oicp_conformance.run.errata_page import errata_page
from oicp_conformance.run.run import Run

_VERBOSITY = pytest.StashKey[int]()
_PROGRESS = pytest.StashKey[Progress]()
_TERMINAL = pytest.StashKey[Terminal]()
_TOLD = pytest.StashKey[Told]()
_LATER = pytest.StashKey[Later]()
_LEFT_OUT = pytest.StashKey[int]()


class Broken(AssertionError):
    """A requirement was broken; the text is a line for each finding, and `detail` has all that is known."""

    # Reports show the name with its module; of this one the text is what matters.
    __module__ = "builtins"

    def __init__(self, text: str, detail: str) -> None:
        super().__init__(text)
        self.detail = detail


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run the embedded targets when no target is given; else make the run ready."""
    if config.option.help or config.option.version:
        return None
    selection.resolve(config)
    if config.option.journal is not None:
        return start.judge_again(config)
    if not selection.is_run(config):
        return None
    can_be_interrupted()
    start.check(config)
    if config.option.target is None:
        return start.run_embedded(config)
    run = start.make_run(config)
    hold()
    config.stash[RUN] = run
    later = config.stash[_LATER] = Later(run.hub.spare_time)
    redacting.install(run.redactor, later)
    # The suite itself reports how a run goes on and ends: of pytest's own output only its trouble is left.
    config.stash[_VERBOSITY], config.option.verbose = config.option.verbose, -2
    config.option.allure_report_dir = str(start.made(run.folder / "allure-results"))
    config.option.clean_alluredir = True
    config.option.xmlpath = str(run.folder / "junit.xml")
    if config.option.reportchars == "fE":  # pytest's default: the suite has its own summary
        config.option.reportchars = ""
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Make the suite's markers known."""
    for one in MARKERS:
        config.addinivalue_line("markers", one)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Name the tests alike wherever the collections lie: `conformance/cpo/test_x.py::test_y`."""
    folder = collections_folder()
    if not module_path.is_relative_to(folder):
        return None
    name = (NAME / module_path.relative_to(folder)).as_posix()
    module: pytest.Module = pytest.Module.from_parent(parent, path=module_path, nodeid=name)
    return module


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the collection of the target's role, in any order but for what comes first or last."""
    run = config.stash.get(RUN, None)
    if run is None:
        return
    own = collections_folder() / run.profile.target.role

    def is_wanted(item: pytest.Item) -> bool:
        marker = item.get_closest_marker("about")
        asked = config.option.operation
        about = not asked or (marker is not None and marker.args[0] in asked)
        return item.path.is_relative_to(own) and (about or item.get_closest_marker("last") is not None)

    others = [item for item in items if not is_wanted(item)]
    items[:] = [item for item in items if is_wanted(item)]
    items.sort(key=place)
    if others:
        config.hook.pytest_deselected(items=others)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Count the tests of the target's role that are not run."""
    for item in items:
        run = item.config.stash.get(RUN, None)
        own = collections_folder() / run.profile.target.role if run is not None else None
        if own is not None and item.path.is_relative_to(own):
            item.config.stash[_LEFT_OUT] = item.config.stash.get(_LEFT_OUT, 0) + 1


def pytest_collection_finish(session: pytest.Session) -> None:
    """Take down what is not run, and why."""
    run = session.config.stash.get(RUN, None)
    if run is not None:
        role, deselected = run.profile.target.role, session.config.stash.get(_LEFT_OUT, 0)
        run.partial = selection.left_out(session.config, role, len(session.items), deselected)
        collector.keep()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Say who is judged, and have it told how the run goes on."""
    config = session.config
    run, reporter = config.stash.get(RUN, None), config.pluginmanager.get_plugin("terminalreporter")
    if run is None or reporter is None:
        return
    terminal = config.stash[_TERMINAL] = Terminal(config, reporter, run.redactor.text)
    progress = config.stash[_PROGRESS] = Progress(terminal, run, verbosity=config.stash[_VERBOSITY])
    config.pluginmanager.register(progress, "oicp-progress")
    console.header(terminal, run.shown_profile, seed=run.seed, folder=run.folder)
    run.hub.onlooker = progress.waiting


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Open the hub before the first test; without it, or without a target, no test is run."""
    run = session.config.stash.get(RUN, None)
    if run is None:
        return None
    try:
        run.hub.start()
    except HubError as error:
        run.trouble.append(f"{run.profile.where('hub', 'listen')}: {error}")
        return True
    if not run.partial:
        try:
            run.hub.reach()
        except TargetDown as reason:
            run.stopped = str(reason)
            return True
        if obstacle := objection(run.profile):
            run.stopped = obstacle
            return True
    if progress := session.config.stash.get(_PROGRESS, None):
        progress.start()
    run.hub.spare_time.put_off(page.load)
    return None


def pytest_exception_interact(node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object]) -> None:
    """Keep what went wrong in the suite itself apart from what the target broke.

    An error of another plugin that stumbles over Ctrl-C is neither: it would hide that the run is to end.
    """
    raise_if_interrupted()
    run = node.config.stash.get(RUN, None)
    error = call.excinfo.value if call.excinfo else None
    if run is not None and not isinstance(error, Broken):
        run.trouble.append(f"{node.nodeid}: {_first_line(error)}")
        if isinstance(node, pytest.Item):
            node.user_properties.append((junit.TROUBLE, run.trouble[-1]))


def pytest_runtest_logstart() -> None:
    """Begin no test after Ctrl-C."""
    raise_if_interrupted()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Describe the test; leave it out when it is about what the profile does not declare."""
    run = item.config.stash.get(RUN, None)
    if run is None:
        return (yield)
    run.hub.begin_test(item.nodeid)
    marker = item.get_closest_marker("about")
    operation, *requirements = marker.args if marker else ("", ())
    party = party_of(run.profile)
    results.describe(party, operation, requirements)
    item.user_properties += junit.about(party, operation, requirements)
    if reason := run.not_applicable(operation, requirements):
        _leave_out(item, reason)
    try:
        return (yield)
    except NotApplicable as error:
        _leave_out(item, str(error))


def _leave_out(item: pytest.Item, reason: str) -> NoReturn:
    _conclude(item, "not-applicable", reason)
    pytest.skip(f"not applicable: {reason}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show of a broken requirement the finding, not the suite's own code."""
    report = yield
    if RUN in item.config.stash and call.excinfo and isinstance(call.excinfo.value, Broken):
        report.longrepr = call.excinfo.value.detail
    if RUN in item.config.stash and (call.when == "call" or call.excinfo):
        told = _told(item, call.excinfo.value if call.excinfo else None)
        report.told = told  # type: ignore[attr-defined] # pytest takes more attributes
    if RUN in item.config.stash:
        redacting.clean(report, item.config.stash[RUN].redactor)
    return report


def _conclude(
    item: pytest.Item,
    verdict: str,
    reason: str = "",
    findings: Sequence[Outcome] = (),
    broken: Sequence[Outcome] = (),
) -> None:
    """Take down what became of a test; it is grouped under the requirements of what is `broken`."""
    if reporter := results.reporter_of(item.config):
        told = partial(_account, item, verdict, reason, findings)
        item.config.stash[_LATER].put_off(
            partial(results.tell_later, reporter, reporter.get_test(None), told)
        )
        results.group([one.requirement for one in broken])
    item.stash[_TOLD] = Told(verdict, reason, findings)


def _account(item: pytest.Item, verdict: str, reason: str, findings: Sequence[Outcome]) -> None:
    """Tell Allure what became of a test."""
    marker = item.get_closest_marker("about")
    operation, *requirements = marker.args if marker else ("",)
    run = item.config.stash[RUN]

    def tell() -> None:
        account = Account(
            item.nodeid,
            (getattr(item, "obj", item).__doc__ or "").strip(),
            operation,
            requirements,
            verdict,
            run.shown_record(item.nodeid),
            reason,
            findings,
            run=run.folder.name,
            baseline=run.baseline,
        )
        results.tell(account)

    _shown(item.config, f"the account of {item.name}", tell)


def _told(item: pytest.Item, error: BaseException | None) -> Told:
    """What became of a test; what is neither a finding nor a skip is the suite's own trouble."""
    if error is not None and not isinstance(error, Broken | pytest.skip.Exception):
        return Told("error", _first_line(error))
    return item.stash.get(_TOLD, Told("inconclusive" if error else "pass", str(error or "")))


def _first_line(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test, end what it began, and judge what was said in it."""
    run = item.config.stash.get(RUN, None)
    if run is None:
        return (yield)
    unobserved = ""
    results.title(item)
    try:
        result = yield
    except Unobserved as reason:
        unobserved = str(reason)
        if marker := item.get_closest_marker("about"):
            operation, *requirements = marker.args
            run.hub.journal.note(Unseen(item.nodeid, operation, requirements, unobserved, reason.cause))
    except NotApplicable as reason:
        _leave_out(item, str(reason))
    except TargetDown as reason:
        unobserved = _stop(item, run, reason)
    except Exception:
        _conclude(item, "error")
        raise
    try:
        if run.stopped is None:
            run.driver.clean_up()
    except TargetDown as reason:
        unobserved = _stop(item, run, reason)
    _tell(item, run, unobserved)
    return result if not unobserved else None


def _stop(item: pytest.Item, run: Run, reason: TargetDown) -> str:
    run.stopped = str(reason)
    item.session.shouldstop = "stopped early"
    return str(reason)


def _tell(item: pytest.Item, run: Run, unobserved: str) -> None:
    """Make the test's result what its findings say; the last test tells what nobody was told yet."""
    is_last = item.get_closest_marker("last") is not None
    findings = run.news(None if is_last else item.nodeid)
    item.user_properties += junit.findings(findings, party_of(run.profile), run.fails)
    failing = [one for one in findings if run.fails(one)]
    if fresh := run.first_seen.fresh(failing, item.nodeid):
        others = [one for one in findings if one not in fresh]
        _conclude(item, "fail", findings=[*fresh, *others], broken=fresh)
        record = run.record
        told = [
            ticketed(one, guard.plain_text(one.requirement, partial(results.finding, one, record)))
            for one in findings
        ]
        raise Broken(results.headlines(findings, record), "\n\n".join(told))
    if failing:
        reason = run.first_seen.consequence(failing)
        _conclude(item, "consequence", reason, findings, failing)
        pytest.skip(reason)
    if known := {one.deviation for one in findings if one.deviation}:
        runs.label(known)
        _conclude(item, "known-deviation", findings=findings, broken=findings)
        pytest.skip(f"known deviation {', '.join(sorted(known))}")
    elif findings:
        _conclude(item, "warning", findings=findings, broken=findings)
    elif unobserved:
        reason = run.redactor.text(unobserved)
        _conclude(item, "inconclusive", reason)
        pytest.skip(f"inconclusive: {reason}")
    else:
        _conclude(item, "pass")


@pytest.hookimpl(tryfirst=True)
def pytest_keyboard_interrupt(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Leave out what pytest cannot show: Ctrl-C may come at an instruction that belongs to no line.

    pytest 9.2 calculates with the line and would end with an error of its own.
    """
    shown = excinfo.traceback
    lines = (line for _, line in walk_tb(excinfo.tb))
    excinfo.traceback = type(shown)(entry for entry, line in zip(shown, lines, strict=True) if line)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave all objects to the end of the process, which may come at any time now.

    Pytest searches them for garbage five times, to warn of errors in finalizers. The command shows no
    warnings.
    """
    let_go()
    if getattr(config.option, "disable_warnings", False):
        collector.keep()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Write the statement; the verdict is the exit code, unless pytest itself had trouble."""
    hold()  # what has ended the tests does not also end their reports
    run = session.config.stash.get(RUN, None)
    is_saved = run is None or _end(session, run)
    if later := session.config.stash.get(_LATER, None):
        _shown(session.config, "a file for Allure", later.catch_up)
    yield
    if run is None or not is_saved or run.only_statement:
        return
    if run.statement is not None and run.judgement is not None:
        file = run.folder / "junit.xml"
        completed = partial(junit.complete, file, run.statement, run.written, run.folder.name)
        _shown(session.config, file.name, completed)
    # After pytest's last words: the verdict is what a reader sees first.
    _shown(session.config, "the summary", partial(_summary, session.config, run))
    _render(session.config, run, session.config.option.history)
    if found := run.search():
        session.exitstatus = EXIT["error"]
        # Without the history, which has this run already.
        _render(session.config, run, None)
        if terminal := session.config.stash.get(_TERMINAL, None):
            console.leaked(terminal, found)


def _end(session: pytest.Session, run: Run) -> bool:
    """End a run, judge it, and save it; tells whether it could be saved."""
    if progress := session.config.stash.get(_PROGRESS, None):
        progress.stop()
    run.hub.stop()
    if session.exitstatus == pytest.ExitCode.INTERRUPTED:
        run.stopped = run.stopped or "the run was interrupted"
    elif session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        run.stopped = run.stopped or "no test was selected"
    elif session.exitstatus == pytest.ExitCode.INTERNAL_ERROR:
        run.trouble.append("pytest had an internal error")
    if session.shouldfail:
        run.partial = run.partial or str(session.shouldfail)
    statement = _finished(session, run)
    if statement is None:
        return False
    if run.judgement is not None and not run.only_statement:
        errata = errata_page(run.judgement.findings)
        (run.folder / "errata.md").write_text(errata, encoding="utf-8")
        told = partial(results.run, statement, run.written, errata, run.folder)
        _shown(session.config, "the summary for Allure", told)
        cases.write(run.folder / "allure-results", statement, run.untold)
        _shown(session.config, har.NAME, partial(har.write, run.folder / har.NAME, run.written))
    _shown(session.config, "what is known for Allure", partial(runs.global_page, statement))
    if session.exitstatus in {
        pytest.ExitCode.OK,
        pytest.ExitCode.TESTS_FAILED,
        pytest.ExitCode.INTERRUPTED,
    }:
        session.exitstatus = EXIT[statement.verdict]
    return True


def _finished(session: pytest.Session, run: Run) -> Statement | None:
    """Judge and save a run; None where this machine has no room for it, which is said."""
    try:
        return run.finish()
    except OSError as error:
        session.exitstatus = EXIT["error"]
        if terminal := session.config.stash.get(_TERMINAL, None):
            where = error.filename or run.folder
            text = f"internal error of the suite: {where} cannot be written: {error.strerror or error}"
            terminal.wrap(text, "", "  ", red=True)
        return None


def _shown(config: pytest.Config, what: str, make: Callable[[], None]) -> None:
    """Make a part of a report; where it cannot be made, the terminal says so, and nothing else changes."""

    def say(line: str) -> None:
        if terminal := config.stash.get(_TERMINAL, None):
            terminal.wrap(line, "", "  ", yellow=True)

    guard.guarded(what, make, say)


def _summary(config: pytest.Config, run: Run) -> None:
    """Print the verdict."""
    terminal, progress = config.stash.get(_TERMINAL, None), config.stash.get(_PROGRESS, None)
    if terminal is None or progress is None or run.judgement is None or run.statement is None:
        return
    runs.tell(terminal, run.statement)
    console.summary(
        terminal,
        Shown(run.judgement, run.statement, run.written, run.folder),
        progress.counts,
        seconds=run.seconds,
        left_out=run.partial,
        verbosity=config.stash[_VERBOSITY],
    )


def _render(config: pytest.Config, run: Run, past: Path | None) -> None:
    """Make the pages of the statement and of the results."""
    terminal, statement = config.stash.get(_TERMINAL, None), run.statement
    if terminal is None or statement is None:
        return
    results.environment(run.folder / "allure-results", run.shown_profile, statement)
    page.written(terminal, run.folder, run.written)
    for failed in extensions.write(run.folder, statement):
        terminal.wrap(failed, "", "  ", yellow=True)
    if not config.option.no_report_html:
        title = overview.title(statement)
        folders = [run.folder / "allure-results"]
        console.rendered(terminal, folders, run.folder, title, past)
