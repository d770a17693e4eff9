"""Generated requests on their way, with what has to be there before and after.

Whatever begins is ended; what was refused has changed nothing, and that is tried, too.
"""

from collections.abc import Collection
from typing import Literal

from hypothesis import strategies as st

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.emp_messages import Identification
from oicp_conformance.actors.stage import Stage
from oicp_conformance.generated import drafts as d
from oicp_conformance.generated.drafts import Body, Draft
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange, Expects
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.judge.requirements import (
    authorizations,
    charge_detail_records,
    remote_sessions,
    reservations,
)
from oicp_conformance.judge.requirements.acceptance import (
    MALFORMED,
    NON_ASCII,
    NULLS,
    SEPARATORS,
    UNKNOWN_FIELD,
    VALID,
)
from oicp_conformance.oicp.operations import BY_NAME, Operation

START, STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"
RESERVE, RELEASE = "eRoamingAuthorizeRemoteReservationStart", "eRoamingAuthorizeRemoteReservationStop"
AUTHORIZE, AUTHORIZE_STOP = "eRoamingAuthorizeStart", "eRoamingAuthorizeStop"
NOTIFY, CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"

OF_CPO = (START, STOP, RESERVE, RELEASE)
OF_EMP = (AUTHORIZE, AUTHORIZE_STOP, NOTIFY, CDR)
_FREEDOMS = (d.ORDINARY, d.NULLS, d.UNKNOWN, d.CHARACTERS, d.WILD)
_SPECIAL = {d.NULLS: NULLS.id, d.UNKNOWN: UNKNOWN_FIELD.id, d.CHARACTERS: NON_ASCII.id}
_PRODUCTS = ("AC1", "AC3", "DC")
"""Products of the CPO that the hub plays towards an EMP."""


class _Requests:
    """What both roles have in common."""

    def __init__(self, hub: Stage, operation: str, purposes: dict[str, tuple[str, Expects]]) -> None:
        self._hub = hub
        self.operation: Operation = BY_NAME[operation]
        self._purposes = {
            **{one: (_SPECIAL.get(one, self._basic), "accept") for one in _FREEDOMS},
            **purposes,
        }

    @property
    def _basic(self) -> str:
        return {
            AUTHORIZE: authorizations.ACCEPTED.id,
            AUTHORIZE_STOP: authorizations.OWN_MEDIUM.id,
        }.get(self.operation.name, VALID.id)

    @property
    def _names(self) -> Collection[str]:
        return list(self.operation.requests)

    @property
    def freedoms(self) -> list[str]:
        """What is tried with valid requests, each in its turn; there is most to ordinary ones."""
        return [d.ORDINARY, d.ORDINARY, *self._purposes]

    @property
    def valid(self) -> st.SearchStrategy[Draft]:
        """Drafts of requests as the contract allows them."""
        return d.drafts(self.operation, self._hub.profile.target.role, names=self._names)

    @property
    def invalid(self) -> st.SearchStrategy[Draft]:
        """Drafts of requests as it does not."""
        return d.drafts(self.operation, self._hub.profile.target.role, names=self._names, valid=False)

    def _call(self, draft: Draft, body: Body, expects: Expects) -> Exchange:
        purpose, meant = self._purposes[draft.freedom]
        return self._forward(body, purpose=purpose, expects=expects if meant == "accept" else meant)

    def _forward(self, body: Body, *, purpose: str, expects: Expects) -> Exchange:
        return self._hub.call(self.operation.name, body, purpose=purpose, expects=expects)

    def _call_wrong(self, wrong: d.Wrong) -> Exchange:
        counterpart = self._hub.profile.counterpart
        return self._hub.call(
            self.operation.name,
            wrong.body,
            raw=wrong.raw,
            purpose=MALFORMED.id,
            expects=wrong.expects,
            ids={"providerID": counterpart.provider_id, "operatorID": counterpart.operator_id},
        )

    def _whole(self, draft: Draft, body: Body, *texts: str) -> tuple[Body, Expects]:
        located = self.operation.request_model(self._hub.profile.target.role, body)
        assert located is not None
        return d.fitted(located[1], draft, body, texts=texts)

    def _wrong(self, draft: Draft, body: Body) -> d.Wrong:
        return d.wronged(self.operation, self._hub.profile.target.role, draft, body)


