"""What the command line asks to run: of which roles, and whether it is all that there is for a target."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from oicp_conformance.collections_folder import NAME, collections_folder, in_collections
from oicp_conformance.oicp.types import Role

# Options of pytest that leave tests out, by where pytest keeps them.
_NARROWING = {
    "keyword": "-k",
    "markexpr": "-m",
    "lf": "--last-failed",
    "stepwise": "--stepwise",
    "deselect": "--deselect",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
}


def resolve(config: pytest.Config) -> None:
    """Have pytest collect the collections as paths, also where they are asked for by the package's name."""
    base, by_name = config.invocation_params.dir, config.option.pyargs
    config.args = [in_collections(one, base, by_name=by_name) or one for one in config.args]


def asked(config: pytest.Config) -> list[Path]:
    """Return what the command line asks to collect, as absolute paths."""
    base = config.invocation_params.dir
    return [(base / argument.partition("::")[0]).resolve() for argument in config.args]


def roles(config: pytest.Config) -> list[Role]:
    """Return the roles of which the command line asks for tests."""
    folder, places = collections_folder(), asked(config)
    return [
        role
        for role in get_args(Role)
        if any(one == folder or one.is_relative_to(folder / role) for one in places)
    ]


def is_run(config: pytest.Config) -> bool:
    """Whether the command line asks to run the suite's own collections."""
    if config.option.collectonly or config.option.showfixtures:
        return False
    return any(one.is_relative_to(collections_folder()) for one in asked(config))


def narrowed_by(config: pytest.Config, role: Role) -> list[str]:
    """Return what on the command line leaves out tests of a role; empty for a whole run."""
    return list(_narrowed_by(config, role))


def _narrowed_by(config: pytest.Config, role: Role) -> Iterator[str]:
    folder = collections_folder()
    if not {folder, folder / role} & set(asked(config)):
        yield ", ".join(shown(one) for one in config.args)
    yield from (f"--operation {one}" for one in config.option.operation)
    for key, name in _NARROWING.items():
        if (value := getattr(config.option, key, None)) and not (key == "lf" and _none_failed(config)):
            yield f"{name} {value}" if isinstance(value, str) else name


def _none_failed(config: pytest.Config) -> bool:
    """Whether pytest remembers that nothing failed: then it runs all tests as the last failed ones."""
    return config.cache is not None and not config.cache.get("cache/lastfailed", {})


def shown(argument: str) -> str:
    """Return an argument as the ids of tests have it, wherever the collections lie."""
    folder = collections_folder()
    place, colons, test = argument.partition("::")
    path = Path(place).resolve()
    if not path.is_relative_to(folder):
        return argument
    return f"{(NAME / path.relative_to(folder)).as_posix()}{colons}{test}"


def left_out(config: pytest.Config, role: Role, selected: int, deselected: int) -> str | None:
    """Return how many tests of a role are run, and why not all of them; None for a whole run."""
    reasons = narrowed_by(config, role)
    if not reasons and not deselected:
        return None
    # What pytest never collects is not counted: then only the number of those that run is known.
    option = config.option
    uncounted = bool(option.ignore or option.ignore_glob or getattr(option, "lf", False))
    uncounted = uncounted or not {collections_folder(), collections_folder() / role} & set(asked(config))
    tests = f"{selected} of {selected + deselected} tests"
    if uncounted or not deselected:
        tests = "1 test" if selected == 1 else f"{selected} tests"
    return f"only {tests} run: {'; '.join(reasons) or 'others were deselected'}"
