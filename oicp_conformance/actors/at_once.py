"""Requests of the hub that are sent at the same time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

from oicp_conformance.hub.hub import Hub
from oicp_conformance.interrupts import interruptible
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.requirements.emp_robustness import PARALLEL

_TOGETHER = 10.0
"""Seconds after which requests are sent although one of them has failed before."""


def at_once(
    hub: Hub, messages: Sequence[tuple[str, dict[str, Any]]], *, in_order: bool = False
) -> list[Exchange]:
    """Send requests, each an operation and its body, at the same time.

    None waits for another's response. If `in_order`, each begins after the one before it.
    """
    count = max(1, len(messages))
    # On a busy machine a request may be answered before the next one's thread begins.
    all_there = Barrier(1 if in_order else count, timeout=_TOGETHER)

    def ready() -> None:
        with suppress(BrokenBarrierError):
            all_there.wait()

    def call(message: tuple[str, dict[str, Any]]) -> Exchange:
        operation, body = message
        return hub.call(operation, body, purpose=PARALLEL.id, expects="any", ready=ready)

    with interruptible(), ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, messages))
