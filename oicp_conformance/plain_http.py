"""HTTP/1.1 requests as they are given: no cookies, no redirects, no proxies, nothing sent twice.

httpcore sends them. The client of httpx, which is built on it, prepares each request for all of these, and
takes as long for that as the request itself.
"""

import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import httpcore
import httpx

Trace = Callable[[str, Mapping[str, Any]], None]
"""Gets the events of a request from httpcore: their name, and what there is to know."""
TROUBLE = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
"""What can go wrong with a request on its way."""
_WITH_A_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests say how long their body is, also where it is empty (RFC 9110, 8.6)."""


def one_connection(tls: ssl.SSLContext | None, *, idle: float) -> httpcore.ConnectionPool:
    """One connection at a time, which is kept while it is idle for so many seconds at most."""
    return httpcore.ConnectionPool(ssl_context=tls, max_connections=1, keepalive_expiry=idle)


def new_connections(tls: ssl.SSLContext | None) -> httpcore.ConnectionPool:
    """A new connection for each request."""
    return httpcore.ConnectionPool(ssl_context=tls, max_connections=None, max_keepalive_connections=0)


@contextmanager
def sent(
    connections: httpcore.ConnectionPool,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    seconds: float,
    connecting: float,
    trace: Trace,
) -> Iterator[httpcore.Response]:
    """Send a request; each step of it may take so many `seconds`, and a connection so many for `connecting`.

    Raises:
        httpx.InvalidURL: the URL has a host that cannot be.
        TimeoutException, NetworkError, ProtocolError: see `TROUBLE`.
    """
    where, own = _address(url)
    given = [*own, *((name.encode(), value.encode()) for name, value in headers.items())]
    if body or method in _WITH_A_BODY:
        given.append((b"Content-Length", b"%d" % len(body)))
    limits = {"connect": connecting, "read": seconds, "write": seconds, "pool": seconds}
    response = connections.handle_request(
        httpcore.Request(
            method, where, headers=given, content=body, extensions={"timeout": limits, "trace": trace}
        )
    )
    try:
        yield response
    finally:
        response.close()


def header(response: httpcore.Response, name: str) -> str | None:
    """The value of a response's header field, or None where it has none; several are joined."""
    wanted = name.lower().encode()
    values = [value.decode("latin-1") for known, value in response.headers if known.lower() == wanted]
    return ", ".join(values) if values else None


@lru_cache(maxsize=256)
def _address(url: str) -> tuple[httpcore.URL, list[tuple[bytes, bytes]]]:
    """Where a request goes, and the header fields that follow from its URL."""
    parsed = httpx.URL(url)
    headers = [(b"Host", parsed.netloc)]
    if parsed.userinfo:
        named = f"{parsed.username}:{parsed.password}".encode()
        headers.append((b"Authorization", b"Basic " + b64encode(named)))
    where = httpcore.URL(
        scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path
    )
    return where, headers
