"""What the reference CPO and the reference EMP have in common: a server, a sender and the hooks between.

Whatever a fault is to spoil goes through a hook: `incoming` sees a request before it is handled and may
answer instead, `answering` sees an answer before it is written, `outgoing` sees a request before it is
sent, and `answered` sees what the hub said to it.
"""

import copy
import re
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from oicp_conformance import serving
from oicp_conformance.oicp.provider import faker
from oicp_conformance.reference.connections import Connections
from oicp_conformance.reference.hooks import Answering, Reply, Sending, from_json, to_json
from oicp_conformance.reference.lanes import Job, Lanes
from oicp_conformance.reference.permissive import Json, Message

if TYPE_CHECKING:
    from faker import Faker

LARGEST_REQUEST = 5_000_000
_OF_PATHS = "/?%!$&'()*+,;=:@~"
"""Signs that may stand in the path of a URL as they are."""


class StimulusRefusedError(Exception):
    """A stimulus that is not acted on: the HTTP status says whether it could be at all."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def impossible(reason: str) -> StimulusRefusedError:
    """Say that this target's world cannot do what the stimulus wants."""
    return StimulusRefusedError(501, reason)


class Backend(ABC):
    """A partner's backend: subclasses say what it sends and serves, and what it does then."""

    role: ClassVar[str]
    SENDS: ClassVar[Mapping[str, str]]
    SERVES: ClassVar[Mapping[str, str]]

    def __init__(self, hub: str, partner_id: str, *, seed: int = 1, timeout: float = 5.0) -> None:
        self.hub = hub.rstrip("/")
        self.partner_id = partner_id
        self.timeout = timeout
        self.fake: Faker = faker(seed)
        self.lock = threading.RLock()
        self.lanes = Lanes()
        self.incoming: list[Callable[[str, Json], Answering | None]] = []
        self.answering: list[Callable[[Answering], None]] = []
        self.outgoing: list[Callable[[Sending], None]] = []
        self.answered: list[Callable[[Sending, Reply], None]] = []
        self.serves = dict(self.SERVES)
        self.http_version = "HTTP/1.1"
        self.answer_stimuli_afterwards = False
        self._connections = Connections()
        self._server: BaseWSGIServer | None = None
        self._stimuli: BaseWSGIServer | None = None
        self._identity: ssl.SSLContext | None = None

    def secure(self, serving: ssl.SSLContext | None = None, calling: ssl.SSLContext | None = None) -> None:
        """Serve with TLS, or trust the hub and show it a certificate; to be called before `start`."""
        self._identity = serving
        if calling is not None:
            self._connections.identity = calling

    # What a subclass does

    @abstractmethod
    def handle(self, operation: str, request: Message) -> Answering:
        """Do what the hub asks for, and answer."""

    @abstractmethod
    def refuse(self, operation: str, code: str, info: str, request: Json = None) -> Answering:
        """Answer no, in the form that the operation's answer has."""

    @abstractmethod
    def stimulate(self, stimulus: str, parameters: Message) -> None:
        """Have something happen so that the operation is sent; raises StimulusRefusedError."""

    # Sending

    def send(
        self,
        operation: str,
        message: Message,
        session: Json = None,
        timeout: float | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request to the hub and wait for what it says."""
        path = self.SENDS[operation].format(partner=self.partner_id)
        sending = Sending(operation, path, copy.deepcopy(message), session, query=dict(query or {}))
        for hook in tuple(self.outgoing):
            hook(sending)
        if sending.cancelled:
            return Reply(None)
        reply = self.post(sending, timeout or self.timeout)
        for listener in tuple(self.answered):
            listener(sending, reply)
        return reply

    def post(self, sending: Sending, timeout: float) -> Reply:
        """Put a request on the wire."""
        body = to_json(sending.message) if sending.body is None else sending.body
        hub = urlsplit(self.hub)
        path = f"{hub.path}{quote(sending.path, safe=_OF_PATHS)}"
        path += f"?{urlencode(sending.query)}" if sending.query else ""
        connection = self._connections.borrow(hub, timeout)
        try:
            connection.request("POST", path, body, sending.headers)
            response = connection.getresponse()
            status, content = response.status, response.read()
        except (OSError, HTTPException, ValueError):
            connection.close()
            return Reply(None)
        self._connections.give_back(connection)
        try:
            return Reply(status, from_json(content))
        except ValueError:
            return Reply(status)

    # Serving

    def answer(self, operation: str, raw: bytes) -> Answering:
        """Answer one request of the hub."""
        try:
            request = from_json(raw)
        except ValueError as error:
            answer = self.refuse(operation, "022", f"not JSON: {error}")
            answer.status = 400
        else:
            early = (hook(operation, request) for hook in tuple(self.incoming))
            answer = next((a for a in early if a is not None), None) or self._handle(operation, request)
            answer.request = request
        for hook in tuple(self.answering):
            hook(answer)
        return answer

    def _handle(self, operation: str, request: Json) -> Answering:
        if not isinstance(request, dict):
            return self.refuse(operation, "022", "not an object", request)
        return self.handle(operation, request)

    def answer_stimulus(self, raw: bytes) -> Answering:
        """Take one stimulus."""
        try:
            asked = from_json(raw)
            stimulus, parameters = asked["stimulus"], asked.get("parameters") or {}
        except (ValueError, TypeError, KeyError, AttributeError):
            return Answering("stimulus", {"reason": "not a stimulus"}, status=400)
        if not isinstance(stimulus, str) or not isinstance(parameters, dict):
            return Answering("stimulus", {"reason": "not a stimulus"}, status=400)
        try:
            self.stimulate(stimulus, parameters)
        except StimulusRefusedError as refused:
            return Answering("stimulus", {"reason": str(refused)}, status=refused.status)
        if self.answer_stimuli_afterwards:
            self.lanes.settle(30)
        return Answering("stimulus", {"status": "being done"}, status=202)

    def route(self, method: str, path: str, raw: bytes) -> Answering:
        """Answer whatever comes in."""
        if path.rstrip("/") == "/stimuli" and method == "POST":
            return self.answer_stimulus(raw)
        for operation, template in self.serves.items():
            if re.fullmatch(template.replace("{partner}", "[^/]+"), path):
                if method == "POST":
                    return self.answer(operation, raw)
                return Answering(operation, {"reason": "only POST"}, 405, headers={"Allow": "POST"})
        return self.not_found()

    def not_found(self) -> Answering:
        """Answer whoever asks for what is not served."""
        return Answering("", {"reason": "nothing is served here"}, status=404)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, as WSGI has it."""
        request = Request(environ)
        request.max_content_length = LARGEST_REQUEST
        try:
            answer = self.route(request.method, request.path, request.get_data())
        except RequestEntityTooLarge:
            answer = Answering("", {"reason": "too large"}, status=413)
        self.lanes.pause(answer.delay)
        if answer.hang_up:
            # Werkzeug's server puts the socket there; without one there is nothing to cut.
            connection: socket.socket | None = environ.get("werkzeug.socket")
            if connection is not None:
                connection.shutdown(socket.SHUT_RDWR)
        body = to_json(answer.message) if answer.body is None else answer.body
        content: bytes | Iterator[bytes] = _pieces(body) if answer.chunked else body
        response = Response(content, status=answer.status, headers=answer.headers)
        for job in answer.after:
            response.call_on_close(job)
        return response(environ, start_response)

    def later(self, lane: str, job: Job) -> Callable[[], None]:
        """Prepare a job that goes into its lane once an answer is out."""
        return lambda: self.lanes.submit(lane, job)

    # Running

    @property
    def base_url(self) -> str:
        """Where the hub reaches this target."""
        return f"{'https' if self._identity else 'http'}://127.0.0.1:{_port(self._server)}"

    def description(self) -> Message:
        """Tell a caller what it needs to know about this target."""
        stimuli_url = f"http://127.0.0.1:{_port(self._stimuli)}/stimuli"
        return {"role": self.role, "base_url": self.base_url, "stimuli_url": stimuli_url}

    def start(self, port: int = 0) -> None:
        """Begin to serve, in threads; stimuli come without TLS in any case."""
        self._server = self._listen(port, self._identity)
        self._stimuli = self._listen(0, None) if self._identity else self._server

    def _listen(self, port: int, identity: ssl.SSLContext | None) -> BaseWSGIServer:
        handler = type("_Handler", (_QuietHandler,), {"protocol_version": self.http_version})
        server = make_server(
            "127.0.0.1", port, self, threaded=True, request_handler=handler, ssl_context=identity
        )
        if identity is not None:
            # A handshake belongs to the thread of its connection, so that one that stalls blocks no other.
            listening: Any = server.socket
            listening.do_handshake_on_connect = False
        threading.Thread(target=serving.serve, args=(server,), daemon=True).start()
        return server

    def stop(self) -> None:
        """Stop to serve."""
        self.lanes.stop()
        for server in {self._server, self._stimuli}:
            if server is not None:
                serving.end(server)
                server.server_close()
        self._connections.close()


def _port(server: BaseWSGIServer | None) -> int:
    if server is None:
        msg = "the server has not been started"
        raise RuntimeError(msg)
    return server.port


class _QuietHandler(WSGIRequestHandler):
    # Head and body are two writes: with Nagle's algorithm the second would wait for the first.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of a request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing: standard output and error belong to the caller."""

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        """Let a caller go that did not wait."""


def _pieces(body: bytes, size: int = 64) -> Iterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size]
