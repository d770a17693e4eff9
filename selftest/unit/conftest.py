"""What several modules of unit tests need."""

from pathlib import Path

import pytest

from oicp_conformance.hub.store import Store
from selftest.unit.scene import Scene
from selftest.unit.stores import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store(clock)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)
