"""A conformant CPO: what it does when the hub asks, and what it sends when something happens."""

import threading
from collections.abc import Mapping, Sequence
from typing import ClassVar

from oicp_conformance.reference.backend import impossible
from oicp_conformance.reference.charge import Session
from oicp_conformance.reference.cpo_points import ChargingPoints, Evse
from oicp_conformance.reference.cpo_publishing import PATHS as PUSH_PATHS
from oicp_conformance.reference.cpo_publishing import PUSHES
from oicp_conformance.reference.cpo_reads import READS
from oicp_conformance.reference.cpo_reservations import DEFAULT_MINUTES, Reservation
from oicp_conformance.reference.hooks import Answering, echo, status_code
from oicp_conformance.reference.permissive import Json, Message, medium_of, same

CABLE = ("plug-in", "unplug")
"""What a driver does with the cable."""
Refusal = tuple[str, str] | None
"""With which code and why something is refused, if it is."""


class ReferenceCpo(ChargingPoints):
    """A CPO that does what OICP 2.3 demands of it."""

    role = "cpo"
    SENDS: ClassVar[Mapping[str, str]] = {
        "eRoamingAuthorizeStart": "/api/oicp/charging/v21/operators/{partner}/authorize/start",
        "eRoamingAuthorizeStop": "/api/oicp/charging/v21/operators/{partner}/authorize/stop",
        "eRoamingChargeDetailRecord": "/api/oicp/cdrmgmt/v22/operators/{partner}/charge-detail-record",
        "eRoamingChargingNotifications": "/api/oicp/notificationmgmt/v11/charging-notifications",
        **PUSH_PATHS,
    }
    SERVES: ClassVar[Mapping[str, str]] = {
        "eRoamingAuthorizeRemoteStart": "/api/oicp/charging/v21/providers/{partner}/authorize-remote/start",
        "eRoamingAuthorizeRemoteStop": "/api/oicp/charging/v21/providers/{partner}/authorize-remote/stop",
    }
    SERVES_RESERVATION: ClassVar[Mapping[str, str]] = {
        "eRoamingAuthorizeRemoteReservationStart": (
            "/api/oicp/reservation/v11/providers/{partner}/reservation-start-request"
        ),
        "eRoamingAuthorizeRemoteReservationStop": (
            "/api/oicp/reservation/v11/providers/{partner}/reservation-stop-request"
        ),
    }

    def __init__(
        self,
        hub: str,
        operator_id: str,
        evse_ids: Sequence[str],
        *,
        reservation: bool = True,
        seed: int = 1,
        timeout: float = 5.0,
    ) -> None:
        services = ("Reservation", "DynamicPricing") if reservation else ("DynamicPricing",)
        super().__init__(hub, operator_id, evse_ids, services=services, seed=seed, timeout=timeout)
        self.reservations: dict[str, Reservation] = {}
        if reservation:
            self.serves |= self.SERVES_RESERVATION

    def description(self) -> Message:
        """Tell a caller who this CPO is and where its cars may charge."""
        evse_ids = [evse.evse_id for evse in self.evses.values()]
        return super().description() | {"operator_id": self.partner_id, "evse_ids": evse_ids}

    def start(self, port: int = 0) -> None:
        """Begin to serve, and to watch the time of reservations."""
        super().start(port)
        threading.Thread(target=self._watch_reservations, daemon=True).start()

    def _watch_reservations(self) -> None:
        while not self.lanes.pause(1.0):
            self.end_reservations()

    # What the hub asks for

    def problems(self, operation: str, request: Message) -> list[str]:
        """List why a request cannot be understood."""
        return READS[operation].problems(request)

    def handle(self, operation: str, request: Message) -> Answering:
        """Do what the hub asks for, and answer."""
        problems = self.problems(operation, request)
        if problems:
            return self.refuse(operation, "022", "; ".join(problems), request)
        if operation == "eRoamingAuthorizeRemoteStart":
            return self.remote_start(request)
        if operation == "eRoamingAuthorizeRemoteStop":
            return self.remote_stop(request)
        if operation == "eRoamingAuthorizeRemoteReservationStart":
            return self.reservation_start(request)
        return self.reservation_stop(request)

    def session_for(self, evse: Evse, request: Message) -> Message:
        """Take from a request what a session at an EVSE is made of."""
        medium = medium_of(request.get("Identification"))
        return {
            "evse": evse,
            "session_id": request["SessionID"],
            "identification": dict([medium]) if medium else None,
            "remote": True,
            "provider_id": request.get("ProviderID"),
            "emp_partner_session_id": request.get("EMPPartnerSessionID"),
            "product_id": request.get("PartnerProductID"),
        }

    def why_not_start(self, evse: Evse, request: Message) -> Refusal:
        """Say with which code and why a remote start is refused, if it is."""
        if self.is_occupied(evse):
            return "602", evse.evse_id
        if evse.reservation is not None and not evse.reservation.is_for(request):
            return "601", evse.evse_id
        if request["SessionID"] in self.sessions:
            return "400", "there has been such a session"
        return None

    def remote_start(self, request: Message) -> Answering:
        """Let the driver of an app charge."""
        operation = "eRoamingAuthorizeRemoteStart"
        evse = self.find_evse(request["EvseID"])
        if evse is None:
            return self.refuse(operation, "603", request["EvseID"], request)
        with self.lock:
            refusal = self.why_not_start(evse, request)
            if refusal is not None:
                return self.refuse(operation, *refusal, request)
            evse.reservation = None
            session = self.open_session(**self.session_for(evse, request))
        return self.acknowledge(operation, request, session)

    def why_not_stop(self, session: Session | None, request: Message) -> Refusal:
        """Say with which code and why a remote stop is refused, if it is."""
        if session is None or not session.running:
            return "400", "no such session is running"
        return _mismatch(session, request)

    def remote_stop(self, request: Message) -> Answering:
        """End the charge of a driver who taps stop."""
        operation = "eRoamingAuthorizeRemoteStop"
        session = self.find_session(request["SessionID"])
        with self.lock:
            refusal = self.why_not_stop(session, request)
            if refusal is not None or session is None:
                return self.refuse(operation, *(refusal or ("400", "no such session")), request)
            session.stopped_remotely = True
            self.close_session(session)
        answer = self.acknowledge(operation, request, session)
        answer.after.append(lambda: self.settle(session))
        return answer

    # Reservations

    def end_reservations(self) -> None:
        """Free what has been reserved for as long as it was to be."""
        with self.lock:
            for evse in self.evses.values():
                if evse.reservation is not None and evse.reservation.is_over:
                    self.release(evse)

    def release(self, evse: Evse) -> None:
        """Let anybody come to a charging point that was reserved."""
        evse.reservation = None
        self.publisher.status_changed(evse)

    def reserve(self, evse: Evse, reservation: Reservation) -> None:
        """Keep a charging point free for a customer."""
        evse.reservation = reservation
        self.publisher.status_changed(evse)

    def why_not_reserve(self, evse: Evse, request: Message) -> Refusal:
        """Say with which code and why a reservation is refused, if it is."""
        if not evse.free:
            return "602", evse.evse_id
        if evse.reservation is not None:
            return "601", evse.evse_id
        if request["SessionID"] in self.sessions or request["SessionID"] in self.reservations:
            return "400", "there has been such a session"
        return None

    def reservation_start(self, request: Message) -> Answering:
        """Reserve a charging point for the customer of an app."""
        operation = "eRoamingAuthorizeRemoteReservationStart"
        evse = self.find_evse(request["EvseID"])
        if evse is None:
            return self.refuse(operation, "603", request["EvseID"], request)
        with self.lock:
            refusal = self.why_not_reserve(evse, request)
            if refusal is not None:
                return self.refuse(operation, *refusal, request)
            session = self.new_session(**self.session_for(evse, request))
            reservation = Reservation(session, request.get("Duration") or DEFAULT_MINUTES)
            self.reservations[session.session_id] = reservation
            self.reserve(evse, reservation)
        return self.acknowledge(operation, request, session)

    def reserved_as(self, session_id: str) -> Evse | None:
        """Find the charging point that is reserved in a session of the hub."""
        held = (evse for evse in self.evses.values() if evse.reservation is not None)
        return next((e for e in held if e.reservation is self.reservations.get(session_id)), None)

    def why_not_release(self, evse: Evse | None, request: Message) -> Refusal:
        """Say with which code and why the end of a reservation is refused, if it is."""
        if evse is None or evse.reservation is None:
            return "400", "nothing is reserved under this SessionID"
        return _mismatch(evse.reservation.session, request)

    def reservation_stop(self, request: Message) -> Answering:
        """Release a charging point; the reservation gets its CDR."""
        operation = "eRoamingAuthorizeRemoteReservationStop"
        self.end_reservations()
        with self.lock:
            evse = self.reserved_as(request["SessionID"])
            refusal = self.why_not_release(evse, request)
            if refusal is not None or evse is None or evse.reservation is None:
                return self.refuse(operation, *(refusal or ("400", "no reservation")), request)
            session = evse.reservation.session
            session.finish()
            self.sessions[session.session_id] = session
            self.release(evse)
        answer = self.acknowledge(operation, request, session)
        answer.after.append(lambda: self.settle(session))
        return answer

    # Answers

    def acknowledge(self, operation: str, request: Message, session: Session) -> Answering:
        """Say yes."""
        message = {
            "Result": True,
            "StatusCode": status_code("000"),
            **echo(request, "SessionID", "EMPPartnerSessionID"),
            "CPOPartnerSessionID": session.cpo_partner_session_id,
        }
        return Answering(operation, message)

    def refuse(self, operation: str, code: str, info: str, request: Json = None) -> Answering:
        """Say no."""
        given = echo(request, "SessionID", "EMPPartnerSessionID", "CPOPartnerSessionID")
        return Answering(operation, {"Result": False, "StatusCode": status_code(code, info), **given})

    # What happens at the charging points

    def stimulate(self, stimulus: str, parameters: Message) -> None:
        """Have something happen at a charging point, or something published."""
        if stimulus == "eRoamingAuthorizeStart":
            self.swipe_to_start(parameters)
        elif stimulus == "eRoamingAuthorizeStop":
            self.swipe_to_stop(parameters)
        elif stimulus == "eRoamingChargingNotifications":
            self.charge(parameters)
        elif stimulus == "eRoamingChargeDetailRecord":
            self.unplug(parameters)
        elif stimulus in CABLE:
            # A charge begins and ends with its session here: there is nothing to be done.
            self.session_at(parameters)
        elif stimulus in PUSHES:
            self.publisher.publish(stimulus, parameters)
        else:
            raise impossible(f"this CPO has no {stimulus}")


def _mismatch(session: Session, request: Message) -> Refusal:
    if not same(session.evse_id, request["EvseID"]):
        return "400", "the session is at another EVSE"
    if session.provider_id is not None and not same(session.provider_id, request["ProviderID"]):
        return "400", "the session is another provider's"
    return None