def drafts_of(
    hub: Stage, driver: Cpo | Emp, operation: str, kind: Literal["valid", "invalid"]
) -> st.SearchStrategy[Draft]:
    """Drafts of the requests of an operation to the target that a driver drives."""
    requests: _Requests
    if isinstance(driver, Cpo):
        requests = RequestsToCpo(hub, driver, operation)
    else:
        requests = RequestsToEmp(hub, driver, operation)
    return requests.valid if kind == "valid" else requests.invalid


# --- a CPO

_NONE = {
    START: remote_sessions.UNKNOWN_EVSE,
    STOP: remote_sessions.STOP_OF_UNKNOWN_SESSION,
    RESERVE: reservations.UNKNOWN_EVSE,
    RELEASE: reservations.UNKNOWN_SESSION,
}
"""What a request of an EVSE or a session that there is not tries."""


class RequestsToCpo(_Requests):
    """Generated requests of one operation to a CPO."""

    def __init__(self, hub: Stage, cpo: Cpo, operation: str) -> None:
        begins = operation in {START, RESERVE}
        none = _NONE[operation].id
        super().__init__(
            hub,
            operation,
            {d.SEPARATORS: (SEPARATORS.id, "accept"), d.ELSEWHERE: (none, "refuse")},
        )
        self._cpo = cpo
        self._begins = begins
        self._reserves = operation in {RESERVE, RELEASE}
        self._running: Session | None = None

    def send(self, draft: Draft) -> None:
        """Send a valid request, and end what it has begun."""
        if self._begins:
            self._start(draft)
        else:
            self._stop(draft)

    def send_wrong(self, draft: Draft) -> None:
        """Send an invalid request, and see that it has changed nothing."""
        if self._begins:
            self._start_wrong(draft)
        else:
            self._stop_wrong(draft)

    def close(self) -> None:
        """End what was running while invalid requests came."""
        if self._running is not None and self._running.stopped_by is None:
            self._cpo.finish(self._running)

    # --- what begins a session

    def _evse(self, draft: Draft) -> str:
        free = self._cpo.free_evses()
        chosen = self._cpo.evse_ids[draft.pick % len(self._cpo.evse_ids)]
        return chosen if chosen in free else free[0]

    def _request(self, draft: Draft, evse: str) -> Body:
        provider = self._hub.profile.counterpart.provider_id
        given = draft.body if isinstance(draft.body, dict) else {}
        made = d.evco_id(given.get("Identification"), provider)
        identification = self._cpo.messages.stranger("RemoteIdentification")
        # A contract in an unusual form is tried by itself, so that it is not taken for something else.
        if draft.freedom in {d.ORDINARY, d.WILD} and made is not None and not self._is_charging(made):
            identification = {"RemoteIdentification": {"EvcoID": made}}
        body: Body = {
            "SessionID": self._hub.hubject.session_id(),
            "EMPPartnerSessionID": f"EMP-{draft.pick}",
            "ProviderID": provider,
            "EvseID": evse,
            "Identification": identification,
        }
        if products := self._hub.hubject.products(evse):
            body["PartnerProductID"] = products[draft.pick % len(products)]
        if draft.freedom == d.WILD and isinstance(given.get("PartnerProductID"), str):
            body["PartnerProductID"] = given["PartnerProductID"]
        if self._reserves:
            any_duration = draft.freedom in {d.ORDINARY, d.WILD} and isinstance(given.get("Duration"), int)
            body["Duration"] = given["Duration"] if any_duration else 15
        return body

    def _is_charging(self, evco: str) -> bool:
        """Whether a session of a customer goes on: it would be refused another one."""
        shown = medium({"RemoteIdentification": {"EvcoID": evco}})
        going_on = (one for one in self._hub.sessions if one.begun and not one.settled)
        return any(medium(one.identification) == shown for one in going_on)

    def _start(self, draft: Draft) -> None:
        evse = self._evse(draft)
        body, expects = self._whole(draft, self._request(draft, evse), "EMPPartnerSessionID")
        if draft.freedom == d.SEPARATORS:
            body |= d.without_separators(evse, body["ProviderID"], draft.pick)
        if draft.freedom == d.ELSEWHERE:
            operator = self._hub.profile.partner.operator_id or ""
            body["EvseID"] = d.evse_id(draft.body["EvseID"], operator, self._cpo.evse_ids)
        purpose, meant = self._purposes[draft.freedom]
        expects = expects if meant == "accept" else meant
        ask = self._cpo.ask_reservation if self._reserves else self._cpo.remote_start

        def varied(ordinary: Body) -> Body:
            # A repeated request is one of a session of its own.
            return body | {"SessionID": ordinary["SessionID"]}

        exchange = ask(evse, varied, purpose=purpose, expects=expects)
        session = self._cpo.session_of(exchange)
        if expects == "refuse":
            self._cpo.close(exchange, evse)
        elif session is not None and session.begun:
            self._cpo.finish(self._cpo.arrive(session))
        elif expects == "accept":
            control = self._cpo.session_of(ask(evse, control=exchange.number))
            if control is not None and control.begun:
                self._cpo.finish(self._cpo.arrive(control))

    def _start_wrong(self, draft: Draft) -> None:
        evse = self._evse(draft)
        exchange = self._call_wrong(self._wrong(draft, self._request(draft, evse)))
        session = self._cpo.session_of(exchange)
        if answer_of(exchange) is Answer.POSITIVE:
            self._cpo.close(exchange, evse)
        elif session is not None:
            session.evse = evse
            nothing = (_NONE[RELEASE] if self._reserves else remote_sessions.NOTHING_STARTED).id
            self._cpo.remote_stop(session, purpose=nothing, expects="refuse")

    # --- what ends one

    def _session(self) -> Session:
        return self._cpo.reserve() if self._reserves else self._cpo.start()

    def _session_for(self, draft: Draft) -> Session:
        """A session that began with the ids that the stop has: they stay the same."""

        def varied(body: Body) -> Body:
            if draft.freedom == d.CHARACTERS:
                names = ("SessionID", "EMPPartnerSessionID", "ProviderID", "EvseID")
                stop = {name: body[name] for name in names}
                made, _ = self._whole(draft, stop, "EMPPartnerSessionID")
                return body | {"EMPPartnerSessionID": made["EMPPartnerSessionID"]}
            if draft.freedom == d.SEPARATORS:
                return body | d.without_separators(body["EvseID"], body["ProviderID"], draft.pick)
            if draft.freedom == d.NULLS or draft.body.get("EMPPartnerSessionID") is None:
                return {name: value for name, value in body.items() if name != "EMPPartnerSessionID"}
            return body

        return self._cpo.reserve_as(varied) if self._reserves else self._cpo.start_as(varied)

    def _stop(self, draft: Draft) -> None:
        purpose, meant = self._purposes[draft.freedom]
        if meant == "refuse":
            session = self._session()
            elsewhere = self._cpo.messages.stop_request(session) | {"SessionID": draft.body["SessionID"]}
            self._call(draft, elsewhere, "refuse")
            self._cpo.finish(session)
            return
        session = self._session_for(draft)
        body, expects = self._whole(draft, self._cpo.messages.stop_request(session))
        if session.emp_partner and draft.freedom != d.WILD:
            body["EMPPartnerSessionID"] = session.emp_partner[0]
        if expects == "accept":
            self._cpo.stop_with(session, purpose, lambda _: body)
            return
        self._call(draft, body, expects)
        if session.stopped_by is None:
            self._cpo.finish(session)
        else:  # a second stop would be rejected again and again
            self._cpo.charge_detail_record(session)

    def _stop_wrong(self, draft: Draft) -> None:
        if self._running is None or self._running.stopped_by is not None:
            self._running = self._session()
        self._call_wrong(self._wrong(draft, self._cpo.messages.stop_request(self._running)))
        if self._running.stopped_by is not None:
            self._cpo.settle_in_silence(self._running)


