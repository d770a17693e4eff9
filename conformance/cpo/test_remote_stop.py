"""A customer taps stop in the app: eRoamingAuthorizeRemoteStop."""

import contextlib

import pytest

from oicp_conformance.actors.cpo import Change, Cpo
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import variations
from oicp_conformance.hub.variations import replaced_by
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Expects
from oicp_conformance.journal.sessions import Session
from oicp_conformance.marks import about
from oicp_conformance.oicp.messages import eRoamingAuthorizeRemoteStart as RemoteStart
from oicp_conformance.oicp.messages import eRoamingAuthorizeRemoteStop as RemoteStop

OPERATION = "eRoamingAuthorizeRemoteStop"


@about(OPERATION, "request.valid", "eRoamingChargeDetailRecord.sent")
def test_stop_of_the_running_session_is_acknowledged_and_settled(cpo: Cpo) -> None:
    """The CPO stops the session, and sends its CDR without a stimulus."""
    cpo.finish(cpo.start())


VARIATIONS = {
    "request.minimal": lambda body: variations.minimal(RemoteStop, body),
    "request.maximal": lambda body: body,
    "request.nulls": lambda body: variations.nulls(RemoteStop, body),
    "request.separators": lambda body: body,
    "request.unknown-field": variations.with_unknown_field,
    "request.non-ascii": lambda body: body,
}
"""The fields of the stop; its ids are those with which the session began, in any form."""


@about(OPERATION, *VARIATIONS)
@pytest.mark.parametrize("purpose", VARIATIONS)
def test_stop_in_every_permitted_form_is_acknowledged(cpo: Cpo, purpose: str) -> None:
    """The CPO accepts a stop with few or many fields, with nulls, unknown fields and any characters."""
    session = cpo.start_as(variations.beginning(purpose, RemoteStart))
    cpo.stop_with(session, purpose, VARIATIONS[purpose])


@about(OPERATION, f"{OPERATION}.unknown-session")
def test_stop_of_an_unknown_session_is_refused(cpo: Cpo, hub: Stage) -> None:
    """The CPO rejects the stop of an unknown SessionID; other sessions continue."""
    running = None
    with contextlib.suppress(Unobserved):  # who starts nothing knows no session, either
        running = cpo.start()
    begun = running.begun_by if running else cpo.nothing_begun()
    nobodys = Session(hub.hubject.session_id(), begun, evse=running.evse if running else cpo.evse_ids[0])
    cpo.remote_stop(nobodys, purpose=f"{OPERATION}.unknown-session", expects="refuse")
    if running:
        cpo.finish(running)


@about(OPERATION, f"{OPERATION}.ended-session", "eRoamingChargeDetailRecord.one-per-session")
def test_stop_of_a_session_that_is_over_is_refused(cpo: Cpo) -> None:
    """A session ends once: the CPO rejects a second stop, and sends no second CDR."""
    session = cpo.start()
    cpo.finish(session)
    cpo.remote_stop(session, purpose=f"{OPERATION}.ended-session", expects="refuse")


@about(OPERATION, f"{OPERATION}.other-evse", "session.other-provider")
def test_stop_that_names_another_evse_or_provider_is_refused(cpo: Cpo) -> None:
    """The CPO rejects a stop with the EvseID or ProviderID of another session; the session continues."""
    session = cpo.start()
    others = [evse for evse in cpo.evse_ids if evse != session.evse]
    if others and not _goes_on(
        cpo, session, f"{OPERATION}.other-evse", lambda body: {**body, "EvseID": others[0]}
    ):
        raise Unobserved("the session was ended by a stop that names another EVSE", Cause.HIDDEN)
    if _goes_on(cpo, session, "session.other-provider", cpo.messages.stop_of_another_provider):
        cpo.finish(session)
    if not others:
        raise Unobserved("the profile has only one EVSE", Cause.PROFILE)


def _goes_on(cpo: Cpo, session: Session, purpose: str, change: Change) -> bool:
    """Try a stop with a contradiction, and return whether the session continues."""
    exchange = cpo.remote_stop(session, change, purpose=purpose, expects="refuse")
    if answer_of(exchange) is not Answer.POSITIVE:
        return True
    cpo.settle_in_silence(session)
    return False


@about(OPERATION, "request.malformed")
def test_malformed_stops_are_refused_and_stop_nothing(cpo: Cpo) -> None:
    """The CPO rejects a malformed stop, never with HTTP 5xx; the session continues and can be stopped."""
    session = cpo.start()
    for name in variations.malformed_names(RemoteStop):
        if "ProviderID" in name:
            continue  # the path has the provider, too: a CPO may do without it in the body
        # The SessionID is the leading identifier: a CPO may find by it alone what to stop.
        expects: Expects = "any" if "EvseID" in name else "refuse"
        wrong = variations.malformed_as(name, RemoteStop, cpo.messages.stop_request(session))
        cpo.remote_stop(
            session,
            replaced_by(wrong),
            raw=wrong.raw,
            purpose="request.malformed",
            expects=expects,
        )
        if session.stopped_by is None:
            continue
        cpo.settle_in_silence(session)
        if expects == "refuse":
            raise Unobserved(f"the session was stopped by a request {name}")
        session = cpo.start()
    cpo.finish(session)
