"""What a target can do wrong with a connection: it is told once, and nothing crashes."""

import json
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from oicp_conformance.embedded import free_port
from selftest.support import (
    Reference,
    answer,
    cpo_profile,
    raw_server,
    reference_target,
    run_suite,
    running,
    send_raw,
)
from tools.hostile.peer import read_request

NOT_PASSED = 1
SWIPE = "test_card_authorized_by_broadcast"
REMOTE = "eRoamingAuthorizeRemoteStart"
STARTS = ("-k", "test_start_on_a_free_evse_is_acknowledged")


# --- the target is not there, or not any more


def test_target_that_is_down(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, cpo_profile(f"http://127.0.0.1:{free_port()}"))
    assert ran.exit_code == NOT_PASSED
    assert ran.verdict == "incomplete"
    assert not ran.rows("fail")
    assert ran.says("the target cannot be reached") == 1, ran.output
    assert "Connection refused" in ran.statement["stopped"]
    assert ran.seconds < 10


@contextmanager
def stimuli_of(server: HTTPServer, target: Reference, count: int, end: Callable[[], None]) -> Iterator[str]:
    """Passes stimuli on to a target; does something before the `count`-th and later ones. Gives the URL."""
    seen: list[str] = []

    def serve(request: Request) -> Response:
        seen.append(request.get_json()["stimulus"])
        if len(seen) >= count:
            end()
        with suppress(httpx.HTTPError):
            passed = httpx.post(target.stimuli_url, content=request.get_data(), trust_env=False)
            return Response(passed.content, passed.status_code)
        return Response("the target is gone", 500)

    server.expect_request("/stimuli").respond_with_handler(serve)
    yield server.url_for("/stimuli")


def test_target_that_goes_down(tmp_path: Path, httpserver: HTTPServer) -> None:
    with ExitStack() as stack:
        target = stack.enter_context(reference_target())
        with stimuli_of(httpserver, target, 12, stack.close) as url:
            ran = run_suite(tmp_path, target.profile(stimuli_url=url))
    assert ran.exit_code == NOT_PASSED
    assert ran.verdict != "pass"
    assert ran.says("the run stopped early: the target cannot be reached") == 1, ran.output
    sent = [one for one in ran.journal if one["direction"] == "target-to-hub"]
    assert len(sent) >= 4
    assert all(one["operation"] for one in sent)
    assert ran.operation("eRoamingAuthorizeStart")["exchanges"] > 0


def hang(connection: socket.socket) -> None:
    select.select([connection], [], [], 20)


def test_target_that_hangs(tmp_path: Path) -> None:
    with raw_server(hang) as url:
        ran = run_suite(tmp_path, cpo_profile(url))
    assert ran.exit_code == NOT_PASSED
    assert ran.verdict == "fail"
    assert ran.failed() == {"http.answered"}
    assert ran.says("the run stopped early: the target did not respond twice in a row") == 1
    # One operation that hangs does not end a run: the second one does.
    sent = [(one["operation"], one["trouble"]) for one in ran.journal]
    assert sent == [(f"eRoamingAuthorizeRemote{what}", "timeout") for what in ("Start", "Stop")]
    assert ran.seconds < 15


# --- the target answers with something else


def endlessly(connection: socket.socket, head: bytes) -> None:
    connection.sendall(head)
    for _ in range(200):
        time.sleep(0.1)
        connection.sendall(b" ")


