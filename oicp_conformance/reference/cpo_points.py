"""The charging points of the reference CPO: who is at them, and what happens there."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from oicp_conformance.reference.backend import Backend, StimulusRefusedError, impossible
from oicp_conformance.reference.charge import Session
from oicp_conformance.reference.cpo_messages import TYPES, charge_detail_record, notification
from oicp_conformance.reference.cpo_publishing import PUSHES, Catalogue, Publisher
from oicp_conformance.reference.cpo_records import watts_at
from oicp_conformance.reference.cpo_reservations import Reservation
from oicp_conformance.reference.hooks import Reply
from oicp_conformance.reference.permissive import SESSION_ID, Json, Message, medium_of, normal, same

CDR_TIMEOUT = 30.0
CDR_RESENDS = 3
RESEND_AFTER = 0.15
"""Seconds before the first resend; each further one waits twice as long."""


@dataclass(eq=False)
class Evse:
    """A charging point and who is at it."""

    evse_id: str
    session: Session | None = None
    asking: bool = False
    """A driver has shown a card, and the hub has not answered yet."""
    reservation: Reservation | None = None
    signs: bool = False
    """Its meter signs what it measures."""
    watts: int = 22_000
    """The most that it delivers."""

    @property
    def free(self) -> bool:
        """Whether nobody is at it."""
        return self.session is None and not self.asking

    @property
    def status(self) -> str:
        """What the hub is told about it."""
        if self.session is not None:
            return "Occupied"
        return "Available" if self.reservation is None else "Reserved"


class ChargingPoints(Backend):
    """Charging points, the sessions at them, and what drivers do there."""

    READERS: ClassVar[tuple[str, ...]] = (
        "RFIDMifareFamilyIdentification",
        "QRCodeIdentification",
        "PlugAndChargeIdentification",
    )

    SESSION: ClassVar[type[Session]] = Session

    def __init__(
        self,
        hub: str,
        operator_id: str,
        evse_ids: Sequence[str],
        *,
        services: Sequence[str],
        seed: int,
        timeout: float,
    ) -> None:
        super().__init__(hub, operator_id, seed=seed, timeout=timeout)
        self.evses = {
            normal(evse_id): Evse(evse_id, watts=watts_at(number)) for number, evse_id in enumerate(evse_ids)
        }
        for first in list(self.evses.values())[:1]:
            first.signs = True
        self.sessions: dict[str, Session] = {}
        catalogue = Catalogue(operator_id, self.evses, services, seed)
        self.publisher = Publisher(self, self.evses, catalogue)

    # What the CPO knows

    @abstractmethod
    def end_reservations(self) -> None:
        """Free what has been reserved for as long as it was to be."""

    def find_evse(self, evse_id: str) -> Evse | None:
        """Look a charging point up; one whose driver waits for the hub is given a moment."""
        self.end_reservations()
        evse = self.evses.get(normal(evse_id))
        if evse is not None and evse.asking:
            self.lanes.settle(but=PUSHES)
        return evse

    def find_session(self, session_id: str) -> Session | None:
        """Look a session up; one that the hub may just be about to open is given a moment."""
        if session_id not in self.sessions:
            self.lanes.settle(but=PUSHES)
        return self.sessions.get(session_id)

    def is_occupied(self, evse: Evse) -> bool:
        """Tell whether somebody is at a charging point."""
        return not evse.free

    def new_session(
        self,
        evse: Evse,
        session_id: str,
        identification: Message | None,
        *,
        remote: bool,
        provider_id: Json = None,
        emp_partner_session_id: Json = None,
        cpo_partner_session_id: str | None = None,
        product_id: Json = None,
    ) -> Session:
        """Make a session with its meter."""

        def optional(value: Json) -> str | None:
            return value if isinstance(value, str) else None

        with self.lock:
            return self.SESSION(
                session_id,
                evse.evse_id,
                identification,
                cpo_partner_session_id or self.fake.partner_session_id(),
                optional(emp_partner_session_id),
                optional(provider_id),
                optional(product_id),
                remote,
                meter_start=round(self.fake.meter_value() * 1000),
                watts=min(self.fake.random_element((3_700, 7_000, 11_000, 22_000)), evse.watts),
                signs=evse.signs,
            )

    def open_session(
        self, evse: Evse, session_id: str, identification: Message | None, **known: Json
    ) -> Session:
        """Let a driver charge."""
        with self.lock:
            session = self.new_session(evse, session_id, identification, **known)
            self.sessions[session_id] = evse.session = session
            self.publisher.status_changed(evse)
        return session

    def close_session(self, session: Session) -> None:
        """Unplug the car: the charging point is free again."""
        with self.lock:
            session.finish()
            for evse in self.evses.values():
                if evse.session is session:
                    evse.session = None
                    self.publisher.status_changed(evse)

    # What happens at the charging points

    def shown(self, parameters: Message) -> Message:
        """Read the medium that a driver shows."""
        medium = medium_of(parameters.get("Identification"))
        if medium is None:
            raise StimulusRefusedError(400, "Identification does not carry exactly one well-formed medium")
        kind, value = medium
        if kind not in self.READERS:
            raise impossible(f"no charging point reads {kind}")
        if kind == "QRCodeIdentification":
            if "PIN" not in value:
                raise impossible("the driver has no PIN to type in")
            value.pop("HashedPIN", None)
        if "UID" in value:
            value["UID"] = value["UID"].upper()
        return {kind: value}

    def evse_at(self, parameters: Message) -> Evse:
        """Find the charging point that a stimulus is about."""
        evse_id = parameters.get("EvseID")
        evse = self.find_evse(evse_id) if isinstance(evse_id, str) else None
        if evse is None:
            raise StimulusRefusedError(404, "no such EVSE")
        return evse

    def session_at(self, parameters: Message) -> Session:
        """Find the session that a stimulus is about."""
        session_id, evse_id = parameters.get("SessionID"), parameters.get("EvseID")
        session = self.find_session(session_id) if isinstance(session_id, str) else None
        if session is None:
            raise StimulusRefusedError(409, "no such session")
        if isinstance(evse_id, str) and not same(evse_id, session.evse_id):
            raise StimulusRefusedError(409, "the session is at another EVSE")
        return session

    def running_session_at(self, parameters: Message) -> Session:
        """Find the session that a stimulus is about, unless it is over."""
        session = self.session_at(parameters)
        if not session.running:
            raise StimulusRefusedError(409, "the session is over")
        return session

    def swipe_to_start(self, parameters: Message) -> None:
        """Have a driver show a card at a free charging point."""
        identification = self.shown(parameters)
        evse = self.evse_at(parameters)
        with self.lock:
            if not evse.free or evse.reservation is not None:
                raise StimulusRefusedError(409, "the EVSE is occupied or reserved")
            evse.asking = True
            own_id = self.fake.partner_session_id()
        self.lanes.submit(own_id, lambda: self.authorize_start(evse, identification, own_id))

    def authorize_start(self, evse: Evse, identification: Message, own_id: str) -> None:
        """Ask the hub whether a driver may charge, and let him only if it says so."""
        message = {
            "CPOPartnerSessionID": own_id,
            "OperatorID": self.partner_id,
            "EvseID": evse.evse_id,
            "Identification": identification,
        }
        try:
            reply = self.send("eRoamingAuthorizeStart", message, evse)
            if self.is_authorized(reply):
                self.open_session(
                    evse,
                    reply["SessionID"],
                    identification,
                    remote=False,
                    provider_id=reply["ProviderID"],
                    emp_partner_session_id=reply["EMPPartnerSessionID"],
                    cpo_partner_session_id=own_id,
                )
        finally:
            evse.asking = False

    def is_authorized(self, reply: Reply) -> bool:
        """Tell whether the hub opened a session for the driver."""
        session_id = reply["SessionID"]
        return (
            reply.status == 200
            and reply["AuthorizationStatus"] == "Authorized"
            and not SESSION_ID(session_id)
            and session_id not in self.sessions
        )

    def swipe_to_stop(self, parameters: Message) -> None:
        """Have a driver show a card to end a charge."""
        identification = self.shown(parameters)
        session = self.running_session_at(parameters)
        lane = session.cpo_partner_session_id
        self.lanes.submit(lane, lambda: self.authorize_stop(session, identification))

    def authorize_stop(self, session: Session, identification: Message) -> None:
        """Ask the hub whether a driver may end a charge; without its yes the charge goes on."""
        reply = self.ask_authorize_stop(session, identification)
        if reply.status == 200 and reply["AuthorizationStatus"] == "Authorized":
            self.close_session(session)
            self.settle(session)

    def ask_authorize_stop(self, session: Session, identification: Message) -> Reply:
        """Ask the hub whether a driver may end a charge."""
        message = {
            "SessionID": session.session_id,
            "CPOPartnerSessionID": session.cpo_partner_session_id,
            "OperatorID": self.partner_id,
            "EvseID": session.evse_id,
            "Identification": identification,
        }
        if session.emp_partner_session_id is not None:
            message["EMPPartnerSessionID"] = session.emp_partner_session_id
        return self.send("eRoamingAuthorizeStop", message, session)

    def charge(self, parameters: Message) -> None:
        """Have energy flow, go on or end, or something break, and tell the hub."""
        kind = parameters.get("Type")
        if kind not in TYPES:
            raise StimulusRefusedError(400, f"Type is none of {', '.join(TYPES)}")
        session = self.running_session_at(parameters)
        with self.lock:
            if kind == "Start" and session.charging_start is not None:
                raise StimulusRefusedError(409, "energy has been flowing before")
            if kind in {"Progress", "End"} and session.charging_end is not None:
                raise StimulusRefusedError(409, "no energy flows any more")
            if kind == "Progress" and not session.has_time_for(5):
                raise StimulusRefusedError(409, "the session has lasted long enough")
            if kind == "Progress":
                session.go_on()
            message = notification(session, kind, self.partner_id)
        self.notify(session, message)

    def notify(self, session: Session, message: Message) -> None:
        """Send a notification after what was sent about the session before."""
        lane = session.cpo_partner_session_id
        self.lanes.submit(lane, lambda: self.send("eRoamingChargingNotifications", message, session))

    def unplug(self, parameters: Message) -> None:
        """Have the driver unplug, which settles the session."""
        session = self.session_at(parameters)
        with self.lock:
            if session.settlement in {"sending", "done"}:
                raise StimulusRefusedError(409, "the session is settled")
            self.close_session(session)
        self.settle(session)

    def cdr_count(self, session: Session) -> int:  # noqa: ARG002 - for faults to look at
        """Say how many CDRs a session that is over gets: one."""
        return 1

    def settle(self, session: Session) -> None:
        """Send the CDR of a session that is over, in the background, unless that was done."""
        with self.lock:
            if session.settlement in {"sending", "done"}:
                return
            session.settlement = "sending"
            message = charge_detail_record(session)
        for _ in range(self.cdr_count(session)):
            self.lanes.submit(session.cpo_partner_session_id, lambda: self.send_cdr(session, message))

    def send_cdr(self, session: Session, message: Message) -> None:
        """Send a CDR, again only if the hub may not have it."""
        reply = Reply(None)
        for attempt in range(1 + CDR_RESENDS):
            self.lanes.pause(RESEND_AFTER * 2 ** (attempt - 1) if attempt else 0)
            reply = self.send("eRoamingChargeDetailRecord", message, session, CDR_TIMEOUT)
            if not reply.worth_a_resend:
                break
        session.settlement = "failed" if reply.worth_a_resend else "done"
