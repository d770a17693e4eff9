"""What a target, or a stranger, may send to the hub, apart from a request of OICP in good order."""

import gzip
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tools.hostile.behaviour import FINE, Behaviour, Does, Expected
from tools.hostile.peer import bomb, request
from tools.hostile.scene import Scene

_MB = 1024 * 1024
_CHUNKED = "Transfer-Encoding: chunked"
_STRANGER = "127.0.0.9"
"""An address that the profile does not allow."""


def bytes_of(*pieces: bytes, **how: Any) -> Does:
    """Send bytes."""
    return lambda scene: scene.sends(*pieces, **how)


def body(data: bytes, *headers: str) -> Does:
    """Send a request with a body."""
    return lambda scene: scene.asks(data, *headers)


def well(*headers: str, **how: Any) -> Does:
    """Send a request in good order with more headers, or another method or version."""
    return lambda scene: scene.asks(None, *headers, **how)


def path(wrong: Callable[[str], str] | str, *, body: bytes | None = None, **how: Any) -> Does:
    """Send a request to another path."""

    def does(scene: Scene) -> None:
        where = wrong if isinstance(wrong, str) else wrong(scene.path)
        scene.sends(request(where, scene.body if body is None else body, **how))

    return does


def head(*lines: str, after: bytes = b"") -> Does:
    """Send a request of which only the first line is in order."""
    return lambda scene: scene.sends(
        "\r\n".join([f"POST {scene.path} HTTP/1.1", "Content-Type: application/json", *lines, "", ""]).encode(
            "latin-1"
        )
        + after
    )


def often(count: int, does: Does, at_once: int = 1) -> Does:
    """Do it so many times."""

    def again(scene: Scene) -> None:
        scene.start()
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(lambda _: does(scene), range(count)))

    return again


def stranger(does: Callable[[Scene], bytes], count: int = 1) -> Does:
    """Send something from an address that is not the target's."""

    def sends(scene: Scene) -> None:
        data = does(scene)
        for _ in range(count):
            scene.sends(data, source=_STRANGER)

    return sends


def _said(says: str) -> Expected:
    return Expected("partial", says=says)


def _no_json(says: str) -> Expected:
    return Expected("fail", ("http.json",), says=says)


def _path(says: str) -> Expected:
    return Expected("fail", ("http.path",), says=says)


def _again(scene: Scene) -> bytes:
    """Return a request that may be sent any number of times."""
    return request(scene.path, scene.body.replace(b'"insert"', b'"fullLoad"'))


_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x5b" * 60 + b"\r\n\r\n"


def no_requests() -> Iterator[tuple[str, Does, Expected]]:
    """What is no request, or not all of one."""
    yield "speaks TLS to plain HTTP", bytes_of(_HELLO), _said("the target speaks TLS")
    yield "sends half an IPv6 address", bytes_of(b"[\r\n\r\n"), _said("Bad request syntax")
    yield "speaks SMTP", bytes_of(b"EHLO [127.0.0.1]\r\n\r\n"), _said("HTTP/0.9 request type")
    yield "speaks SSH", bytes_of(b"SSH-2.0-OpenSSH_9.6\r\n"), _said("Bad request syntax")
    yield "sends all bytes", bytes_of(bytes(range(256))), FINE
    yield "sends random lines", bytes_of(b"\x00\xff\r\n" * 1000), FINE
    yield "sends a line of 1 MB", lambda s: s.sends(b"A" * _MB), _said("Request-URI Too Long")
    yield "prefaces HTTP/2", bytes_of(b"PRI * HTTP/2.0\r\n\r\n"), _said("Invalid HTTP version (2.0)")
    yield "sends nothing", bytes_of(b""), FINE
    yield "sends half a line", bytes_of(b"POST / HT"), _said("broke off after 9 bytes of its head")
    yield "sends half a head", bytes_of(b"POST / HTTP/1.1\r\nHost: x\r\nConte"), FINE
    yield "breaks off its body", head("Content-Length: 99", after=b'{"a'), _said("after 3 of 99 bytes")
    yield "sends a length and no body", head("Content-Length: 99"), _said("after 0 of 99 bytes")
    yield "breaks off its chunks", head(_CHUNKED, after=b"2\r\n{}\r\n"), _said("broke off")
    yield "sends a broken chunk", head(_CHUNKED, after=b"zz\r\n{}"), _said("broken chunks")
    yield (
        "sends a chunk longer than it says",
        head(_CHUNKED, after=b"1\r\n{}\r\n0\r\n\r\n"),
        (_said("longer than it says")),
    )
    yield "names a length of 10^15", head("Content-Length: 1" + "0" * 15, after=b"{}"), _said("after 2 of")
    yield "sends 5000 headers", well(*["X: y"] * 5000), _said("Too many headers")
    yield (
        "sends a line that is not a header",
        head("X-A : 1", "Content-Length: 2", after=b"{}"),
        _said("not a header: 'X-A : 1'"),
    )
    yield "sends empty lines only", bytes_of(b"\r\n" * 20), _said("empty lines instead of a request")
    yield "sends two empty lines before a request", lambda s: s.sends(b"\r\n\r\n", _again(s)), FINE
    yield "speaks the PROXY protocol", bytes_of(b"\r\n\r\n\0\r\nQUIT\n"), _said("Bad request syntax")
    yield "sends a header of 1 MB", well(f"X: {'x' * _MB}"), _said("Line too long")


