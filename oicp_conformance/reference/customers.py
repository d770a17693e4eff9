"""The customers of the reference EMP: whom it authorises, and what it uploads about them."""

from collections.abc import Iterable, Sequence

import bcrypt
from faker import Faker

from oicp_conformance.reference.permissive import Message, medium_of, normal

FAILED = {
    "QRCodeIdentification": "101",
    "RFIDMifareFamilyIdentification": "102",
    "RFIDIdentification": "102",
    "PlugAndChargeIdentification": "105",
    "RemoteIdentification": "106",
}
LOCKED = "200"


def key_of(identification: Message | None) -> tuple[str, ...] | None:
    """Say by what two showings of the same medium are known to be the same."""
    medium = medium_of(identification)
    if medium is None:
        return None
    kind, value = medium
    if "UID" in value:
        return "card", normal(value["UID"])
    return kind, normal(value["EvcoID"])


def belongs_to(identification: Message, provider_id: str) -> bool:
    """Tell whether a contract is with that provider; a card without a contract number may be."""
    medium = medium_of(identification)
    if medium is None:
        return False
    evco_id = medium[1].get("EvcoID")
    return evco_id is None or normal(evco_id).startswith(normal(provider_id))


class Customers:
    """Everybody who has a contract, and those whose contract is locked."""

    def __init__(self, accepts: Iterable[Message], refuses: Iterable[Message]) -> None:
        self.accepts = list(accepts)
        self.refuses = list(refuses)

    def find(self, identification: Message) -> Message | None:
        """Look up who shows a medium."""
        key = key_of(identification)
        return next((known for known in self.accepts if key_of(known) == key), None)

    def refusal(self, identification: Message) -> str | None:
        """Say with which code a medium is refused, if it is."""
        medium = medium_of(identification)
        if medium is None:
            return "022"
        kind, value = medium
        if any(key_of(locked) == key_of(identification) for locked in self.refuses):
            return LOCKED if "EvcoID" in value else FAILED[kind]
        known = medium_of(self.find(identification))
        if known is None:
            return FAILED[kind]
        if kind == "QRCodeIdentification" and not _pin_fits(value, known[1]):
            return FAILED[kind]
        return None


def _pin_fits(shown: Message, known: Message) -> bool:
    if "PIN" not in shown:
        return False
    if "PIN" in known:
        return bool(shown["PIN"] == known["PIN"])
    hashed = known.get("HashedPIN")
    return hashed is not None and bcrypt.checkpw(shown["PIN"].encode(), hashed["Value"].encode())


def some_customers(fake: Faker, provider_id: str) -> tuple[list[Message], list[Message]]:
    """Make up customers, of each medium one, and one whose card is locked."""
    kinds = (
        "RFIDMifareFamilyIdentification",
        "QRCodeIdentification",
        "PlugAndChargeIdentification",
        "RemoteIdentification",
    )
    accepts = [fake.identification(kind, provider_id) for kind in kinds]
    return accepts, [fake.identification("RFIDMifareFamilyIdentification")]


def record(identification: Message, provider_id: str) -> Message | None:
    """Write what the hub needs to authorise a customer without asking, if it can."""
    medium = medium_of(identification)
    if medium is None or medium[0] == "RemoteIdentification" or not belongs_to(identification, provider_id):
        return None
    kind, value = medium
    if kind == "RFIDIdentification" and "EvcoID" not in value:
        kind, value = "RFIDMifareFamilyIdentification", {"UID": value["UID"]}
    if "UID" in value:
        value["UID"] = value["UID"].upper()
    if kind == "QRCodeIdentification":
        if "HashedPIN" not in value:
            if "PIN" not in value:
                return None
            digest = bcrypt.hashpw(value["PIN"].encode(), bcrypt.gensalt(rounds=4)).decode()
            value["HashedPIN"] = {"Value": digest, "Function": "Bcrypt"}
        value.pop("PIN", None)
    return {"Identification": {kind: value}}


class Uploads:
    """What the hub has been told about the customers, and what to tell it next."""

    def __init__(self, customers: Customers, provider_id: str, fake: Faker) -> None:
        self.customers = customers
        self.provider_id = provider_id
        self.fake = fake
        self.loaded = False
        """Whether the hub is known to have all customers."""
        self.extra: list[Message] = []
        """Customers for a day, who can be deleted without harm to the others."""

    def plan(self, action: str) -> list[tuple[str, list[Message]]]:
        """Say which pushes make an action truthful, it being the last."""
        steps: list[tuple[str, list[Message]]] = []
        if action == "fullLoad" or not self.loaded:
            steps.append(("fullLoad", self.customers.accepts))
        if action == "update":
            steps.append(("update", self.customers.accepts))
        if action == "insert" or (action == "delete" and not self.extra):
            steps.append(("insert", [self.fake.identification()]))
        if action == "delete":
            steps.append(("delete", self.extra[-1:] or steps[-1][1]))
        return steps

    def done(self, action: str, identifications: Sequence[Message]) -> None:
        """Remember what the hub has taken."""
        self.loaded = True
        if action == "insert":
            self.extra += identifications
            self.customers.accepts += identifications
        if action == "delete":
            self.extra = [known for known in self.extra if known not in identifications]
            kept = [known for known in self.customers.accepts if known not in identifications]
            self.customers.accepts = kept
