"""Which files of the collections have tests about an operation, so that a run need not collect the others."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from _pytest.mark import Mark, MarkDecorator, ParameterSet

import conformance
from oicp_conformance.oicp.types import Role

ALWAYS = "every operation"
"""What tests are about that run whatever is asked for."""


@cache
def about(role: Role) -> dict[str, set[str]]:
    """The files of a role's collection, as a command line names them, with what their tests are about."""
    package = importlib.import_module(f"{conformance.__name__}.{role}")
    return {
        f"{conformance.__name__}/{role}/{one.name}.py": set(
            _operations(importlib.import_module(f"{package.__name__}.{one.name}"))
        )
        for one in pkgutil.iter_modules(package.__path__)
        if one.name.startswith("test_")
    }


def files(role: Role, operations: Iterable[str]) -> list[str]:
    """The files with the tests that a run about some operations has."""
    wanted = {*operations, ALWAYS}
    return [file for file, about_it in about(role).items() if about_it & wanted]


def _operations(module: Any) -> Iterator[str]:
    for name, test in vars(module).items():
        for mark in _marks(getattr(test, "pytestmark", ())) if name.startswith("test_") else ():
            if mark.name == "about":
                yield mark.args[0]
            elif mark.name == "last":
                yield ALWAYS


def _marks(marks: Iterable[Mark | MarkDecorator]) -> Iterator[Mark | MarkDecorator]:
    """Marks, with those of the parameters."""
    for mark in marks:
        yield mark
        if mark.name == "parametrize":
            for value in mark.args[1]:
                yield from value.marks if isinstance(value, ParameterSet) else ()
