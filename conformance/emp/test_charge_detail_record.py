"""A charge is over: eRoamingChargeDetailRecord, forwarded to the EMP."""

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
OPTIONAL = [
    field.path[0]
    for field in fields_of(ChargeDetailRecord).values()
    if len(field.path) == 1 and not field.mandatory
]


@about(OPERATION, "request.valid", "answer.result-and-code", "answer.session-id")
def test_record_is_acknowledged(emp: Emp) -> None:
    """An ordinary record of a session that the EMP authorized is taken."""
    emp.charge_detail_record(emp.record(emp.session()))


VARIATIONS = {
    "request.minimal": lambda emp, session: variations.minimal(ChargeDetailRecord, emp.record(session)),
    "request.maximal": lambda emp, session: variations.longest(ChargeDetailRecord, emp.whole_record(session)),
    "request.nulls": lambda emp, session: variations.nulls(ChargeDetailRecord, emp.record(session)),
    "request.unknown-field": lambda emp, session: variations.with_unknown_field(emp.record(session)),
    "request.non-ascii": lambda emp, session: variations.with_non_ascii(
        emp.record(session), "CPOPartnerSessionID"
    ),
}


@about(OPERATION, *VARIATIONS)
@pytest.mark.parametrize("purpose", VARIATIONS)
def test_record_in_every_permitted_form_is_acknowledged(emp: Emp, purpose: str) -> None:
    """A record is understood with few fields and with many, with nulls, new fields and any characters."""
    _sent_with_control(emp, VARIATIONS[purpose](emp, session := emp.session()), purpose, session)


@about(OPERATION, "request.optional-field")
@pytest.mark.parametrize("name", OPTIONAL)
def test_record_with_one_optional_field_is_acknowledged(emp: Emp, name: str) -> None:
    """Each optional field may come alone."""
    session = emp.session()
    whole = emp.whole_record(session)
    whole.setdefault("EMPPartnerSessionID", "EMP-1")
    body = {**variations.minimal(ChargeDetailRecord, whole), name: whole[name]}
    _sent_with_control(emp, body, "request.optional-field", session)


@about(OPERATION, f"{OPERATION}.signed-values")
def test_record_with_signed_metering_values_is_acknowledged(emp: Emp) -> None:
    """Values signed by the meter come for calibration law: Start, Progress, End, in transparency format."""
    session = emp.session()
    values = [
        {"SignedMeteringValue": f"AP;0;3;{status};AHJ5", "MeteringStatus": status}
        for status in ("Start", "Progress", "End")
    ]
    body = emp.record(session, SignedMeteringValues=values)
    _sent_with_control(emp, body, f"{OPERATION}.signed-values", session)


def _sent_with_control(emp: Emp, body: dict[str, object], purpose: str, session: Session) -> None:
    exchange = emp.charge_detail_record(body, purpose=purpose)
    if answer_of(exchange) is not Answer.POSITIVE:
        emp.charge_detail_record(emp.record(session), control=exchange.number)


@about(OPERATION, f"{OPERATION}.unknown-session")
def test_record_of_an_unknown_session_is_answered(emp: Emp, hub: Stage) -> None:
    """Hubject may have authorized offline what the EMP never heard of: a yes and a no are both in order."""
    session = emp.session()
    nobodys = Session(hub.hubject.session_id(), session.begun_by, session.evse, session.identification)
    emp.charge_detail_record(emp.record(nobodys), purpose=f"{OPERATION}.unknown-session", expects="any")


@about(OPERATION, f"{OPERATION}.repeated")
def test_record_that_comes_twice_is_answered(emp: Emp) -> None:
    """Hubject takes one record for each session; what an EMP says to a second one is its own affair."""
    session = emp.session()
    emp.charge_detail_record(emp.record(session))
    emp.charge_detail_record(emp.record(session), purpose=f"{OPERATION}.repeated", expects="any")


@about(OPERATION, "request.malformed")
@pytest.mark.parametrize("name", variations.malformed_names(ChargeDetailRecord))
def test_malformed_record_is_refused(emp: Emp, name: str) -> None:
    """What is no record is refused in an orderly way, never with a 5xx."""
    session = emp.session()
    wrong = next(
        one for one in variations.malformed(ChargeDetailRecord, emp.record(session)) if one.name == name
    )
    # What an EMP makes of a record with gaps is its own affair; without a session it is none.
    expects: Expects = "refuse" if wrong.raw is not None or "SessionID" in name else "any"
    emp.charge_detail_record(wrong.body, raw=wrong.raw, purpose="request.malformed", expects=expects)
