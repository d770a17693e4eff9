"""What stimuli can do wrong: the reason is told, and the target is not blamed."""

import re
import stat
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from oicp_conformance.embedded import free_port
from selftest.support import (
    Ran,
    answer,
    command,
    cpo_profile,
    on_terminal,
    raw_server,
    reference_target,
    run_suite,
)

NOT_PASSED = 1
SWIPE = "test_card_authorized_by_broadcast"
REMOTE = "eRoamingAuthorizeRemoteStart"


def test_no_stimuli(tmp_path: Path) -> None:
    with reference_target() as target:
        profile = re.sub(r'driver = "http"\nurl = .*', 'driver = "none"', target.profile(wait=0.3))
        ran = run_suite(tmp_path, profile)
    assert ran.exit_code == NOT_PASSED
    assert ran.verdict == "incomplete"
    assert not ran.rows("fail"), ran.failed()
    assert ran.operation("eRoamingAuthorizeStart")["verdict"] == "inconclusive"
    assert ran.operation(REMOTE)["verdict"] == "pass"
    (row,) = (
        row
        for row in ran.rows("inconclusive")
        if row["id"] == "request.sent" and row["operation"] == "eRoamingAuthorizeStart"
    )
    assert row["reason"] == "the stimulus is not supported: no stimuli are configured"


def swipe_with(tmp_path: Path, stimuli: str, *, wait: float = 1.0) -> str:
    """Run one test that needs a stimulus; gives the reason why it was inconclusive."""
    ran = run_suite(tmp_path, cpo_profile(stimuli=stimuli, wait=wait), "-k", SWIPE, "-rs")
    assert ran.exit_code == NOT_PASSED, ran.output
    assert ran.verdict == "incomplete"
    assert not ran.rows("fail")
    (row,) = (
        row for row in ran.rows("inconclusive") if row["id"] == "request.sent" and row["reason"][:3] == "the"
    )
    assert ran.says(f"inconclusive: {row['reason']}") == 1
    return str(row["reason"])


def script(tmp_path: Path, text: str, *, executable: bool = True) -> str:
    file = tmp_path / "stimulate.sh"
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    if executable:
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return 'driver = "command"\ncommand = ["./stimulate.sh"]'


def test_command_that_does_not_exist(tmp_path: Path) -> None:
    reason = swipe_with(tmp_path, 'driver = "command"\ncommand = ["./none.sh"]')
    assert "the stimulus failed" in reason
    assert "none.sh cannot be started: no such command" in reason


def test_command_that_is_not_executable(tmp_path: Path) -> None:
    reason = swipe_with(tmp_path, script(tmp_path, "true", executable=False))
    assert "stimulate.sh cannot be started: it is not executable" in reason


@pytest.mark.long(10)
def test_command_that_never_ends(tmp_path: Path) -> None:
    # One test, so one stimulus: a command may take ten seconds at least.
    reason = swipe_with(tmp_path, script(tmp_path, "exec sleep 600"))
    assert "stimulate.sh has not ended within 10 s, and was killed" in reason


def test_command_that_cannot_do_it(tmp_path: Path) -> None:
    reason = swipe_with(tmp_path, script(tmp_path, "echo no reader for that >&2; exit 77"))
    assert reason.startswith("the stimulus is not supported: ")
    assert reason.endswith("exited with 77: no reader for that")


def test_command_that_prints_megabytes(tmp_path: Path) -> None:
    loud = "head -c 8000000 /dev/zero | tr '\\0' x >&2; head -c 8000000 /dev/zero; exit 1"
    reason = swipe_with(tmp_path, script(tmp_path, loud))
    assert "exited with 1: xxx" in reason
    assert len(reason) < 600


def test_stimulus_that_fails_is_not_tried_for_ever(tmp_path: Path) -> None:
    stimuli = script(tmp_path, "echo tried >> tried.txt; exit 1")
    run_suite(tmp_path, cpo_profile(stimuli=stimuli), "-k", "test_authorize_start")
    # Three times, twice of them again after a moment: the target may only have been busy.
    assert len((tmp_path / "tried.txt").read_text(encoding="utf-8").split()) == 3 + 3 + 1


def test_stimulus_url_that_refuses_connections(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/stimuli"
    reason = swipe_with(tmp_path, f'driver = "http"\nurl = "{url}"')
    assert reason.startswith(f"the stimulus failed: {url}: ")
    assert "Connection refused" in reason


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (answer(b"the shim broke", "500 No"), "responded with HTTP 500: the shim broke"),
        (answer(b"<html>not here</html>", "404 No"), "responded with HTTP 404: <html>not here</html>"),
        (answer(b"no reader", "501 No"), "responded with HTTP 501: no reader"),
        (b"SSH-2.0\r\n\r\n", "illegal status line"),
    ],
)
def test_stimulus_url_that_answers(tmp_path: Path, said: bytes, heard: str) -> None:
    with raw_server(lambda connection: connection.sendall(said)) as url:
        reason = swipe_with(tmp_path, f'driver = "http"\nurl = "{url}/stimuli"')
    assert heard in reason


# --- a person gives the stimuli


def test_manual_stimuli(tmp_path: Path) -> None:
    """Somebody reads what to do, takes a second to do it, and the run goes on as soon as it is done."""
    done: list[float] = []
    asked = re.compile(
        r"Swipe this card at EVSE (\S+): RFIDMifareFamilyIdentification UID (\w+).*?(\d+) s left", re.DOTALL
    )
    ended = re.compile(r"Finish session (\S+) at EVSE (\S+):")

    with reference_target() as target:
        profile = re.sub(r'driver = "http"\nurl = .*', 'driver = "manual"', target.profile(wait=40))
        (tmp_path / "profile.toml").write_text(profile, encoding="utf-8")

        def act(said: str) -> None:
            card, end = asked.search(said), ended.search(said)
            parameters: dict[str, Any]
            if card and not done:
                stimulus = "eRoamingAuthorizeStart"
                shown = {"RFIDMifareFamilyIdentification": {"UID": card[2]}}
                parameters = {"EvseID": card[1], "Identification": shown}
            elif end and len(done) == 1:
                stimulus = "eRoamingChargeDetailRecord"
                parameters = {"SessionID": end[1], "EvseID": end[2]}
            else:
                return
            done.append(time.monotonic())
            body = {"stimulus": stimulus, "parameters": parameters}
            assert httpx.post(target.stimuli_url, json=body, trust_env=False).is_success

        run = command(tmp_path / "report", tmp_path / "profile.toml", "-s", "-k", SWIPE)
        code, said = on_terminal(run, act)
    ended_at = time.monotonic()
    ran = Ran(code, said, tmp_path / "report")
    assert len(done) == 2, said
    assert "1 passed" in said
    assert len(re.findall(r"(?:\x1b\[K|    )received\r", said)) == 2
    assert re.search(r"\r +(40|39) s left", said)
    assert ended_at - done[0] < 20, "it did not wait for the countdown"
    assert ran.operation("eRoamingAuthorizeStart")["verdict"] == "pass"
    assert ran.operation("eRoamingChargeDetailRecord")["verdict"] == "pass"
