"""Journals written by hand: what a target and the hub said to each other, without a target.

    journal = a_cpo()
    session = journal.remote_start()
    journal.notification("Start", session)
    journal.cdr(session, ConsumedEnergy=4.0)

Who sends what is the operation's matter: a remote start goes from the hub to a CPO, from an EMP to the hub.
Each message is in order as it stands, and is accepted. Keyword arguments change its fields, `ABSENT` drops
one; those in lower case say how it goes (`Way`).

The hub's clock begins at 13:00 and goes on by a second with each exchange, however long the answer takes: a
slow one overlaps the next. The times in messages are the target's own, of a session from 12:00 to 13:00.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from oicp_conformance.hub.script import acknowledgement
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.notes import Note, Plug, Quiet, Unseen, Upload, Wait
from oicp_conformance.judge.outcome import Record, party_of
from oicp_conformance.oicp.empty import EMPTY
from oicp_conformance.oicp.operations import BY_NAME, at_path
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import Profile
from selftest.unit import examples as ex
from selftest.unit.wording import Body, Way, changed, edited, part

EVSE, OTHER_EVSE, FOREIGN_EVSE = "DE*ABC*E1*1", "DE*ABC*E2*1", "DE*XYZ*E1*1"
CARD, OTHER_CARD = ex.CARD, {"RFIDMifareFamilyIdentification": {"UID": "DEADBEEF"}}
QR = {"QRCodeIdentification": {"EvcoID": ex.EVCO, "PIN": "1234"}}
CARD_BY_RFID = {"RFIDIdentification": {"UID": "1234ABCD", "RFID": "mifareCls"}}
QR_WITH_BOTH_PINS = {
    "QRCodeIdentification": {
        "EvcoID": ex.EVCO,
        "PIN": "1234",
        "HashedPIN": {
            "Value": "$2b$04$hvzJh27FpHlddD0osznM7ua1GqtmJ5N07eh6KEJu5rUidDPRJy2YW",
            "Function": "Bcrypt",
        },
    }
}
REMOTE = ex.REMOTE
PARTNERS = {"CPOPartnerSessionID": "of-cpo", "EMPPartnerSessionID": "of-emp"}
OPTIONS = {
    "eRoamingAuthorizeStop": True,
    "eRoamingChargingNotifications": ["Start", "Progress", "End", "Error"],
    "eRoamingReservation": True,
    "eRoamingDynamicPricing": True,
}
"""What is optional for both roles."""
OPTIONS_OF_EMP = {**OPTIONS, "eRoamingPushAuthenticationData": True, "eRoamingGetChargeDetailRecords": True}


def at(clock: str) -> str:
    """A time of the day on which all happens, as messages have it."""
    return f"2026-11-22T{clock}:00+01:00"


@dataclass(frozen=True)
class Session:
    """A session, as who goes on in it needs it."""

    id: str
    evse: str
    identification: Mapping[str, Any]
    begun_by: Exchange

    @property
    def about(self) -> Body:
        """What all messages of it have."""
        return {"SessionID": self.id, "EvseID": self.evse, "Identification": self.identification, **PARTNERS}


class Journal:
    """What was said and done in a run, one line after the other."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.exchanges: list[Exchange] = []
        self.notes: list[Note] = []
        self.clock = datetime.fromisoformat(at("13:00")).timestamp()
        self.test = "the test"

    @property
    def record(self) -> Record:
        """What the judge gets."""
        return Record(self.profile, tuple(self.exchanges), tuple(self.notes))

    @property
    def is_of_cpo(self) -> bool:
        """Whether the target is a CPO."""
        return self.profile.target.role == "cpo"

    # --- what the suite did

    def after(self, seconds: float) -> "Journal":
        """Some time goes by."""
        self.clock += seconds
        return self

    def waited(self, requirement: str, operation: str, came: Exchange | None = None, **details: Any) -> Wait:
        """The suite waited for an operation: `came` is what came, if it did."""
        number = came.number if came else None
        wait = Wait(self.test, requirement, operation, 10.0, number, **details)
        self.notes.append(wait)
        return wait

    def plugged(self, session: Session, outcome: str = "done", stimulus: str = "plug-in") -> Plug:
        """The suite asked for the cable of a session to be plugged in, or taken out."""
        plug = Plug(self.test, stimulus, outcome, session.id, len(self.exchanges))
        self.notes.append(plug)
        return plug

    def listened(self, seconds: float = 5.0) -> Quiet:
        """The suite listened for what must not come."""
        quiet = Quiet(self.test, self.clock, seconds)
        self.notes.append(quiet)
        return quiet

    def tried_upload(self, identification: Mapping[str, Any], *, authorized: bool, push: Exchange) -> None:
        """The hub looked for a customer in what was uploaded."""
        self.notes.append(Upload(self.test, identification, authorized, push.number))

    def could_not_see(self, operation: str, *requirements: str, cause: Cause, reason: str) -> None:
        """A test could not observe what it is about."""
        self.notes.append(Unseen(self.test, operation, requirements, reason, cause))

    # --- what was said

    def say(self, name: str, request: Mapping[str, Any], yes: Mapping[str, Any], given: Body) -> Exchange:
        """One request and its answer, both as they are in order; `given` changes them."""
        operation = BY_NAME[name]
        way, fields = Way.of(given)
        by_target = operation.parts[party_of(self.profile)].direction == "target-to-hub"
        partner = self.profile.partner if by_target else self.profile.counterpart
        ids = {"operatorID": partner.operator_id or "", "providerID": partner.provider_id or ""}
        path = way.path or operation.path_for(ids)
        found = at_path(path)
        # Whoever answers gives back what was given.
        echo = {one: fields[one] for one in PARTNERS if one in fields and one in yes}
        message = edited(changed(request, fields), way.edit)
        exchange = Exchange(
            number=len(self.exchanges) + 1,
            direction="target-to-hub" if by_target else "hub-to-target",
            operation=found[0].name if found else None,
            method=way.method,
            path=path + way.query,
            request=part(message if way.raw is None else way.raw, way.content_type),
            started=self.clock,
            finished=self.clock + way.answer.seconds,
            status=way.answer.status,
            answer=way.answer.part(operation, changed(yes, echo)),
            trouble=way.answer.trouble,
            test=self.test,
            scripted=way.scripted,
        )
        if not by_target:
            purpose = way.purpose or _ordinary(name, self.profile.target.role)
            exchange = replace(exchange, purpose=purpose, expects=way.expects, control=way.control)
            exchange = replace(exchange, repeats=way.repeats)
        self.exchanges.append(exchange)
        self.clock += 1.0
        return exchange

    def _begin(self, name: str, request: Body, yes: Body, given: Body) -> Session:
        new = {"SessionID": f"0000abcd-0000-4000-8000-{len(self.exchanges) + 1:012d}"}
        # Hubject makes the id: it is in its answer, or in its request.
        is_asked = BY_NAME[name].parts[party_of(self.profile)].direction == "target-to-hub"
        exchange = self.say(name, request if is_asked else new | request, new | PARTNERS | yes, given)
        asked = exchange.request.object
        return Session(new["SessionID"], asked.get("EvseID", EVSE), asked.get("Identification", {}), exchange)

    def authorize_start(self, **given: Any) -> Session:
        """A card is presented."""
        request = ex.authorize(CPOPartnerSessionID="of-cpo")
        return self._begin("eRoamingAuthorizeStart", request, _AUTHORIZED, given)

    def remote_start(self, **given: Any) -> Session:
        """A driver starts with the app."""
        request = ex.without(ex.remote(EMPPartnerSessionID="of-emp"), "SessionID")
        return self._begin("eRoamingAuthorizeRemoteStart", request, acknowledgement(), given)

    def reservation_start(self, **given: Any) -> Session:
        """A driver reserves."""
        request = ex.without(ex.remote(EMPPartnerSessionID="of-emp", Duration=15), "SessionID")
        return self._begin("eRoamingAuthorizeRemoteReservationStart", request, acknowledgement(), given)

    def authorize_stop(self, session: Session, **given: Any) -> Exchange:
        """The card is presented again."""
        request, yes = ex.authorize(**session.about), _AUTHORIZED | {"SessionID": session.id}
        return self.say("eRoamingAuthorizeStop", request, yes, given)

    def remote_stop(self, session: Session, **given: Any) -> Exchange:
        """A driver stops with the app."""
        return self._stop("eRoamingAuthorizeRemoteStop", session, given)

    def reservation_stop(self, session: Session, **given: Any) -> Exchange:
        """A driver gives a reservation back."""
        return self._stop("eRoamingAuthorizeRemoteReservationStop", session, given)

    def _stop(self, name: str, session: Session, given: Body) -> Exchange:
        request = ex.without(ex.remote_stop(**session.about), "Identification")
        return self.say(name, request, acknowledgement(SessionID=session.id, **PARTNERS), given)

    def notification(self, kind: str, session: Session, **given: Any) -> Exchange:
        """Something happens in a session."""
        request = ex.notification(kind, **session.about) | _OF_KIND.get(kind, {})
        if kind == "Progress":
            begun, event = (
                str(given.get(name, request[name])) for name in ("ChargingStart", "EventOccurred")
            )
            passed = datetime.fromisoformat(event) - datetime.fromisoformat(begun)
            request["ChargingDuration"] = int(passed.total_seconds() * 1000)
        return self.say(
            "eRoamingChargingNotifications", request, acknowledgement(SessionID=session.id), given
        )

    def cdr(self, session: Session, **given: Any) -> Exchange:
        """A session is over: 4 kWh, from 12:00 to 13:00."""
        request = ex.charge_detail_record(**session.about) | _FIGURES
        yes = acknowledgement(SessionID=session.id, **PARTNERS)
        return self.say("eRoamingChargeDetailRecord", request, yes, given)

    def push_evse_data(self, *records: Body, action: str = "fullLoad", **given: Any) -> Exchange:
        """The data of EVSEs; of one, unless others are given."""
        request = ex.push_evses(*(records or [ex.evse()])) | {"ActionType": action}
        return self.say("eRoamingPushEvseData", request, acknowledgement(), given)

    def push_evse_status(self, *states: tuple[str, str], action: str = "fullLoad", **given: Any) -> Exchange:
        """The statuses of EVSEs; of one, unless others are given."""
        records = [{"EvseID": one, "EvseStatus": status} for one, status in states or [(EVSE, "Available")]]
        data = {"OperatorID": "DE*ABC", "OperatorName": "ABC", "EvseStatusRecord": records}
        request = {"ActionType": action, "OperatorEvseStatus": data}
        return self.say("eRoamingPushEvseStatus", request, acknowledgement(), given)

    def push_products(self, *records: Body, action: str = "fullLoad", **given: Any) -> Exchange:
        """Pricing products; one, unless others are given."""
        request = ex.push_products(*(records or [ex.product()])) | {"ActionType": action}
        return self.say("eRoamingPushPricingProductData", request, acknowledgement(), given)

    def push_prices(self, *records: Body, action: str = "fullLoad", **given: Any) -> Exchange:
        """What EVSEs cost; one, unless others are given."""
        prices = list(records) or [ex.evse_pricing(EvseID=EVSE)]
        request = {"ActionType": action, "EVSEPricing": prices}
        return self.say("eRoamingPushEVSEPricing", request, acknowledgement(), given)

    def push_customers(self, *identifications: Body, action: str = "fullLoad", **given: Any) -> Exchange:
        """Authentication data; of one card, unless others are given."""
        records = [{"Identification": one} for one in identifications or [CARD]]
        data = {"ProviderID": "DE-DCB", "AuthenticationDataRecord": records}
        request = {"ActionType": action, "ProviderAuthenticationData": data}
        return self.say("eRoamingPushAuthenticationData", request, acknowledgement(), given)

    def pull(self, name: str, query: str = "", **given: Any) -> Exchange:
        """A pull; of the first page, which is the last one, too, unless a query is given."""
        query = query or ("?page=0&size=100" if BY_NAME[name].is_paged else "")
        yes = {**EMPTY[name], "StatusCode": ex.SUCCESS}
        return self.say(name, _PULLS[name], yes, {"query": query, **given})

    # --- whatever the role

    def target_sends(self, **given: Any) -> Exchange:
        """Something that the target sends of itself, outside of sessions."""
        if self.is_of_cpo:
            return self.push_evse_status(**given)
        return self.pull("eRoamingPullEvseStatus", **given)

    def hub_asks(self, **given: Any) -> Exchange:
        """Something that the hub asks of the target, and that it acknowledges."""
        if self.is_of_cpo:
            return self.remote_start(**given).begun_by
        return self.cdr(self.unseen_session(), **given)

    def unseen_session(self) -> Session:
        """A session of which nothing was said before."""
        nobody = Exchange(0, "hub-to-target", None, "", "", Part(), self.clock)
        return Session(f"ffffffff-0000-4000-8000-{len(self.exchanges) + 1:012d}", EVSE, CARD, nobody)


