"""A customer taps start in the app: eRoamingAuthorizeRemoteStart."""

import pytest

from oicp_conformance.actors.cpo import Cpo
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import variations
from oicp_conformance.hub.variations import replaced_by
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange, Expects
from oicp_conformance.marks import about
from oicp_conformance.oicp.messages import eRoamingAuthorizeRemoteStart as RemoteStart

OPERATION = "eRoamingAuthorizeRemoteStart"


@about(OPERATION, "request.valid", "answer.session-id", "answer.partner-session-id", "answer.result-and-code")
def test_start_on_a_free_evse_is_acknowledged(cpo: Cpo) -> None:
    """The CPO acknowledges a start on a free EVSE, and its response carries the ids of the session."""
    cpo.finish(cpo.start())


@about(OPERATION, "request.minimal")
def test_start_with_only_mandatory_fields_is_acknowledged(cpo: Cpo) -> None:
    """SessionID, ProviderID, EvseID and Identification are enough to start a charge."""
    cpo.finish(cpo.start_with("request.minimal", lambda body: variations.minimal(RemoteStart, body)))


@about(OPERATION, "request.maximal")
def test_start_with_every_field_at_its_longest_is_acknowledged(cpo: Cpo) -> None:
    """Partner session ids of 250 characters and a product id of 50 characters are allowed."""
    cpo.finish(cpo.start_with("request.maximal", lambda body: variations.longest(RemoteStart, body)))


@about(OPERATION, "request.nulls")
def test_start_with_nulls_for_what_is_optional_is_acknowledged(cpo: Cpo) -> None:
    """Hubject sends null in fields without a value, and in the other kinds of the Identification."""
    cpo.finish(cpo.start_with("request.nulls", lambda body: variations.nulls(RemoteStart, body)))


@about(OPERATION, "request.separators")
def test_start_with_ids_without_separators_is_acknowledged(cpo: Cpo) -> None:
    """An EMP may write DEABCE1 for DE*ABC*E1, and Hubject forwards it unchanged."""
    cpo.finish(cpo.start_with("request.separators", variations.without_separators))


@about(OPERATION, "request.valid")
def test_start_by_a_contract_in_din_form_is_acknowledged(cpo: Cpo, hub: Stage) -> None:
    """An EvcoID has the ISO form or the DIN form."""
    evco = hub.faker.evco_id(hub.profile.counterpart.provider_id, "DIN")
    identification = {"RemoteIdentification": {"EvcoID": evco}}
    cpo.finish(cpo.start_with("request.valid", lambda body: {**body, "Identification": identification}))


@about(OPERATION, "session.evse-free")
def test_evse_is_free_after_the_end_of_a_session(cpo: Cpo) -> None:
    """After the CDR of a session, the next session can begin at the same EVSE."""
    session = cpo.start()
    cpo.finish(session)
    cpo.finish(cpo.start(session.evse))


@about(OPERATION, "request.unknown-field")
def test_start_with_an_unknown_field_is_acknowledged(cpo: Cpo) -> None:
    """The CPO does not reject a field that OICP 2.3 does not have: later versions add fields."""
    cpo.finish(cpo.start_with("request.unknown-field", variations.with_unknown_field))


@about(OPERATION, "request.non-ascii")
def test_start_with_characters_beyond_ascii_is_acknowledged(cpo: Cpo) -> None:
    """Messages are UTF-8, so a partner session id may have any character."""
    cpo.finish(
        cpo.start_with(
            "request.non-ascii", lambda body: variations.with_non_ascii(body, "EMPPartnerSessionID")
        )
    )


@about(OPERATION, f"{OPERATION}.sub-provider")
def test_start_for_a_sub_provider_is_acknowledged(cpo: Cpo) -> None:
    """ProviderID is that of the hub provider; the EvcoID is that of a customer of a sub-provider."""
    cpo.finish(cpo.start_with(f"{OPERATION}.sub-provider", cpo.messages.of_sub_provider))


