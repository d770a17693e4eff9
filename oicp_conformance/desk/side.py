"""One target at the desk: the hub before it, what was said, and what the judge found in it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from oicp_conformance.desk import shown
from oicp_conformance.desk.feed import Feed
from oicp_conformance.desk.live import Found, LiveJudge
from oicp_conformance.embedded import ACCEPTS
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.oicp.types import Role
from oicp_conformance.run.run import Run

AT_THE_DESK = "the desk"
"""In place of a test: to this belongs all that is said at the desk."""


class Side:
    """The hub before one target."""

    def __init__(self, run: Run, feed: Feed) -> None:
        self.run = run
        self._feed = feed
        self._lock = threading.RLock()
        self._found: Mapping[int | None, Sequence[Outcome]] = {}
        self._judged = 0
        self.listeners: list[Callable[[Exchange], None]] = []
        """Get each exchange that is over; they must return at once."""
        self._judge = LiveJudge(lambda: self.run.record, self._hear_judge)
        run.partial = "observed at the desk"
        run.hub.journal.told = self._hear
        self._prepare()

    def _prepare(self) -> None:
        self.run.hub.begin_test(AT_THE_DESK)
        if self.role == "cpo":
            self.run.hub.hubject.customers |= {key for one in ACCEPTS if (key := medium(one))}

    @property
    def role(self) -> Role:
        """The target's role."""
        return self.run.profile.target.role

    def start(self) -> None:
        """Begin to listen and to judge; raises `HubError` when the address cannot be had."""
        self.run.hub.start()
        self._judge.start()

    def stop(self) -> None:
        """Stop listening, calling and judging."""
        self._judge.stop()
        self.run.hub.stop()

    def reset(self) -> None:
        """Forget everything but where the target is."""
        self.run.reset()
        self._prepare()
        with self._lock:
            self._found, self._judged = {}, 0

    # --- what was said

    @property
    def exchanges(self) -> list[Exchange]:
        """The exchanges that are over."""
        return self.run.hub.journal.closed()

    def exchange(self, number: int) -> Exchange | None:
        """An exchange, if there is one of that number and it is over."""
        found = self.run.hub.journal.exchanges[number - 1 : number] if number > 0 else []
        return next((one for one in found if one.finished), None)

    @property
    def sessions(self) -> list[Session]:
        """The sessions, the latest last."""
        return list(self.run.hub.sessions)

    # --- what was found

    @property
    def trouble(self) -> list[str]:
        """The hub's and the judge's own trouble."""
        return [*self.run.hub.failures, *filter(None, [self._judge.trouble])]

    def settle(self, seconds: float) -> bool:
        """Wait until all that was said is judged; tell whether it was within `seconds`."""
        return self._judge.settle(seconds)

    @property
    def findings(self) -> list[Outcome]:
        """All that was found, by exchange."""
        with self._lock:
            found = self._found
        return [one for number in sorted(found, key=lambda one: one or 0) for one in found[number]]

    def found_in(self, number: int) -> Sequence[Outcome]:
        """What was found in an exchange."""
        with self._lock:
            return self._found.get(number, ())

    def verdict(self, number: int) -> str | None:
        """The worst verdict of an exchange; None while it is not judged."""
        with self._lock:
            if number > self._judged:
                return None
            return _worst(self._found.get(number, ()))

    def summary(self, exchange: Exchange) -> dict[str, Any]:
        """An exchange as a row."""
        return shown.summary(exchange, self.role, self.verdict(exchange.number))

    def _hear(self, exchange: Exchange) -> None:
        said, number = self.run.hub.journal.exchanges, exchange.number
        if len(said) < number or said[number - 1] is not exchange:
            return  # it was reset while this was answered
        # It cannot be judged yet. No lock of ours here: whoever tells this holds those of the hub.
        self._feed.tell("exchange", shown.summary(exchange, self.role, None))
        for one in self.listeners:
            one(exchange)
        self._judge.wake()

    def _hear_judge(self, record: Record, found: Found) -> None:
        said, count = self.run.hub.journal.exchanges, len(record.exchanges)
        first = record.exchanges[0] if record.exchanges else None
        if first is None or len(said) < first.number or said[first.number - 1] is not first:
            return  # it was reset meanwhile
        with self._lock:
            before, self._found = self._found, found
            old, self._judged = self._judged, count
        changed = {one for one in {*before, *found} if before.get(one) != found.get(one)}
        changed |= {number for number in range(old + 1, count + 1) if number in found}
        rows = [
            {
                "number": one,
                "verdict": _worst(found.get(one, ())),
                "findings": shown.texts(found.get(one, ())),
            }
            for one in sorted(changed, key=lambda one: one or 0)
        ]
        self._feed.tell("judged", {"role": self.role, "judged": count, "changed": rows})


def _worst(found: Sequence[Outcome]) -> str:
    return min((one.verdict for one in found), key=list(Verdict).index, default=Verdict.PASS).value
