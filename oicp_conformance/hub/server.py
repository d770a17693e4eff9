"""The hub's ear: a server that takes down every request and answers it as the hub decides."""

import contextlib
import hashlib
import re
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, BinaryIO

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler

from oicp_conformance.hub.addresses import plain
from oicp_conformance.hub.budget import KEPT, Budget
from oicp_conformance.hub.budget import connections as most_connections
from oicp_conformance.hub.connections import Connections
from oicp_conformance.hub.listening import listens
from oicp_conformance.hub.script import Answer
from oicp_conformance.hub.tls import of_hub, reason_of, subject_of
from oicp_conformance.journal.exchange import Part
from oicp_conformance.oicp.operations import at_path
from oicp_conformance.profile import Hub as HubPart

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LONGEST = 8 * 1024 * 1024
"""Bytes of a request that are read, unless it is a push; no other is nearly as long."""
LONGEST_PUSH = 192 * 1024 * 1024
"""Bytes of a push that are read: a full load of 50 000 EVSEs has some 80 MB."""
PATIENCE = 30.0
"""Seconds that a partner may be silent in the middle of a request, and between two on one connection."""
LONGEST_TIME = 300.0
"""Seconds that a request may take to arrive."""
_LONGEST_LINE = 65536
"""Bytes of a request line that are read."""
_STRANGER = 2.0
"""Seconds that the hub has for what a stranger still sends when it is answered."""
_ENDING = 1.0
"""Seconds that responses have which are under way when the hub stops."""
_LINGER = 2.0
"""Seconds that a partner has to read its answer before the connection is closed."""
_PIECE, _LINE = 64 * 1024, 8 * 1024
_INPUT = "oicp_conformance.input"
"""Under which name a request has what it is read from."""
_HEADERS = "oicp_conformance.headers"
"""And under which name its headers, one by one."""
_AUTHORITY = re.compile(r"\Ahttps?://[^/?]*", re.IGNORECASE)
_MOST = 1024 * 1024 * 1024
"""Bytes of a request after which the hub stops listening to it."""


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    method: str
    path: str
    part: Part
    trouble: str | None = None
    """Why it is no request, or no whole one: `tls`, `not HTTP` or `broke off`."""
    detail: str = ""
    peer: str = ""
    """The address that it came from."""
    certificate: str | None = None
    """The subject of the certificate that the partner showed, where it showed one."""
    stranger: bool = False
    """Whether the address is not the target's."""


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

    def __init__(
        self, hub: HubPart, hears: Hears, budget: Budget, knows: Callable[[str, str], bool] = lambda *_: True
    ) -> None:
        """`knows` tells whether an address is the target's; it gets that of the partner and the hub's own."""
        self._hears = hears
        self._knows = knows
        self._budget = budget
        self._closing = threading.Event()
        self._answering = 0
        """How many responses are under way."""
        self._answered = threading.Condition()
        self._connections = Connections(most_connections(), budget.closed)
        self._server = _Listener(self._refuses, self._connections, hub.host, hub.port, of_hub(hub))
        self._server.expect_request(re.compile(".*")).respond_with_handler(self._handle)
        self._where = hub.listen
        self._scheme = "https" if hub.tls else "http"

    def start(self) -> None:
        """Begin to listen.

        Raises:
            HubError: the address cannot be had.
        """
        with listens(f"[hub] listen = {self._where!r}"):
            self._server.start()

    def stop(self) -> None:
        """Stop listening; answers that are still held back are let go, and taken down."""
        self._closing.set()
        with self._answered:
            self._answered.wait_for(lambda: not self._answering, _ENDING)
        if self._server.is_running():
            self._server.stop()
        # What is said now on a connection that was kept would be heard by nobody.
        self._connections.close()

    @property
    def url(self) -> str:
        """Where the target reaches the hub."""
        return f"{self._scheme}://{self._server.format_host(self._server.host)}:{self._server.port}"

    @property
    def failures(self) -> list[str]:
        """What went wrong in the hub itself while it answered."""
        return [f"{type(error).__name__}: {error}" for error in self._server.handler_errors]

    def _handle(self, request: Request) -> Response:
        raw = _in_origin_form(request.environ["RAW_URI"])
        connection: socket.socket = request.environ["werkzeug.socket"]
        who = self._who(connection)
        keeps = _framing(request)[1]
        if who["stranger"]:
            keeps = False
            decision = self._hears(Heard(_method(request), raw, Part(_headers(request)), **who))
            # Of what strangers send, no more than the head is read.
            connection.settimeout(_STRANGER)
        else:
            located = at_path(raw.partition("?")[0])
            longest = LONGEST_PUSH if located and located[0].is_push else LONGEST
            heard = replace(_read(request, raw, longest, self._budget), **who)
            keeps = keeps and not heard.trouble
            decision = self._hears(heard)
        with self._answered:
            self._answering += 1
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
        response.call_on_close(partial(self._is_over, decision))
        if not keeps:
            response.headers["Connection"] = "close"
        if answer.hang_up:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        return response

    def _is_over(self, decision: Decision) -> None:
        decision.over()
        with self._answered:
            self._answering -= 1
            self._answered.notify_all()

    def _refuses(self, heard: Heard, connection: socket.socket) -> None:
        """Take down what is no request."""
        self._hears(replace(heard, **self._who(connection))).over()

    def _who(self, connection: socket.socket) -> dict[str, Any]:
        """Who is at the other end of a connection: the fields of `Heard` about that."""
        try:
            peer, here = (str(one[0]) for one in (connection.getpeername(), connection.getsockname()))
        except OSError:  # it is gone already
            return {"stranger": False}
        return {
            "peer": plain(peer),
            "certificate": subject_of(connection),
            "stranger": not self._knows(peer, here),
        }


