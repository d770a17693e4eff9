"""The connections of the central system in OCPP 1.6, 2.0.1 and 2.1, made with the package ocpp."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ocpp import v16, v21, v201
from ocpp.routing import on
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as result16
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as result201

from oicp_conformance.reference.central_roles import SECONDS, Cpo, Line

_HEARTBEAT = 60
_transactions = itertools.count(1)
_SILENT = logging.getLogger(f"{__name__}.silent")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
_SILENT.setLevel(logging.CRITICAL + 1)


def line(version: str, identity: str, connection: Any, cpo: Cpo, boots: str) -> Line:
    """Make the connection of a station that has connected."""
    kinds: dict[str, Callable[[str, Any, Cpo, str], Line]]
    kinds = {"1.6": Line16, "2.0.1": Line201, "2.1": Line21}
    return kinds[version](identity, connection, cpo, boots)


def _now() -> str:
    return _written(datetime.now(UTC))


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.now(UTC)


class Line16(v16.ChargePoint):
    """A station that speaks OCPP 1.6J."""

    def __init__(self, identity: str, connection: Any, cpo: Cpo, boots: str) -> None:
        super().__init__(identity, connection, response_timeout=SECONDS, logger=_SILENT)
        self._cpo = cpo
        self._boots = boots

    @on("BootNotification")
    def booted(self, **_: Any) -> Any:
        """Accept a station."""
        return result16.BootNotification(_now(), _HEARTBEAT, self._boots)

    @on("Heartbeat")
    def beat(self) -> Any:
        """Tell the time."""
        return result16.Heartbeat(_now())

    @on("StatusNotification")
    async def status(self, connector_id: int, status: str, timestamp: str | None = None, **_: Any) -> Any:
        """Hear a status."""
        await asyncio.to_thread(self._cpo.status, connector_id, status, _moment(timestamp))
        return result16.StatusNotification()

    @on("Authorize")
    async def card(self, id_tag: str) -> Any:
        """Accept a card, or not."""
        accepted = await asyncio.to_thread(self._cpo.card, id_tag)
        return result16.Authorize({"status": "Accepted" if accepted else "Invalid"})

    @on("StartTransaction")
    async def begun(self, connector_id: int, meter_start: int, timestamp: str, **_: Any) -> Any:
        """Hear of the start of a transaction."""
        number = next(_transactions)
        at = _moment(timestamp)
        accepted = await asyncio.to_thread(self._cpo.begun, connector_id, at, meter_start, str(number))
        return result16.StartTransaction(number, {"status": "Accepted" if accepted else "Invalid"})

    @on("MeterValues")
    async def metered(
        self,
        connector_id: int,
        meter_value: Sequence[Mapping[str, Any]],
        transaction_id: int | None = None,
    ) -> Any:
        """Hear meter values."""
        del connector_id
        for value in meter_value:
            for sampled in value["sampled_value"]:
                at, read = _moment(value["timestamp"]), int(float(sampled["value"]))
                context = sampled.get("context", "Sample.Periodic")
                await asyncio.to_thread(self._cpo.metered, str(transaction_id), at, read, context)
        return result16.MeterValues()

    @on("StopTransaction")
    async def stopped(self, meter_stop: int, timestamp: str, transaction_id: int, **_: Any) -> Any:
        """Hear of the end of a transaction."""
        at = _moment(timestamp)
        await asyncio.to_thread(self._cpo.stopped, str(transaction_id), at, meter_stop)
        return result16.StopTransaction()

    async def remote_start(self, connector: int, token: str, number: int) -> bool:
        """Ask for a transaction."""
        del number
        return _accepted(await self.call(call16.RemoteStartTransaction(token, connector)))

    async def remote_stop(self, transaction: str) -> bool:
        """Ask for the end of a transaction."""
        return _accepted(await self.call(call16.RemoteStopTransaction(int(transaction))))

    async def reserve(self, connector: int, number: int, token: str, minutes: int) -> bool:
        """Ask for a reservation."""
        until = _written(datetime.now(UTC) + timedelta(minutes=minutes))
        return _accepted(await self.call(call16.ReserveNow(connector, until, token, number)))

    async def cancel(self, number: int) -> bool:
        """Ask for the end of a reservation."""
        return _accepted(await self.call(call16.CancelReservation(number)))


class Line201(v201.ChargePoint):
    """A station that speaks OCPP 2.0.1; its EVSEs are the connectors."""

    def __init__(self, identity: str, connection: Any, cpo: Cpo, boots: str) -> None:
        super().__init__(identity, connection, response_timeout=SECONDS, logger=_SILENT)
        self._cpo = cpo
        self._boots = boots

    @on("BootNotification")
    def booted(self, **_: Any) -> Any:
        """Accept a station."""
        return result201.BootNotification(_now(), _HEARTBEAT, self._boots)

    @on("Heartbeat")
    def beat(self, **_: Any) -> Any:
        """Tell the time."""
        return result201.Heartbeat(_now())

    @on("NotifyEvent")
    def notified(self, **_: Any) -> Any:
        """Hear of an event; a status follows it."""
        return result201.NotifyEvent()

    @on("StatusNotification")
    async def status(self, timestamp: str, connector_status: str, evse_id: int, **_: Any) -> Any:
        """Hear a status."""
        await asyncio.to_thread(self._cpo.status, evse_id, connector_status, _moment(timestamp))
        return result201.StatusNotification()

    @on("Authorize")
    async def card(self, id_token: Mapping[str, Any], **_: Any) -> Any:
        """Accept a card, or not."""
        accepted = await asyncio.to_thread(self._cpo.card, id_token["id_token"])
        return result201.Authorize({"status": "Accepted" if accepted else "Invalid"})

    @on("TransactionEvent")
    async def event(
        self,
        event_type: str,
        timestamp: str,
        transaction_info: Mapping[str, Any],
        evse: Mapping[str, int] | None = None,
        meter_value: Sequence[Mapping[str, Any]] = (),
        id_token: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Any:
        """Hear what happens in a transaction."""
        at, transaction = _moment(timestamp), str(transaction_info["transaction_id"])
        connector = evse["id"] if evse else 0
        sampled = [
            (int(one["value"]), one.get("context", "Sample.Periodic"))
            for value in meter_value
            for one in value["sampled_value"]
        ]
        read, context = sampled[-1] if sampled else (0, "")
        accepted = True
        if event_type == "Started":
            accepted = await asyncio.to_thread(self._cpo.begun, connector, at, read, transaction)
        elif event_type == "Ended":
            await asyncio.to_thread(self._cpo.stopped, transaction, at, read)
        else:
            await asyncio.to_thread(self._cpo.metered, transaction, at, read, context)
            if transaction_info.get("charging_state") == "SuspendedEV":
                await asyncio.to_thread(self._cpo.status, connector, "SuspendedEV", at)
        status = {"status": "Accepted" if accepted else "Invalid"}
        return result201.TransactionEvent(id_token_info=status if id_token else None)

    async def remote_start(self, connector: int, token: str, number: int) -> bool:
        """Ask for a transaction."""
        asked = call201.RequestStartTransaction(_central(token), number, evse_id=connector)
        return _accepted(await self.call(asked))

    async def remote_stop(self, transaction: str) -> bool:
        """Ask for the end of a transaction."""
        return _accepted(await self.call(call201.RequestStopTransaction(transaction)))

    async def reserve(self, connector: int, number: int, token: str, minutes: int) -> bool:
        """Ask for a reservation."""
        until = _written(datetime.now(UTC) + timedelta(minutes=minutes))
        asked = call201.ReserveNow(number, until, _central(token), evse_id=connector)
        return _accepted(await self.call(asked))

    async def cancel(self, number: int) -> bool:
        """Ask for the end of a reservation."""
        return _accepted(await self.call(call201.CancelReservation(number)))


class Line21(Line201):
    """A station that speaks OCPP 2.1: it is asked and answered the same."""

    _call = v21.call
    _call_result = v21.call_result
    _ocpp_version = "2.1"


def _central(token: str) -> dict[str, str]:
    return {"id_token": token, "type": "Central"}


def _accepted(said: Any) -> bool:
    return said is not None and said.status == "Accepted"
