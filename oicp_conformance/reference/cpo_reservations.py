"""A reservation at a charging point of the reference CPO: a session in which nothing is charged."""

import time
from dataclasses import dataclass, field

from oicp_conformance.reference.charge import Session
from oicp_conformance.reference.permissive import Message, medium_of, normal, same

DEFAULT_MINUTES = 15


@dataclass(eq=False)
class Reservation:
    """For whom a charging point is kept free, and for how long."""

    session: Session
    minutes: int
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.session.charge_nothing()

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.began + self.minutes * 60

    def is_for(self, request: Message) -> bool:
        """Tell whether a remote start comes from the customer of the reservation."""
        if request["SessionID"] == self.session.session_id:
            return True
        mine, theirs = medium_of(self.session.identification), medium_of(request.get("Identification"))
        return (
            mine is not None
            and theirs is not None
            and same(self.session.provider_id, request.get("ProviderID"))
            and normal(str(mine[1].get("EvcoID"))) == normal(str(theirs[1].get("EvcoID")))
        )
