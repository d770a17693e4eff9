"""What the hub says of what is no request: each its own words, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from oicp_conformance.actors.stage import Stage
from oicp_conformance.embedded import free_port
from oicp_conformance.oicp.provider import faker
from oicp_conformance.stimuli.none import NoDriver
from selftest.test_hub_fuzz import PATHS, profile_of, say

START = PATHS["eRoamingAuthorizeStart"].encode()
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x5b" * 60 + b"\r\n\r\n"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("words")
    hub = Stage(profile_of("cpo", folder, free_port()), NoDriver(wait=1.0), faker(1))
    hub.start()
    try:
        yield hub
    finally:
        hub.stop()


@pytest.mark.parametrize(
    ("data", "trouble", "words"),
    [
        (HELLO, "tls", "the target speaks TLS, and the hub plain HTTP"),
        (b"POST / HT", "not HTTP", "the request broke off after 9 bytes of its head"),
        (b"GET " + START + b"\r\n\r\n", "not HTTP", "HTTP/0.9: a request line without a version"),
        (b"GET / HTTP/3.7\r\n\r\n", "not HTTP", "Invalid HTTP version (3.7)"),
        (b"[\r\n\r\n", "not HTTP", "Bad request syntax"),
        (b"EHLO [127.0.0.1]\r\n\r\n", "not HTTP", "HTTP/0.9 request type ('EHLO')"),
        (b"POST / HTTP/x\r\n\r\n", "not HTTP", "Bad request version"),
    ],
)
def test_what_is_no_request_has_its_own_words(hub: Stage, data: bytes, trouble: str, words: str) -> None:
    before = len(hub.journal.exchanges)
    say(hub, data)
    (one,) = hub.journal.closed()[before:]
    assert (one.trouble, one.status, one.operation) == (trouble, None, None)
    assert words in one.detail
    assert hub.failures == []
