"""The CPO publishes its charging points: eRoamingPushEvseData."""

import pytest

from conformance.cpo.driver import Cpo
from conformance.hub import script
from conformance.hub.hub import Hub
from conformance.testing import about

OPERATION = "eRoamingPushEvseData"


@about(
    OPERATION,
    f"{OPERATION}.fullLoad",
    "push.evse-of-operator",
    "push.evse-unique",
    f"{OPERATION}.opening-times",
)
def test_full_load_is_published(cpo: Cpo) -> None:
    """All charging points are published, each once, each of this operator, with all that is mandatory."""
    cpo.publish(OPERATION, "fullLoad")


@about(OPERATION, "push.sequential", "push.evse-of-operator")
@pytest.mark.parametrize("action", ["insert", "update", "delete"])
def test_changes_are_published(cpo: Cpo, action: str) -> None:
    """A new charging point is inserted, a changed one updated, one that is gone deleted."""
    cpo.publish(OPERATION, action)


@about(OPERATION, "push.after-refusal")
@pytest.mark.parametrize("code", ["001", "009", "018", "022"])
def test_refused_push_is_coped_with(cpo: Cpo, hub: Hub, code: str) -> None:
    """A push that Hubject refuses is not sent again without end, and the next one works."""
    hub.script(OPERATION, *[script.refuse(code)] * 12)
    cpo.publish(OPERATION, "fullLoad")
    hub.listen()
    hub.begin_test(hub.test)
    cpo.publish(OPERATION, "fullLoad")


@about(OPERATION, "push.sequential")
def test_slow_answer_is_waited_for(cpo: Cpo, hub: Hub) -> None:
    """While Hubject still works on one push, the next of the same operation is not sent."""
    hub.script(OPERATION, script.late(0.5))
    cpo.publish(OPERATION, "fullLoad")
    cpo.publish(OPERATION, "update")
