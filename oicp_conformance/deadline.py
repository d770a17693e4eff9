"""A deadline for a whole HTTP exchange: the timeouts of httpcore are those of each single step."""

import contextlib
import heapq
import itertools
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any, Self


class Deadline:
    """Cuts the connection of an exchange after `seconds`, however much of it goes on.

    `trace` goes into the extensions of a request to httpcore: `extensions={"trace": deadline.trace}`.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        """Whether the time is over."""
        self.is_over = False
        """Whether the exchange has ended, so that nothing is cut any more."""
        self._connection: socket.socket | None = None
        self._is_own = False
        """Whether the connection is a duplicate of its own, which it has to close."""
        self._seconds = seconds
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        _WATCH.until(time.monotonic() + self._seconds, self)
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.is_over = True
            self._let_go()

    def watch(self, connection: socket.socket) -> None:
        """Learn the connection, where httpcore does not report it."""
        # Its duplicate stays valid when it becomes a TLS connection.
        self._have(connection.dup(), is_own=True)

    def borrow(self, connection: socket.socket) -> None:
        """Learn a connection that stays valid until the exchange has ended."""
        self._have(connection, is_own=False)

    def _have(self, connection: socket.socket, *, is_own: bool) -> None:
        with self._lock:
            self._let_go()
            self._connection, self._is_own = connection, is_own
            if self.passed:
                self._shut()

    def _let_go(self) -> None:
        if self._connection and self._is_own:
            self._connection.close()
        self._connection = None

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn the connection, as httpcore reports it."""
        if event == "connection.connect_tcp.complete":
            self.watch(info["return_value"].get_extra_info("socket"))

    def cut(self) -> None:
        """Cut the connection, unless the exchange has ended."""
        with self._lock:
            if not self.is_over:
                self.passed = True
                self._shut()

    def _shut(self) -> None:
        if self._connection:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)


class _Watch:
    """Cuts what is late, in one thread: one for each exchange would take longer to start than most take."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Deadline]] = []
        """A heap: what is over stays in it until it is first."""
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def until(self, moment: float, deadline: Deadline) -> None:
        """Cut a deadline at a moment."""
        with self._changed:
            heapq.heappush(self._waiting, (moment, next(self._numbers), deadline))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()
            elif self._waiting[0][0] == moment:
                self._changed.notify()

    def _watch(self) -> None:
        while True:
            with self._changed:
                while self._waiting and self._waiting[0][2].is_over:
                    heapq.heappop(self._waiting)
                left = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if left is None or left > 0:
                    self._changed.wait(left)
                    continue
                _, _, late = heapq.heappop(self._waiting)
            late.cut()


_WATCH = _Watch()
