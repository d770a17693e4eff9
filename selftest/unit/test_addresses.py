"""Whom the suite may call, and who may call the hub."""

import contextlib
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oicp_conformance.hub import addresses
from oicp_conformance.hub.addresses import (
    Allowed,
    NoConsent,
    announced,
    check_consent,
    check_stimuli,
    is_loopback,
    plain,
)
from oicp_conformance.hub.budget import STRANGERS, Budget
from oicp_conformance.hub.client import Client
from oicp_conformance.hub.hub import Hub
from oicp_conformance.judge.advice import on_silence
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.provider import faker
from oicp_conformance.preflight.result import State
from oicp_conformance.preflight.stimuli import check as preflight_of_stimuli
from oicp_conformance.profile import Profile, Target, as_saved, restore
from selftest.unit.journals import Journal, a_cpo
from selftest.unit.profiles import CPO, errors, read
from tools.hostile.peer import serving

NAMES = {
    "cpo.example": ["93.184.215.14", "10.0.0.5"],
    "lan.example": ["10.0.0.5", "fd00::5"],
    "localhost": ["127.0.0.1", "::1"],
}
"""What the names of these tests are looked up to."""


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name is looked up in the network."""
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: Any, *also: Any, **more: Any) -> Any:
        if host in NAMES:
            return [one for address in NAMES[host] for one in real(address, port, *also, **more)]
        return real(host, port, *also, **(more | {"flags": socket.AI_NUMERICHOST}))

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def target(base_url: str, consent: str | None = None) -> Target:
    return Target(name="A CPO", role="cpo", base_url=base_url, consent=consent)


# --- whom the suite may call


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:9000",
        "http://localhost:9000",
        "http://[::1]:9000",
        "http://192.168.1.5",
        "https://10.1.2.3/oicp",
        "http://172.17.0.2:9000",
        "http://[fd00::1]:9000",
        "http://lan.example",
        "http://nobody.knows.this",
        "http://100.64.0.1",
        "http://hubject.com.example",
        "http://myhubject.local",
    ],
)
def test_private_target_needs_no_consent(base_url: str) -> None:
    check_consent(target(base_url))


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        ("http://93.184.215.14:9000", "is at the public address 93.184.215.14"),
        ("http://cpo.example", "is at the public address 93.184.215.14"),
        ("http://[2606:2800:21f::1]", "is at the public address 2606:2800:21f::1"),
        ("http://[::ffff:93.184.215.14]", "is at the public address 93.184.215.14"),
        ("https://service.hubject.com", "is a system of Hubject's"),
        ("https://service-qa.HUBJECT.com./api", "is a system of Hubject's"),
        ("https://hubject.com", "is a system of Hubject's"),
        ("https://service.hubject\u3002com.", "is a system of Hubject's"),
    ],
)
def test_public_target_needs_consent(base_url: str, words: str) -> None:
    with pytest.raises(NoConsent) as raised:
        Client(target(base_url))
    assert str(raised.value).startswith(f"[target] base_url = '{target(base_url).base_url}' {words}: ")
    assert "--i-may-test-this-system, or [target] consent" in str(raised.value)
    Client(target(base_url, consent="Acme, ticket 4711")).close()


def test_name_that_leads_elsewhere_when_it_is_called_needs_consent(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        asked.append(connection.recv(100))

    with serving(talk, reads=False) as port:
        client = Client(target(f"http://127.0.0.1:{port}"))
        public = addresses._addresses("cpo.example")
        monkeypatch.setattr(addresses, "_addresses", lambda _: public)
        with (
            contextlib.closing(client),
            pytest.raises(NoConsent, match="is at the public address "),
        ):
            client.post("/x", b"{}")
    assert not any(asked)


def with_stimuli(tmp_path: Path, stimuli: str, consent: str = "") -> Profile:
    my = CPO.replace("base_url", f"{consent}\nbase_url")
    return read(tmp_path, my=f"{my}\n[stimuli]\n{stimuli}\n")


STATIONS = """driver = "ocpp"
version = "1.6"
url = "{}"
stations = [{{ identity = "CP-1", connectors = {{ "1" = "DE*ABC*E1*1" }} }}]
"""


@pytest.mark.parametrize(
    ("stimuli", "shown", "words"),
    [
        (
            'driver = "http"\nurl = "http://me:pw@93.184.215.14/stimuli?key=abcdef"',
            "http://(redacted)@93.184.215.14/stimuli",
            "at the public address 93.184.215.14",
        ),
        (
            'driver = "http"\nurl = "https://SERVICE.hubject.com./x"',
            "https://SERVICE.hubject.com./x",
            "a system of Hubject's",
        ),
        (
            STATIONS.format("ws://cpo.example/ocpp"),
            "ws://cpo.example/ocpp",
            "at the public address 93.184.215.14",
        ),
        (
            STATIONS.format("ws://lan.example/ocpp")
            + '[stimuli.otherwise]\ndriver = "http"\nurl = "http://cpo.example/x"',
            "http://cpo.example/x",
            "at the public address 93.184.215.14",
        ),
    ],
)
def test_public_stimuli_need_consent(tmp_path: Path, stimuli: str, shown: str, words: str) -> None:
    made = with_stimuli(tmp_path, stimuli)
    with pytest.raises(NoConsent) as raised:
        Hub(made, faker(1))
    assert str(raised.value).startswith(f"[stimuli] url = '{shown}' is {words}: ")
    (checked,) = preflight_of_stimuli(made)
    assert (checked.state, checked.text) == (State.PROBLEM, str(raised.value))
    check_stimuli(with_stimuli(tmp_path, stimuli, consent='consent = "Acme"'))


@pytest.mark.parametrize(
    "stimuli",
    [
        'driver = "none"',
        'driver = "http"\nurl = "http://lan.example/stimuli"',
        STATIONS.format("ws://lan.example/ocpp"),
        'driver = "command"\ncommand = ["curl", "http://cpo.example/x"]',
    ],
)
def test_private_stimuli_need_no_consent(tmp_path: Path, stimuli: str) -> None:
    check_stimuli(with_stimuli(tmp_path, stimuli))


# --- who may call the hub


def profile(tmp_path: Path, base_url: str = "http://lan.example:9000", hub: str = "") -> Profile:
    my = CPO.replace("http://127.0.0.1:9000", base_url)
    return read(tmp_path, my=f'{my}\n[hub]\nlisten = "0.0.0.0:8600"\n{hub}\n')


HERE = "192.168.1.7"
"""The address of this machine at which a request comes in."""


def test_target_and_this_machine_are_no_strangers(tmp_path: Path) -> None:
    allowed = Allowed(profile(tmp_path))
    for peer in ("10.0.0.5", "fd00::5", "127.0.0.1", "127.1.2.3", "::1", "::ffff:10.0.0.5", HERE, "::1%lo"):
        assert allowed.admits(peer, HERE), peer
    for peer in ("10.0.0.6", "192.168.1.8", "fd00::6", "93.184.215.14", "172.17.0.2"):
        assert not allowed.admits(peer, HERE), peer
    assert str(allowed) == "this machine, 10.0.0.5, fd00::5"


def test_list_takes_the_place_of_the_default(tmp_path: Path) -> None:
    allowed = Allowed(profile(tmp_path, hub='allow = ["172.17.0.0/16", "lan.example", "2001:db8::1"]'))
    for peer in ("172.17.0.2", "10.0.0.5", "fd00::5", "2001:db8::1"):
        assert allowed.admits(peer, HERE), peer
    for peer in ("172.18.0.2", "127.0.0.1", HERE, "2001:db8::2"):
        assert not allowed.admits(peer, HERE), peer
    assert str(allowed) == "172.17.0.0/16, 10.0.0.5, fd00::5, 2001:db8::1"


def test_all_can_be_allowed(tmp_path: Path) -> None:
    allowed = Allowed(profile(tmp_path, hub='allow = ["0.0.0.0/0", "::/0"]'))
    assert allowed.admits("93.184.215.14", HERE)
    assert allowed.admits("2606:2800:21f::1", HERE)


def test_listener_beyond_this_machine_is_announced(tmp_path: Path) -> None:
    assert announced(profile(tmp_path)) == (
        "other machines reach the hub at 0.0.0.0:8600; it takes requests from this machine, 10.0.0.5, "
        "fd00::5 for the target's ([hub] allow)"
    )
    assert announced(read(tmp_path, my=CPO)) == ""
    assert [is_loopback(one) for one in ("127.0.0.1", "[::1]", "localhost", "0.0.0.0", "10.0.0.1")] == [  # noqa: S104
        *(True, True, True, False, False)
    ]


def test_addresses_are_shown_as_people_know_them() -> None:
    assert [plain(one) for one in ("::ffff:10.0.0.5", "fe80::1%eth0", "10.0.0.5", "")] == [
        *("10.0.0.5", "fe80::1", "10.0.0.5", "")
    ]


# --- what is said of strangers


def with_stranger(journal: Journal) -> Journal:
    """The last request was a stranger's."""
    last = journal.exchanges[-1]
    journal.exchanges[-1] = replace(last, stranger=True, operation=None, peer="10.9.9.9", test=None)
    return journal


