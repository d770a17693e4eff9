"""What the reference CPO uploads: its charging points, how they are, and what charging costs there."""

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from oicp_conformance.reference.backend import Backend, StimulusRefusedError
from oicp_conformance.reference.cpo_records import Catalogue, Point, Record, key_of
from oicp_conformance.reference.hooks import Reply
from oicp_conformance.reference.permissive import Message, normal

__all__ = ["PATHS", "PUSHES", "Catalogue", "Publisher"]

DATA, STATUS = "eRoamingPushEvseData", "eRoamingPushEvseStatus"
PRODUCTS, PRICING = "eRoamingPushPricingProductData", "eRoamingPushEVSEPricing"
PATHS: Mapping[str, str] = {
    DATA: "/api/oicp/evsepush/v23/operators/{partner}/data-records",
    STATUS: "/api/oicp/evsepush/v21/operators/{partner}/status-records",
    PRODUCTS: "/api/oicp/dynamicpricing/v10/operators/{partner}/pricing-products",
    PRICING: "/api/oicp/dynamicpricing/v10/operators/{partner}/evse-pricing",
}
PUSHES = tuple(PATHS)
NEEDS: Mapping[str, tuple[str, ...]] = {DATA: (), STATUS: (DATA,), PRODUCTS: (), PRICING: (DATA, PRODUCTS)}
"""What the hub must have before it can be told something."""
ACTIONS = ("fullLoad", "insert", "update", "delete")
PUSH_TIMEOUT = 30.0
TRIES = 2
"""How often a push is tried that the hub refuses."""

Records = dict[str, Record]
Step = tuple[str, str, Sequence[Record]]
"""One push: the operation, its ActionType and what it is about."""


@dataclass
class Register:
    """What the hub has of one operation, as far as it said so."""

    loaded: bool = False
    """Whether the records below can be relied upon."""
    records: Records = field(default_factory=dict)

    def done(self, action: str, records: Sequence[Record]) -> None:
        """Remember what the hub has taken."""
        if action == "fullLoad":
            self.loaded, self.records = True, {}
        for record in records:
            if action == "delete":
                self.records.pop(key_of(record), None)
            else:
                self.records[key_of(record)] = record


