"""Stimuli over HTTP, against real servers, and against some that are none."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from oicp_conformance.stimuli import Outcome
from oicp_conformance.stimuli.base import one_line
from oicp_conformance.stimuli.http import HttpDriver
from selftest.stimuli.shared import PARAMETERS, SENT, SWIPE, free_port


@pytest.mark.parametrize("status", [200, 202, 204])
def test_http_posts_the_stimulus_and_2xx_is_done(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_oneshot_request(
        "/stimuli", method="POST", json=SENT, headers={"Content-Type": "application/json"}
    ).respond_with_data("", status=status)
    url = httpserver.url_for("/stimuli")
    stimulated = HttpDriver(url, wait=1).stimulate(SWIPE, PARAMETERS)
    httpserver.check()
    assert (stimulated.outcome, stimulated.detail) == (Outcome.DONE, f"{url} responded with HTTP {status}")


def test_http_501_is_unavailable(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/stimuli").respond_with_data("no reader for QR codes\n", status=501)
    stimulated = HttpDriver(httpserver.url_for("/stimuli"), wait=1).stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.UNAVAILABLE
    assert stimulated.detail.endswith("/stimuli responded with HTTP 501: no reader for QR codes")


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
def test_http_all_other_statuses_have_failed(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/stimuli").respond_with_data(
        "broken:\n\n" + "é" * 3000, status=status, headers={"Location": "/elsewhere"}
    )
    stimulated = HttpDriver(httpserver.url_for("/stimuli"), wait=1).stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.FAILED
    assert f"/stimuli responded with HTTP {status}: broken: éééé" in stimulated.detail
    assert 180 <= stimulated.detail.count("é") <= 200
    assert len(httpserver.log) == 1, "a redirect must not be followed"


def test_http_without_a_body_is_told_without_one(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/stimuli").respond_with_data("", status=500)
    stimulated = HttpDriver(httpserver.url_for("/stimuli"), wait=1).stimulate(SWIPE, PARAMETERS)
    assert stimulated.detail.endswith("/stimuli responded with HTTP 500")


def test_http_nobody_listens() -> None:
    url = f"http://127.0.0.1:{free_port()}/stimuli"
    stimulated = HttpDriver(url, wait=1).stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.FAILED
    assert stimulated.detail.startswith(f"{url}: ")
    assert "refused" in stimulated.detail


@pytest.mark.parametrize("url", ["http://127.0.0.1:0/", "http://a..b/", "http://127.0.0.1:1\x00/"])
def test_http_a_url_that_cannot_be_used(url: str) -> None:
    stimulated = HttpDriver(url, wait=1, limit=2).stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.FAILED
    assert one_line(url)[:16] in stimulated.detail


def test_http_a_shim_that_does_not_answer(httpserver: HTTPServer) -> None:
    release = threading.Event()

    def late(_: Request) -> Response:
        release.wait(10)
        return Response()

    httpserver.expect_request("/stimuli").respond_with_handler(late)
    url = httpserver.url_for("/stimuli")
    started = time.monotonic()
    stimulated = HttpDriver(url, wait=1, limit=0.3).stimulate(SWIPE, PARAMETERS)
    took = time.monotonic() - started
    release.set()
    assert (stimulated.outcome, stimulated.detail) == (
        Outcome.FAILED,
        f"{url} sent no complete response within 0.3 s",
    )
    assert 0.3 <= took < 5


def served_once(answer: Callable[[socket.socket], None]) -> tuple[str, threading.Thread]:
    """The URL of a bare server that reads one request and lets `answer` do what no HTTP server does."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        with listener, listener.accept()[0] as connection, suppress(OSError):
            connection.settimeout(10)
            received = b""
            while b"\r\n\r\n" not in received or not received.endswith(b"}}"):
                received += connection.recv(65536)
            answer(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/", thread


def test_http_a_body_that_drips_for_ever_is_given_up() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.1)

    url, server = served_once(drip)
    started = time.monotonic()
    stimulated = HttpDriver(url, wait=1, limit=0.5).stimulate(SWIPE, PARAMETERS)
    took = time.monotonic() - started
    server.join(15)
    assert stimulated.detail.startswith(f"{url} responded with HTTP 500: x")
    assert took < 5


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_http_a_head_that_drips_for_ever_is_given_up(begin: bytes) -> None:
    """Each single step is in time, and the response never comes."""
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(begin)
        for _ in range(100):
            connection.sendall(b"H")
            if stop.wait(0.1):
                return

    url, server = served_once(drip)
    started = time.monotonic()
    stimulated = HttpDriver(url, wait=1, limit=0.5).stimulate(SWIPE, PARAMETERS)
    took = time.monotonic() - started
    stop.set()
    server.join(15)
    assert (stimulated.outcome, stimulated.detail) == (
        Outcome.FAILED,
        f"{url} sent no complete response within 0.5 s",
    )
    assert 0.5 <= took < 5


def test_http_a_success_need_not_be_complete() -> None:
    """2xx says it all: what follows is not waited for."""
    release = threading.Event()

    def hang(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 202 OK\r\nContent-Length: 10\r\n\r\nx")
        release.wait(10)

    url, server = served_once(hang)
    stimulated = HttpDriver(url, wait=1, limit=5).stimulate(SWIPE, PARAMETERS)
    release.set()
    server.join(10)
    assert (stimulated.outcome, stimulated.detail) == (Outcome.DONE, f"{url} responded with HTTP 202")


def test_http_a_body_that_breaks_off_does_not_change_the_status() -> None:
    url, server = served_once(
        lambda connection: connection.sendall(b"HTTP/1.1 501 No\r\nContent-Length: 99\r\n\r\nno reader")
    )
    stimulated = HttpDriver(url, wait=1).stimulate(SWIPE, PARAMETERS)
    server.join(10)
    assert (stimulated.outcome, stimulated.detail) == (
        Outcome.UNAVAILABLE,
        f"{url} responded with HTTP 501: no reader",
    )


@pytest.mark.parametrize("nonsense", [b"", b"SSH-2.0-OpenSSH\r\n\r\n"])
def test_http_an_answer_that_is_none(nonsense: bytes) -> None:
    url, server = served_once(lambda connection: connection.sendall(nonsense))
    stimulated = HttpDriver(url, wait=1).stimulate(SWIPE, PARAMETERS)
    server.join(10)
    assert stimulated.outcome is Outcome.FAILED
    assert stimulated.detail.startswith(f"{url}: ")
    assert len(stimulated.detail) > len(f"{url}: ")


def test_http_does_not_use_a_proxy(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    httpserver.expect_request("/stimuli").respond_with_data("")
    stimulated = HttpDriver(httpserver.url_for("/stimuli"), wait=1).stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.DONE
