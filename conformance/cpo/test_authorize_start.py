"""A driver swipes a card: eRoamingAuthorizeStart, and what the CPO does after each response."""

from collections.abc import Mapping

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.cpo_pauses import LATE_ANSWER, PAUSES, Pauses
from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import script
from oicp_conformance.marks import about, together

OPERATION = "eRoamingAuthorizeStart"
CARD = "RFIDMifareFamilyIdentification"
CODE = "QRCodeIdentification"
PLUG = "PlugAndChargeIdentification"


@about(OPERATION, "request.sent", "identification.presented", f"{OPERATION}.no-session-id")
def test_card_authorized_by_broadcast(cpo: Cpo) -> None:
    """A card does not name its EMP, so Hubject asks all EMPs; one of them accepts, and a CDR follows."""
    cpo.charge_detail_record(cpo.swipe_in(cpo.customer(CARD)))


@about(OPERATION, "request.sent", "identification.presented")
def test_card_authorized_offline(cpo: Cpo, hub: Stage) -> None:
    """Hubject authorizes a card from uploaded authentication data, without a list of media that may stop."""
    card = cpo.messages.stranger(CARD)
    hub.hubject.uploaded.push("insert", [card])
    cpo.charge_detail_record(cpo.swipe_in(card))


@about(OPERATION, "request.sent", "identification.pin-in-clear", "identification.presented")
def test_qr_code_with_pin_authorized_by_its_evco_id(cpo: Cpo) -> None:
    """A QR code names its EMP by the EvcoID; the CPO sends it with the PIN in clear text."""
    code = cpo.customer(CODE)[CODE]
    # A PIN is a text: it may begin with a zero, and have more than four digits.
    cpo.charge_detail_record(cpo.swipe_in({CODE: {**code, "PIN": f"0{code['PIN']}7"}}))


@about(OPERATION, "request.sent", "identification.presented")
def test_plug_and_charge_authorized_by_its_evco_id(cpo: Cpo) -> None:
    """A car that identifies itself names its EMP by the EvcoID."""
    cpo.charge_detail_record(cpo.swipe_in(cpo.customer(PLUG)))


@about(OPERATION, "request.sent", "response.any-form")
@pytest.mark.parametrize("form", script.FORMS)
def test_every_form_of_answer_is_understood(cpo: Cpo, hub: Stage, form: str) -> None:
    """Hubject may send an authorization in several forms; each of them begins a session."""
    hub.script(OPERATION, script.FORMS[form])
    cpo.charge_detail_record(cpo.swipe_in(cpo.customer()))


WITH_SESSION_ID = {"with a SessionID": "102", "with code 000": "000"}
"""The code of rejections with a SessionID; with 000 an EMP may report that it processed the request."""
REFUSALS = {
    "by all EMPs, 102": script.refuse("102"),
    "no positive response, 106": script.refuse("106"),
    "EvcoID locked, 200": script.refuse("200"),
    "no contract, 210": script.refuse("210"),
    "partner not found, 300": script.refuse("300"),
    "with nulls": script.refuse(
        "102", SessionID=None, ProviderID=None, AuthorizationStopIdentifications=None
    ),
    "system error 001": script.system_error("001"),
    "unauthorized access 017": script.system_error("017"),
    "acknowledged, but not authorized": script.system_error("000"),
    "no JSON": script.garbage(),
    "HTTP 500": script.http_error(500),
    "HTTP 503": script.http_error(503),
    "hung up": script.hang_up(),
}


@about(OPERATION, "session.refused")
@pytest.mark.parametrize("how", [*REFUSALS, *WITH_SESSION_ID])
def test_after_a_refusal_nothing_follows(cpo: Cpo, hub: Stage, how: str) -> None:
    """Not authorized, or no response: no charge begins, so no notification and no CDR follows."""
    if how in WITH_SESSION_ID:
        refusal = script.refuse(WITH_SESSION_ID[how], SessionID=hub.hubject.session_id())
    else:
        refusal = REFUSALS[how]
    hub.script(OPERATION, *[refusal] * 3)  # it may try again
    cpo.swipe(cpo.messages.stranger())


@about(OPERATION, "session.evse-free")
def test_after_a_refusal_the_evse_is_free(cpo: Cpo) -> None:
    """After a rejected card the next customer can start: the EVSE is free."""
    evse = cpo.free_evses()[0]
    cpo.swipe(cpo.messages.stranger(), evse)
    cpo.finish(cpo.start(evse))


@about(OPERATION, "request.sent")
@together(PAUSES, LATE_ANSWER)
def test_late_answer(pauses: Pauses, beside: Mapping[str, str]) -> None:
    """The CPO waits for an authorization that takes a second, or times out: both are permitted."""
    pauses.side_by_side(LATE_ANSWER, beside)


@about(OPERATION, "session.refused")
def test_unknown_card_is_refused_and_nothing_follows(cpo: Cpo) -> None:
    """No EMP knows the card."""
    cpo.swipe(cpo.messages.stranger(CARD))
