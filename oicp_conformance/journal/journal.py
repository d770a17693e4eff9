"""The journal of a run that goes on: every exchange, in order, append-only, with the notes of the suite."""

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from oicp_conformance.interrupts import interruptible
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Note
from oicp_conformance.journal.times import now


class Journal:
    """What was said in a run; safe to write from several threads, and to wait on."""

    def __init__(self, told: Callable[[Exchange], None] = lambda _: None) -> None:
        self.told = told
        """Gets each exchange when its answer is taken down; must return at once."""
        self.exchanges: list[Exchange] = []
        self.notes: list[Note] = []
        self._first_closed = 0
        """How many of the first exchanges are closed, as far as somebody has looked."""
        self._on_their_way: set[int] = set()
        """The exchanges of which the answer is taken down, and not written yet."""
        self._changed = threading.Condition()

    def open(self, *, started: float, **values: Any) -> Exchange:
        """Take down a request; the number is given in the order of arrival."""
        with self._changed:
            exchange = Exchange(number=len(self.exchanges) + 1, started=round(started, 6), **values)
            self.exchanges.append(exchange)
            return exchange

    def answer(self, exchange: Exchange, **values: Any) -> None:
        """Take down the answer that goes out now: whatever the target does next comes after it.

        Who waits for the exchange goes on when it is closed.
        """
        with self._changed:
            if not self.exchanges[exchange.number - 1].finished:
                self._take_down(exchange, values)
                self._on_their_way.add(exchange.number)

    def close(self, exchange: Exchange, **values: Any) -> Exchange:
        """Take down the answer, or why there is none; what is taken down stays as it is."""
        with self._changed:
            if not self.exchanges[exchange.number - 1].finished:
                self._take_down(exchange, values)
            self._on_their_way.discard(exchange.number)
            self._changed.notify_all()
            return self.exchanges[exchange.number - 1]

    def _take_down(self, exchange: Exchange, values: Mapping[str, Any]) -> None:
        at = exchange.number - 1
        self.exchanges[at] = replace(self.exchanges[at], finished=now(), **values)
        self.told(self.exchanges[at])

    def note(self, note: Note) -> None:
        """Take down what the suite did."""
        with self._changed:
            self.notes.append(note)

    def closed(self) -> list[Exchange]:
        """The exchanges that are answered, or will not be."""
        with self._changed:
            later = itertools.dropwhile(lambda one: one.finished, self.exchanges[self._first_closed :])
            rest = list(later)
            self._first_closed = len(self.exchanges) - len(rest)
            return [*self.exchanges[: self._first_closed], *(one for one in rest if one.finished)]

    def wait(
        self,
        wanted: Callable[[Exchange], bool],
        seconds: float,
        *,
        since: int = 0,
        tick: Callable[[float], None] = lambda _: None,
    ) -> Exchange | None:
        """The first closed exchange after number `since` that is wanted, or None after `seconds`.

        `tick` is told several times a second how many seconds remain.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for exchange in self.exchanges[since:]:
                    is_over = exchange.finished and exchange.number not in self._on_their_way
                    if is_over and wanted(exchange):
                        return exchange
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return None
                tick(remaining)
                with interruptible():
                    self._changed.wait(min(remaining, 0.2))
