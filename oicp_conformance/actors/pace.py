"""The pace of the hub: no backend has to know a session in the instant in which it was answered.

A backend has a database and a queue behind it. So the hub lets an answer that begins or changes a session
settle before it goes on in that session, and tries a request that was rejected again before that counts.
"""

import time
from typing import Any

from oicp_conformance.actors.stage import Stage
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange, Expects
from oicp_conformance.journal.sessions import BEGINNINGS, STOPS, Session

_CHANGES = (*BEGINNINGS, *STOPS, "eRoamingChargeDetailRecord")
"""The operations that begin or change a session."""


class Pace:
    """Follows up in sessions as fast as a target can follow, and not faster."""

    def __init__(self, hub: Stage) -> None:
        self._hub = hub

    def unsettled(self, session: Session) -> float:
        """Return the seconds until the last answer that began or changed a session has settled."""
        changed = max((_moment(one) for one in session.exchanges if changes(one)), default=0.0)
        return max(0.0, changed + self._hub.profile.stimuli.settle - time.time())

    def settle(self, session: Session | None) -> None:
        """Wait until a session has settled."""
        if session is not None and (seconds := self.unsettled(session)):
            self._hub.spare_time.pause(seconds)

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

        One that should be accepted and is rejected is sent again until `stimuli.wait` is over.
        """

        def send(rejected: int | None = None) -> Exchange:
            return self._hub.call(
                operation,
                body,
                purpose=purpose,
                expects=expects,
                control=control,
                repeats=rejected,
                raw=raw,
            )

        self.settle(session)
        return self._hub.insist(send, key=operation) if expects == "accept" else send()


def changes(exchange: Exchange) -> bool:
    """Whether an exchange began or changed a session, so that it has to settle."""
    return exchange.operation in _CHANGES and answer_of(exchange) is Answer.POSITIVE


def _moment(exchange: Exchange) -> float:
    return exchange.finished or exchange.started
