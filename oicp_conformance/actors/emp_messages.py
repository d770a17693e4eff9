"""The ordinary messages of Hubject to the EMP under test: those of a session agree with each other."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from oicp_conformance.actors.charge import PRODUCT, Charge
from oicp_conformance.actors.stage import Stage
from oicp_conformance.journal.sessions import Session, medium
from oicp_conformance.oicp.messages import IdentificationType
from oicp_conformance.oicp.operation_names import RESERVE

Identification = Mapping[str, Any]
_IN_UPPER_CASE = ("UID", "EvcoID")
"""Ids that a profile may have in lower case, and that Hubject converts."""


class Messages:
    """The bodies of Hubject's requests, as they are before a test changes something in them."""

    def __init__(self, hub: Stage) -> None:
        self._hub = hub
        self._partner = hub.profile.partner
        self._counterpart = hub.profile.counterpart
        self.meant: dict[str, dict[str, Any]] = {}
        """By SessionID, the ordinary request of a start that was perhaps sent in another form."""
        self._charges: dict[str, Charge] = {}

    def authorize_request(self, identification: Identification, **fields: Any) -> dict[str, Any]:
        """An ordinary eRoamingAuthorizeStart."""
        return {
            "SessionID": self._hub.hubject.session_id(),
            "CPOPartnerSessionID": self._hub.faker.partner_session_id(),
            "OperatorID": self._counterpart.operator_id,
            "EvseID": self._counterpart.evse_ids[0],
            "Identification": _as_forwarded(identification),
            "PartnerProductID": PRODUCT,
            **fields,
        }

    def stop_request(self, session: Session, identification: Identification | None = None) -> dict[str, Any]:
        """An ordinary eRoamingAuthorizeStop."""
        return {
            **self._of_session(session),
            "OperatorID": self._counterpart.operator_id,
            "Identification": _as_forwarded(identification or self.identification(session)),
        }

    def record(self, session: Session, **fields: Any) -> dict[str, Any]:
        """An ordinary eRoamingChargeDetailRecord: of a charge, or of a reservation, which has no energy."""
        record = {
            **self._of_session(session),
            "Identification": dict(self.identification(session)),
            **self._charge(session).record(),
        }
        is_reservation = session.begun_by.operation == RESERVE
        return {**(_without_energy(record) if is_reservation else record), **fields}

    def whole_record(self, session: Session, *, longest: bool = False) -> dict[str, Any]:
        """A record with every field there is; texts inside of its structures are ordinary, or `longest`."""

        def text(ordinary: str, size: int) -> str:
            return ordinary.ljust(size, "x") if longest else ordinary

        statuses = ["Start", *["Progress"] * 8, "End"]
        return self.record(
            session,
            SignedMeteringValues=[
                {"SignedMeteringValue": text(f"AP;{index};", 3000), "MeteringStatus": status}
                for index, status in enumerate(statuses)
            ],
            CalibrationLawVerificationInfo={
                "CalibrationLawCertificateID": text("PTB-X-XXXX : V1 : 01Jan2026", 100),
                "PublicKey": text("3059301306072A86", 1000),
                "MeteringSignatureUrl": text("https://127.0.0.1/signature.xml", 200),
                "MeteringSignatureEncodingFormat": text("EDL40 : V1", 50),
                "SignedMeteringValuesVerificationInstruction": text("Paste the values", 400),
            },
            HubOperatorID=self._counterpart.operator_id,
            HubProviderID=self._partner.provider_id,
        )

    def record_without_energy(self, session: Session) -> dict[str, Any]:
        """A record of a session in which the car took no energy."""
        return _without_energy(self.record(session))

    def record_of_hub_partners(self, session: Session) -> dict[str, Any]:
        """A record with the ids of both hub partners."""
        return self.record(
            session,
            HubOperatorID=self._counterpart.operator_id,
            HubProviderID=self._partner.provider_id,
        )

    def notification(self, session: Session, kind: str, **fields: Any) -> dict[str, Any]:
        """An ordinary notification of a type, with all that its table has but the longest texts."""
        charge = self._charge(session)
        of_kind: dict[str, Callable[[], dict[str, Any]]] = {
            "Start": charge.start,
            "Progress": charge.progress,
            "End": charge.end,
            "Error": lambda: {
                "ErrorType": "ConnectorError",
                "ErrorAdditionalInfo": "the plug is not locked",
            },
        }
        return {
            "Type": kind,
            **self._of_session(session),
            "Identification": dict(self.identification(session)),
            "OperatorID": self._counterpart.operator_id,
            **of_kind[kind](),
            **fields,
        }

    @property
    def notified(self) -> list[str]:
        """The types of notification that the profile declares, in the order in which a charge has them."""
        order = ("Start", "Progress", "Error", "End")
        return [one for one in order if one in self._hub.profile.supports.eRoamingChargingNotifications]

    def _of_session(self, session: Session) -> dict[str, Any]:
        partner = {
            "CPOPartnerSessionID": session.cpo_partner and session.cpo_partner[0],
            "EMPPartnerSessionID": session.emp_partner and session.emp_partner[0],
        }
        known = {name: value for name, value in partner.items() if value}
        return {"SessionID": session.id, **known, "EvseID": self.evse(session)}

    def identification(self, session: Session) -> Identification:
        """Return who began a session: the one who was meant, where the request did not say it properly."""
        given, meant = session.identification, self.meant.get(session.id, {}).get("Identification")
        if session.begun_by.by_target and meant and not is_well_formed(given):
            given = meant
        return given or meant or {}

    def medium(self, session: Session) -> tuple[str, str] | None:
        """Return what the one who began a session comes down to, where two are compared."""
        return medium(self.identification(session))

    def evse(self, session: Session) -> str:
        """Return where a session is."""
        evse: str = session.evse or self._counterpart.evse_ids[0]
        return evse

    def forget(self, session: Session) -> None:
        """Have the next message of a session begin its charge anew."""
        self._charges.pop(session.id, None)

    def charge_until(self, session: Session, clock: Callable[[], float]) -> None:
        """Have the charge of a session end when a clock of its own says so, in Unix seconds."""
        self._charges[session.id] = Charge(session, clock)

    def _charge(self, session: Session) -> Charge:
        return self._charges.setdefault(session.id, Charge(session))


def _as_forwarded(identification: Identification) -> dict[str, Any]:
    """Write an identification as Hubject forwards it: in upper case what has its form only so (EMP 03)."""
    upper = {
        kind: {
            name: str(value).upper() if name in _IN_UPPER_CASE else value for name, value in fields.items()
        }
        for kind, fields in identification.items()
        if isinstance(fields, Mapping)
    }
    return dict(identification) if is_well_formed(identification) or not is_well_formed(upper) else upper


def _without_energy(record: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in record.items() if name != "MeterValueInBetween"}
    return kept | {"MeterValueEnd": record["MeterValueStart"], "ConsumedEnergy": 0}


def is_well_formed(identification: Identification | None) -> bool:
    """Tell whether an identification is one that OICP allows."""
    try:
        IdentificationType.model_validate(identification)
    except ValidationError:
        return False
    return True
