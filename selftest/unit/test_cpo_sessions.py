"""How the hub leads the sessions of a CPO: it waits, insists, keeps the ids, and closes politely."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from oicp_conformance.actors.stage import Unobserved
from oicp_conformance.hub import variations
from oicp_conformance.hub.client import Reply
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Plug
from oicp_conformance.oicp.messages import eRoamingAuthorizeRemoteStart as RemoteStart
from oicp_conformance.stimuli import Outcome
from selftest.unit.scene import (
    CDR,
    ONE,
    PRICES,
    PRODUCTS,
    SETTLE,
    STATUS,
    TWO,
    WAIT,
    Scene,
    seconds_of,
)

# --- the world takes its time


def test_a_stop_waits_for_the_sign_that_the_session_has_arrived(scene: Scene) -> None:
    scene.signs_after = 0.3
    session = scene.cpo.start(ONE)
    stop = scene.cpo.remote_stop(session)
    sign = next(one for one in scene.stage.journal.closed() if one.operation == STATUS)
    assert sign.number < stop.number
    assert stop.started >= (sign.finished or 0)


def test_without_signs_a_session_gets_the_time_to_settle(scene: Scene) -> None:
    first = seconds_of(lambda: scene.cpo.finish(scene.cpo.start(ONE)))
    later = seconds_of(lambda: scene.cpo.start(ONE))
    assert first >= WAIT
    assert SETTLE <= later < WAIT
    last = scene.stage.journal.closed()[-1]
    session = scene.cpo.session_of(last)
    assert session is not None
    assert seconds_of(lambda: scene.cpo.arrive(session, surely=True)) >= WAIT - SETTLE - 0.1


def test_signs_that_stay_away_are_not_awaited_for_ever(scene: Scene) -> None:
    scene.signs_after = 0.01
    scene.cpo.finish(scene.cpo.start(ONE))
    scene.signs_after = None
    took = [seconds_of(lambda: scene.cpo.finish(scene.cpo.start(ONE))) for _ in range(3)]
    assert took[0] >= WAIT
    assert took[2] < WAIT


def test_a_rejected_stop_is_sent_again_until_it_is_accepted(tmp_path: Path) -> None:
    rejects = iter(["400", "400"])
    scene = Scene(tmp_path, lambda request, _: "000" if _starts(request) else next(rejects, "000"))
    stop = scene.cpo.remote_stop(scene.cpo.start(ONE))
    tries = [one for one in scene.stage.journal.closed() if one.operation == "eRoamingAuthorizeRemoteStop"]
    assert [one.repeats for one in tries] == [None, *(one.number for one in tries[:-1])]
    assert len(tries) == 3
    assert stop.number == tries[-1].number
    assert stop.answer.get("Result") is True
    assert {one.request.get("SessionID") for one in tries} == {stop.request.get("SessionID")}


def _starts(request: Mapping[str, Any]) -> bool:
    return "Identification" in request


def test_a_stop_that_is_always_rejected_is_given_up_when_the_wait_is_over(tmp_path: Path) -> None:
    scene = Scene(tmp_path, lambda request, _: "000" if _starts(request) else "400")
    session = scene.cpo.start(ONE)
    took = seconds_of(lambda: scene.cpo.remote_stop(session))
    assert WAIT <= took < WAIT + 0.5
    refused = len(scene.target.requests)
    scene.cpo.remote_stop(session, purpose="request.malformed", expects="refuse")
    assert len(scene.target.requests) == refused + 1


def test_a_second_start_is_repeated_with_a_session_of_its_own(tmp_path: Path) -> None:
    scene = Scene(tmp_path, lambda _, number: "602" if number == 3 else "000")
    scene.cpo.finish(scene.cpo.start(ONE))
    scene.cpo.start(ONE)
    starts = [one for one in scene.target.requests if "Identification" in one]
    assert len(starts) == 3
    assert len({one["SessionID"] for one in starts}) == 3
    assert {one["EvseID"] for one in starts} == {ONE}


# --- plug-in and unplug


def test_the_cable_is_plugged_in_after_the_start_and_taken_out_after_the_stop(scene: Scene) -> None:
    session = scene.cpo.start(ONE)
    assert session.plugged_in == 1
    scene.cpo.finish(session)
    about = {"SessionID": session.id, "EvseID": ONE}
    assert scene.world.asked == [("plug-in", about), ("unplug", about)]


@pytest.mark.parametrize(("outcome", "asked"), [(Outcome.UNAVAILABLE, 1), (Outcome.FAILED, 5)])
def test_a_world_without_cables_is_not_asked_for_ever(tmp_path: Path, outcome: Outcome, asked: int) -> None:
    scene = Scene(tmp_path, outcome=outcome)
    sessions = [scene.cpo.start(ONE) for _ in range(1)]
    for _ in range(3):
        scene.cpo.finish(sessions[-1])
        sessions.append(scene.cpo.start(ONE))
    assert [name for name, _ in scene.world.asked].count("plug-in") == asked
    assert all(session.plugged_in is None for session in sessions)
    plugs = [note for note in scene.stage.journal.notes if isinstance(note, Plug)]
    assert {note.outcome for note in plugs} == {outcome.value}


def test_a_reservation_needs_no_cable(tmp_path: Path) -> None:
    scene = Scene(tmp_path, more="[supports]\neRoamingReservation = true\n")
    scene.cpo.reserve()
    assert not scene.world.asked


# --- the hub keeps the rules that it judges by


def test_a_start_names_a_product_only_if_there_is_one(scene: Scene) -> None:
    scene.cpo.start(ONE)
    assert "PartnerProductID" not in scene.target.requests[0]
    push = {
        "ActionType": "fullLoad",
        "PricingProductData": {
            "OperatorID": "DE*ABC",
            "ProviderID": "*",
            "PricingProductDataRecords": [
                {"ProductID": "NIGHT", "IsValid24hours": False},
                {"ProductID": "CITY", "IsValid24hours": True},
                {"ProductID": "FAST", "IsValid24hours": True},
            ],
        },
    }
    store = scene.stage.hubject.store
    assert store.answer(PRODUCTS, "DE*ABC", push) == {"Result": True, "StatusCode": {"Code": "000"}}
    assert scene.cpo.messages.request(TWO)["PartnerProductID"] == "CITY"
    price = {"EvseID": TWO, "ProviderID": "*", "EvseIDProductList": ["FAST", {"ProductID": "NIGHT"}]}
    store.answer(PRICES, "DE*ABC", {"ActionType": "fullLoad", "EVSEPricing": [price]})
    assert scene.cpo.messages.request(TWO)["PartnerProductID"] == "FAST"
    assert scene.cpo.messages.request(ONE)["PartnerProductID"] == "CITY"


def test_the_products_of_the_profile_are_the_only_ones(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    partner = scene.stage.profile.partner.model_copy(update={"products": ["AC1"]})
    scene.stage.hubject._profile = scene.stage.profile.model_copy(update={"partner": partner})
    assert scene.cpo.messages.request(ONE)["PartnerProductID"] == "AC1"


@pytest.mark.parametrize("purpose", ["request.maximal", "request.non-ascii", "request.separators"])
def test_a_stop_has_the_ids_with_which_its_session_began(scene: Scene, purpose: str) -> None:
    session = scene.cpo.start_as(variations.beginning(purpose, RemoteStart))
    scene.cpo.stop_with(session, purpose, lambda body: body)
    start, stop = scene.target.requests
    names = ("SessionID", "EMPPartnerSessionID", "EvseID", "ProviderID")
    assert [start[name] for name in names] == [stop[name] for name in names]
    assert (purpose != "request.maximal") or len(stop["EMPPartnerSessionID"]) == 250


def test_a_session_that_began_without_a_partner_id_is_stopped_without(scene: Scene) -> None:
    session = scene.cpo.start_as(variations.beginning("request.nulls", RemoteStart))
    assert "EMPPartnerSessionID" not in scene.cpo.messages.stop_request(session)


def test_a_stop_in_another_form_that_is_rejected_is_compared_with_one_without(tmp_path: Path) -> None:
    def rule(request: Mapping[str, Any], _: int) -> str:
        is_stop = "Identification" not in request
        return "022" if is_stop and len(request.get("EMPPartnerSessionID", "")) > 100 else "000"

    scene = Scene(tmp_path, rule)
    session = scene.cpo.start_as(variations.beginning("request.maximal", RemoteStart))
    scene.cpo.stop_with(session, "request.maximal", lambda body: body)
    rejected = [one for one in scene.stage.journal.closed() if one.purpose == "request.maximal"][-1]
    (control,) = (one for one in scene.stage.journal.closed() if one.control is not None)
    assert control.control == rejected.number
    assert control.answer.get("Result") is True


def test_a_stop_in_another_form_without_a_response_is_not_compared(scene: Scene) -> None:
    """Its session gets its CDR, by a stimulus if it has to: no second session is begun and stopped."""
    session = scene.cpo.start()
    scene.target.post = lambda *_, **__: Reply(trouble="timeout")  # type: ignore[method-assign]
    with pytest.raises(Unobserved, match=CDR):
        scene.cpo.stop_with(session, "request.nulls", lambda body: body)
    assert [one.operation for one in scene.stage.journal.closed()][1:] == ["eRoamingAuthorizeRemoteStop"]
    assert scene.world.asked[-1] == (CDR, {"SessionID": session.id, "EvseID": session.evse})


def test_a_start_without_a_response_is_stopped_politely(scene: Scene) -> None:
    """The CPO may have started it all the same, and its EVSE would stay in use."""
    post = scene.target.post

    def without_responses_to_starts(path: str, body: bytes, *, seconds: float) -> Reply:
        reply = post(path, body, seconds=seconds)
        return Reply(trouble="timeout") if _starts(json.loads(body)) else reply

    scene.target.post = without_responses_to_starts  # type: ignore[method-assign]
    scene.cpo.remote_start(ONE)
    scene.cpo.ask_reservation(ONE)
    start, stop, reserve, release = (one for one in scene.stage.journal.closed() if not one.by_target)
    assert [one.request.get("SessionID") for one in (stop, release)] == [
        one.request.get("SessionID") for one in (start, reserve)
    ]
    assert (stop.operation, release.operation) == (
        "eRoamingAuthorizeRemoteStop",
        "eRoamingAuthorizeRemoteReservationStop",
    )
    assert {one.purpose for one in (stop, release)} == {None}


def test_others_than_the_holder_of_a_reservation_are_of_another_provider(scene: Scene) -> None:
    own = scene.cpo.messages.request(ONE)
    other = scene.cpo.messages.of_another_provider(own)
    assert other["ProviderID"] != own["ProviderID"]
    evco = other["Identification"]["RemoteIdentification"]["EvcoID"]
    assert evco.replace("-", "").startswith(other["ProviderID"].replace("-", ""))


# --- what began with garbage


def test_a_session_that_an_invalid_start_began_is_closed_and_expects_nothing(scene: Scene) -> None:
    begun = scene.cpo.remote_start(
        ONE, lambda body: {**body, "Identification": {}}, purpose="request.malformed", expects="refuse"
    )
    scene.cpo.close(begun, ONE)
    stop = scene.target.requests[-1]
    assert (stop["SessionID"], stop["EvseID"]) == (begun.request.get("SessionID"), ONE)
    (sent,) = (one for one in scene.stage.journal.closed() if one.operation == "eRoamingAuthorizeRemoteStop")
    assert (sent.purpose, sent.expects) == (None, "any")
    assert scene.cpo.free_evses() == [TWO, ONE]


def test_a_session_id_that_the_target_made_up_is_good_for_the_stop_only(scene: Scene) -> None:
    begun = scene.cpo.remote_start(
        ONE,
        lambda body: {name: value for name, value in body.items() if name != "SessionID"},
        purpose="request.malformed",
        expects="refuse",
    )
    scene.cpo.close(begun, ONE)
    made_up = begun.answer.get("SessionID")
    assert scene.target.requests[-1]["SessionID"] == made_up
    assert scene.stage.sessions.get(made_up) is None


def test_a_rejected_start_is_not_closed(tmp_path: Path) -> None:
    scene = Scene(tmp_path, lambda *_: "022")
    begun = scene.cpo.remote_start(ONE, purpose="request.malformed", expects="refuse")
    scene.cpo.close(begun, ONE)
    assert len(scene.target.requests) == 1
    with pytest.raises(Unobserved):
        scene.cpo.start_as(lambda body: body)


def test_a_cable_does_not_stay_plugged_in_after_a_session_that_a_test_gave_up(scene: Scene) -> None:
    """At a real charging point the charge would go on, and the EVSE would stay in use."""
    scene.stage.begin_test("this")
    session = scene.cpo.start(ONE)
    scene.cpo.remote_stop(session)
    asked = [stimulus for stimulus, _ in scene.world.asked]
    assert "unplug" not in asked
    scene.cpo.clean_up()
    scene.cpo.clean_up()
    assert [stimulus for stimulus, _ in scene.world.asked].count("unplug") == 1


def _presented(scene: Scene, *asked: tuple[str, str]) -> Exchange:
    """A second driver shows a card, and the CPO asks for some: each an UID and its own session id."""
    for uid, own in asked:
        body = {"EvseID": ONE, "CPOPartnerSessionID": own, "Identification": _card(uid)}
        threading.Timer(0.05, scene.says, args=["eRoamingAuthorizeStart", body]).start()
    return scene.cpo.swipe(_card("BB22CC33"), ONE)


def _card(uid: str) -> dict[str, dict[str, str]]:
    return {"RFIDMifareFamilyIdentification": {"UID": uid}}


def test_another_attempt_for_a_rejected_driver_is_not_of_the_next_one(scene: Scene) -> None:
    rejected = {"AuthorizationStatus": "NotAuthorized", "StatusCode": {"Code": "102"}}
    request = {"EvseID": ONE, "CPOPartnerSessionID": "a", "Identification": _card("AA11BB22")}
    scene.says("eRoamingAuthorizeStart", request, rejected)
    came = _presented(scene, ("AA11BB22", "b"), ("BB22CC33", "c"))
    assert came.request.get("CPOPartnerSessionID") == "c"


def test_a_card_that_was_authorized_before_is_not_asked_for_again(scene: Scene) -> None:
    request = {"EvseID": ONE, "CPOPartnerSessionID": "a", "Identification": _card("AA11BB22")}
    scene.says("eRoamingAuthorizeStart", request)
    came = _presented(scene, ("AA11BB22", "b"))
    assert came.request.get("CPOPartnerSessionID") == "b"
