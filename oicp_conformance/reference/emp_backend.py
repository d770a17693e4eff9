"""A conformant EMP: its customers, their sessions, and what it asks of the hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from oicp_conformance.reference import emp_reads
from oicp_conformance.reference import permissive as reading
from oicp_conformance.reference.backend import Backend, StimulusRefusedError, impossible
from oicp_conformance.reference.customers import (
    Customers,
    Uploads,
    belongs_to,
    key_of,
    record,
    some_customers,
)
from oicp_conformance.reference.emp_pulling import PATHS as PULL_PATHS
from oicp_conformance.reference.emp_pulling import PULLS, Puller
from oicp_conformance.reference.hooks import Answering, Reply, echo, status_code
from oicp_conformance.reference.permissive import Json, Message, medium_of, same

ACTIONS = ("fullLoad", "insert", "update", "delete")


@dataclass(eq=False)
class Charge:
    """A session as the EMP sees it."""

    session_id: str
    identification: Message
    emp_partner_session_id: str
    evse_id: str | None
    state: Literal["running", "stopped", "settled"] = "running"


class ReferenceEmp(Backend):
    """An EMP that does what OICP 2.3 demands of it."""

    role = "emp"
    SENDS: ClassVar[Mapping[str, str]] = {
        "eRoamingAuthorizeRemoteStart": "/api/oicp/charging/v21/providers/{partner}/authorize-remote/start",
        "eRoamingAuthorizeRemoteStop": "/api/oicp/charging/v21/providers/{partner}/authorize-remote/stop",
        "eRoamingAuthorizeRemoteReservationStart": (
            "/api/oicp/reservation/v11/providers/{partner}/reservation-start-request"
        ),
        "eRoamingAuthorizeRemoteReservationStop": (
            "/api/oicp/reservation/v11/providers/{partner}/reservation-stop-request"
        ),
        "eRoamingPushAuthenticationData": "/api/oicp/authdata/v21/providers/{partner}/push-request",
        **PULL_PATHS,
    }
    SERVES: ClassVar[Mapping[str, str]] = {
        "eRoamingChargingNotifications": "/api/oicp/notificationmgmt/v11/charging-notifications",
    }
    SERVES_ONLINE: ClassVar[Mapping[str, str]] = {
        "eRoamingAuthorizeStart": "/api/oicp/charging/v21/operators/{partner}/authorize/start",
        "eRoamingAuthorizeStop": "/api/oicp/charging/v21/operators/{partner}/authorize/stop",
        "eRoamingChargeDetailRecord": "/api/oicp/cdrmgmt/v22/operators/{partner}/charge-detail-record",
    }

    def __init__(
        self,
        hub: str,
        provider_id: str,
        *,
        online: bool = True,
        accepts: Sequence[Message] = (),
        refuses: Sequence[Message] = (),
        seed: int = 1,
        timeout: float = 5.0,
    ) -> None:
        super().__init__(hub, provider_id, seed=seed, timeout=timeout)
        self.online = online
        if online:
            self.serves |= self.SERVES_ONLINE
        made_up = some_customers(self.fake, provider_id)
        self.customers = Customers(accepts or made_up[0], refuses or made_up[1])
        self.uploads = Uploads(self.customers, provider_id, self.fake)
        self.charges: dict[str, Charge] = {}
        self.reservations: dict[str, Charge] = {}
        self.puller = Puller(self)

    def description(self) -> Message:
        """Tell a caller who this EMP is and whom it authorises."""
        return super().description() | {
            "provider_id": self.partner_id,
            "mode": "online" if self.online else "offline",
            "accepts": self.customers.accepts,
            "refuses": self.customers.refuses,
        }

    # What the hub asks for

    def problems(self, operation: str, request: Message) -> list[str]:
        """List why a request cannot be understood."""
        return emp_reads.problems(operation, request)

    def handle(self, operation: str, request: Message) -> Answering:
        """Do what the hub asks for, and answer."""
        problems = self.problems(operation, request)
        if problems:
            return self.refuse(operation, "022", "; ".join(problems), request)
        with self.lock:
            if operation == "eRoamingAuthorizeStart":
                return self.authorize_start(request)
            if operation == "eRoamingAuthorizeStop":
                return self.authorize_stop(request)
            if operation == "eRoamingChargeDetailRecord":
                return self.charge_detail_record(request)
            return self.acknowledge(operation, request)

    def refusal(self, identification: Message) -> str | None:
        """Say with which code a medium is refused, if it is."""
        return self.customers.refusal(identification)

    def authorize_start(self, request: Message) -> Answering:
        """Say whether a customer may charge."""
        operation = "eRoamingAuthorizeStart"
        identification = request["Identification"]
        code = self.refusal(identification)
        if code is not None:
            return self.refuse(operation, code, "this medium may not charge", request)
        charge = self.open_charge(request.get("SessionID"), identification, request.get("EvseID"))
        answer = self.authorize(operation, request, charge)
        answer.message["AuthorizationStopIdentifications"] = [self.stop_identification(charge)]
        return answer

    def open_charge(self, session_id: Json, identification: Message, evse_id: Json) -> Charge:
        """Remember who charges; a session that is asked about again stays the same."""
        known = self.charges.get(session_id) if isinstance(session_id, str) else None
        if known is not None:
            return known
        medium = dict([m]) if (m := medium_of(identification)) else {}
        charge = Charge(
            session_id if isinstance(session_id, str) else "", medium, self.fake.partner_session_id(), evse_id
        )
        if charge.session_id:
            self.charges[charge.session_id] = charge
        return charge

    def stop_identification(self, charge: Charge) -> Message:
        """Say with what a charge may be ended: with the medium that began it."""
        return charge.identification

    def is_own_medium(self, charge: Charge, identification: Message) -> bool:
        """Tell whether a medium is the one that began a charge."""
        return key_of(identification) == key_of(charge.identification)

    def open_to_stop(self, charge: Charge | None) -> bool:
        """Tell whether there is a charge to stop."""
        return charge is not None and charge.state != "settled"

    def authorize_stop(self, request: Message) -> Answering:
        """Say whether whoever shows a medium may end a charge."""
        operation = "eRoamingAuthorizeStop"
        charge = self.charges.get(request["SessionID"])
        if not self.open_to_stop(charge):
            return self.refuse(operation, "400", "no such session is open", request)
        charge = charge or self.open_charge(request["SessionID"], request["Identification"], None)
        if not self.is_own_medium(charge, request["Identification"]):
            code = self.refusal(request["Identification"]) or "102"
            return self.refuse(operation, code, "the session was begun with another medium", request)
        if charge.state == "running":
            charge.state = "stopped"
        return self.authorize(operation, request, charge)

    def charge_detail_record(self, request: Message) -> Answering:
        """Take the one CDR of a session, even of one that only the hub knew about."""
        operation = "eRoamingChargeDetailRecord"
        charge = self.open_charge(request["SessionID"], request["Identification"], request["EvseID"])
        if charge.state == "settled":
            return self.refuse(operation, "400", "the session is settled", request)
        charge.state = "settled"
        return self.acknowledge(operation, request)

    def authorize(self, operation: str, request: Message, charge: Charge) -> Answering:
        """Say that a customer may."""
        message = {
            **echo(request, "SessionID", "CPOPartnerSessionID"),
            "EMPPartnerSessionID": charge.emp_partner_session_id,
            "ProviderID": self.partner_id,
            "AuthorizationStatus": "Authorized",
            "StatusCode": status_code("000"),
        }
        return Answering(operation, message)

    def acknowledge(self, operation: str, request: Message) -> Answering:
        """Say that something has been taken note of."""
        message = {
            "Result": True,
            "StatusCode": status_code("000"),
            **echo(request, "SessionID", "CPOPartnerSessionID", "EMPPartnerSessionID"),
        }
        return Answering(operation, message)

    def refuse(self, operation: str, code: str, info: str, request: Json = None) -> Answering:
        """Say no."""
        message = {
            **echo(request, "SessionID", "CPOPartnerSessionID", "EMPPartnerSessionID"),
            "StatusCode": status_code(code, info),
        }
        if operation in {"eRoamingAuthorizeStart", "eRoamingAuthorizeStop"}:
            return Answering(operation, {"AuthorizationStatus": "NotAuthorized", **message})
        return Answering(operation, {"Result": False, **message})

    # What the customers and the staff do

    def stimulate(self, stimulus: str, parameters: Message) -> None:
        """Have a customer tap, the customers published, or the hub asked for what it has."""
        if stimulus == "eRoamingAuthorizeRemoteStart":
            self.tap_start(parameters)
        elif stimulus == "eRoamingAuthorizeRemoteStop":
            self.tap_stop(parameters)
        elif stimulus == "eRoamingAuthorizeRemoteReservationStart":
            self.tap_reserve(parameters)
        elif stimulus == "eRoamingAuthorizeRemoteReservationStop":
            self.tap_release(parameters)
        elif stimulus in PULLS:
            self.puller.pull(stimulus, parameters)
        elif stimulus == "eRoamingPushAuthenticationData":
            self.publish(parameters)
        else:
            raise impossible(f"this EMP has no {stimulus}")

    def customer(self, parameters: Message) -> tuple[str, Message]:
        """Read who taps in the app, and at which charging point."""
        evse_id = parameters.get("EvseID")
        if not isinstance(evse_id, str) or reading.EVSE_ID(evse_id):
            raise StimulusRefusedError(400, "EvseID is none")
        medium = medium_of(parameters.get("Identification"))
        if medium is None:
            raise StimulusRefusedError(400, "Identification does not carry exactly one well-formed medium")
        identification = dict([medium])
        if medium[0] != "RemoteIdentification" or not belongs_to(identification, self.partner_id):
            raise impossible("only customers of this EMP use its app")
        return evse_id, identification

    def tap_start(self, parameters: Message) -> None:
        """Have a customer tap start in the app."""
        evse_id, identification = self.customer(parameters)
        with self.lock:
            own_id = self.fake.partner_session_id()
        self.lanes.submit(own_id, lambda: self.remote_start(evse_id, identification, own_id))

    def remote_start(self, evse_id: str, identification: Message, own_id: str) -> None:
        """Ask the hub for a charge, and remember it if it was granted."""
        message = {
            "EMPPartnerSessionID": own_id,
            "ProviderID": self.partner_id,
            "EvseID": evse_id,
            "Identification": identification,
        }
        reply = self.send("eRoamingAuthorizeRemoteStart", message)
        if self.was_granted(reply):
            session_id = reply["SessionID"]
            with self.lock:
                self.charges[session_id] = Charge(session_id, identification, own_id, evse_id)

    def was_granted(self, reply: Reply) -> bool:
        """Tell whether a remote start has begun a session that can be named."""
        session_id = reply["SessionID"]
        return reply.acknowledged and not reading.SESSION_ID(session_id) and session_id not in self.charges

    def running(self, parameters: Message, charges: Mapping[str, Charge]) -> tuple[Charge, str]:
        """Find what a customer wants to end, and at which charging point."""
        session_id, evse_id = parameters.get("SessionID"), parameters.get("EvseID")
        if session_id not in charges:
            self.lanes.settle(but=PULLS)
        charge = charges.get(session_id) if isinstance(session_id, str) else None
        if charge is None or charge.state != "running":
            raise StimulusRefusedError(409, "no such session is running")
        if charge.evse_id is not None and evse_id is not None and not same(charge.evse_id, evse_id):
            raise StimulusRefusedError(409, "the session is at another EVSE")
        evse_id = charge.evse_id or evse_id
        if not isinstance(evse_id, str):
            raise StimulusRefusedError(400, "EvseID is none")
        return charge, evse_id

    def tap_stop(self, parameters: Message) -> None:
        """Have a customer tap stop in the app."""
        charge, evse_id = self.running(parameters, self.charges)
        self.lanes.submit(charge.emp_partner_session_id, lambda: self.remote_stop(charge, evse_id))

    def remote_stop(
        self, charge: Charge, evse_id: str, operation: str = "eRoamingAuthorizeRemoteStop"
    ) -> None:
        """Ask the hub to end a charge or a reservation; it goes on if that is refused."""
        message = {
            "SessionID": charge.session_id,
            "EMPPartnerSessionID": charge.emp_partner_session_id,
            "ProviderID": self.partner_id,
            "EvseID": evse_id,
        }
        reply = self.send(operation, message, charge)
        with self.lock:
            if reply.acknowledged and charge.state == "running":
                charge.state = "stopped"

    def tap_reserve(self, parameters: Message) -> None:
        """Have a customer reserve a charging point in the app."""
        evse_id, identification = self.customer(parameters)
        duration = parameters.get("Duration")
        if duration is not None and reading.minutes(duration):
            raise StimulusRefusedError(400, f"Duration {reading.minutes(duration)}")
        with self.lock:
            own_id = self.fake.partner_session_id()
        self.lanes.submit(own_id, lambda: self.reservation_start(evse_id, identification, own_id, duration))

    def reservation_start(
        self, evse_id: str, identification: Message, own_id: str, duration: int | None
    ) -> None:
        """Ask the hub for a reservation, and remember it if it was granted."""
        message: Message = {
            "EMPPartnerSessionID": own_id,
            "ProviderID": self.partner_id,
            "EvseID": evse_id,
            "Identification": identification,
        }
        if duration is not None:
            message["Duration"] = duration
        reply = self.send("eRoamingAuthorizeRemoteReservationStart", message)
        session_id = reply["SessionID"]
        if reply.acknowledged and not reading.SESSION_ID(session_id):
            with self.lock:
                self.reservations[session_id] = Charge(session_id, identification, own_id, evse_id)

    def tap_release(self, parameters: Message) -> None:
        """Have a customer give a reservation up in the app."""
        reserved, evse_id = self.running(parameters, self.reservations)
        operation = "eRoamingAuthorizeRemoteReservationStop"
        lane = reserved.emp_partner_session_id
        self.lanes.submit(lane, lambda: self.remote_stop(reserved, evse_id, operation))

    def publish(self, parameters: Message) -> None:
        """Have the customers uploaded."""
        action = parameters.get("ActionType")
        if not isinstance(action, str) or action not in ACTIONS:
            raise StimulusRefusedError(400, f"ActionType is none of {', '.join(ACTIONS)}")
        # One lane for all of them: the next push waits for the answer to the one before.
        self.lanes.submit("customers", lambda: self.push_all(action))

    def push_all(self, action: str) -> None:
        """Make the pushes that an action takes, one after the other, until one is refused."""
        for step, identifications in self.uploads.plan(action):
            if not self.push(step, identifications):
                self.uploads.loaded = False
                return
            with self.lock:
                self.uploads.done(step, identifications)

    def push(self, action: str, identifications: Sequence[Message]) -> bool:
        """Upload some customers, and say whether the hub took them."""
        records = [record(identification, self.partner_id) for identification in identifications]
        message = {
            "ActionType": action,
            "ProviderAuthenticationData": {
                "ProviderID": self.partner_id,
                "AuthenticationDataRecord": [r for r in records if r is not None],
            },
        }
        return self.send("eRoamingPushAuthenticationData", message).acknowledged