def test_nobody_is_judged_for_a_stranger() -> None:
    for sends in (
        {"raw": b"no JSON"},
        {"path": "/api/oicp/evsepush/v22/operators/DE*ABC/status-records"},
        {"OperatorEvseStatus": {"OperatorID": "DE*XYZ", "EvseStatusRecord": []}},
    ):
        own, other = a_cpo(), a_cpo()
        own.target_sends(**sends)
        other.target_sends(**sends)
        assert [one for one in outcomes(own.record) if one.is_finding]
        assert not outcomes(with_stranger(other).record)


def test_advice_names_the_address_that_was_refused() -> None:
    journal = a_cpo()
    journal.waited("request.sent", "eRoamingAuthorizeStart", stimulus="done")
    journal.target_sends()
    assert "rejected requests from 10.9.9.9" in on_silence(with_stranger(journal).record)
    assert "[hub] allow" in on_silence(journal.record)


def test_strangers_are_counted_and_few_are_kept() -> None:
    budget = Budget()
    kept = [budget.admits_stranger(f"10.0.0.{number % 9}") for number in range(STRANGERS + 50)]
    assert kept == [True] * STRANGERS + [False] * 50
    (note,) = budget.notes
    assert note.startswith(
        "250 requests were sent from 10.0.0.0, 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, other"
    )
    assert "list it in [hub] allow" in note
    assert budget.admits(), "the requests of the target have a budget of their own"


