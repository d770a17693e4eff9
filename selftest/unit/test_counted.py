"""What counts: not what was tried again, not what began with an invalid request, no CDR without a charge."""

from collections.abc import Callable
from typing import Any

import pytest

from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.notes import Reduced
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.judge.verdicts import outcomes
from selftest.unit import examples as ex
from selftest.unit.journals import CARD, EVSE, OTHER_CARD, OTHER_EVSE, Journal, Session, a_cpo, an_emp
from selftest.unit.wording import ABSENT, Answer, accepted, http, refused

_START, _STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"
_CDR, _STATUS = "eRoamingChargeDetailRecord", "eRoamingPushEvseStatus"
_MALFORMED: dict[str, Any] = {"purpose": "request.malformed", "expects": "refuse"}


def _broken(journal: Journal) -> dict[str, int | None]:
    """What was broken, with the last exchange in which it was."""
    return {one.requirement: one.exchange for one in outcomes(journal.record) if one.is_finding}


def _of(journal: Journal, requirement: str) -> list[Outcome]:
    return [one for one in outcomes(journal.record) if one.requirement == requirement]


# --- tried again


def test_only_the_last_try_is_judged() -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    first = cpo.remote_stop(session, answer=refused("400"))
    cpo.remote_stop(session, repeats=first.number)
    assert not _broken(cpo)


def test_a_last_try_that_is_rejected_is_a_finding() -> None:
    cpo = a_cpo()
    cpo.remote_stop(cpo.remote_start())
    session = cpo.remote_start(EvseID=OTHER_EVSE)
    first = cpo.remote_stop(session, answer=refused("022"))
    last = cpo.remote_stop(session, answer=refused("022"), repeats=first.number)
    assert _broken(cpo) == {"request.valid": last.number}


def test_how_a_try_is_answered_is_judged_for_each() -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    first = cpo.remote_stop(session, answer=accepted(StatusCode={"Code": "000"}, Result=False))
    cpo.remote_stop(session, repeats=first.number)
    assert _broken(cpo) == {"answer.result-and-code": first.number}


@pytest.mark.parametrize(
    ("last", "expected"),
    [(accepted(), {}), (refused("022"), {"request.valid": [4]})],
    ids=["taken", "rejected"],
)
def test_of_several_tries_only_the_very_last_is_judged(
    last: Answer, expected: dict[str, list[int | None]]
) -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    for repeated in (None, 2):
        cpo.remote_stop(session, answer=refused("022"), repeats=repeated)
    cpo.remote_stop(session, answer=last, repeats=3)
    findings = [one.exchange for one in _of(cpo, "request.valid") if one.is_finding]
    assert ({"request.valid": findings} if findings else {}) == expected
    assert {one.exchange for one in _of(cpo, "request.valid")} == {1, 4}


def test_rejections_of_requests_that_are_not_repetitions_are_judged_each() -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.remote_stop(session, answer=refused("022"))
    cpo.remote_stop(session, answer=refused("022"))
    assert [one.exchange for one in _of(cpo, "request.valid") if one.is_finding] == [2, 3]


def test_an_evse_may_take_until_the_last_try_to_be_free_again() -> None:
    cpo = a_cpo()
    cpo.cdr(cpo.remote_start())
    cpo.remote_start(answer=refused("602"))
    cpo.remote_start(repeats=3)
    assert not _broken(cpo)
    cpo = a_cpo()
    cpo.cdr(cpo.remote_start())
    cpo.remote_start(answer=refused("602"))
    cpo.remote_start(answer=refused("602"), repeats=3)
    assert _broken(cpo) == {"session.evse-free": 4}


# --- began with an invalid request


def test_of_an_invalid_start_that_was_accepted_only_the_acceptance_is_judged() -> None:
    cpo = a_cpo()
    session = cpo.remote_start(Identification=ABSENT, **_MALFORMED)
    cpo.remote_stop(session, answer=refused("400"))
    cpo.cdr(session, Identification=ABSENT, ConsumedEnergy=-1.0)
    assert _broken(cpo) == {"request.malformed": 1}


