"""The sandbox's Hubject in the middle: what one reference target sends is passed on to the other.

The hub has answered already; what is passed on comes after, in a thread of its own, in the order in which it
was sent.
"""

import contextlib
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

from oicp_conformance.desk import acts
from oicp_conformance.desk.acts import Impossible
from oicp_conformance.desk.side import Side
from oicp_conformance.hub.store import Store
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange

_PUSHES = ("eRoamingPushEvseData", "eRoamingPushEvseStatus")
_PRICES = ("eRoamingPushPricingProductData", "eRoamingPushEVSEPricing")
_TO_EMP = ("eRoamingAuthorizeStop", "eRoamingChargingNotifications", "eRoamingChargeDetailRecord")
_TO_CPO = (
    "eRoamingAuthorizeRemoteStart",
    "eRoamingAuthorizeRemoteReservationStart",
    "eRoamingAuthorizeRemoteStop",
    "eRoamingAuthorizeRemoteReservationStop",
)


class Relay:
    """Passes on between the two sides of a sandbox, from `start` to `stop`."""

    def __init__(self, cpo: Side, emp: Side) -> None:
        self._cpo, self._emp = cpo, emp
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        cpo.listeners.append(lambda one: self._waiting.put(lambda: self._of_cpo(one)))
        emp.listeners.append(lambda one: self._waiting.put(lambda: self._of_emp(one)))
        self._thread = threading.Thread(target=self._work, name="relay", daemon=True)
        self.begin_again()

    def begin_again(self) -> None:
        """Have the hub authorize for the CPO from what the EMP uploads."""
        self._cpo.run.hub.hubject.uploaded = self._emp.run.hub.hubject.uploaded

    def start(self) -> None:
        """Begin to pass on."""
        self._thread.start()

    def stop(self) -> None:
        """End when what is being passed on has been."""
        self._waiting.put(None)

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            # A target that is down takes nothing: its own exchange shows that.
            with contextlib.suppress(Impossible):
                job()

    def _of_cpo(self, one: Exchange) -> None:
        if not _was_done(one):
            return
        body, operation = one.request.object, one.operation or ""
        emp = self._emp.run.hub
        if operation in _PUSHES:
            copy_evses(self._cpo.run.hub.hubject.store, emp.hubject.store)
        elif operation in _PRICES:
            own = self._cpo.run.hub.profile.partner.operator_id or ""
            emp.hubject.store.answer(operation, own, body)
        elif operation == "eRoamingAuthorizeStart":
            acts.send(self._emp, operation, _in_session(one))
        elif operation in _TO_EMP and emp.sessions.get(body.get("SessionID")):
            acts.send(self._emp, operation, dict(body))

    def _of_emp(self, one: Exchange) -> None:
        if _was_done(one) and one.operation in _TO_CPO:
            acts.send(self._cpo, one.operation, _in_session(one))


def _was_done(one: Exchange) -> bool:
    return one.by_target and answer_of(one) is Answer.POSITIVE


def _in_session(one: Exchange) -> dict[str, Any]:
    """The request, with the SessionID that the hub gave in its answer."""
    return {**one.request.object, "SessionID": one.answer.get("SessionID") or one.request.get("SessionID")}


def copy_evses(published: Store, copied: Store) -> None:
    """Publish in another store what operators have published in one, whatever was there before."""
    now = copied.now
    for owner in published.evse_data.table.owners():
        known = published.evse_data.operators[owner]
        records = [entry.record for entry in published.evse_data.table.of(owner)]
        data = _named(known.id, known.name, EvseDataRecord=records)
        declared = published.evse_data.operators.keys()
        copied.evse_data.push({"ActionType": "fullLoad", "OperatorEvseData": data}, frozenset(declared), now)
        states = [entry.record for entry in published.statuses.table.of(owner)]
        data = _named(known.id, known.name, EvseStatusRecord=states)
        copied.statuses.push({"ActionType": "fullLoad", "OperatorEvseStatus": data}, frozenset(declared), now)


def _named(operator: str, name: str | None, **records: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {"OperatorID": operator, "OperatorName": name, **records}
