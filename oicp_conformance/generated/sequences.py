"""Sessions in any order: state machines that do with a target what a charging world can do, and nothing else.

The world makes sense: energy that flows no more does not flow on, and nobody begins where somebody else is.
What makes none (to stop what is over, to start what is in use) is tried as what has to be refused.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.generated.properties import Property
from oicp_conformance.hub.hub import TargetDown
from oicp_conformance.journal.exchange import Exchange, Expects
from oicp_conformance.journal.sessions import Session
from oicp_conformance.judge.requirements.authorizations import OTHER_MEDIUM
from oicp_conformance.judge.requirements.charge_detail_records import REPEATED
from oicp_conformance.judge.requirements.remote_sessions import OCCUPIED_EVSE, STOP_OF_ENDED_SESSION
from oicp_conformance.oicp.operations import NOTIFICATION_TYPES

STEPS = 12
"""How long a sequence is at most."""
_RESERVE = "eRoamingAuthorizeRemoteReservationStart"
_PICK = st.integers(min_value=0, max_value=9)
_WHILE_CHARGING = precondition(lambda self: self.running() is not None)
_AFTER_A_START = precondition(lambda self: bool(self.charges))
_MEDIA = ("RFIDMifareFamilyIdentification", "QRCodeIdentification", "PlugAndChargeIdentification")


@dataclass(eq=False)
class _Charge:
    """A session and what has happened in it."""

    session: Session
    told: list[str] = field(default_factory=list)
    """The types of notification that were occasioned, in order."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens in it."""
        return self.session.stopped_by is not None or self.session.unplugged or self.session.settled

    def may(self, kind: str) -> bool:
        """Whether something of that type can happen next."""
        flows, ended = {"Start", "Progress"} & set(self.told), "End" in self.told
        match kind:
            case "Start":
                return not flows and not ended
            case "Progress":
                return bool(flows) and not ended and self.told.count("Progress") < 2
            case "End":
                return bool(flows) and not ended
        return True


class _Sequence(RuleBasedStateMachine):
    """One way through; each step is judged, and in the end all that has begun is ended."""

    tried: ClassVar[Property]
    hub: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self.charges: list[_Charge] = []
        self._way = self.tried.begin()

    def running(self, pick: int = 0) -> _Charge | None:
        """One of the charges that go on."""
        several = [one for one in self.charges if not one.is_over]
        return several[pick % len(several)] if several else None

    def over(self, pick: int = 0) -> _Charge | None:
        """One of the charges that are over."""
        several = [one for one in self.charges if one.is_over]
        return several[pick % len(several)] if several else None

    def step(self, act: Callable[[], object]) -> None:
        """Do something."""
        self.tried.step(self._way, act)

    def begun(self, session: Session | None) -> None:
        """Remember a session that the target has begun."""
        if session is not None and session.begun:
            self.charges.append(_Charge(session))

    def teardown(self) -> None:
        """End all that goes on."""
        while (charge := self.running()) is not None:
            if self._way.broke or self.tried.is_over:
                self._end_in_silence(charge)
            else:
                self.step(lambda charge=charge: self.finish(charge))  # type: ignore[misc]
            self.charges.remove(charge)
        self.tried.end(self._way)

    def _end_in_silence(self, charge: _Charge) -> None:
        with contextlib.suppress(Unobserved, TargetDown):
            self.finish(charge)

    def finish(self, charge: _Charge) -> None:
        """End a charge."""
        raise NotImplementedError


