"""Secrets are planted wherever a target, a stimulus or a test can say something, and no file has one."""

import base64
import json
import re
import socket
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote_plus

import pytest

from oicp_conformance.embedded import free_port
from oicp_conformance.reporting.packed import PROGRAM
from selftest.support import (
    PAGE,
    Ran,
    answer,
    raw_server,
    reference_target,
    run_suite,
    send_raw,
    unpacked,
)
from tools.hostile.peer import read_request

VALUE, TOKEN, CREDENTIAL = "canary-value-1A", 'canary "token" & 2/B', "canary-header-3C"
FIELD, PASSWORD, PIN, CONTRACT, UID = (
    "canary-field-4D",
    "canary-url-5E",
    "73519264",
    "CANARY77",
    "CAFE0123BEEF45",
)
KEY = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCANARYcanary6F00"
CANARIES = (VALUE, TOKEN, CREDENTIAL, FIELD, PASSWORD, PIN, CONTRACT, UID, KEY)
LEAKING = ("-p", "selftest.leaking")


def profile(port: int, hub: int, folder: Path) -> str:
    key = folder / "key.pem"
    key.write_text(f"-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n", encoding="utf-8")
    stimulate = folder / "stimulate.sh"
    stimulate.write_text(
        f"#!/bin/sh\necho '{VALUE}: no' >&2; cat >&2; echo \" {VALUE}\" >&2; exit 1\n", encoding="utf-8"
    )
    stimulate.chmod(0o755)
    return f"""\
[target]
name = "A backend of {VALUE}"
version = "{VALUE}"
role = "emp"
base_url = "http://acme:{PASSWORD}@127.0.0.1:{port}"
timeout = 2.0
[target.tls]
certificate = "key.pem"
key = "key.pem"
[partner]
provider_id = "DE-DCB"
[[partner.accepts]]
QRCodeIdentification = {{ EvcoID = "DE-DCB-C{CONTRACT}-X", PIN = "{PIN}" }}
[[partner.accepts]]
RFIDMifareFamilyIdentification = {{ UID = "{UID}" }}
[hub]
listen = "127.0.0.1:{hub}"
[secrets]
values = ["{VALUE}"]
environment = ["ACME_TOKEN", "NOT_SET_AT_ALL"]
headers = ["X-Acme"]
fields = ["Secretly"]
personal = true
[stimuli]
driver = "command"
command = ["./stimulate.sh"]
wait = 1.0
"""


def everything() -> str:
    return " ".join((VALUE, TOKEN, CREDENTIAL, PASSWORD, PIN, f"DE-DCB-C{CONTRACT}-X", UID, KEY))


def in_unicode(text: str) -> str:
    return "".join(f"\\u{ord(sign):04x}" for sign in text)


def basic(text: str) -> str:
    return base64.b64encode(f"acme:{text}".encode()).decode()


def bodies(request: bytes) -> Iterator[tuple[str, bytes]]:
    """What the target answers, one after the other: status and body."""
    code = {"Code": "102", "Description": f"no: {everything()}", "AdditionalInfo": basic(TOKEN)}
    said = {"AuthorizationStatus": "NotAuthorized", "StatusCode": code, "Secretly": FIELD, VALUE: TOKEN}
    yield "200 OK", json.dumps(said).encode()
    yield "200 OK", json.dumps({**said, "echo": request.decode("latin-1")}).encode()
    yield f"500 {VALUE}", f"<html>{quote(everything())} {request!r}</html>".encode()
    yield "200 OK", f'{{"PIN": "{PIN}", "Secretly": "{FIELD}", "a": "{in_unicode(TOKEN + VALUE)}"'.encode()
    yield "200 OK", json.dumps(said).encode() + f" and {everything()} {basic(VALUE)}".encode()
    yield "400 Bad Request", f"\xff {everything()}".encode("latin-1")
    yield "200 OK", json.dumps(f"text {everything()}").encode()
    yield "200 OK", everything().encode("utf-16-le")
    yield "200 OK", f"{'y' * 190} {VALUE} {TOKEN}".encode()


class Echo:
    """A target that says what it should not."""

    def __init__(self) -> None:
        self.asked = 0

    def talk(self, connection: socket.socket) -> None:
        request = read_request(connection)
        self.asked += 1
        if self.asked % 7 == 6:
            connection.sendall(f"{VALUE} {TOKEN} is no HTTP\r\n\r\n".encode())
            return
        answers = list(bodies(request))
        status, body = answers[self.asked % len(answers)]
        fields = {"Set-Cookie": f"s={CREDENTIAL}", "X-Acme": CREDENTIAL, f"X-{VALUE}": f"a {TOKEN}"}
        connection.sendall(answer(body, status, fields))


