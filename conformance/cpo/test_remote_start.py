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
    """A start of a free EVSE is acknowledged, and the answer carries the session's ids."""
    cpo.finish(cpo.start())


@about(OPERATION, "request.minimal")
def test_start_with_only_mandatory_fields_is_acknowledged(cpo: Cpo) -> None:
    """SessionID, ProviderID, EvseID and Identification are enough to start a charge."""
    cpo.finish(cpo.start_with("request.minimal", lambda body: variations.minimal(RemoteStart, body)))


@about(OPERATION, "request.maximal")
def test_start_with_every_field_at_its_longest_is_acknowledged(cpo: Cpo) -> None:
    """Partner session ids of 250 and a product id of 50 characters are within their limits."""
    cpo.finish(cpo.start_with("request.maximal", lambda body: variations.longest(RemoteStart, body)))


@about(OPERATION, "request.nulls")
def test_start_with_nulls_for_what_is_optional_is_acknowledged(cpo: Cpo) -> None:
    """Hubject sends null for what it has no value for, and for the identification's other options."""
    cpo.finish(cpo.start_with("request.nulls", lambda body: variations.nulls(RemoteStart, body)))


@about(OPERATION, "request.separators")
def test_start_with_ids_without_separators_is_acknowledged(cpo: Cpo) -> None:
    """An EMP may write DEABCE1 for DE*ABC*E1, and Hubject forwards it as it is."""
    cpo.finish(cpo.start_with("request.separators", variations.without_separators))


@about(OPERATION, "request.valid")
def test_start_by_a_contract_in_din_form_is_acknowledged(cpo: Cpo, hub: Stage) -> None:
    """An EvcoID has the ISO form or the DIN form."""
    evco = hub.faker.evco_id(hub.profile.counterpart.provider_id, "DIN")
    identification = {"RemoteIdentification": {"EvcoID": evco}}
    cpo.finish(cpo.start_with("request.valid", lambda body: {**body, "Identification": identification}))


@about(OPERATION, "session.evse-free")
def test_evse_is_free_after_the_end_of_a_session(cpo: Cpo) -> None:
    """When a session is over and settled, the next one can begin at the same EVSE."""
    session = cpo.start()
    cpo.finish(session)
    cpo.finish(cpo.start(session.evse))


@about(OPERATION, "request.unknown-field")
def test_start_with_an_unknown_field_is_acknowledged(cpo: Cpo) -> None:
    """A field that OICP 2.3 does not have is no reason to refuse: later versions add fields."""
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
    """ProviderID is the hub provider's; the EvcoID is that of a customer of a sub-provider."""
    cpo.finish(cpo.start_with(f"{OPERATION}.sub-provider", cpo.of_sub_provider))


@about(OPERATION, f"{OPERATION}.unknown-evse", f"{OPERATION}.nothing-started")
def test_start_of_an_evse_that_the_operator_does_not_have_is_refused(cpo: Cpo, hub: Stage) -> None:
    """An EVSE with the operator's id that does not exist cannot be started, and nothing starts."""
    evse = hub.faker.evse_id(hub.profile.partner.operator_id)
    exchange = cpo.remote_start(evse, purpose=f"{OPERATION}.unknown-evse", expects="refuse")
    _has_started_nothing(cpo, hub, exchange, evse)


@about(OPERATION, f"{OPERATION}.occupied-evse", f"{OPERATION}.nothing-started")
def test_start_of_an_occupied_evse_is_refused(cpo: Cpo, hub: Stage) -> None:
    """While one session runs on an EVSE no other begins there; the first one goes on and can be ended."""
    running = cpo.arrive(cpo.start(), surely=True)
    evse = running.evse or ""
    exchange = cpo.remote_start(evse, purpose=f"{OPERATION}.occupied-evse", expects="refuse")
    _has_started_nothing(cpo, hub, exchange, evse)
    cpo.finish(running)


@about(OPERATION, "request.malformed", f"{OPERATION}.nothing-started")
@pytest.mark.parametrize("name", variations.malformed_names(RemoteStart))
def test_malformed_start_is_refused_and_starts_nothing(cpo: Cpo, hub: Stage, name: str) -> None:
    """A malformed start is refused, never with a 5xx, and starts nothing."""
    evse = cpo.free_evses()[0]
    wrong = variations.malformed_as(name, RemoteStart, cpo.request(evse))
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
    """Ask to stop what should never have begun: that, too, has to be refused."""
    if answer_of(exchange) is Answer.POSITIVE:
        cpo.close(exchange, evse)
        raise Unobserved("it was accepted")
    session = hub.sessions.get(exchange.request.get("SessionID"))
    if session is not None:
        session.evse = evse
        cpo.remote_stop(session, purpose=f"{OPERATION}.nothing-started", expects="refuse")


@about(OPERATION, "request.parallel", "eRoamingChargeDetailRecord.one-per-session", "session.evse")
def test_starts_at_the_same_time_are_answered(cpo: Cpo) -> None:
    """Customers tap start at all charging points at once, and stop at once: nothing is mixed up."""
    cpo.finish_at_once(cpo.start_at_once())


@about(OPERATION, f"{OPERATION}.one-of-two")
def test_two_starts_of_one_evse_begin_one_session(cpo: Cpo) -> None:
    """Two customers tap start at the same EVSE at the same time: one of them may charge there."""
    starts = cpo.start_at_one_evse()
    begun = [session for one in starts if (session := cpo.session_of(one)) is not None and session.begun]
    if len(begun) == 1:
        cpo.finish(cpo.arrive(begun[0]))
    for start in starts if len(begun) > 1 else ():
        cpo.close(start)


@about(OPERATION, f"{OPERATION}.repeated", "eRoamingChargeDetailRecord.one-per-session")
def test_start_that_comes_twice_begins_one_session(cpo: Cpo) -> None:
    """Connections fail, and the same start may come again: it is answered, and one CDR follows."""
    session = cpo.start()
    cpo.start_again(session)
    cpo.finish(session)
