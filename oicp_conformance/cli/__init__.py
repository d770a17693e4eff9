"""The command `oicp-conformance`.

Its modules import nothing heavy before a command needs it: help and completion answer at once.
"""

import sys
from collections.abc import Sequence

import click

from oicp_conformance import __version__
from oicp_conformance.cli import bundling, checking, facts, hubbing, judging, loads, profiles, reports
from oicp_conformance.cli.errors import Problem
from oicp_conformance.cli.pytest_run import AFTER
from oicp_conformance.interrupts import can_be_interrupted

PROGRAM = "oicp-conformance"
_INTERRUPTED, _TROUBLE, _USAGE = 2, 3, 4
_COMMANDS = (
    *(judging.demo, judging.run, profiles.init, checking.check, hubbing.hub, loads.load, judging.rejudge),
    *(reports.show, reports.replay, reports.compare, reports.report),
    *(bundling.bundle, bundling.verify),
    *(facts.requirements, facts.schema, facts.contract, judging.nightly),
    *(facts.completion, facts.version),
)


class _Group(click.Group):
    """Lists its commands in the order in which a user needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return their names."""
        del ctx
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands only, not --help and --version: all must fit on a screen of 24 lines."""
        self.format_commands(ctx, formatter)


@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
def command() -> None:
    """\b
    Judge the OICP 2.3 backend of a CPO or an EMP: the suite plays Hubject.
    Exit codes: 0 pass/partial, 1 fail/incomplete, 3 internal error, 4 bad usage
    """


for _one in _COMMANDS:
    command.add_command(_one)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; an error is one line on standard error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    can_be_interrupted()
    # What comes after -- is pytest's: click would take it for arguments of the command.
    at = given.index("--") if "--" in given else len(given)
    own, others = given[:at], given[at + 1 :] if at < len(given) else None
    try:
        code = command.main(own, prog_name=PROGRAM, standalone_mode=False, obj={AFTER: others})
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else error.format_message())
        return _USAGE
    except click.ClickException as error:
        _complain(error)
        return error.exit_code if isinstance(error, Problem) else _USAGE
    except (click.Abort, KeyboardInterrupt):
        # The terminal has shown ^C in the middle of a line.
        click.echo("\ninterrupted" if sys.stderr.isatty() else "interrupted", err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # or Python would complain of it once more at its end
        return _TROUBLE
    except Exception as error:  # noqa: BLE001 - the suite's own mistake is told apart from the user's
        click.secho(f"internal error: {type(error).__name__}: {error}", err=True, fg="red")
        return _TROUBLE
    return int(code or 0)


def _complain(error: click.ClickException) -> None:
    ctx = getattr(error, "ctx", None)
    text = " ".join(error.format_message().split()) if not isinstance(error, Problem) else error.message
    for line in text.splitlines():
        click.secho(f"error: {line}", err=True, fg="red")
    if ctx is not None and not isinstance(error, Problem):
        click.echo(f"       see {ctx.command_path} --help", err=True)
