"""The hub's calls to the target: bounded in time and size, and never an exception because of its answer."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from oicp_conformance.hub.tls import reason_of, towards_target
from oicp_conformance.journal.exchange import Part
from oicp_conformance.profile import Target

LONGEST = 2 * 1024 * 1024
"""Bytes of an answer that are read; no answer of OICP to a hub is nearly as long."""


@dataclass(frozen=True)
class Reply:
    """What came back: a status and a message, or the trouble that there was instead."""

    status: int | None = None
    answer: Part = field(default_factory=Part)
    trouble: str | None = None
    detail: str = ""


class _Deadline:
    """Cuts a connection when the time for the exchange is over: a target may send a little, forever."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._connection: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._connection:
            self._connection.close()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn the connection, as httpx tells of it."""
        if event == "connection.connect_tcp.complete":
            # Its duplicate stays valid when it becomes a TLS connection.
            self._connection = info["return_value"].get_extra_info("socket").dup()

    def _cut(self) -> None:
        self.passed = True
        if self._connection:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)


class Client:
    """Calls one target, with a connection of its own for each exchange."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._http = httpx.Client(
            timeout=httpx.Timeout(target.timeout, connect=min(target.timeout, 10.0)),
            verify=towards_target(target),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            headers={
                "User-Agent": "oicp-conformance",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
        )

    def reach(self) -> str:
        """Why no connection to the target can be had; empty where there is one. Tried three times."""
        url = httpx.URL(self._target.base_url)
        port = url.port or (443 if url.scheme == "https" else 80)
        for pause in (0.2, 0.6, None):
            try:
                socket.create_connection((url.host, port), min(self._target.timeout, 10.0)).close()
            except OSError as error:
                if pause is None:
                    return f"{self._target.base_url}: {error}"
                time.sleep(pause)
            else:
                break
        return ""

    def post(self, path: str, body: bytes, content_type: str = "application/json") -> Reply:
        """POST a body to a path of the target; a target that cannot be reached is tried three times."""
        for pause in (0.2, 0.6, None):
            reply = self._once("POST", path, body, content_type)
            if reply.trouble != "unreachable" or pause is None:
                break
            time.sleep(pause)
        return reply

    def probe(self, method: str, path: str) -> Reply:
        """Send a request without a body, once: it asks the target for nothing."""
        return self._once(method, path, b"", "application/json")

    def _once(self, method: str, path: str, body: bytes, content_type: str) -> Reply:
        url = f"{self._target.base_url}{path}"
        with _Deadline(self._target.timeout) as deadline:
            try:
                with self._http.stream(
                    method,
                    url,
                    content=body,
                    headers={"Content-Type": content_type},
                    extensions={"trace": deadline.trace},
                ) as response:
                    reply = _read(response)
            except httpx.HTTPError as error:
                reply = _trouble(error, url, in_time=not deadline.passed)
        # However it ended: what was cut off is no answer.
        if reply.trouble == "timeout" or (deadline.passed and reply.trouble != "unreachable"):
            return Reply(trouble="timeout", detail=f"no answer within {self._target.timeout:g} s")
        return reply

    def close(self) -> None:
        """Close all connections."""
        self._http.close()


def _read(response: httpx.Response) -> Reply:
    body = bytearray()
    for piece in response.iter_raw():
        body += piece
        if len(body) > LONGEST:
            break
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
    return Reply(response.status_code, Part(headers, bytes(body[:LONGEST]), len(body) > LONGEST))


def _trouble(error: httpx.HTTPError, url: str, *, in_time: bool) -> Reply:
    connecting = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    if connecting and (not in_time or isinstance(error, httpx.TimeoutException)):
        return Reply(trouble="unreachable", detail=f"{url}: no connection in time")
    root = _root(error)
    if isinstance(root, ssl.SSLError):
        return Reply(trouble="tls", detail=f"{url}: TLS: {reason_of(root)}")
    if connecting:
        return Reply(trouble="unreachable", detail=f"{url}: {error}")
    if isinstance(error, httpx.TimeoutException):
        return Reply(trouble="timeout")
    if isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error):
        return Reply(trouble="not HTTP", detail=str(error))
    return Reply(trouble="hung up", detail=f"the connection broke: {error or type(error).__name__}")


def _root(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
