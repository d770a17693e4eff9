"""The driver `ocpp`: virtual stations against the reference CPO, and against strange central systems."""

import asyncio
import contextlib
import io
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme
from ocpp.exceptions import NotImplementedError as NotImplementedByStation
from ocpp.v16 import call as call16
from ocpp.v201 import call as call201
from websockets.sync.server import Server, ServerConnection, serve

from oicp_conformance import preflight
from oicp_conformance.embedded import EVSE_IDS
from oicp_conformance.journal.notes import Ocpp
from oicp_conformance.profile import ProfileError, load
from oicp_conformance.redaction import Redactor
from oicp_conformance.reference.central_roles import PASSWORD
from oicp_conformance.reference.hooks import Reply
from oicp_conformance.reference.ocpp_cpo import OcppCpo
from oicp_conformance.stimuli import Outcome, Stimulated, StimulusError
from oicp_conformance.stimuli import ocpp as ocpp_package
from oicp_conformance.stimuli.base import Console
from oicp_conformance.stimuli.ocpp import driver as driver_module
from oicp_conformance.stimuli.ocpp.driver import OcppDriver
from oicp_conformance.stimuli.ocpp.settings import OcppStimuli, StationTls
from oicp_conformance.stimuli.ocpp.wire import LARGEST
from selftest.support import answer, cpo_profile, raw_server, reference_target, run_suite

VERSIONS = ("1.6", "2.0.1", "2.1")
EVSE = EVSE_IDS[0]
CARD = {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}
SESSION = "f98efba4-02d8-4fa0-b810-9a9d50d2c527"
NOBODY = "http://127.0.0.1:9"


class Hub:
    """What the reference CPO sends, and a hub that says yes to all."""

    def __init__(self, cpo: OcppCpo) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.authorizes = True
        cpo.post = self.post  # type: ignore[method-assign]

    def post(self, sending: Any, timeout: float) -> Any:
        del timeout
        self.sent.append((sending.operation, sending.message))
        yes = "Authorized" if self.authorizes else "NotAuthorized"
        said = {"Result": True, "AuthorizationStatus": yes, "SessionID": SESSION, "ProviderID": "DE-DCB"}
        return Reply(200, said)

    def wait(self, operation: str, seconds: float = 5.0) -> Mapping[str, Any]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for name, message in self.sent:
                if name == operation:
                    return message
            time.sleep(0.01)
        raise AssertionError(f"{operation} was not sent; {[name for name, _ in self.sent]}")


def settings(url: str, version: str = "1.6", **more: Any) -> OcppStimuli:
    connectors = {str(number): evse for number, evse in enumerate(EVSE_IDS, start=1)}
    station = {"identity": "CP-1", "password": PASSWORD, "connectors": connectors}
    table = {"driver": "ocpp", "url": url, "version": version, "stations": [station], "wait": 2.0, **more}
    return OcppStimuli.model_validate(table)


class Rig:
    """A CPO, its hub, and the driver that plays the stations."""

    def __init__(self, version: str, **more: Any) -> None:
        self.cpo = OcppCpo(NOBODY, "DE*ABC", EVSE_IDS, version=version)
        self.hub = Hub(self.cpo)
        self.cpo.start()
        self.said: list[Ocpp] = []
        self.driver = made(settings(self.cpo.central.url, version, fast_clock=True, **more))
        self.driver.watch(self.said.append)

    def stop(self) -> None:
        self.driver.close()
        self.cpo.stop()

    def calls(self, by: str = "station") -> list[str]:
        return [one.action for one in self.said if one.kind == "call" and one.by == by]

    def does(self, stimulus: str, **parameters: Any) -> Stimulated:
        return self.driver.stimulate(stimulus, {"EvseID": EVSE, "SessionID": SESSION, **parameters})

    def charges(self) -> None:
        """A driver swipes a card, and charges."""
        assert self.does("eRoamingAuthorizeStart", Identification=CARD).outcome is Outcome.DONE
        assert self.does("plug-in").outcome is Outcome.DONE

    def remote_start(self, **fields: Any) -> Mapping[str, Any]:
        body = {
            "SessionID": SESSION,
            "ProviderID": "DE-DCB",
            "EvseID": EVSE,
            "Identification": {"RemoteIdentification": {"EvcoID": "DE-DCB-C12345678-X"}},
            **fields,
        }
        answer = self.cpo.answer("eRoamingAuthorizeRemoteStart", json.dumps(body).encode())
        said: Mapping[str, Any] = answer.message
        return said

    def asked(self, request: Any) -> Any:
        """What the station responds to a request of the central system."""
        line: Any = self.cpo.central.lines["CP-1"]
        loop = self.cpo.central._loop
        return asyncio.run_coroutine_threadsafe(line.call(request, suppress=False), loop).result(5)


