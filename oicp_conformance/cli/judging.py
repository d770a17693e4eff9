"""The commands that judge: a target, the reference targets, a saved run."""

from pathlib import Path
from typing import Any

import click

from oicp_conformance import options as table
from oicp_conformance.cli import batches
from oicp_conformance.cli.errors import Problem
from oicp_conformance.cli.pytest_run import (
    after,
    arguments,
    folder_of_now,
    none_after,
    run_pytest,
    selected,
    takes,
)
from oicp_conformance.cli.targets import is_several, no_arguments

_RUN = (
    *(table.TARGET, table.SET, table.CONSENT, table.OPERATION, table.EXAMPLES_OPTION, table.SEED_OPTION),
    *(table.DEVIATIONS, table.BASELINE, table.HISTORY, table.REPORT_DIR, table.NO_HTML),
)
_DEMO = (table.OCPP, table.EXAMPLES_OPTION, table.SEED_OPTION, table.REPORT_DIR, table.NO_HTML)
_REJUDGE = (table.TARGET, table.SET, table.DEVIATIONS, table.BASELINE, table.REPORT_DIR)
_NIGHTLY = (
    *(table.TARGET, table.SET, table.CONSENT, table.EXAMPLES_OPTION, table.SEED_OPTION),
    table.DEVIATIONS,
    *(table.REPORT_DIR, table.NO_HTML),
)
KEEP = Path("reports", "history")
"""What lasts from night to night."""
NIGHT = Path("reports", "out", "nightly")
"""Where a night writes its reports."""


@click.command(short_help="Judge the reference CPO and EMP, and write a report.")
@takes(*_DEMO)
@click.option("--role", type=click.Choice(["cpo", "emp"]), help="only the reference target of this role")
@click.option("--open", "open_", is_flag=True, help="open the report in a browser")
@click.pass_context
def demo(ctx: click.Context, /, role: str | None, open_: bool, **values: Any) -> int:
    """Judge both reference targets of the suite, and write a report.

    This needs no profile and no backend. Arguments after -- go to pytest.
    """
    places, others = after(ctx)
    places = places or ([f"conformance/{role}"] if role else [])
    values["report_dir"] = folder = values["report_dir"] or folder_of_now()
    code = run_pytest([*selected(places), *arguments(_DEMO, values), *others])
    if open_:
        _open(Path(folder))
    return code


def _open(folder: Path) -> None:
    pages = [folder / "report.html", *sorted(folder.glob("*/conformance.html"))]
    for page in [one for one in pages if one.exists()][:1]:
        click.launch(page.absolute().as_uri())
        return
    click.echo(f"{folder} has no report to open", err=True)


@click.command(
    short_help="Judge the backend that a profile describes.", context_settings={"allow_extra_args": True}
)
@takes(*_RUN)
@click.option(
    "--jobs", metavar="N", type=click.IntRange(min=1), help="judge N targets at a time (default: 1)"
)
@click.option(
    "--on",
    metavar="MACHINE",
    multiple=True,
    help="judge one target at a time there, e.g. ssh=lab2",
)
@click.pass_context
def run(ctx: click.Context, /, jobs: int | None, on: tuple[str, ...], **values: Any) -> int:
    """Judge the backend of the profile --target, or all of 'profiles/*.toml'.

    The hub listens where the profile says. Ctrl-C ends the run. Arguments
    after -- go to pytest, for example: -- -k remote_start -x
    """
    no_arguments(ctx)
    if values["target"] is None:
        raise Problem(
            "--target: missing; `oicp-conformance init` writes a profile, `oicp-conformance demo` needs none"
        )
    places, others = after(ctx)
    if jobs or on or is_several(values["target"]):
        return batches.judged([*places, *others], _RUN, values, jobs=jobs, machines=on)
    return run_pytest([*selected(places), *others, *arguments(_RUN, values)])


@click.command(short_help="Judge a saved run again, without a target.")
@click.argument("journal", type=click.Path(path_type=Path))
@takes(*_REJUDGE)
@click.pass_context
def rejudge(ctx: click.Context, /, journal: Path, **values: Any) -> int:
    """Judge a saved run again with today's rules, without a target.

    JOURNAL is the journal.jsonl of a run, or its folder. --target replaces the saved
    profile, --deviations the saved list.
    """
    none_after(ctx)
    file = journal / "journal.jsonl" if journal.is_dir() else journal
    return run_pytest([*selected(), "--journal", str(file), *arguments(_REJUDGE, values)])


@click.command(short_help="Judge every night: fail only for new findings.")
@takes(*_NIGHTLY)
@click.option(
    "--keep",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=KEEP,
    help="the last good run and the history (default: reports/history)",
)
@click.pass_context
def nightly(ctx: click.Context, /, keep: Path, **values: Any) -> int:
    """Judge, and compare with the last run that was not worse: fail only for new findings.

    It fails until new findings are fixed or listed with --deviations. Test data is new each night, unless
    --seed is given. Without --target it judges the reference targets.
    """
    from oicp_conformance.reporting import nightly as night

    places, others = after(ctx)
    folder = Path(values["report_dir"] or NIGHT)
    values |= {"report_dir": folder, "seed": values["seed"] or table.RANDOM}
    try:
        night.make_ready(folder, keep)
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}") from None
    made = ["--baseline", str(keep), "--history", str(keep / "history.jsonl")]
    code = run_pytest([*selected(places), *arguments(_NIGHTLY, values), *made, *others])
    return night.settle(folder, keep, code)
