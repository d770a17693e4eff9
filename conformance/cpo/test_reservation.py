"""A customer reserves a charging point: eRoamingAuthorizeRemoteReservationStart and ...Stop."""

from collections.abc import Callable
from typing import Any

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import variations
from oicp_conformance.hub.variations import replaced_by
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Expects
from oicp_conformance.journal.sessions import Session
from oicp_conformance.marks import about
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.reservation_messages import (
    eRoamingAuthorizeRemoteReservationStart as ReservationStart,
)
from oicp_conformance.oicp.reservation_messages import (
    eRoamingAuthorizeRemoteReservationStop as ReservationStop,
)

START, STOP = "eRoamingAuthorizeRemoteReservationStart", "eRoamingAuthorizeRemoteReservationStop"


@about(START, "request.valid", "answer.session-id", "answer.partner-session-id")
def test_reservation_of_a_free_evse_is_acknowledged(cpo: Cpo) -> None:
    """The CPO reserves a free EVSE, and sends a CDR when the reservation is stopped."""
    cpo.finish(cpo.reserve())


VARIATIONS: dict[str, Callable[[type[Message], dict[str, Any]], dict[str, Any]]] = {
    "request.minimal": lambda model, body: {
        **variations.minimal(model, body),
        "SessionID": body["SessionID"],
    },
    "request.maximal": variations.longest,
    "request.nulls": lambda model, body: {**variations.nulls(model, body), "SessionID": body["SessionID"]},
    "request.unknown-field": lambda _, body: variations.with_unknown_field(body),
    "request.non-ascii": lambda _, body: variations.with_non_ascii(body, "EMPPartnerSessionID"),
    "request.separators": lambda _, body: variations.without_separators(body),
}


@about(START, *VARIATIONS)
@pytest.mark.parametrize("purpose", VARIATIONS)
def test_reservation_in_every_permitted_form_is_acknowledged(cpo: Cpo, purpose: str) -> None:
    """The CPO accepts a reservation with few or many fields, nulls, unknown fields and any characters."""
    cpo.finish(cpo.reserve_with(purpose, lambda body: VARIATIONS[purpose](ReservationStart, body)))


_OF_STOP = ("request.minimal", "request.nulls", "request.unknown-field")
STOPS: dict[str, Callable[[type[Message], dict[str, Any]], dict[str, Any]]] = {
    purpose: VARIATIONS[purpose] if purpose in _OF_STOP else lambda _, body: body for purpose in VARIATIONS
}
"""The fields of the stop; its ids are those with which the reservation began, in any form."""


@about(STOP, *VARIATIONS)
@pytest.mark.parametrize("purpose", VARIATIONS)
def test_stop_in_every_permitted_form_is_acknowledged(cpo: Cpo, purpose: str) -> None:
    """The CPO accepts the stop of a reservation in every permitted form."""
    session = cpo.reserve_as(variations.beginning(purpose, ReservationStart))
    cpo.stop_with(session, purpose, lambda body: STOPS[purpose](ReservationStop, body))


@about(START, f"{START}.unknown-evse")
def test_reservation_of_an_unknown_evse_is_refused(cpo: Cpo, hub: Stage) -> None:
    """The CPO rejects the reservation of an EVSE that it does not have."""
    evse = hub.faker.evse_id(hub.profile.partner.operator_id)
    cpo.close(cpo.ask_reservation(evse, purpose=f"{START}.unknown-evse", expects="refuse"), evse)


@about(START, f"{START}.occupied-evse")
def test_reservation_of_an_evse_in_use_is_refused(cpo: Cpo) -> None:
    """The CPO rejects the reservation of an EVSE on which a session runs."""
    running = cpo.arrive(cpo.start(), surely=True)
    evse = running.evse or ""
    exchange = cpo.ask_reservation(evse, purpose=f"{START}.occupied-evse", expects="refuse")
    cpo.close(exchange, evse)
    cpo.finish(running)


@about(START, f"{START}.occupied-evse")
def test_reservation_of_a_reserved_evse_is_refused(cpo: Cpo) -> None:
    """The CPO rejects the reservation of an EVSE that another provider's customer has reserved."""
    session = cpo.arrive(cpo.reserve(), surely=True)
    evse = session.evse or ""
    exchange = cpo.ask_reservation(
        evse, cpo.messages.of_another_provider, purpose=f"{START}.occupied-evse", expects="refuse"
    )
    cpo.close(exchange, evse)
    cpo.finish(session)


@about(START, f"{START}.honoured", f"{START}.for-its-customer")
def test_reserved_evse_is_not_started_for_others(cpo: Cpo) -> None:
    """The CPO rejects another customer's start on a reserved EVSE."""
    session = cpo.arrive(cpo.reserve(), surely=True)
    evse = session.evse or ""
    exchange = cpo.remote_start(
        evse, cpo.messages.of_another_provider, purpose=f"{START}.honoured", expects="refuse"
    )
    cpo.close(exchange, evse)
    if answer_of(exchange) is not Answer.POSITIVE:
        exchange = cpo.remote_start(evse, purpose=f"{START}.for-its-customer", expects="refuse")
        cpo.close(exchange, evse)
    if answer_of(exchange) is Answer.POSITIVE:
        cpo.close(session.begun_by)  # the start may have used the reservation up
        raise Unobserved("another customer could start there", Cause.HIDDEN)
    cpo.finish(session)


