"""Ctrl-C, also where a parent has switched it off."""

import signal
import threading


def can_be_interrupted() -> None:
    """Have Ctrl-C end this process.

    A shell starts background jobs, and some CI runners start everything, with SIGINT ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may say what a signal does
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
