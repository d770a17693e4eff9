"""What the collections' tests are written with."""

from collections.abc import Iterable
from typing import Literal

import pytest
from _pytest.mark import ParameterSet

from oicp_conformance.judge.catalogue import judged
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.profile.toml import hint

__all__ = ["MARKERS", "about", "each", "first", "generates", "last", "place", "sessionless", "together"]

MARKERS = (
    "about(operation, *requirements): what a test is about",
    "first: runs before all others",
    "sessionless: runs after the tests with sessions; while it waits, the suite listens for these, too",
    "last: runs after all others",
    "generates(kind): the requests that a test generates, valid or invalid",
    "together(what, name): waits at the same time as the other tests that wait for it",
    "hubject(role, ...): the backend for the fixture of oicp_conformance.testing; see hub_for",
)
"""The marks, as pytest wants to know them."""


def about(operation: str, *requirements: str) -> pytest.MarkDecorator:
    """Say what a test is about: an operation, and the requirements that it tries.

    Raises:
        ValueError: there is no such operation, or no such requirement.
    """
    if operation not in BY_NAME:
        raise ValueError(f"{operation} is not an operation of OICP 2.3")
    if unknown := [one for one in requirements if one not in judged()]:
        guess = hint(unknown[0], judged())
        raise ValueError(f"unknown requirement {unknown[0]}" + (f"; {guess}" if guess else ""))
    return pytest.mark.about(operation, *requirements)


def each(operations: Iterable[str], *requirements: str) -> list[ParameterSet]:
    """One parameter an operation, for a test that is about each of them."""
    return [pytest.param(one, marks=about(one, *requirements)) for one in operations]


first = pytest.mark.first
"""A test that has to run before all others of its collection, which rest on what it shows."""
sessionless = pytest.mark.sessionless
"""A test without sessions, that waits for something: it runs after those with sessions.

While it waits, the suite listens for what must not come in their sessions.
"""
last = pytest.mark.last
"""A test that has to run after all others of its collection."""


def together(what: str, name: str = "") -> pytest.MarkDecorator:
    """Say that a test waits for something that other tests can wait for at the same time.

    The first of them that runs tries it for all, and gives each what became of it. The fixture `beside` has
    them by their `name`, or else by the operation that they are about.
    """
    return pytest.mark.together(what, name)


def generates(kind: Literal["valid", "invalid"]) -> pytest.MarkDecorator:
    """Say which requests of its operation a test generates: they can be drawn before it begins."""
    return pytest.mark.generates(kind)


def place(item: pytest.Item) -> int:
    """Where a test has its place: before the others, among them, or after them.

    Generated requests come after the scenarios, in whose waits they are drawn.
    """
    places = {"first": -1, "generates": 1, "sessionless": 2, "last": 3}
    return next((at for name, at in places.items() if item.get_closest_marker(name) is not None), 0)
