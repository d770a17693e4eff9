"""The sessions with the EMP under test: which are open, and whose they are."""

from collections.abc import Iterator

from oicp_conformance.actors.emp_messages import Messages
from oicp_conformance.actors.stage import Stage
from oicp_conformance.journal.exchange import GIVEN_UP
from oicp_conformance.journal.sessions import Session
from oicp_conformance.oicp.operation_names import CDR

Medium = tuple[str, str] | None
_UNANSWERED = frozenset({"timeout", GIVEN_UP})
"""Why a record has no response, and may have been taken all the same."""


class Begun:
    """What sessions were begun; of those that are over, none is looked at again."""

    def __init__(self, hub: Stage, messages: Messages) -> None:
        self._hub = hub
        self._messages = messages
        self._seen = 0
        self._going_on: list[Session] = []
        """The sessions that are open, or may be when their answer comes."""
        self._closed: set[str] = set()
        """The sessions that the hub has closed, whatever the target answered."""
        self._last: dict[Medium, int] = {}
        """The number of the exchange that began the last session of a medium."""
        self._authorized: set[Medium] = set()

    def close(self, session: Session) -> None:
        """Count a session as closed."""
        self._closed.add(session.id)

    def open(self) -> Iterator[Session]:
        """The sessions that are open; while it goes on, some may end."""
        self._take_in()
        self._going_on = [one for one in self._going_on if not self._is_over(one)]
        yield from filter(self.is_open, self._going_on)

    def is_open(self, session: Session) -> bool:
        """Tell whether a session was begun, and is not closed or settled."""
        return session.begun and not self._is_over(session)

    def last_of(self, medium: Medium) -> int:
        """The number of the exchange that began the last session of a medium, or 0."""
        self._take_in()
        return self._last.get(medium, 0)

    def was_authorized(self, medium: Medium) -> bool:
        """Tell whether some session of a medium was begun."""
        if medium not in self._authorized and any(
            one.begun and self._messages.medium(one) == medium for one in self._hub.sessions
        ):
            self._authorized.add(medium)
        return medium in self._authorized

    def _take_in(self) -> None:
        new = self._hub.sessions.since(self._seen)
        self._seen += len(new)
        self._going_on += new
        self._last |= {self._messages.medium(one): one.begun_by.number for one in new}

    def _is_over(self, session: Session) -> bool:
        if session.id in self._closed or session.settled:
            return True
        # Hubject does not forward a record again that it did not get a response to.
        return any(one.trouble in _UNANSWERED for one in session.sent(CDR))
