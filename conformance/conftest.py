"""Fixtures of all tests."""

from collections.abc import Iterator, Mapping
from functools import partial

import pytest

from oicp_conformance.actors.stage import NotApplicable, Stage
from oicp_conformance.generated.properties import Property, ahead, property_name
from oicp_conformance.generated.requests import drafts_of
from oicp_conformance.journal.notes import Walk
from oicp_conformance.judge.ways import Way, why_not
from oicp_conformance.plugin import RUN


@pytest.fixture(scope="session")
def hub(pytestconfig: pytest.Config) -> Stage:
    """The hub of the run: Hubject, as the suite plays it."""
    return pytestconfig.stash[RUN].hub


@pytest.fixture
def beside(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """The tests that wait together with this one, and itself, by name or operation (see `marks.together`)."""

    own = request.node.get_closest_marker("together")
    tests = {}
    for item in request.session.items:
        about, marker = item.get_closest_marker("about"), item.get_closest_marker("together")
        if about is not None and marker is not None and marker.args[0] == own.args[0]:
            tests[marker.args[1] or about.args[0]] = item.nodeid
    return tests


@pytest.fixture(scope="session", autouse=True)
def drawn_ahead(pytestconfig: pytest.Config, request: pytest.FixtureRequest, hub: Stage) -> None:
    """Have the drafts of later tests drawn while the run only waits."""
    run, examples = pytestconfig.stash[RUN], pytestconfig.option.examples
    for item in request.session.items:
        about, generates = (item.get_closest_marker(one) for one in ("about", "generates"))
        if about and generates and not run.not_applicable(about.args[0], about.args[1:]):
            name = property_name(run.seed, item.name)
            drafts = partial(drafts_of, hub, run.driver, about.args[0], *generates.args)
            for act in ahead(drafts, name=name, examples=examples):
                hub.spare_time.put_off(act)


@pytest.fixture
def generated(request: pytest.FixtureRequest) -> Iterator[Property]:
    """A property that is tried with generated inputs: `--examples` of them, the same for the same seed.

    Raises:
        NotApplicable: `--examples` is 0.
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
        judged=not run.only_statement,
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
