"""What Hubject keeps for its partners: a push goes in, and what was pushed comes out when it is pulled.

No I/O here: the body of a request and its query go in, an answer comes out. Nothing that is kept is ever
changed in place, so answers may share it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from oicp_conformance.hub.script import acknowledgement, status_code
from oicp_conformance.hub.store.evse import EvseData
from oicp_conformance.hub.store.pricing import Prices, Products
from oicp_conformance.hub.store.records import ChargeDetailRecords
from oicp_conformance.hub.store.status import Statuses
from oicp_conformance.hub.store.table import Record, Refused, Table
from oicp_conformance.oicp.empty import EMPTY
from oicp_conformance.oicp.operation_names import EVSE_DATA, EVSE_PRICING, EVSE_STATUS, PRODUCTS
from oicp_conformance.oicp.types import plain_id

__all__ = ["Refused", "Store"]

Body = Mapping[str, Any]
Clock = Callable[[], datetime]


def _utc() -> datetime:
    return datetime.now(UTC)


class Store:
    """EVSE data, EVSE status, prices and charge detail records.

    `operator_ids` are operators whose EVSEs may be in pushes of the target besides its own: a hub operator's
    sub-operators (C210).
    """

    def __init__(self, clock: Clock = _utc, operator_ids: Collection[str] = ()) -> None:
        self._clock = clock
        self._ahead = timedelta()
        self._declared = frozenset(map(plain_id, operator_ids))
        self.evse_data = EvseData()
        self.statuses = Statuses(self.evse_data)
        self.products = Products()
        self.prices = Prices(self._name_of)
        self.records = ChargeDetailRecords()

    @property
    def now(self) -> datetime:
        """The hub's time, in whole milliseconds.

        A partner that gives a lastUpdate back as its LastCall must not be sent the same again.
        """
        when = self._clock() + self._ahead
        return when - timedelta(microseconds=when.microsecond % 1000)

    def let_time_pass(self, seconds: float = 2) -> None:
        """Set the clock ahead, so that what comes now is later than any LastCall, which has whole seconds."""
        self._ahead += timedelta(seconds=seconds)

    def publish(self, records: Iterable[Record], status: str | None = "Available") -> None:
        """Have operators publish records in the form of a pull, with OperatorID and OperatorName.

        What is known already is updated. `status` is pushed for those that offer one.
        """
        by_operator: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            by_operator[record["OperatorID"]].append(record)
        for operator, given in by_operator.items():
            named = {"OperatorID": operator, "OperatorName": given[0]["OperatorName"]}
            self._push_evse_data_of(named, given)
            offering = [one for one in given if one["DynamicInfoAvailable"] != "false"] if status else []
            states = [{"EvseID": one["EvseID"], "EvseStatus": status} for one in offering]
            self._push_status_of(named, states)

    def _push_evse_data_of(self, named: Body, records: Iterable[Record]) -> None:
        owner = plain_id(named["OperatorID"])
        known: list[Record] = []
        new: list[Record] = []
        for one in records:
            bare = {name: value for name, value in one.items() if name not in named}
            there = self.evse_data.table.get(owner, plain_id(one["EvseID"]))
            (known if there else new).append(bare)
        for action, some in (("insert", new), ("update", known)):
            data = {**named, "EvseDataRecord": some}
            if some:
                self.evse_data.push(
                    {"ActionType": action, "OperatorEvseData": data}, self._declared, self.now
                )

    def _push_status_of(self, named: Body, records: Iterable[Record]) -> None:
        owner = plain_id(named["OperatorID"])
        new = [one for one in records if not self.statuses.table.get(owner, plain_id(one["EvseID"]))]
        data = {**named, "EvseStatusRecord": new}
        if new:
            self.statuses.push({"ActionType": "insert", "OperatorEvseStatus": data}, self._declared, self.now)

    def published(self, operation: str) -> frozenset[tuple[str, str]]:
        """The records that are there now by the pushes of an operation: the owner and the key of each."""
        tables = {
            EVSE_DATA: self.evse_data.table,
            EVSE_STATUS: self.statuses.table,
            PRODUCTS: self.products.table,
            EVSE_PRICING: self.prices.table,
        }
        table = tables.get(operation, Table())
        return frozenset((owner, entry.key) for owner in table.owners() for entry in table.of(owner))

    def knows(self, evse_id: str) -> bool:
        """Whether an EVSE is published now."""
        return self.evse_data.find(evse_id) is not None

    def products_at(self, evse_id: str, provider: str) -> list[str]:
        """The ProductIDs that apply at an EVSE for a provider: as it is priced, else all that are pushed.

        Those that are valid 24 hours a day come first, and are the only ones if there are any.
        """
        offered = self.products.offered_to(plain_id(provider))
        priced = self.prices.at(plain_id(evse_id), plain_id(provider))
        known = [one for one in offered if priced is None or one["ProductID"] in priced]
        always = [one for one in known if one.get("IsValid24hours") is True]
        return [str(one["ProductID"]) for one in always or known]

    def is_compatible(self, evse_id: str) -> bool:
        """Whether an EVSE that is published may be started through Hubject."""
        record = self.evse_data.find(evse_id)
        return record is None or record.get("IsHubjectCompatible") is not False

    def answer(
        self, operation: str, partner: str, body: Body, query: Mapping[str, str] | None = None
    ) -> dict[str, Any] | None:
        """The answer to a push or a pull of a partner (its own id); None when the operation is neither."""
        push, pull = self._pushes(plain_id(partner)), self._pulls(operation, plain_id(partner), query or {})
        try:
            if operation in push:
                push[operation](body)
                return acknowledgement()
            return pull[operation](body) if operation in pull else None
        except Refused as refused:
            nothing = {"Result": False} if operation in push else EMPTY[operation]
            return {
                **nothing,
                "StatusCode": {**status_code(refused.code), "AdditionalInfo": refused.reason},
            }

    def _pushes(self, partner: str) -> dict[str, Callable[[Body], None]]:
        declared = self._declared
        return {
            "eRoamingPushEvseData": lambda body: self.evse_data.push(body, declared, self.now),
            "eRoamingPushEvseStatus": lambda body: self.statuses.push(body, declared, self.now),
            "eRoamingPushPricingProductData": lambda body: self.products.push(body, self.now),
            "eRoamingPushEVSEPricing": lambda body: self.prices.push(body, partner, declared, self.now),
        }

    def _pulls(
        self, operation: str, partner: str, query: Mapping[str, str]
    ) -> dict[str, Callable[[Body], dict[str, Any]]]:
        def status(body: Body) -> dict[str, Any]:
            return self.statuses.pull(body, operation)

        return {
            "eRoamingPullEvseData": lambda body: self.evse_data.pull(body, query, self.statuses.offered_by),
            "eRoamingPullEvseStatus": status,
            "eRoamingPullEvseStatusByID": status,
            "eRoamingPullEvseStatusByOperatorID": status,
            "eRoamingGetChargeDetailRecords": lambda body: self.records.pull(body, query),
            "eRoamingPullPricingProductData": lambda body: self.products.pull(body, partner),
            "eRoamingPullEVSEPricing": lambda body: self.prices.pull(body, partner),
        }

    def _name_of(self, operator: str) -> tuple[str, str | None]:
        known = self.evse_data.operators.get(operator)
        return (known.id, known.name) if known else (operator, None)