def test_the_id_that_a_target_makes_up_for_such_a_start_is_not_judged() -> None:
    cpo = a_cpo()
    made_up = "99999999-0000-4000-8000-000000000001"
    cpo.remote_start(SessionID=ABSENT, answer=accepted(SessionID=made_up), **_MALFORMED)
    session = Session(made_up, EVSE, {}, cpo.exchanges[0])
    cpo.cdr(session)
    assert set(_broken(cpo)) <= {"request.malformed"}
    assert cpo.record.sessions.get(made_up) is None


def test_an_invalid_start_on_an_evse_leaves_the_session_there_in_doubt() -> None:
    cpo = a_cpo()
    running = cpo.remote_start()
    cpo.remote_start(purpose=f"{_START}.occupied-evse", expects="refuse")
    cpo.remote_stop(running, answer=refused("400"))
    other = cpo.remote_start(EvseID=OTHER_EVSE)
    assert _broken(cpo) == {f"{_START}.occupied-evse": 2}
    cpo.cdr(other, ConsumedEnergy=-1.0)
    assert set(_broken(cpo)) == {f"{_START}.occupied-evse", f"{_CDR}.consumed-energy"}


@pytest.mark.parametrize(
    ("purpose", "is_in_doubt"),
    [("request.malformed", True), (f"{_STOP}.other-evse", True), (f"{_STOP}.ended-session", False)],
)
def test_a_session_after_a_stop_that_should_be_rejected(purpose: str, is_in_doubt: bool) -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.remote_stop(session, purpose=purpose, expects="refuse")
    cpo.cdr(session, ConsumedEnergy=-1.0)
    more = set() if is_in_doubt else {f"{_CDR}.consumed-energy"}
    assert set(_broken(cpo)) == {purpose} | more


def test_only_what_came_after_the_invalid_start_is_in_doubt() -> None:
    cpo = a_cpo()
    running = cpo.remote_start()
    cpo.notification("Progress", running, ChargingDuration=1801001)
    cpo.remote_start(Identification=ABSENT, **_MALFORMED)
    cpo.remote_stop(running, answer=refused("022"))
    assert _broken(cpo) == {"eRoamingChargingNotifications.charging-duration": 2, "request.malformed": 3}


def test_a_session_that_begins_after_an_invalid_start_on_the_evse_is_judged() -> None:
    cpo = a_cpo()
    cpo.cdr(cpo.remote_start(Identification=ABSENT, **_MALFORMED))
    cpo.cdr(cpo.remote_start(), ConsumedEnergy=-1.0)
    assert _broken(cpo) == {"request.malformed": 1, f"{_CDR}.consumed-energy": 4}


def test_a_session_that_was_settled_before_an_invalid_start_is_judged() -> None:
    cpo = a_cpo()
    over = cpo.remote_start()
    cpo.cdr(over)
    cpo.remote_start(Identification=ABSENT, **_MALFORMED)
    cpo.cdr(over)
    assert _broken(cpo) == {"request.malformed": 3, f"{_CDR}.one-per-session": 4}


def test_a_stop_that_was_rejected_as_it_should_be_leaves_nothing_in_doubt() -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    given: dict[str, Any] = {"purpose": f"{_STOP}.other-evse", "expects": "refuse", "EvseID": OTHER_EVSE}
    cpo.remote_stop(session, answer=refused("400"), **given)
    cpo.cdr(session, ConsumedEnergy=-1.0)
    assert _broken(cpo) == {f"{_CDR}.consumed-energy": 3}


def test_a_stop_of_an_unknown_session_that_was_accepted_may_have_ended_what_runs_on_the_evse() -> None:
    cpo = a_cpo()
    running, other = cpo.remote_start(), cpo.remote_start(EvseID=OTHER_EVSE)
    cpo.remote_stop(cpo.unseen_session(), purpose=f"{_STOP}.unknown-session", expects="refuse")
    cpo.remote_stop(running, answer=refused("022"))
    assert _broken(cpo) == {f"{_STOP}.unknown-session": 3}
    cpo.remote_stop(other, answer=refused("022"))
    assert _broken(cpo) == {f"{_STOP}.unknown-session": 3, "request.valid": 5}


