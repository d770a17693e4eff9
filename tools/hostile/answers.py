"""How a target may answer the hub, apart from a message of OICP in good order."""

import gzip
import json
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator

from tools.hostile.behaviour import FINE, ORDINARY, Behaviour, Does, Expected
from tools.hostile.peer import answer, bomb, read_request
from tools.hostile.scene import Scene

_MB = 1024 * 1024
Row = tuple[str, Does, Expected]


def late(make: Callable[[], Does]) -> Does:
    """Make what is done when it is needed, since it is large."""

    def does(scene: Scene) -> None:
        make()(scene)

    return does


def raw(*pieces: bytes | Callable[[Scene], bytes], pause: float = 0.0, often: int = 1) -> Does:
    """Answer with bytes, piece by piece, so many times over."""

    def does(scene: Scene) -> None:
        data = [one if isinstance(one, bytes) else one(scene) for one in pieces]

        def talk(connection: socket.socket) -> None:
            for _ in range(often):
                for one in data:
                    connection.sendall(one)
                    time.sleep(pause)

        scene.answers(talk)

    return does


def body(data: bytes, *headers: str, status: str = "200 OK") -> Does:
    """Answer with a body."""
    return raw(answer(data, status, *headers))


def changed(**fields: object) -> Does:
    """Answer in good order, with other fields."""
    return raw(lambda scene: answer(json.dumps(json.loads(scene.yes) | fields, ensure_ascii=False).encode()))


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _well(scene: Scene, *headers: str, length: int | None = None) -> bytes:
    return answer(scene.yes, "200 OK", *headers, length=length)


def _chunked(*lines: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"\r\n".join(lines)


def _no_answer(says: str) -> Expected:
    return Expected("fail", ("http.answered",), says=says)


def _no_json(says: str) -> Expected:
    return Expected("fail", ("http.json",), says=says)


def _no_utf8(says: str) -> Expected:
    return Expected("fail", ("http.utf-8",), says=says)


def _compressed(coding: str) -> Expected:
    return _no_json(f"the body is compressed (Content-Encoding: {coding})")


def _status(says: str) -> Expected:
    return Expected("fail", ("http.status",), says=says)


def _broken_off() -> Iterator[Row]:
    """What breaks off, or does not come."""
    yield "closes at once", lambda s: s.answers(lambda _: None), _no_answer("")
    yield "closes without reading", lambda s: s.answers(lambda _: None, reads=False), _no_answer("")
    yield "resets the connection", lambda s: s.answers(_reset), _no_answer("")
    yield "says nothing", lambda s: s.answers(_silent), _no_answer("within 1 s")
    yield "drips its head", raw(b"H", b"T", pause=0.2, often=20), _no_answer("within 1 s")
    yield (
        "drips its body",
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", *[b"x"] * 40, pause=0.1),
        (_no_answer("within 1 s")),
    )
    yield "sends half a head", raw(b"HTTP/1.1 200 OK\r\nContent-Ty"), _no_answer("")
    yield "breaks off its body", raw(lambda s: _well(s, length=500)), _no_answer("of 500 bytes of the body")
    yield "breaks off its chunks", raw(_chunked(b"5", b'{"Res')), _no_answer("broke off")
    yield "sends no body at all", raw(b"HTTP/1.1 200 OK\r\n\r\n"), _no_json("the body is empty")


def _no_http() -> Iterator[Row]:
    """What is no HTTP."""
    yield "sends a broken chunk", raw(_chunked(b"zz", b"{}", b"0", b"", b"")), _no_answer("")
    yield "sends a negative chunk", raw(_chunked(b"-2", b"{}", b"0", b"", b"")), _no_answer("")
    yield "sends an endless chunk size", raw(_chunked(b"F" * 100_000)), _no_answer("")
    yield "names two lengths", raw(lambda s: _well(s, "Content-Length: 7")), _no_answer("")
    yield "names a negative length", raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}"), _no_answer("")
    yield (
        "names a length that is not a number",
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}"),
        (_no_answer("")),
    )
    yield (
        "names a length of 10^30",
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1" + b"0" * 30 + b"\r\n\r\n{}"),
        (_no_answer("")),
    )
    yield (
        "names an unknown transfer coding",
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\n{}"),
        (_no_answer("")),
    )
    yield "answers with HTTP/0.9", raw(lambda s: s.yes), _no_answer("")
    yield "answers with HTTP/3.7", raw(lambda s: _well(s).replace(b"1.1", b"3.7", 1)), _no_answer("")
    yield "answers with the banner of SSH", raw(b"SSH-2.0-OpenSSH_9.6\r\n"), _no_answer("")
    yield "answers with the banner of SMTP", raw(b"220 mail.example ESMTP\r\n"), _no_answer("")
    yield "answers with random bytes", raw(bytes(range(256)) * 8), _no_answer("")
    yield "answers with an alert of TLS", raw(b"\x15\x03\x01\x00\x02\x02\x46"), _no_answer("")
    yield (
        "answers with a frame of HTTP/2",
        raw(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\x00" * 18),
        (_no_answer("")),
    )
    yield "sends a status of four digits", body(b"{}", status="2000 OK"), _no_answer("")
    yield "sends a status without digits", body(b"{}", status="OK"), _no_answer("")
    yield "sends a header without a colon", body(b"{}", "no colon"), _no_answer("")
    yield "sends a header with a NUL", body(b"{}", "X: a\0b"), _no_answer("")
    yield "sends an endless header", raw(b"HTTP/1.1 200 OK\r\nX: ", *[b"x" * 65536] * 100), _no_answer("")
    yield "sends 20 000 headers", raw(lambda s: _well(s, *["X: y"] * 20_000)), FINE
    yield (
        "sends 100-continue without end",
        raw(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.01, often=400),
        (_no_answer("within 1 s")),
    )


def _ways() -> Iterator[Row]:
    """What HTTP allows, or nearly."""
    yield (
        "names chunks and a length",
        raw(
            lambda s: (
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(s.yes), s.yes)
            )
        ),
        Expected("partial", says="has a Content-Length and a Transfer-Encoding"),
    )
    trailing = Expected("partial", says="bytes were received after the end of the response")
    yield "sends more than the length it names", raw(lambda s: _well(s) + b"trailing bytes"), trailing
    yield "sends two answers", raw(lambda s: _well(s) + _well(s)), trailing
    yield "folds a header", raw(lambda s: _well(s, "X: a\r\n b")), FINE
    yield "names its length twice alike", raw(lambda s: _well(s, f"Content-Length: {len(s.yes)}")), FINE
    yield (
        "keeps the connection open",
        raw(lambda s: _well(s).replace(b"Connection: close\r\n", b""), b""),
        FINE,
    )
    yield "sends strange cookies", raw(lambda s: _well(s, "Set-Cookie: ;;=\xff; a", "Set-Cookie: \x7f")), FINE


