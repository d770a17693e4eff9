"""TLS in both directions: with whose certificates the two sides speak, and what is said when they cannot."""

import contextlib
import json
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import trustme

from oicp_conformance.embedded import free_port, profile, reference
from oicp_conformance.hub.budget import Budget
from oicp_conformance.hub.reading import Heard
from oicp_conformance.hub.script import Answer
from oicp_conformance.hub.server import Decision, Server
from oicp_conformance.profile import Hub, HubTls
from oicp_conformance.reporting import finding
from selftest.support import ROOT, Ran, cpo_profile, raw_server, run_suite

SOME = (
    "-k",
    "test_card_authorized_by_broadcast or test_start_on_a_free_evse or test_stop_of_the_running_session"
    " or test_full_load_is_published",
)
MANDATORY = {
    "eRoamingAuthorizeStart",
    "eRoamingAuthorizeRemoteStart",
    "eRoamingAuthorizeRemoteStop",
    "eRoamingChargeDetailRecord",
    "eRoamingPushEvseData",
    "eRoamingPushEvseStatus",
}


@dataclass(frozen=True)
class Side:
    """What one side has: its CA, a certificate by it, and the key."""

    ca: Path
    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path, name: str) -> "Side":
        made = cls(*(folder / f"{name}-{part}.pem" for part in ("ca", "certificate", "key")))
        authority = trustme.CA(organization_name=name)
        issued = authority.issue_cert("127.0.0.1")
        authority.cert_pem.write_to_path(str(made.ca))
        issued.cert_chain_pems[0].write_to_path(str(made.certificate))
        issued.private_key_pem.write_to_path(str(made.key))
        return made


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("target", "hub", "stranger"):
        Side.make(folder, name)
    return folder


@pytest.fixture(scope="module")
def target_side(certificates: Path) -> Side:
    return Side(*(certificates / f"target-{part}.pem" for part in ("ca", "certificate", "key")))


@pytest.fixture(scope="module")
def hub_side(certificates: Path) -> Side:
    return Side(*(certificates / f"hub-{part}.pem" for part in ("ca", "certificate", "key")))


@pytest.fixture(scope="module")
def stranger(certificates: Path) -> Side:
    return Side(*(certificates / f"stranger-{part}.pem" for part in ("ca", "certificate", "key")))


def table(name: str, **files: Path) -> str:
    """A table of the profile with files."""
    return "".join([f"\n[{name}]\n", *(f"{key} = {json.dumps(str(file))}\n" for key, file in files.items())])


@contextlib.contextmanager
def secured(*options: str | Path, hub_scheme: str = "http") -> Iterator[tuple[str, int, str]]:
    """The reference CPO with options for TLS; gives its profile, the hub's port, and its own URL."""
    port = free_port()
    with reference(
        "cpo", f"{hub_scheme}://127.0.0.1:{port}", options=[*map(str, options)], package="fixtures", cwd=ROOT
    ) as target:
        yield profile("cpo", port, target, wait=2, timeout=4), port, target["base_url"]


def passes(ran: Ran) -> None:
    """All that was asked for was seen, and was in order."""
    assert ran.exit_code == 0, ran.output
    assert "5 passed" in ran.output
    seen = {one["operation"] for one in ran.statement["operations"] if one["verdict"] == "pass"}
    assert seen >= MANDATORY


def stopped_by_tls(ran: Ran, *texts: str) -> None:
    """It is said once why, and nobody is accused."""
    assert ran.exit_code == 1, ran.output
    assert ran.verdict == "incomplete"
    assert not ran.rows("fail"), ran.failed()
    assert ran.says("the run stopped early: the target cannot be reached") == 1
    for text in texts:
        assert text in ran.statement["stopped"]
    assert sum(one["trouble"] == "tls" for one in ran.journal if one["direction"] == "hub-to-target") == 1


# --- the target speaks https


def test_target_with_a_ca_of_its_own(tmp_path: Path, target_side: Side) -> None:
    options = ("--tls-cert", target_side.certificate, "--tls-key", target_side.key)
    with secured(*options) as (toml, _, url):
        assert url.startswith("https:")
        passes(run_suite(tmp_path, toml + table("target.tls", ca=target_side.ca), *SOME))


