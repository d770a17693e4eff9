"""A deadline for a whole HTTP exchange: the timeouts of httpx are those of each single step."""

import contextlib
import socket
import threading
from collections.abc import Mapping
from typing import Any, Self


class Deadline:
    """Cuts the connection of an exchange after `seconds`, however much of it goes on.

    `trace` goes into the extensions of the httpx request: `extensions={"trace": deadline.trace}`.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        """Whether the time is over."""
        self._connection: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._connection:
            self._connection.close()

    def watch(self, connection: socket.socket) -> None:
        """Learn the connection, where httpx does not report it."""
        if self._connection:
            self._connection.close()
        # Its duplicate stays valid when it becomes a TLS connection.
        self._connection = connection.dup()
        if self.passed:
            self._cut()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn the connection, as httpx reports it."""
        if event == "connection.connect_tcp.complete":
            self.watch(info["return_value"].get_extra_info("socket"))

    def _cut(self) -> None:
        self.passed = True
        if self._connection:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
