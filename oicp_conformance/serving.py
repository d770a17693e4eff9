"""Servers that wait for connections, and end at once."""

import contextlib
import socket
from socketserver import TCPServer

_LOOKING_UP = 0.5
"""Seconds after which a server looks whether it is to end, where the system does not wake it up."""


def serve(server: TCPServer) -> None:
    """Serve until the server is stopped."""
    server.serve_forever(_LOOKING_UP)


def wake(server: TCPServer) -> None:
    """Have a server look up that is about to be told to end; it takes no connections any more."""
    # Linux wakes up whoever waits at a listening socket that is shut down; other systems refuse that.
    with contextlib.suppress(OSError):
        server.socket.shutdown(socket.SHUT_RDWR)