def _kept(*answers: bytes, patience: float = 0.0, at_once: bool = False) -> Does:
    """Answer well on a kept connection, with one of these after each answer; then close it.

    It is closed when one more request has been read, or `at_once`.
    """

    def does(scene: Scene) -> None:
        def talk(connection: socket.socket) -> None:
            for after in (*answers, b""):
                connection.sendall(answer(scene.yes, keeps=True) + after)
                if at_once:
                    break
                if not read_request(connection):
                    return
            time.sleep(patience)

        scene.answers(talk, calls=3)

    return does


def _keeping() -> Iterator[Row]:
    """Connections that are kept, or nearly."""
    yield "keeps its connection", _kept(b"", b"", b"", b""), FINE
    yield "closes its connection while it is idle", _kept(at_once=True), FINE
    yield (
        "closes a kept connection at the second request",
        _kept(),
        Expected("partial", says="sent again on a new one"),
    )
    yield "answers once more than it was asked", _kept(b"HTTP/1.1 500 No\r\n\r\n", b"", b""), FINE
    yield "is silent at the second request", _kept(patience=3.0), _no_answer("within 1 s")


def _statuses() -> Iterator[Row]:
    """Statuses."""
    yield "switches protocols", body(b"", "Upgrade: x", status="101 Switching Protocols"), _no_answer("")
    yield "answers 204 with a body", body(b"{}", status="204 No Content"), _status("HTTP 204")
    yield "answers 304", body(b"", status="304 Not Modified"), _status("HTTP 304")
    yield (
        "redirects to another host",
        body(b"", "Location: http://127.0.0.1:1/", status="302 Found"),
        (_status("HTTP 302")),
    )
    yield (
        "redirects to the hub",
        raw(lambda s: answer(b"", "307 Temporary Redirect", f"Location: http://127.0.0.1:{s.port}{s.path}")),
        _status("HTTP 307"),
    )
    yield (
        "answers with a page of errors",
        body(b"<html>\xff", "Content-Type: text/html", status="500 No"),
        (_status("HTTP 500")),
    )
    yield (
        "asks for a password",
        body(b"", 'WWW-Authenticate: Basic realm="x"', status="401 No"),
        Expected("fail", (ORDINARY,), says="rejected: HTTP 401"),
    )
    yield "answers with status 999", body(b"{}", status="999 x"), _status("HTTP 999")


