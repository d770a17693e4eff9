"""The driver swipes the card again: eRoamingAuthorizeStop."""

import contextlib
from collections.abc import Mapping

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.cpo_pauses import PAUSES, REFUSED_STOP, Pauses
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import script
from oicp_conformance.marks import about, together

OPERATION = "eRoamingAuthorizeStop"


@about(OPERATION, "request.sent", "session.id-of-hub", "identification.presented")
def test_stop_with_the_same_card(cpo: Cpo) -> None:
    """The stop carries Hubject's SessionID and the card; the CPO sends the CDR without a stimulus."""
    session = cpo.swipe_in(cpo.customer())
    cpo.swipe_out(session)
    cpo.charge_detail_record(session)


@about(OPERATION, "request.sent", "session.id-of-hub")
def test_stop_of_a_session_that_was_authorized_offline(cpo: Cpo, hub: Stage) -> None:
    """A session that began offline is stopped with the medium that began it."""
    card = cpo.messages.stranger()
    hub.hubject.uploaded.push("insert", [card])
    session = cpo.swipe_in(card)
    cpo.swipe_out(session)
    cpo.charge_detail_record(session)


@about(OPERATION, "identification.pin-in-clear")
def test_stop_with_a_qr_code(cpo: Cpo) -> None:
    """The CPO also sends the PIN of a QR code in clear text in a stop."""
    session = cpo.swipe_in(cpo.customer("QRCodeIdentification"))
    cpo.swipe_out(session)
    cpo.charge_detail_record(session)


@about(OPERATION, f"{OPERATION}.honoured", "identification.presented")
def test_another_card_stops_only_if_hubject_authorizes_it(cpo: Cpo) -> None:
    """A stranger presents a card to stop: the CPO asks Hubject, which rejects the stop."""
    session = cpo.swipe_in(cpo.customer())
    with contextlib.suppress(Unobserved):  # a station may reject the card on its own
        cpo.swipe_out(session, cpo.messages.stranger())
    cpo.charge_detail_record(session)


@about(OPERATION, f"{OPERATION}.honoured", "eRoamingChargeDetailRecord.one-per-session")
@together(PAUSES, REFUSED_STOP)
def test_refused_stop_leaves_the_session_running(pauses: Pauses, beside: Mapping[str, str]) -> None:
    """If the stop is not authorized, the charge continues; it ends later, with one CDR."""
    pauses.side_by_side(REFUSED_STOP, beside)


OUTAGES = {
    "system error 001": script.system_error(),
    "HTTP 503": script.http_error(503),
    "hung up": script.hang_up(),
}


@about(OPERATION, "request.sent", "eRoamingChargeDetailRecord.one-per-session")
@pytest.mark.parametrize("how", OUTAGES)
def test_stop_that_meets_a_system_error(cpo: Cpo, hub: Stage, how: str) -> None:
    """Hubject could not authorize the stop: the session continues, and one CDR follows."""
    session = cpo.swipe_in(cpo.customer())
    hub.script(OPERATION, *[OUTAGES[how]] * 3)
    cpo.swipe_out(session)
    cpo.charge_detail_record(session)


@about(OPERATION, "request.sent")
def test_stop_that_is_answered_with_nulls(cpo: Cpo, hub: Stage) -> None:
    """An authorization with null in all optional fields stops the session."""
    session = cpo.swipe_in(cpo.customer())
    hub.script(OPERATION, script.with_nulls())
    cpo.swipe_out(session)
    cpo.charge_detail_record(session)