_AUTHORIZED = {
    "ProviderID": "DE-DCB",
    "AuthorizationStatus": "Authorized",
    "StatusCode": ex.SUCCESS,
    **PARTNERS,
}
_BEGAN = {"SessionStart": at("12:00"), "ChargingStart": at("12:01"), "MeterValueStart": 10.0}
_ENDED = {"ChargingEnd": at("12:59"), "MeterValueEnd": 14.0, "ConsumedEnergy": 4.0}
_FIGURES = {**_BEGAN, **_ENDED, "SessionEnd": at("13:00"), "MeterValueInBetween": {"meterValues": [12.0]}}
_OF_KIND: Mapping[str, Body] = {
    "Start": _BEGAN,
    "Progress": _BEGAN | {"EventOccurred": at("12:31"), "ConsumedEnergyProgress": 2.0},
    "End": _BEGAN | _ENDED,
    "Error": {"ErrorType": "ConnectorError", "ErrorAdditionalInfo": "The plug is not locked"},
}
_PULLS: Mapping[str, Body] = {
    "eRoamingPullEvseData": ex.pull_evses(),
    "eRoamingPullEvseStatus": {"ProviderID": "DE-DCB"},
    "eRoamingPullEvseStatusByID": {"ProviderID": "DE-DCB", "EvseID": [EVSE]},
    "eRoamingPullEvseStatusByOperatorID": {"ProviderID": "DE-DCB", "OperatorID": ["DE*ABC"]},
    "eRoamingGetChargeDetailRecords": ex.get_records(),
    "eRoamingPullPricingProductData": {"OperatorIDs": ["DE*ABC"]},
    "eRoamingPullEVSEPricing": {"ProviderID": "DE-DCB", "OperatorIDs": ["DE*ABC"]},
}