def call(hub: int, stop: threading.Event) -> None:
    """Call the hub until it is over."""
    path = "/api/oicp/charging/v21/providers/DE-DCB/authorize-remote/start"
    path += f"?PIN={PIN}&key={quote(TOKEN)}&v={VALUE}"
    fields = f"Authorization: Basic {basic(TOKEN)}\r\nCookie: s={CREDENTIAL}\r\n"
    fields += f"X-Acme: {CREDENTIAL}\r\nX-Other: {VALUE}"
    said = {
        "ProviderID": "DE-DCB",
        "EvseID": "DE*ABC*E1*1",
        "EMPPartnerSessionID": VALUE,
        "Identification": {"RemoteIdentification": {"EvcoID": f"DE-DCB-C{CONTRACT}-X"}},
        "Secretly": {"deep": [FIELD]},
        "text": f"{everything()} {CREDENTIAL}",
    }
    while not stop.wait(0.3):
        for body in (json.dumps(said), json.dumps(said)[:-9] + everything()):
            ends = f"HTTP/1.1\r\nHost: x\r\n{fields}\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"
            for data in (f"POST {path} {ends}", f"{VALUE} {path} {ends}", f"no HTTP {TOKEN}\r\n\r\n"):
                try:
                    send_raw(hub, data.encode(), 1.0)
                except OSError:
                    continue


def spread(folder: Path, *arguments: str) -> Ran:
    hub, stop = free_port(), threading.Event()
    with raw_server(Echo().talk, reads=False) as url:
        caller = threading.Thread(target=call, args=[hub, stop], daemon=True)
        caller.start()
        try:
            toml = profile(int(url.rpartition(":")[2]), hub, folder)
            return run_suite(
                folder, toml, "-v", "-rA", "--showlocals", *LEAKING, *arguments, untroubled=False
            )
        finally:
            stop.set()
            caller.join(5)


def readings(text: str) -> Iterator[str]:
    """A text as it is, and with its escapes undone."""
    yield text
    yield unquote_plus(text)
    yield unescape(text)
    yield re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    yield text.replace("\\", "")
    yield text.replace("\0", "")


def encoded(text: str) -> Iterator[str]:
    """What stands in a text in Base64."""
    for found in re.findall(r"[A-Za-z0-9+/]{12,}={0,2}", text):
        for start in range(4):
            piece = found[start:]
            yield base64.b64decode(piece[: len(piece) // 4 * 4] + "====", validate=False).decode(
                "utf-8", "replace"
            )


def canaries_in(file: Path) -> set[str]:
    text = file.read_bytes().decode("utf-8", "replace")
    if file.suffix == ".html":
        # A report is packed; what stands in its program is Allure's.
        parts = unpacked(text) if file.name == "report.html" else {}
        text = "\n".join(
            [text, *(part.decode("utf-8", "replace") for name, part in parts.items() if name != PROGRAM)]
        )
        text = re.sub(r"data:[a-z]+/[^\"')\s]*", "", text)
    seen = [*readings(text), *(one for piece in encoded(text) for one in readings(piece))]
    return {f"{canary} in {file.name}" for canary in CANARIES if any(canary in one for one in seen)}


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_TOKEN", TOKEN)


@pytest.mark.usefixtures("token")
def test_no_file_has_a_canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAKING", "telling")
    ran = spread(
        tmp_path, "--operation", "eRoamingAuthorizeStart", "--operation", "eRoamingAuthorizeRemoteStart"
    )
    assert ran.verdict == "error", "tests have raised errors"
    assert not [one for one in ran.statement["trouble"] if "there is a secret" in one]
    assert len(ran.journal) > 30
    names = {one.name for one in ran.folder.rglob("*") if one.is_file()}
    expected = {"conformance.json", "journal.jsonl", "notes.jsonl", "run.json", "errata.md", "junit.xml"}
    assert expected < names
    files = [one for one in (*ran.folder.rglob("*"), tmp_path / "console.txt") if one.is_file()]
    assert len(files) > 50
    assert set().union(*map(canaries_in, files)) == set()
    for text in ("(redacted)", "raised: (redacted)", "A backend of (redacted)"):
        assert text in ran.output


@pytest.mark.usefixtures("token")
def test_page_has_no_canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAKING", "telling")
    ran = spread(tmp_path, "--operation", "eRoamingAuthorizeStart", "-k", "customer", PAGE)
    assert canaries_in(ran.folder / "report.html") == set()


@pytest.mark.usefixtures("token")
def test_secret_that_turns_up_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAKING", "writing")
    with reference_target("cpo") as target:
        toml = f'{target.profile()}\n[secrets]\nenvironment = ["ACME_TOKEN"]\n'
        ran = run_suite(tmp_path, toml, "-k", "start_on_a_free", *LEAKING, PAGE)
    place = "allure-results/leak.txt: contains a secret: [secrets] environment[0] (ACME_TOKEN)"
    assert (ran.verdict, ran.exit_code) == ("error", 3)
    assert ran.statement["trouble"] == [place]
    assert json.loads((ran.folder / "run.json").read_text(encoding="utf-8"))["trouble"] == [place]
    assert ran.says(f"internal error of the suite: {place}") == 1
    assert ran.output.rstrip().endswith("VERDICT: error: do not pass these files on")
    assert TOKEN not in ran.output
    assert "CPO 1: error" in (ran.folder / "report.html").read_text(encoding="utf-8")
    assert "error" in (ran.folder / "conformance.md").read_text(encoding="utf-8").partition("\n")[0]