@about(OPERATION, f"{OPERATION}.unknown-evse", f"{OPERATION}.nothing-started")
def test_start_of_an_evse_that_the_operator_does_not_have_is_refused(cpo: Cpo, hub: Stage) -> None:
    """The CPO rejects a start on an EVSE that it does not have, and starts nothing."""
    evse = hub.faker.evse_id(hub.profile.partner.operator_id)
    exchange = cpo.remote_start(evse, purpose=f"{OPERATION}.unknown-evse", expects="refuse")
    _has_started_nothing(cpo, hub, exchange, evse)


@about(OPERATION, f"{OPERATION}.occupied-evse", f"{OPERATION}.nothing-started")
def test_start_of_an_occupied_evse_is_refused(cpo: Cpo, hub: Stage) -> None:
    """While a session runs on an EVSE, no other begins there; the first session continues."""
    running = cpo.arrive(cpo.start(), surely=True)
    evse = running.evse or ""
    exchange = cpo.remote_start(evse, purpose=f"{OPERATION}.occupied-evse", expects="refuse")
    _has_started_nothing(cpo, hub, exchange, evse)
    cpo.finish(running)


@about(OPERATION, "request.malformed", f"{OPERATION}.nothing-started")
@pytest.mark.parametrize("name", variations.malformed_names(RemoteStart))
def test_malformed_start_is_refused_and_starts_nothing(cpo: Cpo, hub: Stage, name: str) -> None:
    """The CPO rejects a malformed start, never with HTTP 5xx, and starts nothing."""
    evse = cpo.free_evses()[0]
    wrong = variations.malformed_as(name, RemoteStart, cpo.messages.request(evse))
    # The provider stands in the path, too: a CPO may do without it in the body.
    expects: Expects = "any" if "ProviderID" in name else "refuse"
    exchange = cpo.remote_start(
        evse, replaced_by(wrong), raw=wrong.raw, purpose="request.malformed", expects=expects
    )
    if expects == "any":
        cpo.close(exchange, evse)
    else:
        _has_started_nothing(cpo, hub, exchange, evse)


def _has_started_nothing(cpo: Cpo, hub: Stage, exchange: Exchange, evse: str) -> None:
    """Try to stop a session that must not have begun: the CPO must reject the stop, too."""
    if answer_of(exchange) is Answer.POSITIVE:
        cpo.close(exchange, evse)
        raise Unobserved("it was accepted")
    session = hub.sessions.get(exchange.request.get("SessionID"))
    if session is not None:
        session.evse = evse
        cpo.remote_stop(session, purpose=f"{OPERATION}.nothing-started", expects="refuse")


@about(OPERATION, "request.parallel", "eRoamingChargeDetailRecord.one-per-session", "session.evse")
def test_starts_at_the_same_time_are_answered(cpo: Cpo) -> None:
    """Customers start at all EVSEs at the same time, and stop at the same time: no session is mixed up."""
    cpo.finish_at_once(cpo.start_at_once())


@about(OPERATION, f"{OPERATION}.one-of-two")
def test_two_starts_of_one_evse_begin_one_session(cpo: Cpo) -> None:
    """Two customers start at the same EVSE at the same time: at most one of them may charge."""
    starts = cpo.start_at_one_evse()
    begun = [session for one in starts if (session := cpo.session_of(one)) is not None and session.begun]
    if len(begun) == 1:
        cpo.finish(cpo.arrive(begun[0]))
    for start in starts if len(begun) > 1 else ():
        cpo.close(start)


@about(OPERATION, f"{OPERATION}.repeated", "eRoamingChargeDetailRecord.one-per-session")
def test_start_that_comes_twice_begins_one_session(cpo: Cpo) -> None:
    """After a lost connection, Hubject may repeat a start: the CPO responds, and one CDR follows."""
    session = cpo.start()
    cpo.start_again(session)
    cpo.finish(session)
