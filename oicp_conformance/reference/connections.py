"""The connections of a reference target to the hub, which it keeps for a moment as HTTP libraries do."""

import select
import ssl
import time
from collections import deque
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import SplitResult

_MOMENT = 1.0
"""Seconds in which a connection is used again: later ones find it closed too often."""


class Connections:
    """Lends connections to the hub, each to one request at a time."""

    def __init__(self) -> None:
        self.identity: ssl.SSLContext | None = None
        """Whom the target trusts, and what it shows of itself."""
        self._kept: deque[tuple[float, HTTPConnection]] = deque()

    def borrow(self, hub: SplitResult, timeout: float) -> HTTPConnection:
        """Give one that was kept and is still open, or a new one."""
        while self._kept:
            try:
                since, connection = self._kept.pop()
            except IndexError:  # another thread was faster
                break
            if time.monotonic() - since < _MOMENT and _is_quiet(connection):
                connection.sock.settimeout(timeout)
                return connection
            connection.close()
        if hub.scheme == "https":
            return HTTPSConnection(hub.hostname or "", hub.port, timeout=timeout, context=self.identity)
        return HTTPConnection(hub.hostname or "", hub.port, timeout=timeout)

    def give_back(self, connection: HTTPConnection) -> None:
        """Keep a connection after its response, unless one side has closed it."""
        if connection.sock is not None:
            self._kept.append((time.monotonic(), connection))

    def close(self) -> None:
        """Close those that are kept."""
        while self._kept:
            self._kept.pop()[1].close()


def _is_quiet(connection: HTTPConnection) -> bool:
    """Whether nothing has come since the last response: not even the end of the connection."""
    readable, _, _ = select.select([connection.sock], [], [], 0)
    return not readable
