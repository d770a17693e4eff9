"""Several requests that are rejected for one reason: one finding, of the plainest of them."""

from typing import Any

from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.verdicts import outcomes
from selftest.unit.journals import Journal, an_emp
from selftest.unit.wording import ABSENT, refused

_VALUES = [{"SignedMeteringValue": "AP;0", "MeteringStatus": "Start"}]
_OF_METERS = ("MeterValueStart", "MeterValueEnd", "MeterValueInBetween")
_OTHERS = ("PartnerProductID", "CPOPartnerSessionID", "EMPPartnerSessionID")
_PLAIN: dict[str, Any] = dict.fromkeys((*_OF_METERS, *_OTHERS), ABSENT)

_NULLS: dict[str, Any] = dict.fromkeys(_PLAIN)


def _cdr(emp: Journal, purpose: str, *, rejected: bool = True, control: bool = True, **fields: Any) -> int:
    """Forward a CDR with some fields, and an ordinary one as its control where it is rejected."""
    answer = {"answer": refused("022")} if rejected else {}
    tried = emp.cdr(emp.authorize_start(), purpose=purpose, expects="accept", **answer, **fields)
    if rejected and control:
        emp.cdr(emp.authorize_start(), control=tried.number, purpose="request.valid", expects="accept")
    return tried.number


def _judged(emp: Journal) -> dict[str, tuple[Verdict, str]]:
    tried = ("request.minimal", "request.nulls", "request.optional-field", "request.maximal")
    return {
        one.requirement: (one.verdict, one.behind)
        for one in outcomes(emp.record)
        if one.requirement in tried or one.requirement.endswith(".signed-values")
    }


def test_what_lacks_optional_fields_is_behind_the_request_without_them() -> None:
    emp = an_emp()
    _cdr(emp, "request.minimal", **_PLAIN)
    _cdr(emp, "request.nulls", **_NULLS)
    _cdr(emp, "request.optional-field", **_PLAIN, HubOperatorID="DE*HUB")
    _cdr(emp, "request.maximal", CPOPartnerSessionID="x" * 250)
    judged = _judged(emp)
    assert judged["request.minimal"][0] is Verdict.FAIL
    assert judged["request.nulls"] == (Verdict.INCONCLUSIVE, "request.minimal")
    assert judged["request.optional-field"] == (Verdict.INCONCLUSIVE, "request.minimal")
    assert judged["request.maximal"][0] is Verdict.FAIL


def test_what_has_a_field_is_behind_the_request_that_adds_only_it() -> None:
    emp = an_emp()
    _cdr(emp, "request.minimal", rejected=False, **_PLAIN)
    _cdr(emp, "request.optional-field", **_PLAIN, SignedMeteringValues=_VALUES)
    _cdr(emp, "request.maximal", SignedMeteringValues=_VALUES, HubOperatorID="DE*HUB")
    judged = _judged(emp)
    assert judged["request.optional-field"][0] is Verdict.FAIL
    assert judged["request.maximal"] == (Verdict.INCONCLUSIVE, "request.optional-field")
    _cdr(emp, "eRoamingChargeDetailRecord.signed-values", SignedMeteringValues=_VALUES)
    judged = _judged(emp)
    assert judged["eRoamingChargeDetailRecord.signed-values"][0] is Verdict.FAIL
    assert judged["request.optional-field"][0] is Verdict.INCONCLUSIVE


def test_a_request_that_was_rejected_with_its_control_explains_nothing() -> None:
    emp = an_emp()
    _cdr(emp, "request.minimal", control=False, **_PLAIN)
    _cdr(emp, "request.nulls", **_NULLS)
    assert _judged(emp)["request.nulls"][0] is Verdict.WARNING
