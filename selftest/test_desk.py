"""`oicp-conformance hub`: its HTTP interface, its page, its fixture, and the examples of docs/hub.md."""

import contextlib
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import sync_playwright

from oicp_conformance.desk import control
from oicp_conformance.desk.control import Control
from oicp_conformance.desk.desk import Desk
from oicp_conformance.desk.opening import opened, run_before
from oicp_conformance.desk.routes import EVENTS, ROUTES
from oicp_conformance.embedded import free_port
from oicp_conformance.journal.exchange import Part
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.profile import load
from oicp_conformance.testing import Hubject, hub_for, hubject
from selftest.support import ROOT, answer, environment, forked, raw_server, reference_target, run_module
from selftest.test_render import CHROMIUM

__all__ = ["hubject"]

START = "eRoamingAuthorizeStart"
CDR = "eRoamingChargeDetailRecord"
CARD = {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}
DOCS = (ROOT / "docs" / "hub.md").read_text(encoding="utf-8")
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")


class Api:
    """The control interface as another program uses it."""

    def __init__(self, url: str, **headers: str) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=30, headers=headers)

    def get(self, path: str, **query: Any) -> Any:
        response = self._http.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, **body: Any) -> Any:
        response = self._http.post(path, json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, path: str, method: str = "POST", **body: Any) -> tuple[int, str]:
        response = self._http.request(method, path, json=body if method == "POST" else None)
        assert response.status_code >= 400, response.text
        return response.status_code, response.json()["error"]


@pytest.fixture
def api(hubject: Hubject) -> Api:
    return Api(hubject.control_url)


def call(hub: str, path: str, body: Any) -> httpx.Response:
    return httpx.post(f"{hub}/api/oicp/{path}", json=body, trust_env=False, timeout=10)


def swipe(hub: Hubject, **fields: Any) -> httpx.Response:
    body = {"OperatorID": "DE*ABC", "EvseID": "DE*ABC*E1*1", "Identification": CARD} | fields
    return call(hub.url, "charging/v21/operators/DE*ABC/authorize/start", body)


def record(hub: str, body: Any) -> httpx.Response:
    return call(hub, "cdrmgmt/v22/operators/DE*ABC/charge-detail-record", body)


# --- the HTTP interface


def test_what_was_sent_is_kept_and_judged(hubject: Hubject, api: Api) -> None:
    given = swipe(hubject).json()
    assert given["AuthorizationStatus"] == "Authorized"
    record(hubject.url, {"SessionID": given["SessionID"], "EvseID": 7})
    (sent,) = api.get("/sent", operation=START)
    assert sent["body"]["Identification"] == CARD
    assert [one["number"] for one in api.get("/sent")] == [1, 2]
    assert api.get("/wait", operation=CDR, seconds=0)["request"]["json"]["EvseID"] == 7
    found = api.get("/findings", verdict="fail")
    assert found["complete"]
    assert f"{CDR}.EvseID" in [one["requirement"] for one in found["findings"]]
    (bad,) = api.get("/exchanges", verdict="fail")["exchanges"]
    assert (bad["operation"], bad["session"]) == (CDR, given["SessionID"])
    assert [one["number"] for one in api.get("/exchanges", verdict="pass")["exchanges"]] == [1]
    one = next(one for one in api.get("/exchanges/2")["findings"] if one["requirement"] == f"{CDR}.EvseID")
    assert next(line["text"] for line in one["marked"] if line["marked"]).endswith('"EvseID": 7')
    (session,) = api.get("/sessions")
    assert session["exchanges"] == [1, 2]
    drawn = httpx.get(f"{hubject.control_url}/sessions/{session['SessionID']}/diagram", trust_env=False)
    assert drawn.headers["Content-Type"].startswith("image/svg+xml")
    assert CDR in drawn.text


def test_a_conformant_target_has_no_finding(hubject: Hubject) -> None:
    swipe(hubject)
    hubject.assert_conformant(strict=True)
    record(hubject.url, {})
    with pytest.raises(AssertionError, match=rf"FAIL {CDR}\.EvseID: "):
        hubject.assert_conformant()


