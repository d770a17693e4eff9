"""The preflight: a wrong address is not a broken backend, and nobody is accused."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import trustme
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from oicp_conformance import preflight
from oicp_conformance.embedded import free_port
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.preflight import Result, State, partner
from oicp_conformance.profile import Profile, load
from selftest.support import ROOT, answer, cpo_profile, raw_server, reference_target, run_suite

START = "/api/oicp/charging/v21/providers/DE-DCB/authorize-remote/start"
Answers = Callable[[Request], Response]


def profile_of(folder: Path, text: str) -> Profile:
    file = folder / "my.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, operations=BY_NAME)


def results(folder: Path, text: str, about: str = "") -> list[Result]:
    return [one for one in preflight.check(profile_of(folder, text)) if about in {"", one.about}]


def served(server: HTTPServer, answers: Answers) -> tuple[str, list[tuple[str, str, bytes]]]:
    """A target that answers so; gives its URL, and what it was asked."""
    asked: list[tuple[str, str, bytes]] = []

    def handle(request: Request) -> Response:
        asked.append((request.method, request.path, request.get_data()))
        return answers(request)

    server.expect_request(re.compile(".*")).respond_with_handler(handle)
    return f"http://127.0.0.1:{server.port}", asked


def only(status: int, *paths: str) -> Answers:
    """Answers so on these paths, on all if there are none, and 404 elsewhere."""
    return lambda request: Response("{}", status if not paths or request.path in paths else 404)


# --- secrets


def test_results_have_no_secrets(httpserver: HTTPServer, tmp_path: Path) -> None:
    url, _ = served(httpserver, lambda _: Response("password=hunter2SECRET canary-value", 500))
    base, secrets = url.replace("//", "//u:hunter2SECRET@"), '[secrets]\nvalues = ["canary-value"]\n'
    stimuli = f'driver = "http"\nurl = "{url}/stimuli?token=hunter2SECRET"\n'
    said = results(tmp_path, f"{cpo_profile(base, stimuli=stimuli)}\n{secrets}")
    text = " ".join(f"{one.text} {one.advice}" for one in said)
    assert f"http://(redacted)@127.0.0.1:{httpserver.port} responds with HTTP" in text
    assert "responded with HTTP 500: password=(redacted)" in text
    assert "hunter2" not in text
    assert "canary" not in text


# --- the paths


def test_prefix_that_is_missing(httpserver: HTTPServer, tmp_path: Path) -> None:
    url, asked = served(httpserver, only(405, f"/ocpi{START}"))
    (found,) = results(tmp_path, cpo_profile(url), "paths")
    assert found.state is State.PROBLEM
    assert found.text == f"HTTP 404 for {START} and all others"
    assert found.where == f"{tmp_path / 'my.toml'}:4 [target] base_url"
    assert "is there a path prefix?" in found.advice
    assert {method for method, _, _ in asked} == {"OPTIONS", "GET", "POST"}
    assert {body for _, _, body in asked} == {b""}, "nothing is asked for"


def test_run_stops_where_no_path_is_served(httpserver: HTTPServer, tmp_path: Path) -> None:
    """It is incomplete, says why, and accuses nobody; the probes are not in its journal."""
    url, _ = served(httpserver, only(404))
    ran = run_suite(tmp_path, cpo_profile(url))
    assert (ran.verdict, ran.exit_code) == ("incomplete", 1)
    assert ran.statement["stopped"].startswith(
        "the target responds with HTTP 404 on all paths of OICP: is there"
    )
    assert not ran.rows("fail")
    assert ran.journal == []


def test_one_path_that_is_missing(httpserver: HTTPServer, tmp_path: Path) -> None:
    url, _ = served(httpserver, only(405, START))
    found = results(tmp_path, cpo_profile(url), "paths")
    (missing,) = (one for one in found if one.state is State.PROBLEM)
    assert missing.text.startswith("HTTP 404 for eRoamingAuthorizeRemoteStop: ")
    assert missing.where.endswith("[target.paths] eRoamingAuthorizeRemoteStop")
    assert preflight.objection(profile_of(tmp_path, cpo_profile(url))) is None


def test_refusal_with_http_404_is_served(httpserver: HTTPServer, tmp_path: Path) -> None:
    """A backend that routes by method, and refuses an unknown session with HTTP 404 in OICP's words."""

    def answers(request: Request) -> Response:
        if request.method == "POST" and request.path.startswith("/api/oicp/"):
            return Response('{"Result": false, "StatusCode": {"Code": "400"}}', 404)
        return Response("<html>not found</html>", 404)

    url, _ = served(httpserver, answers)
    (found,) = results(tmp_path, cpo_profile(url), "paths")
    assert (found.state, found.text) == (State.OK, "the paths of 2 operations are served")


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (401, "the target responds with HTTP 401: it requires a login"),
        (307, "the target redirects (HTTP 307)"),
    ],
)
def test_paths_that_answer_oddly(httpserver: HTTPServer, tmp_path: Path, status: int, text: str) -> None:
    url, _ = served(httpserver, only(status))
    (found,) = results(tmp_path, cpo_profile(url), "paths")
    assert found.state is State.WARNING
    assert found.text.startswith(text)


