"""Whole sessions: every way to begin with every way to end, up to the CDR."""

from collections.abc import Callable
from functools import partial

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Unobserved
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.sessions import Session
from oicp_conformance.judge.ways import (
    APP,
    MEDIA,
    MEDIUM,
    OFFLINE,
    RESERVATION,
    WAYS,
    Way,
)
from oicp_conformance.marks import about

NOTIFY, CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"


def _shown(kind: str, emp: Emp) -> Session:
    if not emp.customers.known(kind):
        raise Unobserved(f"the profile accepts no {kind}", Cause.PROFILE)
    return emp.session(kind)


def _reserved(emp: Emp) -> Session:
    reservation = emp.started(emp.tap_reserve())
    emp.app.stop(reservation)
    emp.settle(reservation)
    return emp.started(emp.tap_start())


BEGINNINGS: dict[str, Callable[[Emp], Session]] = {
    **{name: partial(_shown, kind) for name, kind in MEDIA.items()},
    APP: lambda emp: emp.started(emp.tap_start()),
    RESERVATION: _reserved,
}


@about(CDR, "request.valid", "answer.result-and-code", "answer.session-id")
@pytest.mark.parametrize("way", WAYS["emp"], ids=str, indirect=True)
def test_whole_session_is_accepted(emp: Emp, way: Way) -> None:
    """The EMP accepts each notification and the CDR of a session, for every way to begin and to end."""
    if way.begin == OFFLINE:
        emp.unseen.settle()
        return
    session = BEGINNINGS[way.begin](emp)
    emp.report(session, way.before)
    if way.end == MEDIUM:
        emp.authorize_stop(session)
    elif way.end == APP:
        emp.app.stop(session)
    emp.report(session, way.after)
    emp.settle(session)