# --- an EMP

_TIMES = (
    "ChargingStart",
    "ChargingEnd",
    "SessionStart",
    "SessionEnd",
    "EventOccurred",
    "PenaltyTimeStart",
)
_FIGURES = (
    "MeterValueStart",
    "MeterValueEnd",
    "MeterValueInBetween",
    "ConsumedEnergy",
    "ConsumedEnergyProgress",
    "ChargingDuration",
)
_ORDER = ("Start", "Progress", "End", None)


class RequestsToEmp(_Requests):
    """Generated requests of one operation to an EMP."""

    def __init__(self, hub: Stage, emp: Emp, operation: str) -> None:
        special: dict[str, dict[str, tuple[str, Expects]]] = {
            AUTHORIZE: {
                d.STRANGER: (authorizations.UNKNOWN.id, "refuse"),
                d.ELSEWHERE: (authorizations.OTHER_OPERATOR.id, "any"),
            },
            AUTHORIZE_STOP: {
                d.STRANGER: (authorizations.OTHER_MEDIUM.id, "refuse"),
                d.ELSEWHERE: (authorizations.UNKNOWN_SESSION.id, "refuse"),
            },
            CDR: {d.ELSEWHERE: (charge_detail_records.UNKNOWN_SESSION.id, "any")},
        }
        super().__init__(hub, operation, special.get(operation, {}))
        self._emp = emp
        self._running: Session | None = None

    @property
    def _kinds(self) -> list[str]:
        """The types of notification that the profile declares."""
        return list(self._hub.profile.supports.eRoamingChargingNotifications)

    @property
    def _names(self) -> Collection[str]:
        if self.operation.name != NOTIFY:
            return super()._names
        return [f"eRoamingChargingNotification{kind}" for kind in self._kinds]

    def _customer(self, draft: Draft) -> Identification:
        customers = self._emp.customers.known() or [self._emp.customer()]
        customer = customers[draft.pick % len(customers)]
        self._emp.make_free(customer)
        return customer

    def _session(self, draft: Draft) -> Session:
        """A session for a request that is to be accepted; its CPO's id has the characters of the draft."""
        if draft.freedom != d.CHARACTERS:
            return self._emp.session_to_stop()
        form = next(iter(self.operation.requests.values()))[self._hub.profile.target.role]
        return self._emp.session_to_stop(cpo_id=d.text_of(form, "CPOPartnerSessionID", draft))

    def _ordinary(self, draft: Draft, session: Session | None) -> Body:
        """What an ordinary request says that has every field which is to be there at times."""
        if session is None:
            return self._emp.messages.authorize_request(self._customer(draft))
        if self.operation.name == AUTHORIZE_STOP:
            return self._emp.messages.stop_request(session)
        if self.operation.name == CDR:
            whole = self._emp.messages.whole_record(session)
            return {name: value for name, value in whole.items() if name != "SignedMeteringValues"}
        kind = draft.body.get("Type") if isinstance(draft.body, dict) else None
        return self._emp.messages.notification(
            session, kind if kind in self._kinds else self._kinds[draft.pick % len(self._kinds)]
        )

    # --- valid ones

    def _forward(self, body: Body, *, purpose: str, expects: Expects) -> Exchange:
        if self.operation.name == AUTHORIZE:
            # Whose last record may not be settled yet is asked for again, each time in a new session.
            return self._emp.authorize_start(
                body["Identification"],
                lambda ordinary: body | {"SessionID": ordinary["SessionID"]},
                purpose=purpose,
                expects=expects,
            )
        # What is generated fails nobody for what a scenario only warns of, as that such a CDR is rejected.
        if self.operation.name == CDR and expects == "accept" and body.get("ConsumedEnergy") == 0:
            expects = "any"
        return self._emp.follow(self.operation.name, body, purpose=purpose, expects=expects)

    def send(self, draft: Draft) -> None:
        """Send a valid request; where it is refused, an ordinary one, to see what was the reason."""
        session = None if self.operation.name == AUTHORIZE else self._session(draft)
        ordinary = self._ordinary(draft, session)
        body, expects = self._fitted(draft, ordinary, is_first=session is None)
        if session is not None and body.get("Type") in {"Progress", "End"} and "Start" in self._kinds:
            self._tell_start(session, body)
        exchange = self._call(draft, body, expects)
        if exchange.expects == "accept" and answer_of(exchange) is not Answer.POSITIVE:
            self._control(draft, session, exchange)

    def _tell_start(self, session: Session, body: Body) -> None:
        """Notify the start of a charge of which something else is to be notified."""
        start = self._emp.messages.notification(session, "Start")
        same = {name: body[name] for name in start if name != "Type" and body.get(name) is not None}
        self._emp.notify(start | same)

    def _fitted(self, draft: Draft, ordinary: Body, *, is_first: bool) -> tuple[Body, Expects]:
        given = draft.body
        texts = ["ErrorAdditionalInfo", "SignedMeteringValues"]
        if is_first:
            # Later it is the one that the session began with.
            texts.append("CPOPartnerSessionID")
        if draft.freedom == d.WILD:
            made = {name: given[name] for name in (*_TIMES, *_FIGURES) if given.get(name) is not None}
        elif draft.freedom == d.ORDINARY:
            times = {name: ordinary[name] for name in _TIMES if name in ordinary}
            made = d.moments(given, times) | d.energies(given, ordinary, draft.pick)
        else:
            made = {}
        fitting = ordinary | {name: value for name, value in made.items() if name in ordinary}
        body, expects = self._whole(draft, fitting, *texts)
        if "SignedMeteringValues" in body:
            values = [one for one in body.pop("SignedMeteringValues") or () if one]
            if values:
                body["SignedMeteringValues"] = sorted(
                    values[:10], key=lambda one: _ORDER.index(one.get("MeteringStatus"))
                )
        if body.get("Type") == "Progress" and body.get("ChargingDuration") is None:
            # One of the two figures has to be there.
            body["ConsumedEnergyProgress"] = fitting["ConsumedEnergyProgress"]
        if draft.freedom == d.STRANGER:
            partner = self._hub.profile.partner
            body["Identification"] = d.stranger(given["Identification"], partner.accepts, draft.pick)
        if draft.freedom == d.ELSEWHERE and is_first:
            body["OperatorID"] = str(given["OperatorID"]).upper()
            body["EvseID"] = d.evse_id(given.get("EvseID"), body["OperatorID"], ())
        elif draft.freedom == d.ELSEWHERE:
            body["SessionID"] = given["SessionID"]
        return body, expects

    def _control(self, draft: Draft, session: Session | None, refused: Exchange) -> None:
        if session is None:
            self._emp.authorize_start(self._customer(draft), control=refused.number)
            return
        if draft.freedom == d.CHARACTERS:
            session = self._emp.session_to_stop()
        if self.operation.name == AUTHORIZE_STOP:
            self._emp.authorize_stop(session, control=refused.number)
        elif self.operation.name == CDR:
            self._emp.charge_detail_record(self._emp.messages.record(session), control=refused.number)
        else:
            kind = str(refused.request.get("Type"))
            self._emp.notify(self._emp.messages.notification(session, kind), control=refused.number)

    # --- invalid ones

    def send_wrong(self, draft: Draft) -> None:
        """Send an invalid request, and see that it has changed nothing."""
        if self.operation.name == AUTHORIZE:
            self._authorize_wrong(draft)
            return
        if self._running is None or self._running.stopped_by is not None or self._running.settled:
            self._running = self._emp.bystander()
        self._call_wrong(self._wrong(draft, self._ordinary(draft, self._running)))

    def _authorize_wrong(self, draft: Draft) -> None:
        customer = self._customer(draft)
        exchange = self._call_wrong(self._wrong(draft, self._ordinary(draft, None)))
        session = self._hub.sessions.get(exchange.request.get("SessionID"))
        if session is None or not session.refused or not self._hub.profile.supports.eRoamingAuthorizeStop:
            return
        self._emp.authorize_stop(
            session, customer, purpose=authorizations.UNKNOWN_SESSION.id, expects="refuse"
        )

    def close(self) -> None:
        """See that what ran while invalid requests came has not been ended by them."""
        session = self._running
        if session is None or session.stopped_by is not None or session.settled:
            return
        if self.operation.name == AUTHORIZE_STOP:
            self._emp.authorize_stop(session)
        elif self.operation.name == CDR:
            self._emp.charge_detail_record(self._emp.messages.record(session))
