"""The connection of a station to the central system: a web socket of which every message is taken down."""

import asyncio
import base64
import contextlib
import json
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ocpp.exceptions import OCPPError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from oicp_conformance.stimuli.base import one_line
from oicp_conformance.stimuli.ocpp.station import StationError

SILENT = logging.getLogger(f"{__name__}.silent")
"""For the package ocpp: what it would log, the journal has."""
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False
SILENT.setLevel(logging.CRITICAL + 1)

LARGEST = 2**20
"""Bytes of the longest message that is read."""
MOST_STRANGE = 100
"""Texts in a row that are not messages of OCPP, after which a connection is given up."""

TakeDown = Callable[[str, str], None]
"""Takes down a message: who sent it ("station" or "central"), and its text."""


@dataclass(frozen=True)
class Address:
    """Where a station connects, and as whom."""

    url: str
    identity: str
    password: str | None
    version: str
    tls: ssl.SSLContext | None


class _Straight(connect):
    """A connection to where the profile says, and nowhere else: the password must not go elsewhere."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow no redirect."""
        return exc


class Wire:
    """One connection: what the package ocpp reads from and writes to."""

    def __init__(self, socket: ClientConnection, take_down: TakeDown) -> None:
        self._socket = socket
        self._take_down = take_down
        self.strange = ""
        """The last text that was received and is not an OCPP message."""

    async def recv(self) -> str:
        """Receive the next message; what is none is taken down, and passed over.

        Raises:
            StationError: there were too many that are none.
        """
        for _ in range(MOST_STRANGE):
            received = await self._socket.recv()
            text = received if isinstance(received, str) else received.decode(errors="replace")
            self._take_down("central", text)
            if is_message(text):
                return text
            self.strange = text
            # Where much has come already, nothing above waits, and nobody else would have a turn.
            await asyncio.sleep(0)
        raise StationError(f"{MOST_STRANGE} texts in a row were not OCPP messages: {one_line(text, 80)}")

    async def send(self, text: str) -> None:
        """Send a message."""
        self._take_down("station", text)
        await self._socket.send(text)

    async def close(self) -> None:
        """Close the connection."""
        try:
            with contextlib.suppress(WebSocketException, OSError, TimeoutError):
                await asyncio.wait_for(self._socket.close(), 1.0)
        finally:
            # Who goes on sending does not hear that it is over.
            self._socket.transport.abort()


def is_message(text: str) -> bool:
    """Whether a text has the form of a message of OCPP."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(read, list) or len(read) < 3 or not isinstance(read[1], str):
        return False
    if read[0] == 2:
        return len(read) == 4 and isinstance(read[2], str) and isinstance(read[3], dict)
    return (read[0] == 3 and isinstance(read[2], dict)) or (read[0] == 4 and len(read) in {4, 5})


async def opened(address: Address, take_down: TakeDown, seconds: float) -> Wire:
    """Connect a station.

    Raises:
        StationError: it was not possible within so many seconds.
    """
    url = f"{address.url}/{quote(address.identity, safe='')}"
    headers = {}
    if address.password is not None:
        pair = f"{address.identity}:{address.password}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    try:
        socket = await _Straight(
            url,
            subprotocols=[f"ocpp{address.version}"],  # type: ignore[list-item] # a NewType of str
            additional_headers=headers,
            ssl=address.tls,
            proxy=None,
            open_timeout=seconds,
            close_timeout=1.0,
            max_size=LARGEST,
        )
    except InvalidStatus as error:
        body = one_line((error.response.body or b"").decode(errors="replace"), 80)
        said = f"HTTP {error.response.status_code} {body}".rstrip()
        raise StationError(f"{url}: the central system responded with {said}") from None
    except (WebSocketException, OSError, TimeoutError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise StationError(f"{url}: no connection: {one_line(reason)}") from None
    return Wire(socket, take_down)


class Calls:
    """Calls of a station, each bounded in time and ended with the connection."""

    def __init__(self, wire: Wire, listen: Awaitable[None], seconds: float) -> None:
        self._wire = wire
        self._seconds = seconds
        self.listening = asyncio.ensure_future(listen)
        # Asyncio would write to the terminal why it ended, where nobody asks for it.
        self.listening.add_done_callback(why_ended)

    async def made(self, action: str, call: Awaitable[Any]) -> Any:
        """Wait for the response to a call.

        Raises:
            StationError: there is none in time, it is an error, or it does not fit its schema.
        """
        calling = asyncio.ensure_future(call)
        wanted: set[asyncio.Future[Any]] = {calling, self.listening}
        await asyncio.wait(wanted, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
        if calling.done():
            try:
                return calling.result()
            except OCPPError as error:
                details = f" {error.details}" if error.details else ""
                raise StationError(
                    f"the central system responded to {action} with {error.code}: "
                    f"{one_line(f'{error.description}{details}')}"
                ) from None
            except TimeoutError:
                raise StationError(self._silence(action)) from None
            except (WebSocketException, OSError) as error:
                raise StationError(f"{action}: the connection is closed: {one_line(str(error))}") from None
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                raise StationError(f"{action}: the response cannot be read: {one_line(str(error))}") from None
        calling.cancel()
        if self.listening.done():
            raise StationError(f"{action}: {why_ended(self.listening)}")
        raise StationError(self._silence(action))

    def _silence(self, action: str) -> str:
        instead = f"; received instead: {one_line(self._wire.strange, 80)}" if self._wire.strange else ""
        return f"{action} had no response within {self._seconds:g} s{instead}"


def why_ended(listening: asyncio.Future[None]) -> str:
    """Why a connection has ended."""
    error = None if listening.cancelled() else listening.exception()
    if isinstance(error, ConnectionClosed):
        if error.sent is not None and not error.rcvd_then_sent:
            return f"the station closed the connection ({error.sent.code} {error.sent.reason})"
        closed = error.rcvd
        code = f"{closed.code} {closed.reason}".rstrip() if closed else "without a close frame"
        return f"the central system closed the connection ({code})"
    return f"the connection ended: {one_line(str(error)) if error else 'closed'}"
