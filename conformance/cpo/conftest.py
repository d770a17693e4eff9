"""Fixtures of the tests of a CPO."""

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.cpo_pauses import Pauses
from oicp_conformance.actors.stage import Stage
from oicp_conformance.plugin import RUN


@pytest.fixture(scope="session")
def cpo(pytestconfig: pytest.Config) -> Cpo:
    """The CPO under test."""
    driver = pytestconfig.stash[RUN].driver
    assert isinstance(driver, Cpo)
    return driver


@pytest.fixture(scope="session")
def pauses(hub: Stage, cpo: Cpo) -> Pauses:
    """The sessions of the CPO in which Hubject takes its time."""
    return Pauses(hub, cpo)