def other_requests() -> Iterator[tuple[str, Does, Expected]]:
    """Requests with another line, or other headers."""
    yield "asks with HTTP/3.7", well(version="HTTP/3.7"), _path("Invalid HTTP version (3.7)")
    yield "asks with HTTP/0.9", well(version=""), _path("HTTP/0.9")
    yield "asks with HTTP/x", well(version="HTTP/x"), _path("Bad request version")
    yield "asks with HTTP/1.0", well(version="HTTP/1.0"), FINE
    yield "writes its method in lower case", well(method="post"), _path("the case of a method matters")
    yield "uses GET", well(method="GET"), _path("is sent with POST")
    yield "uses GET without a body", lambda s: s.asks(b"", method="GET"), _path("is sent with POST")
    yield "uses PUT", well(method="PUT"), _path("is sent with POST")
    yield "uses a method of 1000 letters", well(method="X" * 1000), _path("is sent with POST")
    yield (
        "asks at another version's path",
        path(lambda one: one.replace("/v21/", "/v22/")),
        (_path("not an OICP 2.3 path")),
    )
    yield "asks for a file", path("/../../etc/passwd", method="GET"), FINE
    yield "asks for a path with NUL", path("/%00/\x01", body=b"{}"), FINE
    yield "asks for a path of 60 000 letters", path("/" + "a" * 60_000, body=b"{}"), FINE
    yield "asks at a whole URL", path(lambda one: f"http://elsewhere{one}"), FINE
    yield "asks for a URL that is none", path("http://[::1/x"), FINE
    yield "adds a strange query", path(lambda one: f"{one}?page=%ff&size={'9' * 400}&%zz"), FINE
    yield "tunnels", bytes_of(b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: x\r\n\r\n"), FINE
    yield "asks for everything", bytes_of(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"), FINE
    yield "traces", bytes_of(b"TRACE / HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n\r\n"), FINE
    yield "sends two hosts", well("Host: elsewhere"), FINE
    yield "sends a host that is none", well("Host: [::"), FINE
    yield "folds a header", well("X: a\r\n b"), FINE
    yield "expects something", well("Expect: nothing"), FINE
    yield "waits for 100-continue", well("Expect: 100-continue"), FINE
    yield "upgrades", well("Connection: upgrade", "Upgrade: h2c"), FINE
    yield (
        "sends more than the length it names",
        lambda s: s.sends(request(s.path, s.body) + b"trailing"),
        FINE,
    )
    yield "pipelines two requests", lambda s: s.sends(_again(s) * 2), FINE
    yield "pipelines 300 requests", lambda s: s.sends(_again(s) * 300), FINE
    yield "ends its bodies with a line", lambda s: s.sends((_again(s) + b"\r\n") * 3), FINE
    yield (
        "sends half a request after a whole one",
        lambda s: s.sends(request(s.path, s.body) + request(s.path, s.body)[:-3]),
        (_said("bytes of its body")),
    )
    yield (
        "sends noise after a request",
        lambda s: s.sends(request(s.path, s.body) + b"noise\r\n"),
        (_said("had carried 1 requests with responses before")),
    )
    yield (
        "sends a request after a wrong one",
        lambda s: s.sends(request(s.path, b"[") + request(s.path, s.body)),
        (_no_json("the body is not JSON")),
    )
    yield (
        "names chunks and a length",
        lambda s: s.asks(b"%x\r\n%b\r\n0\r\n\r\n" % (len(s.body), s.body), "Content-Length: 2", _CHUNKED),
        _said("has a Content-Length and a Transfer-Encoding"),
    )
    yield (
        "sends chunks with HTTP/1.0",
        lambda s: s.asks(b"%x\r\n%b\r\n0\r\n\r\n" % (len(s.body), s.body), _CHUNKED, version="HTTP/1.0"),
        _said("which its version HTTP/1.0 does not know"),
    )
    yield "names two lengths", well("Content-Length: 5", "Content-Length: 7"), _said("'5, 7'")
    yield (
        "names a length that is not a number",
        well("Content-Length: x"),
        _said("invalid Content-Length: 'x'"),
    )
    yield (
        "names an unknown transfer coding",
        well("Transfer-Encoding: x"),
        (_said("a Transfer-Encoding that the hub does not know")),
    )


def bodies() -> Iterator[tuple[str, Does, Expected]]:
    """Bodies that are no message."""
    yield "sends no body", body(b""), _no_json("the body is empty")
    yield (
        "sends gzip",
        lambda s: s.asks(gzip.compress(s.body), "Content-Encoding: gzip"),
        (_no_json("the body is compressed (Content-Encoding: gzip)")),
    )
    yield (
        "sends a bomb of gzip",
        lambda s: s.asks(bomb(), "Content-Encoding: gzip"),
        (_no_json("the body is compressed (Content-Encoding: gzip)")),
    )
    yield (
        "says that it is gzip",
        well("Content-Encoding: gzip"),
        (Expected("partial", (), ("http.json",), "but the body is not compressed")),
    )
    yield (
        "sends UTF-16",
        lambda s: s.asks(s.body.decode().encode("utf-16")),
        Expected("fail", ("http.utf-8",)),
    )
    yield "sends NaN", body(b'{"a": NaN}'), _no_json("NaN is not a JSON value")
    yield "sends a list", body(b"[]"), _no_json("not a JSON object")
    yield "sends half an object", lambda s: s.asks(s.body[:-2]), _no_json("the body is not JSON")
    yield "nests 100 000 lists", body(b"[" * 100_000 + b"]" * 100_000), _no_json("nested too deeply")
    yield "sends half a surrogate pair", body(b'{"a": "\\udc00"}'), _no_json("surrogate")
    yield (
        "repeats a name",
        lambda s: s.asks(b'{"ActionType": 1, "ProviderID": 1, ' + s.body[1:]),
        (Expected("partial", (), ("http.json",), "occurs more than once")),
    )
    yield (
        "sends a form",
        well("Content-Type: application/x-www-form-urlencoded"),
        (Expected("partial", (), ("http.content-type",))),
    )
    yield "sends 30 MB that are no JSON", lambda s: s.asks(b"x" * 30 * _MB), _no_json("")


def floods() -> Iterator[tuple[str, Does, Expected]]:
    """Much of everything."""
    yield "sends 300 requests at once", often(300, path("/health", method="GET"), at_once=30), FINE
    yield "sends 3000 lines that are no requests", often(3000, bytes_of(b"x\r\n"), at_once=10), FINE
    yield "opens 600 silent connections", often(600, bytes_of(b""), at_once=50), FINE
    yield "drips its head", bytes_of(*[b"P"] * 20, pause=0.05), _said("broke off after 20 bytes of its head")


def strangers() -> Iterator[tuple[str, Does, Expected]]:
    """What comes from an address that is not the target's."""
    limits = "127.0.0.9, which is not an address of the target"
    yield "sends a request", stranger(lambda s: request(s.path, s.body)), _said(limits)
    yield (
        "sends a request that is wrong",
        stranger(lambda s: request(s.path, b"[]", method="put")),
        _said(limits),
    )
    yield (
        "asks at another version's path",
        (stranger(lambda s: request(s.path.replace("/v21/", "/v22/"), s.body))),
        _said(limits),
    )
    yield "sends no request", stranger(lambda _: b"[\r\n\r\n"), _said(limits)
    yield "sends 20 MB", stranger(lambda s: request(s.path, b"x" * 20 * _MB)), _said(limits)
    yield (
        "sends 400 requests",
        stranger(lambda s: request(s.path, s.body), 400),
        _said("400 requests were sent from"),
    )


def _of(who: str, table: Iterator[tuple[str, Does, Expected]], **more: Any) -> Iterator[Behaviour]:
    return (Behaviour(f"{who} {name}", "request", does, one, **more) for name, does, one in table)


ASKS = (
    *_of("as a client, the target", no_requests()),
    *_of("as a client, the target", other_requests()),
    *_of("as a client, the target", bodies()),
    *_of("as a client, the target", floods(), seconds=30.0),
    *_of("a stranger", strangers()),
)
"""The behaviours."""
