"""The suite calls nobody but the target and its stimuli, and no system that nobody tests by accident."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from oicp_conformance.actors.stage import Stage
from oicp_conformance.embedded import free_port
from oicp_conformance.oicp.provider import faker
from oicp_conformance.stimuli.none import NoDriver
from selftest.front_door.test_command import said
from selftest.support import answer, cpo_profile, raw_server, reference_target, run_suite
from selftest.test_hub_fuzz import PATHS, profile_of

WATCHING = ("-p", "selftest.watching")


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "called.jsonl"
    file.touch()
    monkeypatch.setenv("WATCHING", str(file))
    return file


def called(file: Path) -> set[tuple[str, ...]]:
    """Whom a run called: addresses with ports, and names that it looked up."""
    return {tuple(json.loads(line)[1:]) for line in file.read_text(encoding="utf-8").splitlines()}


def place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return str(parts.hostname), str(parts.port)


def test_run_calls_the_target_and_its_stimuli_only(tmp_path: Path, watched: Path) -> None:
    with reference_target("cpo") as target:
        ran = run_suite(tmp_path, target.profile(), *WATCHING, "-k", "test_card_authorized_by_broadcast")
        own = {place(target.base_url), place(target.stimuli_url)}
    assert "1 passed" in ran.output, ran.output
    found = called(watched)
    assert {one for one in found if len(one) == 2} == own
    assert {one for one in found if len(one) == 1} == {("127.0.0.1",)}


def test_redirect_is_a_finding_and_nobody_follows_it(tmp_path: Path, watched: Path) -> None:
    heard: list[bool] = []
    with raw_server(lambda _: heard.append(True), reads=False) as elsewhere:

        def redirect(connection: socket.socket) -> None:
            moved = {"Location": f"{elsewhere}/api/oicp"}
            connection.sendall(answer(b"", "307 Temporary Redirect", moved))

        with raw_server(redirect) as url:
            ran = run_suite(tmp_path, cpo_profile(url), *WATCHING, "-k", "start_on_a_free_evse")
            assert called(watched) - {("127.0.0.1",)} == {place(url)}
    assert not heard
    assert ran.failed() == {"http.status"}, ran.output


# --- consent

OTHERS = {"http://93.184.215.14:9": "is at the public address", "https://service-qa.hubject.com": "Hubject's"}


@pytest.mark.parametrize("base_url", OTHERS)
def test_run_needs_consent(tmp_path: Path, watched: Path, base_url: str) -> None:
    ran = run_suite(tmp_path, cpo_profile(base_url), *WATCHING)
    assert ran.exit_code == 4, ran.output
    assert OTHERS[base_url] in " ".join(ran.output.split())
    assert "--i-may-test-this-system" in ran.output
    assert {one for one in called(watched) if len(one) == 2} == set()


def test_check_and_hub_need_consent(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text(cpo_profile("http://93.184.215.14:9"), encoding="utf-8")
    checked = said("check", "--target", str(file))
    assert checked.returncode == 1
    assert "public address 93.184.215.14" in " ".join(checked.stdout.split())
    hubbed = said("hub", "--target", str(file))
    assert hubbed.returncode == 4
    assert "--i-may-test-this-system" in hubbed.stderr


# --- strangers


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Stage]:
    made = profile_of("cpo", tmp_path, free_port())
    allowed = made.hub.model_copy(update={"allow": ["127.0.0.2"]})
    hub = Stage(made.model_copy(update={"hub": allowed}), NoDriver(wait=1.0), faker(1))
    hub.start()
    try:
        yield hub
    finally:
        hub.stop()


def posted(hub: Stage, source: str, body: bytes) -> httpx.Response:
    way = httpx.HTTPTransport(local_address=source)
    with httpx.Client(transport=way, trust_env=False) as client:
        return client.post(hub.url + PATHS["eRoamingAuthorizeStart"], content=body)


def test_stranger_is_refused_and_changes_nothing(hub: Stage) -> None:
    other = posted(hub, "127.0.0.3", b"{" + b" " * 100_000)
    assert other.status_code == 403
    assert other.text.startswith("127.0.0.3 is not an address of the target: see [hub] allow")
    own = posted(hub, "127.0.0.2", b"{}")
    assert own.status_code == 200
    stranger, target = hub.journal.closed()
    assert (stranger.peer, stranger.stranger, stranger.operation) == ("127.0.0.3", True, None)
    assert (stranger.status, stranger.request.body, stranger.test) == (403, b"", None)
    assert (target.peer, target.stranger, target.operation) == ("127.0.0.2", False, "eRoamingAuthorizeStart")
    assert hub.budget.strangers == {"127.0.0.3": 1}
    assert hub.failures == []


def test_stranger_that_sends_no_http_is_one_too(hub: Stage) -> None:
    port = int(hub.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 5, ("127.0.0.3", 0)) as connection:
        connection.sendall(b"[\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    (one,) = hub.journal.closed()
    assert (one.peer, one.stranger, one.trouble) == ("127.0.0.3", True, "not HTTP")
