"""What several modules of unit tests need."""

import pytest

from oicp_conformance.hub.store import Store
from selftest.unit.stores import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store(clock)
