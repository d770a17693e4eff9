"""Stimuli by a command, as a real process."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from oicp_conformance.stimuli import Outcome
from oicp_conformance.stimuli.command import CommandDriver
from selftest.stimuli.shared import PARAMETERS, README, SENT, SWIPE, eventually, needs_proc, script


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