def test_of_what_an_emp_accepted_against_the_rules_only_the_acceptance_is_judged() -> None:
    """The hub closes it politely, whatever the EMP says to that."""
    emp = an_emp()
    wrong = emp.authorize_start(
        Identification=OTHER_CARD, purpose="eRoamingAuthorizeStart.refused", expects="refuse"
    )
    emp.cdr(wrong, answer=refused("022"))
    assert _broken(emp) == {"eRoamingAuthorizeStart.refused": 1}


def test_customers_of_an_emp_charge_beside_one_another_at_one_evse() -> None:
    """So what an invalid request began there puts nothing else in doubt."""
    emp = an_emp()
    running = emp.authorize_start()
    emp.authorize_start(Identification={}, **_MALFORMED)
    emp.cdr(running, answer=refused("022"))
    assert _broken(emp) == {"request.malformed": 2, "request.valid": 3}


def test_what_follows_a_rejected_invalid_start_is_not_judged_for_its_contents() -> None:
    cpo = a_cpo()
    session = cpo.remote_start(Identification=ABSENT, answer=refused("022"), **_MALFORMED)
    cpo.cdr(session, Identification=ABSENT, ConsumedEnergy=-1.0)
    assert _broken(cpo) == {f"{_START}.nothing-started": 2}


def test_an_error_may_tell_why_a_start_was_rejected() -> None:
    cpo = a_cpo()
    cpo.remote_start()
    session = cpo.remote_start(answer=refused("602"), purpose=f"{_START}.occupied-evse", expects="refuse")
    cpo.notification("Error", session)
    assert not _broken(cpo)
    cpo.notification("Start", session)
    assert _broken(cpo) == {f"{_START}.nothing-started": 4}


# --- a charge that was seen


def _charged(cpo: Journal) -> Session:
    session = cpo.remote_start()
    cpo.notification("Start", session)
    return session


@pytest.mark.parametrize(
    ("begin", "stimulus", "verdict"),
    [
        (Journal.remote_start, None, Verdict.INCONCLUSIVE),
        (Journal.remote_start, "failed", Verdict.INCONCLUSIVE),
        (Journal.remote_start, "done", Verdict.FAIL),
        (_charged, None, Verdict.FAIL),
    ],
)
def test_a_cdr_is_due_only_of_a_charge_that_was_seen(
    begin: Callable[[Journal], Session], stimulus: str | None, verdict: Verdict
) -> None:
    cpo = a_cpo()
    cpo.push_evse_status()
    session = begin(cpo)
    stop = cpo.remote_stop(session)
    about: dict[str, Any] = {
        "session": session.id,
        "after": stop.number,
        "unasked": 10.0,
        "stimulus": stimulus,
    }
    cpo.waited(f"{_CDR}.sent", _CDR, **about)
    (found,) = _of(cpo, f"{_CDR}.sent")
    assert found.verdict is verdict
    if stimulus is None and verdict is Verdict.INCONCLUSIVE:
        assert (found.cause, "no message showed a charge" in found.message) == (Cause.NOT_OBSERVED, True)


def test_the_end_of_a_reservation_owes_a_cdr_and_the_finding_names_the_clause() -> None:
    cpo = a_cpo()
    cpo.push_evse_status()
    session = cpo.reservation_start()
    stop = cpo.reservation_stop(session)
    cpo.waited(f"{_CDR}.sent", _CDR, session=session.id, after=stop.number, unasked=10.0)
    (found,) = _of(cpo, f"{_CDR}.sent")
    assert found.verdict is Verdict.FAIL
    assert "eRoamingAuthorizeRemoteReservationStop" in found.expected


@pytest.mark.parametrize(("outcome", "is_broken"), [("done", True), ("unavailable", False)])
def test_occupied_is_due_only_where_a_car_is_plugged_in(outcome: str, is_broken: bool) -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.plugged(session, outcome)
    cpo.push_evse_status((EVSE, "Available"))
    about: dict[str, Any] = {"session": session.id, "after": 1, "stimulus": "done", "evse": EVSE}
    cpo.waited(f"{_STATUS}.occupied", _STATUS, **about)
    cpo.after(1.0).listened()
    assert (f"{_STATUS}.occupied" in _broken(cpo)) is is_broken


