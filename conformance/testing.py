"""What the collections' tests are written with."""

import pytest

__all__ = ["about", "last"]


def about(operation: str, *requirements: str) -> pytest.MarkDecorator:
    """Say what a test is about: an operation, and the requirements that it tries."""
    return pytest.mark.about(operation, *requirements)


last = pytest.mark.last
"""A test that has to run after all others of its collection."""
