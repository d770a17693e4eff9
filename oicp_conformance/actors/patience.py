"""How long a message of the target is waited for: briefly where it failed to come several times in a row."""

from collections import Counter
from collections.abc import Callable

_SURE = 2
"""After so many times in a row that something did not come, it is waited for briefly."""
_BRIEFLY = 5
"""Which part of the whole time that is."""
_MOST = 1.0
"""How many seconds that are at most."""
_RARER = ((6, 10), (2, 4))
"""By how many times more it did not come: which part of that is enough."""


class Patience:
    """What came, and what did not; `wait` is the whole time, in seconds.

    What is waited for more briefly and does not come is no finding: a rule can see how long it had.
    """

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._missed: Counter[str] = Counter()
        self._taken: dict[str, float] = {}
        """How long an operation took at most to arrive, in seconds from when it was waited for."""

    def seconds(self, *keys: str, ever: Callable[[], bool] = lambda: True) -> float:
        """How long to wait for what is counted by these keys, each of which has the name of the operation.

        `ever` tells whether the operation came at all in this run: if not, one whole time shows that it does
        not come. No time is so short that what arrived late before would be missed.
        """
        in_a_row = max(self._missed[one] for one in keys)
        missed = in_a_row - (_SURE if in_a_row and ever() else 1)
        if missed < 0:
            return self._wait
        part = next((part for times, part in _RARER if missed >= times), 1)
        briefly = min(self._wait / _BRIEFLY, _MOST) / part
        usual = max((took for name, took in self._taken.items() if name in keys[0]), default=0.0)
        return min(self._wait, max(briefly, 2 * usual))

    def came(self, *keys: str) -> None:
        """Something came."""
        for key in keys:
            self._missed[key] = 0

    def missed(self, *keys: str) -> None:
        """Something did not come."""
        for key in keys:
            self._missed[key] += 1

    def took(self, operation: str, seconds: float) -> None:
        """An operation came so many seconds after the wait for it began."""
        self._taken[operation] = max(self._taken.get(operation, 0.0), seconds)
