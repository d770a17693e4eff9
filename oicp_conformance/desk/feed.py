"""What happens at the desk, as a numbered series of events that any number of readers follow."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

KEPT = 4000
"""Events that are kept; a reader who is further behind has to load everything again."""


@dataclass(frozen=True)
class Event:
    """One event; `name` is `exchange`, `judged` or `reset`."""

    number: int
    name: str
    data: Any


class Feed:
    """The events, safe to write and read from several threads."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._last = 0
        self._closed = False
        self._changed = threading.Condition()

    @property
    def last(self) -> int:
        """The number of the last event."""
        with self._changed:
            return self._last

    @property
    def closed(self) -> bool:
        """Whether nothing will come any more."""
        return self._closed

    def tell(self, name: str, data: Any) -> None:
        """Add an event."""
        with self._changed:
            self._last += 1
            self._events.append(Event(self._last, name, data))
            self._changed.notify_all()

    def after(self, number: int, seconds: float) -> list[Event] | None:
        """Return the events after a number, waiting for the first for `seconds` at most.

        None says that some of them are not kept any more, or that the number is of another feed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._last != number or self._closed, seconds)
            if number > self._last:
                return None
            oldest = self._events[0].number if self._events else self._last + 1
            if number + 1 < oldest:
                return None
            # From the end: a reader is seldom far behind.
            fresh: list[Event] = []
            for event in reversed(self._events):
                if event.number <= number:
                    break
                fresh.append(event)
            return fresh[::-1]

    def close(self) -> None:
        """Let all readers go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
