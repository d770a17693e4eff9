"""The hub's side of connections: what comes is answered or taken down, whatever it is."""

import contextlib
import socket
import ssl
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler

from oicp_conformance import serving
from oicp_conformance.hub.connections import Connections
from oicp_conformance.hub.reading import HEADERS, INPUT, PATIENCE, PIECE, Heard
from oicp_conformance.hub.tls import reason_of
from oicp_conformance.journal.exchange import Part

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_LONGEST_LINE = 65536
"""Bytes of a request line that are read."""
_LINGER = 2.0
"""Seconds that a partner has to read its answer before the connection is closed."""
_EMPTY_LINES = 8
"""Empty lines before a request that are passed over: some clients end a body with one (RFC 9112, 2.2)."""
_EMPTY = {b"\r\n", b"\n"}


class _Handler(WSGIRequestHandler):
    """Handles one connection; what goes wrong with it is taken down, and not said on the terminal."""

    server: Any
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = PATIENCE
    raw_requestline: bytes
    _answered = 0
    """Requests on this connection that were answered."""

    def parse_request(self) -> bool:
        """Read the head of a request; tells whether it is one."""
        for _ in range(_EMPTY_LINES):
            if self.raw_requestline in _EMPTY:
                self.raw_requestline = self.rfile.readline(_LONGEST_LINE + 1)
        if not super().parse_request():
            if self.raw_requestline in _EMPTY:
                self.send_error(400, "empty lines instead of a request")
            return False
        if rest := str(self.headers.get_payload()).splitlines():
            # The parser takes all from here on for a body: lengths would be lost.
            self.send_error(400, f"the request has a line in its head that is not a header: {rest[0][:80]!r}")
            return False
        if self.request_version == "HTTP/0.9":
            self.send_error(400, "HTTP/0.9: a request line without a version of HTTP")
            return False
        return True

    def make_environ(self) -> "WSGIEnvironment":
        """What a request is made of."""
        environ = super().make_environ() | {INPUT: self.rfile, HEADERS: self.headers}
        if len({*(lengths := self.headers.get_all("Content-Length", []))}) == 1:
            environ["CONTENT_LENGTH"] = lengths[0]  # the same twice is one (RFC 9110, 8.6)
        return environ

    def run_wsgi(self) -> None:
        """Answer a request, and keep the connection unless one side wants it closed (RFC 9112, 9.3)."""
        # Not werkzeug's own: it closes every connection.
        self.server.connections.busy(self.connection)
        self._head: tuple[str, list[tuple[str, str]]] | None = None
        pieces = self.server.app(self.make_environ(), self._begin)
        try:
            for piece in pieces:
                self._write_head()
                self.wfile.write(piece)
            self._write_head()
            self.wfile.flush()
        finally:
            pieces.close()
        self._answered += 1
        if self.close_connection:
            self._linger()
        else:
            self.server.connections.idle(self.connection)

    def _begin(
        self, status: str, headers: list[tuple[str, str]], _: object = None
    ) -> Callable[[bytes], object]:
        """Take what the head of the answer will be (PEP 3333's start_response)."""
        self._head = (status, headers)
        return self.wfile.write

    def _write_head(self) -> None:
        if self._head is None:
            return
        (status, headers), self._head = self._head, None
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        said = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        if "connection" not in said:
            self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.end_headers()

    def _linger(self) -> None:
        """Read what still comes, and drop it: closed at once, the answer might be lost (RFC 9112, 9.6)."""
        until = time.monotonic() + _LINGER
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.settimeout(_LINGER)
            socket.socket.shutdown(self.connection, socket.SHUT_WR)
            while time.monotonic() < until and socket.socket.recv(self.connection, PIECE):
                pass

    def finish(self) -> None:
        """End the connection."""
        self.server.connections.over(self.connection)
        # What is still to be written may have nobody to go to.
        with contextlib.suppress(OSError):
            super().finish()

    def handle(self) -> None:
        """Handle the connection, whatever comes."""
        try:
            # Not werkzeug's own: it would keep to itself why a handshake failed.
            BaseHTTPRequestHandler.handle(self)
        except ssl.SSLError as error:
            plain = str(error.reason) == "HTTP_REQUEST"
            hint = "; the target speaks plain HTTP, and the hub https ([hub.tls])" if plain else ""
            self._take_down("tls", reason_of(error) + hint)
        except ValueError as error:  # a path that no URL can have
            self._take_down("not HTTP", str(error))
        except OSError:  # the connection was lost
            self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not HTTP."""
        line: bytes = getattr(self, "raw_requestline", b"")
        if line.startswith(b"\x16\x03"):
            hint = (
                "the target speaks TLS, and the hub plain HTTP: it needs [hub.tls], or is called with http:"
            )
            self._take_down("tls", hint)
        elif line and not line.endswith(b"\n") and len(line) <= _LONGEST_LINE:
            self._take_down("not HTTP", f"the request broke off after {len(line)} bytes of its head")
        else:
            self._take_down("not HTTP", message or HTTPStatus(code).phrase)
        super().send_error(code, message, explain)
        self._linger()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of a request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""

    def _take_down(self, trouble: str, detail: str) -> None:
        line: bytes = getattr(self, "raw_requestline", b"")
        path = line.decode("latin-1").strip()
        if self._answered:
            detail += f"; the connection had carried {self._answered} requests with responses before"
        self.server.refused(Heard("", path, Part(), trouble, detail), self.connection)


class Listener(HTTPServer):
    """The server, made for partners that may send anything."""

    def __init__(
        self,
        refused: Callable[[Heard, socket.socket], None],
        connections: Connections,
        host: str,
        port: int,
        tls: ssl.SSLContext | None,
    ) -> None:
        super().__init__(host, port, tls, threaded=True)
        self._refused = refused
        self._connections = connections

    def application(self, request: Request) -> Response:
        """Serve a request, without a log of bodies: the journal has them."""
        return self.dispatch(request)

    def thread_target(self) -> None:
        """Serve until stopped."""
        server: Any = self.server
        server.RequestHandlerClass = _Handler
        server.refused = self._refused
        server.connections = self._connections
        begin = server.process_request

        def process(connection: socket.socket, address: object) -> None:
            """Begin with a connection, if there is room for it."""
            if self._connections.admit(connection):
                begin(connection, address)
            else:
                connection.close()

        def take_down(*_: object) -> None:
            """Keep an error of the hub's own; it would be printed otherwise."""
            if isinstance(error := sys.exception(), Exception):
                self.handler_errors.append(error)

        server.process_request = process
        server.handle_error = take_down
        if self.ssl_context:
            # A handshake belongs to the thread of its connection: one that stalls keeps nobody waiting.
            server.socket.do_handshake_on_connect = False
        serving.serve(server)
