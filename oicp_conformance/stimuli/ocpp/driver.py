"""The driver `ocpp`: what a driver does at a virtual charging station brings the CPO to its calls."""

import asyncio
import concurrent.futures
import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar

from oicp_conformance.journal.notes import Ocpp
from oicp_conformance.profile import Stimuli
from oicp_conformance.profile.drivers import find
from oicp_conformance.stimuli.base import (
    Console,
    Driver,
    Outcome,
    Quiet,
    Stimulated,
    StimulusError,
    one_line,
)
from oicp_conformance.stimuli.ocpp import needs_extra
from oicp_conformance.stimuli.ocpp.recording import Recording
from oicp_conformance.stimuli.ocpp.settings import OcppStimuli, StationTable, StationTls
from oicp_conformance.stimuli.ocpp.station import (
    AmbiguousError,
    Connector,
    Dialect,
    Station,
    StationError,
    connectors_of,
)
from oicp_conformance.stimuli.ocpp.transaction import Token

_Result = TypeVar("_Result")
_ANSWER = 5.0
"""Seconds for a connection, and for the response to one OCPP message."""
_AT_ONCE = 2.0
"""Seconds after which a card that was presented is no longer waited for: the CPO asks Hubject meanwhile."""
_RECONNECT = 1.0
"""Seconds between two attempts to connect."""


