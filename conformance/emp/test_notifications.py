"""Hubject forwards the notifications of a charge to the EMP: eRoamingChargingNotifications."""

from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Any

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import NotApplicable, Stage
from oicp_conformance.hub import variations
from oicp_conformance.hub.variations import Malformed
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.sessions import Session
from oicp_conformance.marks import about
from oicp_conformance.oicp.fields import fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.operations import BY_NAME, NOTIFICATION_TYPES

OPERATION = "eRoamingChargingNotifications"
MODELS: dict[str, type[Message]] = {
    kind: BY_NAME[OPERATION].requests[f"eRoamingChargingNotification{kind}"]["emp"]
    for kind in NOTIFICATION_TYPES
}
PARTNER_IDS = ("CPOPartnerSessionID", "EMPPartnerSessionID")
OPTIONAL = {
    kind: [
        field.path[0]
        for field in fields_of(model).values()
        if len(field.path) == 1 and not field.mandatory and field.path[0] != "OperatorID"
    ]
    for kind, model in MODELS.items()
}


@pytest.fixture
def declared(hub: Stage, request: pytest.FixtureRequest) -> str:
    """The type of the test, if the profile declares it."""
    kind: str = request.node.callspec.params["kind"]
    if kind not in hub.profile.supports.eRoamingChargingNotifications:
        raise NotApplicable(f"the profile does not declare the type {kind}")
    return kind


def _tell(emp: Emp, session: Session, *kinds: str) -> None:
    """Send the notifications that precede one, so that it makes sense."""
    for kind in emp.messages.notified:
        if kind in kinds:
            emp.notify(emp.messages.notification(session, kind))


def _sent_with_control(emp: Emp, session: Session, kind: str, body: dict[str, Any], purpose: str) -> None:
    """Send a notification; if the EMP rejects it, send an ordinary one as a control."""
    exchange = emp.notify(body, purpose=purpose)
    if answer_of(exchange) is not Answer.POSITIVE:
        emp.notify(emp.messages.notification(session, kind), control=exchange.number)


@about(OPERATION, "request.valid", "answer.result-and-code", "answer.session-id")
def test_charge_is_acknowledged_from_start_to_end(emp: Emp) -> None:
    """The EMP accepts Start, Progress, Error and End of a charge, each with all of its fields."""
    _tell(emp, emp.session(), *NOTIFICATION_TYPES)


@about(OPERATION, "request.valid")
def test_charge_of_the_app_is_acknowledged_from_start_to_end(emp: Emp) -> None:
    """The EMP accepts the notifications of a session that it started itself."""
    _tell(emp, emp.started(emp.tap_start()), *NOTIFICATION_TYPES)


def _of_operator(body: Mapping[str, Any]) -> dict[str, Any]:
    """Every CPO must send OperatorID, and no EMP may require it (C042): another test omits it."""
    return {"OperatorID": body["OperatorID"]}


VARIATIONS: dict[str, Callable[[type[Message], dict[str, Any]], dict[str, Any]]] = {
    "request.minimal": lambda model, body: variations.minimal(model, body) | _of_operator(body),
    "request.maximal": lambda model, body: variations.longest(model, body, kept=PARTNER_IDS),
    "request.nulls": lambda model, body: variations.nulls(model, body) | _of_operator(body),
    "request.unknown-field": lambda _, body: variations.with_unknown_field(body),
    "request.non-ascii": lambda _, body: body,
}


@about(OPERATION, *VARIATIONS)
@pytest.mark.parametrize("purpose", VARIATIONS)
def test_charge_in_every_permitted_form_is_acknowledged(emp: Emp, purpose: str) -> None:
    """The EMP accepts notifications with few or many fields, with nulls and any characters."""
    session = emp.session(cpo_id=emp.cpo_id(purpose))
    for kind in emp.messages.notified:
        body = VARIATIONS[purpose](MODELS[kind], emp.messages.notification(session, kind))
        if kind == "Progress" and purpose in {"request.minimal", "request.nulls"}:
            body["ConsumedEnergyProgress"] = emp.messages.notification(session, kind)[
                "ConsumedEnergyProgress"
            ]
        _sent_with_control(emp, session, kind, body, purpose)


@about(OPERATION, "request.optional-field", f"{OPERATION}.without-operator-id")
def test_notification_with_one_optional_field_is_acknowledged(emp: Emp) -> None:
    """The EMP accepts each optional field alone, and a notification without OperatorID."""
    names = list(zip_longest(*([*OPTIONAL[kind], "OperatorID"] for kind in emp.messages.notified)))
    for row, session in zip(names, emp.sessions(len(names)), strict=True):
        for kind, name in zip(emp.messages.notified, row, strict=True):
            whole = emp.messages.notification(session, kind)
            if name == "OperatorID":
                body = {key: value for key, value in whole.items() if key != name}
                _sent_with_control(emp, session, kind, body, f"{OPERATION}.without-operator-id")
            elif name in whole:
                body = _least(kind, whole) | {name: whole[name]}
                _sent_with_control(emp, session, kind, body, "request.optional-field")
            elif kind == "Start":
                emp.notify(whole)


