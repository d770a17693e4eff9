"""Commands that run pytest: their options are those of the plugin, from the same table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from oicp_conformance.cli.errors import Checked, Problem
from oicp_conformance.cli.targets import one_target
from oicp_conformance.collections_folder import NAME, NoCollectionsError, collections_folder
from oicp_conformance.options import OPERATION, TARGET, Option

AFTER = "after --"
"""Under this name the context has what came after --, or None."""
INI = Path(__file__).with_name("pytest.ini")

Decorated = Callable[..., Any]


def takes(*options: Option) -> Callable[[Decorated], Decorated]:
    """Give a command options of the table, and those of pytest that every run knows."""

    def decorate(function: Decorated) -> Decorated:
        given = click.option("-v", "--verbose", count=True, help="report each exchange")(function)
        given = click.option(
            "-q", "--quiet", count=True, help="report only what is not a pass; -qq: the end"
        )(given)
        given = click.option("--strict", is_flag=True, help="warnings count as fails")(given)
        return offers(*options)(given)

    return decorate


def offers(*options: Option) -> Callable[[Decorated], Decorated]:
    """Give a command options of the table."""

    def decorate(function: Decorated) -> Decorated:
        for one in reversed(options):
            function = _offered(one)(function)
        return function

    return decorate


def _offered(one: Option) -> Callable[[Decorated], Decorated]:
    if not one.metavar:
        return click.option(one.name, one.key, is_flag=True, help=one.help, hidden=one.hidden)
    kind: Any = Checked(one.metavar, one.read)
    if one.read is Path:
        kind = click.Path(path_type=str)  # which completes names of files
    more: dict[str, Any] = {"shell_complete": _operations} if one is OPERATION else {}
    many = one.many
    if one is TARGET:
        many, more = True, {"callback": one_target}
    if one.bare:
        more |= {"is_flag": False, "flag_value": one.bare}
    return click.option(
        one.name, one.key, metavar=one.metavar, type=kind, multiple=many, help=one.help, **more
    )


def _operations(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    del ctx, param
    from oicp_conformance.oicp.operations import BY_NAME

    return [name for name in BY_NAME if name.startswith(incomplete)]


def arguments(options: Iterable[Option], values: Mapping[str, Any]) -> list[str]:
    """Return the values of a command's options as pytest takes them."""
    made: list[str] = []
    for one in options:
        value = values.get(one.key)
        if not one.metavar:
            made += [one.name] if value else []
        elif value is not None:
            made += [part for text in (value if one.many else [value]) for part in (one.name, str(text))]
    made += ["--strict"] if values.get("strict") else []
    made += ["-q"] * values.get("quiet", 0)
    return made + ["-v"] * values.get("verbose", 0)


def selected(places: Sequence[str] = ()) -> list[str]:
    """Return how pytest is called for the suite's collections, from any folder, and for which of them.

    `places` are parts of the collections as `conformance/cpo`; none are all.
    """
    try:
        folder = collections_folder()
    except NoCollectionsError as error:
        raise Problem(str(error), 3) from None
    # Asserts are the suite's own: nobody reads them rewritten, and to rewrite them takes seconds.
    base = ["-c", str(INI), f"--rootdir={Path.cwd()}", "--assert=plain"]
    return [*base, *(f"{folder}{one.removeprefix(NAME)}" for one in places or [NAME])]


def after(ctx: click.Context) -> tuple[list[str], list[str]]:
    """Return what came after --: parts of the collections as `conformance/cpo`, and all else."""
    given = ctx.obj.get(AFTER) or []
    places = [one for one in given if one == NAME or one.startswith(f"{NAME}/")]
    return places, [one for one in given if one not in places]


def none_after(ctx: click.Context) -> None:
    """Refuse arguments for pytest where none runs."""
    if ctx.obj.get(AFTER) is not None:
        raise Problem(f"{ctx.command_path} runs no tests: remove the arguments after --")


def run_pytest(given: Sequence[str]) -> int:
    """Run pytest in this process and return its exit code."""
    import pytest

    return int(pytest.main(list(given)))


def folder_of_now() -> str:
    """Return where a run that is told no folder writes its reports, below the current one."""
    from datetime import datetime

    return str(Path("reports", "out", f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"))
