"""The messages of OCPP 2.0.1 and 2.1. Each connector is an EVSE of its own, with the connector 1."""

import uuid
from collections.abc import Mapping
from typing import Any

from ocpp import v21
from ocpp.routing import on
from ocpp.v201 import ChargePoint, call, call_result

from oicp_conformance.stimuli.ocpp.station import Connector, Station
from oicp_conformance.stimuli.ocpp.transaction import Token, Transaction, now, written
from oicp_conformance.stimuli.ocpp.wire import SILENT, Calls, Wire

_SAME = {"Available", "Reserved", "Unavailable", "Faulted"}
"""The words of OCPP 1.6 that 2.0.1 has, too; all others are Occupied there."""
_VARIABLES = {
    ("OCPPCommCtrlr", "HeartbeatInterval"): "300",
    ("SampledDataCtrlr", "TxUpdatedInterval"): "300",
    ("SampledDataCtrlr", "TxUpdatedMeasurands"): "Energy.Active.Import.Register",
    ("TxCtrlr", "TxStartPoint"): "Authorized",
    ("TxCtrlr", "TxStopPoint"): "EVConnected",
    ("TxCtrlr", "EVConnectionTimeOut"): "60",
    ("AuthCtrlr", "AuthorizeRemoteStart"): "false",
}
_TRIGGERS = {
    "Local": "StopAuthorized",
    "Remote": "RemoteStop",
    "EVDisconnected": "EVCommunicationLost",
    "UnlockCommand": "UnlockCommand",
    "DeAuthorized": "Deauthorized",
}
_REASONS = {"Local", "Remote", "EVDisconnected", "DeAuthorized"}


