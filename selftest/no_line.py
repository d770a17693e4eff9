"""A plugin that presses Ctrl-C at an instruction which belongs to no line of a file."""

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:  # noqa: ARG001 - as pytest calls it
    raise KeyboardInterrupt


pytest_runtest_setup.__code__ = pytest_runtest_setup.__code__.replace(co_linetable=b"")
