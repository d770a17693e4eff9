"""The desk's parts that need no network: who may use it, what it tells, when it judges, what it passes on."""

import json
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import ValidationError
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from oicp_conformance.desk import asked, routes
from oicp_conformance.desk.acts import Impossible
from oicp_conformance.desk.feed import KEPT, Feed
from oicp_conformance.desk.guard import COOKIE, Guard
from oicp_conformance.desk.live import LiveJudge
from oicp_conformance.desk.relay import copy_evses
from oicp_conformance.hub.addresses import is_loopback
from oicp_conformance.hub.store import Store
from oicp_conformance.judge.outcome import Record
from selftest.unit.journals import a_cpo

CPO = a_cpo().profile

# --- who may use it


def request(
    path: str = "/status", method: str = "GET", host: str = "127.0.0.1:8700", **headers: str
) -> Request:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()] + [("Host", host)]
    data = b"{}" if method == "POST" else None
    return EnvironBuilder(path=path, method=method, headers=named, data=data).get_request()


OPEN, CLOSED = Guard(None), Guard("secret")


@pytest.mark.parametrize("host", ["127.0.0.1:8700", "localhost", "[::1]:8700", "127.0.0.2"])
def test_this_machine_may_ask(host: str) -> None:
    assert OPEN.objection(request(host=host)) is None


@pytest.mark.parametrize(
    ("asks", "reason"),
    [
        (request(host="evil.example"), "Host"),
        (request(host="127.0.0.1.evil.example:8700"), "Host"),
        (request(Origin="http://evil.example"), "Origin"),
        (request(Origin="http://127.0.0.1:9"), "Origin"),
        (request(Origin="null"), "Origin"),
        (request(Sec_Fetch_Site="cross-site"), "Sec-Fetch-Site"),
        (request(Sec_Fetch_Site="same-site"), "Sec-Fetch-Site"),
        (request("/reset", "POST", Content_Type="text/plain"), "Content-Type"),
    ],
)
def test_other_sites_are_refused(asks: Request, reason: str) -> None:
    assert (OPEN.objection(asks) or "").startswith(reason)


def test_the_page_itself_may_ask() -> None:
    asks = request(
        "/reset",
        "POST",
        Origin="http://127.0.0.1:8700",
        Sec_Fetch_Site="same-origin",
        Content_Type="application/json",
    )
    assert OPEN.objection(asks) is None
    # A link to the page may be followed from anywhere.
    assert OPEN.objection(request("/", Sec_Fetch_Site="cross-site")) is None


def test_the_token_is_needed_where_there_is_one() -> None:
    assert OPEN.knows(request())
    assert not CLOSED.knows(request())
    assert not CLOSED.knows(request(Authorization="Bearer wrong"))
    assert not CLOSED.knows(request(Authorization="Basic secret"))
    assert CLOSED.knows(request(Authorization="Bearer secret"))
    assert CLOSED.knows(request(Cookie=f"{COOKIE}=secret"))
    assert CLOSED.objection(request(host="hub.example")) is None
    assert CLOSED.enters(request("/?token=secret"))
    assert not CLOSED.enters(request("/?token=wrong"))
    assert not CLOSED.enters(request("/status?token=secret"))


def test_which_addresses_are_this_machine() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert is_loopback("localhost")
    assert not is_loopback("0.0.0.0")  # noqa: S104 - nobody listens there
    assert not is_loopback("hub.example")


# --- what can be asked for


