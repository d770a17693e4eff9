"""A customer taps stop in the app: eRoamingAuthorizeRemoteStop."""

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import variations
from oicp_conformance.hub.variations import replaced_by
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.sessions import Session
from oicp_conformance.marks import about
from oicp_conformance.oicp.messages import eRoamingAuthorizeRemoteStop as RemoteStop

OPERATION = "eRoamingAuthorizeRemoteStop"


@about(OPERATION, "request.valid", "eRoamingChargeDetailRecord.sent")
def test_stop_of_the_running_session_is_acknowledged_and_settled(cpo: Cpo) -> None:
    """The running session is stopped, and its charge detail record follows unasked."""
    cpo.finish(cpo.start())


VARIATIONS = {
    "request.minimal": lambda body: variations.minimal(RemoteStop, body),
    "request.maximal": lambda body: variations.longest(RemoteStop, body),
    "request.nulls": lambda body: variations.nulls(RemoteStop, body),
    "request.separators": variations.without_separators,
    "request.unknown-field": variations.with_unknown_field,
    "request.non-ascii": lambda body: variations.with_non_ascii(body, "EMPPartnerSessionID"),
}


@about(OPERATION, *VARIATIONS)
@pytest.mark.parametrize("purpose", VARIATIONS)
def test_stop_in_every_permitted_form_is_acknowledged(cpo: Cpo, purpose: str) -> None:
    """A stop is understood with few fields and with many, with nulls, new fields and any characters."""
    session = cpo.start()
    exchange = cpo.remote_stop(session, VARIATIONS[purpose], purpose=purpose)
    if answer_of(exchange) is not Answer.POSITIVE:
        cpo.remote_stop(session, control=exchange.number)
    cpo.charge_detail_record(session)


@about(OPERATION, f"{OPERATION}.unknown-session")
def test_stop_of_a_session_that_never_was_is_refused(cpo: Cpo, hub: Stage) -> None:
    """A SessionID that the CPO has never heard of cannot be stopped; what runs elsewhere goes on."""
    running = cpo.start()
    nobodys = Session(hub.hubject.session_id(), running.begun_by, evse=running.evse)
    cpo.remote_stop(nobodys, purpose=f"{OPERATION}.unknown-session", expects="refuse")
    cpo.finish(running)


@about(OPERATION, f"{OPERATION}.ended-session", "eRoamingChargeDetailRecord.one-per-session")
def test_stop_of_a_session_that_is_over_is_refused(cpo: Cpo) -> None:
    """A session ends once: a second stop is refused, and no second charge detail record comes."""
    session = cpo.start()
    cpo.finish(session)
    cpo.remote_stop(session, purpose=f"{OPERATION}.ended-session", expects="refuse")


@about(OPERATION, f"{OPERATION}.other-evse")
def test_stop_that_names_another_evse_is_refused(cpo: Cpo) -> None:
    """SessionID and EvseID contradict each other; if it is refused the session goes on and can be ended."""
    session = cpo.start()
    others = [evse for evse in cpo.evse_ids if evse != session.evse]
    if not others:
        raise Unobserved("the profile has only one EVSE", Cause.PROFILE)
    exchange = cpo.remote_stop(
        session,
        lambda body: {**body, "EvseID": others[0]},
        purpose=f"{OPERATION}.other-evse",
        expects="refuse",
    )
    if answer_of(exchange) is Answer.POSITIVE:
        cpo.charge_detail_record(session)
    else:
        cpo.finish(session)


@about(OPERATION, "request.malformed")
def test_malformed_stops_are_refused_and_stop_nothing(cpo: Cpo) -> None:
    """What is no stop is refused in good order, never with a 5xx; the session goes on and can be ended."""
    session = cpo.start()
    whole = cpo.stop_request(session)
    for wrong in variations.malformed(RemoteStop, whole):
        if "ProviderID" in wrong.name:
            continue  # the provider stands in the path, too: a CPO may do without it in the body
        cpo.remote_stop(
            session,
            replaced_by(wrong),
            raw=wrong.raw,
            purpose="request.malformed",
            expects="refuse",
        )
        if session.stopped_by:
            raise Unobserved(f"the session was stopped by a request {wrong.name}")
    cpo.finish(session)