def test_mutual_tls_both_ways(tmp_path: Path, target_side: Side, hub_side: Side) -> None:
    serving = (
        "--tls-cert",
        target_side.certificate,
        "--tls-key",
        target_side.key,
        "--tls-client-ca",
        hub_side.ca,
    )
    calling = (
        "--hub-ca",
        hub_side.ca,
        "--client-cert",
        target_side.certificate,
        "--client-key",
        target_side.key,
    )
    to_target = table("target.tls", ca=target_side.ca, certificate=hub_side.certificate, key=hub_side.key)
    of_hub = table("hub.tls", certificate=hub_side.certificate, key=hub_side.key, client_ca=target_side.ca)
    with secured(*serving, *calling, hub_scheme="https") as (toml, _, _):
        ran = run_suite(tmp_path, toml + to_target + of_hub, *SOME)
    passes(ran)
    assert {one["trouble"] for one in ran.journal} == {None}


def test_target_whose_certificate_nobody_knows(tmp_path: Path, target_side: Side, stranger: Side) -> None:
    options = ("--tls-cert", target_side.certificate, "--tls-key", target_side.key)
    with secured(*options) as (toml, _, url):
        ran = run_suite(tmp_path, toml + table("target.tls", ca=stranger.ca))
    stopped_by_tls(ran, url, "certificate verify failed: unable to get local issuer certificate")


def test_target_whose_certificate_no_system_knows(tmp_path: Path, target_side: Side) -> None:
    options = ("--tls-cert", target_side.certificate, "--tls-key", target_side.key)
    with secured(*options) as (toml, _, url):
        stopped_by_tls(run_suite(tmp_path, toml), url, "certificate verify failed")


def test_target_that_misses_a_certificate_of_the_hub(
    tmp_path: Path, target_side: Side, hub_side: Side
) -> None:
    options = (
        "--tls-cert",
        target_side.certificate,
        "--tls-key",
        target_side.key,
        "--tls-client-ca",
        hub_side.ca,
    )
    with secured(*options) as (toml, _, url):
        ran = run_suite(tmp_path, toml + table("target.tls", ca=target_side.ca))
    stopped_by_tls(ran, url, "certificate required")


def test_target_that_speaks_plain_http(tmp_path: Path) -> None:
    with raw_server(lambda connection: connection.sendall(b"HTTP/1.1 400 No\r\n\r\n"), reads=False) as url:
        https = url.replace("http:", "https:")
        ran = run_suite(tmp_path, cpo_profile(https))
    stopped_by_tls(ran, https)


def test_target_that_stalls_in_the_handshake(tmp_path: Path) -> None:
    def stall(connection: socket.socket) -> None:
        while connection.recv(65536):
            pass

    with raw_server(stall, reads=False) as url:
        ran = run_suite(tmp_path, cpo_profile(url.replace("http:", "https:")))
    assert ran.exit_code == 1
    assert ran.verdict == "incomplete"
    assert not ran.rows("fail")
    assert ran.says("the run stopped early: the target cannot be reached") == 1


# --- the hub speaks https


def test_target_that_does_not_know_the_hub(tmp_path: Path, hub_side: Side, stranger: Side) -> None:
    """It hangs up in the handshake: its requests never come, and the report says why."""
    of_hub = table("hub.tls", certificate=hub_side.certificate, key=hub_side.key)
    with secured("--hub-ca", stranger.ca, hub_scheme="https") as (toml, _, _):
        ran = run_suite(tmp_path, re.sub(r"wait = 2", "wait = 0.5", toml) + of_hub, *SOME)
    assert ran.exit_code == 1
    assert ran.operation("eRoamingAuthorizeStart")["verdict"] == "inconclusive"
    broken = [one for one in ran.journal if one["direction"] == "target-to-hub"]
    assert broken
    assert all("unknown ca" in one["detail"] for one in broken)
    assert not ran.statement["trouble"]
    (row,) = (
        row
        for row in ran.rows("inconclusive")
        if row["id"] == "request.sent" and row["operation"] == "eRoamingAuthorizeStart"
    )
    assert "was not received within" in row["reason"]
    assert "unknown ca" in row["reason"]


