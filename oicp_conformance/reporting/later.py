"""What nobody reads before a run ends: it is written while the run only waits, or at the end."""

from collections import deque
from collections.abc import Callable

from oicp_conformance.spare_time import SpareTime

_MOST = 2000
"""So many files are put off at most: each keeps its messages in memory."""


class Later:
    """Writes files later, in the order in which they were put off."""

    def __init__(self, spare_time: SpareTime) -> None:
        self._spare_time = spare_time
        self._put_off: deque[Callable[[], None]] = deque()
        self._is_over = False

    def put_off(self, write: Callable[[], None]) -> None:
        """Write a file when there is time; at once after the end, or where too many were put off."""
        if self._is_over:
            write()
            return
        self._put_off.append(write)
        if len(self._put_off) > _MOST:
            self._write_one()
        else:
            self._spare_time.put_off(self._write_one)

    def _write_one(self) -> None:
        if not self._put_off:
            return
        write = self._put_off.popleft()
        try:
            write()
        except Exception:
            # It stays the first, so that the end of the run reports it.
            self._put_off.appendleft(write)
            raise

    def catch_up(self) -> None:
        """Write all that is left, and from now on all others at once.

        Raises:
            Exception: some could not be written. This is the first reason; the others were written.
        """
        self._is_over = True
        first = None
        while self._put_off:
            try:
                self._put_off.popleft()()
            except Exception as error:  # noqa: BLE001 - the others can be written all the same
                first = first or error
        if first is not None:
            raise first