def _ordinary(name: str, role: Role) -> str:
    """The requirement that an ordinary request of the hub tries."""
    of_emp = {
        "eRoamingAuthorizeStart": "eRoamingAuthorizeStart.accepted",
        "eRoamingAuthorizeStop": "eRoamingAuthorizeStop.own-medium",
    }
    return of_emp.get(name, "request.valid") if role == "emp" else "request.valid"


def a_cpo(supports: Body = OPTIONS, **partner: Any) -> Journal:
    """The journal of a CPO with two EVSEs."""
    return _of("cpo", {"operator_id": "DE*ABC", "evse_ids": [EVSE, OTHER_EVSE], **partner}, supports)


def an_emp(supports: Body = OPTIONS_OF_EMP, **partner: Any) -> Journal:
    """The journal of an EMP that is online, with three customers."""
    of_it = {"provider_id": "DE-DCB", "accepts": [CARD, QR, REMOTE], "refuses": [OTHER_CARD]}
    return _of("emp", of_it | partner, supports)


def a_hub_operator() -> Journal:
    """The journal of a CPO that also speaks for a sub-operator."""
    return a_cpo(sub_operator_ids=["DE*SUB"])


def a_hub_provider() -> Journal:
    """The journal of an EMP that also speaks for a sub-provider."""
    return an_emp(sub_provider_ids=["DE-SUB"])


def _of(role: Role, partner: Body, supports: Body) -> Journal:
    tables = {
        "target": {"name": "Target", "role": role, "base_url": "http://127.0.0.1:9000"},
        "partner": partner,
        "supports": supports,
        "stimuli": {"driver": "http", "url": "http://127.0.0.1:9001/stimuli", "wait": 10.0},
    }
    return Journal(Profile.model_validate(tables))
