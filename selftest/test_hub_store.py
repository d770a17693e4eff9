"""The store behind the real hub: over HTTP, with queries, large loads, scripts and a target."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer

from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import pulls, script
from oicp_conformance.hub.server import LONGEST
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Record, Verdict
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.provider import faker
from oicp_conformance.profile import Profile
from oicp_conformance.stimuli import driver_for

DATA, STATUS = "eRoamingPushEvseData", "eRoamingPushEvseStatus"
OPERATOR, PROVIDER = "DE*ABC", "DE-DCB"
EVSE = "DE*ABC*E1*1"
CARD = {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}
PARTNERS: dict[str, dict[str, Any]] = {
    "cpo": {"operator_id": OPERATOR, "evse_ids": [EVSE]},
    "emp": {"provider_id": PROVIDER, "accepts": [CARD]},
}
NOW = "2026-11-22T14:00:00+01:00"


def hub_for(role: str, base_url: str = "http://127.0.0.1:9") -> Stage:
    profile = Profile.model_validate(
        {
            "target": {"name": "a partner", "role": role, "base_url": base_url},
            "partner": PARTNERS[role],
            "hub": {"listen": "127.0.0.1:0"},
        }
    )
    return Stage(profile, driver_for(profile.stimuli, interactive=False, out=sys.stdout), faker(1))


@pytest.fixture
def cpo() -> Iterator[Stage]:
    hub = hub_for("cpo")
    hub.start()
    yield hub
    hub.stop()
    assert hub.failures == []


@pytest.fixture
def emp() -> Iterator[Stage]:
    hub = hub_for("emp")
    hub.start()
    yield hub
    hub.stop()
    assert hub.failures == []


def post(hub: Stage, operation: str, body: object, partner: str, query: str = "") -> httpx.Response:
    path = BY_NAME[operation].path_for({"operatorID": partner, "providerID": partner})
    with httpx.Client(trust_env=False, timeout=30) as client:
        return client.post(f"{hub.url}{path}{query}", json=body)


def pull(hub: Stage, query: str = "", **fields: Any) -> httpx.Response:
    body = {"ProviderID": PROVIDER, "GeoCoordinatesResponseFormat": "Google", **fields}
    return post(hub, "eRoamingPullEvseData", body, PROVIDER, query)


def exchange(hub: Stage, number: int) -> Exchange:
    """An exchange when it is over: a client has the answer a moment before."""
    found = hub.journal.wait(lambda one: one.number == number, 5)
    assert found
    return found


def load(*records: object, operator: str = OPERATOR) -> dict[str, Any]:
    data = {"OperatorID": operator, "OperatorName": "ABC", "EvseDataRecord": list(records)}
    return {"ActionType": "fullLoad", "OperatorEvseData": data}


def test_page_and_size_reach_the_answer(emp: Stage) -> None:
    pages = [pull(emp, f"?page={number}&size=25").json() for number in range(3)]
    assert [page["numberOfElements"] for page in pages] == [25, 25, 10]
    assert [page["last"] for page in pages] == [False, False, True]
    assert pull(emp).json()["size"] == 20
    whole = pull(emp, "?size=5000").json()
    assert whole["size"] == 2000
    assert [one for page in pages for one in page["content"]] == whole["content"]
    assert len({one["OperatorID"] for one in whole["content"]}) == 5
    assert whole["content"][0]["EvseID"] == EVSE


def test_another_partner_gets_nothing(emp: Stage, cpo: Stage) -> None:
    body = {"ProviderID": "FR-EMP", "GeoCoordinatesResponseFormat": "Google"}
    refused = post(emp, "eRoamingPullEvseData", body, "FR-EMP").json()
    assert (refused["StatusCode"]["Code"], refused["content"]) == ("017", [])
    foreign = post(cpo, "eRoamingPushEvseData", load(operator="FR*LYN"), "FR*LYN").json()
    assert (foreign["StatusCode"]["Code"], foreign["Result"]) == ("017", False)


def test_a_load_may_be_large_and_nothing_else(cpo: Stage) -> None:
    records = [{"EvseID": f"DE*ABC*E{number}", "AdditionalInfo": "x" * 5000} for number in range(2000)]
    done = post(cpo, "eRoamingPushEvseData", load(*records), OPERATOR)
    assert done.json()["Result"] is True
    pushed = exchange(cpo, 1)
    assert len(pushed.request.body) > LONGEST
    assert not pushed.request.cut
    assert cpo.hubject.store.knows("DE*ABC*E1999")
    post(cpo, "eRoamingAuthorizeStart", {"OperatorID": OPERATOR, "x": "x" * (LONGEST + 1000)}, OPERATOR)
    cut = exchange(cpo, 2)
    assert (cut.request.cut, len(cut.request.body)) == (True, LONGEST)


def test_a_page_fails_once(emp: Stage) -> None:
    emp.script("eRoamingPullEvseData", *pulls.fails_once(page=1))
    assert [pull(emp, f"?page={number}").status_code for number in (0, 1, 1)] == [200, 500, 200]
    assert [exchange(emp, number).scripted for number in (1, 2, 3)] == ["honest", "HTTP 500", None]


def test_a_script_that_refuses_keeps_nothing(cpo: Stage) -> None:
    cpo.script("eRoamingPushEvseData", *pulls.fails_once(page=0))
    assert post(cpo, "eRoamingPushEvseData", load({"EvseID": EVSE}), OPERATOR).status_code == 500
    assert not cpo.hubject.store.knows(EVSE)


def test_what_is_answered_is_known_before_what_follows(cpo: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub may still be busy with one exchange when the partner has its answer, and sends the next."""
    is_out, close = threading.Event(), cpo.journal.close

    def close_late(exchange: Exchange, **values: Any) -> Exchange:
        if exchange.request.get("ActionType") == "insert":
            assert is_out.wait(5)
        return close(exchange, **values)

    post(cpo, DATA, load({"EvseID": EVSE}), OPERATOR)
    monkeypatch.setattr(cpo.journal, "close", close_late)
    post(cpo, DATA, {**load({"EvseID": f"{EVSE}2"}), "ActionType": "insert"}, OPERATOR)
    status = {"OperatorID": OPERATOR, "EvseStatusRecord": [{"EvseID": f"{EVSE}2", "EvseStatus": "Available"}]}
    post(cpo, STATUS, {"ActionType": "fullLoad", "OperatorEvseStatus": status}, OPERATOR)
    exchange(cpo, 3)
    assert cpo.journal.wait(lambda one: one.number == 2, 0.1) is None, "who waits for it waits"
    said = outcomes(Record(cpo.profile, tuple(cpo.journal.closed()), tuple(cpo.journal.notes)))
    assert {one.verdict for one in said if one.requirement == f"{STATUS}.published"} == {Verdict.PASS}
    is_out.set()
    assert exchange(cpo, 2).status == 200