class _Body:
    """The body of a request, as far as it has come; of what there is no room for, length and digest."""

    def __init__(self, longest: int, budget: Budget) -> None:
        self._longest = longest
        self._budget = budget
        self._pieces: list[bytes] = []
        self._digest = hashlib.sha256()
        self._has_room = True
        self._taken = 0
        self.size = 0

    def add(self, piece: bytes) -> None:
        """Take in what has come."""
        self.size += len(piece)
        self._digest.update(piece)
        if self._taken + len(piece) > self._longest:
            room = self._longest - self._taken
            piece = piece[:room]
        if not piece or not self._has_room:
            return
        if self._budget.take(len(piece)):
            self._pieces.append(piece)
            self._taken += len(piece)
            return
        self._has_room = False
        first = b"".join(self._pieces)[:KEPT]
        self._pieces = [first]
        self._budget.give_back(self._taken - len(first))
        self._taken = len(first)

    def part(self, headers: tuple[tuple[str, str], ...], *, whole: bool) -> Part:
        """What is kept of it."""
        bare = Part(headers, b"".join(self._pieces))
        if not self._has_room:
            return self._budget.without(bare, self.size, self._digest.hexdigest())
        cut = not whole or self.size > self._longest
        if cut:
            bare = replace(bare, cut=True, length=self.size, sha256=self._digest.hexdigest())
        return self._budget.kept(bare, self._taken)


def _in_origin_form(target: str) -> str:
    """The path and query of a request target, which a client may send in absolute form (RFC 9112 3.2.2)."""
    return _AUTHORITY.sub("", target) or "/"


def _read(request: Request, path: str, longest: int, budget: Budget) -> Heard:
    """A request with its body, as far as that comes and can be read; where it breaks off, it says where."""
    body, (trouble, _) = _Body(longest, budget), _framing(request)
    until = time.monotonic() + LONGEST_TIME
    try:
        for piece in () if trouble else _pieces(request):
            body.add(piece)
            if body.size > _MOST or time.monotonic() > until:
                trouble = f"is not over after {body.size} bytes"
                break
    except TimeoutError:
        trouble = f"stalled for {PATIENCE:g} s after {body.size}{_of_all(request)} bytes of its body"
    except (OSError, HTTPException) as error:
        # A partner that breaks off or sends broken chunks has sent what it has sent.
        trouble = _broken(request, body.size, error)
    part = body.part(_headers(request), whole=not trouble)
    if trouble:
        return Heard(_method(request), path, part, "broke off", f"the request {trouble}")
    return Heard(_method(request), path, part, detail=_oddity(request))


