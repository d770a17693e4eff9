"""How a run begins: from the options to a run, a re-judging or the embedded targets.

What cannot be used is a usage error of pytest's, with one line for each problem.
"""

import random
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from oicp_conformance import options
from oicp_conformance.hub.errors import HubError
from oicp_conformance.journal.archive import ArchiveError
from oicp_conformance.judge.deviations import Deviation
from oicp_conformance.judge.statement import Statement
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.provider import faker
from oicp_conformance.oicp.types import Role
from oicp_conformance.plugin import selection
from oicp_conformance.profile import Profile, ProfileError, load
from oicp_conformance.reporting import console, extensions, history, runs
from oicp_conformance.reporting.exit_codes import EXIT
from oicp_conformance.reporting.terminal import Terminal
from oicp_conformance.run import known_list, rejudge, statements
from oicp_conformance.run.known_list import DeviationsError
from oicp_conformance.run.run import FILES, Run
from oicp_conformance.run.statements import StatementError
from oicp_conformance.stimuli import StimulusError, driver_for
from oicp_conformance.stimuli.ocpp import needs_extra


def check(config: pytest.Config) -> None:
    """Refuse what no run can be made with, whichever target it is of."""
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("-n: a run tests one target in a fixed order; run it without -n")
    if not hasattr(config.option, "verbose"):
        raise pytest.UsageError("-p no:terminal: a run reports its verdict on the terminal; run it without")
    if config.option.history and (text := history.problem(config.option.history)):
        raise pytest.UsageError(f"--history {text}")
    if unknown := [one for one in config.option.operation if one not in BY_NAME]:
        raise pytest.UsageError(
            f"--operation {unknown[0]}: no such operation; there are {', '.join(BY_NAME)}"
        )
    if config.option.ocpp and (text := needs_extra()):
        raise pytest.UsageError(f"--ocpp: {text}")
    if config.option.set and config.option.target is None:
        raise pytest.UsageError("--set: it changes a profile; name one with --target")


def run_embedded(config: pytest.Config) -> int:
    """Run the embedded targets of the roles that are asked for, each in a pytest of its own."""
    _known(config)
    for role in selection.roles(config):
        _baseline(config, role)
    from oicp_conformance.embedded import run_all  # noqa: PLC0415 - only here are the targets needed

    return run_all(
        selection.roles(config),
        list(map(str, config.invocation_params.args)),
        folder=made(config.option.report_dir or _folder(config)),
        seed=_seed(config),
        html=not config.option.no_report_html,
        history=config.option.history,
        ocpp=config.option.ocpp,
    )


def make_run(config: pytest.Config) -> Run:
    """Make the run against the target of a profile."""
    known = _known(config)
    try:
        profile = _profile(config)
        interactive = config.option.capture == "no"
        stimuli = driver_for(profile.stimuli, interactive=interactive, out=sys.stdout)
    except (ProfileError, StimulusError) as error:
        raise pytest.UsageError(*str(error).splitlines()) from None
    role = profile.target.role
    baseline = _baseline(config, role)
    if baseline and (reasons := selection.narrowed_by(config, role)):
        raise pytest.UsageError(
            f"--baseline: only a whole run can be compared, and {'; '.join(reasons)} leaves tests out"
        )
    folder = config.option.report_dir or _folder(config, role)
    if (
        config.option.deviations
        and config.option.deviations.resolve() == (folder / known_list.NAME).resolve()
    ):
        raise pytest.UsageError(
            f"--deviations {config.option.deviations}: a run writes a template of that name into its report "
            "folder; keep the list elsewhere"
        )
    folder = made(folder)
    seed = _seed(config)
    try:
        return Run(
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


def judge_again(config: pytest.Config) -> int:
    """Judge a saved journal; no test is run, and no hub opened."""
    for option in ("seed", "operation", "history"):
        if getattr(config.option, option):
            raise pytest.UsageError(f"--{option}: with --journal no tests run; leave it out")
    known = _known(config) if config.option.deviations else None
    try:
        profile = _profile(config) if config.option.target else None
        strict = bool(config.getini("strict"))
        saved = rejudge.read(config.option.journal, profile=profile, strict=strict, known=known)
    except (ProfileError, ArchiveError) as error:
        raise pytest.UsageError(*str(error).splitlines()) from None
    baseline = _baseline(config, saved.record.role)
    if baseline and saved.frame.partial:
        raise pytest.UsageError(f"--baseline: only a whole run can be compared; {saved.frame.partial}")
    folder = made(config.option.report_dir or _folder(config, "journal"), rejudge.FILES)
    judgement, statement = rejudge.rejudge(saved, folder, baseline)
    terminal = Terminal(config, pytest.TerminalReporter(config, sys.stdout))
    runs.tell(terminal, statement)
    left_out = saved.frame.partial
    ended = console.Shown(judgement, statement, saved.record, folder)
    console.summary(terminal, ended, None, seconds=0, left_out=left_out, verbosity=0)
    for failed in extensions.write(folder, statement):
        terminal.wrap(failed, "", "  ", yellow=True)
    return EXIT[judgement.verdict]


def made(folder: Path, names: Sequence[str] = FILES) -> Path:
    """Return the folder for the reports, made if need be, without those of an earlier run."""
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


def _profile(config: pytest.Config) -> Profile:
    settings = options.settings(config.option.set, consent=config.option.i_may_test_this_system)
    return load(config.option.target, operations=BY_NAME, overrides=settings)


def _seed(config: pytest.Config) -> int:
    """The seed of the run: a fixed one, so that its verdict does not depend on luck, unless one is drawn."""
    asked = config.option.seed
    if asked == options.RANDOM:
        return random.randrange(1, 10**6)  # noqa: S311 - no secret
    return options.SEED if asked is None else int(asked)


def _known(config: pytest.Config) -> list[Deviation]:
    """The list of known deviations."""
    try:
        return known_list.load(config.option.deviations) if config.option.deviations else []
    except DeviationsError as error:
        raise pytest.UsageError(*str(error).splitlines()) from None


def _baseline(config: pytest.Config, role: Role) -> Statement | None:
    """The statement that a run is to be compared with, where there is one."""
    path = config.option.baseline
    if path is None:
        return None
    if not path.exists():
        raise pytest.UsageError(f"--baseline {path}: no such file or folder")
    try:
        return statements.baseline(path, role)
    except StatementError as error:
        raise pytest.UsageError(f"--baseline {error}") from None


def _folder(config: pytest.Config, kind: str = "") -> Path:
    """Where a run writes that is told no folder: below the current one, never where the suite lies."""
    name = f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    return config.invocation_params.dir / "reports" / "out" / "-".join(filter(None, [name, kind]))
