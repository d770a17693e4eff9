"""The hub's calls to the target: bounded in time and size, and never an exception because of its answer."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpcore
import httpx

from oicp_conformance import plain_http
from oicp_conformance.deadline import Deadline
from oicp_conformance.hub.addresses import NoConsent, check_consent
from oicp_conformance.hub.errors import OWN, HubError
from oicp_conformance.hub.tls import reason_of, towards_target
from oicp_conformance.interrupts import interruptible
from oicp_conformance.journal.exchange import Part
from oicp_conformance.profile import Target

LONGEST = 2 * 1024 * 1024
"""Bytes of an answer that are read; no answer of OICP to a hub is nearly as long."""
IDLE = 4.0
"""Seconds that an idle connection is kept; many servers close theirs after five."""
SENT_AGAIN = "the target closed the kept connection, and the request was sent again on a new one"
"""What an exchange says whose request was sent twice (RFC 9112, 9.3.1)."""


@dataclass(frozen=True)
class Reply:
    """What came back: a status and a message, or the trouble that there was instead."""

    status: int | None = None
    answer: Part = field(default_factory=Part)
    trouble: str | None = None
    detail: str = ""


class Client:
    """Calls one target; a connection is kept for the next call, as Hubject's are."""

    def __init__(self, target: Target) -> None:
        """Make a client; raises `HubError` where the target must not be called, or cannot be."""
        check_consent(target)
        self._target = target
        self._tls = towards_target(target)
        self._free: list[_Line] = []
        """The connections that are kept, and not used now; the last one used is the last."""
        self._closed = False
        self._lock = threading.Lock()

    @interruptible()
    def reach(self) -> str:
        """Why no connection to the target can be had; empty where there is one. Tried three times."""
        url = httpx.URL(self._target.base_url)
        port = url.port or (443 if url.scheme == "https" else 80)
        for pause in (0.2, 0.6, None):
            try:
                socket.create_connection((url.host, port), min(self._target.timeout, 10.0)).close()
            except OSError as error:
                _check_own(error)
                if pause is None:
                    return f"{self._target.shown_url}: {error.strerror or error}"
                time.sleep(pause)
            else:
                break
        return ""

    @interruptible()
    def post(
        self, path: str, body: bytes, content_type: str = "application/json", *, seconds: float | None = None
    ) -> Reply:
        """POST a body to a path of the target; a target that cannot be reached is tried three times.

        Its answer may take so many `seconds`, or as long as its profile says.
        """
        for pause in (0.2, 0.6, None):
            reply = self._once("POST", path, body, content_type, seconds)
            if reply.trouble != "unreachable" or pause is None:
                break
            time.sleep(pause)
        return reply

    @interruptible()
    def probe(self, method: str, path: str) -> Reply:
        """Send a request without a body, once: it asks the target for nothing."""
        return self._once(method, path, b"", "application/json", None)

    def _once(self, method: str, path: str, body: bytes, content_type: str, seconds: float | None) -> Reply:
        line, longest = self._line(), seconds or self._target.timeout
        try:
            reply = self._on(line, method, path, body, content_type, longest)
            if reply.trouble == "hung up" and line.was_kept:
                # The target may close what is idle at any time, also the moment it is used again.
                reply = self._on(line, method, path, body, content_type, longest)
                reply = replace(reply, detail="; ".join(filter(None, (SENT_AGAIN, reply.detail))))
        finally:
            self._give_back(line)
        return reply

    def _on(
        self, line: "_Line", method: str, path: str, body: bytes, content_type: str, seconds: float
    ) -> Reply:
        url = f"{self._target.base_url}{path}"
        came = _Coming()
        with Deadline(seconds) as deadline:
            try:
                with plain_http.sent(
                    line.connections,
                    method,
                    url,
                    {**_HEADERS, "Content-Type": content_type},
                    body,
                    seconds=self._target.timeout,
                    connecting=min(self._target.timeout, 10.0),
                    trace=line.watched_by(deadline),
                ) as response:
                    reply = came.read(response)
                    reply = replace(reply, detail=line.oddity(response))
                    version = response.extensions["http_version"].decode("ascii", errors="replace")
                if version not in _VERSIONS:
                    detail = f"the response is {version}, and the hub speaks HTTP/1.1"
                    reply = Reply(answer=reply.answer, trouble="not HTTP", detail=detail)
                if reply.status == 400 and _TO_HTTPS.search(reply.answer.body):
                    reply = _speaks_tls(f"{self._target.shown_url}{path}")
            except plain_http.TROUBLE as error:
                _check_own(_root(error))
                reply = _trouble(error, f"{self._target.shown_url}{path}", came, in_time=not deadline.passed)
        # However it ended: what was cut off is no answer.
        if reply.trouble == "timeout" or (deadline.passed and reply.trouble != "unreachable"):
            late = f"no response within {seconds:g} s"
            return Reply(answer=came.fragment, trouble="timeout", detail=f"{late}{came.so_far}")
        # Beyond the deadline of the exchange: it is another connection.
        if reply.detail == _CONTROL_CHARACTER and _shakes_hands(url):
            return _speaks_tls(f"{self._target.shown_url}{path}")
        return reply

    def _line(self) -> "_Line":
        with self._lock:
            return self._free.pop() if self._free else _Line(self._target, self._tls)

    def _give_back(self, line: "_Line") -> None:
        line.let_go()
        with self._lock:
            if not self._closed and line.is_clean:
                self._free.append(line)
                return
        line.close()

    def close(self) -> None:
        """Close all connections; one that is used now is closed after its exchange."""
        with self._lock:
            self._closed = True
            lines, self._free = self._free, []
        for one in lines:
            one.close()


