"""The command that is a Hubject to develop against."""

import os
import secrets
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oicp_conformance import options as table
from oicp_conformance.cli.errors import Problem, of_hub
from oicp_conformance.cli.pytest_run import none_after, offers

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from oicp_conformance.desk.desk import Desk

_TROUBLE = 3
TOKEN = "OICP_CONFORMANCE_TOKEN"  # noqa: S105 - the name of a variable
_LISTEN = "127.0.0.1:8600"


@click.command(short_help="Run a simulated Hubject for development.")
@offers(table.TARGET, table.SET, table.CONSENT, table.SEED_OPTION)
@click.option(
    "--listen", metavar="HOST:PORT", help="where the target reaches the hub (default: the profile's)"
)
@click.option(
    "--control", metavar="HOST:PORT", default="127.0.0.1:8700", help="the page and its HTTP interface"
)
@click.option(
    "--token",
    help=f"required to use the page and its interface (default: ${TOKEN}, or a generated one if needed)",
)
@click.option("--strict", is_flag=True, help="warnings count as fails in the statement")
@click.option(
    "--statement", metavar="DIR", type=click.Path(path_type=Path), help="write a statement at the end"
)
@click.option(
    "--record", metavar="FILE", type=click.Path(path_type=Path), help="keep the journal, for rejudge"
)
@click.option("--open", "open_", is_flag=True, help="open the page in a browser")
@click.pass_context
def hub(
    ctx: click.Context,
    /,
    control: str,
    token: str | None,
    statement: Path | None,
    record: Path | None,
    open_: bool,
    **values: Any,
) -> int:
    """Run a simulated Hubject for development: respond, call, judge, and show all on a page.

    Without --target this is a sandbox with the reference CPO and EMP as targets. The hub forwards what one
    sends to the other, and listens for a CPO on port 8600 and for an EMP on port 8601.
    """
    none_after(ctx)
    host, port = _address("--control", control)
    from oicp_conformance.desk.control import Control
    from oicp_conformance.desk.leaving import leave
    from oicp_conformance.hub.addresses import is_loopback
    from oicp_conformance.hub.errors import HubError
    from oicp_conformance.reporting.exit_codes import EXIT

    token = token or os.environ.get(TOKEN) or (None if is_loopback(host) else secrets.token_urlsafe(16))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        settings = table.settings(values.pop("set"), consent=values.pop("i_may_test_this_system"))
        with _desk(values.pop("target"), settings, **values) as desk:
            server = Control(desk, host, port, token)
            try:
                _tell(desk, server)
                if open_:
                    click.launch(server.page)
                # Waiting with a limit keeps the main thread open to signals on every platform.
                while not stop.wait(3600):
                    pass
            finally:
                server.stop()
            desk.stop()
            statements = leave(desk, statement, record)
    except HubError as error:
        raise of_hub(error) from None
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}", _TROUBLE) from None
    for one in statements:
        click.echo(f"{one.target.name}: {one.verdict}")
    return max((EXIT[one.verdict] for one in statements), default=0) if statement else 0


def _desk(
    target: str | None, settings: Sequence[str], listen: str | None, seed: str | None, *, strict: bool
) -> "AbstractContextManager[Desk]":
    import random

    from oicp_conformance.desk.desk import Desk
    from oicp_conformance.desk.opening import opened, run_before, sandbox
    from oicp_conformance.oicp.operations import BY_NAME
    from oicp_conformance.profile import ProfileError, load
    from oicp_conformance.stimuli import StimulusError

    drawn = random.randrange(1, 10**6)  # noqa: S311 - no secret
    number = drawn if seed == table.RANDOM else int(seed or table.SEED)
    if target is None:
        if settings:
            raise Problem("--set: it changes a profile; name one with --target")
        host, port = _address("--listen", listen or _LISTEN)
        return sandbox(host, (port, port + 1), seed=number, strict=strict)
    overrides = [*settings, *([f"hub.listen={listen}"] if listen else [])]
    try:
        profile = load(Path(target), operations=BY_NAME, overrides=overrides)
        return opened(Desk([run_before(profile, seed=number, strict=strict)]))
    except (ProfileError, StimulusError) as error:
        raise Problem(str(error)) from None


def _address(option: str, text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or int(port) > 65534:
        raise Problem(f"{option}: {text!r} is not HOST:PORT, such as 127.0.0.1:8700")
    return host, int(port)


def _tell(desk: "Desk", server: Any) -> None:
    from oicp_conformance.hub.addresses import announced

    for role, side in desk.sides.items():
        target = side.run.shown_profile.target
        click.echo(f"hub for {target.name} ({role.upper()} at {target.base_url}): {side.run.hub.url}")
        if reached := announced(side.run.hub.profile):
            click.secho(reached, fg="yellow")
    click.echo(f"page and control interface: {server.page}")
    click.echo("stop it with Ctrl-C")
