"""Ctrl-C, also where a parent has switched it off, and where Python loses it."""

import signal
import threading
from types import FrameType

_asked = threading.Event()


def can_be_interrupted() -> None:
    """Have Ctrl-C end this process.

    A shell starts background jobs, and some CI runners start everything, with SIGINT ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may say what a signal does
    if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, signal.default_int_handler):
        signal.signal(signal.SIGINT, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    _asked.set()
    signal.default_int_handler(number, frame)


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed and nobody noticed: Python drops it in a finalizer."""
    if _asked.is_set():
        raise KeyboardInterrupt
