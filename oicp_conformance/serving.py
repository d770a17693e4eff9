"""Servers that wait for connections, and end at once."""

import contextlib
import socket
from socketserver import TCPServer

_LOOKING_UP = 0.5
"""Seconds after which a server checks whether it is to end, where the system does not wake it up."""


def serve(server: TCPServer) -> None:
    """Serve until the server is stopped."""
    server.serve_forever(_LOOKING_UP)


def end(server: TCPServer) -> None:
    """Stop a server at once."""
    # Linux wakes up whoever waits at a listening socket that is shut down; other systems refuse that.
    with contextlib.suppress(OSError):
        server.socket.shutdown(socket.SHUT_RDWR)
    server.shutdown()
