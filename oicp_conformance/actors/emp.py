"""The EMP under test, as its tests speak of it: what Hubject sends it, and what its customers do."""

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any

from oicp_conformance.actors.at_once import at_once
from oicp_conformance.actors.emp_app import App
from oicp_conformance.actors.emp_customers import Customers
from oicp_conformance.actors.emp_failures import Failures
from oicp_conformance.actors.emp_messages import Identification, Messages
from oicp_conformance.actors.emp_pulls import OTHER_OPERATORS, Pulls
from oicp_conformance.actors.emp_sessions import Begun
from oicp_conformance.actors.emp_unseen import Unseen
from oicp_conformance.actors.emp_uploads import Uploads
from oicp_conformance.actors.pace import Pace
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import script, variations
from oicp_conformance.journal.answers import Answer, answer_of, code_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange, Expects, Part
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.judge.counted import is_garbage
from oicp_conformance.judge.outcome import declared
from oicp_conformance.judge.requirements.acceptance import VALID
from oicp_conformance.judge.requirements.authorizations import ACCEPTED, OWN_MEDIUM
from oicp_conformance.judge.requirements.charge_detail_records import WITHOUT_ENERGY
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import LONGEST_PARTNER_ID, plain_id

_START, _STOP = "eRoamingAuthorizeStart", "eRoamingAuthorizeStop"
_REMOTE_START, _REMOTE_STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"
_NOTIFY, _CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"
_RESERVE, _RELEASE = "eRoamingAuthorizeRemoteReservationStart", "eRoamingAuthorizeRemoteReservationStop"
_CARD, _CODE = "RFIDMifareFamilyIdentification", "QRCodeIdentification"
_UID_LENGTHS = (8, 14, 20)
"""Hexadecimal digits of the UID of a card (EMP 03, UIDType)."""
_NOBODY = "the profile has no Identification that a driver presents at a charger"
Change = Callable[[dict[str, Any]], dict[str, Any]]


def _as_it_is(body: dict[str, Any]) -> dict[str, Any]:
    return body


