"""What the hub does at the desk: Hubject's requests, with ordinary bodies that the user can change."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Unobserved
from oicp_conformance.desk import asked
from oicp_conformance.desk.side import Side
from oicp_conformance.hub import script
from oicp_conformance.hub.hub import TargetDown
from oicp_conformance.hub.inventory import catalogue
from oicp_conformance.hub.store import Refused
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.oicp.messages import IdentificationType
from oicp_conformance.oicp.types import operator_of, plain_id

_START, _STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"
_RESERVE, _RELEASE = "eRoamingAuthorizeRemoteReservationStart", "eRoamingAuthorizeRemoteReservationStop"
_AUTHORIZE, _AUTHORIZE_STOP = "eRoamingAuthorizeStart", "eRoamingAuthorizeStop"
_NOTIFY, _CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"
_Result = TypeVar("_Result")


class Impossible(Exception):
    """What was asked for cannot be done; `status` is the HTTP status that says why."""

    def __init__(self, reason: str, status: HTTPStatus = HTTPStatus.CONFLICT) -> None:
        super().__init__(reason)
        self.status = status


def _cpo(side: Side) -> Cpo:
    if not isinstance(side.run.driver, Cpo):
        raise Impossible("this is for a hub whose target is a CPO")
    return side.run.driver


def _emp(side: Side) -> Emp:
    if not isinstance(side.run.driver, Emp):
        raise Impossible("this is for a hub whose target is an EMP")
    return side.run.driver


def guarded(act: Callable[[], _Result]) -> _Result:
    """Do something with the target.

    Raises:
        Impossible: the target cannot be reached or does not respond, or the situation does not allow it.
    """
    try:
        return act()
    except TargetDown as error:
        raise Impossible(str(error), HTTPStatus.BAD_GATEWAY) from None
    except Unobserved as error:
        raise Impossible(str(error)) from None


def _changed(body: dict[str, Any], wanted: asked.Changed) -> dict[str, Any]:
    return {name: value for name, value in (body | wanted.fields).items() if name not in wanted.without}


def _named(**fields: Any) -> dict[str, Any]:
    """The fields that were given."""
    return {name: value for name, value in fields.items() if value is not None}


def send(side: Side, operation: str, body: Any, raw: bytes | None = None) -> Exchange:
    """Send a request to the target; the judge expects neither that it is accepted nor that it is rejected."""
    hub = side.run.hub
    exchange = guarded(lambda: hub.call(operation, body, purpose=None, expects="any", raw=raw))
    if operation == _CDR and raw is None and isinstance(body, dict):
        taken = answer_of(exchange) is Answer.POSITIVE
        hub.hubject.store.records.keep(body, hub.hubject.store.now, forwarded=taken)
    return exchange


def session(side: Side, named: str | None, *begun_by: str) -> Session:
    """Return a session: the one that is named, else the one that began last and is not over.

    Raises:
        Impossible: there is none.
    """
    if named is not None:
        known = side.run.hub.sessions.get(named)
        if known is None:
            raise Impossible(f"SessionID {named}: the hub knows no such session", HTTPStatus.NOT_FOUND)
        return known
    for one in reversed(side.sessions):
        if one.begun and not one.settled and (not begun_by or one.begun_by.operation in begun_by):
            return one
    raise Impossible("no session is open; name one with SessionID")


# --- to a CPO


def remote_start(side: Side, wanted: asked.OnEvse) -> Exchange:
    """A customer of the other side taps start."""
    return _begin(side, _START, wanted)


def reserve(side: Side, wanted: asked.Reserved) -> Exchange:
    """A customer of the other side reserves."""
    return _begin(side, _RESERVE, wanted, Duration=wanted.Duration)


def _begin(side: Side, operation: str, wanted: asked.OnEvse, **more: Any) -> Exchange:
    cpo = _cpo(side)
    evse = wanted.EvseID or guarded(cpo.free_evses)[0]
    given = _named(Identification=wanted.Identification, PartnerProductID=wanted.PartnerProductID)
    return send(side, operation, _changed(cpo.messages.request(evse, **given, **more), wanted))


def remote_stop(side: Side, wanted: asked.InSession) -> Exchange:
    """The customer taps stop."""
    cpo, running = _cpo(side), session(side, wanted.SessionID, _START, _AUTHORIZE)
    return send(side, _STOP, _changed(cpo.messages.stop_request(running), wanted))


def release(side: Side, wanted: asked.InSession) -> Exchange:
    """The customer gives a reservation up."""
    cpo, running = _cpo(side), session(side, wanted.SessionID, _RESERVE)
    return send(side, _RELEASE, _changed(cpo.messages.stop_request(running), wanted))


def add_customer(side: Side, wanted: asked.Customer) -> dict[str, Any]:
    """Authorize an Identification from now on."""
    _cpo(side)
    key = medium(wanted.Identification)
    if key is None or key[0] not in {"RFID", *IdentificationType.model_fields}:
        raise Impossible("Identification: not one of OICP", HTTPStatus.BAD_REQUEST)
    side.run.hub.hubject.customers.add(key)
    return {"Identification": wanted.Identification}


# --- to an EMP


def authorize(side: Side, wanted: asked.Authorized) -> Exchange:
    """A driver presents an Identification at a charger of the other side."""
    emp = _emp(side)
    identification = wanted.Identification
    if identification is None:
        identification = dict(guarded(emp.customer))
    given = _named(EvseID=wanted.EvseID)
    return send(side, _AUTHORIZE, _changed(emp.messages.authorize_request(identification, **given), wanted))


def authorize_stop(side: Side, wanted: asked.Stopped) -> Exchange:
    """The driver presents it again."""
    emp, running = _emp(side), session(side, wanted.SessionID)
    return send(
        side, _AUTHORIZE_STOP, _changed(emp.messages.stop_request(running, wanted.Identification), wanted)
    )


def notify(side: Side, wanted: asked.Notified) -> Exchange:
    """The CPO of the other side sends a notification."""
    emp, running = _emp(side), session(side, wanted.SessionID)
    try:
        body = emp.messages.notification(running, wanted.Type)
    except KeyError:
        raise Impossible(
            f"Type {wanted.Type!r} is not a type of notification", HTTPStatus.BAD_REQUEST
        ) from None
    return send(side, _NOTIFY, _changed(body, wanted))


def settle(side: Side, wanted: asked.InSession) -> Exchange:
    """The CPO of the other side sends its charge detail record."""
    emp, running = _emp(side), session(side, wanted.SessionID)
    return send(side, _CDR, _changed(emp.messages.record(running), wanted))


def publish(side: Side, wanted: asked.Published) -> dict[str, Any]:
    """The operators of the other side publish EVSEs."""
    _emp(side)
    hub = side.run.hub
    own = hub.profile.counterpart.operator_id
    operators = tuple(dict.fromkeys([own, *(_operator(side, one) for one in wanted.EvseIDs)]))
    made = catalogue(hub.faker, wanted.count + len(wanted.EvseIDs), operators, wanted.EvseIDs)
    records = [one | wanted.fields for one in made]
    hub.hubject.store.let_time_pass()
    try:
        hub.hubject.store.publish(records)
    except Refused as refused:
        raise Impossible(refused.reason, HTTPStatus.BAD_REQUEST) from None
    return {"published": [one["EvseID"] for one in records]}


def _operator(side: Side, evse: str) -> str:
    """The operator of an EVSE, with the separators that its OperatorID has elsewhere."""
    hub = side.run.hub
    known = hub.hubject.store.evse_data.operators.get(operator_of(evse))
    own = hub.profile.counterpart.operator_id
    return known.id if known else own if plain_id(own) == operator_of(evse) else operator_of(evse)


def publish_status(side: Side, wanted: asked.Status) -> dict[str, Any]:
    """An operator of the other side publishes a status."""
    _emp(side)
    store = side.run.hub.hubject.store
    known = store.statuses.table.get(operator_of(wanted.EvseID), plain_id(wanted.EvseID)) is not None
    row = {"EvseID": wanted.EvseID, "EvseStatus": wanted.EvseStatus}
    data = {"OperatorID": _operator(side, wanted.EvseID), "EvseStatusRecord": [row]}
    store.let_time_pass()
    action = "update" if known else "insert"
    try:
        store.statuses.push({"ActionType": action, "OperatorEvseStatus": data}, frozenset(), store.now)
    except Refused as refused:
        raise Impossible(refused.reason, HTTPStatus.BAD_REQUEST) from None
    return row


def keep_records(side: Side, wanted: asked.KeptRecords) -> dict[str, Any]:
    """Hubject keeps records of charges that it authorized without the EMP."""
    emp = _emp(side)
    guarded(lambda: emp.unseen.keep(wanted.count))
    return {"kept": len(side.run.hub.hubject.store.records)}


# --- to either


def stimulate(side: Side, wanted: asked.Stimulus) -> dict[str, Any]:
    """Ask the target's surroundings for what a driver would do."""
    done = guarded(lambda: side.run.hub.stimulate(wanted.stimulus, wanted.parameters, ()))
    return {"outcome": done.outcome.value, "detail": done.detail}


def answer(side: Side, wanted: asked.Scripted) -> dict[str, Any]:
    """Answer the next requests in another way."""
    made = _script(wanted)
    side.run.hub.script(wanted.operation, *[made] * wanted.times)
    return {"operation": wanted.operation, "answer": made.name, "times": wanted.times}


def _script(wanted: asked.Scripted) -> script.Script:
    by_kind: dict[asked.Kind, Callable[[], script.Script]] = {
        "refuse": lambda: script.refuse(wanted.code or "603"),
        "system-error": lambda: script.system_error(wanted.code or "001"),
        "late": lambda: script.late(wanted.seconds),
        "hang-up": script.hang_up,
        "http": lambda: script.http_error(wanted.status),
        "no-json": script.garbage,
        "nulls": script.with_nulls,
        "fields": lambda: script.with_fields(**wanted.fields),
    }
    try:
        return by_kind[wanted.answer]()
    except ValueError:
        raise Impossible(f"status: {wanted.status} is not an HTTP status", HTTPStatus.BAD_REQUEST) from None