def _method(request: Request) -> str:
    """The method as it was sent; werkzeug's own is in upper case always."""
    return str(request.environ["REQUEST_METHOD"])


def _headers(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple(request.headers.items())


def _framing(request: Request) -> tuple[str, bool]:
    """What keeps a request from having an end, and whether another request can follow (RFC 9112, 6.3)."""
    headers = request.environ[_HEADERS]
    lengths, codings = headers.get_all("Content-Length", []), headers.get_all("Transfer-Encoding", [])
    if codings:
        coding = ", ".join(codings).strip()
        if coding.lower() != "chunked":
            return f"has a Transfer-Encoding that the hub does not know: {coding[:40]!r}", False
        return "", not lengths and request.environ["SERVER_PROTOCOL"] != "HTTP/1.0"
    length = ", ".join(dict.fromkeys(one.strip() for one in lengths))
    if length and not re.fullmatch("[0-9]+", length):
        return f"has an invalid Content-Length: {length[:40]!r}", False
    return "", True


def _oddity(request: Request) -> str:
    """What is odd in how a request says where it ends, though the hub could read it."""
    if "Transfer-Encoding" not in request.headers:
        return ""
    if request.environ["SERVER_PROTOCOL"] == "HTTP/1.0":
        return "the request has chunks, which its version HTTP/1.0 does not know (RFC 9112, 6.1)"
    if "Content-Length" in request.headers:
        return (
            "the request has a Content-Length and a Transfer-Encoding: the chunks have precedence "
            "(RFC 9112, 6.3)"
        )
    return ""


class _BrokenChunks(OSError):
    """What should be a chunk is none."""


def _pieces(request: Request) -> Iterator[bytes]:
    """The body of a request, as it comes."""
    # Not werkzeug's own: of chunks that break off, it would lose what has come.
    if request.environ.get("wsgi.input_terminated"):
        yield from _chunks(request.environ[_INPUT])
        return
    while piece := request.stream.read(_PIECE):
        yield piece


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    """The data of chunks, to the last one, which has none (RFC 9112, 7.1)."""
    while size := _size_of_chunk(source.readline(_LINE)):
        while size:
            piece = source.read(min(size, _PIECE))
            if not piece:
                raise ConnectionError("it ends in the middle of a chunk")
            yield piece
            size -= len(piece)
        if (ending := source.readline(_LINE)) not in {b"\r\n", b"\n"}:
            raise ConnectionError if not ending else _BrokenChunks("a chunk is longer than it says")
    while source.readline(_LINE) not in {b"\r\n", b"\n", b""}:
        pass


def _size_of_chunk(line: bytes) -> int:
    if not line:
        raise ConnectionError("it ends before the last chunk")
    digits = line.partition(b";")[0].strip()
    if not re.fullmatch(rb"[0-9A-Fa-f]{1,12}", digits):
        raise _BrokenChunks("a chunk without its size")
    return int(digits, 16)


def _broken(request: Request, size: int, error: Exception) -> str:
    if isinstance(error, _BrokenChunks):
        return f"has broken chunks after {size} bytes of its body: {error}"
    return f"broke off after {size}{_of_all(request)} bytes of its body"


def _of_all(request: Request) -> str:
    length = request.headers.get("Content-Length", "")
    return f" of {length}" if length.isdigit() else ""


def _sent(decision: Decision) -> Iterator[bytes]:
    """The body of an answer, while those are told who are to be."""
    decision.answers()
    try:
        yield decision.answer.body
    finally:
        decision.over()


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
        environ = super().make_environ() | {_INPUT: self.rfile, _HEADERS: self.headers}
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
            while time.monotonic() < until and socket.socket.recv(self.connection, _PIECE):
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

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""

    def _take_down(self, trouble: str, detail: str) -> None:
        line: bytes = getattr(self, "raw_requestline", b"")
        path = line.decode("latin-1").strip()
        if self._answered:
            detail += f"; the connection had carried {self._answered} requests with responses before"
        self.server.refused(Heard("", path, Part(), trouble, detail), self.connection)


class _Listener(HTTPServer):
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
        server.serve_forever(0.05)
