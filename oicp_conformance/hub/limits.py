"""How long the responses of a target are waited for: in full, until an operation has let that time pass.

One whole wait in vain shows that a response does not come within the limit of the profile. From then on the
operation gets a time that follows from how fast this target responds otherwise, and each wait in vain makes
the next one shorter. Such a wait shows nothing of its own: the target may be slow, and within its limit.
"""

from collections import Counter, defaultdict

from oicp_conformance.journal.exchange import GIVEN_UP, Exchange

_LEAST = 1.0
"""Seconds of the first short wait, for a target that responds fast."""
_SLOWEST = 4.0
"""How many times the slowest response so far the first short wait is, if that is more."""
_MEAN = 2.0
"""How many times a mean response each short wait is at least."""
_RECOVERED = 3
"""After so many responses in a row an operation gets the whole limit again."""
_CERTAIN = 2
"""After so many whole waits in vain it does not get it again."""


class Limits:
    """How long each operation is waited for; `limit` is the whole time, in seconds."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._whole: Counter[str] = Counter()
        """How often an operation let the whole limit pass."""
        self._missed: Counter[str] = Counter()
        """How often it did not respond in time, since it last had recovered."""
        self._in_a_row: Counter[str] = Counter()
        """How many of its requests in a row were responded to."""
        self._taken: defaultdict[str, list[float]] = defaultdict(list)
        """How many seconds its responses took."""

    def within(self, operation: str) -> float:
        """Return the seconds to wait for the next response of an operation."""
        whole = self._whole[operation]
        if whole == 0 or (whole < _CERTAIN and self._in_a_row[operation] >= _RECOVERED):
            return self._limit
        all_taken = [seconds for some in self._taken.values() for seconds in some]
        first = max(_LEAST, _SLOWEST * max(all_taken, default=0.0))
        usual = _MEAN * _mean(self._taken[operation] or all_taken)
        return min(self._limit, round(max(first / max(1, self._missed[operation]) ** 2, usual, 0.01), 2))

    def see(self, exchange: Exchange) -> None:
        """Learn from a request of the hub and its response, or from what there was instead."""
        operation = exchange.operation or ""
        if exchange.status is not None:
            self._taken[operation].append(exchange.seconds)
            self._in_a_row[operation] += 1
            if self._in_a_row[operation] == _RECOVERED:
                self._missed[operation] = 0
        elif exchange.trouble in {"timeout", GIVEN_UP}:
            self._in_a_row[operation] = 0
            self._missed[operation] += 1
            self._whole[operation] += exchange.trouble == "timeout"


def _mean(seconds: list[float]) -> float:
    return sum(seconds) / len(seconds) if seconds else 0.0
