"""The messages of OCPP 1.6J."""

from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result

from oicp_conformance.stimuli.ocpp.station import Connector, Station
from oicp_conformance.stimuli.ocpp.transaction import Token, Transaction, now, written
from oicp_conformance.stimuli.ocpp.wire import SILENT, Calls, Wire

_CONFIGURATION = {
    "HeartbeatInterval": "300",
    "NumberOfConnectors": "1",
    "MeterValueSampleInterval": "300",
    "MeterValuesSampledData": "Energy.Active.Import.Register",
    "ConnectionTimeOut": "60",
    "StopTransactionOnEVSideDisconnect": "true",
    "UnlockConnectorOnEVSideDisconnect": "true",
    "LocalPreAuthorize": "false",
    "AuthorizeRemoteTxRequests": "false",
    "SupportedFeatureProfiles": "Core,Reservation,RemoteTrigger",
}
_READ_ONLY = {"NumberOfConnectors", "SupportedFeatureProfiles"}
_REASONS = {"Local", "Remote", "EVDisconnected", "UnlockCommand", "DeAuthorized"}


class Station16(ChargePoint):
    """A station that speaks OCPP 1.6J."""

    def __init__(self, station: Station, wire: Wire, seconds: float) -> None:
        super().__init__(station.identity, wire, response_timeout=seconds, logger=SILENT)
        self._station = station
        self._configuration = _CONFIGURATION | {"NumberOfConnectors": str(len(station.connectors))}
        self.calls = Calls(wire, self.start(), seconds)

    async def _ask(self, payload: Any) -> Any:
        return await self.calls.made(type(payload).__name__, self.call(payload, suppress=False))

    # --- what the station sends

    async def boot(self) -> tuple[str, int, str]:
        """Send a BootNotification."""
        said = await self._ask(call.BootNotification("Virtual station", "oicp-conformance"))
        return str(said.status), int(said.interval), f"status {said.status}, interval {said.interval}"

    async def heartbeat(self) -> None:
        """Send a heartbeat."""
        await self._ask(call.Heartbeat())

    async def status(self, connector: Connector, *, fault: bool = False) -> None:
        """Send a StatusNotification."""
        code = "ConnectorLockFailure" if fault else "NoError"
        await self._ask(
            call.StatusNotification(connector.number, code, connector.status, timestamp=written(now()))
        )

    async def authorize(self, token: Token) -> bool:
        """Send an Authorize."""
        said = await self._ask(call.Authorize(token.text))
        return bool(said.id_tag_info["status"] == "Accepted")

    async def begin(self, connector: Connector, transaction: Transaction) -> str:
        """Send a StartTransaction."""
        said = await self._ask(
            call.StartTransaction(
                connector.number,
                transaction.token.text,
                transaction.meter_start,
                written(transaction.begun),
                reservation_id=transaction.reservation,
            )
        )
        transaction.id = said.transaction_id
        return str(said.id_tag_info["status"])

    async def meter(self, connector: Connector, transaction: Transaction, context: str) -> None:
        """Send a MeterValues."""
        sampled = {
            "value": str(transaction.meter),
            "context": context,
            "measurand": "Energy.Active.Import.Register",
            "unit": "Wh",
        }
        value = {"timestamp": written(transaction.clock), "sampledValue": [sampled]}
        await self._ask(call.MeterValues(connector.number, [value], transaction_id=transaction.id))

    async def suspend(self, connector: Connector, transaction: Transaction) -> None:
        """Send a MeterValues, and a StatusNotification."""
        await self.meter(connector, transaction, "Interruption.Begin")
        at = written(transaction.suspended or now())
        await self._ask(call.StatusNotification(connector.number, "NoError", "SuspendedEV", timestamp=at))

    async def end(
        self, connector: Connector, transaction: Transaction, reason: str, token: Token | None
    ) -> None:
        """Send a StopTransaction."""
        del connector
        await self._ask(
            call.StopTransaction(
                transaction.meter,
                written(transaction.ended or now()),
                transaction.id,
                reason=reason if reason in _REASONS else "Other",
                id_tag=token.text if token else None,
            )
        )

    # --- what the central system asks for

    @on("RemoteStartTransaction")
    def asked_to_start(self, id_tag: str, connector_id: int | None = None, **_: Any) -> Any:
        """Answer a RemoteStartTransaction; an accepted one begins a transaction at once."""
        connector = self._station.start_asked(connector_id, Token(id_tag))
        if connector is None:
            return call_result.RemoteStartTransaction("Rejected")
        self._station.later(self._station.start_accepted(connector, Token(id_tag), None))
        return call_result.RemoteStartTransaction("Accepted")

    @on("RemoteStopTransaction")
    def asked_to_stop(self, transaction_id: int) -> Any:
        """Answer a RemoteStopTransaction."""
        connector = self._station.with_transaction(transaction_id)
        if connector is None:
            return call_result.RemoteStopTransaction("Rejected")
        self._station.later(self._station.end(connector, "Remote"))
        return call_result.RemoteStopTransaction("Accepted")

    @on("ReserveNow")
    def asked_to_reserve(self, connector_id: int, id_tag: str, reservation_id: int, **_: Any) -> Any:
        """Answer a ReserveNow."""
        return call_result.ReserveNow(self._station.reserve(connector_id or None, reservation_id, id_tag))

    @on("CancelReservation")
    def asked_to_cancel(self, reservation_id: int) -> Any:
        """Answer a CancelReservation."""
        return call_result.CancelReservation(
            "Accepted" if self._station.cancel(reservation_id) else "Rejected"
        )

    @on("UnlockConnector")
    def asked_to_unlock(self, connector_id: int) -> Any:
        """Answer an UnlockConnector."""
        done = self._station.unlock(connector_id)
        return call_result.UnlockConnector("NotSupported" if done is None else "Unlocked")

    @on("ChangeAvailability")
    def asked_for_availability(self, connector_id: int, type: str) -> Any:  # noqa: A002 - OCPP's name
        """Answer a ChangeAvailability."""
        operative = type == "Operative"
        return call_result.ChangeAvailability(self._station.make_available(connector_id, operative=operative))

    @on("GetConfiguration")
    def asked_for_configuration(self, key: list[str] | None = None) -> Any:
        """Answer a GetConfiguration."""
        wanted = key or list(self._configuration)
        known = [
            {"key": one, "readonly": one in _READ_ONLY, "value": self._configuration[one]}
            for one in wanted
            if one in self._configuration
        ]
        unknown = [one for one in wanted if one not in self._configuration]
        return call_result.GetConfiguration(known, unknown)

    @on("ChangeConfiguration")
    def asked_to_configure(self, key: str, value: str) -> Any:
        """Answer a ChangeConfiguration."""
        if key not in self._configuration:
            return call_result.ChangeConfiguration("NotSupported")
        if key in _READ_ONLY:
            return call_result.ChangeConfiguration("Rejected")
        self._configuration[key] = value
        return call_result.ChangeConfiguration("Accepted")

    @on("TriggerMessage")
    def asked_for_message(self, requested_message: str, connector_id: int | None = None) -> Any:
        """Answer a TriggerMessage."""
        done = self._station.trigger(requested_message, connector_id)
        return call_result.TriggerMessage("Accepted" if done else "NotImplemented")

    @on("Reset")
    def asked_to_reset(self, **_: Any) -> Any:
        """Answer a Reset: a virtual station does not go down."""
        return call_result.Reset("Rejected")

    @on("ClearCache")
    def asked_to_clear_cache(self) -> Any:
        """Answer a ClearCache: there is no cache."""
        return call_result.ClearCache("Accepted")

    @on("DataTransfer")
    def asked_to_transfer(self, **_: Any) -> Any:
        """Answer a DataTransfer: no vendor's messages are known."""
        return call_result.DataTransfer("UnknownVendorId")

    @on("GetLocalListVersion")
    def asked_for_list_version(self) -> Any:
        """Answer a GetLocalListVersion: there is no local list."""
        return call_result.GetLocalListVersion(-1)

    @on("SendLocalList")
    def asked_to_take_list(self, **_: Any) -> Any:
        """Answer a SendLocalList."""
        return call_result.SendLocalList("NotSupported")

    @on("SetChargingProfile")
    def asked_for_profile(self, **_: Any) -> Any:
        """Answer a SetChargingProfile."""
        return call_result.SetChargingProfile("NotSupported")

    @on("ClearChargingProfile")
    def asked_to_clear_profile(self, **_: Any) -> Any:
        """Answer a ClearChargingProfile."""
        return call_result.ClearChargingProfile("Unknown")
