"""Ctrl-C, also where a parent has switched it off, and where Python loses it; SIGTERM is the same.

Python raises KeyboardInterrupt at any instruction, also in the midst of pytest or of a plugin, which may make
an error of their own of it. So a run is ended only where it waits, and between two tests.
"""

import signal
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

CAN_BE_SIGNALLED = sys.platform != "win32"
"""Whether one process can ask another to end as Ctrl-C does; if not, the console asks all of them itself."""
_ONCE = 1.0
"""Seconds within which a second signal says nothing new: a terminal and tox both send one."""


class _Asked:
    """What was asked of this process, and when it may do that."""

    def __init__(self) -> None:
        self.last: float | None = None
        """When the last signal came that counts, by the monotonic clock; None if none did."""
        self.is_held = False
        """Whether the process ends only where it waits."""
        self.is_owed = False
        """Whether a signal came and has not ended anything yet."""


class _Here(threading.local):
    """Where a thread is."""

    waits = False


_ASKED = _Asked()
_HERE = _Here()


def can_be_interrupted() -> None:
    """Have Ctrl-C end this process, and SIGTERM in the same way: with its reports.

    A shell starts background jobs, and some CI runners start everything, with SIGINT ignored. A CI job that
    is cancelled gets SIGTERM, and so does a container that is stopped.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may say what a signal does
    if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, signal.default_int_handler):
        signal.signal(signal.SIGINT, _interrupt)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _interrupt)


def hold() -> None:
    """From now on, end this process only where it waits; what was asked for before is done.

    Somebody who asks again is obeyed at once.
    """
    _ASKED.is_held, _ASKED.is_owed = True, False


def let_go() -> None:
    """From now on, end this process wherever it is."""
    _ASKED.is_held = _ASKED.is_owed = False


def _interrupt(number: int, frame: FrameType | None) -> None:
    now, before = time.monotonic(), _ASKED.last
    if before is not None and now - before <= _ONCE:
        return
    _ASKED.last = now
    _ASKED.is_owed = _ASKED.is_held and not _HERE.waits and before is None
    if not _ASKED.is_owed:
        signal.default_int_handler(number, frame)


@contextmanager
def interruptible() -> Generator[None, None, None]:
    """Wait for something: Ctrl-C ends that at once."""
    before, _HERE.waits = _HERE.waits, True
    try:
        if _ASKED.is_owed and threading.current_thread() is threading.main_thread():
            _ASKED.is_owed = False
            raise KeyboardInterrupt
        yield
    finally:
        _HERE.waits = before


def sleep(seconds: float) -> None:
    """Wait for so many seconds."""
    with interruptible():
        time.sleep(seconds)


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed, also if Python dropped it in a finalizer."""
    if _ASKED.last is not None:
        raise KeyboardInterrupt