def test_evses_of_a_sub_operator_that_the_profile_names_are_the_operators_own() -> None:
    cpo = a_cpo(sub_operator_ids=["DE*SUB"])
    cpo.push_evse_status(("DE*SUB*E9*1", "Available"))
    cpo.cdr(cpo.authorize_start(EvseID="DE*SUB*E9*2"))
    assert not _broken(cpo)
    cpo.push_evse_status(("FR*XYZ*E1", "Available"))
    assert set(_broken(cpo)) == {"push.evse-of-operator"}


# --- two messages that contradict each other

_AGREE, _ENERGY = "eRoamingChargingNotifications.agree-with-cdr", f"{_CDR}.consumed-energy"


def _progress_and_record(disturb: Callable[[Journal], object], **record: Any) -> dict[str, int | None]:
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.notification("Progress", session)
    disturb(cpo)
    cpo.cdr(session, **record)
    return _broken(cpo)


def test_a_record_that_disagrees_with_a_notification_is_named() -> None:
    """The record is in itself in order: it is less than was told before."""
    less = {"ConsumedEnergy": 0.1, "MeterValueEnd": 10.1, "MeterValueInBetween": ABSENT}
    assert _AGREE in _progress_and_record(lambda _: None, **less)


def test_a_record_with_a_finding_of_its_own_is_no_measure() -> None:
    broken = _progress_and_record(lambda _: None, ConsumedEnergy=-1.0)
    assert _ENERGY in broken
    assert _AGREE not in broken


def test_a_record_in_doubt_is_no_measure() -> None:
    """What it settles may be what the invalid start has begun."""
    broken = _progress_and_record(lambda cpo: cpo.remote_start(**_MALFORMED), ConsumedEnergy=-1.0)
    assert set(broken) == {"request.malformed"}


# --- malformed values


def test_what_compares_a_malformed_value_is_no_finding_beside_it() -> None:
    """A malformed identification, EvseID or partner id has one finding."""
    cpo = a_cpo()
    uid = {"RFIDMifareFamilyIdentification": {"UID": "not hexadecimal"}}
    session = cpo.authorize_start()
    cpo.cdr(session, Identification=uid, EvseID="no EVSE", CPOPartnerSessionID="x" * 251)
    fields = {f"{_CDR}.{one}" for one in ("EvseID", "CPOPartnerSessionID")}
    assert set(_broken(cpo)) == {*fields, f"{_CDR}.Identification.RFIDMifareFamilyIdentification.UID"}


def test_a_later_message_is_not_compared_with_a_malformed_value() -> None:
    cpo, start = a_cpo(), "eRoamingAuthorizeStart"
    uid = {"RFIDMifareFamilyIdentification": {"UID": "not hexadecimal"}}
    session = cpo.authorize_start(Identification=uid, EvseID="no EVSE", CPOPartnerSessionID="x" * 251)
    cpo.cdr(session, Identification=CARD, EvseID=EVSE, CPOPartnerSessionID="of-cpo")
    fields = {f"{start}.{one}" for one in ("EvseID", "CPOPartnerSessionID")}
    assert set(_broken(cpo)) == {*fields, f"{start}.Identification.RFIDMifareFamilyIdentification.UID"}


def test_of_two_times_in_the_wrong_order_either_may_be_the_wrong_one() -> None:
    """Neither is compared with the notifications."""
    cpo = a_cpo()
    session = cpo.authorize_start()
    told = cpo.notification("End", session).request.object
    cpo.cdr(session, ChargingStart=told["ChargingEnd"], ChargingEnd=told["ChargingStart"])
    assert set(_broken(cpo)) == {f"{_CDR}.charging-times"}


def test_that_an_object_must_not_be_there_is_said_with_what_is_malformed_in_it() -> None:
    cpo = a_cpo()
    code = {"EvcoID": "DE-DCB-C12345678-X", "PIN": "1234", "HashedPIN": {"Value": 7, "Function": "Bcrypt"}}
    cpo.authorize_start(Identification={"QRCodeIdentification": code})
    field = "eRoamingAuthorizeStart.Identification.QRCodeIdentification.HashedPIN.Value"
    assert set(_broken(cpo)) == {field}
    (found,) = (one for one in _of(cpo, field) if one.is_finding)
    assert found.message.endswith("; also, a HashedPIN is for uploaded authentication data only")