def made(stimuli: OcppStimuli) -> OcppDriver:
    return OcppDriver.from_profile(stimuli, Console(io.StringIO(), interactive=False))


@pytest.fixture(params=VERSIONS)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    rig = Rig(request.param)
    yield rig
    rig.stop()


@pytest.fixture
def rig16() -> Iterator[Rig]:
    rig = Rig("1.6")
    yield rig
    rig.stop()


@pytest.fixture(params=VERSIONS[1:])
def rig2(request: pytest.FixtureRequest) -> Iterator[Rig]:
    rig = Rig(request.param)
    yield rig
    rig.stop()


# --- charging


def test_station_boots_and_tells_of_each_connector(rig: Rig) -> None:
    assert rig.calls()[:4] == ["BootNotification", *["StatusNotification"] * 3]
    assert [one.evse for one in rig.said if one.action == "StatusNotification" and one.kind == "call"] == [
        *EVSE_IDS
    ]


def test_whole_charge_of_a_card(rig: Rig) -> None:
    rig.charges()
    for kind in ("Progress", "Progress", "End"):
        assert rig.does("eRoamingChargingNotifications", Type=kind).outcome is Outcome.DONE
    assert rig.does("eRoamingAuthorizeStop", Identification=CARD).outcome is Outcome.DONE
    cdr = rig.hub.wait("eRoamingChargeDetailRecord")
    assert rig.hub.wait("eRoamingAuthorizeStart")["EvseID"] == EVSE
    assert rig.hub.wait("eRoamingAuthorizeStop")["Identification"] == CARD
    # 22 kW: five minutes, five, and ten.
    assert cdr["MeterValueStart"] == 1200.5
    assert cdr["MeterValueInBetween"] == {"meterValues": [1202.333, 1204.166]}
    assert cdr["MeterValueEnd"] == 1207.833
    assert cdr["ConsumedEnergy"] == 7.333
    kinds = [message["Type"] for name, message in rig.hub.sent if name == "eRoamingChargingNotifications"]
    assert kinds == ["Start", "Progress", "Progress", "End"]


def test_refused_card_begins_nothing(rig: Rig) -> None:
    rig.hub.authorizes = False
    assert rig.does("eRoamingAuthorizeStart", Identification=CARD).outcome is Outcome.DONE
    assert not {"StartTransaction", "TransactionEvent"} & set(rig.calls())
    told = rig.does("plug-in")
    assert told.outcome is Outcome.FAILED
    assert "no transaction began within 2 s" in told.detail


def test_refused_stop_lets_the_charge_go_on(rig: Rig) -> None:
    rig.charges()
    rig.hub.authorizes = False
    rig.does("eRoamingAuthorizeStop", Identification=CARD)
    assert rig.does("eRoamingChargingNotifications", Type="Progress").outcome is Outcome.DONE
    assert rig.does("eRoamingChargeDetailRecord").outcome is Outcome.DONE
    assert rig.hub.wait("eRoamingChargeDetailRecord")["ConsumedEnergy"] > 0


def test_app_starts_and_stops(rig: Rig) -> None:
    assert rig.remote_start()["Result"] is True
    assert rig.does("plug-in").outcome is Outcome.DONE
    body = {"SessionID": SESSION, "ProviderID": "DE-DCB", "EvseID": EVSE}
    rig.cpo.answer("eRoamingAuthorizeRemoteStop", json.dumps(body).encode())
    assert rig.hub.wait("eRoamingChargeDetailRecord")["EvseID"] == EVSE
    started, stopped = [one for one in rig.calls("central") if "Transaction" in one]
    assert (started[-16:], stopped[-15:]) == ("StartTransaction", "StopTransaction")


