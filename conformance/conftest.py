"""What all tests are given."""

from collections.abc import Iterator

import pytest

from oicp_conformance.actors.stage import NotApplicable, Stage
from oicp_conformance.generated.properties import Property
from oicp_conformance.journal.notes import Walk
from oicp_conformance.judge.ways import Way, why_not
from oicp_conformance.plugin import RUN


@pytest.fixture(scope="session")
def hub(pytestconfig: pytest.Config) -> Stage:
    """Our Hubject."""
    return pytestconfig.stash[RUN].hub


@pytest.fixture
def generated(request: pytest.FixtureRequest) -> Iterator[Property]:
    """A property to be tried with generated inputs: as many as the command line says, the same for a seed.

    Raises:
        NotApplicable: the command line says none.
    """
    if not request.config.option.examples:
        raise NotApplicable("nothing is generated: --examples 0")
    run = request.config.stash[RUN]
    tried = Property(
        run.hub,
        name=request.node.name,
        seed=run.seed,
        examples=request.config.option.examples,
        is_known=run.is_told,
    )
    yield tried
    request.node.user_properties.append(("generated", tried.summary))


@pytest.fixture
def way(hub: Stage, request: pytest.FixtureRequest) -> Way:
    """The way of the test, if it concerns the target."""
    chosen: Way = request.param
    if reason := why_not(hub.profile, chosen):
        raise NotApplicable(reason)
    hub.journal.note(Walk(hub.test, chosen.begin, chosen.end))
    return chosen