class SessionsOfCpo(_Sequence):
    """What drivers do at the charging points of a CPO, with the app and with cards."""

    cpo: ClassVar[Cpo]

    def _free(self, pick: int) -> str | None:
        try:
            free = self.cpo.free_evses()
        except Unobserved:
            return None
        return sorted(free)[pick % len(free)]

    def finish(self, charge: _Charge) -> None:
        """Stop a charge, or a reservation."""
        if charge.session.begun_by.by_target:
            self.cpo.charge_detail_record(charge.session)
        else:
            self.cpo.finish(charge.session)

    @rule(pick=_PICK, how=st.sampled_from(("app", "reservation", "stranger", *_MEDIA)))
    def somebody_comes(self, pick: int, how: str) -> None:
        """A customer taps start or reserves, or somebody shows a medium, at an EVSE that is free."""
        evse = self._free(pick)
        if evse is None or (how == "reservation" and not self.cpo.offers(_RESERVE)):
            return

        def begin() -> None:
            if how == "app":
                self._arrived(self.cpo.remote_start(evse))
            elif how == "reservation":
                self._arrived(self.cpo.ask_reservation(evse))
            elif how == "stranger":
                self.cpo.swipe(self.cpo.messages.stranger(_MEDIA[pick % len(_MEDIA)]), evse)
            else:
                self.begun(self.cpo.swipe_in(self.cpo.customer(how), evse))

        self.step(begin)

    def _arrived(self, start: Exchange) -> None:
        session = self.cpo.session_of(start)
        self.begun(session)
        if session is not None and session.begun:
            self.cpo.arrive(session)

    @_WHILE_CHARGING
    @rule(pick=_PICK, which=_PICK)
    def something_happens(self, pick: int, which: int) -> None:
        """Energy flows, goes on, ends, or a fault occurs."""
        charge = self.running(pick)
        declared = self.hub.profile.supports.eRoamingChargingNotifications
        kinds = [kind for kind in declared if charge and charge.may(kind)]
        if charge and charge.session.begun_by.operation != _RESERVE and kinds:
            kind = kinds[which % len(kinds)]
            charge.told.append(kind)
            self.step(lambda: self.cpo.notify(charge.session, kind, times=charge.told.count(kind)))

    @_WHILE_CHARGING
    @rule(pick=_PICK, how=st.sampled_from(("app", "medium", "plug")))
    def somebody_goes(self, pick: int, how: str) -> None:
        """The customer taps stop or releases, shows the medium again, or unplugs."""
        charge = self.running(pick)
        assert charge is not None
        session = charge.session

        def end() -> None:
            if session.begun_by.operation == _RESERVE or (how == "app" and not session.begun_by.by_target):
                self.cpo.remote_stop(session)
            elif how == "app":
                self.cpo.remote_stop_of_card(session)
            elif how == "medium" and session.begun_by.by_target and self._stops:
                self.cpo.swipe_out(session)
            self.cpo.charge_detail_record(session)

        self.step(end)

    @property
    def _stops(self) -> bool:
        return self.cpo.offers("eRoamingAuthorizeStop")

    @_AFTER_A_START
    @rule(pick=_PICK, what=st.sampled_from(("start", "stop", "swipe")))
    def somebody_errs(self, pick: int, what: str) -> None:
        """A start where somebody charges, a stop of what is over, a stranger's medium to stop a charge."""
        running, over = self.running(pick), self.over(pick)
        if what == "start" and running and running.session.begun_by.operation != _RESERVE:
            self.step(lambda: self._refused_start(running.session))
        elif what == "stop" and over and over.session.settled and over.session.begun_by.operation != _RESERVE:
            purpose = STOP_OF_ENDED_SESSION.id
            self.step(lambda: self.cpo.remote_stop(over.session, purpose=purpose, expects="refuse"))
        elif what == "swipe" and running and running.session.begun_by.by_target and self._stops:
            self.step(lambda: self.cpo.swipe_out(running.session, self.cpo.messages.stranger()))

    def _refused_start(self, running: Session) -> None:
        self.cpo.arrive(running, surely=True)
        evse, purpose = running.evse or "", OCCUPIED_EVSE.id
        self.cpo.close(self.cpo.remote_start(evse, purpose=purpose, expects="refuse"), evse)