def test_transaction_ends_once_when_two_want_it(rig: Rig) -> None:
    """The cable is taken out while a remote stop is on its way."""
    rig.remote_start()
    assert rig.does("plug-in").outcome is Outcome.DONE
    body = {"SessionID": SESSION, "ProviderID": "DE-DCB", "EvseID": EVSE}
    rig.cpo.answer("eRoamingAuthorizeRemoteStop", json.dumps(body).encode())
    assert rig.does("unplug").outcome is Outcome.DONE
    rig.hub.wait("eRoamingChargeDetailRecord")
    ended = [one for one in rig.said if one.kind == "call" and _is_end(one)]
    assert len(ended) == 1
    assert rig.driver._stations["CP-1"].connectors[1].is_free


def _is_end(message: Ocpp) -> bool:
    return message.action == "StopTransaction" or message.payload.get("eventType") == "Ended"


def test_same_card_at_another_connector_cannot_be_told_from_a_stop(rig: Rig) -> None:
    rig.charges()
    asked = rig.calls().count("Authorize")
    again = rig.does("eRoamingAuthorizeStart", EvseID=EVSE_IDS[1], Identification=CARD)
    assert again.outcome is Outcome.UNAVAILABLE
    assert "station CP-1: a driver with this medium charges at connector 1 already" in again.detail
    assert rig.calls().count("Authorize") == asked
    other = {"RFIDMifareFamilyIdentification": {"UID": "0123456789ABCD"}}
    assert (
        rig.does("eRoamingAuthorizeStart", EvseID=EVSE_IDS[1], Identification=other).outcome is Outcome.DONE
    )


def test_fault_is_told(rig: Rig) -> None:
    rig.charges()
    rig.does("eRoamingChargingNotifications", Type="Error")
    rig.cpo.lanes.settle()
    kinds = [message["Type"] for name, message in rig.hub.sent if name == "eRoamingChargingNotifications"]
    assert kinds == ["Start", "Error"]


def test_in_real_time_a_charge_is_short() -> None:
    rig = Rig("1.6")
    try:
        rig.driver._stations["CP-1"].fast = False
        rig.charges()
        rig.does("unplug")
        cdr = rig.hub.wait("eRoamingChargeDetailRecord")
    finally:
        rig.stop()
    assert 0 <= cdr["ConsumedEnergy"] < 0.1
    assert cdr["SessionStart"] <= cdr["SessionEnd"]


# --- what the central system may ask for


def test_reservation_holds_for_its_token_only(rig16: Rig) -> None:
    def reserve(number: int) -> str:
        return str(rig16.asked(call16.ReserveNow(1, "2099-01-01T00:00:00Z", "MINE", number)).status)

    assert reserve(7) == "Accepted"
    assert reserve(8) == "Occupied"
    assert rig16.asked(call16.RemoteStartTransaction("OTHER", 1)).status == "Rejected"
    assert rig16.asked(call16.CancelReservation(8)).status == "Rejected"
    assert rig16.asked(call16.CancelReservation(7)).status == "Accepted"
    assert rig16.asked(call16.RemoteStartTransaction("OTHER", 1)).status == "Accepted"


def test_requests_of_1_6(rig16: Rig) -> None:
    known = rig16.asked(call16.GetConfiguration(["NumberOfConnectors", "Color"]))
    assert known.configuration_key == [{"key": "NumberOfConnectors", "readonly": True, "value": "3"}]
    assert known.unknown_key == ["Color"]
    assert rig16.asked(call16.ChangeConfiguration("NumberOfConnectors", "1")).status == "Rejected"
    assert rig16.asked(call16.ChangeConfiguration("Color", "red")).status == "NotSupported"
    assert rig16.asked(call16.UnlockConnector(9)).status == "NotSupported"
    assert rig16.asked(call16.UnlockConnector(1)).status == "Unlocked"
    assert rig16.asked(call16.RemoteStartTransaction("APP", 9)).status == "Rejected"
    assert rig16.asked(call16.RemoteStopTransaction(99)).status == "Rejected"
    assert rig16.asked(call16.ChangeAvailability(2, "Inoperative")).status == "Accepted"
    assert rig16.asked(call16.RemoteStartTransaction("APP", 2)).status == "Rejected"
    assert rig16.asked(call16.TriggerMessage("Heartbeat")).status == "Accepted"
    assert rig16.asked(call16.TriggerMessage("FirmwareStatusNotification")).status == "NotImplemented"
    assert rig16.asked(call16.Reset("Hard")).status == "Rejected"
    assert rig16.asked(call16.DataTransfer("acme")).status == "UnknownVendorId"


