"""The ordinary messages of Hubject to the CPO under test."""

from typing import Any

from oicp_conformance.actors.stage import Stage
from oicp_conformance.journal.sessions import Session
from oicp_conformance.oicp.types import plain_id

_OTHER_PROVIDERS = ("DE-8EV", "NL-TNM")
"""Providers of which one is not the hub's counterpart."""
Identification = dict[str, Any]


class Messages:
    """The bodies of Hubject's requests, as they are before a test changes something in them."""

    def __init__(self, hub: Stage) -> None:
        self._hub = hub
        self._counterpart = hub.profile.counterpart

    def stranger(self, kind: str = "RFIDMifareFamilyIdentification") -> Identification:
        """Somebody whom no EMP knows."""
        made: Identification = self._hub.faker.identification(kind, self._counterpart.provider_id)
        return made

    def request(self, evse: str, **fields: Any) -> dict[str, Any]:
        """An ordinary eRoamingAuthorizeRemoteStart, with a product only if the CPO is known to have it."""
        products = self._hub.hubject.products(evse)
        return {
            "SessionID": self._hub.hubject.session_id(),
            "EMPPartnerSessionID": self._hub.faker.partner_session_id(),
            "ProviderID": self._counterpart.provider_id,
            "EvseID": evse,
            "Identification": self.stranger("RemoteIdentification"),
            **({"PartnerProductID": products[0]} if products else {}),
            **fields,
        }

    def reservation(self, evse: str) -> dict[str, Any]:
        """An ordinary eRoamingAuthorizeRemoteReservationStart."""
        return {**self.request(evse), "Duration": 15}

    def stop_request(self, session: Session) -> dict[str, Any]:
        """An ordinary eRoamingAuthorizeRemoteStop, with the ids that the session began with."""
        partner = {"EMPPartnerSessionID": session.emp_partner[0]} if session.emp_partner else {}
        begun = session.begun_by
        provider = begun.answer.get("ProviderID") if begun.by_target else begun.request.get("ProviderID")
        return {
            "SessionID": session.id,
            **partner,
            "ProviderID": provider if isinstance(provider, str) else self._counterpart.provider_id,
            "EvseID": session.evse,
        }

    def of_another_provider(self, body: dict[str, Any]) -> dict[str, Any]:
        """The same request by a customer of another provider."""
        other = self._other_provider()
        identification = self._hub.faker.identification("RemoteIdentification", other)
        return {**body, "ProviderID": other, "Identification": identification}

    def of_sub_provider(self, body: dict[str, Any]) -> dict[str, Any]:
        """The same request by a customer of a provider for whom the hub's provider acts."""
        return {**body, "Identification": self.of_another_provider(body)["Identification"]}

    def stop_of_another_provider(self, body: dict[str, Any]) -> dict[str, Any]:
        """The same stop by another provider than the session's."""
        return {**body, "ProviderID": self._other_provider()}

    def _other_provider(self) -> str:
        own = plain_id(self._counterpart.provider_id)
        return next(one for one in _OTHER_PROVIDERS if plain_id(one) != own)