# --- the keys


@pytest.mark.parametrize(
    ("added", "line"),
    [
        ("allow = []", "allow: found [], expected a list with at least one entry"),
        ('allow = "10.0.0.1"', 'allow: found "10.0.0.1", expected a list'),
        *(
            (
                f'allow = ["{bad}"]',
                f'allow[0]: found "{bad}", expected an address, a network or a host name such as '
                '"10.0.0.0/8"',
            )
            for bad in ("10.0.0.300", "10.0.0.0/33", "http://x", "a b", "-x", "x:80", "")
        ),
    ],
)
def test_what_allow_cannot_be(tmp_path: Path, added: str, line: str) -> None:
    assert errors(tmp_path, my=f"{CPO}[hub]\n{added}\n") == [f"my.toml:10: [hub] {line}"]


def test_what_consent_cannot_be(tmp_path: Path) -> None:
    said = {'""': '"", expected a string that is not empty', "true": "true, expected a string"}
    for value, found in said.items():
        my = CPO.replace("base_url", f"consent = {value}\nbase_url")
        assert errors(tmp_path, my=my) == [f"my.toml:4: [target] consent: found {found}"]


def test_subject_needs_an_authority(tmp_path: Path) -> None:
    (tmp_path / "a.pem").touch()
    my = f'{CPO}[hub.tls]\ncertificate = "a.pem"\nkey = "a.pem"\nclient_subject = "cpo.acme.example"\n'
    (line,) = errors(tmp_path, my=my)
    assert line.endswith("[hub.tls] client_ca: missing, expected a file (client_subject needs it)")
    tls = read(tmp_path, my=f'{my}client_ca = "a.pem"\n').hub.tls
    assert tls is not None
    subjects = ("O=Acme, CN=cpo.acme.example", "cpo.acme.example", "CN=cpo.acme.example.org", None)
    assert [tls.knows(one) for one in subjects] == [True, True, False, False]
    assert [tls.model_copy(update={"client_subject": None}).knows(one) for one in ("CN=any", None)] == [
        *(True, False)
    ]


def test_they_are_saved(tmp_path: Path) -> None:
    my = CPO.replace("base_url", 'consent = "Acme"\nbase_url') + '[hub]\nallow = ["10.0.0.0/8"]\n'
    saved = restore(as_saved(read(tmp_path, my=my)), tmp_path / "run.json")
    assert (saved.target.consent, saved.hub.allow) == ("Acme", ["10.0.0.0/8"])
