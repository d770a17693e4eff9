"""Full loads that leave out EVSEs which stay in operation: Hubject removes these.

That an EVSE stays in operation is read off what comes later: the CPO names it again, or its profile does.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.kept import OfExchanges
from oicp_conformance.judge.outcome import Record, once
from oicp_conformance.judge.published import Published, by_key, has_again, is_inserted, is_push, published
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    EVSE_DATA,
    EVSE_PRICING,
    EVSE_STATUS,
    REMOTE_START,
)
from oicp_conformance.oicp.types import plain_id


@dataclass(frozen=True)
class _Load:
    """A full load that left out what was there before."""

    exchange: Exchange
    left_out: Mapping[str, str]
    """The EvseIDs, by their plain form."""
    has: Set[str]
    """What it has, in plain form."""


class Loads(OfExchanges):
    """The full loads of EVSE data or EVSE status that Hubject took."""

    def __init__(self, _: Record, operation: str) -> None:
        self._state = Published(operation)
        self.taken: list[Exchange] = []
        self.with_less: list[_Load] = []
        """Those that left something out."""

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        if exchange.operation != self._state.operation:
            return
        before = self._state.records
        is_load = exchange.request.get("ActionType") == "fullLoad" and answer_of(exchange) is Answer.POSITIVE
        self._state.see(exchange)
        if not is_load:
            return
        if is_push(exchange):
            self.taken.append(exchange)
        left_out = {key: str(one["EvseID"]) for key, one in before.items() if key not in self._state.records}
        if left_out and self._state.records:
            self.with_less.append(_Load(exchange, left_out, frozenset(self._state.records)))


@once
def incomplete_loads(record: Record, operation: str) -> Mapping[int, list[str]]:
    """The full loads of EVSE data or EVSE status that are incomplete, each with the EvseIDs that it lost.

    A full load may be followed by inserts of what it left out: a CPO may publish one EVSE after the other.
    """
    found: dict[int, list[str]] = {}
    for load in record.kept(Loads, operation).with_less if record.role == "cpo" else ():
        later = record.exchanges[load.exchange.number :]
        lost = [
            evse
            for key, evse in load.left_out.items()
            if not is_inserted(later, operation, key)
            and (
                _has_status(record, key)
                if operation == EVSE_STATUS
                else _goes_on(record, load.has, key, later)
            )
        ]
        if lost:
            found[load.exchange.number] = lost
    return found


def _goes_on(record: Record, has: Set[str], key: str, later: Sequence[Exchange]) -> bool:
    """Whether an EVSE whose data a full load left out is in operation all the same."""
    for exchange in later:
        if has_again(exchange, EVSE_DATA, key):
            # Parts that come in turn: what is there now is missing in the next one.
            return exchange.request.get("ActionType") == "fullLoad" and not has <= by_key(exchange).keys()
        if key in _named(exchange):
            return True
    return key in map(plain_id, record.profile.partner.evse_ids)


def _has_status(record: Record, key: str) -> bool:
    """Whether an EVSE is published to the end, and is one that has a status."""
    data = published(record, EVSE_DATA).records.get(key)
    return data is not None and data.get("DynamicInfoAvailable") != "false"


def _named(exchange: Exchange) -> Iterator[str]:
    """The EVSEs that a CPO treats as its own in an exchange: by a status, a price or a new session."""
    if exchange.operation in {EVSE_STATUS, EVSE_PRICING} and exchange.request.get("ActionType") != "delete":
        yield from by_key(exchange)
    is_start = exchange.operation == REMOTE_START and answer_of(exchange) is Answer.POSITIVE
    evse = exchange.request.get("EvseID")
    if (is_start or exchange.operation == AUTHORIZE_START) and isinstance(evse, str):
        yield plain_id(evse)
