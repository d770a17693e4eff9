"""What all tests are given."""

import pytest

from conformance.hub.hub import Hub
from conformance.plugin import RUN


@pytest.fixture(scope="session")
def hub(pytestconfig: pytest.Config) -> Hub:
    """Our Hubject."""
    return pytestconfig.stash[RUN].hub
