"""A virtual charging station of any OCPP version: what happens at its connectors."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from oicp_conformance.oicp.types import is_same_id
from oicp_conformance.stimuli.ocpp.transaction import Token, Transaction

_STEP = 0.02
"""Seconds between two looks at what the central system may have changed."""


class StationError(Exception):
    """Something that a station could not do; the text names the OCPP message."""


class AmbiguousError(StationError):
    """Something that a central system could not tell from something else."""


@dataclass(eq=False)
class Connector:
    """A connector, with the EVSE that it is for OICP."""

    number: int
    evse: str
    meter: int
    """In watt-hours."""
    watts: int
    status: str = "Available"
    """In the words of OCPP 1.6."""
    operative: bool = True
    reservation: tuple[int, str] | None = None
    """The id of a reservation, and its token."""
    transaction: Transaction | None = None
    """The transaction that runs, from the moment in which it was sent to the central system."""
    confirmed: bool = False
    """Whether the central system has answered to its start."""
    over: int = 0
    """How many transactions have ended."""
    beginning: bool = False
    """Whether a start was accepted and is on its way."""
    trouble: str = ""
    """What went wrong last, until a transaction begins."""

    @property
    def is_free(self) -> bool:
        """Whether a transaction could begin."""
        return self.operative and self.transaction is None and not self.beginning

    def charges_for(self, token: Token) -> bool:
        """Whether a transaction runs that was started with this medium."""
        return self.transaction is not None and self.transaction.token == token


class Dialect(Protocol):
    """The messages of one OCPP version; each call waits for its response.

    Every method raises StationError when there is no response, or an error in its place.
    """

    async def boot(self) -> tuple[str, int, str]:
        """Send a BootNotification; return its status, the interval of heartbeats in seconds, the payload."""

    async def heartbeat(self) -> None:
        """Send a heartbeat."""

    async def status(self, connector: Connector, *, fault: bool = False) -> None:
        """Send the status of a connector; with `fault`, that something is broken."""

    async def authorize(self, token: Token) -> bool:
        """Ask whether a driver may charge, or stop."""

    async def begin(self, connector: Connector, transaction: Transaction) -> str:
        """Send the start of a transaction; return the status of its token."""

    async def meter(self, connector: Connector, transaction: Transaction, context: str) -> None:
        """Send a meter value."""

    async def suspend(self, connector: Connector, transaction: Transaction) -> None:
        """Send that the car takes no more energy, with the meter value."""

    async def end(
        self, connector: Connector, transaction: Transaction, reason: str, token: Token | None
    ) -> None:
        """Send the end of a transaction; `reason` is a word of OCPP."""


class Closable(Protocol):
    """A connection."""

    async def close(self) -> None:
        """Close it."""


@dataclass(eq=False)
class Station:
    """One station. All its methods run in the thread of the asyncio loop."""

    identity: str
    connectors: Mapping[int, Connector]
    fast: bool
    wire_to_close: Closable | None = None
    """The connection, while there is one."""
    dialect: Dialect | None = None
    """None as long as it is not connected and booted."""
    trouble: str = "not connected yet"
    """Why it is not connected."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    authorizing: asyncio.Lock = field(default_factory=asyncio.Lock)

    # --- what drivers do there

    @property
    def wire(self) -> Dialect:
        """The connection; raises StationError when there is none."""
        if self.dialect is None:
            raise StationError(f"station {self.identity}: {self.trouble}")
        return self.dialect

    def at(self, evse: str) -> Connector | None:
        """The connector of an EVSE."""
        return next((one for one in self.connectors.values() if is_same_id(one.evse, evse)), None)

    async def swipe(self, connector: Connector, token: Token) -> None:
        """Present a medium at a free connector; when it is authorized, the car is plugged in and charges."""
        if not connector.is_free:
            raise StationError(f"connector {connector.number}: a transaction is running")
        if other := next((one for one in self.connectors.values() if one.charges_for(token)), None):
            raise AmbiguousError(
                f"a driver with this medium charges at connector {other.number} already, and Authorize does "
                "not say at which connector it is presented again"
            )
        # One driver at a time: OCPP does not say at which connector an Authorize was caused.
        async with self.authorizing:
            connector.beginning = True
            try:
                await self._show(connector, "Preparing")
                accepted = await self.wire.authorize(token)
                if accepted:
                    await self._begin(connector, token)
                else:
                    await self._show(connector, "Reserved" if connector.reservation else "Available")
            finally:
                connector.beginning = False

    async def swipe_out(self, connector: Connector, token: Token) -> None:
        """Present a medium to stop: the transaction ends when the central system accepts it."""
        transaction = self._running(connector)
        async with self.authorizing:
            accepted = await self.wire.authorize(token)
        if accepted and connector.transaction is transaction:
            await self.end(connector, "Local", token)

    async def begun(self, connector: Connector, seconds: float) -> Transaction:
        """Wait until a transaction runs, or one is over that began meanwhile."""
        for _ in range(int(seconds / _STEP)):
            if connector.transaction is not None and connector.confirmed:
                return connector.transaction
            if connector.trouble:
                break
            await asyncio.sleep(_STEP)
        if connector.transaction is not None:
            raise StationError(f"connector {connector.number}: no response to its start within {seconds:g} s")
        why = connector.trouble or f"no transaction began within {seconds:g} s: no start was requested"
        raise StationError(f"connector {connector.number}: {why}")

    async def go_on(self, connector: Connector) -> None:
        """Charge for a while, and send the meter value."""
        transaction = self._running(connector)
        if transaction.suspended is not None:
            raise StationError(f"connector {connector.number}: the car takes no more energy")
        if transaction.is_long:
            raise StationError(f"connector {connector.number}: the transaction has lasted long enough")
        transaction.go_on(5)
        await self.wire.meter(connector, transaction, "Sample.Periodic")

    async def suspend(self, connector: Connector) -> None:
        """Have the car take no more energy."""
        transaction = self._running(connector)
        if transaction.suspended is None:
            transaction.suspended = transaction.go_on(10)
            connector.status = "SuspendedEV"
            await self.wire.suspend(connector, transaction)

    async def fault(self, connector: Connector) -> None:
        """Have something break for a moment."""
        before, connector.status = connector.status, "Faulted"
        await self.wire.status(connector, fault=True)
        await self._show(connector, before)

    async def end(self, connector: Connector, reason: str, token: Token | None = None) -> None:
        """End the transaction, and take the cable out; one that is ending already is waited for."""
        transaction = connector.transaction
        if transaction is None:
            return
        if transaction.ending:
            while connector.transaction is transaction:
                await asyncio.sleep(_STEP)
            return
        transaction.ending = True
        try:
            if reason == "EVDisconnected":
                await self.suspend(connector)
            transaction.end()
            await self._show(connector, "Finishing")
        finally:
            # The central system may request the next one as soon as it hears that this one is over.
            connector.meter, connector.over = transaction.meter, connector.over + 1
            connector.transaction = None
        await self.wire.end(connector, transaction, reason, token)
        if connector.transaction is None and not connector.beginning:
            await self._show(connector, "Available" if connector.operative else "Unavailable")

    # --- what the central system asks for

    def start_asked(self, number: int | None, token: Token) -> Connector | None:
        """Whether a start is accepted, and at which connector: the transaction then begins at once."""
        wanted = [self.connectors.get(number)] if number is not None else list(self.connectors.values())
        for connector in wanted:
            if connector is None or not connector.is_free:
                continue
            if connector.reservation is not None and connector.reservation[1] != token.text:
                continue
            connector.beginning, connector.trouble = True, ""
            return connector
        return None

    async def start_accepted(self, connector: Connector, token: Token, remote_start: int | None) -> None:
        """Begin the transaction that was requested."""
        try:
            await self._show(connector, "Preparing")
            await self._begin(connector, token, remote_start)
        except StationError as error:
            connector.trouble = str(error)
        finally:
            connector.beginning = False

    def with_transaction(self, transaction: int | str) -> Connector | None:
        """The connector at which a transaction runs."""
        running = (one for one in self.connectors.values() if one.transaction is not None)
        return next((one for one in running if one.transaction and one.transaction.id == transaction), None)

    def reserve(self, number: int | None, reservation: int, token: str) -> str:
        """Reserve a connector; return the status in OCPP's word."""
        found = self.connectors.get(number) if number is not None else next(iter(self.connectors.values()))
        if found is None or not found.operative:
            return "Rejected" if found is None else "Unavailable"
        if not found.is_free or (found.reservation is not None and found.reservation[0] != reservation):
            return "Occupied"
        found.reservation = reservation, token
        self.later(self._show(found, "Reserved"))
        return "Accepted"

    def cancel(self, reservation: int) -> bool:
        """Cancel a reservation."""
        for connector in self.connectors.values():
            if connector.reservation is not None and connector.reservation[0] == reservation:
                connector.reservation = None
                if connector.is_free:
                    self.later(self._show(connector, "Available"))
                return True
        return False

    def unlock(self, number: int) -> bool | None:
        """Unlock a connector, which ends its transaction; None for an unknown one."""
        connector = self.connectors.get(number)
        if connector is None:
            return None
        if connector.transaction is not None:
            self.later(self.end(connector, "UnlockCommand"))
        return True

    def make_available(self, number: int | None, *, operative: bool) -> str:
        """Take connectors into or out of service; None or 0 is all of them."""
        wanted = [self.connectors.get(number)] if number else list(self.connectors.values())
        if None in wanted:
            return "Rejected"
        for connector in filter(None, wanted):
            connector.operative = operative
            if connector.transaction is None:
                self.later(self._show(connector, "Available" if operative else "Unavailable"))
        return "Scheduled" if any(one and one.transaction for one in wanted) else "Accepted"

    def trigger(self, message: str, number: int | None) -> bool:
        """Send a message that the central system wants; tells whether the station has such a message."""
        wanted = [one for one in self.connectors.values() if number in {None, 0, one.number}]
        if message == "Heartbeat":
            self.later(self.wire.heartbeat())
        elif message == "BootNotification":
            self.later(_dropping(self.wire.boot))
        elif message == "StatusNotification" and wanted:
            for connector in wanted:
                self.later(self.wire.status(connector))
        elif message in {"MeterValues", "TransactionEvent"} and wanted:
            for connector in wanted:
                if connector.transaction is not None:
                    self.later(self.wire.meter(connector, connector.transaction, "Trigger"))
        else:
            return False
        return True

    def later(self, what: Awaitable[None]) -> None:
        """Do something after the response that is sent now."""

        async def quietly() -> None:
            await asyncio.sleep(0)
            try:
                await what
            except StationError as error:
                self.note_trouble(str(error))

        task = asyncio.get_running_loop().create_task(quietly())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def note_trouble(self, text: str) -> None:
        """Remember what went wrong, for the next stimulus."""
        for connector in self.connectors.values():
            connector.trouble = connector.trouble or text

    # ---

    async def _begin(self, connector: Connector, token: Token, remote_start: int | None = None) -> None:
        reservation, connector.reservation = connector.reservation, None
        transaction = Transaction(
            token,
            connector.meter,
            connector.watts,
            self.fast,
            remote_start=remote_start,
            reservation=reservation[0] if reservation else None,
        )
        connector.confirmed, connector.trouble = False, ""
        connector.transaction = transaction
        connector.status = "Charging"
        try:
            answered = await self.wire.begin(connector, transaction)
        except StationError:
            connector.transaction, connector.status = None, "Available"
            raise
        if answered != "Accepted":
            # It never counts as running: a stimulus that waits for it is told so.
            await self.end(connector, "DeAuthorized")
            raise StationError(f"the central system responded to the start with the token status {answered}")
        connector.confirmed = True
        await self._show(connector, "Charging")

    async def _show(self, connector: Connector, status: str) -> None:
        connector.status = status
        await self.wire.status(connector)

    def _running(self, connector: Connector) -> Transaction:
        if connector.transaction is None or not connector.confirmed:
            raise StationError(f"connector {connector.number}: no transaction is running")
        return connector.transaction


async def _dropping(call: Callable[[], Awaitable[Any]]) -> None:
    await call()


def connectors_of(evses: Mapping[str, str], power: float) -> dict[int, Connector]:
    """The connectors of a station, with meters that have run before."""
    meters = itertools.count(1_200_500, 100_000)
    return {
        int(number): Connector(int(number), evse, next(meters), round(power * 1000))
        for number, evse in evses.items()
    }
