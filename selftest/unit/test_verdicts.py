"""From what the rules say to the verdict of a requirement, of an operation, and of the run."""

from typing import Any

import pytest

from oicp_conformance.journal.cause import Cause
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.verdicts import Judgement, Row, judge, outcomes
from selftest.unit.journals import FOREIGN_EVSE, OPTIONS, Journal, a_cpo, an_emp, at
from selftest.unit.test_journals import all_pulls, all_pushes, all_sessions
from selftest.unit.wording import ABSENT, accepted, nothing, refused

_CDR, _DATA = "eRoamingChargeDetailRecord", "eRoamingPushEvseData"


def row(judgement: Judgement, requirement: str, operation: str) -> Row:
    (found,) = (
        one for one in judgement.rows if (one.requirement.id, one.operation) == (requirement, operation)
    )
    return found


def a_whole_run(**fields: object) -> Journal:
    """All operations of a CPO, and a charge detail record with such fields."""
    cpo = a_cpo()
    all_pushes(cpo)
    all_sessions(cpo)
    cpo.cdr(cpo.remote_start(), **fields)
    return cpo


def test_run_in_which_nothing_is_broken_passes() -> None:
    judgement = judge(a_whole_run().record)
    assert (judgement.verdict, judgement.missing) == ("pass", ())
    assert row(judgement, f"{_CDR}.over", _CDR).verdict is Verdict.PASS
    emp = an_emp()
    all_pulls(emp)
    all_sessions(emp)
    assert judge(emp.record).verdict == "pass"


def test_must_that_is_broken_fails() -> None:
    judgement = judge(a_whole_run(ConsumedEnergy=1.0).record)
    broken = row(judgement, f"{_CDR}.consumed-energy", _CDR)
    assert (judgement.verdict, broken.verdict) == ("fail", Verdict.FAIL)
    assert [one.pointer for one in broken.findings] == ["/ConsumedEnergy"]
    (operation,) = (one for one in judgement.operations if one.operation.name == _CDR)
    assert operation.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("strict", "verdict", "of_run"), [(False, "warning", "pass"), (True, "fail", "fail")]
)
def test_should_that_is_broken_warns_unless_strict(strict: bool, verdict: str, of_run: str) -> None:
    judgement = judge(a_whole_run(SessionEnd=at("17:00")).record, strict=strict)
    assert row(judgement, f"{_CDR}.over", _CDR).verdict.value == verdict
    assert judgement.verdict == of_run


def test_one_finding_outweighs_what_held() -> None:
    cpo = a_whole_run(ConsumedEnergy=1.0)
    cpo.cdr(cpo.remote_start())
    assert row(judge(cpo.record), f"{_CDR}.consumed-energy", _CDR).verdict is Verdict.FAIL


def test_mandatory_operation_that_was_not_seen_makes_it_incomplete() -> None:
    cpo = a_cpo()
    all_sessions(cpo)
    judgement = judge(cpo.record)
    assert judgement.verdict == "incomplete"
    assert judgement.missing == (_DATA, "eRoamingPushEvseStatus")


def test_optional_operation_that_is_not_declared_does_not_apply() -> None:
    cpo = a_cpo(OPTIONS | {"eRoamingDynamicPricing": False})
    judgement = judge(cpo.record)
    products = row(judgement, "push.sequential", "eRoamingPushPricingProductData")
    assert (products.verdict, row(judgement, "push.sequential", _DATA).verdict) == (
        Verdict.NOT_APPLICABLE,
        Verdict.INCONCLUSIVE,
    )


def test_notification_types_that_are_not_declared_do_not_apply() -> None:
    notify = "eRoamingChargingNotifications"
    judgement = judge(a_cpo(OPTIONS | {notify: ["Start", "End"]}).record)
    verdicts = {
        kind: row(judgement, f"{notify}.sent-{kind}", notify).verdict
        for kind in ("Start", "Progress", "End", "Error")
    }
    assert {kind for kind, one in verdicts.items() if one is Verdict.NOT_APPLICABLE} == {"Progress", "Error"}


def test_stopped_run_is_never_green() -> None:
    assert judge(a_whole_run().record, stopped="interrupted").verdict == "incomplete"
    assert judge(a_whole_run().record, trouble=["a port is in use"]).verdict == "error"