class _Line:
    """One connection to the target at a time, which is kept between two exchanges."""

    def __init__(self, target: Target, tls: ssl.SSLContext | None) -> None:
        self.connections = plain_http.one_connection(tls, idle=IDLE)
        self._target = target
        self._socket: socket.socket | None = None
        self._trailing = 0
        self.was_kept = False
        """Whether the last exchange had the connection of the one before it."""

    def watched_by(self, deadline: Deadline) -> plain_http.Trace:
        """Begin an exchange with a deadline; gives the trace of httpcore for it."""
        self.was_kept, self._trailing = self._socket is not None, 0
        if self._socket:
            deadline.borrow(self._socket)

        def trace(event: str, info: Mapping[str, Any]) -> None:
            if event == "http11.response_closed.started":
                self._trailing = len(self._unread)
            elif event == "connection.connect_tcp.started":
                self.was_kept = False
            elif event == "connection.connect_tcp.complete":
                deadline.borrow(self._connected(info["return_value"]))

        return trace

    def _connected(self, stream: Any) -> socket.socket:
        try:
            check_consent(self._target, stream.get_extra_info("server_addr")[0])
        except NoConsent:
            stream.close()
            raise
        # A duplicate stays valid when the connection becomes one of TLS.
        connection: socket.socket = stream.get_extra_info("socket").dup()
        self._keep(connection)
        return connection

    @property
    def is_clean(self) -> bool:
        """Whether nothing came after the last answer: it would be taken for the next one."""
        return self._is_known and not self._unread

    def oddity(self, response: httpcore.Response) -> str:
        """What is odd in how an answer ended, though it could be read."""
        if None not in (plain_http.header(response, one) for one in ("Content-Length", "Transfer-Encoding")):
            return (
                "the response has a Content-Length and a Transfer-Encoding: the chunks have precedence "
                "(RFC 9112, 6.3)"
            )
        if self._trailing:
            how = "were received after the end of the response; the connection is closed"
            return f"{self._trailing} bytes {how}"
        return ""

    @property
    def _states(self) -> list[Any]:
        # httpcore does not tell: what h11 has read, and not used, is in none of its public places.
        kept = self.connections.connections
        return [getattr(getattr(one, "_connection", None), "_h11_state", None) for one in kept]

    @property
    def _is_known(self) -> bool:
        return None not in self._states

    @property
    def _unread(self) -> bytes:
        """What has come after an answer."""
        return b"".join(one.trailing_data[0] for one in self._states if one is not None)

    def let_go(self) -> None:
        """Let go of a connection that httpcore has closed: the target waits for its end."""
        if not self.connections.connections:
            self._keep(None)

    def close(self) -> None:
        """Close the connection."""
        self.connections.close()
        self._keep(None)

    def _keep(self, connection: socket.socket | None) -> None:
        if self._socket:
            self._socket.close()
        self._socket = connection


