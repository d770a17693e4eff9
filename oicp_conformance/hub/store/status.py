"""EVSE status: what operators push, and the three pulls of it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from oicp_conformance.hub.script import status_code
from oicp_conformance.hub.store.evse import EvseData, Operator, within
from oicp_conformance.hub.store.reading import (
    action_of,
    by_evse,
    fault,
    ids_of,
    part_of,
    records_of,
    text_of,
    texts_of,
)
from oicp_conformance.hub.store.table import Record, Refused, Table
from oicp_conformance.oicp.types import operator_of, plain_id

MOST_IDS = 100
"""EvseIDs of one eRoamingPullEVSEStatusByID."""


class Statuses:
    """The EVSE status of all operators."""

    def __init__(self, evse_data: EvseData) -> None:
        self.table = Table()
        self._evse_data = evse_data
        self._operators: dict[str, Operator] = {}

    def push(self, body: Mapping[str, Any], operators: frozenset[str], now: datetime) -> None:
        """Do what an eRoamingPushEvseStatus says; `operators` are plain ids whose EVSEs may be in it.

        The rules of EVSE data hold, although only a diagram says so (C246).

        Raises:
            Refused: it is malformed, or inconsistent with itself or with what is there.
        """
        action = action_of(body)
        data = part_of(body, "OperatorEvseStatus")
        operator = text_of(data, "OperatorID")
        name = data.get("OperatorName")
        own = plain_id(operator)
        records = records_of(data, "EvseStatusRecord")
        for record in records if action != "delete" else ():
            text_of(record, "EvseStatus")
        self.table.push(action, own, by_evse(records, operators | {own}), now)
        self._operators[own] = Operator(operator, name if isinstance(name, str) else None)

    def offered_by(self, operator: str) -> bool:
        """Whether the operator with that plain id has pushed a status."""
        return any(True for _ in self.table.of(operator))

    def pull(self, body: Mapping[str, Any], operation: str) -> dict[str, Any]:
        """The answer to one of the three pulls: the form of the body says to which (C172).

        Raises:
            Refused: the request is malformed.
        """
        text_of(body, "ProviderID")
        if body.get("EvseID") is not None:
            return self._by_id(body)
        if body.get("OperatorID") is not None:
            owners = ids_of(body, "OperatorID") or set()
            return self._grouped(lambda owner, _: owner in owners)
        if operation == "eRoamingPullEvseStatusByID":
            raise fault("EvseID")
        if operation == "eRoamingPullEvseStatusByOperatorID":
            raise fault("OperatorID")
        return self._grouped(self._filter(body))

    def _by_id(self, body: Mapping[str, Any]) -> dict[str, Any]:
        evse_ids = texts_of(body, "EvseID") or []
        if len(evse_ids) > MOST_IDS:
            raise Refused("022", f"{len(evse_ids)} EvseIDs; at most {MOST_IDS} are allowed")
        records = [{"EvseID": one, "EvseStatus": self.of(one)} for one in evse_ids]
        return {
            "EVSEStatusRecords": {"EvseStatusRecord": records},
            "StatusCode": status_code("000", "Success"),
        }

    def of(self, evse_id: str) -> str:
        """The status of an EVSE, as a pull by id tells it."""
        key = plain_id(evse_id)
        owners = [operator_of(evse_id), *self.table.owners()]
        entry = next(filter(None, (self.table.get(owner, key) for owner in owners)), None)
        if entry:
            return str(entry.record["EvseStatus"])
        return "Unknown" if self._evse_data.find(evse_id) else "EvseNotFound"

    def _filter(self, body: Mapping[str, Any]) -> Callable[[str, Record], bool]:
        # The AsciiDoc and Hubject do not spell it alike (C017).
        given = [value for name in ("EvseStatus", "EVSEStatus") if (value := body.get(name)) is not None]
        if not all(isinstance(one, str) for one in given):
            raise fault("EvseStatus")
        near = within(body)

        def wanted(_: str, record: Record) -> bool:
            if given and record["EvseStatus"] not in given:
                return False
            if near is None:
                return True
            evse = self._evse_data.find(record["EvseID"])
            return evse is not None and near(evse)

        return wanted

    def _grouped(self, wanted: Callable[[str, Record], bool]) -> dict[str, Any]:
        """The records that are wanted, by operator."""
        return {
            "EvseStatuses": {"OperatorEvseStatus": list(self._groups(wanted))},
            "StatusCode": status_code("000", "Success"),
        }

    def _groups(self, wanted: Callable[[str, Record], bool]) -> Iterator[dict[str, Any]]:
        for owner in self.table.owners():
            records = [entry.record for entry in self.table.of(owner) if wanted(owner, entry.record)]
            operator = self._operators[owner]
            name = {"OperatorName": operator.name} if operator.name else {}
            if records:
                yield {"OperatorID": operator.id, **name, "EvseStatusRecord": records}