def test_every_route_is_found_and_described() -> None:
    document = routes.openapi()
    for one in routes.ROUTES:
        path = "/".join("x" if part.startswith("{") else part for part in one.path.split("/"))
        found, names = routes.find(one.method, path)
        assert found is one
        assert set(names) == set(one.names)
        assert document["paths"][one.path][one.method.lower()]["summary"] == one.summary
    known = document["components"]["schemas"]
    for schema in known.values():
        Draft202012Validator.check_schema(schema)
    wanted = set(json.dumps(document).split('"#/components/schemas/')[1:])
    assert {one.partition('"')[0] for one in wanted} <= known.keys()
    ids = [own["operationId"] for methods in document["paths"].values() for own in methods.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/reset", 405), ("GET", "/exchanges/", 404)],
)
def test_what_there_is_not(method: str, path: str, status: int) -> None:
    if path == "/exchanges/":
        assert routes.find(method, path)[1] == {"number": ""}
        return
    with pytest.raises(Impossible) as error:
        routes.find(method, path)
    assert error.value.status == status


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (asked.OnEvse, {"EVSEID": "DE*ABC*E1*1"}),
        (asked.Scripted, {"answer": "explode"}),
        (asked.Scripted, {"answer": "late", "seconds": "soon"}),
        (asked.Clock, {"advance": 0}),
        (asked.Aim, {"base_url": "file:///etc/passwd"}),
        (asked.Clock, {"advance": float("nan")}),
    ],
)
def test_what_cannot_be_asked_for(model: type[asked.Asked], given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(given)


# --- what it tells


def test_a_reader_gets_what_came_after() -> None:
    feed = Feed()
    assert feed.after(0, 0) == []
    feed.tell("exchange", 1)
    feed.tell("exchange", 2)
    assert [one.data for one in feed.after(0, 0) or ()] == [1, 2]
    assert [one.data for one in feed.after(1, 0) or ()] == [2]
    assert feed.after(3, 0) is None  # the number is another feed's


def test_a_reader_who_is_far_behind_is_told_so() -> None:
    feed = Feed()
    for number in range(KEPT + 1):
        feed.tell("exchange", number)
    assert feed.after(0, 0) is None
    assert len(feed.after(1, 0) or ()) == KEPT


def test_closing_lets_readers_go() -> None:
    feed = Feed()
    reader = threading.Thread(target=feed.after, args=(0, 60), daemon=True)
    reader.start()
    feed.close()
    reader.join(5)
    assert not reader.is_alive()


# --- when it judges


def test_what_comes_while_it_judges_is_judged_once() -> None:
    begun, go_on = threading.Event(), threading.Event()
    judged: list[Record] = []

    def snapshot() -> Record:
        begun.set()
        assert go_on.wait(10)
        return Record(CPO, (), ())

    judge = LiveJudge(snapshot, lambda record, _: judged.append(record))
    judge.start()
    judge.wake()
    assert begun.wait(10)
    for _ in range(100):
        judge.wake()
    go_on.set()
    assert judge.settle(10)
    judge.stop()
    assert len(judged) == 2
    assert not judge.trouble


def test_a_mistake_of_the_judge_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("oh")

    judged: list[Record] = []
    judge = LiveJudge(lambda: Record(CPO, (), ()), lambda record, _: judged.append(record))
    judge.start()
    with monkeypatch.context() as changed:
        changed.setattr("oicp_conformance.desk.live.Watch.findings", fails)
        judge.wake()
        assert judge.settle(10)
        assert judge.trouble == "the judge failed: ZeroDivisionError: oh"
    judge.wake()
    assert judge.settle(10)
    judge.stop()
    assert not judge.trouble
    assert len(judged) == 1


def test_a_conversation_that_begins_again_is_judged_anew() -> None:
    """Its exchanges have the numbers of the old one's, and nothing that was found then is left."""
    broken, sound = a_cpo(), a_cpo()
    for journal, energy in ((broken, "1"), (sound, 4.0)):
        journal.cdr(journal.remote_start(), ConsumedEnergy=energy)
    snapshots = [broken.record, sound.record, replace(broken.record, profile=broken.profile.model_copy())]
    told: list[set[str]] = []
    judge = LiveJudge(
        lambda: snapshots[len(told)],
        lambda _, found: told.append({one.requirement for many in found.values() for one in many}),
    )
    judge.start()
    for _ in snapshots:
        judge.wake()
        assert judge.settle(10)
    judge.stop()
    found = {"eRoamingChargeDetailRecord.ConsumedEnergy", "eRoamingChargeDetailRecord.consumed-energy"}
    assert told == [found, set(), found]


def test_settling_has_an_end() -> None:
    judge = LiveJudge(lambda: Record(CPO, (), ()), lambda *_: None)
    judge.wake()  # and nobody judges
    began = time.monotonic()
    assert not judge.settle(0.05)
    assert time.monotonic() - began < 5


# --- what the sandbox passes on


def test_what_a_cpo_publishes_replaces_what_an_emp_could_pull() -> None:
    def push(store: Store, action: str, *evses: str) -> None:
        data = [{"EvseID": one, "IsHubjectCompatible": True} for one in evses]
        named = {"OperatorID": "DE*ABC", "OperatorName": "ABC"}
        store.evse_data.push(
            {"ActionType": action, "OperatorEvseData": {**named, "EvseDataRecord": data}},
            frozenset(),
            store.now,
        )
        states = [{"EvseID": one, "EvseStatus": "Available"} for one in evses]
        store.statuses.push(
            {"ActionType": action, "OperatorEvseStatus": {**named, "EvseStatusRecord": states}},
            frozenset(),
            store.now,
        )

    ours, theirs = Store(), Store()
    push(theirs, "fullLoad", "DE*ABC*E1*1", "DE*ABC*E2*1")
    push(ours, "insert", "DE*ABC*E1*1", "DE*ABC*E3*1")
    copy_evses(ours, theirs)
    assert [theirs.knows(f"DE*ABC*E{one}*1") for one in (1, 2, 3)] == [True, False, True]
    assert theirs.statuses.of("DE*ABC*E3*1") == "Available"
    assert theirs.evse_data.operators["DEABC"].id == "DE*ABC"