@dataclass(frozen=True)
class Partners:
    """Certificates of two partners by one authority, as Hubject's partners have them."""

    ca: Path
    own: Side
    other: Side


@pytest.fixture(scope="module")
def partners(tmp_path_factory: pytest.TempPathFactory) -> Partners:
    folder = tmp_path_factory.mktemp("partners")
    authority = trustme.CA(organization_name="Partners")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    sides = []
    for name in ("own", "other"):
        issued = authority.issue_cert("127.0.0.1", common_name=f"{name}.example")
        side = Side(folder / "ca.pem", folder / f"{name}.pem", folder / f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(str(side.certificate))
        issued.private_key_pem.write_to_path(str(side.key))
        sides.append(side)
    return Partners(folder / "ca.pem", *sides)


def shown(side: Side | None) -> list[str]:
    """The options of a reference target that shows the hub a certificate, or none."""
    return ["--client-cert", str(side.certificate), "--client-key", str(side.key)] if side else []


@pytest.mark.parametrize("who", ["own", "other", None])
def test_hub_knows_the_partner_by_its_certificate(
    tmp_path: Path, hub_side: Side, partners: Partners, who: str | None
) -> None:
    of_hub = table("hub.tls", certificate=hub_side.certificate, key=hub_side.key, client_ca=partners.ca)
    side = getattr(partners, who) if who else None
    with secured("--hub-ca", hub_side.ca, *shown(side), hub_scheme="https") as (toml, _, _):
        brief = toml.replace("wait = 2", "wait = 0.5")
        ran = run_suite(tmp_path, f'{brief}{of_hub}client_subject = "own.example"\n', *SOME[:1], "broadcast")
    (sent, *_) = (one for one in ran.journal if one["operation"] == "eRoamingAuthorizeStart")
    code = json.loads(sent["answer"]["body"])["StatusCode"]["Code"]
    if who == "own":
        assert (code, "CN=own.example" in sent["certificate"]) == ("000", True)
        assert "partner.certificate" not in ran.failed()
        return
    assert code == "017"
    assert ran.failed() == {"partner.certificate"}, ran.output
    assert ran.exit_code == 1
    (finding, *_) = next(one["findings"] for one in ran.rows("fail"))
    assert finding["expected"] == "own.example"
    assert (sent["certificate"] or "nothing") == finding["found"]


def test_finding_about_a_certificate_is_replayed(tmp_path: Path, hub_side: Side, partners: Partners) -> None:
    """With the certificate of another partner it is still so, with the target's own it is gone."""
    of_hub = table("hub.tls", certificate=hub_side.certificate, key=hub_side.key, client_ca=partners.ca)
    of_hub += 'client_subject = "own.example"\n'
    states: list[str] = []
    for side in (partners.other, partners.own):
        with secured("--hub-ca", hub_side.ca, *shown(side), hub_scheme="https") as (toml, _, _):
            if not states:
                ran = run_suite(tmp_path, toml + of_hub, *SOME[:1], "broadcast")
            file = tmp_path / "again.toml"
            file.write_text(toml + of_hub, encoding="utf-8")
            states.append(finding.replay(ran.folder, "partner.certificate", file).state)
    assert states == ["still so", "gone"]


def test_certificate_that_the_hub_cannot_trust_ends_in_the_handshake(
    hub_side: Side, partners: Partners, stranger: Side
) -> None:
    heard: list[Heard] = []
    tls = HubTls(certificate=hub_side.certificate, key=hub_side.key, client_ca=partners.ca)
    with listening(tls, heard) as server:
        trust = ssl.create_default_context(cafile=hub_side.ca)
        trust.load_cert_chain(stranger.certificate, stranger.key)
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{server.url}/x", content=b"{}", verify=trust, timeout=5, trust_env=False)
        own = ssl.create_default_context(cafile=hub_side.ca)
        own.load_cert_chain(partners.own.certificate, partners.own.key)
        httpx.post(f"{server.url}/x", content=b"{}", verify=own, timeout=5, trust_env=False)
    assert [one.trouble for one in heard] == ["tls", None]
    assert heard[0].detail.startswith("certificate verify failed")
    assert heard[1].certificate == "CN=own.example, OU=" + (heard[1].certificate or "").partition("OU=")[2]


@contextlib.contextmanager
def listening(tls: HubTls, heard: list[Heard]) -> Iterator[Server]:
    """A server that says yes to everything."""

    def hears(one: Heard) -> Decision:
        heard.append(one)
        return Decision(Answer(message={"Result": True}), answers=lambda: None, over=lambda: None)

    server = Server(Hub(listen=f"127.0.0.1:{free_port()}", tls=tls), hears, Budget())
    server.start()
    try:
        yield server
    finally:
        server.stop()


def test_500_stalled_handshakes_and_plain_http_keep_nobody_waiting(hub_side: Side) -> None:
    heard: list[Heard] = []
    tls = HubTls(certificate=hub_side.certificate, key=hub_side.key)
    with listening(tls, heard) as server, contextlib.ExitStack() as stack:
        port = int(server.url.rpartition(":")[2])
        trust = ssl.create_default_context(cafile=hub_side.ca)
        for number in range(500):
            stalled = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            if number % 2:
                stalled.sendall(b"\x16\x03\x01\x02")
            if number % 100 == 99:
                said = httpx.post(f"{server.url}/x", content=b"{}", verify=trust, timeout=5, trust_env=False)
                assert said.json() == {"Result": True}
        plain = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
        plain.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        with contextlib.suppress(OSError):
            while plain.recv(65536):
                pass
        assert server.failures == []
    assert [one.path for one in heard if not one.trouble] == ["/x"] * 5
    (told,) = (one.detail for one in heard if "plain HTTP" in one.detail)
    assert told == "http request; the target speaks plain HTTP, and the hub https ([hub.tls])"


# --- a profile whose files do not fit


def names_the_table(ran: Ran, *texts: str) -> None:
    assert ran.exit_code == 4, ran.output
    (error,) = (line for line in ran.output.splitlines() if line.startswith("ERROR: "))
    for text in ("profile.toml", *texts):
        assert text in error


def test_key_that_does_not_fit(tmp_path: Path, hub_side: Side, stranger: Side) -> None:
    of_hub = table("hub.tls", certificate=hub_side.certificate, key=stranger.key)
    ran = run_suite(tmp_path, cpo_profile() + of_hub)
    names_the_table(ran, "[hub.tls] certificate and key: key values mismatch")


def test_key_with_a_password(tmp_path: Path, hub_side: Side) -> None:
    from cryptography.hazmat.primitives import serialization as pem  # noqa: PLC0415 - comes with trustme

    plain = pem.load_pem_private_key(hub_side.key.read_bytes(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        plain.private_bytes(
            pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.BestAvailableEncryption(b"a password")
        )
    )
    of_target = table("target.tls", certificate=hub_side.certificate, key=locked)
    ran = run_suite(tmp_path, cpo_profile("https://127.0.0.1:9") + of_target)
    names_the_table(ran, "[target.tls] certificate and key: ", "the key without a password")


@pytest.mark.parametrize("where", ["target.tls] ca", "hub.tls] client_ca"])
def test_file_that_is_no_certificate(tmp_path: Path, hub_side: Side, where: str) -> None:
    own = table("hub.tls", certificate=hub_side.certificate, key=hub_side.key)
    (tmp_path / "text.pem").write_text("no certificate", encoding="utf-8")
    if where.startswith("hub"):
        toml = cpo_profile() + own + 'client_ca = "text.pem"\n'
    else:
        toml = cpo_profile("https://127.0.0.1:9") + '[target.tls]\nca = "text.pem"\n'
    names_the_table(run_suite(tmp_path, toml), f"[{where}: ", "expected certificates in PEM")