SENT = {"Result": True, "StatusCode": {"Code": "000", "Description": "schön"}}
UTF_16 = json.dumps(SENT, ensure_ascii=False).encode("utf-16")
LATIN_1 = json.dumps(SENT, ensure_ascii=False).encode("latin-1")
HALF = b'{"Result": true, "StatusCode": {"Code": "0'
WRONG: dict[str, tuple[Callable[[socket.socket], None], str, str]] = {
    "HTML": (
        lambda c: c.sendall(answer(b"<html>Welcome</html>", headers={"Content-Type": "text/html"})),
        "http.json",
        "the body is not JSON",
    ),
    "half a JSON": (lambda c: c.sendall(answer(HALF)), "http.json", "the body is not JSON"),
    "nothing": (lambda c: c.sendall(answer(b"")), "http.json", "the body is empty"),
    "no object": (lambda c: c.sendall(answer(b"[1]")), "http.json", "the body is not a JSON object"),
    "NaN": (lambda c: c.sendall(answer(b'{"Result": NaN}')), "http.json", "NaN is not a JSON value"),
    "half a character": (
        lambda c: c.sendall(answer(rb'{"Result": true, "SessionID": "\ud800"}')),
        "http.json",
        "half a surrogate pair",
    ),
    "a very long number": (
        lambda c: c.sendall(answer(b'{"Result": ' + b"9" * 5000 + b"}")),
        "eRoamingAcknowledgement.Result",
        "",
    ),
    "deeply nested": (
        lambda c: c.sendall(answer(b"[" * 200_000)),
        "http.json",
        "it is nested too deeply",
    ),
    "20 MB": (
        lambda c: c.sendall(answer(b'{"a": "' + b"x" * 20_000_000 + b'"}')),
        "http.json",
        "the body is longer than the 2097152 bytes that the suite reads",
    ),
    "UTF-16": (lambda c: c.sendall(answer(UTF_16)), "http.utf-8", "the body is not UTF-8 at byte 0"),
    "latin-1": (lambda c: c.sendall(answer(LATIN_1)), "http.utf-8", "the body is not UTF-8 at byte"),
    "a trickle in the body": (
        lambda c: endlessly(c, answer(b"{}", headers={"Content-Length": "100000"})),
        "http.answered",
        "no response within 1 s",
    ),
    "a trickle in the head": (
        lambda c: endlessly(c, b"HTTP/1.1 200 OK\r\nX:"),
        "http.answered",
        "no response within 1 s",
    ),
    "a Content-Length that is too long": (
        lambda c: c.sendall(answer(b"{}", headers={"Content-Length": "100"})),
        "http.answered",
        "the response broke off: HTTP 200 and 2 of 100 bytes of the body were received",
    ),
    "a Content-Length that is too short": (
        lambda c: c.sendall(answer(json.dumps(SENT).encode(), headers={"Content-Length": "10"})),
        "http.json",
        "the body is not JSON",
    ),
    "a Content-Length that is negative": (
        lambda c: c.sendall(answer(b"{}", headers={"Content-Length": "-1"})),
        "http.answered",
        "not HTTP",
    ),
    "garbage": (lambda c: c.sendall(b"\x00\x01\xff SSH-2.0\r\n\r\n"), "http.answered", "not HTTP"),
    "broken chunks": (
        lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"),
        "http.answered",
        "not HTTP",
    ),
    "hanging up": (lambda _: None, "http.answered", "hung up"),
    "a redirect to itself": (
        lambda c: c.sendall(answer(b"", "307 Temporary Redirect", {"Location": "/"})),
        "http.status",
        "HTTP 307 is not an OICP response",
    ),
    "HTTP 500": (
        lambda c: c.sendall(answer(b"oops", "500 No")),
        "http.status",
        "HTTP 500 is not an OICP response",
    ),
    "a compressed body": (
        lambda c: c.sendall(answer(b"\x1f\x8b\x08\x00", headers={"Content-Encoding": "gzip"})),
        "http.json",
        "the body is compressed (Content-Encoding: gzip)",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_target_that_answers_with(tmp_path: Path, what: str) -> None:
    talk, requirement, message = WRONG[what]
    with raw_server(talk) as url:
        ran = run_suite(tmp_path, cpo_profile(url), *STARTS)
    assert ran.exit_code == NOT_PASSED, ran.output
    assert ran.verdict == "fail"
    (row,) = (row for row in ran.rows("fail") if row["id"] == requirement and row["operation"] == REMOTE)
    finding = row["findings"][0]
    assert message in f"{finding['message']} {finding['found']}"
    assert any(one["number"] == finding["exchange"] for one in ran.journal)
    assert ran.says(f". FAIL {requirement}: ") == 1
    assert ran.seconds < 30


# --- Ctrl-C


def test_interrupt(tmp_path: Path, httpserver: HTTPServer) -> None:
    arrived = threading.Event()
    with (
        reference_target() as target,
        stimuli_of(httpserver, target, 5, arrived.set) as url,
        running(tmp_path, target.profile(stimuli_url=url)) as run,
    ):
        assert arrived.wait(30)
        run.interrupt()
        ran = run.end()
    assert ran.exit_code not in {0, -signal.SIGINT}
    assert "Traceback" not in ran.output
    assert "INTERNALERROR" not in ran.output
    assert ran.verdict == "incomplete"
    assert ran.statement["stopped"] == "the run was interrupted"
    assert "Start your backend" not in ran.output
    assert ran.operation("eRoamingAuthorizeStart")["exchanges"] > 0
    assert any(one["operation"] == "eRoamingAuthorizeStart" for one in ran.journal)
    assert (ran.folder / "junit.xml").exists()


# --- a target that sends garbage to the hub

START = "/api/oicp/charging/v21/operators/DE*ABC/authorize/start"
CLOSING = ("Host: hub", "Connection: close")
"""Else the hub keeps the connection."""


def bare(method: str) -> bytes:
    return "\r\n".join([f"{method} {START} HTTP/1.1", *CLOSING, "", ""]).encode()


def post(path: str, body: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", *CLOSING, "Content-Type: application/json", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def sized(path: str, body: bytes) -> bytes:
    return post(path, body, f"Content-Length: {len(body)}")


# The HTTP status of the answer; None without one.
GARBAGE: dict[str, tuple[bytes, int | None]] = {
    "an unknown path": (sized("/none", b"{}"), 404),
    "a path that is not a URL": (sized("http://[", b"{}"), None),
    "a path with odd characters": (sized("/%ff%00/ä?a=%zz#", b"{}"), 404),
    "GET": (bare("GET"), 405),
    "HEAD": (bare("HEAD"), 405),
    "an unknown method": (bare("BREW"), 405),
    "no JSON": (sized(START, b"hello"), 400),
    "no object": (sized(START, b"[]"), 400),
    "the wrong types": (sized(START, b'{"SessionID": 1, "Identification": [], "OperatorID": {}}'), 200),
    "half a character": (sized(START, rb'{"SessionID": "\ud800", "CPOPartnerSessionID": "\ud800"}'), 400),
    "a very long number": (sized(START, b'{"SessionID": ' + b"9" * 5000 + b"}"), 200),
    "a deeply nested body": (sized(START, b"[" * 200_000), 400),
    "5 MB": (sized(START, b'{"a": "' + b"x" * 5_000_000 + b'"}'), 200),
    "invalid UTF-8": (sized(START, b'{"a": "\xff"}'), 400),
    "a negative Content-Length": (post(START, b"{}", "Content-Length: -5"), 400),
    "a Content-Length that is not a number": (post(START, b"{}", "Content-Length: two"), 400),
    "chunks": (post(START, b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), 200),
    "broken chunks": (post(START, b"zz\r\n{}", "Transfer-Encoding: chunked"), 400),
    "no HTTP": (b"\x16\x03\x01\x00 hello\r\n\r\n", None),
    "a line that is too long": (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
}


@pytest.mark.long(15)
def test_target_that_sends_garbage(tmp_path: Path, httpserver: HTTPServer) -> None:
    answers: dict[str, bytes] = {}

    with reference_target() as target:

        def pour() -> None:
            if answers:
                return
            for name, (data, _) in GARBAGE.items():
                answers[name] = send_raw(target.hub_port, data)
            # Some that break off: in the head, and in the body.
            for data in (b"POST / HT", post(START, b'{"half', "Content-Length: 100")):
                with socket.create_connection(("127.0.0.1", target.hub_port)) as connection:
                    connection.sendall(data)

        with stimuli_of(httpserver, target, 3, pour) as url:
            ran = run_suite(tmp_path, target.profile(stimuli_url=url, wait=5), "-k", "test_authorize_start")
    for name, (_, status) in GARBAGE.items():
        line = answers[name].partition(b"\r\n")[0].decode()
        assert status is None or line.startswith(f"HTTP/1.1 {status}"), (name, line)
    assert not ran.statement["trouble"]
    assert ran.verdict == "fail"
    assert {"http.json", "http.utf-8", "http.path"} <= ran.failed()
    bodies = [one["request"] for one in ran.journal]
    assert any(one.get("body") == '{"half' for one in bodies), "what broke off is in the journal"
    assert any(len(one.get("body", "")) > 5_000_000 for one in bodies)
    assert {"BREW", "GET", "HEAD"} <= {one["method"] for one in ran.journal}
    assert sum(one["trouble"] == "not HTTP" for one in ran.journal) >= 3
    # In between, the target's own requests were answered as ever.
    assert sum(one["status"] == 200 and one["purpose"] is None for one in ran.journal) > 5


def test_target_that_stalls_in_the_middle_of_a_request(tmp_path: Path, httpserver: HTTPServer) -> None:
    stalled: list[socket.socket] = []
    with reference_target() as target:

        def stall() -> None:
            connection = socket.create_connection(("127.0.0.1", target.hub_port))
            connection.sendall(post(START, b"{", "Content-Length: 100"))
            stalled.append(connection)

        with stimuli_of(httpserver, target, 1, stall) as url:
            ran = run_suite(tmp_path, target.profile(stimuli_url=url, wait=5), "-k", SWIPE)
    for connection in stalled:
        connection.close()
    assert "1 passed" in ran.output
    assert ran.seconds < 20


def test_read_request_reads_all_of_it() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(sized("/x", b"12345"))
        assert read_request(theirs).endswith(b"12345")
