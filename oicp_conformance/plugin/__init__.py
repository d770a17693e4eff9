"""pytest's entry point: it loads the suite when a session asks for the suite's own collections.

pytest imports this module in every session of whoever has the suite installed. In a session that is not the
suite's it does nothing: no option, no marker, no import of what is heavy.
"""

from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from oicp_conformance import options
from oicp_conformance.collections_folder import PACKAGE, NoCollectionsError, in_collections

if TYPE_CHECKING:
    from oicp_conformance.run.run import Run

RUN: "pytest.StashKey[Run]" = pytest.StashKey()
"""Where a session keeps its run."""
_WITH_VALUE = {one.name for one in options.ALL if one.metavar}
_SESSION = "oicp_conformance.plugin.session"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Load the suite where its collections are asked for."""
    try:
        wanted = is_asked_for(early_config, args)
    except NoCollectionsError as error:
        raise pytest.UsageError(str(error)) from None
    if wanted:
        from oicp_conformance import collector  # noqa: PLC0415 - a session that is not the suite's loads nothing

        collector.run_seldom()
        options.offer(parser)
        early_config.pluginmanager.register(import_module(_SESSION), _SESSION)
    elif any(one.partition("=")[0] == options.TARGET.name for one in args):
        # Shown only when nobody else knows that option.
        parser.extra_info["oicp-conformance"] = (
            f"use `oicp-conformance run`, or name the collections: pytest --pyargs {PACKAGE}"
        )


def is_asked_for(config: pytest.Config, args: Sequence[str]) -> bool:
    """Whether a command line asks for the suite's own collections: by path, by name, or as `testpaths`."""
    base = config.invocation_params.dir
    by_name = "--pyargs" in args
    named = [one for one in args if not one.startswith("-")]
    values = {value for name, value in pairwise(args) if name in _WITH_VALUE}
    try:
        if any(in_collections(one, base, by_name=by_name) for one in named):
            return True
        if any(_is_collected(one, base) for one in named if one not in values):
            return False
        paths = config.getini("testpaths") if base == config.rootpath else []
        return any(in_collections(one, base, by_name=False) for one in paths or ["."])
    except NoCollectionsError:
        if by_name and any(one.startswith(PACKAGE) for one in named):
            raise
        return False


def _is_collected(argument: str, base: Path) -> bool:
    """Whether an argument names something to collect, rather than being the value of an option."""
    path = base / argument.partition("::")[0]
    return path.is_dir() or path.suffix == ".py"