class SessionsOfEmp(_Sequence):
    """What an EMP hears of its customers' charges."""

    emp: ClassVar[Emp]

    @property
    def _is_online(self) -> bool:
        return self.hub.profile.partner.mode == "online"

    def finish(self, charge: _Charge) -> None:
        """Settle a charge: what the app began, after a stop."""
        if charge.session.begun_by.by_target and charge.session.stopped_by is None:
            self.emp.app.stop(charge.session)
        if self._is_online:
            self.emp.charge_detail_record(self.emp.messages.record(charge.session))

    @rule(pick=_PICK, how=st.sampled_from(("app", "medium")))
    def somebody_comes(self, pick: int, how: str) -> None:
        """A customer who has no session open taps start, or shows a medium."""
        if how == "app" or not self._is_online or not self.emp.customers.known():
            if self.emp.is_free(self.emp.app_customer()):
                self.step(lambda: self.begun(self.emp.started(self.emp.tap_start())))
            return
        free = [one for one in self.emp.customers.known() if self.emp.is_free(one)]
        if not free:
            return
        customer = free[pick % len(free)]

        def start() -> None:
            exchange = self.emp.authorize_start(customer, alone=False)
            self.begun(self.hub.sessions.get(exchange.request.get("SessionID")))

        self.step(start)

    @_WHILE_CHARGING
    @rule(pick=_PICK, who=st.sampled_from(("customer", "stranger")))
    def somebody_wants_to_stop(self, pick: int, who: str) -> None:
        """The customer taps stop or shows the medium again, or a stranger shows one."""
        charge = self.running(pick)
        assert charge is not None
        session = charge.session
        if session.begun_by.by_target:
            self.step(lambda: self.emp.app.stop(session))
        elif self._stops and who == "customer":
            self.step(lambda: self.emp.authorize_stop(session))
        elif self._stops:
            other, purpose = self.emp.customers.stranger(), OTHER_MEDIUM.id
            self.step(lambda: self.emp.authorize_stop(session, other, purpose=purpose, expects="refuse"))

    @property
    def _stops(self) -> bool:
        return bool(self._is_online and self.hub.profile.supports.eRoamingAuthorizeStop)

    @_AFTER_A_START
    @rule(pick=_PICK, kind=st.sampled_from(NOTIFICATION_TYPES))
    def something_happens(self, pick: int, kind: str) -> None:
        """A notification comes in its order, or in another one: then it may be refused."""
        if not self.charges or kind not in self.hub.profile.supports.eRoamingChargingNotifications:
            return
        charge = self.charges[pick % len(self.charges)]
        is_next = charge.may(kind) and not charge.is_over
        # The next Progress is due in five minutes, and nothing happens when the charge has ended.
        is_next = is_next and not (kind == "Progress" and kind in charge.told) and "End" not in charge.told
        expects: Expects = "accept" if is_next else "any"
        charge.told.append(kind)
        body = self.emp.messages.notification(charge.session, kind)
        self.step(lambda: self.emp.notify(body, expects=expects))

    @_AFTER_A_START
    @rule(pick=_PICK)
    def it_is_settled(self, pick: int) -> None:
        """A record comes, also of what was not stopped; one that comes again may be refused."""
        if not self.charges or not self._is_online:
            return
        session = self.charges[pick % len(self.charges)].session
        body = self.emp.messages.record(session)
        if session.settled:
            purpose = REPEATED.id
            self.step(lambda: self.emp.charge_detail_record(body, purpose=purpose, expects="any"))
        else:
            self.step(lambda: self.emp.charge_detail_record(body))


def sessions_of_cpo(tried: Property, hub: Stage, cpo: Cpo) -> None:
    """Go through sessions of a CPO in many orders."""
    tried.sequences(type("SessionsOfCpo", (SessionsOfCpo,), {"tried": tried, "hub": hub, "cpo": cpo}), STEPS)


def sessions_of_emp(tried: Property, hub: Stage, emp: Emp) -> None:
    """Go through sessions of an EMP in many orders."""
    emp.close_all()
    tried.sequences(type("SessionsOfEmp", (SessionsOfEmp,), {"tried": tried, "hub": hub, "emp": emp}), STEPS)
