"""The hub's ear: a server that takes down every request and answers it as the hub decides."""

import contextlib
import io
import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from conformance.hub.journal import Part
from conformance.hub.script import Answer
from conformance.profile import Hub as HubPart


class HubError(RuntimeError):
    """The hub cannot stand where the profile wants it: the suite's own trouble."""


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    method: str
    path: str
    part: Part


Hears = Callable[[Heard], tuple[Answer, Callable[[], None]]]
"""Decides on a request; the second value is called when the answer is on its way."""


class Server:
    """Listens where the profile says, from `start` to `stop`."""

    def __init__(self, hub: HubPart, hears: Hears) -> None:
        self._hears = hears
        self._closing = threading.Event()
        self._server = HTTPServer(
            host=hub.host, port=hub.port, threaded=True, ssl_context=_identity(hub)
        )
        self._server.expect_request(re.compile(".*")).respond_with_handler(self._handle)
        self._where = hub.listen
        self._scheme = "https" if hub.tls else "http"

    def start(self) -> None:
        """Begin to listen.

        Raises:
            HubError: the address cannot be had.
        """
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        complaint = io.StringIO()
        try:
            # Werkzeug prints and exits when the port is taken.
            with contextlib.redirect_stderr(complaint):
                self._server.start()
        except (OSError, SystemExit) as error:
            reason = complaint.getvalue().strip().splitlines() or [str(error)]
            raise HubError(f"[hub] listen = {self._where!r}: {reason[0]}") from None

    def stop(self) -> None:
        """Stop listening; answers that are still held back are let go."""
        self._closing.set()
        if self._server.is_running():
            self._server.stop()

    @property
    def url(self) -> str:
        """Where the target reaches the hub."""
        return f"{self._scheme}://{self._server.format_host(self._server.host)}:{self._server.port}"

    def forget(self) -> None:
        """Drop the server's own log of bodies: the journal has them."""
        self._server.clear_log()

    @property
    def failures(self) -> list[str]:
        """What went wrong in the hub itself while it answered."""
        return [f"{type(error).__name__}: {error}" for error in self._server.handler_errors]

    def _handle(self, request: Request) -> Response:
        raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path
        part = Part(tuple(request.headers.items()), request.get_data())
        answer, on_its_way = self._hears(Heard(request.method, raw, part))
        if answer.delay:
            self._closing.wait(answer.delay)
        response = Response(answer.body, status=answer.status, content_type="application/json")
        response.call_on_close(on_its_way)
        if answer.hang_up:
            connection: socket.socket = request.environ["werkzeug.socket"]
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        return response


def _identity(hub: HubPart) -> ssl.SSLContext | None:
    if hub.tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(hub.tls.certificate, hub.tls.key)
        if hub.tls.client_ca:
            context.load_verify_locations(hub.tls.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (ssl.SSLError, OSError) as error:
        raise HubError(f"[hub.tls]: {error}") from None
    return context