def test_requests_of_2(rig2: Rig) -> None:
    def variable(component: str, name: str) -> dict[str, Any]:
        return {"component": {"name": component}, "variable": {"name": name}}

    wanted = [variable("TxCtrlr", "TxStartPoint"), variable("TxCtrlr", "Color"), variable("Moon", "Color")]
    found = rig2.asked(call201.GetVariables(wanted)).get_variable_result
    assert [one["attribute_status"] for one in found] == ["Accepted", "UnknownVariable", "UnknownComponent"]
    assert found[0]["attribute_value"] == "Authorized"
    assert rig2.asked(call201.RequestStopTransaction("nothing")).status == "Rejected"
    assert rig2.asked(call201.UnlockConnector(9, 1)).status == "UnknownConnector"
    assert rig2.asked(call201.ChangeAvailability("Inoperative", {"id": 2})).status == "Accepted"
    assert rig2.asked(call201.TriggerMessage("LogStatusNotification")).status == "NotImplemented"
    assert rig2.asked(call201.Reset("Immediate")).status == "Rejected"


def test_what_is_not_supported_is_answered_politely(rig16: Rig) -> None:
    with pytest.raises(NotImplementedByStation):
        rig16.asked(call16.UpdateFirmware("ftp://127.0.0.1/x", "2099-01-01T00:00:00Z"))
    assert rig16.does("eRoamingAuthorizeStart", Identification=CARD).outcome is Outcome.DONE


# --- what no station can do


def test_media_without_a_reader(rig: Rig) -> None:
    code = {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "PIN": "1234"}}
    told = rig.does("eRoamingAuthorizeStart", Identification=code)
    assert told.outcome is Outcome.UNAVAILABLE
    assert "cannot read a QRCodeIdentification" in told.detail


def test_unknown_evse_and_what_no_station_causes(rig16: Rig) -> None:
    told = rig16.driver.stimulate("plug-in", {"EvseID": "DE*ABC*E99*1", "SessionID": SESSION})
    assert told == Stimulated(Outcome.UNAVAILABLE, "no station in the profile has the EVSE DE*ABC*E99*1")
    told = rig16.driver.stimulate("eRoamingPushEvseData", {"ActionType": "insert"})
    assert told == Stimulated(Outcome.UNAVAILABLE, "no stimuli are configured")


def test_start_that_is_not_authorized_is_the_stimulus_trouble(rig16: Rig) -> None:
    # The CPO knows of no session at this connector.
    assert rig16.asked(call16.RemoteStartTransaction("NOBODY", 1)).status == "Accepted"
    told = rig16.does("plug-in")
    assert told.outcome is Outcome.FAILED
    assert "responded to the start with the token status Invalid" in told.detail


# --- central systems that are not as they should be


