"""Runs the runs: so many at a time, each a pytest of its own, and all ended by one Ctrl-C."""

import contextlib
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from oicp_conformance.batch.plan import One
from oicp_conformance.interrupts import CAN_BE_SIGNALLED

CONSOLE = "console.txt"
"""What a run writes on its console."""
PATIENCE = 60.0
"""Seconds that a run gets after Ctrl-C, to judge what was said and to write its reports."""
_Ending = queue.SimpleQueue["Ended | None"]


@dataclass(frozen=True)
class Ended:
    """What became of one run."""

    one: One
    code: int | None
    """Its exit code; None where it was not started."""
    seconds: float = 0.0


class Runs:
    """All runs; each queue of targets is worked through in order."""

    def __init__(
        self,
        queues: Sequence[Sequence[One]],
        command: Callable[[One], Sequence[str]],
        folders: Mapping[str, Path],
    ) -> None:
        self._waiting: queue.SimpleQueue[Sequence[One]] = queue.SimpleQueue()
        for one in queues:
            self._waiting.put(one)
        self._command = command
        self._folders = folders
        self._lock = threading.Lock()
        self._running: list[subprocess.Popen[bytes]] = []
        self._stopped = False
        self._ended: _Ending = queue.SimpleQueue()

    def work(self, jobs: int, told: Callable[[Ended], None]) -> bool:
        """Run `jobs` queues at a time to their end, and tell of each run that ends.

        Ctrl-C, or SIGTERM, ends the runs as it ends one run: they still write their reports, and no other is
        started. A second Ctrl-C kills them. Returns whether it came to that.
        """
        workers = [threading.Thread(target=self._worker, daemon=True) for _ in range(jobs)]
        left, asked_before, deadline = len(workers), 0, float("inf")
        with _asked_to_end() as asked:
            for one in workers:
                one.start()
            while left:
                # Waiting with a limit keeps the main thread open to signals on every platform.
                with contextlib.suppress(queue.Empty):
                    ended = self._ended.get(timeout=0.2)
                    if ended is None:
                        left -= 1
                    else:
                        told(ended)
                if len(asked) > asked_before:
                    deadline = min(deadline, time.monotonic() + (0 if asked_before else PATIENCE))
                    asked_before = len(asked)
                    self._signal(signal.SIGINT)
                if time.monotonic() > deadline:
                    self._signal(None)
        return bool(asked)

    def _signal(self, number: int | None) -> None:
        """Start no other run, and end those that are under way; with None, at once."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                if number is None:
                    process.kill()
                elif CAN_BE_SIGNALLED:
                    process.send_signal(number)

    def _worker(self) -> None:
        try:
            while True:
                for one in self._waiting.get_nowait():
                    self._ended.put(self._run(one))
        except queue.Empty:
            self._ended.put(None)

    def _run(self, one: One) -> Ended:
        began = time.monotonic()
        with (self._folders[one.name] / CONSOLE).open("wb") as console:
            with self._lock:
                if self._stopped:
                    return Ended(one, None)
                process = subprocess.Popen(  # noqa: S603 - our own command
                    self._command(one),
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=subprocess.STDOUT,
                    # Ctrl-C of a terminal reaches this process alone, which passes it on once.
                    start_new_session=CAN_BE_SIGNALLED,
                )
                self._running.append(process)
            code = process.wait()
            with self._lock:
                self._running.remove(process)
        return Ended(one, code, time.monotonic() - began)


@contextlib.contextmanager
def _asked_to_end() -> Generator[list[int], None, None]:
    """A list that grows with each Ctrl-C or SIGTERM."""
    asked: list[int] = []
    numbers = signal.SIGINT, signal.SIGTERM
    before = [signal.signal(number, lambda number, _: asked.append(number)) for number in numbers]
    try:
        yield asked
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
