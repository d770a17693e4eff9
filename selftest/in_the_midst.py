"""A plugin that presses Ctrl-C while pytest is at work: pluggy makes a warning of it, and that an error."""

import signal
from collections.abc import Generator

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_logfinish() -> Generator[None, None, None]:
    yield
    signal.raise_signal(signal.SIGINT)
