"""The pace of the hub: no backend has to know a session in the instant in which it was answered.

A backend has a database and a queue behind it. So the hub lets an answer that begins or changes a session
settle before it goes on in that session, and tries a request that was rejected again before that counts.
"""

import time
from collections import Counter
from typing import Any

from oicp_conformance.actors.stage import Stage
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange, Expects
from oicp_conformance.journal.sessions import BEGINNINGS, STOPS, Session
from oicp_conformance.judge.facts import is_not_served

_CHANGES = (*BEGINNINGS, *STOPS, "eRoamingChargeDetailRecord")
"""The operations that begin or change a session."""
_PAUSE = 0.3
"""Seconds until a rejected request is first tried again; each further pause is twice as long."""
_IN_VAIN = 3
"""So many requests of an operation that stay rejected: its rejections have nothing to do with time."""


class Pace:
    """Follows up in sessions as fast as a target can follow, and not faster."""

    def __init__(self, hub: Stage) -> None:
        self._hub = hub
        self._settle: float = getattr(hub.profile.stimuli, "settle", 0.3)
        self._in_vain: Counter[str] = Counter()
        self._helped: set[str] = set()
        """The operations of which a request was accepted when it was tried again."""

    def unsettled(self, session: Session) -> float:
        """Return the seconds until the last answer that began or changed a session has settled."""
        changed = max((_moment(one) for one in session.exchanges if _changes(one)), default=0.0)
        return max(0.0, changed + self._settle - time.time())

    def settle(self, session: Session | None) -> None:
        """Wait until a session has settled."""
        if session is not None and (seconds := self.unsettled(session)):
            time.sleep(seconds)

    def follow(
        self,
        operation: str,
        body: Any,
        *,
        session: Session | None,
        purpose: str,
        expects: Expects = "accept",
        control: int | None = None,
        raw: bytes | None = None,
    ) -> Exchange:
        """Send a request of a session that has begun.

        One that should be accepted and is rejected is sent again, with growing pauses, until `stimuli.wait`
        is over; the rules judge the last try.
        """

        def send() -> Exchange:
            return self._hub.call(operation, body, purpose=purpose, expects=expects, control=control, raw=raw)

        self.settle(session)
        exchange = send()
        if expects != "accept" or not _is_rejected(exchange) or self._gives_up(operation):
            return exchange
        wait = left = self._hub.profile.stimuli.wait
        pause = _PAUSE
        with self._hub.onlooker(f"{operation} to be accepted", wait):
            while left > 0 and _is_rejected(exchange):
                time.sleep(min(pause, left))
                left, pause = left - pause, 2 * pause
                exchange = send()
        if answer_of(exchange) is Answer.POSITIVE:
            self._helped.add(operation)
        else:
            self._in_vain[operation] += 1
        return exchange

    def _gives_up(self, operation: str) -> bool:
        return operation not in self._helped and self._in_vain[operation] >= _IN_VAIN


def _changes(exchange: Exchange) -> bool:
    return exchange.operation in _CHANGES and answer_of(exchange) is Answer.POSITIVE


def _moment(exchange: Exchange) -> float:
    return exchange.finished or exchange.started


def _is_rejected(exchange: Exchange) -> bool:
    return answer_of(exchange) is Answer.NEGATIVE and not is_not_served(exchange)
