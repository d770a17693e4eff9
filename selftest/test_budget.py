"""The suite stays small: what a run keeps of bodies, requests and connections, and what it says of it."""

import errno
import hashlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import budget as budgets
from oicp_conformance.hub.budget import KEPT, Budget, weight
from oicp_conformance.hub.client import Client
from oicp_conformance.hub.connections import Connections
from oicp_conformance.hub.errors import HubError
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.profile import Target
from selftest.support import reference_target, run_suite
from selftest.test_hub_fuzz import PATHS, listening, say

PUSH = PATHS["eRoamingPushEvseData"]
START = PATHS["eRoamingAuthorizeStart"]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Stage]:
    with listening("cpo", tmp_path) as hub:
        yield hub


def found(hub: Stage, requirement: str) -> list[Outcome]:
    record = Record(hub.profile, tuple(hub.journal.closed()), ())
    return [one for one in outcomes(record) if one.requirement == requirement]


def posted(hub: Stage, path: str, body: bytes) -> httpx.Response:
    return httpx.post(hub.url + path, content=body, trust_env=False, timeout=20)


def limited(hub: Stage, **limits: int) -> None:
    hub.budget.__init__(**limits)  # type: ignore[misc] # as a run would have it


def test_body_beyond_the_budget_is_cut_and_nobody_is_charged(hub: Stage) -> None:
    limited(hub, memory=1_000_000)
    body = json.dumps({"ActionType": "fullLoad", "OperatorEvseData": "x" * 3_000_000}).encode()
    answer = posted(hub, PUSH, body)
    assert answer.json()["Result"] is True
    (kept,) = hub.journal.closed()
    assert (kept.request.body, kept.request.cut, kept.request.over_budget) == (body[:KEPT], True, True)
    assert (kept.request.length, kept.request.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert Exchange.from_json(json.loads(json.dumps(kept.as_json()))).request == kept.request
    (judged,) = found(hub, "http.json")
    assert judged.verdict is Verdict.INCONCLUSIVE
    assert judged.message == f"the body of {len(body)} bytes exceeds what the suite keeps in a run"
    assert not [one for one in outcomes(Record(hub.profile, (kept,), ())) if one.verdict is Verdict.FAIL]
    (note,) = hub.budget.notes
    assert note.startswith("1 bodies of 3.0 MB in all were cut to 4096 bytes")
    # What comes after it is answered and kept as ever.
    assert posted(hub, START, b"{}").status_code == 200
    assert hub.journal.closed()[-1].request == Part(hub.journal.closed()[-1].request.headers, b"{}")


def test_room_for_a_body_is_given_back(hub: Stage) -> None:
    limited(hub, memory=1_000_000)
    for _ in range(20):
        posted(hub, PUSH, b"x" * 900_000)
    kept = hub.journal.closed()
    assert [one.request.over_budget for one in kept] == [True] * 20
    assert sum(len(one.request.body) for one in kept) == 20 * KEPT


def test_what_reads_as_much_more_than_it_is_weighs_as_much() -> None:
    for body in (b"[" + b"{}," * 100_000 + b"1]", b"[" + b'{"a":[1]},' * 100_000 + b"1]"):
        assert weight(body) > 10 * len(body)
    assert weight(b'"' + b"x" * 1000 + b'"') < 3 * 1002


def test_requests_beyond_the_budget_are_answered_and_counted(hub: Stage) -> None:
    limited(hub, requests=3)
    assert [posted(hub, START, b"{}").status_code for _ in range(5)] == [200, 200, 200, 503, 503]
    assert len(hub.journal.closed()) == 3
    (note,) = hub.budget.notes
    assert note.startswith("2 requests of the target were rejected with HTTP 503 and not kept")


def test_requests_that_are_not_kept_take_no_room(hub: Stage) -> None:
    limited(hub, requests=1, memory=100_000)
    for size in (10, *[40_000] * 5, 60_000, 20):
        posted(hub, START, b"x" * size)
    (note,) = hub.budget.notes
    assert note.startswith("7 requests of the target were rejected with HTTP 503 and not kept")
    assert hub.budget.take(90_000), "there is room for the answers to the hub's calls"


def test_silent_connections_make_room_for_those_that_speak(hub: Stage) -> None:
    port = int(hub.url.rpartition(":")[2])
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(budgets.connections() + 40)]
    try:
        assert posted(hub, START, b"{}").status_code == 200
    finally:
        for one in silent:
            one.close()
    assert hub.failures == []
    (note,) = hub.budget.notes
    assert "connections to the hub were closed" in note


