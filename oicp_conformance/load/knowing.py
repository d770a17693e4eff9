"""Hubject's sessions under load: those who make them are other processes, so they are known by their mark."""

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.sessions import Session, Sessions
from oicp_conformance.journal.times import now
from oicp_conformance.oicp.operation_names import REMOTE_START
from oicp_conformance.oicp.types import Role

TEST = "load"
"""In place of a test: to this belongs all that is said under load."""


class MarkedSessions(Sessions):
    """Takes every SessionID that begins with a mark for one that the hub gave."""

    def __init__(self, role: Role, mark: str) -> None:
        super().__init__(role)
        self._mark = mark

    def get(self, session_id: object) -> Session | None:
        """The session of that id; it is begun at its first message."""
        known = super().get(session_id)
        if known is None and isinstance(session_id, str) and session_id.lower().startswith(self._mark):
            begun_by = Exchange(0, "hub-to-target", REMOTE_START, "POST", "", Part(), now(), test=TEST)
            known = self._by_id[session_id.lower()] = Session(session_id, begun_by, begun=True)
        return known
