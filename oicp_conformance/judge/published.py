"""What a CPO has published, read off its pushes one by one, as Hubject would have it."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.kept import OfExchanges
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import Requirement
from oicp_conformance.oicp.operation_names import EVSE_DATA, EVSE_PRICING, EVSE_STATUS, PRODUCTS
from oicp_conformance.oicp.types import plain_id

_LISTS = {
    EVSE_DATA: ("OperatorEvseData", "EvseDataRecord"),
    EVSE_STATUS: ("OperatorEvseStatus", "EvseStatusRecord"),
    PRODUCTS: ("PricingProductData", "PricingProductDataRecords"),
    EVSE_PRICING: ("EVSEPricing",),
}
_KEYS = {PRODUCTS: "ProductID"}


def pushes(record: Record, *operations: str) -> Iterator[Exchange]:
    """The target's pushes that are JSON objects, in order."""
    return (one for one in record.of(*operations) if is_push(one))


def is_push(exchange: Exchange) -> bool:
    """Whether a push is the target's, and a JSON object."""
    return exchange.by_target and bool(exchange.request.object)


def pushed(exchange: Exchange) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The records of a push with their pointers; what is no record is left out."""
    value: Any = exchange.request.json if exchange.operation in _LISTS else None
    pointer = ""
    for step in _LISTS.get(exchange.operation or "", ()):
        value = value.get(step) if isinstance(value, dict) else None
        pointer += f"/{step}"
    for index, one in enumerate(value if isinstance(value, list) else []):
        if isinstance(one, dict):
            yield f"{pointer}/{index}", one


def key_of(operation: str, record: Mapping[str, Any]) -> str | None:
    """By what a record is known: its plain EvseID, or its ProductID."""
    name = _KEYS.get(operation, "EvseID")
    value = record.get(name)
    if not isinstance(value, str):
        return None
    return value if name == "ProductID" else plain_id(value)


def each_once(
    requirement: Requirement, exchange: Exchange, given: Sequence[tuple[str, str, Hashable]], what: str
) -> Iterator[Outcome]:
    """Whether each id of a push is there once: its pointer, itself, and what makes two the same."""
    counts = Counter(key for _, _, key in given)
    twice = [(pointer, found) for pointer, found, key in given if counts[key] > 1]
    for pointer, found in twice[1:]:
        yield requirement.broken(
            exchange,
            f"the {what} occurs more than once in one push",
            pointer=pointer,
            expected=f"each {pointer.rpartition('/')[2]} once",
            found=found,
        )
    if given and not twice:
        yield requirement.held(exchange)


def rejected_because(exchange: Exchange) -> str:
    """Why the hub rejected a push or an upload, in its words."""
    status = exchange.answer.get("StatusCode")
    reason = status.get("AdditionalInfo") if isinstance(status, dict) else None
    return str(reason or "no reason given")


def contradicts_hub(exchange: Exchange) -> bool:
    """Whether the hub rejected a push since it inserts what is there, or updates what is not."""
    return rejected_because(exchange).startswith(("already there", "not there"))


# Each rule about pushes goes through all of them.
@lru_cache(maxsize=4096)
def by_key(exchange: Exchange) -> Mapping[str, Mapping[str, Any]]:
    """The records of a push by what they are known by."""
    return {key: one for _, one in pushed(exchange) if (key := key_of(exchange.operation or "", one))}


def has_again(exchange: Exchange, operation: str, key: str) -> bool:
    """Whether an exchange is a push that publishes a record again, and was accepted."""
    return (
        exchange.operation == operation
        and exchange.request.get("ActionType") != "delete"
        and answer_of(exchange) is Answer.POSITIVE
        and key in by_key(exchange)
    )


def is_inserted(later: Iterable[Exchange], operation: str, key: str) -> bool:
    """Whether what a full load left out comes again with an insert: a load may consist of several pushes."""
    again = next((one for one in later if has_again(one, operation, key)), None)
    return again is not None and again.request.get("ActionType") == "insert"


@dataclass
class Published(OfExchanges):
    """The records of one kind of push, as they stand after some exchanges."""

    operation: str
    records: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    complete: bool = False
    """Whether a full load was seen: only then is what is not there not published."""
    lost: set[str] = field(default_factory=set)
    """What a full load left out, and did not come again."""

    def see(self, exchange: Exchange, /) -> None:
        """Take in one push that was accepted."""
        if exchange.operation != self.operation or answer_of(exchange) is not Answer.POSITIVE:
            return
        given = by_key(exchange)
        action = exchange.request.get("ActionType")
        if action == "fullLoad":
            self.lost |= self.records.keys()
            self.records, self.complete = dict(given), True
        elif action == "delete":
            for key in given:
                self.records.pop(key, None)
        else:
            self.records.update(given)
        self.lost -= given.keys()


def published(record: Record, operation: str) -> Published:
    """What stands at the end of the run."""
    return record.kept(_published, operation)


def _published(_: Record, operation: str) -> Published:
    return Published(operation)
