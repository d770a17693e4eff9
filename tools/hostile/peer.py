"""The wire of a peer that misbehaves: a server and a client of bare sockets."""

import contextlib
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket], None]
"""Does with a connection what it likes, once the request has been read."""
PATIENCE = 5.0
"""Seconds until a peer gives up."""


@contextlib.contextmanager
def serving(
    talk: Talk, *, reads: bool, tls: ssl.SSLContext | None = None, patience: float = PATIENCE
) -> Iterator[int]:
    """Listen on a port of this machine, and have `talk` answer each connection, for `patience` seconds."""
    listener = socket.create_server(("127.0.0.1", 0))
    closing = threading.Event()

    def serve(plain: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            plain.settimeout(patience)
            with tls.wrap_socket(plain, server_side=True) if tls else plain as connection:
                if reads:
                    read_request(connection)
                talk(connection)

    def accept() -> None:
        while not closing.is_set():
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=[connection], daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        closing.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def read_request(connection: socket.socket) -> bytes:
    """Read a request with a Content-Length."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (piece := connection.recv(65536)):
            return received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    sizes = [
        line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    ]
    missing = int(sizes[0]) - len(body) if sizes else 0
    while missing > 0 and (piece := connection.recv(missing)):
        received += piece
        missing -= len(piece)
    return received


def answer(
    body: bytes, status: str = "200 OK", *headers: str, length: int | None = None, keeps: bool = False
) -> bytes:
    """An HTTP answer as it is on the wire."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {size}", *headers]
    lines.append(f"Connection: {'keep-alive' if keeps else 'close'}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def request(path: str, body: bytes, *headers: str, method: str = "POST", version: str = "HTTP/1.1") -> bytes:
    """An HTTP request as it is on the wire, with the length of its body unless a header has one."""
    lines = [f"{method} {path} {version}".rstrip(), "Host: hub", "Content-Type: application/json", *headers]
    if not any(one.lower().startswith(("content-length", "transfer-encoding")) for one in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def bomb() -> bytes:
    """Return 200 KB of gzip that are 200 MB of blanks."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    pieces = [packer.compress(b" " * 1024 * 1024) for _ in range(200)]
    return b"".join([*pieces, packer.flush()])


def send(
    port: int,
    *pieces: bytes,
    source: str = "127.0.0.1",
    pause: float = 0.0,
    ends: bool = True,
    tls: ssl.SSLContext | None = None,
) -> bytes:
    """Send bytes to a port of this machine, and read what comes until the other side closes or is silent.

    Between the pieces it waits for `pause` seconds; `ends` says that this was all.
    """
    received = b""
    with contextlib.suppress(OSError), _connected(port, source, tls) as connection:
        for piece in pieces:
            connection.sendall(piece)
            threading.Event().wait(pause)
        if ends and tls is None:
            connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            received += piece
    return received


def _connected(port: int, source: str, tls: ssl.SSLContext | None) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0))
    return tls.wrap_socket(plain, server_hostname="127.0.0.1") if tls else plain
