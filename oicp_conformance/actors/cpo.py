"""The CPO under test, as its tests speak of it: what is done to it, and what the world around it does."""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from oicp_conformance.actors.at_once import at_once
from oicp_conformance.actors.cpo_messages import Identification, Messages
from oicp_conformance.actors.cpo_pushes import Pushes
from oicp_conformance.actors.cpo_statuses import Statuses, shows
from oicp_conformance.actors.stage import Sign, Stage, Unobserved, cases_of
from oicp_conformance.journal.answers import PHYSICAL, Answer, answer_of, code_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange, Expects, Part
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.journal.times import now
from oicp_conformance.judge.counted import is_garbage
from oicp_conformance.judge.outcome import declared
from oicp_conformance.judge.requirements import charge_detail_records
from oicp_conformance.judge.requirements.acceptance import VALID
from oicp_conformance.judge.requirements.emp_robustness import REPEATED_REMOTE_START
from oicp_conformance.judge.requirements.expected_calls import CALLED
from oicp_conformance.judge.requirements.notification_types import SENT
from oicp_conformance.judge.requirements.remote_sessions import STOP_OF_CARD_SESSION
from oicp_conformance.judge.requirements.reservations import CUSTOMER_STARTS
from oicp_conformance.oicp.operations import BY_NAME, NOTIFICATION_TYPES
from oicp_conformance.oicp.types import is_same_id, plain_id

_START, _STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"
_RESERVE, _RELEASE = "eRoamingAuthorizeRemoteReservationStart", "eRoamingAuthorizeRemoteReservationStop"
_AUTHORIZE_START = "eRoamingAuthorizeStart"
_NOTIFY = "eRoamingChargingNotifications"
_CDR = "eRoamingChargeDetailRecord"
_POLITELY = 1.0
"""Seconds that a CPO has for the record of what an invalid request has begun."""
Change = Callable[[dict[str, Any]], dict[str, Any]]