# --- the target


def test_nobody_listens(tmp_path: Path) -> None:
    (found,) = results(tmp_path, cpo_profile(f"http://127.0.0.1:{free_port()}"), "target")
    assert found.state is State.PROBLEM
    assert found.text.startswith("nobody listens: ")
    assert found.where.endswith("my.toml:4 [target] base_url")


def test_target_that_starts_late(tmp_path: Path) -> None:
    """It is waited for, as long as asked for and no longer."""
    port = free_port()
    target = profile_of(tmp_path, cpo_profile(f"http://127.0.0.1:{port}")).target
    began = time.monotonic()
    assert not preflight.wait_for(target, 0.4)
    assert time.monotonic() - began >= 0.4
    server = HTTPServer(host="127.0.0.1", port=port)
    start = threading.Timer(0.5, server.start)
    start.start()
    try:
        assert preflight.wait_for(target, 20)
    finally:
        start.join()
        server.stop()


def test_https_where_http_is_spoken(httpserver: HTTPServer, tmp_path: Path) -> None:
    url, _ = served(httpserver, only(405))
    found = results(tmp_path, cpo_profile(url.replace("http:", "https:")))
    (problem,) = [one for one in found if one.state is State.PROBLEM]
    assert problem.text.endswith("base_url must begin with http:")
    assert problem.advice == "", "the text has it already"


@pytest.mark.parametrize(("seconds", "state"), [(0, State.OK), (-90, State.WARNING), (3700, State.WARNING)])
def test_clock(tmp_path: Path, seconds: int, state: State) -> None:
    def talk(connection: socket.socket) -> None:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
        connection.sendall(answer(b"{}", "405 No", {"Date": date}))

    with raw_server(talk) as url:
        (found,) = results(tmp_path, cpo_profile(url), "clock")
    assert found.state is state
    if seconds:
        said = re.match(r"the target's clock is (\d+) s (ahead of|behind) this one \(", found.text)
        assert said
        assert said[2] == ("ahead of" if seconds > 0 else "behind")
        assert abs(int(said[1]) - abs(seconds)) <= 3