def test_the_next_answers_are_scripted(hubject: Hubject, api: Api) -> None:
    for body in (
        {"answer": "refuse", "code": "102", "operation": START},
        {"answer": "http", "status": 429, "times": 2},
        {"answer": "nulls"},
        {"answer": "hang-up"},
        {"answer": "late", "seconds": 0.5},
    ):
        api.post("/scripts", **body)
    assert api.get("/scripts")[0]["waiting"]["*"] == ["HTTP 429", "HTTP 429", "nulls", "hung up", "late"]
    assert swipe(hubject).json()["StatusCode"]["Code"] == "102"
    assert [swipe(hubject).status_code for _ in range(2)] == [429, 429]
    assert swipe(hubject).json()["CPOPartnerSessionID"] is None
    with pytest.raises(httpx.RemoteProtocolError):
        swipe(hubject)
    began = time.monotonic()
    assert swipe(hubject).json()["AuthorizationStatus"] == "Authorized"
    assert time.monotonic() - began >= 0.5
    api.post("/scripts", answer="hang-up")
    assert httpx.delete(f"{hubject.control_url}/scripts", trust_env=False).status_code == 200
    assert swipe(hubject).status_code == 200


def test_reset_forgets_everything(hubject: Hubject, api: Api) -> None:
    stranger = {"RFIDMifareFamilyIdentification": {"UID": "CAFECAFE"}}
    api.post("/customers", Identification=stranger)
    assert swipe(hubject, Identification=stranger).json()["AuthorizationStatus"] == "Authorized"
    api.post("/scripts", answer="hang-up")
    hubject.findings()
    api.post("/reset")
    assert api.get("/exchanges")["exchanges"] == []
    assert api.get("/sessions") == []
    assert api.get("/scripts")[0]["waiting"] == {}
    assert swipe(hubject, Identification=stranger).json()["AuthorizationStatus"] == "NotAuthorized"
    assert [one["number"] for one in api.get("/sent")] == [1]


