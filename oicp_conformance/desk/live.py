"""Judging while the conversation goes on, in a thread of its own."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.watch import Watch

Found = Mapping[int | None, Sequence[Outcome]]
"""Findings by exchange; None has those that are about no single exchange."""
_REST = 1.0
"""How many times as long as it judged the thread rests then, so that the hub has the rest of the machine."""
_LEAST = 0.05
"""Seconds that it rests at least."""


class LiveJudge:
    """Judges a snapshot of the journal whenever something was said since the last one.

    However much was said meanwhile, it is judged once. A snapshot holds what the last one held, unless the
    conversation was begun again.
    """

    def __init__(self, snapshot: Callable[[], Record], told: Callable[[Record, Found], None]) -> None:
        """`told` gets what was judged, and what was found in it."""
        self._snapshot = snapshot
        self._told = told
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._idle = threading.Condition()
        self._asked = self._done = 0
        self._watch = Watch()
        self._last: Record | None = None
        self.trouble: str = ""
        """What went wrong in the judge when it judged last; empty where nothing did."""
        self._thread = threading.Thread(target=self._work, name="judge", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is being judged is given up."""
        self._stopped.set()
        self._wanted.set()

    def wake(self) -> None:
        """Say that there is something to judge; returns at once."""
        with self._idle:
            self._asked += 1
        self._wanted.set()

    def settle(self, seconds: float) -> bool:
        """Wait until all that was said so far is judged; tell whether it was within `seconds`."""
        with self._idle:
            wanted = self._asked
            return self._idle.wait_for(lambda: self._done >= wanted, seconds)

    def _work(self) -> None:
        while True:
            self._wanted.wait()
            if self._stopped.is_set():
                return
            self._wanted.clear()
            with self._idle:
                asked = self._asked
            began = time.monotonic()
            self._judge()
            with self._idle:
                self._done = asked
                self._idle.notify_all()
            self._stopped.wait(max(_LEAST, _REST * (time.monotonic() - began)))

    def _judge(self) -> None:
        record = self._snapshot()
        if self._last is None or not _goes_on(self._last, record):
            self._watch = Watch()
        self._last = record
        found: dict[int | None, list[Outcome]] = defaultdict(list)
        try:
            for one in self._watch.findings(record):
                found[one.exchange].append(one)
        except Exception as error:  # noqa: BLE001 - a rule's mistake must not end the hub
            self.trouble = f"the judge failed: {type(error).__name__}: {error}"
            return
        self.trouble = ""
        self._told(record, found)


def _goes_on(last: Record, record: Record) -> bool:
    """Whether a snapshot holds what the last one held: of the same target, and of the same conversation."""
    if last.profile is not record.profile or len(last.exchanges) > len(record.exchanges):
        return False
    return not last.exchanges or last.exchanges[0] is record.exchanges[0]
