"""The drivers of stimuli, against real servers, real processes and a real terminal."""

import io
import json
import os
import pty
import re
import select
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from oicp_conformance.profile import Stimuli
from oicp_conformance.stimuli import Outcome, StimulusError, driver_for
from oicp_conformance.stimuli.base import answer_limit, one_line
from oicp_conformance.stimuli.command import CommandDriver, CommandStimuli
from oicp_conformance.stimuli.http import HttpDriver, HttpStimuli
from oicp_conformance.stimuli.manual import ManualDriver, ManualStimuli, instruction

README = Path(__file__).parent.parent / "oicp_conformance" / "stimuli" / "README.md"

SWIPE = "eRoamingAuthorizeStart"
PARAMETERS: dict[str, object] = {
    "EvseID": "DE*ABC*E1*1",
    "Identification": {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}},
}
SENT = {"stimulus": SWIPE, "parameters": PARAMETERS}


def eventually(condition: Callable[[], object], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- http


@pytest.mark.parametrize("status", [200, 202, 204])
def test_http_posts_the_stimulus_and_2xx_is_done(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_oneshot_request(
        "/stimuli", method="POST", json=SENT, headers={"Content-Type": "application/json"}
    ).respond_with_data("", status=status)
    url = httpserver.url_for("/stimuli")
    stimulated = HttpDriver(url, wait=1).stimulate(SWIPE, PARAMETERS)
    httpserver.check()
    assert (stimulated.outcome, stimulated.detail) == (Outcome.DONE, f"{url} responded with HTTP {status}")


def test_http_501_is_unavailable(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/stimuli").respond_with_data("no reader for QR codes\n", status=501)
    stimulated = HttpDriver(httpserver.url_for("/stimuli"), wait=1).stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.UNAVAILABLE
    assert stimulated.detail.endswith("/stimuli responded with HTTP 501: no reader for QR codes")


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
def test_http_all_other_statuses_have_failed(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/stimuli").respond_with_data(
        "broken:\n\n" + "é" * 3000, status=status, headers={"Location": "/elsewhere"}
    )
    stimulated = HttpDriver(httpserver.url_for("/stimuli"), wait=1).stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.FAILED
    assert f"/stimuli responded with HTTP {status}: broken: éééé" in stimulated.detail
    assert 180 <= stimulated.detail.count("é") <= 200
    assert len(httpserver.log) == 1, "a redirect must not be followed"


def test_http_without_a_body_is_told_without_one(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/stimuli").respond_with_data("", status=500)
    stimulated = HttpDriver(httpserver.url_for("/stimuli"), wait=1).stimulate(SWIPE, PARAMETERS)
    assert stimulated.detail.endswith("/stimuli responded with HTTP 500")


def test_http_nobody_listens() -> None:
    url = f"http://127.0.0.1:{free_port()}/stimuli"
    stimulated = HttpDriver(url, wait=1).stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.FAILED
    assert stimulated.detail.startswith(f"{url}: ")
    assert "refused" in stimulated.detail


@pytest.mark.parametrize("url", ["http://127.0.0.1:0/", "http://a..b/", "http://127.0.0.1:1\x00/"])
def test_http_a_url_that_cannot_be_used(url: str) -> None:
    stimulated = HttpDriver(url, wait=1, limit=2).stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.FAILED
    assert one_line(url)[:16] in stimulated.detail


def test_http_a_shim_that_does_not_answer(httpserver: HTTPServer) -> None:
    release = threading.Event()

    def late(_: Request) -> Response:
        release.wait(10)
        return Response()

    httpserver.expect_request("/stimuli").respond_with_handler(late)
    url = httpserver.url_for("/stimuli")
    started = time.monotonic()
    stimulated = HttpDriver(url, wait=1, limit=0.3).stimulate(SWIPE, PARAMETERS)
    took = time.monotonic() - started
    release.set()
    assert (stimulated.outcome, stimulated.detail) == (
        Outcome.FAILED,
        f"{url} sent no complete response within 0.3 s",
    )
    assert 0.3 <= took < 5


def served_once(answer: Callable[[socket.socket], None]) -> tuple[str, threading.Thread]:
    """The URL of a bare server that reads one request and lets `answer` do what no HTTP server does."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        with listener, listener.accept()[0] as connection, suppress(OSError):
            connection.settimeout(10)
            received = b""
            while b"\r\n\r\n" not in received or not received.endswith(b"}}"):
                received += connection.recv(65536)
            answer(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/", thread


def test_http_a_body_that_drips_for_ever_is_given_up() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.1)

    url, server = served_once(drip)
    started = time.monotonic()
    stimulated = HttpDriver(url, wait=1, limit=0.5).stimulate(SWIPE, PARAMETERS)
    took = time.monotonic() - started
    server.join(15)
    assert stimulated.detail.startswith(f"{url} responded with HTTP 500: x")
    assert took < 5


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_http_a_head_that_drips_for_ever_is_given_up(begin: bytes) -> None:
    """Each single step is in time, and the response never comes."""
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(begin)
        for _ in range(100):
            connection.sendall(b"H")
            if stop.wait(0.1):
                return

    url, server = served_once(drip)
    started = time.monotonic()
    stimulated = HttpDriver(url, wait=1, limit=0.5).stimulate(SWIPE, PARAMETERS)
    took = time.monotonic() - started
    stop.set()
    server.join(15)
    assert (stimulated.outcome, stimulated.detail) == (
        Outcome.FAILED,
        f"{url} sent no complete response within 0.5 s",
    )
    assert 0.5 <= took < 5


def test_http_a_success_need_not_be_complete() -> None:
    """2xx says it all: what follows is not waited for."""
    release = threading.Event()

    def hang(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 202 OK\r\nContent-Length: 10\r\n\r\nx")
        release.wait(10)

    url, server = served_once(hang)
    stimulated = HttpDriver(url, wait=1, limit=5).stimulate(SWIPE, PARAMETERS)
    release.set()
    server.join(10)
    assert (stimulated.outcome, stimulated.detail) == (Outcome.DONE, f"{url} responded with HTTP 202")


def test_http_a_body_that_breaks_off_does_not_change_the_status() -> None:
    url, server = served_once(
        lambda connection: connection.sendall(b"HTTP/1.1 501 No\r\nContent-Length: 99\r\n\r\nno reader")
    )
    stimulated = HttpDriver(url, wait=1).stimulate(SWIPE, PARAMETERS)
    server.join(10)
    assert (stimulated.outcome, stimulated.detail) == (
        Outcome.UNAVAILABLE,
        f"{url} responded with HTTP 501: no reader",
    )


@pytest.mark.parametrize("nonsense", [b"", b"SSH-2.0-OpenSSH\r\n\r\n"])
def test_http_an_answer_that_is_none(nonsense: bytes) -> None:
    url, server = served_once(lambda connection: connection.sendall(nonsense))
    stimulated = HttpDriver(url, wait=1).stimulate(SWIPE, PARAMETERS)
    server.join(10)
    assert stimulated.outcome is Outcome.FAILED
    assert stimulated.detail.startswith(f"{url}: ")
    assert len(stimulated.detail) > len(f"{url}: ")


def test_http_does_not_use_a_proxy(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    httpserver.expect_request("/stimuli").respond_with_data("")
    stimulated = HttpDriver(httpserver.url_for("/stimuli"), wait=1).stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.DONE


# --- command


def script(folder: Path, body: str, interpreter: str = "/bin/sh") -> str:
    file = folder / "stimulate.sh"
    file.write_text(f"#!{interpreter}\n{body}\n")
    file.chmod(0o755)
    return str(file)


def run(folder: Path, *command: str, limit: float = 10.0) -> tuple[Outcome, str]:
    stimulated = CommandDriver(command, folder=folder, wait=1, limit=limit).stimulate(SWIPE, PARAMETERS)
    assert "\n" not in stimulated.detail
    return stimulated.outcome, stimulated.detail


def test_command_gets_the_stimulus_in_its_folder_and_0_is_done(tmp_path: Path) -> None:
    command = script(tmp_path, 'cat > "$1"')
    assert run(tmp_path, command, "got.json") == (Outcome.DONE, f"{command} is doing it")
    assert json.loads((tmp_path / "got.json").read_text()) == SENT


def test_command_77_is_unavailable(tmp_path: Path) -> None:
    command = script(tmp_path, "echo no reader for QR codes >&2; exit 77")
    outcome = run(tmp_path, command)
    assert outcome == (Outcome.UNAVAILABLE, f"{command} exited with 77: no reader for QR codes")


def test_command_any_other_code_has_failed_with_its_last_words(tmp_path: Path) -> None:
    command = script(tmp_path, 'echo first >&2; echo "the  last"  >&2; echo >&2; echo no error; exit 3')
    assert run(tmp_path, command) == (Outcome.FAILED, f"{command} exited with 3: the last")
    command = script(tmp_path, "exit 1")
    assert run(tmp_path, command) == (Outcome.FAILED, f"{command} exited with 1")


def test_command_ended_by_a_signal_has_failed(tmp_path: Path) -> None:
    command = script(tmp_path, "kill -TERM $$")
    assert run(tmp_path, command) == (Outcome.FAILED, f"{command} was ended by signal 15")


def test_command_that_does_not_exist(tmp_path: Path) -> None:
    expected = (Outcome.FAILED, "./nope cannot be started: no such command")
    assert run(tmp_path, "./nope") == expected
    assert run(tmp_path, "oicp-nope")[1] == "oicp-nope cannot be started: no such command"


def test_command_that_is_not_executable(tmp_path: Path) -> None:
    command = script(tmp_path, "exit 0")
    Path(command).chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert run(tmp_path, command) == (Outcome.FAILED, f"{command} cannot be started: it is not executable")


def test_command_whose_interpreter_does_not_exist(tmp_path: Path) -> None:
    command = script(tmp_path, "exit 0", interpreter="/nope/python")
    outcome, detail = run(tmp_path, command)
    assert outcome is Outcome.FAILED
    assert detail.endswith("cannot be started: the interpreter that its first line names does not exist")


def test_command_that_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "stimulate").write_text("{}")
    (tmp_path / "stimulate").chmod(0o755)
    assert run(tmp_path, "./stimulate") == (
        Outcome.FAILED,
        "./stimulate cannot be started: Exec format error",
    )


def test_command_whose_folder_is_gone(tmp_path: Path) -> None:
    outcome, detail = run(tmp_path / "gone", "cat")
    assert (outcome, detail) == (
        Outcome.FAILED,
        f"cat cannot be started: its folder {tmp_path}/gone does not exist",
    )


@needs_proc
def test_command_that_never_ends_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    command = script(tmp_path, "trap '' TERM\nsleep 60 &\necho $$ $! > pids\nwait")
    started = time.monotonic()
    outcome = run(tmp_path, command, limit=1.0)
    assert time.monotonic() - started < 10
    assert outcome == (Outcome.FAILED, f"{command} has not ended within 1 s, and was killed")
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert eventually(lambda: not any(is_running(pid) for pid in pids))


@needs_proc
def test_command_whose_child_in_another_session_holds_its_output_ends_at_its_deadline(tmp_path: Path) -> None:
    body = "import os, subprocess, sys, time\n"
    body += "child = subprocess.Popen(['sleep', '30'], start_new_session=True)\n"
    body += "open('pid', 'w').write(str(child.pid))\nprint('waiting', file=sys.stderr, flush=True)\n"
    body += "time.sleep(60)"
    command = script(tmp_path, body, interpreter=sys.executable)
    started = time.monotonic()
    outcome = run(tmp_path, command, limit=2.0)
    took = time.monotonic() - started
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    assert outcome == (Outcome.FAILED, f"{command} has not ended within 2 s, and was killed")
    assert 2.0 <= took < 10


def is_running(pid: int) -> bool:
    """Whether the process lives; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@needs_proc
def test_command_is_killed_when_the_user_interrupts(tmp_path: Path) -> None:
    """Ctrl-C ends the suite, and the command is in a session of its own, where it does not arrive."""
    command = script(tmp_path, "echo $$ > pid\nexec sleep 60")
    code = (
        "import sys; from pathlib import Path; from oicp_conformance.interrupts import can_be_interrupted\n"
        "from oicp_conformance.stimuli.command import CommandDriver\n"
        "can_be_interrupted()\n"
        "CommandDriver([sys.argv[1]], folder=Path(sys.argv[2]), wait=30).stimulate('x', {})\n"
    )
    suite = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", code, command, str(tmp_path)],
        cwd=README.parent.parent.parent,
        stderr=subprocess.DEVNULL,
    )
    try:
        pid_file = tmp_path / "pid"
        assert eventually(lambda: pid_file.exists() and pid_file.read_text().strip())
        time.sleep(0.5)  # the command may be faster than its own start is over
        suite.send_signal(signal.SIGINT)
        suite.wait(10)
        assert eventually(lambda: not is_running(int(pid_file.read_text())))
    finally:
        suite.kill()
        suite.wait(10)


@pytest.mark.parametrize("code", [0, 5])
def test_command_with_large_output_that_does_not_read_its_input(tmp_path: Path, code: int) -> None:
    body = (
        "import sys\n"
        "for stream in (sys.stdout, sys.stderr):\n"
        "    for _ in range(40):\n"
        "        stream.write('x' * 1_000_000)\n"
        f"sys.stderr.write('\\nthe end\\n'); sys.exit({code})"
    )
    command = script(tmp_path, body, interpreter=sys.executable)
    driver = CommandDriver([command], folder=tmp_path, wait=1, limit=60)
    stimulated = driver.stimulate("eRoamingPullEvseStatusByID", {"EvseID": ["DE*ABC*E1*1"] * 50_000})
    if code == 0:
        assert (stimulated.outcome, stimulated.detail) == (Outcome.DONE, f"{command} is doing it")
    else:
        assert stimulated.detail == f"{command} exited with 5: the end"


def test_command_may_leave_something_running_that_speaks_on(tmp_path: Path) -> None:
    command = script(tmp_path, "(sleep 3; echo still here >&2; echo fine > spoke) &\nexit 0")
    started = time.monotonic()
    assert run(tmp_path, command)[0] is Outcome.DONE
    assert time.monotonic() - started < 2.5, "nobody waits for what was left running"
    spoke = tmp_path / "spoke"
    assert eventually(lambda: spoke.exists() and spoke.read_text() == "fine\n")


# --- manual


TABLE: dict[str, dict[str, object]] = {
    "eRoamingAuthorizeStart": PARAMETERS,
    "eRoamingAuthorizeStop": {"SessionID": "S-1", **PARAMETERS},
    "eRoamingChargingNotifications": {"SessionID": "S-1", "EvseID": "E-1", "Type": "Progress"},
    "eRoamingChargeDetailRecord": {"SessionID": "S-1", "EvseID": "E-1"},
    "plug-in": {"SessionID": "S-1", "EvseID": "E-1"},
    "unplug": {"SessionID": "S-1", "EvseID": "E-1"},
    "eRoamingPushEvseData": {"ActionType": "fullLoad"},
    "eRoamingPushEvseStatus": {"ActionType": "update"},
    "eRoamingPushPricingProductData": {"ActionType": "insert"},
    "eRoamingPushEVSEPricing": {"ActionType": "delete"},
    "eRoamingAuthorizeRemoteStart": {
        "EvseID": "E-1",
        "Identification": {"RemoteIdentification": {"EvcoID": "EVCO-1"}},
    },
    "eRoamingAuthorizeRemoteStop": {"SessionID": "S-1", "EvseID": "E-1"},
    "eRoamingAuthorizeRemoteReservationStart": {
        "EvseID": "E-1",
        "Identification": {"RemoteIdentification": {"EvcoID": "EVCO-1"}},
        "Duration": 15,
    },
    "eRoamingAuthorizeRemoteReservationStop": {"SessionID": "S-1", "EvseID": "E-1"},
    "eRoamingPushAuthenticationData": {"ActionType": "fullLoad"},
    "eRoamingPullEvseData": {},
    "eRoamingPullEvseStatus": {},
    "eRoamingPullEvseStatusByID": {"EvseID": ["E-1", "E-2"]},
    "eRoamingPullEvseStatusByOperatorID": {"OperatorID": ["O-1", "O-2"]},
    "eRoamingGetChargeDetailRecords": {"From": "2026-01-01", "To": "2026-01-31"},
    "eRoamingPullPricingProductData": {"OperatorIDs": ["O-1", "O-2"]},
    "eRoamingPullEVSEPricing": {"OperatorIDs": ["O-1", "O-2"]},
}


def leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield str(value)


@pytest.mark.parametrize("stimulus", TABLE)
def test_manual_has_words_of_its_own_for_each_stimulus(stimulus: str) -> None:
    parameters = TABLE[stimulus]
    text = instruction(stimulus, parameters)
    assert "\n" not in text
    assert stimulus not in text, "words for people, not the name of the operation"
    for leaf in leaves(parameters):
        assert leaf in text
    if parameters:
        assert "(any " in instruction(stimulus, {}), "an absent parameter leaves a gap, and breaks nothing"


def test_manual_words_are_exact_for_cards_and_distinct_for_all() -> None:
    assert instruction(SWIPE, PARAMETERS) == (
        "Swipe this card at EVSE DE*ABC*E1*1: RFIDMifareFamilyIdentification UID 1234ABCD"
    )
    assert instruction("eRoamingAuthorizeStop", {"SessionID": "S-1", **PARAMETERS}) == (
        "Swipe this card at EVSE DE*ABC*E1*1 again, to stop session S-1: "
        "RFIDMifareFamilyIdentification UID 1234ABCD"
    )
    texts = {instruction(stimulus, parameters) for stimulus, parameters in TABLE.items()}
    assert len(texts) == len(TABLE)


@pytest.mark.parametrize(
    ("identification", "words"),
    [
        (
            {"QRCodeIdentification": {"EvcoID": "EVCO-1", "PIN": "1234"}},
            "by QR code: QRCodeIdentification Evco",
        ),
        (
            {"PlugAndChargeIdentification": {"EvcoID": "EVCO-1"}},
            "Plug in a car with this contract at EVSE E-1: ",
        ),
        ({"RFIDIdentification": {"UID": "12", "RFID": "nfc"}}, "E-1: RFIDIdentification UID 12, RFID nfc"),
    ],
)
def test_manual_has_words_for_each_kind_of_identification(identification: object, words: str) -> None:
    assert words in instruction(SWIPE, {"EvseID": "E-1", "Identification": identification})


def test_manual_distinguishes_the_types_of_notifications() -> None:
    texts = [
        instruction("eRoamingChargingNotifications", {"SessionID": "S", "EvseID": "E", "Type": kind})
        for kind in ("Start", "Progress", "End", "Error")
    ]
    assert [text.partition(" at EVSE")[0] for text in texts] == [
        "Let energy flow",
        "Let energy flow until the target reports progress",
        "Let the energy flow end",
        "Cause a fault",
    ]


def test_manual_has_words_for_what_it_does_not_know() -> None:
    assert instruction("eRoamingNew", {"A": "1"}) == "Make the target send eRoamingNew with A 1"


def test_manual_asks_at_once_and_counts_down_in_lines() -> None:
    out = io.StringIO()
    driver = ManualDriver(out, wait=30)
    stimulated = driver.stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.DONE
    assert stimulated.detail == f"asked on the terminal: {instruction(SWIPE, PARAMETERS)}"
    assert out.getvalue() == (f"\n>>> {instruction(SWIPE, PARAMETERS)}\n    ({SWIPE}; waiting for 30 s)\n")
    out.truncate(out.seek(0))
    for tenths in range(300, 174, -2):
        driver.waiting(tenths / 10)
    driver.arrived(True)
    assert out.getvalue() == "    25 s left\n    20 s left\n    received\n"


def test_manual_says_that_nothing_came() -> None:
    out = io.StringIO()
    driver = ManualDriver(out, wait=6)
    driver.stimulate(SWIPE, PARAMETERS)
    driver.waiting(-0.1)
    driver.arrived(False)
    assert out.getvalue().endswith("    0 s left\n    not received\n")


def test_manual_says_nothing_about_what_did_not_have_to_be_waited_for() -> None:
    out = io.StringIO()
    driver = ManualDriver(out, wait=6)
    driver.arrived(True)
    assert out.getvalue() == ""
    driver.stimulate(SWIPE, PARAMETERS)
    driver.arrived(True)
    driver.arrived(True)
    assert out.getvalue().count("received") == 1


def on_a_terminal(act: Callable[[ManualDriver], None], last: str) -> str:
    """What a person's terminal was sent, up to `last`."""
    master, slave = pty.openpty()
    sent = b""
    try:
        with os.fdopen(slave, "w") as terminal:
            act(ManualDriver(terminal, wait=3))
            while last.encode() not in sent and select.select([master], [], [], 5)[0]:
                sent += os.read(master, 65536)
    finally:
        os.close(master)
    return sent.decode()


def test_manual_draws_the_countdown_in_place_on_a_terminal() -> None:
    def act(driver: ManualDriver) -> None:
        driver.stimulate(SWIPE, PARAMETERS)
        for tenths in range(30, 8, -2):
            driver.waiting(tenths / 10)
        driver.arrived(True)
        driver.stimulate("eRoamingPullEvseData", {})

    sent = on_a_terminal(act, last="eRoamingPullEvseData; waiting")
    countdown = sent.partition("waiting for 3 s)\r\n")[2]
    assert countdown.startswith("\r    3 s left \x1b[K\r    2 s left \x1b[K\r    1 s left \x1b[Kreceived\r\n")
    assert ">>> Refresh the map" in countdown


def test_manual_does_not_write_over_a_countdown_that_was_not_finished() -> None:
    def act(driver: ManualDriver) -> None:
        driver.waiting(2.5)
        driver.stimulate("eRoamingPullEvseData", {})

    sent = on_a_terminal(act, last="Refresh the map")
    assert sent.startswith("\r    3 s left \x1b[K\r\n\r\n>>> Refresh the map")


# --- which driver


def test_without_stimuli_all_is_unavailable() -> None:
    out = io.StringIO()
    driver = driver_for(Stimuli(wait=3), interactive=False, out=out)
    stimulated = driver.stimulate(SWIPE, PARAMETERS)
    assert (stimulated.outcome, stimulated.detail) == (Outcome.UNAVAILABLE, "no stimuli are configured")
    assert driver.wait == 3


def test_the_profile_says_which_driver(httpserver: HTTPServer, tmp_path: Path) -> None:
    out = io.StringIO()
    httpserver.expect_request("/stimuli").respond_with_data("")
    http = HttpStimuli(url=httpserver.url_for("/stimuli"), wait=4)
    command = CommandStimuli(command=[script(tmp_path, "exit 77")], wait=5)
    drivers = [driver_for(each, interactive=False, out=out) for each in (http, command)]
    assert [driver.wait for driver in drivers] == [4, 5]
    assert [driver.stimulate(SWIPE, PARAMETERS).outcome for driver in drivers] == ["done", "unavailable"]
    for driver in drivers:
        driver.waiting(1)
        driver.arrived(True)
    assert out.getvalue() == ""


def test_manual_needs_somebody_to_talk_to() -> None:
    out = io.StringIO()
    manual = ManualStimuli(wait=60)
    with pytest.raises(StimulusError, match=r'\[stimuli\] driver = "manual" .* run with -s'):
        driver_for(manual, interactive=False, out=out)
    driver = driver_for(manual, interactive=True, out=out)
    driver.stimulate(SWIPE, PARAMETERS)
    assert "waiting for 60 s" in out.getvalue()
    assert driver.wait == 60


def test_a_shim_has_at_least_ten_seconds_to_answer() -> None:
    assert (answer_limit(0.5), answer_limit(10), answer_limit(45)) == (10, 10, 45)


# --- the README


def shims() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_shim_for_command_in_the_readme_works(tmp_path: Path) -> None:
    (tmp_path / "shim.py").write_text(shims()[0])
    driver = CommandDriver([sys.executable, "shim.py"], folder=tmp_path, wait=1)
    assert driver.stimulate(SWIPE, PARAMETERS).outcome is Outcome.DONE
    assert json.loads((tmp_path / "swiped.json").read_text()) == list(PARAMETERS.values())
    assert driver.stimulate("eRoamingPushEvseData", {}).outcome is Outcome.UNAVAILABLE
    failed = driver.stimulate(SWIPE, {"EvseID": "DE*ABC*E1*1"})
    assert failed.outcome is Outcome.FAILED
    assert "exited with 1: TypeError: swipe() missing 1 required positional argument" in failed.detail


def test_the_shim_for_http_in_the_readme_works(tmp_path: Path) -> None:
    port = free_port()
    text = shims()[1]
    assert '("127.0.0.1", 9001)' in text
    (tmp_path / "shim.py").write_text(text.replace("9001", str(port)))
    shim = subprocess.Popen([sys.executable, "shim.py"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        driver = HttpDriver(f"http://127.0.0.1:{port}/stimuli", wait=1)
        assert eventually(lambda: driver.stimulate(SWIPE, PARAMETERS).outcome is Outcome.DONE)
        assert json.loads((tmp_path / "swiped.json").read_text()) == list(PARAMETERS.values())
        assert driver.stimulate("eRoamingPushEvseData", {}).outcome is Outcome.UNAVAILABLE
        assert driver.stimulate(SWIPE, {"EvseID": "DE*ABC*E1*1"}).outcome is Outcome.FAILED
    finally:
        shim.kill()
        shim.wait(10)


def test_the_readme_lists_each_stimulus_with_its_parameters() -> None:
    listed: dict[str, set[str]] = {}
    for line in README.read_text(encoding="utf-8").splitlines():
        cells = [re.findall(r"`([\w-]+)`", cell) for cell in line.split("|")]
        if line.startswith(("| `eRoaming", "| `plug-in")):
            listed.update({stimulus: set(cells[2]) for stimulus in cells[1]})
    assert listed == {stimulus: set(parameters) for stimulus, parameters in TABLE.items()}


def test_the_example_in_the_readme_is_what_is_sent() -> None:
    found = re.search(r"^```json\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None
    assert json.loads(found[1]) == SENT
