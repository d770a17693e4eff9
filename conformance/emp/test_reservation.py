"""A customer reserves with the app: reservation start and stop, sent by the EMP."""

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import script
from oicp_conformance.marks import about

START, STOP = "eRoamingAuthorizeRemoteReservationStart", "eRoamingAuthorizeRemoteReservationStop"


@about(START, "request.sent", "identification.remote", f"{START}.no-session-id")
def test_reservation_is_sent(emp: Emp) -> None:
    """The reservation identifies the customer by RemoteIdentification and leaves the SessionID to Hubject."""
    emp.started(emp.tap_reserve())


@about(STOP, "request.sent", "session.id-of-hub", "session.evse")
def test_release_carries_the_session_id_of_hubject(emp: Emp) -> None:
    """The stop of a reservation carries the SessionID of Hubject's response."""
    emp.app.stop(emp.started(emp.tap_reserve()))


@about(START, "request.sent")
@pytest.mark.parametrize("code", ["601", "602", "603", "210"])
def test_refused_reservation_breaks_nothing(emp: Emp, hub: Stage, code: str) -> None:
    """Hubject rejects a reservation: the next one works."""
    hub.script(START, *[script.refuse(code)] * 2)
    emp.tap_reserve()
    hub.begin_test(hub.test)
    emp.app.stop(emp.started(emp.tap_reserve()))
