"""What the tests of an EMP are given."""

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.plugin import RUN


@pytest.fixture(scope="session")
def emp(pytestconfig: pytest.Config) -> Emp:
    """The EMP under test."""
    driver = pytestconfig.stash[RUN].driver
    assert isinstance(driver, Emp)
    return driver