def test_a_kind_of_medium_that_must_not_be_sent_is_not_compared_with_the_one_that_was_presented() -> None:
    emp = an_emp()
    tapped = {"RemoteIdentification": {"EvcoID": "DE-DCB-C11111111-1"}}
    started = emp.remote_start(Identification=CARD).begun_by
    emp.waited("request.sent", _START, started, stimulus="done", presented=tapped, presented_at=EVSE)
    assert set(_broken(emp)) == {"identification.remote"}


def test_times_that_are_all_written_wrongly_in_the_same_way_are_one_finding() -> None:
    cpo = a_cpo()
    written = {"ChargingStart": "12:00:00", "ChargingEnd": "13:00:00", "SessionStart": "11:59:30"}
    cpo.cdr(cpo.authorize_start(), **{name: f"2026-11-22T{time}+0100" for name, time in written.items()})
    (found,) = (one for one in outcomes(cpo.record) if one.is_finding)
    assert found.message.endswith("; the same was found in: ChargingEnd, SessionStart")


def test_times_that_are_written_wrongly_in_different_ways_are_a_finding_each() -> None:
    cpo = a_cpo()
    start, end = "2026-11-22T12:00:00+0100", "22.11.2026 13:00"
    cpo.cdr(cpo.authorize_start(), ChargingStart=start, ChargingEnd=end)
    assert set(_broken(cpo)) == {f"{_CDR}.ChargingStart", f"{_CDR}.ChargingEnd"}


def test_pages_that_were_asked_for_with_other_parameters_are_not_missing_as_well() -> None:
    emp, pulled = an_emp(), "eRoamingPullEvseData"
    emp.pull(pulled, "?pages=0")
    emp.waited("pull.last-page", pulled, stimulus="done", after=1)
    assert set(_broken(emp)) == {"pull.page-parameters"}


def test_an_upload_that_is_rejected_for_what_is_malformed_in_it_has_one_finding() -> None:
    emp = an_emp()
    uid = {"RFIDMifareFamilyIdentification": {"UID": "1234"}}
    answer = refused("022", StatusCode={"Code": "022", "AdditionalInfo": "UID is not valid"})
    emp.push_customers(uid, action="insert", answer=answer)
    record = "ProviderAuthenticationData.AuthenticationDataRecord.Identification"
    field = f"eRoamingPushAuthenticationData.{record}.RFIDMifareFamilyIdentification.UID"
    assert set(_broken(emp)) == {field}


def test_a_status_that_is_inserted_twice_though_its_evse_is_not_published_has_one_finding() -> None:
    cpo = a_cpo()
    cpo.push_evse_data()
    cpo.push_evse_status((EVSE, "Available"), (OTHER_EVSE, "Available"))
    answer = refused("022", StatusCode={"Code": "022", "AdditionalInfo": "already there: DEABCE21"})
    cpo.push_evse_status((OTHER_EVSE, "Available"), action="insert", answer=answer)
    assert set(_broken(cpo)) == {"eRoamingPushEvseStatus.published"}


def test_a_variation_proves_nothing_where_its_control_was_rejected_at_first() -> None:
    emp = an_emp()
    start = "eRoamingAuthorizeStart"
    tried = emp.authorize_start(purpose="request.nulls", answer=refused("106")).begun_by
    first = emp.authorize_start(answer=refused("106")).begun_by
    emp.authorize_start(control=tried.number, repeats=first.number)
    (found,) = (one for one in outcomes(emp.record) if one.requirement == "request.nulls")
    assert (found.operation, found.verdict, found.cause) == (start, Verdict.INCONCLUSIVE, Cause.REFUSED)


@pytest.mark.parametrize("is_ordinary", [False, True])
def test_a_form_that_breaks_the_target_breaks_it_in_generated_requests_as_well(*, is_ordinary: bool) -> None:
    emp = an_emp()
    emp.cdr(emp.authorize_start())
    emp.cdr(emp.authorize_start(), purpose="request.nulls", answer=http(500))
    generated = emp.cdr(emp.authorize_start(), answer=http(500))
    emp.notes.append(Reduced(emp.test, (generated.number,), ()))
    if is_ordinary:
        emp.cdr(emp.authorize_start(), answer=http(500))
    assert set(_broken(emp)) == {"request.nulls", *(["http.status"] if is_ordinary else [])}