def test_busy_connections_are_not_closed_for_new_ones() -> None:
    closed: list[bool] = []
    connections = Connections(2, lambda: closed.append(True))
    pairs = [socket.socketpair() for _ in range(4)]
    ours = [one for one, _ in pairs]
    try:
        assert connections.admit(ours[0])
        assert connections.admit(ours[1])
        connections.busy(ours[0])
        assert connections.admit(ours[2])  # in the place of the second, which says nothing
        assert pairs[1][1].recv(1) == b""
        connections.busy(ours[2])
        assert not connections.admit(ours[3])
        connections.over(ours[0])
        assert connections.admit(ours[3])
        assert len(closed) == 2
    finally:
        for pair in pairs:
            for one in pair:
                one.close()


# --- requests that break off


@pytest.mark.parametrize(
    ("data", "words", "kept"),
    [
        (
            b'Content-Length: 100\r\n\r\n{"half',
            "the request broke off after 6 of 100 bytes of its body",
            b'{"half',
        ),
        (b"Content-Length: 100\r\n\r\n", "the request broke off after 0 of 100 bytes of its body", b""),
        (b"Content-Length: 9\r\n\r\n{}", "the request broke off after 2 of 9 bytes of its body", b"{}"),
        (
            b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
            "the request broke off after 2 bytes of its body",
            b"{}",
        ),
        (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}", "the request has broken chunks after 0 bytes", b""),
    ],
)
def test_request_that_breaks_off_says_where(hub: Stage, data: bytes, words: str, kept: bytes) -> None:
    heard = say(hub, f"POST {START} HTTP/1.1\r\nHost: x\r\n".encode() + data)
    assert heard.startswith(b"HTTP/1.1 400 ")
    (one,) = hub.journal.closed()
    assert (one.status, one.trouble, one.request.body) == (None, "broke off", kept)
    assert one.detail.startswith(words)
    assert one.operation == "eRoamingAuthorizeStart"
    said = outcomes(Record(hub.profile, (one,), ()))
    assert not [each for each in said if each.requirement in {"http.json", "http.utf-8"}]
    assert not [each for each in said if "is empty" in each.message or "not JSON" in each.message]


# --- OCPP messages, and a reset


def test_messages_of_ocpp_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oicp_conformance.hub.budget.MESSAGES", 2)
    budget = Budget()
    assert [budget.admits_message("{}") for _ in range(4)] == [True, True, False, False]
    assert budget.notes == ("2 OCPP messages were not kept: the suite keeps 2 in a run",)
    assert not Budget(memory=5000).admits_message("x" * 5000)


def test_budget_begins_anew_with_the_journal(hub: Stage) -> None:
    hub.budget._left, hub.budget._taken = 0, 10_000
    assert not hub.budget.admits()
    hub.reset()
    assert hub.budget.admits()
    assert hub.budget.notes == ()


# --- what this machine lacks


def test_files_that_are_used_up_are_not_the_targets_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise OSError(errno.EMFILE, "Too many open files")

    client = Client(Target(name="A CPO", role="cpo", base_url="http://127.0.0.1:9"))
    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(HubError, match=r"^the suite cannot call the target: Too many open files$"):
        client.reach()
    with pytest.raises(HubError, match="Too many open files"):
        client.post("/", b"{}")
    client.close()


def test_disk_that_is_full_is_an_error_of_the_suite(tmp_path: Path) -> None:
    with reference_target() as target:
        ran = run_suite(tmp_path, target.profile(), "-k", "start_on_a_free", "-p", "selftest.full_disk")
    assert ran.exit_code == 3, ran.output
    assert ran.says("internal error of the suite: ") == 1
    assert ran.says("cannot be written: No space left on device") == 1
    assert "FAIL" not in ran.output
