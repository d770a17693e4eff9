"""The seconds in which a run only listens: what is needed later is prepared in them."""

import time
from collections import deque
from collections.abc import Callable

_RESERVE = 0.1
"""Seconds before the end of a wait in which nothing more is begun."""


class SpareTime:
    """Work that may be done at any time before its result is needed.

    Who needs a result and does not find it does the work itself. So it makes no difference, except in time,
    which part of the work was done before.
    """

    def __init__(self) -> None:
        self._put_off: deque[Callable[[], object]] = deque()

    def put_off(self, act: Callable[[], object]) -> None:
        """Have something done when there is time; what is put off first is done first."""
        self._put_off.append(act)

    def spend(self, seconds: float) -> None:
        """Do what was put off, in at most so many seconds, and a little more for what was begun in them.

        What raises an exception is left to who needs it.
        """
        until = time.monotonic() + seconds - _RESERVE
        while self._put_off and time.monotonic() < until:
            act = self._put_off.popleft()
            try:
                act()
            except Exception:  # noqa: BLE001, S112 - it is done again where its result is needed
                continue
