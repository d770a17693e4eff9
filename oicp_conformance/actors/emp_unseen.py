"""Sessions of the customers of the EMP under test that Hubject authorized without asking it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from oicp_conformance.actors.emp_messages import Identification, Messages
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.journal.answers import Answer, answer_of, code_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.sessions import Session
from oicp_conformance.judge.requirements.charge_detail_records import LARGE_VALUES, LATE, UNKNOWN_SESSION
from oicp_conformance.oicp.operation_names import AUTHORIZE_START

_LATE = timedelta(days=4)
"""How late a record may come of a charging point that was out of reach."""
_CHARGED = 1800.0
"""Seconds that such a session lasted."""


class Unseen:
    """The records of such sessions; `customer` gives who charges, `forward` sends a record to the EMP."""

    def __init__(
        self,
        hub: Stage,
        messages: Messages,
        customer: Callable[[], Identification],
        forward: Callable[..., Exchange],
    ) -> None:
        self._hub = hub
        self._messages = messages
        self._customer = customer
        self._forward = forward
        self._evse_ids = hub.profile.counterpart.evse_ids
        self._control: Exchange | None = None
        """The first record of such a session: whether the EMP accepts these."""

    def keep(self, count: int) -> None:
        """Have Hubject keep records of such sessions."""
        store = self._hub.hubject.store
        for number in range(count):
            store.records.keep(self._messages.record(self._session(number)), store.now, forwarded=False)

    def settle(self) -> None:
        """Forward the record of such a session."""
        self._forward(self._messages.record(self._session()), purpose=UNKNOWN_SESSION.id, expects="any")

    def settle_late(self) -> None:
        """Forward the record of such a session days after it.

        Raises:
            Unobserved: the EMP takes no records of sessions that it did not authorize.
        """
        self._find_out()
        session = self._session(1, ago=_LATE)
        self._messages.charge_until(session, lambda: session.begun_by.started + _CHARGED)
        self._forward(self._messages.record(session), purpose=LATE.id)

    def settle_large(self, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
        """Forward a record with large figures; where it is rejected, an ordinary one as a control.

        They do not fit a session that began just now: an EMP may reject them for one that it authorized.

        Raises:
            Unobserved: the EMP takes no records of sessions that it did not authorize.
        """
        self._find_out()
        exchange = self._forward(change(self._messages.record(self._session())), purpose=LARGE_VALUES.id)
        if answer_of(exchange) is not Answer.POSITIVE:
            self._forward(self._messages.record(self._session()), control=exchange.number)

    def _find_out(self) -> None:
        if self._control is None:
            self._control = self._forward(self._messages.record(self._session()), expects="any")
        if answer_of(self._control) is not Answer.POSITIVE:
            said = code_of(self._control) or self._control.status
            raise Unobserved(
                f"the EMP accepts no CDR of a session that it did not authorize ({said})", Cause.REFUSED
            )

    def _session(self, number: int = 0, ago: timedelta = timedelta(0)) -> Session:
        """One that was authorized now or before, at one of the EVSEs in turn."""
        moment = (self._hub.hubject.store.now - ago).timestamp()
        begun = Exchange(0, "hub-to-target", AUTHORIZE_START, "POST", "", Part(), moment)
        evse = self._evse_ids[number % len(self._evse_ids)]
        return Session(self._hub.hubject.session_id(), begun, evse, self._customer())