def test_what_is_inconclusive_says_why() -> None:
    cpo = a_cpo()
    cpo.waited("request.sent", "eRoamingAuthorizeStart", stimulus="unavailable")
    cpo.could_not_see(_CDR, f"{_CDR}.over", cause=Cause.PROFILE, reason="no EVSE is left")
    cpo.remote_start(answer=refused("510"))
    judgement = judge(cpo.record)
    start = "eRoamingAuthorizeRemoteStart"
    why = {
        ("request.sent", "eRoamingAuthorizeStart"): Cause.STIMULUS_UNAVAILABLE,
        (f"{_CDR}.over", _CDR): Cause.PROFILE,
        ("request.valid", start): Cause.REFUSED,
        ("request.valid", "eRoamingAuthorizeRemoteStop"): Cause.NOT_OBSERVED,
        (f"{_CDR}.HubOperatorID", _CDR): Cause.PROFILE,
    }
    assert {key: row(judgement, *key).cause for key in why} == why


def test_what_hides_a_requirement_is_named() -> None:
    """Who does not answer cannot be judged by the answer: that is said once, of the answer that lacks."""
    cpo = a_cpo()
    cpo.remote_start(answer=nothing("timeout"))
    hidden = row(judge(cpo.record), "request.valid", "eRoamingAuthorizeRemoteStart")
    assert (hidden.verdict, hidden.behind) == (Verdict.INCONCLUSIVE, "http.answered")


def test_suite_that_did_not_wait_after_a_refusal_says_so_of_this_requirement_only() -> None:
    """The others of the operation have the refusal as their reason, and not that the run was stopped."""
    cpo, start = a_cpo(), "eRoamingAuthorizeRemoteStart"
    cpo.remote_start(answer=refused("510"))
    judgement = judge(cpo.record)
    nothing_follows = row(judgement, "session.refused", start)
    assert (nothing_follows.cause, "did not wait" in nothing_follows.reason) == (Cause.NOT_OBSERVED, True)
    assert row(judgement, f"{start}.unknown-evse", start).cause is Cause.REFUSED


def test_response_that_contradicts_itself_is_one_finding() -> None:
    cpo, start = a_cpo(), "eRoamingAuthorizeRemoteStart"
    cpo.remote_start(answer=accepted(Result=False))
    judgement = judge(cpo.record)
    assert row(judgement, "answer.result-and-code", start).verdict is Verdict.WARNING
    valid = row(judgement, "request.valid", start)
    assert (valid.verdict, valid.behind) == (Verdict.INCONCLUSIVE, "answer.result-and-code")
    assert "Result false with StatusCode 000" in valid.reason


def test_acceptance_of_a_malformed_request_is_the_one_finding_of_a_response_that_contradicts_itself() -> None:
    cpo = a_cpo()
    yes_with_022 = accepted(StatusCode={"Code": "022"})
    cpo.remote_start(answer=yes_with_022, purpose="request.malformed", expects="refuse")
    assert [one.requirement for one in outcomes(cpo.record) if one.is_finding] == ["request.malformed"]


def test_refusal_that_contradicts_itself_is_one_where_the_control_was_accepted() -> None:
    """What the two responses differ in is the special field: that it is refused is beyond doubt."""
    cpo, start = a_cpo(), "eRoamingAuthorizeRemoteStart"
    session = cpo.remote_start(purpose="request.nulls", answer=accepted(Result=False))
    cpo.remote_start(control=session.begun_by.number)
    assert row(judge(cpo.record), "request.nulls", start).verdict is Verdict.WARNING


def test_cpo_that_accepts_no_start_is_not_told_which_code_fits_the_evse() -> None:
    """It may reject the customer, or the EMP, whatever the EVSE is: that is the one finding."""
    cpo, start = a_cpo(), "eRoamingAuthorizeRemoteStart"
    unknown = {"purpose": f"{start}.unknown-evse", "expects": "refuse", "EvseID": FOREIGN_EVSE}
    cpo.remote_start(answer=refused("101"))
    cpo.remote_start(answer=refused("101"), **unknown)
    assert [one.requirement for one in outcomes(cpo.record) if one.is_finding] == ["request.valid"]
    cpo.remote_start()
    assert "answer.code-area" in [one.requirement for one in outcomes(cpo.record) if one.is_finding]


