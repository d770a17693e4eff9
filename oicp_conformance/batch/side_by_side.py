"""Runs the runs: one at a time in each place, each a process of its own, and all ended by one Ctrl-C."""

import contextlib
import queue
import signal
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from oicp_conformance.batch.places import Place, PlaceLost, Running
from oicp_conformance.batch.plan import One

PATIENCE = 60.0
"""Seconds that a run gets after Ctrl-C, to judge what was said and to write its reports."""
_POLL = 0.05
"""Seconds between two looks at what may be run."""
_Ending = queue.SimpleQueue["Ended | None"]


@dataclass(frozen=True)
class Ended:
    """What became of one run."""

    one: One
    code: int | None
    """Its exit code; None where it was not started, or nobody knows what became of it."""
    seconds: float = 0.0
    lost: str = ""
    """What happened to the place in which it ran, or should have run."""
    started: bool = True


class Runs:
    """All runs; each queue of targets is worked through in order."""

    def __init__(
        self,
        queues: Sequence[Sequence[One]],
        places: Sequence[Place],
        folders: Mapping[str, Path],
    ) -> None:
        self._waiting: queue.SimpleQueue[list[One]] = queue.SimpleQueue()
        for one in queues:
            self._waiting.put(list(one))
        self._left = [one for some in queues for one in some]
        """Of which nobody was told yet."""
        self._places = places
        self._folders = folders
        self._lock = threading.Lock()
        self._running: list[Running] = []
        self._stopped = False
        self._lost = ""
        """What happened to the last place that was lost."""
        self._ended: _Ending = queue.SimpleQueue()

    def work(self, told: Callable[[Ended], None]) -> bool:
        """Run all queues to their end, one at a time in each place, and tell of each run that ends.

        Ctrl-C, or SIGTERM, ends the runs as it ends one run: they still write their reports, and no other is
        started. A second Ctrl-C kills them. Returns whether it came to that.
        """
        workers = [threading.Thread(target=self._worker, args=[one], daemon=True) for one in self._places]
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
                        self._left.remove(ended.one)
                        told(ended)
                if len(asked) > asked_before:
                    deadline = min(deadline, time.monotonic() + (0 if asked_before else PATIENCE))
                    asked_before = len(asked)
                    self._signal(signal.SIGINT)
                if time.monotonic() > deadline:
                    self._signal(None)
        for target in self._left:
            told(Ended(target, None, lost=self._lost, started=False))
        return bool(asked)

    def _signal(self, number: int | None) -> None:
        """Start no other run, and end those that are under way; with None, at once."""
        with self._lock:
            self._stopped = True
            for run in self._running:
                if number is None:
                    run.kill()
                else:
                    run.signal(number)

    def _worker(self, place: Place) -> None:
        """Run what waits, as long as something is under way: a place that is lost leaves others its work."""
        while self._left and not self._stopped:
            try:
                some = self._waiting.get(timeout=_POLL)
            except queue.Empty:
                continue
            try:
                while some and not self._stopped:
                    self._run(some, place)
            except PlaceLost as lost:
                self._lost = str(lost)
                self._waiting.put(some)
                break
        self._ended.put(None)

    def _run(self, some: list[One], place: Place) -> None:
        """Run the first of some, take it from them, and tell of its end.

        Raises:
            PlaceLost: no other can be run in that place.
        """
        with self._lock:
            if self._stopped:
                return
            began = time.monotonic()
            one = some[0]
            run = place.start(one, self._folders[one.name])
            del some[0]
            self._running.append(run)
        try:
            self._ended.put(Ended(one, run.wait(), time.monotonic() - began))
        except PlaceLost as lost:
            self._ended.put(Ended(one, None, time.monotonic() - began, str(lost)))
            raise
        finally:
            with self._lock:
                self._running.remove(run)


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
