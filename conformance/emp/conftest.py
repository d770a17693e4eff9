"""Fixtures of the tests of an EMP."""

import contextlib
from collections.abc import Iterator

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.hub.hub import TargetDown
from oicp_conformance.plugin import RUN


@pytest.fixture(scope="session")
def emp(pytestconfig: pytest.Config) -> Iterator[Emp]:
    """The EMP under test; sessions that are still open after the last test are closed."""
    run = pytestconfig.stash[RUN]
    assert isinstance(run.driver, Emp)
    yield run.driver
    if run.stopped is None:
        with contextlib.suppress(TargetDown):
            run.driver.close_all()