@pytest.mark.parametrize("fields", [{"ChargingEnd": "2026-11-22T11:00:00"}, {"SessionEnd": None}])
def test_times_that_cannot_be_read_are_not_in_order(fields: dict[str, str | None]) -> None:
    """The field itself is the finding, and no other requirement passes by it."""
    cpo = a_cpo()
    cpo.cdr(cpo.remote_start(), **fields)
    said = outcomes(cpo.record)
    (name,) = fields
    pair = "charging-times" if name == "ChargingEnd" else "session-times"
    assert [one.requirement for one in said if one.is_finding] == [f"{_CDR}.{name}"]
    assert not [one for one in said if one.requirement == f"{_CDR}.{pair}"]
    in_session = [one for one in said if one.requirement == f"{_CDR}.charging-in-session"]
    assert [one.verdict for one in in_session] == [Verdict.PASS]  # the start of the charge is in the session


def test_end_notification_without_a_readable_end_has_no_times_in_order() -> None:
    cpo, notify = a_cpo(), "eRoamingChargingNotifications"
    cpo.notification("End", cpo.remote_start(), ChargingEnd="2026-11-22T11:00:00")
    assert [one for one in outcomes(cpo.record) if one.requirement == f"{notify}.times"] == []


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("eRoamingPullEvseStatusByID", {"EvseID": ABSENT, "OperatorID": ["DE*ABC"]}),
        ("eRoamingPullEvseStatusByOperatorID", {"OperatorID": ABSENT, "EvseID": ["DE*ABC*E1*1"]}),
    ],
)
def test_pull_with_the_filter_of_another_path_does_not_pass(name: str, fields: dict[str, Any]) -> None:
    """That the path's own filter is missing is the finding."""
    emp = an_emp()
    emp.pull(name, **fields)
    said = outcomes(emp.record)
    assert [one.pointer for one in said if one.is_finding] == [
        f"/{'EvseID' if 'ByID' in name else 'OperatorID'}"
    ]
    assert not [one for one in said if one.requirement == "status-pull.path"]


def test_one_status_pull_of_three_suffices() -> None:
    emp = an_emp()
    all_sessions(emp)
    emp.pull("eRoamingPullEvseData")
    assert judge(emp.record).missing == ("a pull of EVSE status",)
    emp.pull("eRoamingPullEvseStatusByID")
    judgement = judge(emp.record)
    assert judgement.missing == ()
    assert row(judgement, "request.sent", "eRoamingPullEvseStatus").cause is Cause.ALTERNATIVE


def test_part_of_a_run_is_partial_at_best() -> None:
    """What it left out is not missing; what it tried and could not observe is."""
    part = "only 3 of 9 tests run: -k x"
    cpo = a_cpo()
    all_sessions(cpo)
    judgement = judge(cpo.record, partial=part)
    assert (judgement.verdict, bool(judgement.missing)) == ("partial", True)
    assert judge(a_whole_run().record, partial=part).verdict == "partial"
    assert judge(a_whole_run(ConsumedEnergy=1.0).record, partial=part).verdict == "fail"
    assert judge(cpo.record, partial=part, stopped="interrupted").verdict == "incomplete"
    assert judge(cpo.record, partial=part, trouble=["a port is in use"]).verdict == "error"
    cpo.could_not_see(_DATA, "request.sent", cause=Cause.STIMULUS_FAILED, reason="the shim broke")
    assert judge(cpo.record, partial=part).verdict == "incomplete"


def test_what_needs_an_undeclared_operation_is_not_applicable() -> None:
    reserved, status = "eRoamingPushEvseStatus.reserved", "eRoamingPushEvseStatus"
    assert row(judge(a_cpo().record), reserved, status).verdict is Verdict.INCONCLUSIVE
    without = row(judge(a_cpo({**OPTIONS, "eRoamingReservation": False}).record), reserved, status)
    assert without.verdict is Verdict.NOT_APPLICABLE
    assert "eRoamingAuthorizeRemoteReservationStart" in without.reason
