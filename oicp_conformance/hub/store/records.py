"""Charge detail records that Hubject keeps for an EMP."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from oicp_conformance.hub.store.pages import Asked
from oicp_conformance.hub.store.reading import fault, flag_of, ids_of, moment_of, text_of, texts_of
from oicp_conformance.hub.store.table import Record
from oicp_conformance.oicp.types import operator_of, plain_id

MOST_RECORDS = 100_000
"""Records that are kept; older ones go."""


@dataclass(frozen=True)
class Kept:
    """One charge detail record."""

    record: Record
    received: datetime
    forwarded: bool
    """Whether the EMP took it when it was sent there."""

    @property
    def operators(self) -> set[str]:
        """The plain ids of the operators behind it."""
        named = [self.record.get("HubOperatorID"), self.record.get("OperatorID")]
        evse = self.record.get("EvseID")
        return {plain_id(one) for one in named if isinstance(one, str)} | (
            {operator_of(evse)} if isinstance(evse, str) else set()
        )


class ChargeDetailRecords:
    """All records, in the order in which they were received, one of a session."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def keep(self, record: Record, received: datetime, *, forwarded: bool) -> None:
        """Keep one more; of a session's second one only whether it was forwarded is kept."""
        session = str(record.get("SessionID")).lower()
        if known := self._kept.get(session):
            record, received, forwarded = known.record, known.received, forwarded or known.forwarded
        self._kept[session] = Kept(record, received, forwarded)
        if len(self._kept) > MOST_RECORDS:
            del self._kept[next(iter(self._kept))]

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Kept]:
        return iter(list(self._kept.values()))

    def pull(self, body: Mapping[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        """The page of an eRoamingChargeDetailRecords that a request asks for.

        Raises:
            Refused: the request is malformed.
        """
        text_of(body, "ProviderID")
        begin, end = moment_of(body, "From"), moment_of(body, "To")
        if begin is None or end is None:
            raise fault("From" if begin is None else "To")
        # One value and a list of them are both known, of either id (C074, C247).
        sessions = {one.lower() for one in texts_of(body, "SessionID") or ()}
        operators = ids_of(body, "OperatorID")
        forwarded = flag_of(body, "CDRForwarded")
        found = [
            kept
            for session, kept in self._kept.items()
            if begin <= kept.received <= end
            and (not sessions or session in sessions)
            and (not operators or not operators.isdisjoint(kept.operators))
            and forwarded in {None, kept.forwarded}
        ]
        return Asked.of(query).of_list(found, lambda kept: kept.record)
