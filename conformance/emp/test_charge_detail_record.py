"""A charge is over: eRoamingChargeDetailRecord, forwarded to the EMP."""

from collections.abc import Callable
from typing import Any

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import variations
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Expects
from oicp_conformance.journal.sessions import Session
from oicp_conformance.marks import about
from oicp_conformance.oicp.fields import fields_of
from oicp_conformance.oicp.messages import eRoamingChargeDetailRecord as ChargeDetailRecord

OPERATION = "eRoamingChargeDetailRecord"
PARTNER_IDS = ("CPOPartnerSessionID", "EMPPartnerSessionID")
OPTIONAL = [
    field.path[0]
    for field in fields_of(ChargeDetailRecord).values()
    if len(field.path) == 1 and not field.mandatory
]


@about(OPERATION, "request.valid", "answer.result-and-code", "answer.session-id")
def test_record_is_acknowledged(emp: Emp) -> None:
    """The EMP accepts an ordinary CDR of a session that it authorized."""
    emp.charge_detail_record(emp.messages.record(emp.session()))


@about(OPERATION, "request.valid", "answer.session-id")
def test_two_sessions_of_one_customer_get_a_record_each(emp: Emp) -> None:
    """A customer charges at two EVSEs: the EMP accepts both CDRs, unless it allows only one session."""
    first = emp.session()
    both = (first, emp.session_beside(first))
    for kind in ("Start", "End"):
        for session in both:
            emp.report(session, [kind])
    for session in both:
        emp.settle(session)


@about(OPERATION, "request.valid", "answer.session-id")
def test_card_and_app_of_one_contract_get_a_record_each(emp: Emp) -> None:
    """One contract charges with a QR code and with the app at two EVSEs: the EMP accepts both CDRs."""
    by_code = emp.session("QRCodeIdentification")
    by_app = emp.started(emp.app.start_beside(by_code))
    for session in (by_app, by_code):
        emp.report(session, ["Start"])
    emp.app.stop(by_app)
    for session in (by_code, by_app):
        emp.settle(session)


@about(OPERATION, "request.valid", "answer.session-id")
def test_session_at_a_sub_operator_is_accepted(emp: Emp) -> None:
    """OperatorID is that of the hub operator, EvseID that of a sub-operator: the EMP accepts the CDR."""
    session = emp.session_at_sub_operator()
    emp.report(session, ["Start", "End"])
    emp.charge_detail_record(emp.messages.record_of_hub_partners(session))


@about(OPERATION, "request.parallel", "answer.session-id")
def test_records_at_the_same_time_are_answered(emp: Emp) -> None:
    """Charges end at the same time: the EMP responds to each notification and CDR with its own message."""
    emp.settle_at_once(emp.sessions_at_once(len(emp.customers.known())))


VARIATIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "request.minimal": lambda body: variations.minimal(ChargeDetailRecord, body),
    "request.maximal": lambda body: variations.longest(ChargeDetailRecord, body, kept=PARTNER_IDS),
    "request.nulls": lambda body: variations.nulls(ChargeDetailRecord, body),
    "request.unknown-field": variations.with_unknown_field,
    "request.non-ascii": lambda body: body,
}


@about(OPERATION, *VARIATIONS)
@pytest.mark.parametrize("purpose", VARIATIONS)
def test_record_in_every_permitted_form_is_acknowledged(emp: Emp, purpose: str) -> None:
    """The EMP accepts a CDR with few or many fields, with nulls, unknown fields and any characters."""
    session = emp.session(cpo_id=emp.cpo_id(purpose))
    body = emp.messages.record(session)
    if purpose == "request.maximal":
        body = emp.messages.whole_record(session, longest=True)
    _sent_with_control(emp, VARIATIONS[purpose](body), purpose)


@about(OPERATION, "request.nulls")
def test_record_with_nulls_inside_is_acknowledged(emp: Emp) -> None:
    """Optional fields inside of a structure may be null, too."""
    body = variations.inner_nulls(ChargeDetailRecord, emp.messages.whole_record(emp.session()))
    _sent_with_control(emp, body, "request.nulls")


@about(OPERATION, "request.optional-field")
def test_record_with_one_optional_field_is_acknowledged(emp: Emp) -> None:
    """The EMP accepts each optional field alone."""
    for name, session in zip(OPTIONAL, emp.sessions(len(OPTIONAL)), strict=True):
        whole = emp.messages.whole_record(session)
        body = variations.minimal(ChargeDetailRecord, whole)
        if name in whole:
            _sent_with_control(emp, body | {name: whole[name]}, "request.optional-field")


