"""How pytest runs the suite: options, the life of a run, what becomes of each test, and the end.

The plugin does nothing in a session that runs no collection of the suite, such as its self-tests.
"""

import argparse
import random
import sys
from collections.abc import Generator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn, get_args

import pytest

from oicp_conformance.actors.stage import NotApplicable, Unobserved
from oicp_conformance.collections_folder import collections_folder
from oicp_conformance.hub.errors import HubError
from oicp_conformance.hub.hub import TargetDown
from oicp_conformance.journal.archive import ArchiveError
from oicp_conformance.journal.notes import Unseen
from oicp_conformance.judge.deviations import Deviation
from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.judge.statement import Statement
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.provider import faker
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import ProfileError, load
from oicp_conformance.reporting import (
    cases,
    console,
    har,
    history,
    junit,
    overview,
    page,
    redacting,
    results,
    runs,
)
from oicp_conformance.reporting.account import Account, ticketed
from oicp_conformance.reporting.console import Shown
from oicp_conformance.reporting.progress import Progress, Told
from oicp_conformance.reporting.requirements_page import listing
from oicp_conformance.reporting.terminal import Terminal
from oicp_conformance.run import known_list as deviations
from oicp_conformance.run import rejudge, statements
from oicp_conformance.run.errata_page import errata_page
from oicp_conformance.run.known_list import DeviationsError
from oicp_conformance.run.run import FILES, Run
from oicp_conformance.run.statements import StatementError
from oicp_conformance.stimuli import StimulusError, driver_for

RUN = pytest.StashKey[Run]()
_VERBOSITY = pytest.StashKey[int]()
_PROGRESS = pytest.StashKey[Progress]()
_TERMINAL = pytest.StashKey[Terminal]()
_TOLD = pytest.StashKey[Told]()
_FOLDER = collections_folder()
_EXIT = {"pass": pytest.ExitCode.OK, "fail": pytest.ExitCode.TESTS_FAILED}
_PARTIAL = "only some of the tests were run"
_EXIT |= {"incomplete": pytest.ExitCode.TESTS_FAILED, "error": pytest.ExitCode.INTERNAL_ERROR}


class Broken(AssertionError):
    """A requirement was broken; the text is a line for each finding, and `detail` has all that is known."""

    # Reports show the name with its module; of this one the text is what matters.
    __module__ = "builtins"

    def __init__(self, text: str, detail: str) -> None:
        super().__init__(text)
        self.detail = detail


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the suite's options."""
    group = parser.getgroup("oicp", "OICP conformance")
    group.addoption("--target", type=Path, metavar="FILE", help="the profile of the backend under test")
    group.addoption(
        "--journal",
        type=Path,
        metavar="FILE",
        help="judge the saved journal of a run again, without a target",
    )
    group.addoption("--report-dir", type=Path, metavar="DIR", help="where the run writes its reports")
    group.addoption("--seed", type=int, metavar="N", help="the seed of all test data (default: random)")
    group.addoption(
        "--operation", action="append", default=[], metavar="NAME", help="run only tests about this operation"
    )
    group.addoption("--deviations", type=Path, metavar="FILE", help="the list of known deviations")
    group.addoption(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="a statement, or a report folder, to compare the run with",
    )
    group.addoption(
        "--history", type=Path, metavar="FILE", help="remember runs here, and show their trend in report.html"
    )
    group.addoption(
        "--examples",
        type=_examples,
        default=3,
        metavar="N",
        help="generated requests, or sequences, for each property (default: 3; 0: none)",
    )
    group.addoption("--requirements", action="store_true", help="list all requirements and end")
    group.addoption(
        "--no-report-html", action="store_true", help="do not render the Allure results as report.html"
    )


