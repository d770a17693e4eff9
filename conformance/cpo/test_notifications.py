"""Energy starts to flow, flows, stops, or a fault occurs: eRoamingChargingNotifications."""

import contextlib

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.journal.sessions import Session
from oicp_conformance.marks import about

OPERATION = "eRoamingChargingNotifications"


@pytest.fixture
def types(hub: Stage) -> list[str]:
    """The types that the profile declares, in the order in which they are due."""
    declared = hub.profile.supports.eRoamingChargingNotifications
    return [kind for kind in ("Start", "Progress", "End") if kind in declared]


def _whole_charge(cpo: Cpo, session: Session, types: list[str]) -> None:
    for kind in types:
        cpo.notify(session, kind)
        if kind == "Progress":
            # Five minutes have to lie between: who keeps to that sends no second one here, and may go on.
            with contextlib.suppress(Unobserved):
                cpo.notify(session, kind, times=2)


@about(
    OPERATION,
    *(
        f"{OPERATION}.{name}"
        for name in ("order", "progress-spacing", "progress-figure", "charging-duration")
    ),
    *(f"{OPERATION}.{name}" for name in ("energy-rises", "agree-with-cdr", "times", "meter-values")),
)
def test_notifications_of_a_remote_session(cpo: Cpo, types: list[str]) -> None:
    """The CPO sends Start, two Progress and End in order; their figures agree with each other and the CDR."""
    session = cpo.start()
    _whole_charge(cpo, session, types)
    cpo.finish(session)


@about(OPERATION, f"{OPERATION}.order", "session.id-of-hub", "session.identification")
def test_notifications_of_a_card_session(cpo: Cpo, types: list[str]) -> None:
    """The notifications carry the SessionID of Hubject's response to the AuthorizeStart."""
    session = cpo.swipe_in(cpo.customer())
    _whole_charge(cpo, session, types)
    cpo.charge_detail_record(session)


@about(OPERATION, f"{OPERATION}.sent-Error", "eRoamingChargingNotificationError.ErrorType")
def test_fault_is_reported(cpo: Cpo) -> None:
    """A fault at the charger is reported as an Error, in the session in which it occurs."""
    session = cpo.start()
    cpo.notify(session, "Error")
    cpo.finish(session)
