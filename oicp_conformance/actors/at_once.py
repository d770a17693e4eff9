"""Requests of the hub that are sent at the same time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from oicp_conformance.hub.hub import Hub
from oicp_conformance.interrupts import interruptible
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.requirements.emp_robustness import PARALLEL


def at_once(
    hub: Hub, messages: Sequence[tuple[str, dict[str, Any]]], *, in_order: bool = False
) -> list[Exchange]:
    """Send requests, each an operation and its body, at the same time.

    None waits for another's response. If `in_order`, each begins after the one before it.
    """
    count = max(1, len(messages))
    # On a busy machine a request may be answered before the next one's thread begins.
    all_there = Barrier(1 if in_order else count)

    def call(message: tuple[str, dict[str, Any]]) -> Exchange:
        all_there.wait()
        operation, body = message
        return hub.call(operation, body, purpose=PARALLEL.id, expects="any")

    with interruptible(), ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, messages))