class Publisher:
    """Plans pushes so that each is truthful, and makes them one after the other."""

    def __init__(self, cpo: Backend, points: Mapping[str, Point], catalogue: Catalogue) -> None:
        self.cpo = cpo
        self.points = points
        self.catalogue = catalogue
        self.registers = {operation: Register() for operation in PUSHES}
        self._turns = {operation: threading.Lock() for operation in PUSHES}
        self._plans = {operation: threading.Lock() for operation in PUSHES}

    # What happens

    def publish(self, operation: str, parameters: Message) -> None:
        """Have something published, in the background."""
        action = parameters.get("ActionType")
        if not isinstance(action, str) or action not in ACTIONS:
            raise StimulusRefusedError(400, f"ActionType is none of {', '.join(ACTIONS)}")
        statuses = self.statuses()
        self.cpo.lanes.submit(operation, lambda: self.carry_out(operation, action, statuses))

    def status_changed(self, point: Point) -> None:
        """Have the hub told how a charging point is now, if it knows the charging point."""
        key, statuses = normal(point.evse_id), self.statuses()
        self.cpo.lanes.submit(STATUS, lambda: self.tell(key, statuses))

    def statuses(self) -> Records:
        """Say how every charging point is."""
        with self.cpo.lock:
            return {
                key: {"EvseID": point.evse_id, "EvseStatus": point.status}
                for key, point in self.points.items()
            }

    # One after the other

    def carry_out(self, operation: str, action: str, statuses: Records) -> None:
        """Make the pushes that an action takes; after a refusal all of them once more."""
        with self._alone(operation, action):
            for _ in range(TRIES):
                refusal = self.first_refusal(self.plan(operation, action, statuses))
                if refusal is None or refusal.status is None:
                    return

    def _alone(self, operation: str, action: str) -> contextlib.ExitStack:
        """Keep from the other operations what they rely on, while it changes.

        A full load or an update leaves all that there is in place: it only waits for the same operation.
        """
        changes = action in {"insert", "delete"} or not all(
            self.registers[needed].loaded for needed in NEEDS[operation]
        )
        held = contextlib.ExitStack()
        for one in PUSHES if changes else (operation,):
            held.enter_context(self._plans[one])
        return held

    def tell(self, key: str, statuses: Records) -> None:
        """Push one status: all of them if the hub has none, or refused the one."""
        if key not in statuses or not self.is_published(key):
            return
        register = self.registers[STATUS]
        for _ in range(TRIES):
            if register.loaded:
                action, records = "update" if key in register.records else "insert", [statuses[key]]
            else:
                action, records = "fullLoad", self.current(STATUS, statuses)
            reply = self.push(STATUS, action, records)
            if reply.acknowledged or reply.status is None:
                return

    def first_refusal(self, steps: Iterator[Step]) -> Reply | None:
        """Push until the hub refuses."""
        for step in steps:
            reply = self.push(*step)
            if not reply.acknowledged:
                return reply
        return None

    def push(self, operation: str, action: str, records: Sequence[Record]) -> Reply:
        """Make one push when the hub has answered the one before, and wait for what it says."""
        message = self.catalogue.message(operation, action, records)
        with self._turns[operation]:
            reply = self.cpo.send(operation, message, timeout=PUSH_TIMEOUT)
            with self.cpo.lock:
                if reply.acknowledged:
                    self.registers[operation].done(action, records)
                else:
                    self.registers[operation].loaded = False
        return reply

    def is_published(self, key: str) -> bool:
        """Tell whether the hub knows a charging point, when it has answered what was just pushed."""
        with self._turns[DATA]:
            return key in self.registers[DATA].records

    # What is to be pushed

    def plan(self, operation: str, action: str, statuses: Records) -> Iterator[Step]:
        """Say which pushes make an action truthful, it being the last; each relies on the one before."""
        for needed in (*NEEDS[operation], operation):
            wanted = needed == operation and action == "fullLoad"
            if wanted or not self.registers[needed].loaded:
                yield needed, "fullLoad", self.current(needed, statuses)
        if action == "update":
            yield operation, "update", list(self.own(operation, statuses).values())
        if action == "insert" or (action == "delete" and not self.temporary(operation)):
            yield from self.inserting(operation)
        if action == "delete":
            yield from self.deleting(operation)

    def own(self, operation: str, statuses: Records) -> Records:
        """Say what is always published."""
        if operation == DATA:
            return self.catalogue.evse_data
        if operation == PRODUCTS:
            return self.catalogue.products
        return statuses if operation == STATUS else self.catalogue.prices

    def temporary(self, operation: str) -> list[str]:
        """Name what has been published for a while only."""
        lasting = self.catalogue.products if operation == PRODUCTS else self.points
        return [key for key in self.registers[operation].records if key not in lasting]

    def current(self, operation: str, statuses: Records) -> list[Record]:
        """Say all that is to be published now."""
        records = self.registers[operation].records
        passing = [records[key] for key in self.temporary(operation)]
        return [*self.own(operation, statuses).values(), *passing]

    def inserting(self, operation: str) -> Iterator[Step]:
        """Publish something that is new to the hub."""
        if operation in {DATA, PRODUCTS}:
            yield operation, "insert", [self.catalogue.make_up(operation)]
            return
        taken = self.registers[operation].records
        if all(key in taken for key in self.temporary(DATA)):
            yield from self.inserting(DATA)
        key = next(key for key in reversed(self.temporary(DATA)) if key not in taken)
        evse_id = self.registers[DATA].records[key]["EvseID"]
        yield operation, "insert", [self.catalogue.about(operation, evse_id)]

    def deleting(self, operation: str) -> Iterator[Step]:
        """Take back what was published for a while, after what was said about it."""
        key = self.temporary(operation)[-1]
        for dependent in (STATUS, PRICING) if operation == DATA else ():
            if key in self.registers[dependent].records:
                yield dependent, "delete", [self.registers[dependent].records[key]]
        yield operation, "delete", [self.registers[operation].records[key]]
