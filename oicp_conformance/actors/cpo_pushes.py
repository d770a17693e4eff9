"""The pushes of the CPO under test."""

from collections.abc import Collection, Mapping

from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import script
from oicp_conformance.oicp.operation_names import EVSE_DATA, EVSE_PRICING, EVSE_STATUS, PRODUCTS

SLOW = "pushes that Hubject responds to slowly"
"""What tests of all pushes wait for together."""
_INDEPENDENT = ((EVSE_DATA, PRODUCTS), (EVSE_STATUS, EVSE_PRICING))
"""Pushes of which none relies on another: what a status or a price relies on may be loaded piece by piece."""


class Pushes:
    """A CPO publishes while Hubject is not as usual."""

    def __init__(self, hub: Stage) -> None:
        self._hub = hub

    def slowly(self, operation: str, tests: Mapping[str, str]) -> None:
        """Have the CPO publish twice while Hubject responds slowly, by two operations at the same time.

        `tests` has the test of each operation.

        Raises:
            Unobserved: a push of this operation did not come.
        """
        self._hub.together(operation, tests, self._slowly)

    def _slowly(self, operations: Collection[str]) -> dict[str, Unobserved]:
        needed = {PRODUCTS: "fullLoad"} if EVSE_PRICING in operations else {}
        absent = self._hub.publish_side_by_side(needed)
        missing = {EVSE_PRICING: absent[PRODUCTS]} if absent else {}
        for side_by_side in _INDEPENDENT:
            now = [one for one in side_by_side if one in operations]
            for one in now:
                self._hub.script(one, *script.SLOW)
            for action in ("fullLoad", "update"):
                # A CPO may have no status to update.
                actions = {one: "fullLoad" if one == EVSE_STATUS else action for one in now}
                missing |= self._hub.publish_side_by_side(
                    {one: action for one, action in actions.items() if one not in missing}
                )
        return missing