def test_who_sends_half_a_request_is_let_go(hubject: Hubject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control._Silent, "timeout", 0.2)
    port = int(hubject.control_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST /reset HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")
        assert connection.recv(100) == b""


def test_reset_while_a_request_is_answered(hubject: Hubject, api: Api) -> None:
    before = hubject.desk.side().run.hub.journal
    asked = before.open(
        started=1.0, direction="target-to-hub", operation=CDR, method="POST", path="/", request=Part()
    )
    api.post("/reset")
    before.close(asked, status=200)
    record(hubject.url, {})
    assert [one["status"] for one in api.get("/exchanges")["exchanges"]] == [200]
    assert api.get("/status")["targets"][0]["trouble"] == []


@pytest.mark.parametrize(
    ("path", "body", "status", "text"),
    [
        ("/remote-stop", {}, 409, "no session is open"),
        ("/remote-stop", {"SessionID": "unknown"}, 404, "no such session"),
        ("/remote-start", {"EVSE": "DE*ABC*E1*1"}, 400, "EVSE"),
        ("/remote-start", {}, 502, "cannot be reached"),
        ("/authorize-start", {}, 409, "an EMP"),
        ("/scripts", {"answer": "refuse", "operation": "eRoamingX"}, 400, "eRoamingX"),
        ("/send", {"operation": "eRoamingX"}, 400, "eRoamingX"),
        ("/customers", {"Identification": {}}, 400, "Identification"),
        ("/customers", {"Identification": {"Card": {"UID": "1234ABCD"}}}, 400, "Identification"),
        ("/target", {"base_url": "http://[::1:x"}, 400, "base_url"),
        ("/target", {"base_url": "http://127.0.0.1:99999"}, 400, "base_url"),
        ("/target", {"base_url": "https://service.hubject.com"}, 403, "--i-may-test-this-system"),
        ("/nothing", {}, 404, "/openapi.json"),
    ],
)
def test_what_cannot_be_done_is_said(
    path: str, body: dict[str, Any], status: int, text: str, api: Api, hubject: Hubject
) -> None:
    if status == 502:
        hubject.call_at(f"http://127.0.0.1:{free_port()}")
    got, error = api.refused(path, **body)
    assert got == status, error
    assert text in error


def test_what_does_not_come_and_what_is_no_json(hubject: Hubject, api: Api) -> None:
    assert api.refused(f"/wait?operation={CDR}&seconds=0.1", "GET") == (
        404,
        f"{CDR} was not received within 0.1 s",
    )
    assert api.refused("/exchanges/1", "GET")[0] == 404
    headers = {"Content-Type": "application/json"}
    for body in (b"{", b"[" * 100_000, b'{"a": "\\ud800"}', b'{"a": NaN}', b'{"a": "\xff"}', b"[]"):
        response = httpx.post(f"{hubject.control_url}/reset", content=body, headers=headers, trust_env=False)
        assert response.status_code == 400
        assert "not JSON" in response.json()["error"] or body == b"[]"


def test_misspelt_operation_is_an_error_and_not_nothing(hubject: Hubject, api: Api) -> None:
    """A test that expects that nothing of it was sent would pass."""
    for path in ("/sent", "/exchanges", "/wait"):
        status, error = api.refused(f"{path}?operation=eRoamingAuthoriseStart", "GET")
        assert (status, error) == (400, "operation: eRoamingAuthoriseStart is not an operation of OICP 2.3")
    for ask in (hubject.sent, hubject.wait_for, hubject.assert_not_sent, hubject.assert_sent):
        with pytest.raises(ValueError, match="eRoamingAuthoriseStart is not an operation"):
            ask("eRoamingAuthoriseStart")


def test_what_a_target_sends_is_shown_as_json(hubject: Hubject, api: Api) -> None:
    strange = (
        b'{"ActionType": "insert", "SessionID": "\\u202e<b>\\u0000", "n": [1e999, -' + b"9" * 400 + b"]}"
    )
    path = "/api/oicp/evsepush/v23/operators/DE*ABC/data-records"
    httpx.post(f"{hubject.url}{path}", content=strange, trust_env=False)
    assert api.get("/exchanges/1")["request"]["json"]["n"] == ["inf", "-inf"]
    assert api.get("/sent")[0]["body"]["SessionID"] == "\u202e<b>\0"


def test_a_token_opens_the_page_and_the_interface() -> None:
    with hub_for() as hub:
        control = Control(hub.desk, "127.0.0.1", 0, "secret")
        try:
            assert httpx.get(f"{control.url}/status", trust_env=False).status_code == 401
            assert (
                Api(control.url, Authorization="Bearer secret").get("/status")["targets"][0]["role"] == "cpo"
            )
            with httpx.Client(trust_env=False, follow_redirects=True) as browser:
                shown = browser.get(control.page)
                assert str(shown.url) == f"{control.url}/"
                assert "OICP hub" in shown.text
                assert browser.get(f"{control.url}/status").status_code == 200
        finally:
            control.stop()


# --- a request to the target


def test_a_request_is_changed_as_asked(hubject: Hubject, api: Api) -> None:
    accepted = answer(b'{"Result": true, "StatusCode": {"Code": "000"}}')
    with raw_server(lambda connection: connection.sendall(accepted)) as url:
        api.post("/target", base_url=url)
        started = api.post(
            "/remote-start", EvseID="DE*ABC*E2*1", fields={"PartnerProductID": "AC1"}, without=["ProviderID"]
        )
        body = started["request"]["json"]
        assert (body["EvseID"], body["PartnerProductID"]) == ("DE*ABC*E2*1", "AC1")
        assert "ProviderID" not in body
        assert started["result"] == "positive"
        assert hubject.session.id == body["SessionID"]
        stopped = api.post("/remote-stop")
        assert stopped["request"]["json"]["SessionID"] == body["SessionID"]
        raw = api.post("/send", operation="eRoamingAuthorizeRemoteStart", raw="{")
        assert raw["request"]["text"] == "{"


@pytest.mark.hubject(role="emp", supports=["eRoamingChargingNotifications", "eRoamingAuthorizeStop"])
def test_an_emp_is_called_and_pulls(hubject: Hubject, api: Api) -> None:
    authorized = {
        "AuthorizationStatus": "Authorized",
        "ProviderID": "DE-DCB",
        "StatusCode": {"Code": "000"},
        "Result": True,
    }
    said = answer(json.dumps(authorized).encode())
    with raw_server(lambda connection: connection.sendall(said)) as url:
        hubject.call_at(url)
        begun = hubject.authorize(CARD)
        assert begun.status == 200
        for kind in ("Start", "Progress", "End"):
            assert hubject.notify(kind).request.get("Type") == kind
        assert hubject.charge_detail_record(ConsumedEnergy=7.5).request.get("ConsumedEnergy") == 7.5
    assert [one["record"]["ConsumedEnergy"] for one in api.get("/cdrs")] == [7.5]
    api.post("/evses", EvseIDs=["DE*ABC*E9*1"], fields={"Plugs": ["CHAdeMO"]})
    api.post("/evse-status", EvseID="DE*ABC*E9*1", EvseStatus="Occupied")
    pull = {"ProviderID": "DE-DCB", "EvseID": ["DE*ABC*E9*1"]}
    given = call(hubject.url, "evsepull/v21/providers/DE-DCB/status-records-by-id", pull).json()
    (status,) = given["EVSEStatusRecords"]["EvseStatusRecord"]
    assert status == {"EvseID": "DE*ABC*E9*1", "EvseStatus": "Occupied"}
    before = api.get("/known")[0]["now"]
    assert api.post("/clock", advance=3600)["now"] > before


# --- asserts


def test_asserts_of_what_was_sent(hubject: Hubject) -> None:
    hubject.assert_not_sent(START)
    with pytest.raises(AssertionError, match="was not sent within 0 s; sent were: nothing"):
        hubject.assert_sent(START, seconds=0)
    swipe(hubject)
    first = hubject.assert_sent(START, times=1, EvseID="DE*ABC*E1*1")
    assert first.number == 1
    with pytest.raises(AssertionError, match=r'with \{"EvseID": "DE'):
        hubject.assert_sent(START, seconds=0, EvseID="DE*ABC*E2*1")
    swipe(hubject)
    with pytest.raises(AssertionError, match="was sent 2 times, expected 1"):
        hubject.assert_sent(START, times=1, seconds=0)
    with pytest.raises(AssertionError, match="was sent in exchange 1"):
        hubject.assert_not_sent(START)


# --- the page


@contextlib.contextmanager
def before(toml: str, folder: Path) -> Generator[tuple[Desk, str], None, None]:
    file = folder / "profile.toml"
    file.write_text(toml, encoding="utf-8")
    with opened(Desk([run_before(load(file, operations=BY_NAME))])) as desk:
        control = Control(desk, "127.0.0.1", 0, None)
        try:
            yield desk, control.url
        finally:
            control.stop()


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
def test_the_page_is_live(tmp_path: Path) -> None:
    with (
        reference_target("cpo") as target,
        before(target.profile(), tmp_path) as (desk, url),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(url)
        page.get_by_text("live", exact=True).wait_for()

        # A button's request arrives at the target, and is on the page within a second.
        page.get_by_role("button", name="Remote start").click()
        began = desk.side().run.hub.journal.wait(lambda one: not one.by_target, 10)
        assert began is not None
        assert began.answer.get("Result") is True
        row = page.locator("#rows li", has_text="eRoamingAuthorizeRemoteStart")
        row.wait_for(timeout=1000)

        # So is what the target sends, and what is wrong with it, beside the part that is wrong.
        hub = desk.side().run.hub
        above = {f"field {at}": "a value that takes two lines of a phone, or three" for at in range(30)}
        sent = {"SessionID": began.request.get("SessionID"), "EvseID": "<img src=x onerror=alert(1)>"}
        record(hub.url, above | sent)
        bad = page.locator("#rows li.fail", has_text=CDR)
        bad.locator(".why", has_text="EvseID").first.wait_for(timeout=20_000)
        bad.click()
        marked = page.locator("#detail .finding .mark", has_text="onerror=alert(1)")
        marked.first.wait_for()
        # It is in view, although its message is longer than what is shown of it.
        box, mark = marked.first.locator("..").bounding_box(), marked.first.bounding_box()
        assert box is not None
        assert mark is not None
        assert box["y"] <= mark["y"] < box["y"] + box["height"]
        assert mark["y"] < 844
        assert page.locator("#detail img").count() == 0

        # The diagram of the session, what the hub knows, and that nothing is wider than a phone.
        page.get_by_role("tab", name="Sessions").click()
        page.locator("#sessionrows li").first.click()
        picture = page.locator("#diagram img")
        picture.wait_for()
        page.wait_for_function("document.querySelector('#diagram img').naturalWidth > 0")
        page.get_by_role("tab", name="What the hub knows").click()
        page.get_by_text("cpo EvseData").wait_for()
        page.get_by_role("tab", name="All actions").click()
        page.locator("#forms form", has_text="/remote-start").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390

        page.get_by_role("tab", name="Exchanges").click()
        page.get_by_role("button", name="Reset").click()
        row.wait_for(state="detached")
        assert desk.side().exchanges == []
        assert errors == []
        browser.close()


# --- the command


def until(port: int) -> Api:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return Api(f"http://127.0.0.1:{port}")
        time.sleep(0.05)
    raise AssertionError("the command did not begin to listen")


def assert_examples_work(control: int) -> None:
    """The page's requests with curl, as they are printed; the last one is a reset."""
    (script,) = (
        one for one in re.findall(r"^```sh\n(.*?)^```", DOCS, re.DOTALL | re.MULTILINE) if "post()" in one
    )
    script = script.replace("127.0.0.1:8700", f"127.0.0.1:{control}")
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603, S607
    assert '"error"' not in done.stdout, done.stdout
    assert done.stdout.count('"eRoamingChargeDetailRecord"') >= 3
    assert done.stdout.rstrip().endswith("{}")


def test_the_sandbox_passes_on_and_leaves_a_record(tmp_path: Path) -> None:
    control, listen = free_port(), free_port()
    kept, console = tmp_path / "kept.jsonl", tmp_path / "console.txt"
    asked = ["hub", "--listen", f"127.0.0.1:{listen}", "--control", f"127.0.0.1:{control}"]
    asked += ["--record", str(kept), "--statement", str(tmp_path / "seen")]
    program = forked("oicp_conformance.cli", asked, console)
    try:
        api = until(control)
        assert_examples_work(control)
        tap = {
            "EvseID": "DE*ABC*E1*1",
            "Identification": {"RemoteIdentification": {"EvcoID": "DE-DCB-C11111111-1"}},
        }
        api.post("/stimulus", role="emp", stimulus="eRoamingAuthorizeRemoteStart", parameters=tap)
        first = api.get("/wait", role="emp", operation="eRoamingAuthorizeRemoteStart", seconds=20)
        passed = ("/exchanges", {"role": "cpo", "operation": "eRoamingAuthorizeRemoteStart"})
        deadline = time.monotonic() + 20
        while not (rows := api.get(passed[0], **passed[1])["exchanges"]) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert rows[0]["session"] == first["session"]
        assert rows[0]["result"] == "positive"
        program.signal(signal.SIGINT)
        assert program.wait(30), console.read_text()
    finally:
        program.end()
    assert "Reference EMP: " in console.read_text()
    for role in ("cpo", "emp"):
        statement = json.loads((tmp_path / "seen" / role / "conformance.json").read_text(encoding="utf-8"))
        assert statement["verdict"] in {"partial", "incomplete"}
        assert (tmp_path / "seen" / role / "conformance.html").exists()
    again = run_module(
        "oicp_conformance", "rejudge", tmp_path / "cpo" / "kept.jsonl", "--report-dir", tmp_path / "again"
    )
    assert "error" not in again.stderr, again.stderr
    assert (tmp_path / "again" / "conformance.json").exists()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--control", "here"], "--control: 'here' is not HOST:PORT"),
        (["--set", "hub.listen=0.0.0.0:1"], "--set: it changes a profile"),
        (["--target", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_what_the_command_refuses(options: list[str], text: str, tmp_path: Path) -> None:
    console = tmp_path / "console.txt"
    program = forked("oicp_conformance.cli", ["hub", *options], console)
    try:
        assert program.wait(30)
    finally:
        program.end(0)
    assert program.code == 4
    assert text in console.read_text()


def test_control_port_that_is_taken(tmp_path: Path) -> None:
    """It is one line, and the web server behind it does not print its own."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        console, where = tmp_path / "console.txt", f"127.0.0.1:{taken.getsockname()[1]}"
        program = forked(
            "oicp_conformance.cli", ["hub", "--listen", "127.0.0.1:0", "--control", where], console
        )
        try:
            assert program.wait(30)
        finally:
            program.end(0)
    assert program.code == 3
    (line,) = console.read_text().splitlines()
    assert line.startswith(f"error: --control {where}: Address already in use; stop the program")


# --- the examples of the docs


def example(language: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```", DOCS, re.DOTALL | re.MULTILINE)
    return str(text)


def test_the_pytest_example_passes(tmp_path: Path) -> None:
    file = tmp_path / "test_my_backend.py"
    file.write_text(example("python"), encoding="utf-8")
    console = tmp_path / "console.txt"
    asked = [str(file), "-c", "/dev/null", "--rootdir", str(tmp_path), "-p", "no:cacheprovider"]
    program = forked("pytest", asked, console)
    try:
        assert program.wait(60)
    finally:
        program.end(0)
    assert program.code == 0, console.read_text()
    assert "2 passed" in console.read_text()


@pytest.mark.skipif(NODE is None, reason="there is no Node")
def test_the_node_example_passes(hubject: Hubject, tmp_path: Path) -> None:
    file = tmp_path / "hub.test.mjs"
    file.write_text(example("js"), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own example
        [str(NODE), "--test", str(file)],
        env=environment() | {"HUB": hubject.url, "CONTROL": hubject.control_url},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"pass 2\b", done.stdout), done.stdout
    assert len(hubject.sent(START)) == 1  # since the last reset


def test_the_docs_name_only_requests_that_there_are() -> None:
    known = {one.path for one in ROUTES} | {EVENTS.path}
    named = re.findall(r"`(/[a-z-]+)`", DOCS)
    named += re.findall(r"^post (/[a-z-]+) ", DOCS, re.MULTILINE)
    named += re.findall(r"\$hub(/[a-z-]+)", DOCS)
    assert len(named) > 10
    assert set(named) <= known