@about(OPERATION, "request.utc")
def test_record_with_times_in_utc_is_acknowledged(emp: Emp) -> None:
    """Hubject forwards the times as the CPO wrote them, and CPOs in UTC write a Z."""
    body = emp.messages.record(emp.session())
    _sent_with_control(emp, {name: variations.in_utc(value) for name, value in body.items()}, "request.utc")


@about(OPERATION, f"{OPERATION}.clock-change")
@pytest.mark.parametrize("clock", variations.CLOCKS)
def test_record_of_a_night_is_acknowledged(emp: Emp, clock: str) -> None:
    """A charge lasts past midnight, or into or out of summer time: the times have different offsets."""
    body = variations.CLOCKS[clock](emp.messages.record(emp.session()))
    _sent_with_control(emp, body, f"{OPERATION}.clock-change")


@about(OPERATION, f"{OPERATION}.signed-values")
def test_record_with_signed_metering_values_is_acknowledged(emp: Emp) -> None:
    """The CDR has values that the meter signed for calibration law: Start, Progress and End."""
    values = [
        {"SignedMeteringValue": f"AP;0;3;{status};AHJ5", "MeteringStatus": status}
        for status in ("Start", "Progress", "End")
    ]
    body = emp.messages.record(emp.session(), SignedMeteringValues=values)
    _sent_with_control(emp, body, f"{OPERATION}.signed-values")


@about(OPERATION, f"{OPERATION}.without-energy")
def test_record_without_energy_is_acknowledged(emp: Emp) -> None:
    """A driver stops before the car takes energy, or a reservation ends: ConsumedEnergy is 0."""
    _sent_with_control(emp, emp.messages.record_without_energy(emp.session()), f"{OPERATION}.without-energy")


@about(OPERATION, "request.valid")
def test_record_of_a_session_of_the_app_is_acknowledged(emp: Emp) -> None:
    """The EMP accepts the CDR of a session that it started with eRoamingAuthorizeRemoteStart."""
    session = emp.started(emp.tap_start())
    emp.app.stop(session)
    emp.charge_detail_record(emp.messages.record(session))


def _sent_with_control(emp: Emp, body: dict[str, Any], purpose: str) -> None:
    """Send a CDR; if the EMP rejects it, send an ordinary CDR of another session as a control."""
    exchange = emp.charge_detail_record(body, purpose=purpose)
    if answer_of(exchange) is not Answer.POSITIVE:
        emp.charge_detail_record(emp.messages.record(emp.session()), control=exchange.number)


@about(OPERATION, f"{OPERATION}.unknown-session")
def test_record_of_an_unknown_session_is_answered(emp: Emp, hub: Stage) -> None:
    """Hubject may have authorized a session itself: the EMP may accept or reject the CDR of it."""
    session = emp.bystander()
    nobodys = Session(hub.hubject.session_id(), session.begun_by, session.evse, session.identification)
    emp.charge_detail_record(
        emp.messages.record(nobodys), purpose=f"{OPERATION}.unknown-session", expects="any"
    )


@about(OPERATION, f"{OPERATION}.late")
def test_record_that_comes_days_late_is_acknowledged(emp: Emp) -> None:
    """A CDR arrives days late: an EMP that accepts CDRs of unknown sessions accepts this one."""
    emp.unseen.settle_late()


@about(OPERATION, f"{OPERATION}.large-values")
@pytest.mark.parametrize("what", variations.LARGE)
def test_record_with_large_values_is_acknowledged(emp: Emp, what: str) -> None:
    """A charge takes more than 100 kWh, its meter is an old one, or the car is plugged in for days."""
    emp.unseen.settle_large(variations.LARGE[what])


@about(OPERATION, f"{OPERATION}.repeated")
def test_record_that_comes_twice_is_answered(emp: Emp) -> None:
    """Hubject accepts one CDR per session; OICP does not define how an EMP responds to a second one."""
    session = emp.session()
    emp.charge_detail_record(emp.messages.record(session))
    emp.charge_detail_record(emp.messages.record(session), purpose=f"{OPERATION}.repeated", expects="any")


@about(OPERATION, "request.malformed")
@pytest.mark.parametrize("name", variations.malformed_names(ChargeDetailRecord))
def test_malformed_record_is_refused(emp: Emp, name: str) -> None:
    """The EMP rejects a malformed CDR, never with HTTP 5xx."""
    session = emp.bystander()
    wrong = next(
        one
        for one in variations.malformed(ChargeDetailRecord, emp.messages.record(session))
        if one.name == name
    )
    # What an EMP makes of a record with gaps is its own affair; without a session it is none.
    expects: Expects = "refuse" if wrong.raw is not None or "SessionID" in name else "any"
    emp.charge_detail_record(wrong.body, raw=wrong.raw, purpose="request.malformed", expects=expects)