def _examples(text: str) -> int:
    """The number of examples on the command line."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of examples: 0, 1, 2 ...")
    return int(text)


def _collections(config: pytest.Config) -> list[Path]:
    """What the command line asks to collect, as absolute paths."""
    base = config.invocation_params.dir
    return [(base / argument.partition("::")[0]).resolve() for argument in config.args]


def _roles(config: pytest.Config) -> list[Role]:
    """The roles of which the command line asks for tests."""
    asked = _collections(config)
    return [
        role
        for role in get_args(Role)
        if any(one == _FOLDER or one.is_relative_to(_FOLDER / role) for one in asked)
    ]


def _is_run(config: pytest.Config) -> bool:
    """Whether the command line asks for the suite's own collections."""
    if config.option.collectonly or config.option.showfixtures:
        return False
    return any(one.is_relative_to(_FOLDER) for one in _collections(config))


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run the embedded targets when no target is given; else make the run ready."""
    if config.option.requirements:
        sys.stdout.writelines(f"{line}\n" for line in listing())
        return pytest.ExitCode.OK
    if config.option.help or config.option.version:
        return None
    if config.option.journal is not None:
        return _judge_again(config)
    if not _is_run(config):
        return None
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("-n: a run speaks with one target in one order; run it without -n")
    if not hasattr(config.option, "verbose"):
        raise pytest.UsageError("-p no:terminal: a run tells its verdict on the terminal; run it without")
    if config.option.history and (text := history.problem(config.option.history)):
        raise pytest.UsageError(f"--history {text}")
    seed = config.option.seed if config.option.seed is not None else random.randrange(1, 10**6)  # noqa: S311
    known = _known(config)
    if config.option.target is None:
        return _embedded(config, seed)
    _make_ready(config, seed, known)
    return None


def _known(config: pytest.Config) -> list[Deviation]:
    """The list of known deviations."""
    try:
        return deviations.load(config.option.deviations) if config.option.deviations else []
    except DeviationsError as error:
        raise pytest.UsageError(*str(error).splitlines()) from None


def _embedded(config: pytest.Config, seed: int) -> int:
    """Run both embedded targets, each in a pytest of its own."""
    for role in _roles(config):
        _baseline(config, role)
    from oicp_conformance.embedded import run_all  # noqa: PLC0415 - only here are the targets needed

    return run_all(
        _roles(config),
        list(map(str, config.invocation_params.args)),
        folder=_made(config.option.report_dir or config.rootpath / "reports" / "out" / _name()),
        seed=seed,
        html=not config.option.no_report_html,
        history=config.option.history,
    )


def _make_ready(config: pytest.Config, seed: int, known: list[Deviation]) -> None:
    """Make the run ready against the target of a profile."""
    if unknown := [one for one in config.option.operation if one not in BY_NAME]:
        raise pytest.UsageError(
            f"--operation {unknown[0]}: no such operation; there are {', '.join(BY_NAME)}"
        )
    try:
        profile = load(config.option.target, operations=BY_NAME)
        interactive = config.option.capture == "no"
        stimuli = driver_for(profile.stimuli, interactive=interactive, out=sys.stdout)
    except (ProfileError, StimulusError) as error:
        raise pytest.UsageError(*str(error).splitlines()) from None
    baseline = _baseline(config, profile.target.role)
    folder = config.option.report_dir
    folder = folder or config.rootpath / "reports" / "out" / f"{_name()}-{profile.target.role}"
    if (
        config.option.deviations
        and config.option.deviations.resolve() == (folder / deviations.NAME).resolve()
    ):
        raise pytest.UsageError(
            f"--deviations {config.option.deviations}: a run writes a template of that name into its report "
            "folder; keep the list elsewhere"
        )
    folder = _made(folder)
    try:
        run = Run(
            profile,
            stimuli,
            faker(seed),
            seed=seed,
            strict=bool(config.getini("strict")),
            folder=folder,
            known=known,
            baseline=baseline,
        )
    except HubError as error:
        raise pytest.UsageError(f"{config.option.target}: {error}") from None
    if not {_FOLDER, _FOLDER / profile.target.role} & set(_collections(config)):
        run.partial = _PARTIAL
    config.stash[RUN] = run
    redacting.install(run.redactor)
    # The suite tells itself how a run goes on and ends: of pytest's own words only its trouble is left.
    config.stash[_VERBOSITY], config.option.verbose = config.option.verbose, -2
    config.option.allure_report_dir = str(_made(folder / "allure-results"))
    config.option.clean_alluredir = True
    config.option.xmlpath = str(folder / "junit.xml")
    if config.option.reportchars == "fE":  # pytest's default: the suite has its own summary
        config.option.reportchars = ""


def _baseline(config: pytest.Config, role: Role) -> Statement | None:
    """The statement that a run is to be compared with, where there is one."""
    path = config.option.baseline
    if path is None:
        return None
    if not path.exists():
        raise pytest.UsageError(f"--baseline {path}: there is no such file or folder")
    try:
        return statements.baseline(path, role)
    except StatementError as error:
        raise pytest.UsageError(f"--baseline {error}") from None


def _name() -> str:
    """What the folder of a run is called that has none of its own."""
    return f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"


def _judge_again(config: pytest.Config) -> int:
    """Judge a saved journal; no test is run, and no hub opened."""
    for option in ("seed", "operation", "history"):
        if getattr(config.option, option):
            raise pytest.UsageError(f"--{option}: with --journal no tests run; leave it out")
    known = _known(config) if config.option.deviations else None
    try:
        profile = load(config.option.target, operations=BY_NAME) if config.option.target else None
        strict = bool(config.getini("strict"))
        saved = rejudge.read(config.option.journal, profile=profile, strict=strict, known=known)
    except (ProfileError, ArchiveError) as error:
        raise pytest.UsageError(*str(error).splitlines()) from None
    baseline = _baseline(config, saved.record.role)
    folder = config.option.report_dir or config.rootpath / "reports" / "out" / f"{_name()}-journal"
    folder = _made(folder, rejudge.FILES)
    judgement, statement = rejudge.rejudge(saved, folder, baseline)
    terminal = Terminal(config, pytest.TerminalReporter(config, sys.stdout))
    runs.tell(terminal, statement)
    found = Shown(judgement, statement, saved.record, folder)
    console.summary(terminal, found, None, seconds=0, partial=False, verbosity=0)
    return _EXIT[judgement.verdict]


def _made(folder: Path, names: Sequence[str] = FILES) -> Path:
    """The folder for the reports, without those of an earlier run."""
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / name).unlink(missing_ok=True)
            (folder / name).touch()
            (folder / name).unlink()
    except OSError as error:
        raise pytest.UsageError(f"--report-dir {folder}: {error.strerror}: {error.filename}") from None
    return folder


def pytest_configure(config: pytest.Config) -> None:
    """Make the suite's markers known."""
    config.addinivalue_line("markers", "about(operation, *requirements): what a test is about")
    config.addinivalue_line("markers", "last: runs after all others")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the collection of the target's role, in any order but for what comes last."""
    run = config.stash.get(RUN, None)
    if run is None:
        return
    own = _FOLDER / run.profile.target.role

    def is_wanted(item: pytest.Item) -> bool:
        marker = item.get_closest_marker("about")
        asked = config.option.operation
        about = not asked or (marker is not None and marker.args[0] in asked)
        return item.path.is_relative_to(own) and (about or item.get_closest_marker("last") is not None)

    others = [item for item in items if not is_wanted(item)]
    items[:] = [item for item in items if is_wanted(item)]
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)
    if others:
        config.hook.pytest_deselected(items=others)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Remember that not all tests of the target's role are run."""
    for item in items:
        run = item.config.stash.get(RUN, None)
        if run is not None and item.path.is_relative_to(_FOLDER / run.profile.target.role):
            run.partial = _PARTIAL


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
        run.trouble.append(f"{session.config.option.target}: {error}")
        return True
    if not _is_partial(session.config):
        try:
            run.hub.reach()
        except TargetDown as reason:
            run.stopped = str(reason)
            return True
    if progress := session.config.stash.get(_PROGRESS, None):
        progress.start()
    return None


