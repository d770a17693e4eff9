"""What the CPO under test says of its EVSEs in a session: waits for statuses, and asks for them."""

from collections.abc import Callable

from oicp_conformance.actors.stage import Sign, Stage, Unobserved
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session
from oicp_conformance.judge.published import key_of, pushed
from oicp_conformance.judge.requirements.statuses import FREED, MADE_UP_FOR, SHOWN
from oicp_conformance.oicp.operation_names import EVSE_STATUS
from oicp_conformance.oicp.types import plain_id


class Statuses:
    """The statuses of a CPO: each comes by itself, or when the suite asks for it."""

    def __init__(self, hub: Stage) -> None:
        self._hub = hub

    def shows(self, session: Session, status: str) -> Exchange:
        """The status of a session's EVSE is pushed."""
        return self._come(session, shows(session.evse, status), SHOWN[status].id, session.begun_by)

    def shows_free(self, session: Session, end: Exchange, over: str = "Occupied") -> Exchange:
        """After a session's end, its EVSE is pushed as Occupied no more.

        It may be anything else, as one that is defective, or that the next driver has reserved. `over` is
        Reserved for a reservation.
        """

        def freed(one: Exchange) -> bool:
            return _has(one, session.evse, lambda status: status not in {None, over})

        # The status may come before the CDR.
        since = min(end.number, (session.stopped_by or end).number)
        return self._come(session, freed, FREED[over].id, end, since)

    def _come(
        self, session: Session, wanted: Sign, requirement: str, after: Exchange, since: int | None = None
    ) -> Exchange:
        since = after.number if since is None else since
        seconds = self._hub.patience(EVSE_STATUS) / 2
        came = self._hub.wait_for(EVSE_STATUS, wanted, seconds, since=since)
        try:
            return self._hub.await_operation(
                EVSE_STATUS,
                wanted,
                requirement=requirement,
                since=since,
                stimulus=None if came else {"ActionType": "update"},
                session=session,
                after=after,
                evse=session.evse,
            )
        except Unobserved as reason:
            # Who pushes slowly may be behind: only when nothing more comes, it has had its say.
            if reason.cause is Cause.NOT_COME:
                self._hub.listen()
            raise

    def makes_up_for(self, session: Session, scripted: str) -> Exchange:
        """A status that Hubject could not take comes again: by itself, or when the suite asks for it.

        `scripted` is how Hubject failed.
        """
        evse = session.evse

        def of_evse(one: Exchange) -> bool:
            return _has(one, evse, lambda status: status is not None)

        seconds = self._hub.patience(EVSE_STATUS) / 2
        since = session.begun_by.number
        failed = self._hub.wait_for(
            EVSE_STATUS, lambda one: one.scripted == scripted and of_evse(one), seconds, since=since
        )
        if failed is None:
            raise Unobserved("no status of the EVSE was pushed while Hubject was unavailable")
        came = self._hub.wait_for(EVSE_STATUS, of_evse, seconds, since=failed.number)
        return self._hub.await_operation(
            EVSE_STATUS,
            of_evse,
            requirement=MADE_UP_FOR.id,
            since=failed.number,
            stimulus=None if came else {"ActionType": "update"},
            session=session,
            after=failed,
            unasked=0.0 if came else seconds,
            evse=evse,
        )


def shows(evse: str | None, status: str) -> Sign:
    """Whether a push has a status for an EVSE."""
    return lambda one: _has(one, evse, lambda shown: shown == status)


def _has(one: Exchange, evse: str | None, is_wanted: Callable[[object], bool]) -> bool:
    """Whether an exchange is a push of status that has a wanted one for an EVSE."""
    return one.operation == EVSE_STATUS and any(
        key_of(EVSE_STATUS, record) == plain_id(evse or "") and is_wanted(record.get("EvseStatus"))
        for _, record in pushed(one)
    )
