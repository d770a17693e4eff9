"""Pulls of an EMP, as they came."""

from collections.abc import Iterator

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Record


def pulls(record: Record, *operations: str) -> Iterator[Exchange]:
    """The pulls of an EMP, in order."""
    for exchange in record.of(*operations):
        if exchange.by_target and record.role == "emp":
            yield exchange


def is_spoilt(exchange: Exchange) -> bool:
    """Whether Hubject did not answer honestly."""
    return (exchange.scripted or "honest") != "honest"
