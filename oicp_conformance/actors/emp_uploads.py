"""What the EMP under test uploads: its customers, as authentication data."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Upload
from oicp_conformance.oicp.operation_names import PUSH_AUTH


class Uploads:
    """The uploads of an EMP; `customers` gives those of its profile that can be shown at a charger."""

    def __init__(self, hub: Stage, customers: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
        self._hub = hub
        self._customers = customers

    def publish(self, action: str) -> Exchange:
        """The EMP publishes its customers: the push with the ActionType that was asked for."""
        return self._hub.publish(PUSH_AUTH, action)

    def full_load(self) -> None:
        """The EMP publishes all of its customers, and Hubject sees whether it could authorize them.

        An EMP may load them at times of its own, whatever it is asked for. One that never does since Hubject
        has had them for long sends changes only: these are enough where they are all customers.
        """
        try:
            self.publish("fullLoad")
        except Unobserved:
            if not self._hub.hubject.uploaded.is_loaded and not self._are_all_there():
                raise
        self.check()

    def _are_all_there(self) -> bool:
        customers = self._customers()
        return bool(customers) and all(map(self._hub.hubject.uploaded.authorizes, customers))

    def check(self) -> None:
        """See whether Hubject would authorize the profile's customers from what was uploaded.

        An EMP that is online may have Hubject ask for those whom it does not upload. One that uploads its
        customers piece by piece is waited for.
        """
        pushes = [one.number for one in self._hub.journal.closed() if one.operation == PUSH_AUTH]
        if not pushes:
            raise Unobserved("nothing was uploaded")
        uploaded, is_online = self._hub.hubject.uploaded, self._hub.profile.partner.mode == "online"
        customers = [one for one in self._customers() if uploaded.has(one) or not is_online]
        if not all(map(uploaded.authorizes, customers)):
            complete = self._hub.wait_for(
                PUSH_AUTH,
                lambda _: all(map(uploaded.authorizes, customers)),
                self._hub.patience(PUSH_AUTH),
                since=pushes[-1],
            )
            pushes += [complete.number] if complete else []
        for customer in customers:
            authorized = uploaded.authorizes(customer)
            self._hub.journal.note(Upload(self._hub.test, customer, authorized, pushes[-1]))