def test_what_a_malformed_request_breaks_explains_no_response_to_a_valid_one() -> None:
    emp = an_emp()
    emp.cdr(emp.authorize_start())
    emp.cdr(emp.authorize_start(), EvseID=7, answer=http(500), **_MALFORMED)
    generated = emp.cdr(emp.authorize_start(), answer=http(500))
    emp.notes.append(Reduced(emp.test, (generated.number,), ()))
    assert set(_broken(emp)) == {"request.malformed", "http.status"}


@pytest.mark.parametrize(
    ("form", "is_in_it"),
    [("request.nulls", {"EMPPartnerSessionID": None}), ("request.non-ascii", {"EMPPartnerSessionID": "äß"})],
)
def test_a_malformed_request_that_has_a_form_that_breaks_the_target_breaks_nothing_more(
    form: str, is_in_it: dict[str, Any]
) -> None:
    cpo = a_cpo()
    cpo.cdr(cpo.remote_start())
    cpo.remote_start(answer=http(500), purpose=form, **is_in_it)
    cpo.remote_start(answer=http(500), EvseID=7, **_MALFORMED, **is_in_it)
    assert set(_broken(cpo)) == {form}
    cpo.remote_start(answer=http(500), EvseID=7, **_MALFORMED)
    assert set(_broken(cpo)) == {form, "request.malformed"}


def test_a_medium_that_is_shown_again_is_asked_for_again() -> None:
    cpo, start = a_cpo(), "eRoamingAuthorizeStart"
    for _ in range(2):
        cpo.waited("request.sent", start, cpo.authorize_start().begun_by, stimulus="done")
    assert not _broken(cpo)


def test_another_value_that_is_well_formed_is_a_finding() -> None:
    cpo = a_cpo()
    session = cpo.authorize_start()
    cpo.cdr(session, Identification=OTHER_CARD, CPOPartnerSessionID="another")
    assert set(_broken(cpo)) == {"session.identification", "session.cpo-partner-session-id"}


def test_a_figure_in_quotes_is_judged_as_a_figure() -> None:
    cpo = a_cpo()
    cpo.cdr(cpo.authorize_start(), ConsumedEnergy="6.5")
    assert set(_broken(cpo)) == {f"{_CDR}.ConsumedEnergy", f"{_CDR}.consumed-energy"}


def test_items_of_a_malformed_list_are_no_finding_beside_it() -> None:
    cpo = a_cpo()
    cpo.push_evse_data()
    cpo.push_products()
    cpo.push_prices(ex.evse_pricing(EvseID=EVSE, EvseIDProductList=[3]))
    assert set(_broken(cpo)) == {"eRoamingPushEVSEPricing.EVSEPricing.EvseIDProductList"}


def test_the_status_of_another_operators_evse_has_one_finding() -> None:
    cpo = a_cpo()
    cpo.push_evse_data()
    cpo.push_evse_status((EVSE, "Available"), ("FR*XYZ*E1*1", "Available"))
    assert set(_broken(cpo)) == {"push.evse-of-operator"}


@pytest.mark.parametrize("answer", [accepted(Result=None), http(500)], ids=["null", "HTTP 500"])
def test_what_a_reservation_began_whose_answer_is_none_is_not_known(answer: Answer) -> None:
    """The EVSE may be reserved: a rejected start says nothing."""
    cpo = a_cpo()
    cpo.cdr(cpo.remote_start())
    cpo.reservation_start(answer=answer)
    cpo.remote_start(answer=refused("602"))
    assert "session.evse-free" not in _broken(cpo)


def test_a_price_in_cents_is_asked_about() -> None:
    cpo = a_cpo()
    cpo.push_products(ex.product(ReferenceUnit="KILOWATT_HOUR", PricePerReferenceUnit=49))
    (told,) = (one for one in _of(cpo, "eRoamingPushPricingProductData.plausible-figures") if one.is_finding)
    assert "a kWh costs 49 EUR" in told.message
