"""For how long what was refused is asked for again: less and less where no repetition has helped."""

from collections import Counter
from collections.abc import Callable

from oicp_conformance.interrupts import sleep
from oicp_conformance.journal.answers import PHYSICAL, Answer, answer_of, code_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import BEGINNINGS
from oicp_conformance.judge.facts import is_not_served

_VAIN = ((12, 0.0), (6, 0.1), (2, 0.3), (1, 1.0), (0, float("inf")))
"""For how many seconds something is tried again, by how many times in a row that was in vain."""
_PAUSES = (0.3, 0.6, 1.2, 2.4, 4.8, 9.6)
"""Seconds between the tries of a request that the target may not be ready for."""
_LONG = 1.0
"""Seconds that an answer may take without any time being lost to the tries that follow."""
_IN_USE = "an EVSE in use"
"""The key of what cannot begin since an EVSE is in use: that is so for whatever should begin there."""


class Insistence:
    """What repetitions were good for so far, by keys; `wait` is the whole time, in seconds.

    A key gets the whole time until that was in vain once, and twice where a repetition has ever helped. No
    time but the last is shorter than twice that in which one has helped. What is accepted at once says
    nothing.

    The seconds are those of the pauses: how often something is tried must not depend on how busy the machine
    is, so that one seed gives one statement.
    """

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._vain: Counter[str] = Counter()
        """How often in a row repetitions were in vain."""
        self._helped: dict[str, float] = {}
        """Within how many seconds a repetition has helped at most."""

    def seconds(self, key: str) -> float:
        """For how long something may be tried again."""
        helped = self._helped.get(key)
        vain = self._vain[key] if helped is None else max(0, self._vain[key] - 1)
        most = next(most for times, most in _VAIN if vain >= times)
        return min(self._wait, max(most, 2 * (helped or 0.0))) if most else 0.0

    def helped(self, key: str, seconds: float) -> None:
        """Something was accepted when it had been tried again for so long."""
        self._vain[key] = 0
        self._helped[key] = max(seconds, self._helped.get(key, 0.0))

    def in_vain(self, key: str) -> None:
        """Something was refused to the last."""
        self._vain[key] += 1

    def insist(self, send: Callable[[int | None], Exchange], key: str) -> Exchange:
        """Send a request, and again while it is rejected: after growing pauses, until the time is over.

        `send` gets the number of the rejected exchange that it repeats.
        """
        exchange = send(None)
        if not _is_rejected(exchange):
            return exchange
        if exchange.operation in BEGINNINGS and code_of(exchange) in PHYSICAL:
            key = _IN_USE
        paused, rest = 0.0, self.seconds(key)
        for pause in _PAUSES:
            # What counts are the pauses, and of the answers those that take long.
            rest -= max(0.0, exchange.seconds - _LONG)
            if not _is_rejected(exchange) or rest <= 0:
                break
            sleep(min(pause, rest))
            paused += min(pause, rest)
            rest -= pause
            exchange = send(exchange.number)
        if answer_of(exchange) is Answer.NEGATIVE:
            self.in_vain(key)
        elif answer_of(exchange) is Answer.POSITIVE:
            self.helped(key, paused)
        return exchange


def _is_rejected(exchange: Exchange) -> bool:
    return answer_of(exchange) is Answer.NEGATIVE and not is_not_served(exchange)
