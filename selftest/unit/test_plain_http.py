"""What goes out for a request, and what does not."""

import httpcore
import pytest

from oicp_conformance import plain_http

SAYS_MORE = [(b"Set-Cookie", b"a=1"), (b"Location", b"/elsewhere"), (b"X", b"1"), (b"x", b"2")]


class Wire(httpcore.ConnectionPool):
    """Takes down what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[httpcore.Request] = []

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        self.sent.append(request)
        return httpcore.Response(307, headers=SAYS_MORE)


def send(wire: Wire, method: str, url: str, body: bytes) -> str | None:
    with plain_http.sent(
        wire, method, url, {"A": "b"}, body, seconds=9.0, connecting=3.0, trace=lambda *_: None
    ) as response:
        return plain_http.header(response, "X")


@pytest.mark.parametrize(
    ("method", "url", "body", "path", "headers"),
    [
        ("POST", "http://a.example", b"{}", "/", "Host: a.example|A: b|Content-Length: 2"),
        ("POST", "http://a.example:81/x", b"", "/x", "Host: a.example:81|A: b|Content-Length: 0"),
        ("GET", "https://a.example:443/x y?z=1", b"", "/x%20y?z=1", "Host: a.example|A: b"),
        ("GET", "http://[::1]:9000/x", b"", "/x", "Host: [::1]:9000|A: b"),
        ("GET", "http://me:a%20b@h/", b"", "/", "Host: h|Authorization: Basic bWU6YSBi|A: b"),
    ],
)
def test_request_has_what_is_given_and_what_its_url_says(
    method: str, url: str, body: bytes, path: str, headers: str
) -> None:
    wire = Wire()
    send(wire, method, url, body)
    (request,) = wire.sent
    assert (request.method.decode(), request.url.target.decode()) == (method, path)
    assert [f"{name.decode()}: {value.decode()}" for name, value in request.headers] == headers.split("|")
    assert request.extensions["timeout"] == {"connect": 3.0, "read": 9.0, "write": 9.0, "pool": 9.0}


def test_no_redirect_is_followed_and_no_cookie_kept() -> None:
    wire = Wire()
    for _ in range(2):
        send(wire, "POST", "http://a.example/x", b"{}")
    first, second = wire.sent
    assert first.headers == second.headers


def test_header_fields_of_one_name_are_joined() -> None:
    assert send(Wire(), "GET", "http://a.example/", b"") == "1, 2"
