"""A plugin that stumbles over Ctrl-C: an error of its own takes the place of the interruption."""

import signal
from collections.abc import Generator

import pytest

from oicp_conformance.interrupts import interruptible


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, None, None]:
    yield
    try:
        with interruptible():
            signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise AttributeError("children") from None
