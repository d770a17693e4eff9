"""One SessionID per session, from the authorization to the CDR."""

from collections.abc import Mapping

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.cpo_pauses import OUTAGES, PAUSES, Pauses
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import script
from oicp_conformance.journal.cause import Cause
from oicp_conformance.judge.published import pushed
from oicp_conformance.marks import about, together

CDR = "eRoamingChargeDetailRecord"
NOTIFY = "eRoamingChargingNotifications"


@about(CDR, "session.id-of-hub", "session.evse", "session.identification", "session.cpo-partner-session-id")
def test_card_session_keeps_its_ids_to_the_end(cpo: Cpo, hub: Stage) -> None:
    """All later messages carry Hubject's SessionID, and the same EVSE, card and partner id."""
    session = cpo.swipe_in(cpo.customer())
    for kind in hub.profile.supports.eRoamingChargingNotifications:
        if kind != "Error":
            cpo.notify(session, kind)
    if hub.profile.supports.eRoamingAuthorizeStop:
        cpo.swipe_out(session)
    cpo.charge_detail_record(session)


@about("eRoamingAuthorizeRemoteStop", "eRoamingAuthorizeRemoteStop.of-card-session", f"{CDR}.one-per-session")
def test_card_session_that_is_stopped_remotely_gets_its_one_cdr(cpo: Cpo) -> None:
    """A session gets one CDR, whether the driver or the EMP stops it."""
    session = cpo.swipe_in(cpo.customer())
    cpo.remote_stop_of_card(session)
    cpo.charge_detail_record(session)


@about(CDR, "session.id-of-hub")
def test_same_card_at_the_same_evse_begins_a_new_session(cpo: Cpo) -> None:
    """The second session has its own SessionID; none of its messages carries the first SessionID."""
    card, evse = cpo.customer(), cpo.free_evses()[0]
    cpo.charge_detail_record(cpo.swipe_in(card, evse))
    cpo.charge_detail_record(cpo.swipe_in(card, evse))


@about(CDR, "session.evse", "session.identification")
def test_two_sessions_side_by_side_are_not_mixed_up(cpo: Cpo, hub: Stage) -> None:
    """A card session and a remote session run at the same time; each ends with its own CDR."""
    free = cpo.two_free_evses()
    first = cpo.swipe_in(cpo.customer(), free[0])
    second = cpo.start()
    if "Start" in hub.profile.supports.eRoamingChargingNotifications:
        cpo.notify(second, "Start")
        cpo.notify(first, "Start")
    cpo.finish(second)
    cpo.charge_detail_record(first)


@about(CDR, "session.evse", "session.identification")
def test_two_cards_side_by_side_are_not_mixed_up(cpo: Cpo) -> None:
    """Two drivers at two EVSEs stop in the reverse order; each session gets its own CDR."""
    free = cpo.two_free_evses()
    first = cpo.swipe_in(cpo.customer(), free[0])
    second = cpo.swipe_in(cpo.customer(), free[1])
    cpo.charge_detail_record(second)
    cpo.charge_detail_record(first)


FIRST_ENDED = pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["older first", "newer first"])
"""Which of two sessions ends first."""


@about(
    CDR,
    *("session.evse", "session.identification", "session.id-of-hub"),
    *("session.stop-of-named", "eRoamingAuthorizeStop.as-presented"),
)
@FIRST_ENDED
def test_one_card_at_two_evses_gets_a_cdr_each(cpo: Cpo, hub: Stage, order: tuple[int, int]) -> None:
    """A family charges two cars with one card: each session has its own SessionID and CDR."""
    card, free = cpo.customer(), cpo.two_free_evses()
    sessions = [cpo.swipe_in(card, evse) for evse in free[:2]]
    for session in (sessions[at] for at in order):
        cpo.report(session, ["Start"])
        if hub.profile.supports.eRoamingAuthorizeStop:
            cpo.swipe_out(session)
        cpo.charge_detail_record(session)


@about(CDR, f"{CDR}.sent", "session.evse", "session.id-of-hub", "session.stop-of-named")
@FIRST_ENDED
def test_app_of_one_contract_at_two_evses_gets_a_cdr_each(cpo: Cpo, order: tuple[int, int]) -> None:
    """A family charges two cars with the app of one contract: each stop ends the session that it names."""
    cpo.two_free_evses()
    older = cpo.start()
    newer = cpo.start_as(lambda body: {**body, "Identification": older.identification})
    for session in ((older, newer)[at] for at in order):
        cpo.report(session, ["Start"])
        cpo.finish(session)


@about(CDR, "session.evse", "session.identification", "session.id-of-hub")
def test_code_and_app_of_one_contract_get_a_cdr_each(cpo: Cpo) -> None:
    """One contract charges with a QR code at one EVSE and with the app at another EVSE."""
    code, free = cpo.customer("QRCodeIdentification"), cpo.two_free_evses()
    first = cpo.swipe_in(code, free[0])
    app = {"RemoteIdentification": {"EvcoID": code["QRCodeIdentification"]["EvcoID"]}}
    second = cpo.start_as(lambda body: {**body, "Identification": app})
    cpo.finish(second)
    cpo.charge_detail_record(first)


@about(CDR, f"{CDR}.signed-when-external", f"{CDR}.signed-values-count", f"{CDR}.signed-values-order")
def test_record_is_signed_where_calibration_law_data_are_external(cpo: Cpo) -> None:
    """If CalibrationLawDataAvailability is External, the CDR has SignedMeteringValues in order."""
    published = cpo.publish("eRoamingPushEvseData", "fullLoad")
    external = [
        str(one.get("EvseID"))
        for _, one in pushed(published)
        if one.get("CalibrationLawDataAvailability") == "External"
    ]
    session = cpo.start(next(iter(external), None))
    cpo.finish(session)
    if session.evse not in external:
        reason = "no EVSE that can be started has External calibration law data"
        raise Unobserved(reason, Cause.NOT_OBSERVED)


@about(CDR, f"{CDR}.sent", f"{CDR}.not-lost", f"{CDR}.one-per-session", "http.backoff")
@pytest.mark.parametrize("how", [pytest.param(how, marks=together(PAUSES, how)) for how in OUTAGES])
def test_cdr_whose_answer_is_lost_is_not_lost(pauses: Pauses, beside: Mapping[str, str], how: str) -> None:
    """Hubject does not accept a CDR at first: the CPO sends it again after a pause."""
    pauses.side_by_side(how, beside)


@about(CDR, f"{CDR}.not-lost", f"{NOTIFY}.order", f"{CDR}.one-per-session")
def test_session_outlives_an_outage(cpo: Cpo, hub: Stage) -> None:
    """Hubject accepts no notification, no status and at first no CDR: in the end it receives one CDR."""
    session = cpo.swipe_in(cpo.customer())
    for operation in (NOTIFY, "eRoamingPushEvseStatus", CDR):
        hub.script(operation, *[script.http_error(503)] * 2)
    cpo.report(session, ("Start", "Progress", "End"))
    cpo.charge_detail_record(session)
    cpo.taken(session)


@about(CDR, f"{CDR}.one-per-session")
def test_cdr_that_is_refused_breaks_nothing(cpo: Cpo, hub: Stage) -> None:
    """Hubject rejects a CDR with a negative acknowledgement; the CPO continues to work."""
    session = cpo.start()
    hub.script(CDR, script.refuse("009"))
    cpo.finish(session)
    cpo.finish(cpo.start())
