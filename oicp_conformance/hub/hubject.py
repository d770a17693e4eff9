"""What Hubject decides: the answers to the target's requests, and the data that they rest on.

No I/O here: a request goes in, an answer comes out.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from faker import Faker

from oicp_conformance.hub.inventory import catalogue
from oicp_conformance.hub.script import Answer, acknowledgement, negative, status_code
from oicp_conformance.hub.store import Store
from oicp_conformance.journal.sessions import Session, Sessions, medium
from oicp_conformance.oicp.operations import BY_NAME, Operation, unpack
from oicp_conformance.oicp.pins import pin_matches
from oicp_conformance.oicp.types import operator_of, plain_id, provider_of
from oicp_conformance.profile import Profile

Medium = tuple[str, str]


class AuthenticationData:
    """The authentication data that EMPs uploaded, for authorization without them."""

    def __init__(self) -> None:
        self._records: dict[Medium, Mapping[str, Any]] = {}
        self.is_loaded = False
        """Whether a full load was seen: what is not here may be missing only then."""

    def push(self, action: str, identifications: Iterable[Mapping[str, Any]]) -> str | None:
        """Do what an ActionType says; gives the reason when Hubject refuses it."""
        given = {key: one for one in identifications if (key := medium(one)) is not None}
        known = given.keys() & self._records.keys()
        if action == "insert" and known:
            return f"already there: {', '.join(value for _, value in sorted(known))}"
        if action == "update" and (missing := given.keys() - known):
            return f"not there: {', '.join(value for _, value in sorted(missing))}"
        if action == "delete":
            for key in known:
                del self._records[key]
        elif action == "fullLoad":
            self._records, self.is_loaded = dict(given), True
        else:
            self._records.update(given)
        return None

    @property
    def records(self) -> list[Mapping[str, Any]]:
        """The Identifications that are there."""
        return list(self._records.values())

    def has(self, identification: object) -> bool:
        """Whether there is a record of a medium."""
        return medium(identification) in self._records

    def authorizes(self, identification: object) -> bool:
        """Whether a medium can be authorized from the records; a QR code needs its PIN."""
        key = medium(identification)
        record = self._records.get(key) if key else None
        if key is None or record is None or not isinstance(identification, Mapping):
            return False
        if key[0] != "QRCodeIdentification":
            return True
        stored, shown = record["QRCodeIdentification"], identification["QRCodeIdentification"].get("PIN")
        if shown is None:
            return False
        if stored.get("PIN") is not None:
            return bool(stored["PIN"] == shown)
        hashed = stored.get("HashedPIN")
        value = hashed.get("Value") if isinstance(hashed, Mapping) else None
        return isinstance(value, str) and pin_matches(shown, value)


_OTHER_OPERATORS = ("FR*LYN", "NL*UTR", "+49*810", "BR*RIO")
"""Operators that have published besides the one on the other side, in each form that an id can have."""
_PUBLISHED = 60
"""EVSEs in the catalogue for an EMP: three pages of the default size."""

_REFUSAL = {"QRCodeIdentification": "101", "PlugAndChargeIdentification": "105", "RFID": "102"}


class Hubject:
    """Hubject, and the partners behind it, as the target sees them."""

    def __init__(self, profile: Profile, sessions: Sessions, faker: Faker) -> None:
        self._profile = profile
        self._sessions = sessions
        self._faker = faker
        self.uploaded = AuthenticationData()
        self.customers: set[Medium] = set()
        """The media that the EMPs on the other side serve."""
        self.evse_ids = set(map(plain_id, profile.counterpart.evse_ids))
        """The EVSEs that the CPO on the other side has published."""
        self.incompatible: set[str] = set()
        """Of these, the ones that are not Hubject compatible, as plain ids."""
        self._offline: set[str] = set()
        is_emp = profile.target.role == "emp"
        own = profile.counterpart if is_emp else profile.partner
        operators = map(operator_of, own.evse_ids) if is_emp else profile.partner.operators
        self.store = Store(operator_ids=frozenset(operators))
        """What operators have published, and the charge detail records of an EMP."""
        if is_emp:
            publishing = dict.fromkeys((profile.counterpart.operator_id, *_OTHER_OPERATORS))
            self.store.publish(catalogue(faker, _PUBLISHED, tuple(publishing), own.evse_ids))

    def answer(
        self, operation: Operation, ids: Mapping[str, str], body: Any, query: Mapping[str, str] | None = None
    ) -> Answer:
        """The honest answer to a request of the target."""
        if not isinstance(body, dict):
            return Answer(400, acknowledgement("022"))
        own = self._profile.partner.operator_id or self._profile.partner.provider_id or ""
        in_body = unpack(body, operation.body_id) if operation.body_id else None
        claimed = [*ids.values(), *([in_body] if isinstance(in_body, str) else [])]
        if any(plain_id(one) != plain_id(own) for one in claimed):
            return Answer(message=negative(operation, "017"))
        stored = self.store.answer(operation.name, own, body, query)
        if stored is not None:
            return Answer(message=stored)
        decide = {
            "eRoamingAuthorizeStart": self._authorize_start,
            "eRoamingAuthorizeStop": self._authorize_stop,
            "eRoamingAuthorizeRemoteStart": self._remote_start,
            "eRoamingAuthorizeRemoteStop": self._remote_stop,
            "eRoamingAuthorizeRemoteReservationStart": self._remote_start,
            "eRoamingAuthorizeRemoteReservationStop": self._remote_stop,
            "eRoamingChargingNotifications": self._notification,
            "eRoamingChargeDetailRecord": self._charge_detail_record,
            "eRoamingPushAuthenticationData": self._push_authentication_data,
        }.get(operation.name, lambda _: acknowledgement())
        message = decide(body)
        echo = {name: body[name] for name in ("CPOPartnerSessionID", "EMPPartnerSessionID") if body.get(name)}
        return Answer(message={**echo, **message})

    def session_id(self) -> str:
        """A new SessionID: unique over all runs, so it does not come from the seed."""
        return str(uuid.uuid4())

    def products(self, evse: str) -> list[str]:
        """The PartnerProductIDs that a start at an EVSE of the CPO may name; without any, it names none.

        They are those of the profile, else those that the CPO has pushed for this EVSE and this provider.
        """
        provider = self._profile.counterpart.provider_id
        return self._profile.partner.products or self.store.products_at(evse, provider)

    # --- the CPO asks

    def _authorize_start(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The cascade: from uploaded data; else the EMP that the EvcoID names; else all EMPs."""
        shown = medium(body.get("Identification"))
        operation = BY_NAME["eRoamingAuthorizeStart"]
        if shown is None:
            return negative(operation, "022")
        if self.uploaded.authorizes(body["Identification"]):
            session_id = self.session_id()
            self._offline.add(session_id)
            return self._authorized(session_id)
        if shown not in self.customers:
            return negative(operation, self._refusal_of(shown))
        stop_list = [one for one in (body["Identification"],) if one]
        return self._authorized(self.session_id(), AuthorizationStopIdentifications=stop_list)

    def _refusal_of(self, shown: Medium) -> str:
        kind, value = shown
        if kind == "RFID":
            return "106" if len(value) > 8 else _REFUSAL[kind]
        ours = provider_of(value) == plain_id(self._profile.counterpart.provider_id)
        return _REFUSAL.get(kind, "106") if ours else "300"

    def _authorized(self, session_id: str, **fields: Any) -> dict[str, Any]:
        return {
            "SessionID": session_id,
            "EMPPartnerSessionID": self._faker.partner_session_id(),
            "ProviderID": self._profile.counterpart.provider_id,
            "AuthorizationStatus": "Authorized",
            "StatusCode": status_code("000", "Success"),
            **fields,
        }

    def _running(self, body: Mapping[str, Any]) -> Session | None:
        session = self._sessions.get(body.get("SessionID"))
        return session if session is not None and not session.refused and not session.settled else None

    def _authorize_stop(self, body: Mapping[str, Any]) -> dict[str, Any]:
        operation = BY_NAME["eRoamingAuthorizeStop"]
        session = self._running(body)
        if session is None:
            return negative(operation, "400")
        shown = medium(body.get("Identification"))
        own = shown is not None and shown == medium(session.identification)
        if not own and (session.id in self._offline or shown not in self.customers):
            return negative(operation, "102", SessionID=session.id)
        return {
            "SessionID": session.id,
            "ProviderID": self._profile.counterpart.provider_id,
            "AuthorizationStatus": "Authorized",
            "StatusCode": status_code("000", "Success"),
        }

    def _notification(self, body: Mapping[str, Any]) -> dict[str, Any]:
        session = self._sessions.get(body.get("SessionID"))
        # An Error may tell why a start was rejected (CPO 02: "before charging starts").
        known = session is not None and (not session.refused or body.get("Type") == "Error")
        return acknowledgement("000" if known else "400")

    def _charge_detail_record(self, body: Mapping[str, Any]) -> dict[str, Any]:
        session = self._running(body)
        return acknowledgement(SessionID=session.id) if session else acknowledgement("400")

    # --- the EMP asks

    def _remote_start(self, body: Mapping[str, Any]) -> dict[str, Any]:
        evse = body.get("EvseID")
        if not isinstance(evse, str) or medium(body.get("Identification")) is None:
            return acknowledgement("022")
        if plain_id(evse) not in self.evse_ids and not self.store.knows(evse):
            return acknowledgement("603")
        if plain_id(evse) in self.incompatible or not self.store.is_compatible(evse):
            return acknowledgement("604")
        return acknowledgement(
            SessionID=self.session_id(), CPOPartnerSessionID=self._faker.partner_session_id()
        )

    def _remote_stop(self, body: Mapping[str, Any]) -> dict[str, Any]:
        session = self._running(body)
        if session is None or session.stopped_by is not None:
            return acknowledgement("400")
        return acknowledgement(SessionID=session.id)

    def _push_authentication_data(self, body: Mapping[str, Any]) -> dict[str, Any]:
        data = body.get("ProviderAuthenticationData")
        records = data.get("AuthenticationDataRecord") if isinstance(data, dict) else None
        action = body.get("ActionType")
        if not isinstance(records, list) or action not in ("fullLoad", "insert", "update", "delete"):
            return acknowledgement("022")
        given: list[Any] = [one.get("Identification") for one in records if isinstance(one, dict)]
        if any(medium(one) is None for one in given):
            return acknowledgement("022")
        providers = self._profile.partner.providers
        named = [key for one in given if (key := medium(one)) and key[0] != "RFID"]
        if any(provider_of(value) not in providers for _, value in named):
            return acknowledgement("019")
        if reason := self.uploaded.push(action, given):
            return {"Result": False, "StatusCode": {**status_code("022"), "AdditionalInfo": reason}}
        return acknowledgement()
