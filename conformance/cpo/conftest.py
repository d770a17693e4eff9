"""What the tests of a CPO are given."""

import pytest

from conformance.cpo.driver import Cpo
from conformance.plugin import RUN


@pytest.fixture(scope="session")
def cpo(pytestconfig: pytest.Config) -> Cpo:
    """The CPO under test."""
    driver = pytestconfig.stash[RUN].driver
    assert isinstance(driver, Cpo)
    return driver