def test_target_that_never_ends_its_answer(tmp_path: Path) -> None:
    """The check gives up, and so does a run's: nobody waits for ever."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX:")
        while True:
            connection.sendall(b"y")
            time.sleep(0.1)

    with raw_server(talk) as url:
        began = time.monotonic()
        (found,) = results(tmp_path, cpo_profile(url, timeout=1.0), "target")
        assert time.monotonic() - began < 20
    assert (found.state, found.text) == (
        State.PROBLEM,
        "no HTTP response: timeout: no response within 1 s",
    )


# --- the hub


def test_hub_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (found,) = results(tmp_path, cpo_profile(hub=port), "hub")
    assert (found.state, found.text) == (State.PROBLEM, f"127.0.0.1:{port}: another program listens there")
    assert found.where.endswith("[hub] listen")


HUBS = {
    "every address": (
        "0.0.0.0:28999",
        "http://127.0.0.1:9",
        State.OK,
        "is free; the target calls http://127.0.0.1",
    ),
    "another machine's": (
        "192.0.2.1:28999",
        "http://127.0.0.1:9",
        State.PROBLEM,
        "not an address of this machine",
    ),
    "any port": (
        "127.0.0.1:0",
        "http://127.0.0.1:9",
        State.WARNING,
        "port 0 is a different port in each run",
    ),
}


@pytest.mark.parametrize("what", HUBS)
def test_address_of_the_hub(tmp_path: Path, what: str) -> None:
    listen, target, state, text = HUBS[what]
    profile = cpo_profile(target, hub=1).replace('127.0.0.1:1"', f'{listen}"')
    found, *others = results(tmp_path, profile, "hub")
    assert found.state is state
    assert text in found.text
    announced = "other machines reach the hub at 0.0.0.0:28999"
    assert [one.text.partition(";")[0] for one in others] == [announced] * (what == "every address")


def test_hub_on_this_machine_only_for_a_target_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oicp_conformance.preflight import hub  # noqa: PLC0415

    monkeypatch.setattr(hub, "_own_address_towards", lambda _: "10.1.2.3")
    profile = profile_of(tmp_path, cpo_profile("http://10.9.9.9:9000"))
    (found,) = hub.check(profile)
    assert found.state is State.WARNING
    assert found.text == "127.0.0.1 is this machine only, and the target is at 10.9.9.9"
    assert f"have the hub listen on 10.1.2.3:{profile.hub.port}" in found.advice


# --- stimuli


@pytest.mark.parametrize(
    ("status", "state", "text"),
    [
        (501, State.OK, "the shim responds (driver http)"),
        (204, State.WARNING, "the shim accepted the stimulus 'check'"),
        (500, State.PROBLEM, "responded with HTTP 500"),
    ],
)
def test_stimuli(httpserver: HTTPServer, tmp_path: Path, status: int, state: State, text: str) -> None:
    url, asked = served(httpserver, only(status))
    stimuli = f'driver = "http"\nurl = "{url}/stimuli"'
    (found,) = results(tmp_path, cpo_profile(stimuli=stimuli), "stimuli")
    assert found.state is state
    assert text in found.text
    assert asked[-1][2] == b'{"stimulus": "check", "parameters": {}}'


def test_no_stimuli_and_a_person(tmp_path: Path) -> None:
    (none,) = results(tmp_path, cpo_profile(), "stimuli")
    assert none.state is State.WARNING
    (person,) = results(tmp_path, cpo_profile(stimuli='driver = "manual"'), "stimuli")
    assert (person.state, person.advice) == (State.SKIPPED, "run with -- -s: a person needs the terminal")


# --- what is not checked


def test_evses_are_not_tried(tmp_path: Path) -> None:
    """A start would open a session: the check names the line of the profile, and sends nothing."""
    profile = profile_of(tmp_path, cpo_profile())
    (found,) = partner.check(profile)
    assert (found.state, found.about) == (State.SKIPPED, "EVSEs")
    assert found.text.startswith("not checked: only a start shows whether the target knows DE*ABC*E1*1")
    assert found.where == f"{profile.where('partner', 'evse_ids')} [partner] evse_ids"


def test_customers_are_not_tried(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "profile.md").read_text(encoding="utf-8")
    (emp,) = (
        one for one in re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE) if '"emp"' in one
    )
    (found,) = partner.check(profile_of(tmp_path, emp))
    assert (found.state, found.about) == (State.SKIPPED, "customers")
    assert found.text.endswith("each QRCodeIdentification, RFIDMifareFamilyIdentification and 1 more")
    assert "1234ABCD" not in found.text
    line = int(found.where.partition(" ")[0].rpartition(":")[2])
    assert emp.splitlines()[line - 1].startswith("[[partner.accepts]]")


# --- certificates


def secured(folder: Path, ends: datetime | None = None) -> str:
    """A profile whose hub shows a certificate that ends then."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", not_after=ends)
    issued.cert_chain_pems[0].write_to_path(str(folder / "hub.pem"))
    issued.private_key_pem.write_to_path(str(folder / "hub.key"))
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return cpo_profile() + '[hub.tls]\ncertificate = "hub.pem"\nkey = "hub.key"\nclient_ca = "ca.pem"\n'


