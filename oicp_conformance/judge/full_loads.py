"""Full loads that leave out EVSEs which stay in operation: Hubject removes these.

That an EVSE stays in operation is read off what comes later: the CPO names it again, or its profile does.
"""

from collections.abc import Iterator, Mapping, Sequence

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Record, once
from oicp_conformance.judge.published import Published, by_key, has_again, is_inserted, published
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    EVSE_DATA,
    EVSE_PRICING,
    EVSE_STATUS,
    REMOTE_START,
)
from oicp_conformance.oicp.types import plain_id


@once
def incomplete_loads(record: Record, operation: str) -> Mapping[int, list[str]]:
    """The full loads of EVSE data or EVSE status that are incomplete, each with the EvseIDs that it lost.

    A full load may be followed by inserts of what it left out: a CPO may publish one EVSE after the other.
    """
    if record.role != "cpo":
        return {}
    state, found = Published(operation), {}
    for exchange in record.of(EVSE_DATA, EVSE_STATUS):
        is_load = exchange.operation == operation and exchange.request.get("ActionType") == "fullLoad"
        before = dict(state.records) if is_load else {}
        state.see(exchange)
        if not is_load or not state.records or answer_of(exchange) is not Answer.POSITIVE:
            continue
        left_out = [key for key in before if key not in state.records]
        later = record.exchanges[exchange.number :] if left_out else ()
        lost = [
            str(before[key]["EvseID"])
            for key in left_out
            if not is_inserted(later, operation, key)
            and (
                _has_status(record, key) if operation == EVSE_STATUS else _goes_on(record, state, key, later)
            )
        ]
        if lost:
            found[exchange.number] = lost
    return found


def _goes_on(record: Record, state: Published, key: str, later: Sequence[Exchange]) -> bool:
    """Whether an EVSE whose data a full load left out is in operation all the same."""
    for exchange in later:
        if has_again(exchange, EVSE_DATA, key):
            # Parts that come in turn: what is there now is missing in the next one.
            return (
                exchange.request.get("ActionType") == "fullLoad"
                and not state.records.keys() <= by_key(exchange).keys()
            )
        if key in _named(exchange):
            return True
    return key in map(plain_id, record.profile.partner.evse_ids)


def _has_status(record: Record, key: str) -> bool:
    """Whether an EVSE is published to the end, and is one that has a status."""
    data = _at_the_end(record).records.get(key)
    return data is not None and data.get("DynamicInfoAvailable") != "false"


@once
def _at_the_end(record: Record) -> Published:
    return published(record, EVSE_DATA)


def _named(exchange: Exchange) -> Iterator[str]:
    """The EVSEs that a CPO treats as its own in an exchange: by a status, a price or a new session."""
    if exchange.operation in {EVSE_STATUS, EVSE_PRICING} and exchange.request.get("ActionType") != "delete":
        yield from by_key(exchange)
    is_start = exchange.operation == REMOTE_START and answer_of(exchange) is Answer.POSITIVE
    evse = exchange.request.get("EvseID")
    if (is_start or exchange.operation == AUTHORIZE_START) and isinstance(evse, str):
        yield plain_id(evse)