class Station201(ChargePoint):
    """A station that speaks OCPP 2.0.1."""

    def __init__(self, station: Station, wire: Wire, seconds: float) -> None:
        super().__init__(station.identity, wire, response_timeout=seconds, logger=SILENT)
        self._station = station
        self._events = 0
        self._variables = dict(_VARIABLES)
        self.calls = Calls(wire, self.start(), seconds)

    async def _ask(self, payload: Any) -> Any:
        return await self.calls.made(type(payload).__name__, self.call(payload, suppress=False))

    # --- what the station sends

    async def boot(self) -> tuple[str, int, str]:
        """Send a BootNotification."""
        station = {"model": "Virtual station", "vendor_name": "oicp-conformance"}
        said = await self._ask(call.BootNotification(station, "PowerUp"))
        return str(said.status), int(said.interval), f"status {said.status}, interval {said.interval}"

    async def heartbeat(self) -> None:
        """Send a heartbeat."""
        await self._ask(call.Heartbeat())

    async def status(self, connector: Connector, *, fault: bool = False) -> None:
        """Send a StatusNotification; of a fault, a NotifyEvent before."""
        if fault:
            self._events += 1
            event = {
                "event_id": self._events,
                "timestamp": written(now()),
                "trigger": "Alerting",
                "actual_value": "true",
                "event_notification_type": "HardWiredNotification",
                "component": {"name": "Connector", "evse": {"id": connector.number, "connector_id": 1}},
                "variable": {"name": "Problem"},
            }
            await self._ask(call.NotifyEvent(written(now()), 0, [event]))
        shown = connector.status if connector.status in _SAME else "Occupied"
        await self._ask(call.StatusNotification(written(now()), shown, connector.number, 1))

    async def authorize(self, token: Token) -> bool:
        """Send an Authorize."""
        said = await self._ask(call.Authorize(_written(token)))
        return bool(said.id_token_info["status"] == "Accepted")

    async def begin(self, connector: Connector, transaction: Transaction) -> str:
        """Send the TransactionEvent Started."""
        transaction.id = str(uuid.uuid4())
        remote = transaction.remote_start is not None
        said = await self._event(
            connector,
            transaction,
            "Started",
            "RemoteStart" if remote else "Authorized",
            charging="Charging",
            context="Transaction.Begin",
            token=transaction.token,
        )
        info = said.id_token_info
        return str(info["status"]) if info else "Accepted"

    async def meter(self, connector: Connector, transaction: Transaction, context: str) -> None:
        """Send a TransactionEvent with a meter value."""
        trigger = "Trigger" if context == "Trigger" else "MeterValuePeriodic"
        await self._event(connector, transaction, "Updated", trigger, context=context)

    async def suspend(self, connector: Connector, transaction: Transaction) -> None:
        """Send that no more energy flows, with the meter value."""
        await self._event(
            connector,
            transaction,
            "Updated",
            "ChargingStateChanged",
            charging="SuspendedEV",
            context="Interruption.Begin",
        )

    async def end(
        self, connector: Connector, transaction: Transaction, reason: str, token: Token | None
    ) -> None:
        """Send the TransactionEvent Ended."""
        await self._event(
            connector,
            transaction,
            "Ended",
            _TRIGGERS.get(reason, "AbnormalCondition"),
            stopped=reason if reason in _REASONS else "Other",
            context="Transaction.End",
            token=token,
        )

    async def _event(
        self,
        connector: Connector,
        transaction: Transaction,
        kind: str,
        trigger: str,
        *,
        context: str,
        charging: str | None = None,
        stopped: str | None = None,
        token: Token | None = None,
    ) -> Any:
        at = written(transaction.ended or transaction.clock)
        sampled = {
            "value": float(transaction.meter),
            "context": context,
            "measurand": "Energy.Active.Import.Register",
            "unit_of_measure": {"unit": "Wh"},
        }
        info = {
            "transaction_id": transaction.id,
            "charging_state": charging,
            "stopped_reason": stopped,
            "remote_start_id": transaction.remote_start if kind == "Started" else None,
        }
        number, transaction.messages = transaction.messages, transaction.messages + 1
        return await self._ask(
            call.TransactionEvent(
                kind,
                at,
                trigger,
                number,
                {name: value for name, value in info.items() if value is not None},
                meter_value=[{"timestamp": at, "sampled_value": [sampled]}],
                reservation_id=transaction.reservation if kind == "Started" else None,
                evse={"id": connector.number, "connector_id": 1},
                id_token=_written(token) if token else None,
            )
        )

    # --- what the central system asks for

    @on("RequestStartTransaction")
    def asked_to_start(
        self, id_token: Mapping[str, str], remote_start_id: int, evse_id: int | None = None, **_: Any
    ) -> Any:
        """Answer a RequestStartTransaction; an accepted one begins a transaction at once."""
        token = Token(id_token["id_token"], id_token["type"])
        connector = self._station.start_asked(evse_id, token)
        if connector is None:
            return call_result.RequestStartTransaction("Rejected")
        self._station.later(self._station.start_accepted(connector, token, remote_start_id))
        return call_result.RequestStartTransaction("Accepted")

    @on("RequestStopTransaction")
    def asked_to_stop(self, transaction_id: str, **_: Any) -> Any:
        """Answer a RequestStopTransaction."""
        connector = self._station.with_transaction(transaction_id)
        if connector is None:
            return call_result.RequestStopTransaction("Rejected")
        self._station.later(self._station.end(connector, "Remote"))
        return call_result.RequestStopTransaction("Accepted")

    @on("ReserveNow")
    def asked_to_reserve(
        self,
        id: int,  # noqa: A002 - OCPP's name
        id_token: Mapping[str, str],
        evse_id: int | None = None,
        **_: Any,
    ) -> Any:
        """Answer a ReserveNow."""
        return call_result.ReserveNow(self._station.reserve(evse_id, id, id_token["id_token"]))

    @on("CancelReservation")
    def asked_to_cancel(self, reservation_id: int, **_: Any) -> Any:
        """Answer a CancelReservation."""
        return call_result.CancelReservation(
            "Accepted" if self._station.cancel(reservation_id) else "Rejected"
        )

    @on("UnlockConnector")
    def asked_to_unlock(self, evse_id: int, **_: Any) -> Any:
        """Answer an UnlockConnector."""
        done = self._station.unlock(evse_id)
        return call_result.UnlockConnector("UnknownConnector" if done is None else "Unlocked")

    @on("ChangeAvailability")
    def asked_for_availability(
        self, operational_status: str, evse: Mapping[str, int] | None = None, **_: Any
    ) -> Any:
        """Answer a ChangeAvailability."""
        number = evse["id"] if evse else None
        operative = operational_status == "Operative"
        return call_result.ChangeAvailability(self._station.make_available(number, operative=operative))

    @on("GetVariables")
    def asked_for_variables(self, get_variable_data: list[dict[str, Any]], **_: Any) -> Any:
        """Answer a GetVariables."""
        return call_result.GetVariables([self._variable(one) for one in get_variable_data])

    def _variable(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        component, variable = asked["component"], asked["variable"]
        value = self._variables.get((component["name"], variable["name"]))
        known = any(name == component["name"] for name, _ in self._variables)
        lacking = "UnknownVariable" if known else "UnknownComponent"
        found: dict[str, Any] = {
            "attribute_status": lacking if value is None else "Accepted",
            "component": component,
            "variable": variable,
        }
        return found if value is None else found | {"attribute_value": value}

    @on("SetVariables")
    def asked_to_set(self, set_variable_data: list[dict[str, Any]], **_: Any) -> Any:
        """Answer a SetVariables."""
        results = []
        for one in set_variable_data:
            key = one["component"]["name"], one["variable"]["name"]
            if key in self._variables:
                self._variables[key] = one["attribute_value"]
            status = "Accepted" if key in self._variables else "UnknownVariable"
            results.append(
                {"attribute_status": status, "component": one["component"], "variable": one["variable"]}
            )
        return call_result.SetVariables(results)

    @on("TriggerMessage")
    def asked_for_message(
        self, requested_message: str, evse: Mapping[str, int] | None = None, **_: Any
    ) -> Any:
        """Answer a TriggerMessage."""
        done = self._station.trigger(requested_message, evse["id"] if evse else None)
        return call_result.TriggerMessage("Accepted" if done else "NotImplemented")

    @on("Reset")
    def asked_to_reset(self, **_: Any) -> Any:
        """Answer a Reset: a virtual station does not go down."""
        return call_result.Reset("Rejected")

    @on("ClearCache")
    def asked_to_clear_cache(self, **_: Any) -> Any:
        """Answer a ClearCache: there is no cache."""
        return call_result.ClearCache("Accepted")

    @on("DataTransfer")
    def asked_to_transfer(self, **_: Any) -> Any:
        """Answer a DataTransfer: no vendor's messages are known."""
        return call_result.DataTransfer("UnknownVendorId")

    @on("GetBaseReport")
    def asked_for_report(self, **_: Any) -> Any:
        """Answer a GetBaseReport."""
        return call_result.GetBaseReport("NotSupported")

    @on("GetLocalListVersion")
    def asked_for_list_version(self, **_: Any) -> Any:
        """Answer a GetLocalListVersion: there is no local list."""
        return call_result.GetLocalListVersion(0)

    @on("SetChargingProfile")
    def asked_for_profile(self, **_: Any) -> Any:
        """Answer a SetChargingProfile."""
        return call_result.SetChargingProfile("Rejected")


class Station21(Station201):
    """A station that speaks OCPP 2.1: it sends and answers the same, in the form of 2.1's schemas."""

    _call = v21.call
    _call_result = v21.call_result
    _ocpp_version = "2.1"


def _written(token: Token) -> dict[str, str]:
    return {"id_token": token.text, "type": token.kind}