def _least(kind: str, whole: Mapping[str, Any]) -> dict[str, Any]:
    least = variations.minimal(MODELS[kind], whole) | _of_operator(whole)
    if kind == "Progress":
        # One of the two figures has to be there.
        least["ConsumedEnergyProgress"] = whole["ConsumedEnergyProgress"]
    return least


@about(OPERATION, "request.valid", f"{OPERATION}.error-type-with-blank")
@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("kind", ["Error"])
def test_both_spellings_of_error_type_are_understood(emp: Emp, kind: str) -> None:
    """The CPO document writes ErrorType with a space, the EMP document without: CPOs send both."""
    session = emp.session()
    for spelling in ("ConnectorError", "CriticalError", "Connector Error", "Critical Error"):
        purpose = f"{OPERATION}.error-type-with-blank" if " " in spelling else "request.valid"
        body = emp.messages.notification(session, kind, ErrorType=spelling)
        if purpose == "request.valid":
            emp.notify(body)
        else:
            _sent_with_control(emp, session, kind, body, purpose)


@about(OPERATION, f"{OPERATION}.meter-values-list")
@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("kind", ["Progress", "End"])
def test_list_of_meter_values_is_understood(emp: Emp, kind: str) -> None:
    """The tables have MeterValueInBetween as a list, all examples and schemas an object around it (C070)."""
    session = emp.session()
    _tell(emp, session, "Start")
    whole = emp.messages.notification(session, kind)
    body = whole | {"MeterValueInBetween": whole["MeterValueInBetween"]["meterValues"]}
    _sent_with_control(emp, session, kind, body, f"{OPERATION}.meter-values-list")


@about(OPERATION, f"{OPERATION}.repeated")
def test_notification_that_comes_twice_is_answered(emp: Emp) -> None:
    """OICP does not define how an EMP responds to a repeated notification, but it must respond."""
    session = emp.session()
    for kind in emp.messages.notified:
        body = emp.messages.notification(session, kind)
        emp.notify(body)
        emp.notify(body, purpose=f"{OPERATION}.repeated", expects="any")


@about(OPERATION, f"{OPERATION}.after-record")
def test_notification_after_the_record_is_answered(emp: Emp) -> None:
    """The CDR may overtake a notification: the EMP may accept or reject what is late, but it must respond."""
    session = emp.session()
    late = [emp.messages.notification(session, kind) for kind in emp.messages.notified]
    emp.settle(session)
    for body in late:
        emp.notify(body, purpose=f"{OPERATION}.after-record", expects="any")


@about(OPERATION, f"{OPERATION}.not-a-notification")
@pytest.mark.parametrize("kind", ["Stop", "start", "", None])
def test_unknown_type_is_answered(emp: Emp, kind: str | None) -> None:
    """The EMP acknowledges or rejects an unknown Type, never with HTTP 5xx."""
    body = {**emp.messages.notification(emp.bystander(), "Start"), "Type": kind}
    emp.notify(body, purpose=f"{OPERATION}.not-a-notification", expects="any")


@about(OPERATION, f"{OPERATION}.not-a-notification")
@pytest.mark.parametrize(
    ("kind", "payload"), [("Progress", "Start"), ("End", "Start"), ("Error", "End"), ("End", "Error")]
)
def test_payload_of_another_type_is_answered(emp: Emp, kind: str, payload: str) -> None:
    """The EMP acknowledges or rejects a Type with the fields of another Type, never with HTTP 5xx."""
    body = {**emp.messages.notification(emp.bystander(), payload), "Type": kind}
    emp.notify(body, purpose=f"{OPERATION}.not-a-notification", expects="any")


@about(OPERATION, "request.malformed")
@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("kind", NOTIFICATION_TYPES)
def test_malformed_notification_is_answered(emp: Emp, kind: str) -> None:
    """The EMP acknowledges or rejects a malformed notification, never with HTTP 5xx."""
    for wrong in _malformed(emp, emp.bystander(), kind):
        emp.notify(wrong.body, raw=wrong.raw, purpose="request.malformed", expects="any")


def _malformed(emp: Emp, session: Session, kind: str) -> list[Malformed]:
    return list(variations.malformed(MODELS[kind], emp.messages.notification(session, kind)))


@about(OPERATION, "optional.not-offered")
def test_notification_that_is_not_offered_is_refused(emp: Emp, hub: Stage) -> None:
    """The EMP does not declare the operation: it rejects a call, and continues to work."""
    session = emp.bystander()
    hub.call(
        OPERATION,
        emp.messages.notification(session, "Start"),
        purpose="optional.not-offered",
        expects="refuse",
    )
