"""What the hub's client makes of the strangest answers: each its own words, in time."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable

import pytest
import trustme

from oicp_conformance.hub.client import LONGEST, Client, Reply
from oicp_conformance.profile import Target
from selftest.support import answer, raw_server

PATH = "/api/oicp/charging/v21/providers/DE-DCB/authorize-remote/start"
Talk = Callable[[socket.socket], None]


def drip(connection: socket.socket, head: bytes) -> None:
    """Send a beginning, and then a byte now and then."""
    connection.sendall(head)
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.1)


def said(data: bytes) -> Talk:
    return lambda connection: connection.sendall(data)


def asked(url: str, timeout: float = 0.6) -> Reply:
    target = Target(name="A CPO", role="cpo", base_url=url, timeout=timeout)
    with contextlib.closing(Client(target)) as client:
        return client.post(PATH, b"{}")


def test_what_is_odd_about_the_end_of_an_answer_is_told() -> None:
    both = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    for data, words in (
        (answer(b"{}"), ""),
        (
            answer(b"{}") + b"more",
            "4 bytes were received after the end of the response; the connection is closed",
        ),
        (
            both,
            "the response has a Content-Length and a Transfer-Encoding: the chunks have precedence "
            "(RFC 9112, 6.3)",
        ),
    ):
        with raw_server(said(data)) as url:
            reply = asked(url, 5.0)
        assert (reply.status, reply.answer.body, reply.trouble, reply.detail) == (200, b"{}", None, words)


def test_target_that_closes_the_connection_is_not_kept_waiting_for_its_end() -> None:
    """Servers that close after each response wait until the hub has closed, too: werkzeug does, and nginx."""
    ended = threading.Event()

    def closing(connection: socket.socket) -> None:
        connection.sendall(answer(b"{}"))
        while connection.recv(1000):
            pass
        ended.set()

    with raw_server(closing) as url:
        target = Target(name="A CPO", role="cpo", base_url=url, timeout=5.0)
        with contextlib.closing(Client(target)) as client:
            assert client.post(PATH, b"{}").status == 200
            assert ended.wait(5.0), "the connection is still open"


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GO = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
NGINX = answer(b"<center>The plain HTTP request was sent to HTTPS port</center>", "400 Bad Request")
# What is said, the trouble that it is, its words, and the bytes of the body that are kept.
ANSWERS: dict[str, tuple[Talk, str, str, bytes]] = {
    "a head that drips": (
        lambda c: drip(c, b"HTTP/1.1 200 OK\r\nX:"),
        "timeout",
        "no response within 0.6 s",
        b"",
    ),
    "a first line that drips": (lambda c: drip(c, b""), "timeout", "no response within 0.6 s", b""),
    "1xx for ever": (
        lambda c: drip(c, b"HTTP/1.1 100 Continue\r\n\r\n" * 50),
        "timeout",
        "within 0.6 s",
        b"",
    ),
    "a body that breaks off": (
        said(answer(b'{"Result": true}', headers={"Content-Length": "100"})),
        "broke off",
        "the response broke off: HTTP 200 and 16 of 100 bytes of the body were received (the target closed",
        b'{"Result": true}',
    ),
    "chunks that break off": (
        said(CHUNKED + b"5\r\n{}   \r\n"),
        "broke off",
        "the response broke off: HTTP 200 and 5 bytes of the body were received (the target closed",
        b"{}   ",
    ),
    "broken chunks": (said(CHUNKED + b"zz\r\n{}"), "not HTTP", "illegal chunk header", b""),
    "Go's word for HTTP to HTTPS": (said(GO), "tls", "base_url must begin with https:", b""),
    "nginx's word for HTTP to HTTPS": (said(NGINX), "tls", "base_url must begin with https:", b""),
    "nothing": (lambda _: None, "hung up", "Server disconnected without sending a response", b""),
    "half a head": (said(b"HTTP/1.1 200 OK\r\nConte"), "hung up", "Server disconnected", b""),
    "a mail server": (said(b"220 mail ESMTP\r\n\r\n"), "not HTTP", "illegal status line", b""),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_answer_has_its_own_words(what: str) -> None:
    talk, trouble, words, kept = ANSWERS[what]
    with raw_server(talk) as url:
        began = time.monotonic()
        reply = asked(url)
        seconds = time.monotonic() - began
    assert (reply.status, reply.trouble) == (None, trouble), reply
    assert words in reply.detail
    assert reply.answer.body == kept
    assert reply.answer.json is None
    assert seconds < 5


def test_body_that_drips_is_given_up_and_what_came_is_kept() -> None:
    with raw_server(lambda c: drip(c, answer(b"{}", headers={"Content-Length": "1000"}))) as url:
        reply = asked(url)
    assert reply.trouble == "timeout"
    assert reply.detail.startswith("no response within 0.6 s; HTTP 200 and ")
    assert "of 1000 bytes of the body were received" in reply.detail
    assert reply.answer.body.startswith(b"{}x")


def test_body_without_an_end_is_cut() -> None:
    def pour(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            connection.sendall(b"x" * 65536)

    with raw_server(pour) as url:
        reply = asked(url, timeout=10)
    assert reply.status == 200
    assert (len(reply.answer.body), reply.answer.cut) == (LONGEST, True)


def test_https_to_a_target_without_tls() -> None:
    with raw_server(said(answer(b"no TLS here", "400 Bad Request")), reads=False) as url:
        reply = asked(url.replace("http:", "https:"))
    assert reply.trouble == "tls"
    assert reply.detail.endswith("the target does not speak TLS there: base_url must begin with http:")


def test_http_to_a_target_with_tls() -> None:
    issued = trustme.CA().issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)

    def shake(connection: socket.socket) -> None:
        # As OpenSSL has it: an alert for what is no hello.
        hello = connection.recv(1, socket.MSG_PEEK)
        if hello != b"\x16":
            connection.recv(65536)
            connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46")
            return
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1)

    with raw_server(shake, reads=False) as url:
        reply = asked(url)
    assert reply.trouble == "tls"
    assert reply.detail.endswith("the target speaks TLS there; base_url must begin with https:")


def test_handshake_that_stalls_is_given_up() -> None:
    with raw_server(lambda c: drip(c, b"\x16\x03"), reads=False) as url:
        began = time.monotonic()
        reply = asked(url.replace("http:", "https:"))
    assert reply.trouble in {"timeout", "unreachable", "tls"}
    assert time.monotonic() - began < 10
