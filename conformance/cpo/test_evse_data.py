"""The CPO publishes its charging points: eRoamingPushEvseData."""

from collections.abc import Mapping

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.cpo_pushes import SLOW
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import script
from oicp_conformance.marks import about, first, together
from oicp_conformance.oicp.operations import of_party

OPERATION = "eRoamingPushEvseData"


@first
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
def test_refused_pushes_break_nothing(cpo: Cpo, hub: Stage) -> None:
    """A push that Hubject refuses is not sent again without end, and the next one works."""
    declared = [one.name for one in of_party("cpo") if one.is_push and cpo.offers(one.name)]
    # A status presupposes data, a price its product: what others rest on is refused last.
    for operation in reversed(declared):
        hub.script(operation, *[script.refuse("018")] * 12)
        cpo.publish(operation, "fullLoad")
    hub.listen()
    hub.begin_test(hub.test)
    for operation in declared:
        cpo.publish(operation, "fullLoad")


@about(OPERATION, "push.sequential")
@together(SLOW)
def test_slow_answer_is_waited_for(cpo: Cpo, beside: Mapping[str, str]) -> None:
    """While Hubject still works on one push, the next of the same operation is not sent."""
    cpo.pushes.slowly(OPERATION, beside)