def test_a_script_is_not_spent_on_a_session_of_an_earlier_test(emp: Stage) -> None:
    emp.begin_test("one")
    identification = {"RemoteIdentification": {"EvcoID": "DE-DCB-C12345678-X"}}
    start = {"ProviderID": PROVIDER, "EvseID": EVSE, "Identification": identification}
    session_id = post(emp, "eRoamingAuthorizeRemoteStart", start, PROVIDER).json()["SessionID"]
    stop = {"ProviderID": PROVIDER, "EvseID": EVSE, "SessionID": session_id}
    emp.begin_test("two")
    emp.script("eRoamingAuthorizeRemoteStop", script.http_error())
    emp.script("eRoamingAuthorizeRemoteStart", script.http_error())
    assert post(emp, "eRoamingAuthorizeRemoteStop", stop, PROVIDER).json()["Result"] is True
    assert post(emp, "eRoamingAuthorizeRemoteStart", start, PROVIDER).status_code == 500
    assert post(emp, "eRoamingAuthorizeRemoteStart", start, PROVIDER).status_code == 200


def test_scripts_of_tests_that_are_played_side_by_side_are_not_mixed_up(emp: Stage) -> None:
    emp.begin_test("one")
    identification = {"RemoteIdentification": {"EvcoID": "DE-DCB-C12345678-X"}}
    start = {"ProviderID": PROVIDER, "EvseID": EVSE, "Identification": identification}
    stops = {}
    for test, failure in {"one": 500, "two": 503, "three": None}.items():
        with emp.playing(test):
            session_id = post(emp, "eRoamingAuthorizeRemoteStart", start, PROVIDER).json()["SessionID"]
            if failure:
                emp.script("eRoamingAuthorizeRemoteStop", script.http_error(failure))
        stops[test] = {"ProviderID": PROVIDER, "EvseID": EVSE, "SessionID": session_id}

    def stop(test: str) -> int:
        return post(emp, "eRoamingAuthorizeRemoteStop", stops[test], PROVIDER).status_code

    assert [stop(test) for test in ("three", "two", "one", "one", "two")] == [200, 503, 500, 200, 200]


