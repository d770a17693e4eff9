"""The PINs of a profile, and the hashes of them that a target uploads: of these, the judge looks at both."""

from collections.abc import Iterator, Mapping

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.uploaded import identifications
from oicp_conformance.oicp.operation_names import PUSH_AUTH
from oicp_conformance.oicp.types import plain_id
from oicp_conformance.profile import Profile


def pins_of(profile: Profile) -> dict[str, str]:
    """The PINs of a profile by plain EvcoID."""
    pins = {}
    for one in (*profile.partner.accepts, *profile.partner.refuses):
        for value in one.values():
            pin, evco_id = value.get("PIN"), value.get("EvcoID")
            if isinstance(pin, str) and pin and isinstance(evco_id, str):
                pins[plain_id(evco_id)] = pin
    return pins


def hashes_of(exchange: Exchange, pins: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The hashes in an upload that may be those of the PINs, each with the PIN."""
    if exchange.operation != PUSH_AUTH:
        return
    for _, given in identifications(exchange):
        code = given.get("QRCodeIdentification")
        if not isinstance(code, dict):
            continue
        hashed, pin = code.get("HashedPIN"), pins.get(plain_id(str(code.get("EvcoID"))))
        value = hashed.get("Value") if isinstance(hashed, dict) else None
        if pin and isinstance(value, str):
            yield value, pin
