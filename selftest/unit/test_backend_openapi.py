"""`init --openapi`: what a backend's OpenAPI document says of a profile, and what is wrong with one."""

import json
import socket
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from oicp_conformance.cli import main
from oicp_conformance.cli.backend_openapi import LONGEST, DocumentError, described, fetched, parsed
from oicp_conformance.oicp.openapi import document
from oicp_conformance.profile import load
from tools.hostile.peer import serving

START = "/api/oicp/charging/v21/providers/{provider_id}/authorize-remote/start"
STOP = "/api/oicp/charging/v21/providers/{provider_id}/authorize-remote/stop"
CARD = "/api/oicp/charging/v21/operators/{operatorID}/authorize/start"
RESERVE = "/api/oicp/reservation/v11/providers/{p}/reservation-{}-request"
POST: dict[str, Any] = {"post": {}}


def api(*paths: str, **more: Any) -> dict[str, Any]:
    """A document with POST on some paths."""
    return {"openapi": "3.1.0", "info": {"title": "Acme"}, "paths": dict.fromkeys(paths, POST), **more}


def test_standard_paths() -> None:
    found = described(api(START, STOP, "/health"))
    assert (found.role, found.title, found.base_url, found.prefix, found.paths) == (
        "cpo",
        "Acme",
        None,
        "",
        {},
    )
    assert found.operations == ("eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop")
    assert found.supports == {"eRoamingReservation": False}
    assert "The document names no host. Check base_url." in found.notes


def test_a_prefix_of_all_paths_belongs_to_the_base_url() -> None:
    found = described(api(f"/roaming{START}", f"/roaming{STOP}", servers=[{"url": "http://127.0.0.1:7000/"}]))
    assert (found.base_url, found.prefix, found.paths) == ("http://127.0.0.1:7000", "/roaming", {})


def test_other_paths_become_those_of_the_profile() -> None:
    """By their end, or by the operationId; parameters get OICP's names."""
    own = {"post": {"operationId": "eRoamingAuthorizeRemoteStop"}}
    paths = {"/v1/{partner}/authorize-remote/start": POST, "/v1/halt": own}
    found = described(api() | {"paths": paths})
    assert found.paths == {
        "eRoamingAuthorizeRemoteStart": "/v1/{providerID}/authorize-remote/start",
        "eRoamingAuthorizeRemoteStop": "/v1/halt",
    }


def test_a_parameter_in_the_prefix_is_left_to_the_user() -> None:
    found = described(api(f"/{{tenant}}{START}", f"/{{tenant}}{STOP}"))
    assert found.prefix == "/{tenant}"
    assert "All paths begin with /{tenant}. Replace the parameters in base_url." in found.notes


def test_an_unknown_parameter_is_left_to_the_user() -> None:
    found = described(api("/{tenant}/{providerId}/authorize-remote/start", STOP))
    assert found.paths == {}
    assert any("has an unknown parameter" in one for one in found.notes)


def test_optional_operations_that_are_received() -> None:
    both = [RESERVE.replace("{}", one) for one in ("start", "stop")]
    assert described(api(START, STOP, *both)).supports == {"eRoamingReservation": True}
    assert described(api(START, STOP, both[0])).supports == {"eRoamingReservation": False}
    emp = described(document("emp"), "emp")
    assert emp.supports == {"eRoamingAuthorizeStop": True, "eRoamingChargingNotifications": True}


def test_what_is_missing_is_a_note() -> None:
    notes = described(api(START)).notes
    assert any("no path for eRoamingAuthorizeRemoteStop, which is mandatory" in one for one in notes)


def test_servers_of_this_machine_come_first() -> None:
    servers = [
        {"url": "https://api.acme.example"},
        {"url": "http://{host}:7000/x", "variables": {"host": {"default": "localhost"}}},
    ]
    found = described(api(START, STOP, servers=servers))
    assert found.base_url == "http://localhost:7000/x"
    assert "The document also has these servers: https://api.acme.example." in found.notes
    strange = api(START, STOP, servers=[{"url": "http://[x"}, 5, {"url": "http://{a}/"}])
    assert described(strange).base_url is None
    relative = api(START, STOP, servers=[{"url": "/root"}])
    assert described(relative).prefix == "/root"
    assert (
        described(relative, None, "http://127.0.0.1:9000/openapi.json").base_url
        == "http://127.0.0.1:9000/root"
    )
    assert described(relative, None, None, "http://127.0.0.1:1").base_url == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("scheme", "note"),
    [
        ({"type": "mutualTLS"}, "Configure certificate and key in [target.tls]"),
        ({"type": "http", "scheme": "bearer"}, "Hubject sends only a certificate"),
        ({"$ref": "#/components/x"}, "Hubject sends only a certificate"),
    ],
)
def test_logins_are_notes(scheme: dict[str, str], note: str) -> None:
    components = {"securitySchemes": {"partner": scheme}, "x": {"type": "apiKey"}}
    text = described(api(START, STOP, security=[{"partner": []}], components=components)).notes
    assert any(note in one and "partner" in one for one in text)
    free = described(api(START, STOP, security=[{"partner": []}, {}], components=components)).notes
    assert not any("partner" in one for one in free)


