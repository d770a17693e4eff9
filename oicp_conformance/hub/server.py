"""The hub's ear: a server that takes down every request and answers it as the hub decides."""

import contextlib
import io
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler

from oicp_conformance.hub.errors import HubError
from oicp_conformance.hub.script import Answer
from oicp_conformance.hub.tls import of_hub, reason_of
from oicp_conformance.journal.exchange import Part
from oicp_conformance.oicp.operations import at_path
from oicp_conformance.profile import Hub as HubPart

LONGEST = 8 * 1024 * 1024
"""Bytes of a request that are read, unless it is a push; no other is nearly as long."""
LONGEST_PUSH = 192 * 1024 * 1024
"""Bytes of a push that are read: a full load of 50 000 EVSEs has some 80 MB."""
_HINTS = {
    "in use": "; another program listens there, perhaps another run of the suite: end it, or have the hub "
    "listen on another port and tell it to your backend",
    "assign": "; it is no address of this machine: 127.0.0.1 is for a backend on this machine, 0.0.0.0 for "
    "others, too",
}
"""What to do when an address cannot be had, by a word of the system's complaint."""
PATIENCE = 30.0
"""Seconds that a partner may be silent in the middle of a request."""


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    method: str
    path: str
    part: Part
    trouble: str | None = None
    """Why it is no request: `tls` or `not HTTP`."""
    detail: str = ""


@dataclass(frozen=True)
class Decision:
    """What is answered to a request, and who is told of it."""

    answer: Answer
    answers: Callable[[], object]
    """To be called before the answer is written: the partner may go on at once."""
    over: Callable[[], object]
    """To be called when it is written, or cannot be."""


Hears = Callable[[Heard], Decision]
"""Decides on a request."""


class Server:
    """Listens where the profile says, from `start` to `stop`."""

    def __init__(self, hub: HubPart, hears: Hears) -> None:
        self._hears = hears
        self._closing = threading.Event()
        self._server = _Listener(self._refuses, hub.host, hub.port, of_hub(hub))
        self._server.expect_request(re.compile(".*")).respond_with_handler(self._handle)
        self._where = hub.listen
        self._scheme = "https" if hub.tls else "http"

    def start(self) -> None:
        """Begin to listen.

        Raises:
            HubError: the address cannot be had.
        """
        complaint = io.StringIO()
        try:
            # Werkzeug prints and exits when the port is taken.
            with contextlib.redirect_stderr(complaint):
                self._server.start()
        except (OSError, SystemExit) as error:
            reason = complaint.getvalue().strip().splitlines() or [str(error)]
            hint = next((text for known, text in _HINTS.items() if known in reason[0]), "")
            raise HubError(f"[hub] listen = {self._where!r}: {reason[0]}{hint}") from None

    def stop(self) -> None:
        """Stop listening; answers that are still held back are let go."""
        self._closing.set()
        if self._server.is_running():
            self._server.stop()

    @property
    def url(self) -> str:
        """Where the target reaches the hub."""
        return f"{self._scheme}://{self._server.format_host(self._server.host)}:{self._server.port}"

    @property
    def failures(self) -> list[str]:
        """What went wrong in the hub itself while it answered."""
        return [f"{type(error).__name__}: {error}" for error in self._server.handler_errors]

    def _handle(self, request: Request) -> Response:
        raw = request.environ["RAW_URI"]
        located = at_path(raw.partition("?")[0])
        longest = LONGEST_PUSH if located and located[0].is_push else LONGEST
        body, cut = _read(request, longest)
        part = Part(tuple(request.headers.items()), body, cut)
        decision = self._hears(Heard(request.method, raw, part))
        answer = decision.answer
        if answer.delay:
            self._closing.wait(answer.delay)
        response = Response(
            _sent(decision),
            status=answer.status,
            content_type="application/json",
            headers={"Content-Length": str(len(answer.body))},
        )
        # What is never written, such as the body for a HEAD, is over then.
        response.call_on_close(decision.over)
        if answer.hang_up:
            connection: socket.socket = request.environ["werkzeug.socket"]
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        return response

    def _refuses(self, heard: Heard) -> None:
        """Take down what is no request."""
        self._hears(heard).over()


def _read(request: Request, longest: int) -> tuple[bytes, bool]:
    """A request's body, as far as it comes and can be read, and whether it was longer than the longest."""
    pieces: list[bytes] = []
    size = 0
    # A partner that breaks off or sends broken chunks has sent what it has sent.
    with contextlib.suppress(OSError, HTTPException):
        while size <= longest and (piece := request.stream.read(65536)):
            pieces.append(piece)
            size += len(piece)
    return b"".join(pieces)[:longest], size > longest


def _sent(decision: Decision) -> Iterator[bytes]:
    """The body of an answer, while those are told who are to be."""
    decision.answers()
    try:
        yield decision.answer.body
    finally:
        decision.over()


class _Handler(WSGIRequestHandler):
    """Handles one connection; what goes wrong with it is taken down, and not said on the terminal."""

    server: Any
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = PATIENCE

    def handle(self) -> None:
        """Handle the connection, whatever comes."""
        try:
            # Not werkzeug's own: it would keep to itself why a handshake failed.
            BaseHTTPRequestHandler.handle(self)
        except ssl.SSLError as error:
            self._take_down("tls", reason_of(error))
        except ValueError as error:  # a path that no URL can have
            self._take_down("not HTTP", str(error))
        except OSError:  # the connection was lost
            self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not HTTP."""
        self._take_down("not HTTP", message or "")
        super().send_error(code, message, explain)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""

    def _take_down(self, trouble: str, detail: str) -> None:
        line: bytes = getattr(self, "raw_requestline", b"")
        path = line.decode("latin-1").strip()
        self.server.refused(Heard("", path, Part(), trouble, detail))


class _Listener(HTTPServer):
    """The server, made for partners that may send anything."""

    def __init__(
        self, refused: Callable[[Heard], None], host: str, port: int, tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, port, tls, threaded=True)
        self._refused = refused

    def application(self, request: Request) -> Response:
        """Serve a request, without a log of bodies: the journal has them."""
        return self.dispatch(request)

    def thread_target(self) -> None:
        """Serve until stopped."""
        server: Any = self.server
        server.RequestHandlerClass = _Handler
        server.refused = self._refused
        if self.ssl_context:
            # A handshake belongs to the thread of its connection: one that stalls keeps nobody waiting.
            server.socket.do_handshake_on_connect = False
        server.serve_forever(0.05)
