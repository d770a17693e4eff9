"""The customers of the EMP under test, people who are none, and who may stop a session."""

from collections.abc import Mapping

from oicp_conformance.actors.emp_messages import Identification, Messages, is_well_formed
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.oicp.types import provider_of

_START = "eRoamingAuthorizeStart"
_CARD, _CODE = "RFIDMifareFamilyIdentification", "QRCodeIdentification"
_UID_LENGTHS = (8, 14, 20)
"""Hexadecimal digits of the UID of a card (EMP 03, UIDType)."""
_LONGEST_PIN = 20
"""Characters of a PIN (EMP 03, QRCodeIdentificationType)."""


class Customers:
    """Who can be shown at a charger, from the profile and from what the EMP has listed."""

    def __init__(self, hub: Stage, messages: Messages) -> None:
        self._hub = hub
        self._partner = hub.profile.partner
        self._messages = messages

    def known(self, *kinds: str) -> list[Identification]:
        """The identifications that can be shown at a charger, of some kinds or of all but the app's."""
        return [
            one
            for one in self._partner.accepts
            if (not kinds or next(iter(one)) in kinds)
            and next(iter(one)) not in {"RemoteIdentification", "RFIDIdentification"}
        ]

    def stranger(self, kind: str = "RFIDMifareFamilyIdentification") -> Identification:
        """Somebody whom the EMP does not know."""
        made: Identification = self._hub.faker.identification(kind, self._partner.provider_id)
        return made

    def lookalikes(self, card: Identification) -> list[Identification]:
        """People whose cards have longer UIDs that begin or end as a customer's; a shorter of the longest."""
        uid = str(card[_CARD]["UID"])
        longer = [one for one in _UID_LENGTHS if one > len(uid)]
        more = self._hub.faker.hexify("^" * _UID_LENGTHS[-1], upper=True)
        made = [f"{uid}{more}"[:length] for length in longer or _UID_LENGTHS[:1]]
        made += [f"{more}{uid}"[-length:] for length in longer[:1]]
        return [{_CARD: {"UID": one}} for one in made]

    def with_wrong_pins(self, code: Identification) -> list[Identification]:
        """A QR code with PINs that are not its own, two by two: longer, none, a 0 before, other, shorter."""
        own = code[_CODE]
        pin = str(own["PIN"])
        other = f"{pin[:-1]}{'1' if pin[-1] == '0' else '0'}"
        is_longest = len(pin) >= _LONGEST_PIN
        longer = (pin[:-1], pin[1:]) if is_longest else (f"{pin}9", f"0{pin}")
        wrong = (longer[0], None, longer[1], other, *([] if is_longest or len(pin) < 2 else [pin[:-1]]))
        return [{_CODE: {"EvcoID": own["EvcoID"], **({} if one is None else {"PIN": one})}} for one in wrong]

    def listed_to_stop(self, session: Session) -> Identification:
        """Return an identification that the EMP listed to stop a session: another one than its own, if any.

        Raises:
            Unobserved: it listed none that is well-formed and not another provider's contract.
        """
        own = self._messages.medium(session)
        listed = [one for one in self._listed(session) if is_well_formed(one) and self._is_served(one)]
        others = [one for one in listed if medium(one) not in {None, own}]
        if others:
            return others[0]
        if any(medium(one) == own for one in listed):
            return self._messages.identification(session)
        raise Unobserved("the EMP listed no identification that may stop the session")

    def may_stop(self, session: Session, identification: Identification) -> bool:
        """Tell whether the EMP listed a medium as one that may stop a session, or it is the session's own."""
        media = [medium(one) for one in self._listed(session)]
        return medium(identification) in [self._messages.medium(session), *media]

    def _is_served(self, identification: Identification) -> bool:
        """Whether a medium is a card, or names a contract of the EMP: another's is a finding of its own."""
        evco_ids = [one.get("EvcoID") for one in identification.values() if isinstance(one, Mapping)]
        return all(provider_of(one) in self._partner.providers for one in evco_ids if isinstance(one, str))

    def _listed(self, session: Session) -> list[Identification]:
        answers = [one.answer.get("AuthorizationStopIdentifications") for one in session.sent(_START)]
        return [one for some in answers if isinstance(some, list) for one in some if isinstance(one, dict)]
