"""Whole sessions: every way to begin with every way to end, up to the CDR."""

from collections.abc import Callable
from functools import partial

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.stage import Stage
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

CDR = "eRoamingChargeDetailRecord"


def _shown(kind: str, cpo: Cpo, _: Stage) -> Session:
    return cpo.swipe_in(cpo.customer(kind))


def _offline(cpo: Cpo, hub: Stage) -> Session:
    card = cpo.messages.stranger(MEDIA["card"])
    hub.hubject.uploaded.push("insert", [card])
    return cpo.swipe_in(card)


def _reserved(cpo: Cpo, _: Stage) -> Session:
    reservation = cpo.reserve()
    cpo.finish(reservation)
    return cpo.start(reservation.evse)


BEGINNINGS: dict[str, Callable[[Cpo, Stage], Session]] = {
    **{name: partial(_shown, kind) for name, kind in MEDIA.items()},
    OFFLINE: _offline,
    APP: lambda cpo, _: cpo.start(),
    RESERVATION: _reserved,
}


@about(CDR, f"{CDR}.sent", f"{CDR}.one-per-session", "session.id-of-hub", "session.evse")
@pytest.mark.parametrize("way", WAYS["cpo"], ids=str, indirect=True)
def test_session_is_reported_and_settled(cpo: Cpo, hub: Stage, way: Way) -> None:
    """The CPO reports the session while it lasts, and sends one CDR, for every way to begin and to end."""
    session = BEGINNINGS[way.begin](cpo, hub)
    cpo.report(session, way.before)
    if way.end == MEDIUM:
        cpo.swipe_out(session)
    elif way.end == APP and session.begun_by.by_target:
        cpo.remote_stop_of_card(session)
    elif way.end == APP:
        cpo.remote_stop(session)
    cpo.charge_detail_record(session)