class Emp:
    """An e-mobility provider's backend."""

    def __init__(self, hub: Stage) -> None:
        self._hub = hub
        self._partner = hub.profile.partner
        self._counterpart = hub.profile.counterpart
        self._pace = Pace(hub)
        self.pulls = Pulls(hub)
        self.messages = Messages(hub)
        self.customers = Customers(hub, self.messages)
        self.app = App(hub, self.messages, self._pace)
        self.uploads = Uploads(hub, self.customers.known)
        self.unseen = Unseen(hub, self.messages, self.customer, self.charge_detail_record)
        self.failures = Failures(hub, self.pulls, self.uploads)
        self._one_at_a_time = False
        """Whether the EMP rejected a customer because a session with another medium was open."""
        self._sessions = Begun(hub, self.messages)
        self._refused: set[tuple[str, str] | None] = set()
        """The customers whose last ordinary start was refused."""
        self._bystander: Session | None = None

    # --- customers

    def customer(self, *kinds: str) -> Identification:
        """Return a customer with a card, a code or a car who has no session open.

        The customers take turns, so that sessions need not be closed at once. Those whom the target does not
        authorize are left alone where there are others.
        """
        known = self._candidates(*kinds)
        if not known:
            raise Unobserved(_NOBODY, Cause.PROFILE)
        taken = set(map(self.messages.medium, self._sessions.open()))
        free = [one for one in known if medium(one) not in taken]
        chosen = min(free or known, key=lambda one: self._sessions.last_of(medium(one)))
        self.make_free(chosen)
        return chosen

    def _candidates(self, *kinds: str) -> list[Identification]:
        known = self.customers.known(*kinds)
        return [one for one in known if medium(one) not in self._refused] or known

    def is_free(self, identification: Identification) -> bool:
        """Tell whether a customer has no session open."""
        return not self._in_the_way_of(identification)

    def make_free(self, identification: Identification) -> None:
        """Close what sessions a customer has open."""
        for session in self._in_the_way_of(identification):
            self.close(session)

    def _in_the_way_of(self, identification: Identification) -> list[Session]:
        """The open sessions that have to end before a customer may start; most EMPs allow those of others."""
        opened, wanted = self._sessions.open(), medium(identification)
        return [one for one in opened if self._one_at_a_time or self.messages.medium(one) == wanted]

    def _end_others(self, *, alone: bool) -> bool:
        """Close the sessions that are open, if not `alone` without those of this test; tell if there were."""
        others = [one for one in self._sessions.open() if alone or one.test != self._hub.test]
        for session in others:
            self.close(session)
        return bool(others)

    def app_customer(self) -> Identification:
        """Return a customer with the app, if possible one who has no session open."""
        known = [one for one in self._partner.accepts if "RemoteIdentification" in one]
        if known:
            return next(filter(self.is_free, known), known[0])
        for one in self._partner.accepts:
            for value in one.values():
                if "EvcoID" in value:
                    return {"RemoteIdentification": {"EvcoID": value["EvcoID"]}}
        made: Identification = self._hub.faker.identification(
            "RemoteIdentification", self._partner.provider_id
        )
        return made

    # --- a driver at a charger, seen from the EMP

    def authorize_start(
        self,
        identification: Identification,
        change: Change = _as_it_is,
        *,
        purpose: str = ACCEPTED.id,
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
        alone: bool = True,
    ) -> Exchange:
        """Forward an eRoamingAuthorizeStart, changed as wanted.

        Several media may be one contract's, and an EMP may allow one session for each contract. So where it
        rejects what it should accept, the sessions that are open end, and it is asked again. If not `alone`,
        those of this test go on. It may also need a while to settle a record: who has charged before is asked
        for again until `stimuli.wait` is over.
        """

        def send(rejected: int | None = None) -> tuple[Exchange, bool]:
            meant = self.messages.authorize_request(identification)
            self.messages.meant[meant["SessionID"]] = meant
            body = change(dict(meant))
            sent = self._hub.call(
                _START, body, purpose=purpose, expects=expects, control=control, raw=raw, repeats=rejected
            )
            return sent, body == meant

        exchange, as_meant = send()
        has_ended = False
        if expects == "accept" and answer_of(exchange) is Answer.NEGATIVE and self._end_others(alone=alone):
            exchange, as_meant = send(exchange.number)
            has_ended = True
        if expects == "accept" and self._sessions.was_authorized(medium(identification)):
            first = exchange
            exchange = self._hub.insist(
                lambda rejected: first if rejected is None else send(rejected)[0], key=f"{_START} {purpose}"
            )
        self._one_at_a_time |= has_ended and answer_of(exchange) is Answer.POSITIVE
        if as_meant and expects == "accept":
            refused = {medium(identification)}
            self._refused -= refused
            self._refused |= refused if answer_of(exchange) is Answer.NEGATIVE else set()
        return exchange

    def authorize_again(self, exchange: Exchange) -> Exchange:
        """Forward the same eRoamingAuthorizeStart a second time, with the same SessionID."""
        return self._pace.follow(
            _START,
            exchange.request.json,
            session=self._hub.sessions.get(exchange.request.get("SessionID")),
            purpose=f"{_START}.repeated",
            expects="any",
        )

    def authorize_with(self, purpose: str, change: Change) -> Exchange:
        """Forward a variation; where it is refused, the same without it, to see what was the reason."""
        customer = self.customer()
        exchange = self.authorize_start(customer, change, purpose=purpose)
        if not self._began(exchange):
            self.authorize_start(customer, control=exchange.number)
        return exchange

    def swipe_at_once(self, identifications: Sequence[Identification]) -> None:
        """Forward an eRoamingAuthorizeStart of each of some drivers, all at the same time."""
        at_once(self._hub, [(_START, self.messages.authorize_request(one)) for one in identifications])

    def stop_at_once(self, sessions: Sequence[Session]) -> None:
        """Forward an eRoamingAuthorizeStop of each of some sessions, all at the same time."""
        for session in sessions:
            self._pace.settle(session)
        at_once(self._hub, [(_STOP, self.messages.stop_request(session)) for session in sessions])

    def settle_at_once(self, sessions: Sequence[Session]) -> None:
        """Forward a notification of each of some sessions at the same time, then all their records.

        Raises:
            Unobserved: there is none.
        """
        if not sessions:
            raise Unobserved(_NOBODY, Cause.PROFILE)
        for session in sessions:
            self._pace.settle(session)
        for kind in self.messages.notified[:1]:
            at_once(self._hub, [(_NOTIFY, self.messages.notification(session, kind)) for session in sessions])
        at_once(self._hub, [(_CDR, self.messages.record(session)) for session in sessions])

    def swipe_and_notify(self, identification: Identification) -> None:
        """Forward an eRoamingAuthorizeStart, and a notification of its session before it was answered."""
        asked = self.messages.authorize_request(identification)
        now = self._hub.hubject.store.now.timestamp()
        begun = Exchange(0, "hub-to-target", _START, "POST", "", Part(), now)
        session = Session(asked["SessionID"], begun, asked["EvseID"], identification)
        told = [(_NOTIFY, self.messages.notification(session, kind)) for kind in self.messages.notified[:1]]
        self.messages.forget(session)
        at_once(self._hub, [(_START, asked), *told], in_order=True)

    def _began(self, exchange: Exchange) -> bool:
        session = self._hub.sessions.get(exchange.request.get("SessionID"))
        return session is not None and session.begun

    def session(self, *kinds: str, cpo_id: str | None = None, expects: Expects = "accept") -> Session:
        """Begin a session that the EMP authorizes, with an identification of some kinds if there is one.

        `cpo_id` is its CPOPartnerSessionID, if that is to be a special one.

        Raises:
            Unobserved: it authorized none.
        """
        named = {"CPOPartnerSessionID": cpo_id} if cpo_id else {}
        if self._hub.profile.partner.mode == "offline":
            if named:
                self._hub.script(_REMOTE_START, script.with_fields(**named))
            return self.started(self.tap_start())
        customer = self.customer(*(kinds if self.customers.known(*kinds) else ()))
        exchange = self.authorize_start(customer, lambda body: body | named, expects=expects)
        session = self._hub.sessions.get(exchange.request.get("SessionID"))
        if session is None or not session.begun:
            raise Unobserved(
                f"no session: the customer was not authorized ({code_of(exchange) or exchange.status})"
            )
        return session

    def session_at_sub_operator(self) -> Session:
        """Begin a session at an EVSE of an operator for whom the counterpart acts.

        Raises:
            Unobserved: the EMP does not authorize there, as it may.
        """
        own = plain_id(self._counterpart.operator_id)
        other = next(one for one in OTHER_OPERATORS if plain_id(one) != own)
        body = self.messages.authorize_request(self.customer(), EvseID=self._hub.faker.evse_id(other))
        exchange = self._hub.call(_START, body, purpose=f"{_START}.other-operator", expects="any")
        session = self._hub.sessions.get(body["SessionID"])
        if session is None or not session.begun:
            said = code_of(exchange) or exchange.status
            raise Unobserved(f"no customer is authorized at a sub-operator's EVSE ({said})", Cause.REFUSED)
        return session

    def session_beside(self, session: Session) -> Session:
        """Begin a second session of a session's customer, at another EVSE where there is one.

        Raises:
            Unobserved: the EMP allows one session at a time.
        """
        other = next((one for one in self._counterpart.evse_ids if one != session.evse), session.evse)
        body = self.messages.authorize_request(self.messages.identification(session), EvseID=other)
        exchange = self._hub.call(_START, body, purpose=None, expects="any")
        second = self._hub.sessions.get(body["SessionID"])
        if second is None or not second.begun:
            said = code_of(exchange) or exchange.status
            raise Unobserved(
                f"the backend allows a customer only one session at a time ({said})", Cause.REFUSED
            )
        return second

    def session_to_stop(self, *, cpo_id: str | None = None) -> Session:
        """Begin a session of a driver who can show the card, or the code, again."""
        return self.session(_CARD, _CODE, cpo_id=cpo_id)

    def cpo_id(self, purpose: str) -> str | None:
        """Return a CPOPartnerSessionID for a requirement that is about long texts, or texts beyond ASCII."""
        made: str = self._hub.faker.partner_session_id()
        forms = {
            "request.maximal": variations.long_text(made, LONGEST_PARTNER_ID),
            "request.non-ascii": f"{variations.NON_ASCII} {made}",
        }
        return forms.get(purpose)

    def sessions(self, count: int) -> Iterator[Session]:
        """Begin some sessions, as many at once as there are customers: they settle together."""
        while count > 0:
            begun = self.sessions_at_once(count)
            yield from begun
            count -= len(begun)

    def sessions_at_once(self, most: int) -> list[Session]:
        """Begin a session, and further ones beside it: one for each customer, if the EMP allows that."""
        is_offline = self._hub.profile.partner.mode == "offline"
        begun = [self.session()]
        at_once = 1 if is_offline or self._one_at_a_time else max(1, len(self.customers.known()))
        for _ in range(min(most, at_once) - 1):
            if not any(map(self.is_free, self._candidates())):
                break  # The next one would end the session of another that is begun here.
            with contextlib.suppress(Unobserved):
                begun.append(self.session(expects="any"))
        return begun

    def bystander(self) -> Session:
        """Return a session that stays open while requests come in it that are to change nothing."""
        known = self._bystander
        if known is None or not self._sessions.is_open(known) or known.stopped_by is not None:
            known = self._bystander = self.session_to_stop()
        return known

    def authorize_stop(
        self,
        session: Session,
        identification: Identification | None = None,
        change: Change = _as_it_is,
        *,
        purpose: str = OWN_MEDIUM.id,
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
    ) -> Exchange:
        """Forward an eRoamingAuthorizeStop, changed as wanted."""
        body = change(self.messages.stop_request(session, identification))
        return self._pace.follow(
            _STOP, body, session=session, purpose=purpose, expects=expects, control=control, raw=raw
        )

    # --- the charge, seen from the EMP

    def charge_detail_record(
        self,
        body: dict[str, Any],
        *,
        purpose: str = VALID.id,
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
    ) -> Exchange:
        """Forward an eRoamingChargeDetailRecord."""
        return self.follow(_CDR, body, purpose=purpose, expects=expects, control=control, raw=raw)

    def follow(
        self,
        operation: str,
        body: dict[str, Any],
        *,
        purpose: str,
        expects: Expects,
        control: int | None = None,
        raw: bytes | None = None,
    ) -> Exchange:
        """Forward a message of the session that its SessionID names, when that has settled."""
        named = body.get("SessionID") if isinstance(body, dict) else None
        return self._pace.follow(
            operation,
            body,
            session=self._hub.sessions.get(named),
            purpose=purpose,
            expects=expects,
            control=control,
            raw=raw,
        )

    def notify(
        self,
        body: dict[str, Any],
        *,
        purpose: str = VALID.id,
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
    ) -> Exchange:
        """Forward a notification."""
        return self.follow(_NOTIFY, body, purpose=purpose, expects=expects, control=control, raw=raw)

    # --- what its customers and its people do

    def tap_start(self, evse: str | None = None, *, beside: bool = False) -> Exchange:
        """A customer taps start in the app: the eRoamingAuthorizeRemoteStart that follows.

        What sessions the customer has open are closed before, unless this one is to run beside them.
        """
        identification = self.app_customer()
        if not beside:
            self.make_free(identification)
        return self.app.start(identification, evse or self._counterpart.evse_ids[0])

    def tap_reserve(self) -> Exchange:
        """A customer reserves with the app, who has no session open."""
        identification = self.app_customer()
        self.make_free(identification)
        return self.app.reserve(identification)

    def started(self, begun: Exchange) -> Session:
        """The session that Hubject began for a remote start."""
        session = self._hub.sessions.get(begun.answer.get("SessionID"))
        if session is None or not session.begun:
            raise Unobserved(f"no session began: Hubject responded with {code_of(begun) or begun.status}")
        return session

    @contextlib.contextmanager
    def survives(self) -> Generator[None, None, None]:
        """Whatever becomes of the pulls: the EMP has not broken down, and still answers a swipe."""
        try:
            yield
        finally:
            if self._hub.profile.partner.mode == "online":
                self.authorize_start(self.customer())

    def settle_more_than(self, exchanges: list[Exchange]) -> None:
        """Have Hubject keep so many records that they do not fit on the page that the EMP asks for."""
        size = max((one.answer.get("size") or 0 for one in exchanges), default=0)
        there = max((one.answer.get("totalElements") or 0 for one in exchanges), default=0)
        self.unseen.keep(max(0, size + 1 - there))

    def close(self, session: Session) -> None:
        """Close a session: one of the app with a stop, and each with a charge detail record.

        The record is valid, so that a rejection of it counts; of a session that an invalid request has
        begun, that says nothing.
        """
        self._sessions.close(session)
        if session.begun_by.by_target and session.stopped_by is None:
            with contextlib.suppress(Unobserved):
                self.app.stop(session)
        if self._hub.profile.partner.mode == "online":
            expects: Expects = "any" if is_garbage(session.begun_by) else "accept"
            self._forward_record(session, expects=expects)

    def is_served(self, operation: str) -> bool:
        """Tell whether the EMP must serve an operation, or says that it does."""
        return declared(self._hub.profile, BY_NAME[operation])

    def settle(self, session: Session) -> None:
        """Forward the record of a session, where the EMP is one that gets it."""
        if self.is_served(_CDR):
            self._forward_record(session)

    def _forward_record(self, session: Session, *, expects: Expects = "accept") -> None:
        is_reservation = session.begun_by.operation == _RESERVE
        purpose = WITHOUT_ENERGY.id if is_reservation else VALID.id
        self.charge_detail_record(self.messages.record(session), purpose=purpose, expects=expects)

    def report(self, session: Session, kinds: Iterable[str]) -> None:
        """Forward notifications of some types, as far as the profile declares them."""
        for kind in kinds:
            if kind in self.messages.notified:
                self.notify(self.messages.notification(session, kind))

    def clean_up(self) -> None:
        """Stop what a test has begun with the app, and close the sessions that have settled.

        The others are closed when their customer is needed, or at the end: nobody waits for that.
        """
        for session in self._sessions.open():
            of_app = session.begun_by.by_target
            if of_app and session.stopped_by is None and session.test == self._hub.test:
                with contextlib.suppress(Unobserved):
                    self.app.stop(session)
            elif session is not self._bystander and not self._pace.unsettled(session):
                self.close(session)

    def close_all(self) -> None:
        """Close all sessions that are open."""
        for session in self._sessions.open():
            self.close(session)
