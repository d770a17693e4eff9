"""Connections are kept for the next request, in both directions, and closed where one side wants it."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import handler, server
from oicp_conformance.hub.client import SENT_AGAIN, Client, Reply
from oicp_conformance.profile import Target
from selftest.support import raw_server
from selftest.test_hub_fuzz import PATHS, listening
from tools.hostile.peer import answer, read_request, request

START = PATHS["eRoamingAuthorizeStart"]
OTHER = PATHS["eRoamingPullEvseStatus"]
GOOD = request(START, b"{}")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Stage]:
    with listening("cpo", tmp_path) as hub:
        yield hub


def said(hub: Stage, data: bytes, *, ends: bool = True) -> tuple[list[str], list[str]]:
    """The status of each answer to what is sent on one connection, and what each answer says of it."""
    heard = b""
    with socket.create_connection(("127.0.0.1", int(hub.url.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(data)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                heard += piece
    # The bodies end without a line.
    lines = heard.decode("latin-1").replace("HTTP/1.1 ", "\r\nHTTP/1.1 ").split("\r\n")
    return (
        [one.split()[1] for one in lines if one.startswith("HTTP/1.1 ")],
        [one.partition(": ")[2] for one in lines if one.startswith("Connection: ")],
    )


def paths(hub: Stage) -> list[str]:
    return [one.path for one in hub.journal.exchanges]


# --- the hub is called


def test_pipelined_requests_are_answered_in_order(hub: Stage) -> None:
    wrong = request(START, b"[")
    heard = said(hub, GOOD + wrong + request("/nowhere", b"{}") + request(OTHER, b"{}") + GOOD)
    assert heard == (["200", "400", "404", "200", "200"], ["keep-alive"] * 5)
    assert paths(hub) == [START, START, "/nowhere", OTHER, START]
    assert hub.failures == []


CHUNKS = request(START, b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked")
SAME = request(START, b"{}", "Content-Length: 2", "Content-Length: 2")
WHOLE: dict[str, bytes] = {
    "chunks": CHUNKS,
    "the same length twice": SAME,
    "a line after the body": GOOD + b"\r\n",
    "HEAD": request("/", b"", method="HEAD"),
    "a body that is too long": request(START, b"x" * (server.LONGEST + 1)),
    "HTTP/1.0 that asks for it": request(START, b"{}", "Connection: keep-alive", version="HTTP/1.0"),
}


@pytest.mark.parametrize("what", WHOLE)
def test_request_after_a_whole_one_is_answered(hub: Stage, what: str) -> None:
    statuses, connections = said(hub, WHOLE[what] + GOOD)
    assert (statuses[-1], connections) == ("200", ["keep-alive"] * 2)


# What is sent, its status, and what the journal says of it.
LAST: dict[str, tuple[bytes, str, str]] = {
    "HTTP/1.0": (request(START, b"{}", version="HTTP/1.0"), "200", ""),
    "Connection: close": (request(START, b"{}", "Connection: close"), "200", ""),
    "a length and chunks": (
        request(START, b"2\r\n{}\r\n0\r\n\r\n", "Content-Length: 2", "Transfer-Encoding: chunked"),
        "200",
        "the request has a Content-Length and a Transfer-Encoding: the chunks have precedence "
        "(RFC 9112, 6.3)",
    ),
    "two lengths": (
        request(START, b"{}", "Content-Length: 2", "Content-Length: 5"),
        "400",
        "the request has an invalid Content-Length: '2, 5'",
    ),
    "no number for a length": (
        request(START, b"{}", "Content-Length: +2"),
        "400",
        "the request has an invalid Content-Length: '+2'",
    ),
    "another coding": (
        request(START, b"{}", "Transfer-Encoding: gzip, chunked"),
        "400",
        "the request has a Transfer-Encoding that the hub does not know: 'gzip, chunked'",
    ),
    "broken chunks": (
        request(START, b"zz\r\n{}", "Transfer-Encoding: chunked"),
        "400",
        "the request has broken chunks after 0 bytes of its body: a chunk without its size",
    ),
}


@pytest.mark.parametrize("what", LAST)
def test_nothing_is_answered_after_the_last_request(hub: Stage, what: str) -> None:
    data, status, detail = LAST[what]
    # Whose end is in doubt: what follows must not be taken for another request.
    assert said(hub, data + GOOD, ends=False) == ([status], ["close"])
    (one,) = hub.journal.closed()
    assert one.detail == detail


def test_noise_after_a_request_is_said_to_be_that(hub: Stage) -> None:
    said(hub, GOOD + b"noise\r\n" + GOOD)
    good, noise = hub.journal.closed()
    assert (good.status, noise.trouble) == (200, "not HTTP")
    assert noise.detail.endswith("; the connection had carried 1 requests with responses before")


def test_idle_connection_is_closed_after_a_time(hub: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler._Handler, "timeout", 0.2)
    began = time.monotonic()
    assert said(hub, GOOD, ends=False) == (["200"], ["keep-alive"])
    assert 0.2 <= time.monotonic() - began < 5
    assert len(hub.journal.closed()) == 1


def test_hub_that_has_stopped_hears_nobody(hub: Stage) -> None:
    with socket.create_connection(("127.0.0.1", int(hub.url.rpartition(":")[2])), timeout=5) as connection:
        connection.sendall(GOOD)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        hub.stop()
        with contextlib.suppress(ConnectionError):
            connection.sendall(GOOD)
            while connection.recv(65536):
                pass
    assert len(hub.journal.closed()) == 1


# --- the hub calls


OK = answer(b"{}", keeps=True)


class Counted:
    """A target that has an answer for each request on a connection, and then closes it."""

    def __init__(self, *answers: bytes, idles: bool = False, first: int = 99) -> None:
        """With `idles` it closes at once; after `first` connections it says nothing."""
        self._answers = answers
        self._idles = idles
        self._first = first
        self._lock = threading.Lock()
        self.connections = 0
        self.requests = 0

    def __call__(self, connection: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            number = self.connections
        answers = self._answers if number <= self._first else ()
        for one in answers:
            if not read_request(connection):
                return
            self.requests += 1
            connection.sendall(one)
        if not self._idles:
            self.requests += bool(read_request(connection))


def asked(target: Counted, calls: int = 3, pause: float = 0.0) -> list[Reply]:
    replies = []
    with raw_server(target, reads=False) as url:
        described = Target(name="A CPO", role="cpo", base_url=url, timeout=2.0)
        with contextlib.closing(Client(described)) as client:
            for _ in range(calls):
                replies.append(client.post("/", b"{}"))
                time.sleep(pause)
    return replies


def shown(replies: list[Reply]) -> list[tuple[int | None, str | None, str]]:
    return [(one.status, one.trouble, one.detail) for one in replies]


def test_connection_is_kept_between_calls() -> None:
    target = Counted(OK, OK, OK, OK)
    assert shown(asked(target)) == [(200, None, "")] * 3
    assert (target.connections, target.requests) == (1, 3)


def test_idle_connection_that_was_closed_is_no_trouble() -> None:
    target = Counted(OK, idles=True)
    assert shown(asked(target, pause=0.2)) == [(200, None, "")] * 3
    assert (target.connections, target.requests) == (3, 3)


def test_connection_that_closes_as_it_is_used_again_is_said() -> None:
    target = Counted(OK)
    assert shown(asked(target, calls=2)) == [(200, None, ""), (200, None, SENT_AGAIN)]
    assert (target.connections, target.requests) == (2, 3)


def test_request_is_sent_again_once_and_no_more() -> None:
    target = Counted(OK, first=1)
    first, second = asked(target, calls=2)
    assert first.status == 200
    assert second.trouble == "hung up"
    assert second.detail.startswith(f"{SENT_AGAIN}; the connection broke: ")
    assert (target.connections, target.requests) == (2, 3)


def test_request_on_a_new_connection_is_never_sent_again() -> None:
    target = Counted()
    (reply,) = asked(target, calls=1)
    assert reply.trouble == "hung up"
    assert not reply.detail.startswith(SENT_AGAIN)
    assert target.requests == 1


def test_what_came_after_an_answer_is_not_the_next_one() -> None:
    target = Counted(OK + answer(b"", "500 No"), OK, OK)
    told = "89 bytes were received after the end of the response; the connection is closed"
    assert shown(asked(target)) == [(200, None, told)] * 3
    assert target.connections == 3