@pytest.mark.parametrize("compatible", [True, False])
def test_what_is_published_may_be_started(emp: Stage, compatible: bool) -> None:
    records = pull(emp, "?size=2000", IsHubjectCompatible=compatible).json()["content"]
    identification = {"RemoteIdentification": {"EvcoID": "DE-DCB-C12345678-X"}}
    for record in records[:3]:
        body = {"ProviderID": PROVIDER, "EvseID": record["EvseID"], "Identification": identification}
        said = post(emp, "eRoamingAuthorizeRemoteStart", body, PROVIDER).json()
        assert said["StatusCode"]["Code"] == ("000" if compatible else "604")
    unknown = {"ProviderID": PROVIDER, "EvseID": "DE*ABC*E404", "Identification": identification}
    said = post(emp, "eRoamingAuthorizeRemoteStart", unknown, PROVIDER).json()
    assert said["StatusCode"]["Code"] == "603"


@pytest.mark.parametrize("taken", [True, False])
def test_records_that_were_sent_to_an_emp_can_be_pulled(httpserver: HTTPServer, taken: bool) -> None:
    answer = {"Result": taken, "StatusCode": {"Code": "000" if taken else "021"}}
    path = BY_NAME["eRoamingChargeDetailRecord"].path_for({"operatorID": OPERATOR})
    httpserver.expect_request(path).respond_with_json(answer)
    hub = hub_for("emp", httpserver.url_for("").rstrip("/"))
    record = {"SessionID": hub.hubject.session_id(), "EvseID": EVSE, "ConsumedEnergy": 1}
    hub.start()
    try:
        hub.call("eRoamingChargeDetailRecord", record, purpose="request.valid", expects="accept")
        wrong = {**record, "SessionID": hub.hubject.session_id()}
        hub.call("eRoamingChargeDetailRecord", wrong, purpose="request.valid", expects="refuse")
        broken = {**record, "SessionID": hub.hubject.session_id()}
        hub.call(
            "eRoamingChargeDetailRecord",
            broken,
            purpose="request.valid",
            expects="accept",
            raw=json.dumps(broken).encode()[:-9],
        )
        day = {"From": "2000-01-01T00:00:00Z", "To": "2100-01-01T00:00:00Z", "ProviderID": PROVIDER}
        kept = [
            post(hub, "eRoamingGetChargeDetailRecords", {**day, "CDRForwarded": forwarded}, PROVIDER).json()
            for forwarded in (True, False)
        ]
    finally:
        hub.stop()
    assert [page["content"] for page in kept] == ([[record], []] if taken else [[], [record]])


def test_response_that_is_held_back_when_the_hub_stops_is_taken_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """A push that does not wait for it shows itself only then; the machine may be busy."""
    hub = hub_for("cpo")
    hub.start()
    answers = hub.journal.answer

    def slowly(*arguments: Any, **values: Any) -> None:
        time.sleep(0.3)
        answers(*arguments, **values)

    monkeypatch.setattr(hub.journal, "answer", slowly)
    hub.script(STATUS, script.late(60))
    sending = threading.Thread(target=post, args=(hub, STATUS, {}, OPERATOR), daemon=True)
    sending.start()
    while not hub.journal.exchanges:
        time.sleep(0.01)
    began = time.monotonic()
    hub.stop()
    (held,) = hub.journal.closed()
    assert held.scripted == "late"
    assert time.monotonic() - began < 10
    sending.join(10)
