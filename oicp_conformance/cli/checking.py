"""The command that checks a profile before a run."""

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oicp_conformance import options as table
from oicp_conformance.cli.errors import Problem
from oicp_conformance.cli.pytest_run import none_after, offers

if TYPE_CHECKING:
    from oicp_conformance.preflight import Result
    from oicp_conformance.profile import Profile

_FAILED = 1
_LOOKS = {"ok": "green", "warning": "yellow", "problem": "bold red", "skipped": "dim"}
_INDENT = 9
"""Columns before a text: the longest state, and a blank."""


@click.command(short_help="Check a profile, the target and the stimuli before a run.")
@offers(table.TARGET, table.SET, table.CONSENT)
@click.option(
    "--wait",
    metavar="SECONDS",
    type=click.FloatRange(0, max=86400),
    help="first wait up to this long until the target responds",
)
@click.pass_context
def check(ctx: click.Context, /, target: str | None, wait: float | None, **values: Any) -> int:
    """Check whether a run can work: addresses, paths, certificates, clocks, stimuli.

    The check changes nothing in the target. In CI, use --wait for a backend that is still starting.

    Exit code 0: no problem was found; 1: a problem was found; 4: the profile cannot be used.
    """
    none_after(ctx)
    if target is None:
        raise Problem("--target: missing; `oicp-conformance init` writes a profile")
    from oicp_conformance.oicp.operations import BY_NAME
    from oicp_conformance.preflight import State
    from oicp_conformance.preflight import check as preflight
    from oicp_conformance.profile import ProfileError, load

    try:
        settings = table.settings(values["set"], consent=values["i_may_test_this_system"])
        profile = load(Path(target), operations=BY_NAME, overrides=settings)
    except ProfileError as error:
        raise Problem(str(error)) from None
    if wait is not None:
        _wait(profile, wait)
    problems = 0
    for result in preflight(profile):
        problems += result.state is State.PROBLEM
        show(result)
    if problems:
        click.echo(f"{problems} problem{'s' if problems > 1 else ''} to solve before a run")
        return _FAILED
    click.echo(f"no problem was found: oicp-conformance run --target {target}")
    return 0


def _wait(profile: "Profile", seconds: float) -> None:
    """Wait for the target; that it did not answer in time is a result of the check that follows."""
    from oicp_conformance.hub.errors import HubError
    from oicp_conformance.preflight import wait_for

    # What [target.tls] names and cannot be used is a result of the check, too.
    with contextlib.suppress(HubError):
        if not wait_for(profile.target, seconds):
            click.echo(f"{profile.target.shown_url} did not respond with HTTP in {seconds:g} s", err=True)


def show(result: "Result") -> None:
    """Print the result of a check: what was found, on which line of the profile, what to do."""
    from rich.console import Console
    from rich.text import Text

    lines = [f"{result.about}: {result.text}"]
    if result.state.value != "ok":
        lines += filter(None, [result.where, result.advice])
    # rich itself takes every terminal that can do little for one of 80 columns.
    columns, rows = shutil.get_terminal_size((80, 24))
    console = Console(highlight=False, width=columns, height=rows)
    begin = Text(f"{result.state.value:<{_INDENT}}", style=_LOOKS[result.state.value])
    for line in Text("\n".join(lines)).wrap(console, max(columns - _INDENT, 1)):
        line.rstrip()  # where rich broke it
        console.print(begin + line, soft_wrap=True)
        begin = Text(" " * _INDENT)
