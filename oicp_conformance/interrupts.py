"""Ctrl-C, also where a parent has switched it off, and where Python loses it; SIGTERM is the same."""

import signal
import sys
import threading
import time
from types import FrameType

CAN_BE_SIGNALLED = sys.platform != "win32"
"""Whether one process can ask another to end as Ctrl-C does; if not, the console asks all of them itself."""
_ONCE = 1.0
"""Seconds within which a second signal says nothing new: a terminal and tox both send one."""
_asked: list[float] = []
"""When signals came, by the monotonic clock."""


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


def _interrupt(number: int, frame: FrameType | None) -> None:
    now = time.monotonic()
    is_new = not _asked or now - _asked[-1] > _ONCE
    if is_new:
        _asked.append(now)
        signal.default_int_handler(number, frame)


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed and nobody noticed: Python drops it in a finalizer."""
    if _asked:
        raise KeyboardInterrupt
