"""A charge goes its way: eRoamingChargingNotifications, forwarded to the EMP."""

from collections.abc import Callable, Mapping
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
OPTIONAL = [
    (kind, field.path[0])
    for kind, model in MODELS.items()
    for field in fields_of(model).values()
    if len(field.path) == 1 and not field.mandatory and field.path[0] != "OperatorID"
]


@pytest.fixture
def declared(hub: Stage, request: pytest.FixtureRequest) -> str:
    """The type of the test, if the profile declares it."""
    kind: str = request.node.callspec.params["kind"]
    if kind not in hub.profile.supports.eRoamingChargingNotifications:
        raise NotApplicable(f"the profile does not declare the type {kind}")
    return kind


def _sent_with_control(emp: Emp, session: Session, kind: str, body: dict[str, object], purpose: str) -> None:
    exchange = emp.notify(body, purpose=purpose)
    if answer_of(exchange) is not Answer.POSITIVE:
        emp.notify(emp.notification(session, kind), control=exchange.number)


@about(OPERATION, "request.valid", "answer.result-and-code", "answer.session-id")
@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("kind", NOTIFICATION_TYPES)
def test_notification_is_acknowledged(emp: Emp, kind: str) -> None:
    """A notification of each type, with all of its fields, is taken."""
    emp.notify(emp.notification(emp.session(), kind))


def _of_operator(body: Mapping[str, Any]) -> dict[str, Any]:
    """What every CPO must send and no EMP may need (C042): a test of its own leaves it out."""
    return {"OperatorID": body["OperatorID"]}


VARIATIONS: dict[str, Callable[[type[Message], dict[str, Any]], dict[str, Any]]] = {
    "request.minimal": lambda model, body: variations.minimal(model, body) | _of_operator(body),
    "request.maximal": variations.longest,
    "request.nulls": lambda model, body: variations.nulls(model, body) | _of_operator(body),
    "request.unknown-field": lambda _, body: variations.with_unknown_field(body),
    "request.non-ascii": lambda _, body: variations.with_non_ascii(body, "CPOPartnerSessionID"),
}


@about(OPERATION, *VARIATIONS)
@pytest.mark.parametrize("purpose", VARIATIONS)
@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("kind", NOTIFICATION_TYPES)
def test_notification_in_every_permitted_form_is_acknowledged(emp: Emp, kind: str, purpose: str) -> None:
    """It is understood with few fields and with many, with nulls, new fields and any characters."""
    session = emp.session()
    body = VARIATIONS[purpose](MODELS[kind], emp.notification(session, kind))
    if kind == "Progress" and purpose in {"request.minimal", "request.nulls"}:
        body["ChargingDuration"] = 600_000  # one of the two figures has to be there
    _sent_with_control(emp, session, kind, body, purpose)


@about(OPERATION, "request.optional-field", f"{OPERATION}.without-operator-id")
@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("kind", NOTIFICATION_TYPES)
def test_notification_with_one_optional_field_is_acknowledged(emp: Emp, kind: str) -> None:
    """Each optional field may come alone, and the OperatorID may be missing."""
    session = emp.session()
    whole = emp.notification(session, kind)
    whole.setdefault("EMPPartnerSessionID", "EMP-1")
    least = variations.minimal(MODELS[kind], whole) | _of_operator(whole)
    if kind == "Progress":
        least["ConsumedEnergyProgress"] = whole["ConsumedEnergyProgress"]
    for of_kind, name in OPTIONAL:
        if of_kind == kind:
            _sent_with_control(emp, session, kind, {**least, name: whole[name]}, "request.optional-field")
    without = {name: value for name, value in whole.items() if name != "OperatorID"}
    _sent_with_control(emp, session, kind, without, f"{OPERATION}.without-operator-id")


@about(OPERATION, "request.valid", f"{OPERATION}.error-type-with-blank")
@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("kind", ["Error"])
@pytest.mark.parametrize(
    ("spelling", "purpose"),
    [
        ("ConnectorError", "request.valid"),
        ("CriticalError", "request.valid"),
        ("Connector Error", f"{OPERATION}.error-type-with-blank"),
        ("Critical Error", f"{OPERATION}.error-type-with-blank"),
    ],
)
def test_both_spellings_of_error_type_are_understood(
    emp: Emp, kind: str, spelling: str, purpose: str
) -> None:
    """The CPO's document writes ErrorType with a blank, the EMP's without: CPOs send both."""
    session = emp.session()
    _sent_with_control(emp, session, kind, emp.notification(session, kind, ErrorType=spelling), purpose)


@about(OPERATION, f"{OPERATION}.not-a-notification")
@pytest.mark.parametrize("kind", ["Stop", "start", "", None])
def test_unknown_type_is_answered_in_good_order(emp: Emp, kind: str | None) -> None:
    """A Type that OICP does not have is acknowledged or refused, never with a 5xx."""
    body = {**emp.notification(emp.session(), "Start"), "Type": kind}
    emp.notify(body, purpose=f"{OPERATION}.not-a-notification", expects="any")


@about(OPERATION, f"{OPERATION}.not-a-notification")
@pytest.mark.parametrize(
    ("kind", "payload"), [("Progress", "Start"), ("End", "Start"), ("Error", "End"), ("End", "Error")]
)
def test_payload_of_another_type_is_answered_in_good_order(emp: Emp, kind: str, payload: str) -> None:
    """A Type with the fields of another one is acknowledged or refused, never with a 5xx."""
    body = {**emp.notification(emp.session(), payload), "Type": kind}
    emp.notify(body, purpose=f"{OPERATION}.not-a-notification", expects="any")


@about(OPERATION, "request.malformed")
@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("kind", NOTIFICATION_TYPES)
def test_malformed_notification_is_answered_in_good_order(emp: Emp, kind: str) -> None:
    """What is no notification is acknowledged or refused, never with a 5xx."""
    session = emp.session()
    for wrong in _malformed(emp, session, kind):
        emp.notify(wrong.body, raw=wrong.raw, purpose="request.malformed", expects="any")


def _malformed(emp: Emp, session: Session, kind: str) -> list[Malformed]:
    return list(variations.malformed(MODELS[kind], emp.notification(session, kind)))


@about(OPERATION, "optional.not-offered")
def test_notification_that_is_not_offered_is_refused(emp: Emp, hub: Stage) -> None:
    """The EMP does not declare the operation: a call is refused, and breaks nothing."""
    session = emp.session()
    hub.call(OPERATION, emp.notification(session, "Start"), purpose="optional.not-offered", expects="refuse")