def test_certificates_of_the_hub(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    certificate, authority = results(tmp_path, secured(tmp_path, now + timedelta(days=30, hours=1)), "TLS")
    assert (certificate.state, certificate.text) == (
        State.OK,
        "the hub's certificate is valid for 30 more days",
    )
    assert authority.state is State.OK
    assert authority.text.startswith("the authority in ca.pem is valid for ")
    soon, _ = results(tmp_path, secured(tmp_path, now + timedelta(days=1, hours=1)), "TLS")
    assert (soon.state, soon.text) == (State.WARNING, "the hub's certificate is valid for 1 more day")
    over, _ = results(tmp_path, secured(tmp_path, now - timedelta(days=1)), "TLS")
    assert over.state is State.PROBLEM
    assert "expired" in over.text
    assert over.where.endswith("[hub.tls] certificate")
    assert over.advice == "renew it"


def test_key_of_another_certificate(tmp_path: Path) -> None:
    text = secured(tmp_path)
    trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(str(tmp_path / "hub.key"))
    found, _ = results(tmp_path, text, "TLS")
    assert found.state is State.PROBLEM
    assert "the hub's certificate cannot be used: " in found.text


def test_certificate_of_the_target(tmp_path: Path) -> None:
    """How long it is valid where it is trusted, and why not where it is not."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(
        "localhost", not_after=datetime.now(UTC) + timedelta(days=3, hours=1)
    ).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with HTTPServer(host="127.0.0.1", ssl_context=context, threaded=True) as server:
        url, _ = served(server, only(405))
        url = url.replace("http://127.0.0.1", "https://localhost")
        trusted = cpo_profile(url) + '[target.tls]\nca = "ca.pem"\n'
        *_, shown = results(tmp_path, trusted, "TLS")
        assert (shown.state, shown.text) == (
            State.WARNING,
            "the target's certificate is valid for 3 more days",
        )
        (refused,) = [one for one in results(tmp_path, cpo_profile(url)) if one.state is State.PROBLEM]
        assert refused.text.startswith("its certificate is rejected: ")
        assert refused.advice == "name the CA that signed it in [target.tls] ca"


def test_expired_certificate_of_the_target(tmp_path: Path) -> None:
    """It is one problem, and the advice is not about the CA, which is trusted."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    expired = datetime.now(UTC) - timedelta(days=1)
    authority.issue_cert("localhost", not_after=expired).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with HTTPServer(host="127.0.0.1", ssl_context=context, threaded=True) as server:
        url = f"https://localhost:{server.port}"
        found = results(tmp_path, cpo_profile(url) + '[target.tls]\nca = "ca.pem"\n')
    (problem,) = [one for one in found if one.state is State.PROBLEM]
    assert problem.text.endswith("certificate has expired")
    assert problem.advice == "renew the certificate of the target"


# --- nothing is changed


def test_check_leaves_the_target_as_it_was(tmp_path: Path) -> None:
    """The reference CPO is checked between its start and a run: the journal has nothing of it."""
    with reference_target() as target:
        text = target.profile()
        found = results(tmp_path, text)
        assert {one.state for one in found if one.about != "EVSEs"} == {State.OK}
        ran = run_suite(tmp_path, text, "-k", "test_start_on_a_free_evse_is_acknowledged")
    assert ran.verdict == "partial"
    assert {one["method"] for one in ran.journal} == {"POST"}
    assert not any(one["request"].get("body") == "" for one in ran.journal)
