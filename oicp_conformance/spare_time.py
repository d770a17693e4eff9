"""The seconds in which a run only waits: what is needed later is prepared in them."""

import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from oicp_conformance.interrupts import sleep

_RESERVE = 0.1
"""Seconds before the end of a wait in which nothing more is begun."""
_MOMENT = 0.05
"""Seconds in which most of what is waited for arrives: nothing is begun in them."""
Came = TypeVar("Came")


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

    def do_next(self, seconds: float) -> bool:
        """Do what was put off first, if there are so many seconds for it; tells whether something was done.

        What raises an exception is left to who needs it.
        """
        return seconds >= _RESERVE and self._do_next()

    def _do_next(self) -> bool:
        if not self._put_off:
            return False
        act = self._put_off.popleft()
        with contextlib.suppress(Exception):  # it is done again where its result is needed
            act()
        return True

    def beside(self, wait: Callable[[float], Came | None], seconds: float) -> Came | None:
        """Wait for something, and do what was put off if that takes longer than a moment.

        `wait` is told how many seconds to wait, and returns what arrived in them.
        """
        until = time.monotonic() + seconds
        came = wait(min(seconds, _MOMENT))
        while came is None and (rest := until - time.monotonic()) > 0:
            came = wait(0.0 if self.do_next(rest) else rest)
        return came

    def pause(self, seconds: float) -> None:
        """Do nothing else for so many seconds, or for a moment more: what was put off is done meanwhile."""
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0:
            if not self._do_next():
                sleep(rest)
