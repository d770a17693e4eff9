"""How pytest runs the suite: options, the life of a run, what becomes of each test, and the end.

The plugin does nothing in a session that runs no collection of the suite, such as its self-tests.
"""

import argparse
import random
import sys
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import get_args

import pytest

from conformance.hub.hub import HubError, TargetDown, Unobserved
from conformance.oicp.catalogue import listing
from conformance.oicp.operations import BY_NAME
from conformance.oicp.types import Role
from conformance.profile import ProfileError, load
from conformance.run import FILES, Run
from conformance.stimuli import StimulusError, driver_for
from fixtures.provider import faker
from reports import console, results

RUN = pytest.StashKey[Run]()
_FOLDER = Path(__file__).parent
_EXIT = {"pass": pytest.ExitCode.OK, "fail": pytest.ExitCode.TESTS_FAILED}
_EXIT |= {"incomplete": pytest.ExitCode.TESTS_FAILED, "error": pytest.ExitCode.INTERNAL_ERROR}


class Broken(AssertionError):
    """A requirement was broken; the text is the findings."""

    # Reports show the name with its module; of this one the text is what matters.
    __module__ = "builtins"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the suite's options."""
    group = parser.getgroup("oicp", "OICP conformance")
    group.addoption("--target", type=Path, metavar="FILE", help="the profile of the backend under test")
    group.addoption("--report-dir", type=Path, metavar="DIR", help="where the run writes its reports")
    group.addoption("--seed", type=int, metavar="N", help="the seed of all test data (default: random)")
    group.addoption(
        "--operation", action="append", default=[], metavar="NAME", help="run only tests about this operation"
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
    if config.option.help or config.option.version or not _is_run(config):
        return None
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("-n: a run speaks with one target in one order; run it without -n")
    seed = config.option.seed if config.option.seed is not None else random.randrange(1, 10**6)  # noqa: S311
    name = f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    folder = config.option.report_dir
    if config.option.target is None:
        from fixtures.embedded import run_all  # noqa: PLC0415 - only here are the targets needed

        return run_all(
            _roles(config),
            list(map(str, config.invocation_params.args)),
            folder=_made(folder or config.rootpath / "reports" / "out" / name),
            seed=seed,
            html=not config.option.no_report_html,
        )
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
    folder = _made(folder or config.rootpath / "reports" / "out" / f"{name}-{profile.target.role}")
    try:
        config.stash[RUN] = Run(
            profile, stimuli, faker(seed), seed=seed, strict=bool(config.getini("strict")), folder=folder
        )
    except HubError as error:
        raise pytest.UsageError(f"{config.option.target}: {error}") from None
    config.option.allure_report_dir = str(_made(folder / "allure-results"))
    config.option.clean_alluredir = True
    config.option.xmlpath = str(folder / "junit.xml")
    if config.option.reportchars == "fE":  # pytest's default: the suite has its own summary
        config.option.reportchars = ""
    return None


def _made(folder: Path) -> Path:
    """The folder for the reports, without what an earlier run has left in it."""
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the collection of the target's role, with what comes last at the end."""
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


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Open the hub before the first test; where it cannot be opened, no test is run."""
    run = session.config.stash.get(RUN, None)
    if run is None:
        return None
    try:
        run.hub.start()
    except HubError as error:
        run.trouble.append(f"{session.config.option.target}: {error}")
        return True
    return None


def pytest_exception_interact(node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object]) -> None:
    """Keep what went wrong in the suite itself apart from what the target broke."""
    run = node.config.stash.get(RUN, None)
    error = call.excinfo.value if call.excinfo else None
    if run is not None and not isinstance(error, Broken):
        lines = str(error).splitlines() or [""]
        run.trouble.append(f"{node.nodeid}: {type(error).__name__}: {lines[0]}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Describe the test; leave it out when it is about what the profile does not declare."""
    run = item.config.stash.get(RUN, None)
    if run is None:
        return
    run.hub.begin_test(item.nodeid)
    marker = item.get_closest_marker("about")
    operation, *requirements = marker.args if marker else ("", ())
    results.describe(item, run.record, operation, requirements)
    if reason := run.not_applicable(operation, requirements):
        results.verdict("not-applicable")
        pytest.skip(f"not applicable: {reason}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show of a broken requirement the finding, not the suite's own code."""
    report = yield
    if RUN in item.config.stash and call.excinfo and isinstance(call.excinfo.value, Broken):
        report.longrepr = str(call.excinfo.value)
    return report


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
    except TargetDown as reason:
        unobserved = _stop(item, run, reason)
    except Exception:
        results.verdict("error")
        raise
    try:
        if run.stopped is None:
            run.driver.clean_up()
    except TargetDown as reason:
        unobserved = _stop(item, run, reason)
    record = run.record
    results.smallest(record, item.nodeid)
    repeated = {number for note in record.reduced for number in note.larger}
    own = [one for one in record.exchanges if one.test == item.nodeid and one.number not in repeated]
    results.attach(own, run.profile)
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
    catalogued = [results.finding(one, run.record) for one in findings]
    for one in findings:
        item.user_properties.append(("finding", f"{one.verdict}: {one.requirement}: {one.message}"))
    if any(run.fails(one) for one in findings):
        results.verdict("fail")
        raise Broken("\n\n".join(catalogued))
    if findings:
        results.verdict("warning")
        results.text("Warnings", "\n\n".join(catalogued))
    elif unobserved:
        results.verdict("inconclusive")
        pytest.skip(f"inconclusive: {unobserved}")
    else:
        results.verdict("pass")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Write the statement; the verdict is the exit code, unless pytest itself had trouble."""
    run = session.config.stash.get(RUN, None)
    if run is not None:
        run.hub.stop()
        if session.exitstatus == pytest.ExitCode.INTERRUPTED:
            run.stopped = run.stopped or "the run was interrupted"
        elif session.exitstatus == pytest.ExitCode.INTERNAL_ERROR:
            run.trouble.append("pytest had an internal error")
        statement = run.finish()
        if run.judgement is not None:
            page = results.errata(run.judgement.findings)
            results.global_page("contradictions of the documents", page)
            (run.folder / "errata.md").write_text(page, encoding="utf-8")
        results.environment(run.folder / "allure-results", run.profile, statement)
        if session.exitstatus in {
            pytest.ExitCode.OK,
            pytest.ExitCode.TESTS_FAILED,
            pytest.ExitCode.INTERRUPTED,
        }:
            session.exitstatus = _EXIT[statement.verdict]
    yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the verdict, and render the report."""
    run = config.stash.get(RUN, None)
    if run is None or run.judgement is None:
        return
    console.summary(terminalreporter, run.judgement, run.folder)
    if not config.option.no_report_html:
        console.rendered(terminalreporter, [run.folder / "allure-results"], run.folder, run.judgement)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say who is judged, and with which seed."""
    run = config.stash.get(RUN, None)
    if run is None:
        return []
    target = run.profile.target
    return [
        f"target: {target.name} ({target.role.upper()}) at {target.base_url}",
        f"hub: {run.profile.hub.listen}; seed: {run.seed}; reports: {run.folder}",
    ]
