"""What the collections' tests are written with."""

from collections.abc import Iterable

import pytest
from _pytest.mark import ParameterSet

__all__ = ["about", "each", "last"]


def about(operation: str, *requirements: str) -> pytest.MarkDecorator:
    """Say what a test is about: an operation, and the requirements that it tries."""
    return pytest.mark.about(operation, *requirements)


def each(operations: Iterable[str], *requirements: str) -> list[ParameterSet]:
    """One parameter an operation, for a test that is about each of them."""
    return [pytest.param(one, marks=about(one, *requirements)) for one in operations]


last = pytest.mark.last
"""A test that has to run after all others of its collection."""
