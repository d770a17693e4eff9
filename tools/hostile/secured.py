"""What goes wrong with TLS, in both directions."""

import contextlib
import socket
import ssl
from collections.abc import Iterator

from tools.hostile.behaviour import FINE, Behaviour, Does, Expected, Tls
from tools.hostile.peer import answer, request
from tools.hostile.scene import Scene


def _stall(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _break_off(connection: socket.socket, data: bytes) -> None:
    """Send something, and end the connection in the way of TCP, not of TLS."""
    connection.sendall(data)
    socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _plain(*pieces: bytes) -> Does:
    """Speak no TLS at all where https is expected."""

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        for one in pieces:
            connection.sendall(one)

    return lambda scene: scene.answers(talk, reads=False)


def _old(scene: Scene) -> None:
    """Speak no newer TLS than 1.0 to the hub."""
    context = scene.certified(None)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    scene.asks(tls=context)


def _shows(name: str | None) -> Does:
    """Send a request in good order, with a certificate or none."""
    return lambda scene: scene.asks(tls=scene.certified(name))


def _distrusts(scene: Scene) -> None:
    """Hang up since the hub's certificate is unknown."""
    with contextlib.suppress(ssl.SSLError):
        scene.asks(tls=ssl.create_default_context())


def _stalls(scene: Scene) -> None:
    """Open 300 connections of which the handshake stalls; then send a request in good order."""
    scene.start()
    with contextlib.ExitStack() as stack:
        for number in range(300):
            stalled = stack.enter_context(socket.create_connection(("127.0.0.1", scene.port), 5))
            if number % 2:
                stalled.sendall(b"\x16\x03\x01\x02")
        scene.asks(tls=scene.certified("own"))


def _target() -> Iterator[tuple[str, Does, Expected]]:
    stopped = "incomplete"
    yield "answers in good order", lambda s: s.answers(lambda c: c.sendall(answer(s.yes))), FINE
    yield (
        "shows a certificate that nobody knows",
        (lambda s: s.answers(lambda c: c.sendall(answer(s.yes)), certificate="unknown")),
        Expected(stopped, says="certificate verify failed"),
    )
    yield (
        "speaks plain HTTP",
        _plain(b"HTTP/1.1 400 No\r\n\r\n"),
        Expected(stopped, says="must begin with http:"),
    )
    yield "answers the handshake with random bytes", _plain(bytes(range(256))), Expected(stopped, says="TLS")
    yield (
        "answers the handshake with an alert",
        _plain(b"\x15\x03\x03\x00\x02\x02\x28"),
        (Expected(stopped, says="TLS")),
    )
    yield (
        "stalls in the handshake",
        lambda s: s.answers(_stall, reads=False),
        (Expected(stopped, says="no connection in time")),
    )
    yield "closes in the handshake", lambda s: s.answers(lambda _: None, reads=False), Expected(stopped)
    yield (
        "breaks off without an end of TLS",
        lambda s: s.answers(lambda connection: _break_off(connection, answer(s.yes, length=500))),
        Expected("fail", ("http.answered",), says="broke off"),
    )


def _hub() -> Iterator[tuple[str, Does, Expected]]:
    rejected = Expected("fail", ("partner.certificate",), says="Hubject rejects such a request with code 017")
    yield "shows its certificate", _shows("own"), FINE
    yield "shows no certificate", _shows(None), rejected
    yield "shows another partner's certificate", _shows("other"), rejected
    yield (
        "shows a certificate that the hub cannot trust",
        _shows("unknown"),
        (Expected("partial", says="certificate verify failed")),
    )
    yield "speaks plain HTTP", lambda s: s.asks(), Expected("partial", says="the target speaks plain HTTP")
    yield "does not trust the hub", _distrusts, Expected("partial", says="unknown ca")
    yield "speaks TLS 1.0 only", _old, Expected("partial", says="unsupported protocol")
    yield "sends random bytes for a handshake", lambda s: s.sends(bytes(range(256))), FINE
    yield "stalls 300 handshakes", _stalls, FINE
    yield (
        "breaks off its body",
        (lambda s: s.sends(request(s.path, b"{", "Content-Length: 9"), tls=s.certified("own"))),
        Expected("partial"),
    )


def _of(tls: Tls, table: Iterator[tuple[str, Does, Expected]]) -> Iterator[Behaviour]:
    what = "with https, the target" if tls == "target" else "to a hub with https, the target"
    return (Behaviour(f"{what} {name}", "connection", does, one, tls=tls) for name, does, one in table)


SECURED = (*_of("target", _target()), *_of("hub", _hub()))
"""The behaviours."""