@contextlib.contextmanager
def strange(talk: Callable[[ServerConnection], None], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A central system that does with a connection what `talk` says; gives its URL."""

    def handle(connection: ServerConnection) -> None:
        with contextlib.suppress(Exception):
            talk(connection)

    server: Server
    named: Any = ["ocpp1.6"]
    with serve(handle, "127.0.0.1", 0, subprotocols=named, ssl=tls) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws{'s' if tls else ''}://127.0.0.1:{server.socket.getsockname()[1]}/ocpp"
        server.shutdown()


def told_by(
    url: str, monkeypatch: pytest.MonkeyPatch, *, tls: StationTls | None = None, **changed: Any
) -> str:
    """What the stimulus says of a central system."""
    monkeypatch.setattr(driver_module, "_ANSWER", 0.5)
    monkeypatch.setattr(driver_module, "_RECONNECT", 0.0)
    stimuli = settings(url)
    table = stimuli.stations[0].model_copy(update=changed)
    driver = made(stimuli.model_copy(update={"stations": [table], "tls": tls}))
    try:
        told = driver.stimulate("eRoamingAuthorizeStart", {"EvseID": EVSE, "Identification": CARD})
    finally:
        driver.close()
    assert told.outcome is Outcome.FAILED
    return told.detail


def _boots(connection: ServerConnection, **said: Any) -> None:
    asked = json.loads(connection.recv())
    answer = {"currentTime": "2026-11-22T14:00:00Z", "interval": 60, "status": "Accepted", **said}
    connection.send(json.dumps([3, asked[1], answer]))


def test_refused_boot(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(connection: ServerConnection) -> None:
        _boots(connection, status="Rejected")
        connection.recv()

    with strange(talk) as url:
        assert "the central system responded to BootNotification with status Rejected" in told_by(
            url, monkeypatch
        )


def test_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A station trusts the CA of [stimuli.tls], and nobody else."""
    authority, tls = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    (tmp_path / "no.pem").write_text("no certificate", encoding="utf-8")

    def talk(connection: ServerConnection) -> None:
        _boots(connection, status="Rejected")
        connection.recv()

    with strange(talk, tls) as url:
        trusting = StationTls(ca=tmp_path / "ca.pem")
        assert "status Rejected" in told_by(url, monkeypatch, tls=trusting)
        assert "CERTIFICATE_VERIFY_FAILED" in told_by(url, monkeypatch)
    with pytest.raises(StimulusError, match=r"^\[stimuli.tls\] ca: .*; expected a PEM file$"):
        told_by(url, monkeypatch, tls=StationTls(ca=tmp_path / "no.pem"))


def test_error_in_place_of_a_response(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(connection: ServerConnection) -> None:
        asked = json.loads(connection.recv())
        connection.send(json.dumps([4, asked[1], "SecurityError", "who are you?", {}]))
        connection.recv()

    with strange(talk) as url:
        told = told_by(url, monkeypatch)
    assert "the central system responded to BootNotification with SecurityError: who are you?" in told


def test_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(connection: ServerConnection) -> None:
        connection.recv()
        connection.send("<html>sorry</html>")
        connection.recv()

    with strange(talk) as url:
        told = told_by(url, monkeypatch)
    assert "BootNotification had no response within 0.5 s; received instead: <html>sorry</html>" in told


def test_strange_messages_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    strange_ones = ('[2, "a", {"a": 1}, {}]', '[2, 5, "Reset", []]', "[3]", '[4, "x"]', "null", "[" * 9000)

    def talk(connection: ServerConnection) -> None:
        asked = json.loads(connection.recv())
        for one in strange_ones:
            connection.send(one)
        connection.send(json.dumps([4, asked[1], "SecurityError", "who are you?", {}]))
        connection.recv()

    with strange(talk) as url:
        assert "with SecurityError: who are you?" in told_by(url, monkeypatch)


def test_texts_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(connection: ServerConnection) -> None:
        while True:
            connection.send("no message of OCPP")

    with strange(talk) as url:
        told = told_by(url, monkeypatch)
    assert "100 texts in a row were not OCPP messages: no message of OCPP" in told


def test_message_that_is_too_long_is_not_the_central_systems_close(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(connection: ServerConnection) -> None:
        connection.recv()
        connection.send("x" * (LARGEST + 1))
        connection.recv()

    with strange(talk) as url:
        assert "the station closed the connection (1009" in told_by(url, monkeypatch)


def test_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived: list[ServerConnection] = []
    with strange(arrived.append) as elsewhere:
        moved = answer(b"", "307 Temporary Redirect", {"Location": f"{elsewhere}/CP-1"})

        def redirect(connection: socket.socket) -> None:
            connection.sendall(moved)

        with raw_server(redirect) as url:
            told = told_by(url.replace("http:", "ws:"), monkeypatch)
    assert "the central system responded with HTTP 307" in told
    assert arrived == []


def test_response_that_does_not_fit_its_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(connection: ServerConnection) -> None:
        _boots(connection, interval="often")
        connection.recv()

    with strange(talk) as url:
        assert "the central system responded to BootNotification with TypeConstraintViolation" in told_by(
            url, monkeypatch
        )


def test_closed_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(connection: ServerConnection) -> None:
        connection.recv()
        connection.close(1008, "not today")

    with strange(talk) as url:
        told = told_by(url, monkeypatch)
    assert "BootNotification: the central system closed the connection (1008 not today)" in told


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    told = told_by("ws://127.0.0.1:9/ocpp", monkeypatch)
    assert told.startswith("station CP-1: ws://127.0.0.1:9/ocpp/CP-1: no connection:")


def test_wrong_identity_and_wrong_password(rig16: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    url = rig16.cpo.central.url
    assert "HTTP 404 there is no station CP-9" in told_by(url, monkeypatch, identity="CP-9")
    told = told_by(url, monkeypatch, password="something-else")  # noqa: S106 - a wrong one
    assert "HTTP 401 wrong identity or password" in told
    assert "something-else" not in told


def test_missing_packages_are_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocpp_package, "find_spec", lambda _: None)
    with pytest.raises(StimulusError) as error:
        made(settings("ws://127.0.0.1:9/ocpp"))
    assert str(error.value) == (
        '[stimuli] driver: found "ocpp"; the extra `ocpp` is not installed (ocpp, websockets); '
        "to do: pip install 'oicp-conformance[ocpp]'"
    )


# --- the profile

TABLE = """driver = "ocpp"
version = "1.6"
url = "ws://127.0.0.1:9100/ocpp"
"""
STATIONS = """
[[stimuli.stations]]
identity = "CP-1"
password = "do-not-show-me"
connectors = { "1" = "DE*ABC*E1*1" }
"""


def written(tmp_path: Path, stimuli: str, stations: str = STATIONS) -> Path:
    file = tmp_path / "my.toml"
    file.write_text(cpo_profile(stimuli=stimuli) + stations, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("stimuli", "stations", "told"),
    [
        (TABLE.replace("ws:", "http:"), STATIONS, 'expected a URL such as "ws://127.0.0.1:9100/ocpp"'),
        (TABLE.replace("1.6", "1.5"), STATIONS, 'expected "1.6", "2.0.1" or "2.1"'),
        (TABLE, STATIONS.replace('"1" =', '"one" ='), "expected connectors by their numbers"),
        (TABLE, STATIONS.replace("E1*1", "1"), 'expected an EvseID such as "DE*ABC*E1*1"'),
        (TABLE, STATIONS + STATIONS, "expected each identity at one station only"),
        (TABLE, STATIONS + STATIONS.replace("CP-1", "CP-2"), "expected each EvseID at one connector only"),
        (TABLE, STATIONS.replace("password", "passwort"), "unknown key; did you mean password?"),
        (TABLE, "", "missing, expected a list (driver ocpp needs it)"),
    ],
)
def test_wrong_keys_are_named(tmp_path: Path, stimuli: str, stations: str, told: str) -> None:
    with pytest.raises(ProfileError) as error:
        load(written(tmp_path, stimuli, stations))
    assert told in str(error.value)
    assert "[stimuli]" in str(error.value)


def test_password_is_a_secret(tmp_path: Path) -> None:
    profile = load(written(tmp_path, TABLE))
    redactor = Redactor.from_profile(profile)
    assert "do-not-show-me" not in redactor.text("it said do-not-show-me")
    assert "do-not-show-me" not in str(redactor.profile(profile).model_dump())


# --- a whole run

_SHORT = "test_card_authorized_by_broadcast or test_stop_with_the_same_card or test_fault_is_reported"


@pytest.mark.parametrize("version", VERSIONS)
def test_run_of_the_collection(tmp_path: Path, version: str) -> None:
    with reference_target("cpo", ["--ocpp", version]) as target:
        ran = run_suite(tmp_path, target.profile(), "-k", _SHORT)
    assert ran.verdict == "partial", ran.output
    assert not ran.rows("fail") + ran.rows("warning")
    assert ran.says("tests: 3 passed")
    notes = [
        json.loads(line) for line in (ran.folder / "notes.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    said = [one for one in notes if one["note"] == "ocpp"]
    assert {one["version"] for one in said} == {version}
    assert {"BootNotification", "Authorize"} <= {one["action"] for one in said}
    assert PASSWORD not in (ran.folder / "run.json").read_text(encoding="utf-8")


def test_wrong_password_is_no_finding(tmp_path: Path) -> None:
    with reference_target("cpo", ["--ocpp", "1.6"]) as target:
        profile = target.profile().replace(PASSWORD, "something-else")
        (tmp_path / "check.toml").write_text(profile, encoding="utf-8")
        checked = list(preflight.check(load(tmp_path / "check.toml")))
        ran = run_suite(tmp_path, profile, "-k", "test_card_authorized_by_broadcast")
    assert ran.verdict == "incomplete", ran.output
    assert not ran.rows("fail") + ran.rows("warning")
    assert ran.says("HTTP 401 wrong identity or password")
    assert ran.says("Read the OCPP messages in notes.jsonl")
    (about,) = [one for one in checked if one.about == "stimuli"]
    assert about.state is preflight.State.PROBLEM
    assert "station CP-1" in about.text
    assert "HTTP 401" in about.text
