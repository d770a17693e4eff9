"""How the hub leads the sessions of an EMP: pace, ids, times, and one open session for each customer."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from oicp_conformance.actors.charge import Charge
from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.emp_sessions import Begun
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.generated import properties
from oicp_conformance.generated.drafts import ORDINARY
from oicp_conformance.generated.requests import RequestsToEmp
from oicp_conformance.hub import variations
from oicp_conformance.hub.client import Reply
from oicp_conformance.hub.hub import TargetDown
from oicp_conformance.journal.exchange import GIVEN_UP, Exchange, Part
from oicp_conformance.journal.notes import Upload
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.messages import eRoamingAuthorizeStart as AuthorizeStart
from oicp_conformance.oicp.messages import eRoamingChargeDetailRecord as ChargeDetailRecord
from oicp_conformance.oicp.provider import faker
from oicp_conformance.stimuli.none import NoDriver
from selftest.unit.profiles import EMP, read

SECOND_CARD = '[[partner.accepts]]\nRFIDMifareFamilyIdentification = { UID = "5678ABCD" }\n'
STIMULI = "[stimuli]\nsettle = 0.05\nwait = 1.0\n"
NOTIFY, CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"
STOP = "eRoamingAuthorizeStop"
RESERVE, EVCO_ID = "eRoamingAuthorizeRemoteReservationStart", "DE-DCB-C11111111-1"


class Target:
    """A scripted EMP: it accepts everything but what its rule rejects."""

    def __init__(self, rejects: Callable[[dict[str, Any], int], bool] = lambda *_: False) -> None:
        self._rejects = rejects
        self.requests: list[dict[str, Any]] = []

    def post(self, path: str, body: bytes, *, seconds: float) -> Reply:  # noqa: ARG002 - as the client's
        """Answer a request of the hub."""
        request = json.loads(body)
        self.requests.append(request)
        no = self._rejects(request, len(self.requests))
        answer: dict[str, Any] = {"StatusCode": {"Code": "022" if no else "000"}}
        if path.endswith(("/start", "/stop")):
            answer |= {"AuthorizationStatus": "NotAuthorized" if no else "Authorized", "ProviderID": "DE-DCB"}
            answer |= {"EMPPartnerSessionID": f"EMP-{request['SessionID'][:8]}"}
        else:
            answer |= {"Result": not no}
        return Reply(200, Part((("Content-Type", "application/json"),), json.dumps(answer).encode()))

    def close(self) -> None:
        """Do nothing."""


def _emp(
    folder: Path, target: Target, cards: str = SECOND_CARD, overrides: Sequence[str] = ()
) -> tuple[Emp, Stage]:
    profile = read(folder, overrides, my=EMP + cards + STIMULI)
    stage = Stage(profile, NoDriver(wait=1.0), faker(1))
    stage._client = target  # type: ignore[assignment]
    return Emp(stage), stage


def _session(started: float) -> Session:
    request = Part(body=json.dumps({"PartnerProductID": "AC3"}).encode())
    begun = Exchange(1, "hub-to-target", "eRoamingAuthorizeStart", "POST", "", request, started, started)
    return Session("0b0b0b0b-0000-4000-8000-000000000001", begun)


def test_session_is_open_until_it_is_settled_or_closed(tmp_path: Path) -> None:
    emp, stage = _emp(tmp_path, Target())
    begun = Begun(stage, emp.messages)
    assert list(begun.open()) == []
    first, second = emp.session(), emp.session()
    assert list(begun.open()) == [first, second]
    emp.charge_detail_record(emp.messages.record(first))
    assert list(begun.open()) == [second]
    third = emp.session()
    opened = begun.open()
    assert next(opened) is second
    begun.close(third)
    assert list(opened) == [], "one that ends while others are looked at is not open any more"
    assert (begun.is_open(first), begun.is_open(second), begun.is_open(third)) == (False, True, False)


def test_customer_is_known_by_the_last_session_and_by_whether_one_was_authorized(tmp_path: Path) -> None:
    emp, stage = _emp(tmp_path, Target(lambda request, _: request.get("EvseID") == "DE*XYZ*E1"))
    begun = Begun(stage, emp.messages)
    first, second = (medium(one) for one in emp.customers.known()[:2])
    emp.authorize_start(emp.customers.known()[0], lambda body: body | {"EvseID": "DE*XYZ*E1"}, expects="any")
    assert (begun.last_of(first), begun.last_of(second)) == (1, 0)
    assert not begun.was_authorized(first)
    emp.authorize_start(emp.customers.known()[0])
    assert (begun.last_of(first), begun.was_authorized(first), begun.was_authorized(second)) == (
        2,
        True,
        False,
    )


def test_generated_start_is_repeated_as_the_last_record_may_not_be_settled_yet(tmp_path: Path) -> None:
    rejected: list[int] = []
    emp, stage = _emp(tmp_path, Target(lambda _, number: number in rejected))
    for customer in emp.customers.known():
        emp.authorize_start(customer)
    emp.close_all()
    rejected.append(stage.last + 1)
    requests = RequestsToEmp(stage, emp, "eRoamingAuthorizeStart")
    for test in properties.tests([ORDINARY], requests.valid, name="a start", examples=1):
        test(requests.send)
    first, again = stage.journal.closed()[rejected[0] - 1 : rejected[0] + 1]
    assert again.repeats == first.number
    assert again.control is None, "it is the same request, not an ordinary one to compare with"
    assert again.request.get("SessionID") != first.request.get("SessionID")
    found = outcomes(Record(stage.profile, tuple(stage.journal.closed()), ()))
    assert not [one for one in found if one.is_finding and one.requirement.endswith("accepted")]


def test_a_follow_up_waits_until_the_session_has_settled(tmp_path: Path) -> None:
    emp, stage = _emp(tmp_path, Target())
    session = emp.session()
    emp.charge_detail_record(emp.messages.record(session))
    start, record = stage.journal.closed()
    assert record.started - (start.finished or 0) >= 0.05


def test_a_rejected_follow_up_is_sent_again_and_the_last_try_is_judged(tmp_path: Path) -> None:
    emp, stage = _emp(tmp_path, Target(lambda request, number: "ChargingEnd" in request and number < 3))
    emp.charge_detail_record(emp.messages.record(emp.session()))
    rejected, taken = stage.journal.closed()[1:]
    assert (rejected.repeats, taken.repeats) == (None, rejected.number)
    record = Record(stage.profile, tuple(stage.journal.closed()), ())
    judged = {
        (one.exchange, one.verdict.value) for one in outcomes(record) if one.requirement == "request.valid"
    }
    assert judged == {(taken.number, "pass")}


def test_a_follow_up_that_stays_rejected_is_a_finding_of_the_last_try(tmp_path: Path) -> None:
    emp, stage = _emp(tmp_path, Target(lambda request, _: "ChargingEnd" in request))
    emp.charge_detail_record(emp.messages.record(emp.session()))
    record = Record(stage.profile, tuple(stage.journal.closed()), ())
    failed = [
        one.exchange for one in outcomes(record) if one.requirement == "request.valid" and one.is_finding
    ]
    assert len(stage.journal.closed()) > 2
    assert failed == [stage.last]


def test_how_often_a_follow_up_is_sent_does_not_depend_on_how_busy_the_machine_is(tmp_path: Path) -> None:
    """Else two runs of one seed differ."""

    def tries(seconds: float) -> int:
        def rejects(_: object, number: int) -> bool:
            time.sleep(seconds)
            return number > 1

        emp, stage = _emp(tmp_path, Target(rejects))
        emp.charge_detail_record(emp.messages.record(emp.session()))
        return len(stage.journal.closed()) - 1

    assert (tries(0.0), tries(0.1)) == (4, 4)


@pytest.mark.parametrize("cards", [SECOND_CARD, ""])
def test_a_customer_never_has_two_sessions(tmp_path: Path, cards: str) -> None:
    target = Target()
    emp, _ = _emp(tmp_path, target, cards)
    for _ in range(5):
        emp.session()
    emp.close_all()
    busy: dict[str, object] = {}
    for request in target.requests:
        if "ChargingEnd" in request:
            busy.pop(request["SessionID"])
        else:
            assert medium(request["Identification"]) not in busy.values()
            busy[request["SessionID"]] = medium(request["Identification"])
    assert busy == {}
    assert len(target.requests) == 10


def test_sessions_that_are_begun_together_settle_together(tmp_path: Path) -> None:
    target = Target()
    emp, _ = _emp(tmp_path, target)
    for session in emp.sessions(4):
        emp.charge_detail_record(emp.messages.record(session))
    assert ["ChargingEnd" in one for one in target.requests] == [False, False, True, True] * 2


def test_all_messages_of_a_session_have_the_ids_with_which_it_began(tmp_path: Path) -> None:
    target = Target()
    emp, _ = _emp(tmp_path, target)
    session = emp.session(cpo_id=emp.cpo_id("request.maximal"))
    for kind in ("Start", "Progress", "Error", "End"):
        emp.notify(emp.messages.notification(session, kind))
    emp.authorize_stop(session)
    emp.charge_detail_record(emp.messages.record(session))
    start, *others = target.requests
    assert len(start["CPOPartnerSessionID"]) == 250
    assert "EMPPartnerSessionID" not in start
    for other in others:
        assert other["CPOPartnerSessionID"] == start["CPOPartnerSessionID"]
        assert other["EMPPartnerSessionID"] == f"EMP-{start['SessionID'][:8]}"
        assert other["EvseID"] == start["EvseID"]
        assert other["Identification"] == start["Identification"]
        assert other.get("PartnerProductID", "AC3") == start["PartnerProductID"]


def test_what_began_with_an_invalid_request_is_closed_with_a_whole_record(tmp_path: Path) -> None:
    target = Target()
    emp, stage = _emp(tmp_path, target)
    emp.authorize_start(
        emp.customer(),
        lambda body: body | {"Identification": {}},
        purpose="request.malformed",
        expects="refuse",
    )
    emp.close_all()
    assert medium(target.requests[-1]["Identification"]) == ("RFID", "1234ABCD")
    record = Record(stage.profile, tuple(stage.journal.closed()), ())
    assert {one.requirement for one in outcomes(record) if one.exchange} == {"request.malformed"}


def _uploads(stage: Stage, action: str, card: Mapping[str, Any]) -> None:
    exchange = stage.journal.open(
        started=time.time(),
        direction="target-to-hub",
        operation="eRoamingPushAuthenticationData",
        method="POST",
        path="",
        request=Part(),
    )
    stage.hubject.uploaded.push(action, [card])
    stage.journal.close(exchange, status=200, answer=Part())


def test_an_upload_in_pieces_is_waited_for(tmp_path: Path) -> None:
    emp, stage = _emp(tmp_path, Target(), overrides=["partner.mode=offline"])
    first, second = emp.customers.known()
    _uploads(stage, "fullLoad", first)
    rest = threading.Timer(0.1, _uploads, (stage, "insert", second))
    rest.start()
    emp.uploads.check()
    rest.join(5)
    noted = [(one.authorized, one.exchange) for one in stage.journal.notes if isinstance(one, Upload)]
    assert noted == [(True, 2), (True, 2)]


def test_an_upload_that_stays_incomplete_is_told(tmp_path: Path) -> None:
    emp, stage = _emp(tmp_path, Target(), overrides=["partner.mode=offline"])
    _uploads(stage, "fullLoad", emp.customers.known()[0])
    emp.uploads.check()
    noted = [(one.authorized, one.exchange) for one in stage.journal.notes if isinstance(one, Upload)]
    assert noted == [(True, 1), (False, 1)]


@pytest.mark.parametrize("is_full", [True, False])
def test_customers_that_are_uploaded_unasked_are_looked_at_after_a_full_load(
    tmp_path: Path, is_full: bool
) -> None:
    emp, stage = _emp(tmp_path, Target(), overrides=["partner.mode=offline"])
    _uploads(stage, "fullLoad" if is_full else "insert", emp.customers.known()[0])
    with nullcontext() if is_full else pytest.raises(Unobserved):
        emp.uploads.full_load()
    noted = [one.authorized for one in stage.journal.notes if isinstance(one, Upload)]
    assert noted == ([True, False] if is_full else [])


def test_changes_are_enough_where_they_are_all_customers(tmp_path: Path) -> None:
    emp, stage = _emp(tmp_path, Target(), overrides=["partner.mode=offline"])
    for customer in emp.customers.known():
        _uploads(stage, "insert", customer)
    emp.uploads.full_load()
    assert [one.authorized for one in stage.journal.notes if isinstance(one, Upload)] == [True, True]


def test_without_customers_at_a_charger_no_records_come_at_the_same_time(tmp_path: Path) -> None:
    emp, _ = _emp(tmp_path, Target())
    with pytest.raises(Unobserved, match="no Identification that a driver presents at a charger"):
        emp.settle_at_once([])


def test_lookalikes_have_a_longer_uid_or_a_shorter_one(tmp_path: Path) -> None:
    emp, _ = _emp(tmp_path, Target())
    for uid, lengths in (
        ("1234ABCD", [14, 20, 14]),
        ("04A1B2C3D4E5F6", [20, 20]),
        ("04A1B2C3D4E5F60123AB", [8]),
    ):
        shown = emp.customers.lookalikes({"RFIDMifareFamilyIdentification": {"UID": uid}})
        others = [one["RFIDMifareFamilyIdentification"]["UID"] for one in shown]
        assert [len(one) for one in others] == lengths
        assert all(one[:8] == uid[:8] or one.endswith(uid) for one in others)


def test_wrong_pins_are_none_of_the_customer(tmp_path: Path) -> None:
    emp, _ = _emp(tmp_path, Target())
    for pin in ("1234", "0", "0000", "9" * 20):
        code = {"QRCodeIdentification": {"EvcoID": EVCO_ID, "PIN": pin}}
        shown = [one["QRCodeIdentification"] for one in emp.customers.with_wrong_pins(code)]
        assert {one["EvcoID"] for one in shown} == {EVCO_ID}
        wrong = [one.get("PIN") for one in shown]
        assert pin not in wrong
        assert wrong.count(None) == 1
        assert all(one is None or len(one) <= 20 for one in wrong)


def test_no_session_is_closed_to_begin_another_beside_it(tmp_path: Path) -> None:
    # One of three customers is rejected: two sessions can be open at once.
    cards = SECOND_CARD + SECOND_CARD.replace("5678", "9ABC")

    def rejects(request: dict[str, Any], _: int) -> bool:
        return request.get("Identification") == {"RFIDMifareFamilyIdentification": {"UID": "5678ABCD"}}

    emp, _ = _emp(tmp_path, Target(rejects), cards=cards)
    begun = emp.sessions_at_once(3)
    assert len({one.id for one in begun}) == len(begun) == 2
    assert not any(one.settled for one in begun)


def test_a_charge_begins_after_the_authorization_and_ends_now() -> None:
    record = Charge(_session(100.2), clock=lambda: 160.4).record()
    names = ("SessionStart", "ChargingStart", "ChargingEnd", "SessionEnd")
    moments = {name: datetime.fromisoformat(record[name]).timestamp() for name in names}
    assert moments["SessionStart"] == moments["ChargingStart"] == 101
    assert moments["ChargingEnd"] == moments["SessionEnd"] == 160
    assert record["MeterValueEnd"] - record["MeterValueStart"] == pytest.approx(record["ConsumedEnergy"])
    assert record["ConsumedEnergy"] == pytest.approx(22 * 59 / 3600, abs=0.001)


def test_a_charge_that_is_reported_at_once_is_over() -> None:
    record = Charge(_session(100.2), clock=lambda: 100.6).record()
    start, end = (
        datetime.fromisoformat(record[name]).timestamp() for name in ("ChargingStart", "SessionEnd")
    )
    assert (start, end) == (99, 100)


def test_the_messages_of_a_charge_agree() -> None:
    now = [100.5]
    one = Charge(_session(100.2), clock=lambda: now[0])
    start, progress = one.start(), one.progress()
    now[0] = 130.0
    end = one.end()
    now[0] = 900.0
    record = one.record()
    assert {**end, **start} == end
    assert {name: end[name] for name in record} == record
    assert progress["ConsumedEnergyProgress"] <= record["ConsumedEnergy"]
    assert progress["EventOccurred"] <= record["ChargingEnd"]
    assert progress["MeterValueInBetween"]["meterValues"][0] >= record["MeterValueStart"]


def test_nulls_inside_leave_one_optional_field_of_each_structure() -> None:
    info = {"CalibrationLawCertificateID": "C", "PublicKey": "P"}
    made = variations.inner_nulls(ChargeDetailRecord, {"CalibrationLawVerificationInfo": info})
    inner = made["CalibrationLawVerificationInfo"]
    assert [name for name, value in inner.items() if value is not None] == ["CalibrationLawCertificateID"]
    assert len(inner) == 5
    code = {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "PIN": "1"}}
    shown = variations.inner_nulls(AuthorizeStart, {"Identification": code})["Identification"]
    assert shown["QRCodeIdentification"] == {**code["QRCodeIdentification"], "HashedPIN": None}


def test_what_is_kept_is_neither_left_out_nor_null() -> None:
    body = {"SessionID": "S", "OperatorID": "DE*ABC", "EvseID": "DE*ABC*E1", "Identification": {}}
    kept = ("SessionID", "EvseID")
    assert variations.minimal(AuthorizeStart, body, kept=kept) == body
    nulls = variations.nulls(AuthorizeStart, body, kept=kept)
    assert (nulls["SessionID"], nulls["EvseID"]) == ("S", "DE*ABC*E1")
    assert nulls["PartnerProductID"] is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-11-22T14:00:00+01:00", "2026-11-22T13:00:00Z"),
        ("DE*ABC*E1*1", "DE*ABC*E1*1"),
        (1200.5, 1200.5),
    ],
)
def test_times_in_utc(given: object, expected: object) -> None:
    assert variations.in_utc(given) == expected


def test_an_operation_without_responses_does_not_end_the_run(tmp_path: Path) -> None:
    """One whole wait, then short ones; the other operations go on, and get the whole limit."""
    target = Target()
    emp, stage = _emp(tmp_path, target)
    given = list[float]()

    def post(path: str, body: bytes, *, seconds: float) -> Reply:
        if path.endswith("/stop"):
            given.append(seconds)
            return Reply(trouble="timeout", detail=f"no response within {seconds:g} s")
        assert seconds == stage.profile.target.timeout
        return Target.post(target, path, body, seconds=seconds)

    target.post = post  # type: ignore[method-assign]
    session = emp.authorize_start(emp.customer()).request.get("SessionID")
    for _ in range(4):
        stage.call(STOP, {"SessionID": session, "Identification": {}}, purpose=None)
    stage.call(NOTIFY, {"SessionID": session, "Type": "Start"}, purpose=None)
    assert given == [stage.profile.target.timeout, 1.0, 0.25, 0.11]
    said = stage.journal.closed()[-2].detail
    assert said == f"no response within 0.11 s; earlier there was none within {given[0]:g} s"
    troubles = [one.trouble for one in stage.journal.closed()]
    assert troubles == [None, "timeout", GIVEN_UP, GIVEN_UP, GIVEN_UP, None]


def test_a_record_without_a_response_is_not_forwarded_again(tmp_path: Path) -> None:
    target = Target()
    emp, stage = _emp(tmp_path, target)
    session = emp.session()
    target.post = lambda *_, **__: Reply(trouble="timeout")  # type: ignore[method-assign]
    emp.settle(session)
    emp.clean_up()
    emp.close_all()
    assert [one.operation for one in stage.journal.closed()][1:] == [CDR]


def test_two_operations_in_a_row_without_a_response_end_the_run(tmp_path: Path) -> None:
    target = Target()
    _, stage = _emp(tmp_path, target)
    target.post = lambda *_, **__: Reply(trouble="timeout")  # type: ignore[method-assign]
    for _ in range(3):
        stage.call(STOP, {"SessionID": "S"}, purpose=None)
    with pytest.raises(TargetDown, match="did not respond twice in a row"):
        stage.call(NOTIFY, {"SessionID": "S"}, purpose=None)


def test_the_record_of_a_reservation_has_no_energy(tmp_path: Path) -> None:
    emp, _ = _emp(tmp_path, Target())
    body = {"EvseID": "DE*ABC*E1*1", "Identification": {"RemoteIdentification": {"EvcoID": EVCO_ID}}}
    request = Part(body=json.dumps(body).encode())
    begun = Exchange(1, "target-to-hub", RESERVE, "POST", "", request, 1.0, 1.0)
    record = emp.messages.record(Session("0b0b0b0b-0000-4000-8000-000000000001", begun))
    assert record["ConsumedEnergy"] == 0
    assert record["MeterValueStart"] == record["MeterValueEnd"]
    assert "MeterValueInBetween" not in record


@pytest.mark.parametrize(
    ("known", "sent"),
    [
        ({"RFIDMifareFamilyIdentification": {"UID": "1234abcd"}}, "1234ABCD"),
        ({"PlugAndChargeIdentification": {"EvcoID": "de-dcb-c12345678-x"}}, "DE-DCB-C12345678-X"),
        ({"PlugAndChargeIdentification": {"EvcoID": "DE-8EO-CAet5e4XY-3"}}, "DE-8EO-CAet5e4XY-3"),
        ({"RFIDMifareFamilyIdentification": {"UID": "none"}}, "none"),
    ],
)
def test_an_id_in_lower_case_is_sent_as_hubject_forwards_it(
    tmp_path: Path, known: dict[str, dict[str, str]], sent: str
) -> None:
    emp, _ = _emp(tmp_path, Target())
    asked = emp.messages.authorize_request(known)["Identification"]
    (fields,) = asked.values()
    assert list(fields.values()) == [sent]
