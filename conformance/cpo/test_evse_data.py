"""The CPO publishes its charging points: eRoamingPushEvseData."""

from collections.abc import Mapping

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.cpo_pushes import SLOW
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import script
from oicp_conformance.marks import about, first, sessionless, together
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
    """All EVSEs of this operator are published, each once, with all mandatory fields."""
    cpo.publish(OPERATION, "fullLoad")


@about(OPERATION, "push.sequential", "push.evse-of-operator")
@pytest.mark.parametrize("action", ["insert", "update", "delete"])
def test_changes_are_published(cpo: Cpo, action: str) -> None:
    """A new EVSE is inserted, a changed EVSE is updated, a removed EVSE is deleted."""
    cpo.publish(OPERATION, action)


@sessionless
@about(OPERATION, "push.after-refusal")
def test_refused_pushes_break_nothing(cpo: Cpo, hub: Stage) -> None:
    """The CPO does not repeat a rejected push forever, and the next push works."""
    declared = [one.name for one in of_party("cpo") if one.is_push and cpo.offers(one.name)]
    # A status presupposes data, a price its product: what others rest on is refused last.
    for operation in reversed(declared):
        hub.script(operation, *[script.refuse("018")] * 12)
        cpo.publish(operation, "fullLoad")
    hub.listen()
    hub.begin_test(hub.test)
    for operation in declared:
        cpo.publish(operation, "fullLoad")


@sessionless
@about(OPERATION, "push.sequential")
@together(SLOW)
def test_slow_answer_is_waited_for(cpo: Cpo, beside: Mapping[str, str]) -> None:
    """The CPO sends the next push of an operation only after the response to the previous push."""
    cpo.pushes.slowly(OPERATION, beside)