class Cpo:
    """A charge point operator's backend."""

    def __init__(self, hub: Stage) -> None:
        self._hub = hub
        self.evse_ids = hub.profile.partner.evse_ids
        self.messages = Messages(hub)
        self.pushes = Pushes(hub)
        self.statuses = Statuses(hub)
        self._presented: dict[str, Identification] = {}
        self._plugged: set[str] = set()
        """The sessions for which a cable is plugged in, as far as the suite asked for it."""
        self._used_up: set[str] = set()
        """The reservations whose customers have started: a CPO may, or may not, have ended them with that."""
        self._is_lost = False
        """Whether the last charge detail record that met an outage was not seen again."""
        self._untold: set[str] = set()
        """The types of notification that did not come in a session that was led all its way."""

    # --- the world around it

    def free_evses(self) -> list[str]:
        """The EVSEs on which no session runs, as far as the hub knows; the one used longest ago first."""
        latest = {plain_id(one.evse or ""): one for one in self._hub.sessions}
        free = [
            evse for evse in self.evse_ids if (last := latest.get(plain_id(evse))) is None or not _runs(last)
        ]
        if not free:
            raise Unobserved("no EVSE is free: on each, a session runs that did not end", Cause.REFUSED)
        used = self._last_used({plain_id(evse) for evse in free})
        return sorted(free, key=lambda evse: used.get(plain_id(evse), 0))

    def _last_used(self, evses: set[str]) -> dict[str, int]:
        """The last exchanges that name some EVSEs, by their plain ids."""
        last: dict[str, int] = {}
        for one in reversed(self._hub.journal.closed()):
            if last.keys() == evses:
                break
            evse = plain_id(str(one.request.get("EvseID")))
            if evse in evses:
                last.setdefault(evse, one.number)
        return last

    def two_free_evses(self) -> list[str]:
        """The free EVSEs, of which there are two at least.

        Raises:
            Unobserved: the profile has one EVSE only, or one only is free.
        """
        if len(self.evse_ids) < 2:
            raise Unobserved("two sessions at once need two EVSEs in the profile", Cause.PROFILE)
        if len(free := self.free_evses()) < 2:
            raise Unobserved("two sessions at once need two EVSEs, and only one is free", Cause.REFUSED)
        return free

    def customer(self, kind: str = "RFIDMifareFamilyIdentification") -> Identification:
        """A new customer of an EMP that Hubject knows."""
        identification = self.messages.stranger(kind)
        key = medium(identification)
        if key:
            self._hub.hubject.customers.add(key)
        return identification

    def swipe(self, identification: Identification, evse: str | None = None) -> Exchange:
        """A driver presents an identification at a free EVSE: the eRoamingAuthorizeStart that follows."""
        evse = evse or self.free_evses()[0]
        shown = medium(identification)

        def of_this_driver(one: Exchange) -> bool:
            # A CPO may ask once more for the driver before, for whatever reason.
            return medium(one.request.get("Identification")) == shown or (
                is_same_id(one.request.get("EvseID"), evse)
                and not self._hub.came_before(one)
                and not self._asks_again(one, evse)
            )

        return self._hub.await_operation(
            _AUTHORIZE_START,
            of_this_driver,
            requirement=CALLED.id,
            since=self._hub.last,
            stimulus={"EvseID": evse, "Identification": identification},
        )

    def _asks_again(self, asked: Exchange, evse: str) -> bool:
        """Whether it is asked again for a driver who was not authorized, perhaps as a new attempt."""
        shown = medium(asked.request.get("Identification"))
        earlier = [
            one
            for one in self._hub.journal.exchanges[: asked.number - 1]
            if one.operation == _AUTHORIZE_START
            and is_same_id(one.request.get("EvseID"), evse)
            and medium(one.request.get("Identification")) == shown
        ]
        return bool(earlier) and answer_of(earlier[-1]) is not Answer.POSITIVE

    def arrive(self, session: Session, *, surely: bool = False) -> Session:
        """Have the car plugged in, and wait until the session has arrived at the charging point."""
        reserves = session.begun_by.operation == _RESERVE
        if not reserves and session.id not in self._plugged:
            self._hub.plug("plug-in", session)
            self._plugged.add(session.id)
        self._hub.arrived(session, self._signs(session), surely=surely)
        return session

    def _signs(self, session: Session) -> dict[str, Sign]:
        """The messages that show that a session has arrived."""
        if session.begun_by.operation == _RESERVE:
            return {"Reserved": shows(session.evse, "Reserved")}
        signs = {"Occupied": shows(session.evse, "Occupied")}
        if "Start" in self._hub.profile.supports.eRoamingChargingNotifications:
            signs["Start"] = lambda one: (
                one.by_target
                and one.operation == _NOTIFY
                and one.request.get("Type") == "Start"
                and _in(session)(one)
            )
        return signs

    def unplug(self, session: Session) -> None:
        """Have the cable of a session that is over taken out, if it was plugged in."""
        if session.id in self._plugged:
            self._plugged.remove(session.id)
            self._hub.plug("unplug", session)

    def swipe_in(self, identification: Identification, evse: str | None = None) -> Session:
        """Present an identification and begin the session that Hubject authorizes."""
        evse = evse or self.free_evses()[0]
        begun = self.swipe(identification, evse)
        session = self._hub.sessions.get(begun.answer.get("SessionID"))
        if session is None or not session.begun:
            said = f"HTTP {begun.status} {code_of(begun) or ''}"
            raise Unobserved(f"no session began: Hubject responded with {said}")
        if session.evse is None:
            session.evse = evse
        self._presented[session.id] = identification
        return self.arrive(session)

    def swipe_out(self, session: Session, identification: Mapping[str, Any] | None = None) -> Exchange:
        """Present an identification again to stop: the eRoamingAuthorizeStop that follows."""
        return self._hub.await_operation(
            "eRoamingAuthorizeStop",
            _in(session),
            requirement=CALLED.id,
            since=self._hub.last,
            stimulus={
                "SessionID": session.id,
                "EvseID": session.evse,
                "Identification": identification or self._presented[session.id],
            },
            session=session,
        )

    def notify(self, session: Session, kind: str, *, times: int = 1) -> Exchange:
        """Have something happen that a notification tells of; gives the `times`-th of its type.

        A type that the target has sent unasked is not asked for again.
        """
        unknown = [one for one in NOTIFICATION_TYPES if one != kind]

        def of_kind(one: Exchange) -> bool:
            return _in(session)(one) and one.request.get("Type") not in unknown

        sent = [one for one in session.sent("eRoamingChargingNotifications") if of_kind(one)]
        requirement = SENT[kind].id
        asked = {"SessionID": session.id, "EvseID": session.evse, "Type": kind}
        if len(sent) >= times:
            return self._hub.await_operation(
                "eRoamingChargingNotifications",
                of_kind,
                requirement=requirement,
                since=sent[times - 1].number - 1,
                session=session,
            )
        return self._hub.await_operation(
            "eRoamingChargingNotifications",
            of_kind,
            requirement=requirement,
            since=self._hub.last,
            stimulus=asked,
            session=session,
        )

    def report(self, session: Session, kinds: Iterable[str]) -> None:
        """Have happen what notifications of some types report, as far as the CPO reports it.

        A type that did not come once is not waited for again.
        """
        declared_types = self._hub.profile.supports.eRoamingChargingNotifications
        for kind in kinds:
            if kind in declared_types and kind not in self._untold:
                try:
                    self.notify(session, kind)
                except Unobserved:
                    self._untold.add(kind)

    # --- Hubject calls

    def remote_start(
        self,
        evse: str,
        change: Change = lambda body: body,
        *,
        purpose: str | None = VALID.id,
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
    ) -> Exchange:
        """Send an eRoamingAuthorizeRemoteStart, changed as wanted; one that is to be accepted insistently."""
        return self._begin(
            _START,
            evse,
            lambda: change(self.messages.request(evse)),
            purpose,
            expects,
            control=control,
            raw=raw,
        )

    def _begin(
        self,
        operation: str,
        evse: str,
        make: Callable[[], Any],
        purpose: str | None,
        expects: Expects,
        *,
        control: int | None,
        raw: bytes | None,
    ) -> Exchange:
        def send(repeats: int | None) -> Exchange:
            return self._hub.call(
                operation, make(), purpose=purpose, expects=expects, control=control, repeats=repeats, raw=raw
            )

        # Where nobody was before, the target has nothing to be done with first.
        insists = expects == "accept" and self._was_used(evse)
        begun = self._hub.insist(send, key=operation) if insists else send(None)
        if answer_of(begun) is Answer.NONE:
            self.close(begun, evse)
        return begun

    def _was_used(self, evse: str) -> bool:
        return any(is_same_id(one.evse, evse) for one in self._hub.sessions)

    def session_of(self, exchange: Exchange) -> Session | None:
        """The session that a start wanted to begin."""
        return self._hub.sessions.of(exchange)

    def _begun_by(self, exchange: Exchange) -> Session | None:
        """The session that a start has begun."""
        session = self.session_of(exchange)
        return session if session is not None and session.begun else None

    def start(self, first: str | None = None) -> Session:
        """Start a charge remotely on any free EVSE, `first` on that one.

        Raises:
            Unobserved: no EVSE could be started.
        """
        evses = sorted(self.free_evses(), key=lambda one: one != first)
        return self._on_any(evses, self.remote_start, "no charge could be started")

    def _on_any(self, evses: Iterable[str], ask: Callable[[str], Exchange], otherwise: str) -> Session:
        said = []
        for evse in evses:
            exchange = ask(evse)
            if session := self._begun_by(exchange):
                return self.arrive(session)
            said.append(f"{evse}: {_said(exchange)}")
            if code_of(exchange) not in PHYSICAL:
                break
        raise Unobserved(f"{otherwise} ({'; '.join(said)})")

    def start_as(self, change: Change) -> Session:
        """Start a charge with a change of the request that another test is about.

        Raises:
            Unobserved: it was refused.
        """
        evse = self.free_evses()[0]
        return self._begun(self.remote_start(evse, change, purpose=None), "the start was rejected")

    def reserve_as(self, change: Change) -> Session:
        """Reserve with a change of the request that another test is about.

        Raises:
            Unobserved: it was refused.
        """
        evse = self.free_evses()[0]
        return self._begun(self.ask_reservation(evse, change, purpose=None), "the reservation was rejected")

    def _begun(self, exchange: Exchange, otherwise: str) -> Session:
        if session := self._begun_by(exchange):
            return self.arrive(session)
        raise Unobserved(f"{otherwise}: {_said(exchange)}", Cause.HIDDEN)

    def start_with(self, purpose: str, change: Change) -> Session:
        """Start a charge with a variation of the request.

        Where it is refused, the same EVSE is tried without the variation, to see what was the reason.
        """
        return self._varied(self.remote_start, purpose, change, "the start was rejected")

    def _varied(self, ask: Callable[..., Exchange], purpose: str, change: Change, otherwise: str) -> Session:
        evse = self.free_evses()[0]
        exchange = ask(evse, change, purpose=purpose)
        if session := self._begun_by(exchange):
            return self.arrive(session)
        ask(evse, control=exchange.number)
        raise Unobserved(f"{otherwise}: {_said(exchange)}")

    def start_at_once(self) -> list[Session]:
        """Start a charge on each of the free EVSEs, all at the same time, and return those that began."""
        sent = self._at_once(_START, [self.messages.request(evse) for evse in self.free_evses()])
        return [self.arrive(session) for session in filter(None, map(self._begun_by, sent))]

    def start_at_one_evse(self) -> list[Exchange]:
        """Have the customers of two providers start a charge on one free EVSE at the same time."""
        evse = self.free_evses()[0]
        return self._at_once(
            _START,
            [self.messages.request(evse), self.messages.of_another_provider(self.messages.request(evse))],
        )

    def finish_at_once(self, sessions: Sequence[Session]) -> None:
        """Stop some sessions at the same time, and wait for the record of each."""
        for session in sessions:
            self.arrive(session, surely=True)
        self._at_once(_STOP, [self.messages.stop_request(session) for session in sessions])
        for session in sessions:
            if session.stopped_by is None:
                self.finish(session)
            else:
                self.charge_detail_record(session)

    def _at_once(self, operation: str, bodies: Sequence[dict[str, Any]]) -> list[Exchange]:
        return at_once(self._hub, [(operation, body) for body in bodies])

    def start_again(self, session: Session) -> Exchange:
        """Send the start of a session once more, as after a response that got lost."""
        body = session.begun_by.request.json
        return self._hub.call(_START, body, purpose=REPEATED_REMOTE_START.id, expects="any")

    def nothing_begun(self) -> Exchange:
        """Return a start that was never sent: that of a session which never was."""
        return Exchange(0, "hub-to-target", _START, "POST", "", Part(), 0.0)

    def remote_stop(
        self,
        session: Session,
        change: Change = lambda body: body,
        *,
        purpose: str | None = VALID.id,
        expects: Expects = "accept",
        raw: bytes | None = None,
        control: int | None = None,
    ) -> Exchange:
        """Send an eRoamingAuthorizeRemoteStop for a session, changed as wanted.

        One that is to be accepted is sent insistently: the session may not have arrived everywhere.
        """
        body = change(self.messages.stop_request(session))
        operation = _RELEASE if session.begun_by.operation == _RESERVE else _STOP

        def send(repeats: int | None) -> Exchange:
            return self._hub.call(
                operation, body, purpose=purpose, expects=expects, raw=raw, control=control, repeats=repeats
            )

        return self._hub.insist(send, key=operation) if expects == "accept" else send(None)

    def stop_with(self, session: Session, purpose: str, change: Change) -> None:
        """Stop a session, or end a reservation, with a variation of the request, and await its record.

        Where it is rejected, another session is stopped without the variation, to see what was the reason.
        """
        exchange = self.remote_stop(session, change, purpose=purpose)
        if answer_of(exchange) in {Answer.POSITIVE, Answer.NONE}:
            # Without a response nothing is known of the variation, also not by a control.
            self.charge_detail_record(session)
            return
        evse = next((one for one in self.evse_ids if is_same_id(one, session.evse)), None)

        def plainly(body: dict[str, Any]) -> dict[str, Any]:
            bare = {name: value for name, value in body.items() if name != "EMPPartnerSessionID"}
            provider = self._hub.profile.counterpart.provider_id
            return {**bare, "EvseID": evse or session.evse, "ProviderID": provider}

        self.remote_stop(session, plainly, purpose=None, expects="any")
        self.settle_in_silence(session)
        other = self.reserve() if session.begun_by.operation == _RESERVE else self.start(evse)
        self.remote_stop(other, control=exchange.number)
        self.charge_detail_record(other)

    def remote_stop_of_card(self, session: Session) -> Exchange:
        """Stop remotely what a card began."""
        # A CPO that gave up waiting for the authorization knows of no session.
        expects: Expects = "any" if session.begun_by.scripted == "late" else "accept"
        purpose = STOP_OF_CARD_SESSION.id
        return self.remote_stop(session, purpose=purpose, expects=expects)

    def ask_reservation(
        self,
        evse: str,
        change: Change = lambda body: body,
        *,
        purpose: str | None = VALID.id,
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
    ) -> Exchange:
        """Send an eRoamingAuthorizeRemoteReservationStart, changed as wanted, insistently if so expected."""
        return self._begin(
            _RESERVE,
            evse,
            lambda: change(self.messages.reservation(evse)),
            purpose,
            expects,
            control=control,
            raw=raw,
        )

    def reserve(self) -> Session:
        """Reserve any free EVSE.

        Raises:
            Unobserved: no EVSE could be reserved.
        """
        return self._on_any(self.free_evses(), self.ask_reservation, "nothing could be reserved")

    def start_reserved(self, reservation: Session) -> Session:
        """Start a charge on a reserved EVSE for the customer who reserved it; that ends the reservation.

        Where it is rejected, the customer starts without the reservation, to see what was the reason.
        """
        evse = reservation.evse or ""
        exchange = self.remote_start(
            evse,
            lambda body: {**body, "Identification": reservation.identification},
            purpose=CUSTOMER_STARTS.id,
        )
        if session := self._begun_by(exchange):
            self._used_up.add(reservation.id)
            # Its record, which need not come, is not waited for: another session has begun.
            self.remote_stop(reservation, purpose=None, expects="any")
            return self.arrive(session)
        self.finish(reservation)
        body = exchange.request.object
        other = self.remote_start(
            evse, lambda made: {**body, "SessionID": made["SessionID"]}, control=exchange.number
        )
        self.close(other)
        raise Unobserved(f"the customer who reserved the EVSE could not start there: {_said(exchange)}")

    def reserve_with(self, purpose: str, change: Change) -> Session:
        """Reserve with a variation; where it is refused, without it, to see what was the reason."""
        return self._varied(self.ask_reservation, purpose, change, "the reservation was rejected")

    # --- what the CPO publishes

    def offers(self, operation: str) -> bool:
        """Whether the CPO must serve or send an operation, or says that it does."""
        return declared(self._hub.profile, BY_NAME[operation])

    def publish(self, operation: str, action: str) -> Exchange:
        """The CPO publishes: the push with the ActionType that was asked for."""
        return self._hub.publish(operation, action)

    # --- what follows

    def charge_detail_record(self, session: Session) -> Exchange:
        """The session's charge detail record: unasked if the session was stopped, else after a stimulus."""
        came, seconds = None, 0.0
        # One that is due is awaited in full, however often others did not come.
        key = f"{_CDR} of a charge" if session.charged else _CDR
        if session.stopped_by is not None:
            self.unplug(session)
            seconds = self._hub.patience(_CDR, key, *cases_of(key, charge_detail_records.SENT.id, session))
            came = self._hub.wait_for(
                _CDR, _in(session), seconds, since=session.begun_by.number, session=session
            )
        asked = came is None and not session.sent(_CDR)
        record = self._hub.await_operation(
            _CDR,
            _in(session),
            requirement=charge_detail_records.SENT.id,
            since=session.begun_by.number,
            stimulus={"SessionID": session.id, "EvseID": session.evse} if asked else None,
            session=session,
            after=session.stopped_by,
            unasked=seconds if asked else 0.0,
            key=key,
        )
        self.unplug(session)
        return record

    def taken(self, session: Session) -> None:
        """Wait until Hubject has taken the session's charge detail record: one may have met an outage.

        The CPO has the time since its last attempt for that. Where it took too long once, a second is enough
        from then on.
        """
        seconds = self._hub.profile.stimuli.wait
        attempts = session.sent(_CDR)
        passed = now() - (attempts[-1].finished or now()) if attempts else 0.0
        taken = self._hub.wait_for(
            _CDR,
            lambda one: _in(session)(one) and answer_of(one) is Answer.POSITIVE,
            max(0.0, (min(seconds, 1.0) if self._is_lost else seconds) - passed),
            since=session.begun_by.number,
            is_usual=False,
        )
        self._is_lost = taken is None

    def close(self, begun: Exchange, evse: str | None = None) -> None:
        """Close politely what an invalid request, or one without a response, has begun; nothing is expected.

        `evse` is the one that was meant. The CPO may have given the session a SessionID of its own, which is
        good for this stop and for nothing else.
        """
        answer = answer_of(begun)
        if answer not in {Answer.POSITIVE, Answer.NONE}:
            return
        given = self._hub.sessions.of(begun)
        named = given.id if given else begun.answer.get("SessionID")
        if not isinstance(named, str):
            return
        session = given or Session(named, begun)
        session.evse = session.evse if isinstance(session.evse, str) else evse or self.evse_ids[0]
        if session.stopped_by is None:
            self.remote_stop(session, purpose=None, expects="any")
        if answer is Answer.POSITIVE:
            self.settle_in_silence(session)

    def settle_in_silence(self, session: Session) -> None:
        """Give a session that an invalid request began or ended time for its record; it need not come."""
        self.unplug(session)
        if not session.sent(_CDR):
            seconds = min(self._hub.profile.stimuli.wait, _POLITELY)
            self._hub.wait_for(_CDR, _in(session), seconds, since=session.begun_by.number)

    def finish(self, session: Session) -> Exchange:
        """Stop a session remotely, if it has not ended by itself, and wait for its charge detail record."""
        self.stop(session)
        return self.charge_detail_record(session)

    def stop(self, session: Session) -> None:
        """Stop a session remotely, if it has not ended by itself, and have its cable taken out."""
        if not session.sent(_CDR):
            self.remote_stop(session)
        if session.stopped_by is not None:
            self.unplug(session)

    def clean_up(self) -> None:
        """End what a test has begun and left running."""
        for session in self._hub.sessions:
            if not self._hub.runs(session.test) or session.id in self._used_up:
                continue
            if not _runs(session):
                # It may go on at the charging point, also when its record could not be observed.
                self.unplug(session)
                continue
            if is_garbage(session.begun_by):
                self.close(session.begun_by)
                continue
            with contextlib.suppress(Unobserved):
                if not session.begun_by.by_target:
                    self.remote_stop(session)
                self.charge_detail_record(session)
            if _runs(session) and session.begun_by.by_target:
                self.remote_stop_of_card(session)


def _runs(session: Session) -> bool:
    over = session.stopped_by is not None or session.unplugged or session.settled
    return session.begun and not over


def _in(session: Session) -> Callable[[Exchange], bool]:
    return lambda one: str(one.request.get("SessionID")).lower() == session.id.lower()


def _said(exchange: Exchange) -> str:
    answer = answer_of(exchange)
    if answer is Answer.NONE:
        return exchange.detail
    return f"{answer.value}, HTTP {exchange.status}, code {code_of(exchange) or '-'}"
