"""A small central system: OCPP stations connect to it, and it passes on what they and the CPO want."""

import asyncio
import base64
import binascii
import concurrent.futures
import contextlib
import http
import threading
from collections.abc import Coroutine, Mapping
from typing import Any
from urllib.parse import unquote

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import WebSocketException
from websockets.http11 import Request, Response

from oicp_conformance.reference.central_roles import SECONDS, Cpo, Line


class CentralSystem:
    """Listens for stations in a thread of its own."""

    def __init__(self, cpo: Cpo, version: str, passwords: Mapping[str, str]) -> None:
        """`passwords` are those of the stations that may connect, by identity."""
        self.version = version
        self.boots = "Accepted"
        """How a BootNotification is answered."""
        self.lines: dict[str, Line] = {}
        self._cpo = cpo
        self._passwords = passwords
        self._loop = asyncio.new_event_loop()
        self._server: Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="central system", daemon=True)

    @property
    def url(self) -> str:
        """Where stations connect."""
        assert self._server is not None
        return f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/ocpp"

    def start(self) -> None:
        """Begin to listen on a free port."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(SECONDS)

    def stop(self) -> None:
        """Stop to listen, and end the connections."""
        with contextlib.suppress(concurrent.futures.TimeoutError):
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SECONDS)
        if not self._loop.is_running():
            self._loop.close()

    async def _listen(self) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            0,
            subprotocols=[f"ocpp{self.version}"],  # type: ignore[list-item] # a NewType of str
            process_request=self._look,
            close_timeout=1.0,
        )

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _look(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse a station that is not known, or has another password."""
        identity = _identity(request.path)
        if identity not in self._passwords:
            return connection.respond(http.HTTPStatus.NOT_FOUND, f"there is no station {identity}\n")
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        try:
            pair = base64.b64decode(given).decode() if scheme == "Basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            pair = ""
        if pair != f"{identity}:{self._passwords[identity]}":
            return connection.respond(http.HTTPStatus.UNAUTHORIZED, "wrong identity or password\n")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        # Only here are the extra packages needed.
        from oicp_conformance.reference.central_lines import line  # noqa: PLC0415

        assert connection.request is not None
        identity = _identity(connection.request.path)
        self.lines[identity] = made = line(self.version, identity, connection, self._cpo, self.boots)
        with contextlib.suppress(WebSocketException):
            await made.start()

    # What the CPO wants

    def remote_start(self, identity: str, connector: int, token: str, number: int) -> bool:
        """Ask a station for a transaction."""
        line = self.lines.get(identity)
        return line is not None and self._ask(line.remote_start(connector, token, number))

    def remote_stop(self, identity: str, transaction: str) -> bool:
        """Ask a station to end a transaction."""
        line = self.lines.get(identity)
        return line is not None and self._ask(line.remote_stop(transaction))

    def reserve(self, identity: str, connector: int, number: int, token: str, minutes: int) -> bool:
        """Ask a station to keep a connector free."""
        line = self.lines.get(identity)
        return line is not None and self._ask(line.reserve(connector, number, token, minutes))

    def cancel(self, identity: str, number: int) -> bool:
        """Ask a station to end a reservation."""
        line = self.lines.get(identity)
        return line is not None and self._ask(line.cancel(number))

    def _ask(self, what: Coroutine[Any, Any, bool]) -> bool:
        future = asyncio.run_coroutine_threadsafe(what, self._loop)
        try:
            return future.result(SECONDS)
        except Exception:  # noqa: BLE001 - whatever goes wrong on the way, the station does not do it
            future.cancel()
            return False


def _identity(path: str) -> str:
    return unquote(path.partition("?")[0].rstrip("/").rpartition("/")[2])