def _bodies() -> Iterator[Row]:
    """Bodies that are no message, or a strange one."""
    yield (
        "sends a body without end",
        raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", *[b"x" * 65536] * 640),
        _no_json("longer than the 2097152 bytes"),
    )
    yield (
        "sends 40 MB as one text",
        late(lambda: body(b'{"a": "' + b"x" * 40 * _MB + b'"}')),
        _no_json(""),
    )
    yield "sends gzip", body(gzip.compress(b"{}"), "Content-Encoding: gzip"), _compressed("gzip")
    yield (
        "says that it is gzip",
        raw(lambda s: _well(s, "Content-Encoding: gzip")),
        Expected("partial", (), ("http.json",), "but the body is not compressed"),
    )
    yield (
        "sends a bomb of gzip",
        late(lambda: body(bomb(), "Content-Encoding: gzip")),
        _compressed("gzip"),
    )
    yield "sends deflate", body(zlib.compress(b"{}"), "Content-Encoding: deflate"), _compressed("deflate")
    yield "sends UTF-16", raw(lambda s: answer(s.yes.decode().encode("utf-16"))), _no_utf8("at byte 0")
    yield "sends Latin-1", body('{"a": "ü"}'.encode("latin-1")), _no_utf8("at byte 7")
    yield (
        "sends a byte order mark",
        raw(lambda s: answer(b"\xef\xbb\xbf" + s.yes)),
        _no_json("byte order mark"),
    )
    yield "sends NaN", body(b'{"Result": NaN}'), _no_json("NaN is not a JSON value")
    yield "sends a list", body(b"[]"), _no_json("not a JSON object")
    yield "sends null", body(b"null"), _no_json("not a JSON object")
    yield "sends two objects", raw(lambda s: answer(s.yes + s.yes)), _no_json("Extra data")
    yield "sends half an object", raw(lambda s: answer(s.yes[:-3])), _no_json("")
    yield "nests 100 000 lists", body(b"[" * 100_000 + b"]" * 100_000), _no_json("nested too deeply")
    yield (
        "nests 100 000 objects",
        body(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        _no_json("nested too deeply"),
    )
    yield "sends half a surrogate pair", body(b'{"Result": "\\ud800"}'), _no_json("surrogate")
    yield (
        "sends a number of 100 000 digits",
        raw(lambda s: answer(s.yes[:-1] + b', "n": ' + b"9" * 100_000 + b"}")),
        FINE,
    )
    yield (
        "repeats a name",
        raw(lambda s: answer(b'{"StatusCode": 1, ' + s.yes[1:])),
        (Expected("partial", (), ("http.json",), "occurs more than once")),
    )
    yield "sends 20 000 names", changed(**{f"n{number}": number for number in range(20_000)}), FINE
    yield (
        "sends 3 MB of names",
        late(lambda: changed(**{f"n{number}": number for number in range(200_000)})),
        _no_json("longer than the 2097152 bytes"),
    )


def _texts() -> Iterator[Row]:
    """Texts that are meant for who reads the reports."""
    described = {"StatusCode": {"Code": "000", "Description": "\x1b[2J\x1b]0;x\x07\r\n\x85\x9b31m\u202e"}}
    yield "sends controls of terminals", changed(**described), FINE
    workflow = {
        "StatusCode": {"Code": "000", "Description": "::error::x\n##vso[task.complete result=Failed]"}
    }
    yield "sends commands of CI", changed(**workflow), FINE
    markup = {"StatusCode": {"Code": "000", "Description": "<script>alert(1)</script>]]>&amp;{{7*7}}"}}
    yield "sends markup", changed(**markup), FINE
    yield "sends a text of 1 MB", changed(Text="x" * _MB), FINE


_TABLES = (_broken_off, _no_http, _ways, _keeping, _statuses, _bodies, _texts)

ANSWERS = tuple(
    Behaviour(f"as a server, the target {name}", "answer", does, expected)
    for table in _TABLES
    for name, does, expected in table()
)
"""The behaviours."""