class _Coming:
    """An answer, as far as it has come."""

    def __init__(self) -> None:
        self._response: httpcore.Response | None = None
        self._body = bytearray()

    def read(self, response: httpcore.Response) -> Reply:
        """Read an answer to its end, or as far as the suite reads."""
        self._response = response
        for piece in response.iter_stream():
            self._body += piece
            if len(self._body) > LONGEST:
                break
        else:
            response.close()  # now it shows what came after its end
        return Reply(response.status, self.part)

    @property
    def part(self) -> Part:
        """What has come of it; an empty one where not even the head has."""
        if self._response is None:
            return Part()
        raw = self._response.headers
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
        return Part(headers, bytes(self._body[:LONGEST]), len(self._body) > LONGEST)

    @property
    def fragment(self) -> Part:
        """The same, where the rest of it will not come."""
        return replace(self.part, cut=self.begun)

    @property
    def so_far(self) -> str:
        """How much of it has come, for the end of a sentence; empty where nothing has."""
        if self._response is None:
            return ""
        return f"; HTTP {self._response.status} and {self._of_all} were received"

    @property
    def _of_all(self) -> str:
        length = plain_http.header(self._response, "Content-Length") if self._response else None
        whole = f" of {length}" if length and length.isdigit() else ""
        return f"{len(self._body)}{whole} bytes of the body"

    def broke_off(self, reason: str) -> Reply:
        """The answer, of which no more will come."""
        status = f"HTTP {self._response.status}" if self._response else "no status"
        return Reply(
            answer=self.fragment,
            trouble="broke off",
            detail=f"the response broke off: {status} and {self._of_all} were received ({reason})",
        )

    @property
    def begun(self) -> bool:
        """Whether its head has come."""
        return self._response is not None


_HEADERS = {
    "Connection": "keep-alive",
    "User-Agent": "oicp-conformance",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}
"""What all requests of the hub have."""
_VERSIONS = {"HTTP/1.0", "HTTP/1.1"}
_CONTROL_CHARACTER = "illegal request line"
"""What h11 says of an answer that begins with a control character, as an alert of TLS does."""
_TO_HTTPS = re.compile(rb"HTTP request (?:was sent )?to (?:an )?HTTPS (?:port|server)", re.IGNORECASE)
"""What nginx, Go and Apache answer to plain HTTP where they speak TLS."""


def _trouble(error: Exception, url: str, came: _Coming, *, in_time: bool) -> Reply:
    connecting = isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout | httpcore.PoolTimeout)
    if connecting and (not in_time or isinstance(error, httpcore.TimeoutException)):
        return Reply(trouble="unreachable", detail=f"{url}: no connection in time")
    root = _root(error)
    if isinstance(root, ssl.SSLError):
        return Reply(trouble="tls", detail=f"{url}: TLS: {reason_of(root)}{_scheme_hint(root)}")
    if connecting:
        reason = isinstance(root, OSError) and root.strerror
        return Reply(trouble="unreachable", detail=f"{url}: {reason or error}")
    if isinstance(error, httpcore.TimeoutException):
        return Reply(trouble="timeout")
    text = str(error)
    closed = any(one in text for one in ("incomplete", "without sending complete", "disconnected"))
    if isinstance(error, httpcore.RemoteProtocolError) and not closed:
        return Reply(answer=came.fragment, trouble="not HTTP", detail=text)
    if came.begun:
        return came.broke_off("the target closed the connection" if closed else text or type(error).__name__)
    return Reply(trouble="hung up", detail=f"the connection broke: {error or type(error).__name__}")


def _check_own(error: BaseException) -> None:
    """Raise a `HubError` for what this machine lacks: that is not the target's trouble."""
    if isinstance(error, OSError) and error.errno in OWN:
        raise HubError(f"the suite cannot call the target: {error.strerror}") from error


def _shakes_hands(url: str) -> bool:
    """Whether a handshake of TLS succeeds where a URL of plain HTTP leads."""
    where = httpx.URL(url)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            Deadline(5.0) as deadline,
            socket.create_connection((where.host, where.port or 80), 5.0) as plain,
        ):
            deadline.watch(plain)
            context.wrap_socket(plain, server_hostname=where.host).close()
    except (OSError, ValueError):
        return False
    return True


def _speaks_tls(url: str) -> Reply:
    detail = f"{url}: the target speaks TLS there; base_url must begin with https:"
    return Reply(trouble="tls", detail=detail)


def _scheme_hint(error: ssl.SSLError) -> str:
    """What base_url should be, where a target does not speak TLS at all."""
    plain = str(error.reason) in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"}
    return "; the target does not speak TLS there: base_url must begin with http:" if plain else ""


def _root(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
