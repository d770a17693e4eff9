"""When Ctrl-C ends a process."""

import subprocess
import sys

import pytest

from selftest.support import LONGEST, ROOT, environment

_BEFORE = """
import signal, threading, time
from oicp_conformance.interrupts import can_be_interrupted, hold, interruptible, let_go, sleep
can_be_interrupted()
def press():
    signal.raise_signal(signal.SIGINT)
def pressed_in_wait():
    with interruptible():
        press()
def ends(act):
    try:
        act()
    except KeyboardInterrupt:
        return True
    return False
"""


def printed(acts: str) -> str:
    """What a process prints; signals are a matter of a whole process, so each case has one."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", f"{_BEFORE}\n{acts}"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        pytest.param("ends(press)", [True], id="a-command-ends-at-once"),
        pytest.param("hold(), ends(press)", [None, False], id="a-run-does-not-end-in-the-midst"),
        pytest.param("hold(), ends(pressed_in_wait)", [None, True], id="but-where-it-waits"),
        pytest.param(
            "hold(), ends(press), ends(lambda: sleep(0)), ends(lambda: sleep(0))",
            [None, False, True, False],
            id="and-at-its-next-wait-once",
        ),
        pytest.param(
            "hold(), ends(press), hold(), ends(lambda: sleep(0))",
            [None, False, None, False],
            id="what-was-asked-before-is-done",
        ),
        pytest.param(
            "hold(), ends(press), ends(press), time.sleep(1.1), ends(press)",
            [None, False, False, None, True],
            id="who-asks-again-is-obeyed-at-once",
        ),
        pytest.param("hold(), let_go(), ends(press)", [None, None, True], id="after-a-run-it-ends-at-once"),
    ],
)
def test_ctrl_c(acts: str, expected: list[bool | None]) -> None:
    assert printed(f"print([{acts}])") == f"{expected}\n"


def test_other_threads_wait_without_being_asked() -> None:
    """Python tells only the main thread of a signal; what waits elsewhere makes no difference."""
    acts = """
def waiting():
    with interruptible():
        began.set()
        time.sleep(0.5)
began = threading.Event()
hold()
threading.Thread(target=waiting).start()
began.wait()
print(ends(press))
"""
    assert printed(acts) == "False\n"
