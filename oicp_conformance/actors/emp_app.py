"""The app of the EMP under test: what a customer taps there, and the request that must follow."""

from collections.abc import Mapping
from typing import Any

from oicp_conformance.actors.emp_messages import Identification, Messages
from oicp_conformance.actors.pace import Pace
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.judge.requirements.expected_calls import CALLED
from oicp_conformance.oicp.types import is_same_id

_REMOTE_START, _REMOTE_STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"
_RESERVE, _RELEASE = "eRoamingAuthorizeRemoteReservationStart", "eRoamingAuthorizeRemoteReservationStop"


class App:
    """What customers tap; the sessions that are in the way have ended before."""

    def __init__(self, hub: Stage, messages: Messages, pace: Pace) -> None:
        self._hub = hub
        self._counterpart = hub.profile.counterpart
        self._messages = messages
        self._pace = pace

    def start_beside(self, session: Session) -> Exchange:
        """The customer of a session taps start in the app, too, at another EVSE where there is one.

        Raises:
            Unobserved: the session began with something that names no contract, or no start came.
        """
        kind, contract = self._messages.medium(session) or ("", "")
        value = self._messages.identification(session).get(kind)
        if not isinstance(value, Mapping) or not contract or "EvcoID" not in value:
            raise Unobserved("the session's identification names no contract", Cause.PROFILE)
        others = (one for one in self._counterpart.evse_ids if one != session.evse)
        evse = next(others, self._messages.evse(session))
        return self.start({"RemoteIdentification": {"EvcoID": value["EvcoID"]}}, evse)

    def start(self, identification: Identification, evse: str) -> Exchange:
        """A customer taps start: the eRoamingAuthorizeRemoteStart that follows."""
        return self._tapped(_REMOTE_START, identification, evse)

    def _tapped(self, operation: str, identification: Identification, evse: str, **more: Any) -> Exchange:
        """The request that a customer's tap has caused; it is kept what was meant."""
        shown = medium(identification)
        stimulus = {"EvseID": evse, "Identification": identification, **more}

        def of_this_customer(one: Exchange) -> bool:
            is_here = is_same_id(one.request.get("EvseID"), evse)
            is_own = medium(one.request.get("Identification")) == shown
            # An EMP may ask once more for the tap before, for whatever reason.
            return (is_own and is_here) or ((is_own or is_here) and not self._hub.came_before(one))

        came = self._hub.await_operation(
            operation, of_this_customer, requirement=CALLED.id, since=self._hub.last, stimulus=stimulus
        )
        self._messages.meant.setdefault(str(came.answer.get("SessionID")), stimulus)
        return came

    def stop(self, session: Session) -> Exchange:
        """The customer taps stop, or releases: the stop that follows."""
        self._pace.settle(session)
        return self._hub.await_operation(
            _RELEASE if session.begun_by.operation == _RESERVE else _REMOTE_STOP,
            lambda one: str(one.request.get("SessionID")).lower() == session.id.lower(),
            requirement=CALLED.id,
            since=self._hub.last,
            stimulus={"SessionID": session.id, "EvseID": self._messages.evse(session)},
            session=session,
        )

    def reserve(self, identification: Identification) -> Exchange:
        """A customer reserves with the app: the eRoamingAuthorizeRemoteReservationStart that follows."""
        return self._tapped(_RESERVE, identification, self._counterpart.evse_ids[0], Duration=15)