def _is_partial(config: pytest.Config) -> bool:
    """Whether the command line leaves tests of the target's role out."""
    wanted = {_FOLDER, _FOLDER / config.stash[RUN].profile.target.role}
    return bool(config.option.operation or config.option.keyword or config.option.markexpr) or not (
        wanted & set(_collections(config))
    )


def pytest_exception_interact(node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object]) -> None:
    """Keep what went wrong in the suite itself apart from what the target broke."""
    run = node.config.stash.get(RUN, None)
    error = call.excinfo.value if call.excinfo else None
    if run is not None and not isinstance(error, Broken):
        run.trouble.append(f"{node.nodeid}: {_first_line(error)}")
        if isinstance(node, pytest.Item):
            node.user_properties.append((junit.TROUBLE, run.trouble[-1]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Describe the test; leave it out when it is about what the profile does not declare."""
    run = item.config.stash.get(RUN, None)
    if run is None:
        return (yield)
    run.hub.begin_test(item.nodeid)
    marker = item.get_closest_marker("about")
    operation, *requirements = marker.args if marker else ("", ())
    results.describe(run.record, operation, requirements)
    item.user_properties += junit.about(run.record, operation, requirements)
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
    marker = item.get_closest_marker("about")
    operation, *requirements = marker.args if marker else ("",)
    claim = (getattr(item, "obj", item).__doc__ or "").strip()
    record = item.config.stash[RUN].shown_record(item.nodeid)
    account = Account(item.nodeid, claim, operation, requirements, verdict, record, reason, findings)
    results.tell(account)
    results.group([one.requirement for one in broken])
    item.stash[_TOLD] = Told(verdict, reason, findings)


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
    item.user_properties += junit.findings(findings, run.record, run.fails)
    failing = [one for one in findings if run.fails(one)]
    if fresh := run.first_seen.fresh(failing, item.nodeid):
        others = [one for one in findings if one not in fresh]
        _conclude(item, "fail", findings=[*fresh, *others], broken=fresh)
        told = [ticketed(one, results.finding(one, run.record)) for one in findings]
        raise Broken(results.headlines(findings, run.record), "\n\n".join(told))
    if failing:
        reason = run.first_seen.consequence(failing)
        _conclude(item, "consequence", reason, findings, failing)
        pytest.skip(reason)
    if known := {one.deviation for one in findings if one.deviation}:
        runs.label(known)
        _conclude(item, "known-deviation", findings=findings, broken=findings)
        pytest.skip(f"known deviation {', '.join(sorted(known))}")
    elif findings:
        _conclude(item, "warning", findings=findings)
    elif unobserved:
        reason = run.redactor.text(unobserved)
        _conclude(item, "inconclusive", reason)
        pytest.skip(f"inconclusive: {reason}")
    else:
        _conclude(item, "pass")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Write the statement; the verdict is the exit code, unless pytest itself had trouble."""
    run = session.config.stash.get(RUN, None)
    if run is not None:
        if progress := session.config.stash.get(_PROGRESS, None):
            progress.stop()
        run.hub.stop()
        if session.exitstatus == pytest.ExitCode.INTERRUPTED:
            run.stopped = run.stopped or "the run was interrupted"
        elif session.exitstatus == pytest.ExitCode.INTERNAL_ERROR:
            run.trouble.append("pytest had an internal error")
        if session.shouldfail:
            run.partial = str(session.shouldfail)
        statement = run.finish()
        if run.judgement is not None:
            errata = errata_page(run.judgement.findings)
            (run.folder / "errata.md").write_text(errata, encoding="utf-8")
            results.run(statement, run.written, errata, run.folder)
            cases.write(run.folder / "allure-results", statement, run.untold)
            (run.folder / har.NAME).write_text(har.har(run.written), encoding="utf-8")
        runs.global_page(statement)
        if session.exitstatus in {
            pytest.ExitCode.OK,
            pytest.ExitCode.TESTS_FAILED,
            pytest.ExitCode.INTERRUPTED,
        }:
            session.exitstatus = _EXIT[statement.verdict]
    yield
    if run is None:
        return
    if run.statement is not None and run.judgement is not None:
        junit.complete(run.folder / "junit.xml", run.statement, run.written, run.folder.name)
    # After pytest's last words: the verdict is what a reader sees first.
    _summary(session.config, run)
    _render(session.config, run, session.config.option.history)
    if found := run.search():
        session.exitstatus = _EXIT["error"]
        # Without the history, which has this run already.
        _render(session.config, run, None)
        if terminal := session.config.stash.get(_TERMINAL, None):
            console.leaked(terminal, found)


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
        partial=_is_partial(config),
        verbosity=config.stash[_VERBOSITY],
    )


def _render(config: pytest.Config, run: Run, past: Path | None) -> None:
    """Make the pages of the statement and of the results."""
    terminal, statement = config.stash.get(_TERMINAL, None), run.statement
    if terminal is None or statement is None:
        return
    results.environment(run.folder / "allure-results", run.shown_profile, statement, run.partial)
    page.written(terminal, run.folder)
    if not config.option.no_report_html:
        title = overview.title(statement, run.partial)
        folders = [run.folder / "allure-results"]
        console.rendered(terminal, folders, run.folder, title, past)