@about(START, f"{START}.customer-starts")
def test_reserved_evse_is_started_for_its_customer(cpo: Cpo) -> None:
    """A customer reserves an EVSE for a charge, and starts there."""
    cpo.finish(cpo.start_reserved(cpo.reserve()))


@about("eRoamingPushEvseStatus", "eRoamingPushEvseStatus.reserved")
def test_reservation_shows_as_reserved(cpo: Cpo) -> None:
    """While an EVSE is reserved, its status is Reserved."""
    cpo.publish("eRoamingPushEvseData", "fullLoad")
    session = cpo.reserve()
    cpo.statuses.shows(session, "Reserved")
    cpo.finish(session)


@about("eRoamingPushEvseStatus", "eRoamingPushEvseStatus.released")
def test_released_reservation_no_longer_shows_as_reserved(cpo: Cpo) -> None:
    """After the stop of its reservation, the status of the EVSE is no longer Reserved."""
    cpo.publish("eRoamingPushEvseData", "fullLoad")
    session = cpo.reserve()
    record = cpo.finish(session)
    cpo.statuses.shows_free(session, session.stopped_by or record, "Reserved")


@about(STOP, f"{STOP}.unknown-session", "session.other-provider")
def test_stop_of_an_unknown_reservation_is_refused(cpo: Cpo, hub: Stage) -> None:
    """The CPO rejects the stop of an unknown reservation, and a stop by another provider."""
    session = cpo.reserve()
    nobodys = Session(hub.hubject.session_id(), session.begun_by, evse=session.evse)
    exchange = cpo.remote_stop(nobodys, purpose=f"{STOP}.unknown-session", expects="refuse")
    if answer_of(exchange) is Answer.POSITIVE:
        cpo.finish(session)
        raise Unobserved("the CPO accepts the stop of a reservation that it does not have", Cause.HIDDEN)
    exchange = cpo.remote_stop(
        session, cpo.messages.stop_of_another_provider, purpose="session.other-provider", expects="refuse"
    )
    if answer_of(exchange) is Answer.POSITIVE:
        cpo.settle_in_silence(session)
    else:
        cpo.finish(session)


@about(START, "request.malformed")
@pytest.mark.parametrize("name", variations.malformed_names(ReservationStart))
def test_malformed_reservation_is_refused(cpo: Cpo, name: str) -> None:
    """The CPO rejects a malformed reservation, never with HTTP 5xx."""
    evse = cpo.free_evses()[0]
    wrong = variations.malformed_as(name, ReservationStart, cpo.messages.reservation(evse))
    # The provider stands in the path, too, and the SessionID is optional in the table.
    expects: Expects = "any" if "ProviderID" in name else "refuse"
    exchange = cpo.ask_reservation(
        evse, replaced_by(wrong), raw=wrong.raw, purpose="request.malformed", expects=expects
    )
    cpo.close(exchange, evse)


@about(START, "optional.not-offered")
def test_reservation_that_is_not_offered_is_refused(cpo: Cpo) -> None:
    """A CPO that does not offer reservations rejects them, and does not ignore them."""
    cpo.close(cpo.ask_reservation(cpo.evse_ids[0], purpose="optional.not-offered", expects="refuse"))


@about(STOP, "optional.not-offered")
def test_stop_that_is_not_offered_is_refused(cpo: Cpo, hub: Stage) -> None:
    """A CPO that does not offer reservations rejects a stop of one, without an error."""
    hub.call(
        STOP,
        {
            "SessionID": hub.hubject.session_id(),
            "ProviderID": hub.profile.counterpart.provider_id,
            "EvseID": cpo.evse_ids[0],
        },
        purpose="optional.not-offered",
        expects="refuse",
    )


@about(STOP, "request.malformed")
def test_malformed_stops_are_refused_and_end_nothing(cpo: Cpo) -> None:
    """The CPO rejects a malformed stop of a reservation, never with HTTP 5xx."""
    session = cpo.reserve()
    for name in variations.malformed_names(ReservationStop):
        if "ProviderID" in name:
            continue  # the path has the provider, too: a CPO may do without it in the body
        # The SessionID is the leading identifier: a CPO may find by it alone what to end.
        expects: Expects = "any" if "EvseID" in name else "refuse"
        wrong = variations.malformed_as(name, ReservationStop, cpo.messages.stop_request(session))
        cpo.remote_stop(
            session, replaced_by(wrong), raw=wrong.raw, purpose="request.malformed", expects=expects
        )
        if session.stopped_by is None:
            continue
        cpo.settle_in_silence(session)
        if expects == "refuse":
            raise Unobserved(f"the reservation was ended by a request {name}")
        session = cpo.reserve()
    cpo.finish(session)
