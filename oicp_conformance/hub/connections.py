"""The open connections to the hub: so many at most, and the one that says nothing has to go first."""

import contextlib
import socket
import threading
from collections.abc import Callable


class Connections:
    """At most `most` connections; `closed` is called for each one that had to go."""

    def __init__(self, most: int, closed: Callable[[], None]) -> None:
        self._most = most
        self._closed = closed
        self._idle: dict[socket.socket, None] = {}
        """Those of which no request is being answered, the oldest first."""
        self._busy: set[socket.socket] = set()
        self._ended = False
        self._lock = threading.Lock()

    def admit(self, connection: socket.socket) -> bool:
        """Take in a new connection; where there are too many, the oldest idle one goes, or this one."""
        with self._lock:
            full = len(self._idle) + len(self._busy) >= self._most
            oldest = next(iter(self._idle), None) if full else None
            if full and oldest is None:
                self._closed()
                return False
            if oldest is not None:
                del self._idle[oldest]
                self._closed()
                _cut(oldest)
            self._idle[connection] = None
            return True

    def busy(self, connection: socket.socket) -> None:
        """A request has begun on a connection: it is not closed before it is answered."""
        with self._lock:
            if connection in self._idle:
                del self._idle[connection]
                self._busy.add(connection)

    def idle(self, connection: socket.socket) -> None:
        """A request has been answered, and the connection is kept for the next one."""
        with self._lock:
            if connection in self._busy:
                self._busy.remove(connection)
                self._idle[connection] = None
                if self._ended:
                    _cut(connection)

    def close(self) -> None:
        """Close those that wait for a request, now or later."""
        with self._lock:
            self._ended = True
            for one in self._idle:
                _cut(one)

    def over(self, connection: socket.socket) -> None:
        """A connection is closed."""
        with self._lock:
            self._idle.pop(connection, None)
            self._busy.discard(connection)


def _cut(connection: socket.socket) -> None:
    """End a connection, whoever waits for it; not TLS's own way, which would have to wait, too."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