WRONG = {
    "both roles": (api(START, CARD), "has paths of both roles"),
    "no OICP": (api("/health"), "has no path of OICP on which Hubject calls"),
    "the other role": (api(CARD), "has no path of a CPO on which Hubject calls"),
    "only GET": (api() | {"paths": {START: {"get": {}}}}, "has no path of OICP"),
    "a broken reference": (
        api() | {"paths": {START: {"$ref": "#/components/pathItems/x"}}},
        "its $ref #/components/pathItems/x leads nowhere",
    ),
    "another file": (api() | {"paths": {START: {"$ref": "x.yaml"}}}, "its $ref x.yaml leads nowhere"),
    "a circle": (api() | {"paths": {START: {"$ref": f"#/paths/{START.replace('/', '~1')}"}}}, "in a circle"),
}


@pytest.mark.parametrize("what", WRONG)
def test_document_of_which_no_profile_can_be_made(what: str) -> None:
    given, text = WRONG[what]
    with pytest.raises(DocumentError, match=r".") as error:
        described(given, "cpo" if what == "the other role" else None)
    assert text in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[" * 200_000, "is nested too deeply"),
        ("a: [", "is neither JSON nor YAML"),
        ("[]", "is not an object"),
        ('{"swagger": "2.0"}', "is Swagger 2.0; convert it to OpenAPI 3 first"),
        ('{"openapi": 3}', "is not an OpenAPI 3 document"),
        ('{"openapi": "3.0.0", "paths": []}', "has no paths"),
    ],
)
def test_text_that_is_no_document(text: str, says: str) -> None:
    with pytest.raises(DocumentError) as error:
        parsed(text)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_yaml_is_read() -> None:
    assert described(parsed(f"openapi: 3.0.3\npaths:\n  {START}:\n    post: {{}}\n")).role == "cpo"


def test_what_cannot_be_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            connection.sendall(b"a")
            time.sleep(0.05)

    with (tmp_path / "huge").open("wb") as file:
        file.truncate(LONGEST + 1)
    (tmp_path / "bytes").write_bytes(b"\xff")
    for where, says in (
        (str(tmp_path / "huge"), "is longer than 20 MB"),
        (str(tmp_path / "bytes"), "is not UTF-8"),
        (str(tmp_path / "away"), "No such file"),
        ("https://acme.example/openapi.json", "is not on this machine"),
        ("http://127.0.0.1:9/openapi.json", "refused"),
    ):
        with pytest.raises(DocumentError, match=says) as error:
            fetched(where)
        assert where not in str(error.value), "who asks for it names it"
    monkeypatch.setattr("oicp_conformance.cli.backend_openapi._PATIENCE", 0.3)
    with (
        serving(drip, reads=True) as port,
        pytest.raises(DocumentError, match=r"^no complete response within 0\.3 s$"),
    ):
        fetched(f"http://127.0.0.1:{port}/openapi.json")


def test_hostile_texts_stay_in_their_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A title with a line break, a key or an escape sequence changes nothing in the profile."""
    hostile = api(START, STOP, servers=[{"url": 'http://127.0.0.1:7000/"\n[hub]'}])
    hostile["info"] = {"title": 'A"\n[x]\x1b[1m', "version": "1\x7f"}
    (tmp_path / "o.json").write_text(json.dumps(hostile), encoding="utf-8")
    out = tmp_path / "profile.toml"
    assert main(["init", "--openapi", str(tmp_path / "o.json"), "--yes", "--out", str(out)]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert load(out).target.name == 'A" [x] [1m'


def test_profile_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its notes as comments."""
    paths = [f"/r{START}", f"/r{STOP}"]
    (tmp_path / "o.json").write_text(json.dumps(api(*paths)), encoding="utf-8")
    out = tmp_path / "profile.toml"
    assert main(["init", "--openapi", str(tmp_path / "o.json"), "--yes", "--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert "# - The document names no host. Check base_url.\n" in text
    assert tomllib.loads(text)["target"]["base_url"] == "http://127.0.0.1:9000/r"
    assert "operations in the document: eRoamingAuthorizeRemoteStart, " in capsys.readouterr().out


def test_error_names_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "o.json").write_text('{"swagger": "2.0"}', encoding="utf-8")
    assert main(["init", "--openapi", str(tmp_path / "o.json"), "--yes"]) == 4
    assert capsys.readouterr().err.endswith("o.json: is Swagger 2.0; convert it to OpenAPI 3 first\n")
