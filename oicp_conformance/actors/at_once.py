"""Requests of the hub that are sent at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any, TypeVar

from oicp_conformance.hub.hub import Hub
from oicp_conformance.interrupts import interruptible
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.requirements.emp_robustness import PARALLEL

Given = TypeVar("Given")
Ready = Callable[[], object]
_TOGETHER = 10.0
"""Seconds after which requests are sent although one of them has failed before."""


def at_once(
    hub: Hub, messages: Sequence[tuple[str, dict[str, Any]]], *, in_order: bool = False
) -> list[Exchange]:
    """Send requests, each an operation and its body, at the same time.

    None waits for another's response. If `in_order`, each begins after the one before it.
    """

    def call(message: tuple[str, dict[str, Any]], ready: Ready) -> Exchange:
        operation, body = message
        return hub.call(operation, body, purpose=PARALLEL.id, expects="any", ready=ready)

    return sent_at_once(call, messages, in_order=in_order)


def sent_at_once(
    send: Callable[[Given, Ready], Exchange], given: Sequence[Given], *, in_order: bool = False
) -> list[Exchange]:
    """Send what is given at the same time.

    `send` hands `ready` on to `Hub.call`, so that all is taken down before anything is sent.
    """
    count = max(1, len(given))
    # On a busy machine a request may be answered before the next one's thread begins.
    all_there = Barrier(1 if in_order else count, timeout=_TOGETHER)

    def ready() -> None:
        with suppress(BrokenBarrierError):
            all_there.wait()

    with interruptible(), ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda one: send(one, ready), given))