class OcppDriver(Quiet):
    """Plays charging stations; what no station can cause goes to another driver."""

    settings: ClassVar[type[Stimuli]] = OcppStimuli

    def __init__(self, stimuli: OcppStimuli, otherwise: Driver) -> None:
        self.wait = stimuli.wait
        self._otherwise = otherwise
        self._stimuli = stimuli
        self._tls = _tls(stimuli.tls) if stimuli.url.startswith("wss:") else None
        self._tables = {one.identity: one for one in stimuli.stations}
        self._stations = {
            one.identity: Station(
                one.identity, connectors_of(one.connectors, one.power), fast=stimuli.fast_clock
            )
            for one in stimuli.stations
        }
        self._take_down: Callable[[Ocpp], None] = lambda _: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_tried: dict[str, float] = {}

    @classmethod
    def from_profile(cls, stimuli: Stimuli, console: Console) -> Self:
        """Make the driver for a profile.

        Raises:
            StimulusError: the extra packages are missing, or a file of `[stimuli.tls]` cannot be used.
        """
        assert isinstance(stimuli, OcppStimuli)
        if text := needs_extra():
            raise StimulusError(f'[stimuli] driver: found "ocpp"; {text}')
        # The other driver waits as this one does: the user says it once.
        other = stimuli.otherwise.model_copy(update={"wait": stimuli.wait, "settle": stimuli.settle})
        otherwise: Driver = find(other.driver).from_profile(other, console)
        return cls(stimuli, otherwise)

    # --- the run

    def watch(self, take_down: Callable[[Ocpp], None]) -> None:
        """Connect the stations; from now on, each OCPP message is taken down."""
        self._take_down = take_down
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="ocpp", daemon=True)
            self._thread.start()
        for station in self._stations.values():
            with contextlib.suppress(StationError):
                self._run(self._connected(station), 4 * _ANSWER)

    def problems(self) -> Sequence[str]:
        """Return why stations are not connected."""
        return [
            f"station {one.identity}: {one.trouble}" for one in self._stations.values() if one.dialect is None
        ]

    def close(self) -> None:
        """Close the connections."""
        loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return
        closing = asyncio.run_coroutine_threadsafe(self._close(), loop)
        with contextlib.suppress(concurrent.futures.TimeoutError):
            closing.result(5)
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join(5)
        if not loop.is_running():
            loop.close()

    async def _close(self) -> None:
        for station in self._stations.values():
            if station.wire_to_close is not None:
                await station.wire_to_close.close()
        running = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _run(self, what: Coroutine[Any, Any, _Result], seconds: float) -> _Result:
        """Have something done in the thread of the stations.

        Raises:
            StationError: it failed, or took longer than so many seconds.
        """
        if self._loop is None:
            what.close()
            raise StationError("the stations are not connected")
        future = asyncio.run_coroutine_threadsafe(what, self._loop)
        try:
            return future.result(seconds)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise StationError(f"it took longer than {seconds:g} s") from None

    # --- connections

    async def _connected(self, station: Station) -> None:
        """Connect and boot a station, if it is not connected.

        Raises:
            StationError: it cannot be connected, or its boot is not accepted.
        """
        if station.dialect is not None:
            return
        tried = self._last_tried.get(station.identity, 0.0)
        await asyncio.sleep(max(0.0, tried + _RECONNECT - time.monotonic()) if tried else 0.0)
        self._last_tried[station.identity] = time.monotonic()
        try:
            await self._connect(station, self._tables[station.identity])
        except StationError as error:
            station.trouble = str(error)
            raise StationError(f"station {station.identity}: {error}") from None

    async def _connect(self, station: Station, table: StationTable) -> None:
        # Only here are the extra packages needed.
        from oicp_conformance.stimuli.ocpp.wire import (  # noqa: PLC0415
            Address,
            opened,
            why_ended,
        )

        version = self._stimuli.version
        address = Address(self._stimuli.url, table.identity, table.password, version, self._tls)
        recording = Recording(station, version, self._take_down_now)
        wire = await opened(address, recording, _ANSWER)
        station.wire_to_close = wire
        if version == "1.6":
            from oicp_conformance.stimuli.ocpp.v16 import Station16  # noqa: PLC0415

            link: Any = Station16(station, wire, _ANSWER)
        else:
            from oicp_conformance.stimuli.ocpp.v201 import Station21, Station201  # noqa: PLC0415

            link = (Station21 if version == "2.1" else Station201)(station, wire, _ANSWER)
        try:
            interval = await _booted(link)
            station.dialect = link
            for connector in station.connectors.values():
                await link.status(connector)
        except StationError:
            station.dialect = None
            await wire.close()
            raise

        def ended(listening: "asyncio.Future[None]") -> None:
            if station.dialect is link:
                station.dialect, station.trouble = None, why_ended(listening)
                self._keep(wire.close())

        link.calls.listening.add_done_callback(ended)
        self._keep(_beat(station, link, interval if interval > 0 else 300))

    def _take_down_now(self, message: Ocpp) -> None:
        self._take_down(message)

    def _keep(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- stimuli

    def stimulate(self, stimulus: str, parameters: Mapping[str, object]) -> Stimulated:
        """Have something happen at a station, or ask the other driver for what no station can cause."""
        act = _ACTS.get(stimulus)
        if act is None:
            return self._otherwise.stimulate(stimulus, parameters)
        evse = str(parameters.get("EvseID"))
        found = next(((one, at) for one in self._stations.values() if (at := one.at(evse))), None)
        if found is None:
            return Stimulated(Outcome.UNAVAILABLE, f"no station in the profile has the EVSE {evse}")
        try:
            token = _token(parameters, self._stimuli.version) if "Identification" in parameters else None
        except ValueError as error:
            answer = self._otherwise.stimulate(stimulus, parameters)
            unavailable = answer.outcome is Outcome.UNAVAILABLE
            return Stimulated(answer.outcome, str(error)) if unavailable else answer
        if self._loop is None:
            self.watch(self._take_down)
        station, connector = found
        limit = max(self.wait, 10.0) - 0.5
        try:
            detail = self._run(self._acted(act, station, connector, token, parameters), limit)
        except StationError as error:
            name = station.identity
            told = str(error) if name in str(error) else f"station {name}: {error}"
            ambiguous = isinstance(error, AmbiguousError)
            return Stimulated(Outcome.UNAVAILABLE if ambiguous else Outcome.FAILED, one_line(told))
        return Stimulated(Outcome.DONE, f"station {station.identity}, connector {connector.number}: {detail}")

    async def _acted(
        self,
        act: "_Act",
        station: Station,
        connector: Connector,
        token: Token | None,
        parameters: Mapping[str, object],
    ) -> str:
        await self._connected(station)
        return await act(station, connector, token, parameters, self.wait)


async def _booted(link: Any) -> float:
    """Boot a station; return the interval of its heartbeats in seconds."""
    status, interval, said = await link.boot()
    if status != "Accepted":
        raise StationError(f"the central system responded to BootNotification with {said}")
    return float(interval)


async def _beat(station: Station, link: Dialect, interval: float) -> None:
    """Send heartbeats as long as the station is connected."""
    while True:
        await asyncio.sleep(interval)
        if station.dialect is not link:
            return
        with contextlib.suppress(StationError):
            await link.heartbeat()


_Act = Callable[[Station, Connector, Token | None, Mapping[str, object], float], Coroutine[Any, Any, str]]
"""What happens at a connector; gives what was done, in words."""


async def _in_background(station: Station, what: Coroutine[Any, Any, None]) -> None:
    """Begin something that ends when the CPO has asked Hubject; trouble that shows at once is raised."""
    task = asyncio.get_running_loop().create_task(what)
    station.tasks.add(task)
    task.add_done_callback(station.tasks.discard)
    done, _ = await asyncio.wait({task}, timeout=_AT_ONCE)
    if done:
        task.result()
    else:
        task.add_done_callback(lambda one: _noted(station, one))


def _noted(station: Station, task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and isinstance(error := task.exception(), StationError):
        station.note_trouble(str(error))


async def _swipe(
    station: Station, connector: Connector, token: Token | None, _: Mapping[str, object], __: float
) -> str:
    if token is None:
        raise StationError("the stimulus has no Identification")
    connector.trouble = ""
    await _in_background(station, station.swipe(connector, token))
    return "Authorize was sent"


async def _swipe_out(
    station: Station, connector: Connector, token: Token | None, _: Mapping[str, object], wait: float
) -> str:
    if token is None:
        raise StationError("the stimulus has no Identification")
    await station.begun(connector, wait / 2)
    await _in_background(station, station.swipe_out(connector, token))
    return "Authorize was sent"


async def _plug_in(
    station: Station, connector: Connector, _: Token | None, __: Mapping[str, object], wait: float
) -> str:
    transaction = await station.begun(connector, wait)
    return f"transaction {transaction.id} runs"


async def _unplug(
    station: Station, connector: Connector, _: Token | None, __: Mapping[str, object], ___: float
) -> str:
    if connector.transaction is None:
        return "the cable is out"
    await station.end(connector, "EVDisconnected")
    return "the transaction was ended"


async def _over(
    station: Station, connector: Connector, _: Token | None, __: Mapping[str, object], wait: float
) -> str:
    if connector.transaction is None and connector.over and not connector.beginning:
        return "the transaction is over"
    await station.begun(connector, wait / 2)
    await station.end(connector, "EVDisconnected")
    return "the transaction was ended"


async def _happens(
    station: Station, connector: Connector, _: Token | None, asked: Mapping[str, object], wait: float
) -> str:
    kind = asked.get("Type")
    await station.begun(connector, wait / 2)
    if kind == "Progress":
        await station.go_on(connector)
    elif kind == "End":
        await station.suspend(connector)
    elif kind == "Error":
        await station.fault(connector)
    elif kind != "Start":
        raise StationError(f"unknown type {kind}")
    return f"{kind} happened"


_ACTS: Mapping[str, _Act] = {
    "eRoamingAuthorizeStart": _swipe,
    "eRoamingAuthorizeStop": _swipe_out,
    "plug-in": _plug_in,
    "unplug": _unplug,
    "eRoamingChargingNotifications": _happens,
    "eRoamingChargeDetailRecord": _over,
}
"""The stimuli that a station can cause."""


def _token(parameters: Mapping[str, object], version: str) -> Token:
    """What a reader reads of an Identification; raises ValueError when no station has such a reader."""
    identification = parameters["Identification"]
    kind, value = "", None
    if isinstance(identification, Mapping) and identification:
        kind, value = next(iter(identification.items()))
    fields = value if isinstance(value, Mapping) else {}
    if kind.startswith("RFID") and isinstance(fields.get("UID"), str):
        uid = str(fields["UID"]).upper()
        return Token(uid, "ISO14443")
    if kind == "PlugAndChargeIdentification" and version != "1.6" and isinstance(fields.get("EvcoID"), str):
        return Token(str(fields["EvcoID"]), "eMAID")
    raise ValueError(f"a station with OCPP {version} cannot read a {kind}")


def _tls(table: StationTls | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=table.ca if table else None)
    except (OSError, ValueError) as error:
        raise StimulusError(f"[stimuli.tls] ca: {error}; expected a PEM file") from None
    if table and table.certificate:
        try:
            # With no password at all, OpenSSL would ask for one on the terminal.
            context.load_cert_chain(table.certificate, table.key, password="")
        except (OSError, ValueError) as error:
            raise StimulusError(
                f"[stimuli.tls] certificate and key: {error}; expected a pair of PEM files"
            ) from None
    return context
