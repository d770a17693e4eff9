"""The reference CPO behind a central system: what happens at its charging points comes from OCPP stations."""

import itertools
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from oicp_conformance.reference.backend import impossible
from oicp_conformance.reference.central_roles import PASSWORD, STATION
from oicp_conformance.reference.central_system import CentralSystem
from oicp_conformance.reference.charge import CHARGERS_TIME_ZONE, Session, now
from oicp_conformance.reference.cpo_backend import ReferenceCpo
from oicp_conformance.reference.cpo_messages import notification
from oicp_conformance.reference.cpo_points import ChargingPoints, Evse
from oicp_conformance.reference.cpo_publishing import PUSHES
from oicp_conformance.reference.cpo_reservations import Reservation
from oicp_conformance.reference.hooks import Answering
from oicp_conformance.reference.permissive import EVCO_ID, UID, Message

_PATIENCE = 5.0
"""Seconds to wait for a transaction that a station is to begin."""


@dataclass(eq=False)
class StationSession(Session):
    """A charge of which times and figures are those that the station sent."""

    began: datetime = field(default_factory=now)
    transaction: str | None = None
    """The id of the transaction at the station."""
    stopping: bool = False
    """The station was asked to stop, or will be."""
    register: int | None = None

    @property
    def running(self) -> bool:
        """Whether the driver may still charge."""
        return self.ended is None and not self.stopping

    def begin(self, at: datetime, watt_hours: int, transaction: str) -> None:
        """Take over how the transaction began."""
        self.transaction = transaction
        self.began = self.clock = self.charging_start = at
        self.meter_start = self.register = watt_hours

    def read(self, at: datetime, watt_hours: int, *, in_between: bool) -> None:
        """Take over a meter value."""
        self.clock, self.register = at, watt_hours
        if in_between:
            self.readings.append(watt_hours)

    def meter_at(self, moment: datetime) -> int:  # noqa: ARG002 - the station reads its meter
        """Give the last reading of the meter."""
        return self.meter_start if self.register is None else self.register

    def let_energy_flow(self) -> datetime:
        """Say when energy began to flow."""
        self.charging_start = self.charging_start or self.began
        return self.charging_start

    def let_energy_end(self) -> datetime:
        """Say when energy stopped flowing."""
        self.let_energy_flow()
        self.charging_end = self.charging_end or self.clock
        return self.charging_end

    def finish(self) -> None:
        """End at the time of the last message of the station."""
        self.let_energy_end()
        if self.ended is None:
            self.ended = self.clock if self.transaction else max(now(), self.clock)
            self.closed_at = time.monotonic()


