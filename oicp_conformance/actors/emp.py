"""The EMP under test, as its tests speak of it: what Hubject sends it, and what its customers do."""

import contextlib
from collections.abc import Callable, Generator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub.inventory import catalogue
from oicp_conformance.journal.answers import code_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange, Expects, Part
from oicp_conformance.journal.notes import Upload
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import plain_id

_START, _STOP = "eRoamingAuthorizeStart", "eRoamingAuthorizeStop"
_REMOTE_START, _REMOTE_STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"
_NOTIFY, _CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"
_PUSH = "eRoamingPushAuthenticationData"
_RESERVE, _RELEASE = "eRoamingAuthorizeRemoteReservationStart", "eRoamingAuthorizeRemoteReservationStop"
Identification = Mapping[str, Any]
Change = Callable[[dict[str, Any]], dict[str, Any]]


def _as_it_is(body: dict[str, Any]) -> dict[str, Any]:
    return body


class Emp:
    """An e-mobility provider's backend."""

    def __init__(self, hub: Stage) -> None:
        self._hub = hub
        self._partner = hub.profile.partner
        self._counterpart = hub.profile.counterpart
        self._published: list[dict[str, Any]] = []

    # --- customers

    def customers(self, *kinds: str) -> list[Identification]:
        """The identifications that can be shown at a charger, of some kinds or of all but the app's."""
        return [
            one
            for one in self._partner.accepts
            if (not kinds or next(iter(one)) in kinds)
            and next(iter(one)) not in {"RemoteIdentification", "RFIDIdentification"}
        ]

    def customer(self) -> Identification:
        """A customer with a card, a code or a car."""
        if not self.customers():
            raise Unobserved("the profile has no identification that is shown at a charger", Cause.PROFILE)
        return self.customers()[0]

    def app_customer(self) -> Identification:
        """A customer with the app."""
        for one in self._partner.accepts:
            if "RemoteIdentification" in one:
                return one
        for one in self._partner.accepts:
            for value in one.values():
                if "EvcoID" in value:
                    return {"RemoteIdentification": {"EvcoID": value["EvcoID"]}}
        made: Identification = self._hub.faker.identification(
            "RemoteIdentification", self._partner.provider_id
        )
        return made

    def stranger(self, kind: str = "RFIDMifareFamilyIdentification") -> Identification:
        """Somebody whom the EMP does not know."""
        made: Identification = self._hub.faker.identification(kind, self._partner.provider_id)
        return made

    # --- a driver at a charger, seen from the EMP

    def authorize_request(self, identification: Identification, **fields: Any) -> dict[str, Any]:
        """An ordinary eRoamingAuthorizeStart."""
        return {
            "SessionID": self._hub.hubject.session_id(),
            "CPOPartnerSessionID": self._hub.faker.partner_session_id(),
            "OperatorID": self._counterpart.operator_id,
            "EvseID": self._counterpart.evse_ids[0],
            "Identification": dict(identification),
            "PartnerProductID": self._hub.faker.product_id(),
            **fields,
        }

    def authorize_start(
        self,
        identification: Identification,
        change: Change = _as_it_is,
        *,
        purpose: str = "eRoamingAuthorizeStart.accepted",
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
    ) -> Exchange:
        """Forward an eRoamingAuthorizeStart, changed as wanted."""
        body = change(self.authorize_request(identification))
        return self._hub.call(_START, body, purpose=purpose, expects=expects, control=control, raw=raw)

    def authorize_with(self, purpose: str, change: Change) -> Exchange:
        """Forward a variation; where it is refused, the same without it, to see what was the reason."""
        customer = self.customer()
        exchange = self.authorize_start(customer, change, purpose=purpose)
        if not self._began(exchange):
            self.authorize_start(customer, control=exchange.number)
        return exchange

    def _began(self, exchange: Exchange) -> bool:
        session = self._hub.sessions.get(exchange.request.get("SessionID"))
        return session is not None and session.begun

    def session(self) -> Session:
        """A session that the EMP authorized.

        Raises:
            Unobserved: it authorized none.
        """
        if self._hub.profile.partner.mode == "offline":
            return self._session_of_app()
        exchange = self.authorize_start(self.customer())
        session = self._hub.sessions.get(exchange.request.get("SessionID"))
        if session is None or not session.begun:
            raise Unobserved(
                f"no session: the customer was not authorized ({code_of(exchange) or exchange.status})"
            )
        return session

    def _session_of_app(self) -> Session:
        """A session of an EMP that authorizes nobody online: one that its app began."""
        session = self._hub.sessions.get(self.tap_start().answer.get("SessionID"))
        if session is None:
            raise Unobserved("no session began")
        return session

    def authorize_stop(
        self,
        session: Session,
        identification: Identification | None = None,
        change: Change = _as_it_is,
        *,
        purpose: str = "eRoamingAuthorizeStop.own-medium",
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
    ) -> Exchange:
        """Forward an eRoamingAuthorizeStop, changed as wanted."""
        body = change(self.stop_request(session, identification))
        return self._hub.call(_STOP, body, purpose=purpose, expects=expects, control=control, raw=raw)

    def stop_request(self, session: Session, identification: Identification | None = None) -> dict[str, Any]:
        """An ordinary eRoamingAuthorizeStop."""
        return {
            **self._of_session(session),
            "OperatorID": self._counterpart.operator_id,
            "Identification": dict(identification or session.identification or {}),
        }

    def _of_session(self, session: Session) -> dict[str, Any]:
        partner = {
            "CPOPartnerSessionID": session.cpo_partner and session.cpo_partner[0],
            "EMPPartnerSessionID": session.emp_partner and session.emp_partner[0],
        }
        known = {name: value for name, value in partner.items() if value}
        return {"SessionID": session.id, **known, "EvseID": session.evse or self._counterpart.evse_ids[0]}

    # --- the charge, seen from the EMP

    def _moments(self, session: Session) -> Callable[[int], str]:
        """The times of a session, by minutes since it began: it ends when the EMP has heard of it."""
        zone = timezone(timedelta(hours=1))
        began = datetime.fromtimestamp(session.begun_by.started, zone).replace(microsecond=0)
        began -= timedelta(minutes=32)
        return lambda minutes: (began + timedelta(minutes=minutes)).isoformat()

    def record(self, session: Session, **fields: Any) -> dict[str, Any]:
        """An ordinary eRoamingChargeDetailRecord."""
        moment = self._moments(session)
        return {
            **self._of_session(session),
            "PartnerProductID": "AC3",
            "Identification": dict(session.identification or {}),
            "ChargingStart": moment(1),
            "ChargingEnd": moment(31),
            "SessionStart": moment(0),
            "SessionEnd": moment(32),
            "MeterValueStart": 1200.5,
            "MeterValueEnd": 1210.625,
            "MeterValueInBetween": {"meterValues": [1203.0, 1207.25]},
            "ConsumedEnergy": 10.125,
            **fields,
        }

    def whole_record(self, session: Session) -> dict[str, Any]:
        """A record with every field there is; texts are made longest elsewhere."""
        statuses = ["Start", *["Progress"] * 8, "End"]
        return self.record(
            session,
            SignedMeteringValues=[
                {"SignedMeteringValue": f"AP;{index};" + "A" * 2990, "MeteringStatus": status}
                for index, status in enumerate(statuses)
            ],
            CalibrationLawVerificationInfo={
                "CalibrationLawCertificateID": "PTB-X-XXXX : V1 : 01Jan2026".ljust(100, "x"),
                "PublicKey": "0" * 1000,
                "MeteringSignatureUrl": "https://127.0.0.1/signature.xml".ljust(200, "x"),
                "MeteringSignatureEncodingFormat": "EDL40 : V1".ljust(50, "x"),
                "SignedMeteringValuesVerificationInstruction": "x" * 400,
            },
            HubOperatorID=self._counterpart.operator_id,
            HubProviderID=self._partner.provider_id,
        )

    def charge_detail_record(
        self,
        body: dict[str, Any],
        *,
        purpose: str = "request.valid",
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
    ) -> Exchange:
        """Forward an eRoamingChargeDetailRecord."""
        return self._hub.call(_CDR, body, purpose=purpose, expects=expects, control=control, raw=raw)

    def notification(self, session: Session, kind: str, **fields: Any) -> dict[str, Any]:
        """An ordinary notification of a type, with all that its table has but the longest texts."""
        common = {
            "Type": kind,
            **self._of_session(session),
            "Identification": dict(session.identification or {}),
            "OperatorID": self._counterpart.operator_id,
        }
        moment = self._moments(session)
        times = {"ChargingStart": moment(1), "SessionStart": moment(0)}
        of_kind: dict[str, dict[str, Any]] = {
            "Start": {**times, "MeterValueStart": 1200.5, "PartnerProductID": "AC3"},
            "Progress": {
                **times,
                "EventOccurred": moment(11),
                "ChargingDuration": 600_000,
                "ConsumedEnergyProgress": 3.375,
                "MeterValueStart": 1200.5,
                "MeterValueInBetween": {"meterValues": [1203.875]},
                "PartnerProductID": "AC3",
            },
            "End": {
                **times,
                "ChargingEnd": moment(31),
                "SessionEnd": moment(32),
                "ConsumedEnergy": 10.125,
                "MeterValueStart": 1200.5,
                "MeterValueEnd": 1210.625,
                "MeterValueInBetween": {"meterValues": [1203.875]},
                "PartnerProductID": "AC3",
                "PenaltyTimeStart": moment(46),
            },
            "Error": {"ErrorType": "ConnectorError", "ErrorAdditionalInfo": "the plug is not locked"},
        }
        return {**common, **of_kind[kind], **fields}

    def notify(
        self,
        body: dict[str, Any],
        *,
        purpose: str = "request.valid",
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
    ) -> Exchange:
        """Forward a notification."""
        return self._hub.call(_NOTIFY, body, purpose=purpose, expects=expects, control=control, raw=raw)

    # --- what its customers and its people do

    def tap_start(self, evse: str | None = None, identification: Identification | None = None) -> Exchange:
        """A customer taps start in the app: the eRoamingAuthorizeRemoteStart that follows."""
        identification = identification or self.app_customer()
        evse = evse or self._counterpart.evse_ids[0]
        shown = medium(identification)

        def of_this_customer(one: Exchange) -> bool:
            at = one.request.get("EvseID")
            same = isinstance(at, str) and plain_id(at) == plain_id(evse)
            return medium(one.request.get("Identification")) == shown or same

        return self._hub.await_operation(
            _REMOTE_START,
            of_this_customer,
            requirement="request.sent",
            since=self._hub.last,
            stimulus={"EvseID": evse, "Identification": identification},
        )

    def started(self, begun: Exchange) -> Session:
        """The session that Hubject began for a remote start."""
        session = self._hub.sessions.get(begun.answer.get("SessionID"))
        if session is None or not session.begun:
            raise Unobserved(f"no session began: Hubject answered {code_of(begun) or begun.status}")
        return session

    def tap_stop(self, session: Session) -> Exchange:
        """The customer taps stop, or releases: the stop that follows."""
        return self._hub.await_operation(
            _RELEASE if session.begun_by.operation == _RESERVE else _REMOTE_STOP,
            lambda one: str(one.request.get("SessionID")).lower() == session.id.lower(),
            requirement="request.sent",
            since=self._hub.last,
            stimulus={"SessionID": session.id, "EvseID": session.evse or self._counterpart.evse_ids[0]},
            session=session,
        )

    def publish(self, action: str) -> Exchange:
        """The EMP publishes its customers: the push with the ActionType that was asked for."""
        return self._hub.await_operation(
            _PUSH,
            lambda one: one.request.get("ActionType") == action,
            requirement=f"{_PUSH}.{action}",
            since=self._hub.last,
            stimulus={"ActionType": action},
        )

    def pull(
        self,
        operation: str,
        requirement: str = "pull.last-page",
        parameters: Mapping[str, Any] | None = None,
    ) -> list[Exchange]:
        """The EMP pulls: all pages, where there are pages, up to the last one that came.

        Raises:
            Unobserved: nothing was pulled, or not the last page.
        """
        since = self._hub.last
        first = self._hub.await_operation(
            operation,
            lambda _: True,
            requirement="request.sent",
            since=since,
            stimulus=parameters or {},
        )
        if BY_NAME[operation].is_paged:
            self._while_pages_come(operation, since)
            self._hub.await_operation(
                operation, _is_last_page, requirement=requirement, since=since, after=first
            )
        elif requirement != "pull.last-page":
            self._hub.await_operation(
                operation, _is_answered, requirement=requirement, since=since, after=first
            )
        pulled = (one for one in self._hub.journal.closed() if one.number > since)
        return [one for one in pulled if one.by_target and one.operation == operation]

    def _while_pages_come(self, operation: str, since: int) -> None:
        """Wait for the last page as long as further ones come: an EMP may take its time between them."""
        read = -1
        while read < (now := self._hub.last):
            read = now
            if self._hub.wait_for(operation, _is_last_page, self._hub.patience(operation), since=since):
                break

    def ask(self, operation: str, parameters: Mapping[str, Any] | None = None) -> None:
        """The EMP pulls, and what becomes of it is not waited for: the first request is enough."""
        self._hub.await_operation(
            operation,
            lambda _: True,
            requirement="request.sent",
            since=self._hub.last,
            stimulus=parameters or {},
        )

    def some_evses(self, count: int) -> list[str]:
        """EvseIDs of the operator on the other side; most of them have never been heard of."""
        made = (self._hub.faker.evse_id(self._counterpart.operator_id) for _ in range(count))
        return [*self._counterpart.evse_ids, *made][:count]

    def period(self) -> dict[str, str]:
        """The days of which the EMP settles the charges."""
        now = self._hub.hubject.store.now
        begin, end = now - timedelta(days=1), now + timedelta(hours=1)
        return {"From": begin.isoformat(timespec="seconds"), "To": end.isoformat(timespec="seconds")}

    def publish_more_than(self, exchanges: list[Exchange]) -> None:
        """Have Hubject publish so many EVSEs that they do not fit on the page that the EMP asks for."""
        size = max((one.answer.get("size") or 0 for one in exchanges), default=0)
        operators = (self._counterpart.operator_id, "FR*LYN", "+49*810")
        if len(self._published) <= size:
            self._published = catalogue(self._hub.faker, size + 1, operators)
        # An EMP may pull only what has changed since its last call: something of each is another every time.
        for one in self._published:
            one["MaxCapacity"] = (one.get("MaxCapacity") or 0) + 1
        self._hub.hubject.store.let_time_pass()
        self._hub.hubject.store.publish(self._published)

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
        self.settle_offline(max(0, size + 1 - there))

    def settle_offline(self, count: int) -> None:
        """Hubject keeps records of charges that it authorized without the EMP."""
        store = self._hub.hubject.store
        for number in range(count):
            begun = Exchange(0, "hub-to-target", _START, "POST", "", Part(), store.now.timestamp())
            evse = self._counterpart.evse_ids[number % len(self._counterpart.evse_ids)]
            session = Session(self._hub.hubject.session_id(), begun, evse, self.customer())
            store.records.keep(self.record(session), store.now, forwarded=False)

    def tap_reserve(self) -> Exchange:
        """A customer reserves with the app: the eRoamingAuthorizeRemoteReservationStart that follows."""
        identification = self.app_customer()
        evse = self._counterpart.evse_ids[0]
        return self._hub.await_operation(
            _RESERVE,
            lambda one: medium(one.request.get("Identification")) == medium(identification),
            requirement="request.sent",
            since=self._hub.last,
            stimulus={"EvseID": evse, "Identification": identification, "Duration": 15},
        )

    def check_uploads(self) -> None:
        """See whether Hubject would authorize the profile's customers from what was uploaded.

        An EMP that is online may have Hubject ask for those whose kind of medium it does not upload.
        """
        pushes = [one.number for one in self._hub.journal.closed() if one.operation == _PUSH]
        if not pushes:
            raise Unobserved("nothing was uploaded")
        uploaded, is_online = self._hub.hubject.uploaded, self._hub.profile.partner.mode == "online"
        for customer in self.customers():
            key = medium(customer)
            if is_online and key is not None and key[0] not in uploaded.kinds:
                continue
            authorized = uploaded.authorizes(customer)
            self._hub.journal.note(Upload(self._hub.test, customer, authorized, pushes[-1]))

    def clean_up(self) -> None:
        """Close what a test has begun: the app's sessions with a stop, and all with a CDR."""
        for session in self._hub.sessions:
            if session.test != self._hub.test or not session.begun or session.settled:
                continue
            if session.begun_by.by_target and session.stopped_by is None:
                with contextlib.suppress(Unobserved):
                    self.tap_stop(session)
            if self._hub.profile.partner.mode == "online":
                self.charge_detail_record(self.record(session), purpose="request.valid", expects="any")


def _is_answered(one: Exchange) -> bool:
    return one.status == 200


def _is_last_page(one: Exchange) -> bool:
    return one.status == 200 and one.answer.get("last") is True