class OcppCpo(ReferenceCpo):
    """A CPO with a central system, to which stations connect."""

    SESSION = StationSession

    def __init__(
        self,
        hub: str,
        operator_id: str,
        evse_ids: Sequence[str],
        *,
        version: str,
        reservation: bool = True,
        seed: int = 1,
        timeout: float = 5.0,
    ) -> None:
        super().__init__(hub, operator_id, evse_ids, reservation=reservation, seed=seed, timeout=timeout)
        self.connectors = dict(enumerate(self.evses.values(), start=1))
        self.prepared: list[int] = []
        """The connectors at which somebody prepares a charge, the latest last."""
        self.transactions: dict[str, StationSession] = {}
        self.tokens: dict[str, str] = {}
        """The token at the station for each session that an app began."""
        self.reservation_ids: dict[str, int] = {}
        self.numbers = itertools.count(1)
        self.central = CentralSystem(self, version, {STATION: PASSWORD})

    def description(self) -> Message:
        """Tell a caller where stations connect, too."""
        return super().description() | {
            "ocpp_url": self.central.url,
            "ocpp_version": self.central.version,
        }

    def start(self, port: int = 0) -> None:
        """Begin to serve, stations as well."""
        self.central.start()
        super().start(port)

    def stop(self) -> None:
        """Stop to serve."""
        super().stop()
        self.central.stop()

    def stimulate(self, stimulus: str, parameters: Message) -> None:
        """Publish; all else comes from the stations."""
        if stimulus not in PUSHES:
            raise impossible(f"the stations cause {stimulus}")
        super().stimulate(stimulus, parameters)

    # What the hub asks for

    def token_of(self, session: Session) -> str:
        """Give the token with which a station starts for an app."""
        return self.tokens.setdefault(session.session_id, f"APP{next(self.numbers):08}")

    def connector_of(self, evse_id: str) -> int:
        """Look up the number of a connector."""
        return next(number for number, evse in self.connectors.items() if evse.evse_id == evse_id)

    def remote_start(self, request: Message) -> Answering:
        """Have the station start for the driver of an app."""
        evse = self.find_evse(request["EvseID"])
        reserved = evse.reservation if evse else None
        answer = super().remote_start(request)
        if not answer.positive:
            return answer
        session = self.sessions[request["SessionID"]]
        if reserved is not None:
            self.tokens[session.session_id] = self.token_of(reserved.session)
        if self.ask_start(session):
            return answer
        with self.lock:
            session.ended = session.began
            ChargingPoints.close_session(self, session)
            del self.sessions[session.session_id]
        return self.refuse("eRoamingAuthorizeRemoteStart", "501", session.evse_id, request)

    def ask_start(self, session: Session) -> bool:
        """Ask the station to start; tell whether it does."""
        number = self.connector_of(session.evse_id)
        return self.central.remote_start(STATION, number, self.token_of(session), next(self.numbers))

    def close_session(self, session: Session) -> None:
        """Have the station stop; the session is over when the station says so."""
        if isinstance(session, StationSession) and session.running:
            session.stopping = True
            self.lanes.submit(f"stop {session.session_id}", lambda: self.ask_stop(session))

    def ask_stop(self, session: StationSession) -> None:
        """Ask the station to stop; a session that no station knows ends at once."""
        until = time.monotonic() + _PATIENCE
        while session.transaction is None and time.monotonic() < until and not self.lanes.pause(0.02):
            pass
        if session.transaction is None or not self.central.remote_stop(STATION, session.transaction):
            self.ended(session)

    def settle(self, session: Session) -> None:
        """Send the CDR of a session that has ended at the station."""
        if session.ended is not None:
            super().settle(session)

    def ended(self, session: StationSession) -> None:
        """Close a session that is over, and send its CDR."""
        with self.lock:
            ChargingPoints.close_session(self, session)
        self.settle(session)

    def reservation_start(self, request: Message) -> Answering:
        """Have the station keep a connector free."""
        answer = super().reservation_start(request)
        if not answer.positive:
            return answer
        reservation = self.reservations[request["SessionID"]]
        session, number = reservation.session, next(self.numbers)
        self.reservation_ids[session.session_id] = number
        connector, token = self.connector_of(session.evse_id), self.token_of(session)
        if self.central.reserve(STATION, connector, number, token, reservation.minutes):
            return answer
        with self.lock:
            del self.reservations[session.session_id]
            evse = self.connectors[connector]
            evse.reservation = None
            self.publisher.status_changed(evse)
        return self.refuse("eRoamingAuthorizeRemoteReservationStart", "501", session.evse_id, request)

    def release(self, evse: Evse) -> None:
        """Have the station give a connector free again."""
        reservation: Reservation | None = evse.reservation
        super().release(evse)
        if reservation is not None:
            number = self.reservation_ids.pop(reservation.session.session_id, None)
            if number is not None:
                lane = f"cancel {number}"
                self.lanes.submit(lane, lambda: self.central.cancel(STATION, number))

    # What the stations tell: each in a thread of its own

    def status(self, connector: int, status: str, at: datetime) -> None:
        """Hear the status of a connector, in the words of OCPP 1.6."""
        evse = self.connectors.get(connector)
        if status in {"Preparing", "Occupied"}:
            self.prepared.append(connector)
        elif connector in self.prepared:
            self.prepared = [one for one in self.prepared if one != connector]
        session = evse.session if evse else None
        if not isinstance(session, StationSession) or session.transaction is None:
            return
        if status == "SuspendedEV":
            self.suspended(session, at)
        elif status == "Faulted":
            self.notify(session, notification(session, "Error", self.partner_id))

    def suspended(self, session: StationSession, at: datetime) -> None:
        """Tell the hub that no more energy flows."""
        if session.charging_end is None:
            session.charging_end = session.clock = _here(at)
            self.notify(session, notification(session, "End", self.partner_id))

    def card(self, token: str) -> bool:
        """Ask the hub about a card at a station: it starts a charge, or stops the one that it began."""
        identification = _identification(token)
        if identification is None:
            return False
        running = [
            evse.session
            for evse in self.connectors.values()
            if isinstance(evse.session, StationSession) and evse.session.running
        ]
        own = [one for one in running if one.identification == identification]
        if own:
            return self.card_stops(own[0], identification)
        with self.lock:
            waiting = [self.connectors[one] for one in self.prepared if one in self.connectors]
            evse = next((one for one in reversed(waiting) if one.free and one.reservation is None), None)
            if evse is not None:
                evse.asking = True
                own_id = self.fake.partner_session_id()
        if evse is None:
            return len(running) == 1 and self.card_stops(running[0], identification)
        self.authorize_start(evse, identification, own_id)
        return evse.session is not None and evse.session.cpo_partner_session_id == own_id

    def card_stops(self, session: StationSession, identification: Message) -> bool:
        """Ask the hub whether a card may end a charge."""
        reply = self.ask_authorize_stop(session, identification)
        if reply.status == 200 and reply["AuthorizationStatus"] == "Authorized":
            session.stopping = True
            return True
        return False

    def begun(self, connector: int, at: datetime, watt_hours: int, transaction: str) -> bool:
        """Hear that a transaction began; tell whether somebody may charge there."""
        evse = self.connectors.get(connector)
        with self.lock:
            session = evse.session if evse else None
            if not isinstance(session, StationSession) or session.transaction is not None:
                return False
            session.begin(_here(at), watt_hours, transaction)
            self.transactions[transaction] = session
            message = notification(session, "Start", self.partner_id)
        self.notify(session, message)
        return True

    def metered(self, transaction: str, at: datetime, watt_hours: int, context: str) -> None:
        """Hear a meter value."""
        session = self.transactions.get(transaction)
        if session is None or session.ended is not None:
            return
        periodic = context == "Sample.Periodic"
        with self.lock:
            session.read(_here(at), watt_hours, in_between=periodic)
            message = notification(session, "Progress", self.partner_id) if periodic else None
        if message is not None:
            self.notify(session, message)

    def stopped(self, transaction: str, at: datetime, watt_hours: int) -> None:
        """Hear that a transaction is over: the session gets its CDR."""
        session = self.transactions.get(transaction)
        if session is None or session.ended is not None:
            return
        with self.lock:
            # Where the car took no more energy, the meter stands still since then.
            charging_end = session.charging_end
            session.read(_here(at), watt_hours, in_between=False)
            session.charging_end = charging_end or session.clock
        self.ended(session)


def _here(moment: datetime) -> datetime:
    return moment.astimezone(CHARGERS_TIME_ZONE)


def _identification(token: str) -> Message | None:
    """Read the text of a token: the UID of a card, or the contract of a car."""
    if not UID(token):
        return {"RFIDMifareFamilyIdentification": {"UID": token.upper()}}
    if re.search(r"[A-Za-z]", token) and not EVCO_ID(token):
        return {"PlugAndChargeIdentification": {"EvcoID": token}}
    return None
