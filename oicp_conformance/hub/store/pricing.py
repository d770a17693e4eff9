"""Dynamic pricing: the products of operators, and which of them apply at which EVSE."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from oicp_conformance.hub.script import status_code
from oicp_conformance.hub.store.reading import (
    action_of,
    by_evse,
    fault,
    ids_of,
    moment_of,
    part_of,
    records_of,
    text_of,
)
from oicp_conformance.hub.store.table import Record, Refused, Table, listed
from oicp_conformance.oicp.types import plain_id

EVERYBODY = "*"
"""The ProviderID of prices that are for all EMPs."""


def _provider(given: str) -> str:
    return EVERYBODY if given == EVERYBODY else plain_id(given)


def _is_for(provider: str, pulling: str) -> bool:
    return provider in {EVERYBODY, pulling}


def _among(operator: str, operators: set[str] | None) -> bool:
    return operators is None or operator in operators


def _asked(body: Mapping[str, Any]) -> tuple[set[str] | None, datetime | None]:
    """Of which operators, or None for all, and since when."""
    operators = ids_of(body, "OperatorIDs")
    # In the spelling of the pull of EVSE data it is a filter that is not known here (C015).
    if operators is None and body.get("OperatorIds") is None:
        raise fault("OperatorIDs")
    return operators, moment_of(body, "LastCall")


class Products:
    """The pricing products of all operators, apart for each provider that they are offered to."""

    def __init__(self) -> None:
        self.table = Table()
        self._headers: dict[str, tuple[str, str, dict[str, Any], datetime]] = {}
        """By owner: plain operator, provider, the message without its records, and when it changed."""

    def push(self, body: Mapping[str, Any], now: datetime) -> None:
        """Do what an eRoamingPushPricingProductData says.

        Raises:
            Refused: it is malformed, or inconsistent with itself or with what is there.
        """
        action = action_of(body)
        data = part_of(body, "PricingProductData")
        operator, provider = plain_id(text_of(data, "OperatorID")), _provider(text_of(data, "ProviderID"))
        records = records_of(data, "PricingProductDataRecords")
        given = {text_of(record, "ProductID"): record for record in records}
        if len(given) < len(records):
            raise Refused("022", f"a ProductID is there twice among {listed(given)}")
        owner = f"{operator} {provider}"
        self.table.push(action, owner, given, now)
        header = {name: value for name, value in data.items() if name != "PricingProductDataRecords"}
        known = self._headers.get(owner)
        if action == "delete" and known:
            return
        changed = known[3] if known and known[2] == header else now
        self._headers[owner] = (operator, provider, header, changed)

    def offered_to(self, provider: str) -> list[Record]:
        """The valid records that are for a provider (plain id)."""
        owners = [owner for owner, (_, given, _, _) in self._headers.items() if _is_for(given, provider)]
        return [entry.record for owner in owners for entry in self.table.of(owner)]

    def pull(self, body: Mapping[str, Any], provider: str) -> dict[str, Any]:
        """The eRoamingPricingProductData that a request of that provider (plain id) asks for.

        Raises:
            Refused: the request is malformed.
        """
        operators, since = _asked(body)
        return {
            "PricingProductData": list(self._groups(operators, provider, since)),
            "StatusCode": status_code("000", "Success"),
        }

    def _groups(
        self, operators: set[str] | None, pulling: str, since: datetime | None
    ) -> Iterator[dict[str, Any]]:
        for owner, (operator, provider, header, changed) in self._headers.items():
            if not _among(operator, operators) or not _is_for(provider, pulling):
                continue
            records = [
                entry.record for entry in self.table.of(owner) if since is None or entry.changed > since
            ]
            if records or since is None or changed > since:
                yield {**header, "PricingProductDataRecords": records}


class Prices:
    """Which products apply at which EVSE, for which provider."""

    def __init__(self, name_of: Callable[[str], tuple[str, str | None]]) -> None:
        self.table = Table()
        self._name_of = name_of
        """OperatorID and OperatorName by plain id."""

    def push(self, body: Mapping[str, Any], operator: str, operators: frozenset[str], now: datetime) -> None:
        """Do what an eRoamingPushEVSEPricing of that operator (plain id) says.

        Raises:
            Refused: it is malformed, or inconsistent with itself or with what is there.
        """
        action = action_of(body)
        given = by_evse(records_of(body, "EVSEPricing"), operators | {operator}, _key)
        self.table.push(action, operator, given, now)

    def at(self, evse: str, provider: str) -> set[str] | None:
        """The ProductIDs of an EVSE (plain id) for a provider (plain id); None where it is not priced."""
        records = [
            entry.record
            for owner in self.table.owners()
            for entry in self.table.of(owner)
            if plain_id(entry.record["EvseID"]) == evse
            and _is_for(_provider(entry.record["ProviderID"]), provider)
        ]
        return {name for record in records for name in _listed_products(record)} if records else None

    def pull(self, body: Mapping[str, Any], provider: str) -> dict[str, Any]:
        """The eRoamingEVSEPricing that a request of that provider (plain id) asks for.

        Raises:
            Refused: the request is malformed.
        """
        text_of(body, "ProviderID")
        operators, since = _asked(body)
        return {
            "EVSEPricing": list(self._groups(operators, provider, since)),
            "StatusCode": status_code("000", "Success"),
        }

    def _groups(
        self, operators: set[str] | None, pulling: str, since: datetime | None
    ) -> Iterator[dict[str, Any]]:
        for owner in self.table.owners():
            records = [
                entry.record
                for entry in self.table.of(owner)
                if _is_for(_provider(entry.record["ProviderID"]), pulling)
                and (since is None or entry.changed > since)
            ]
            if _among(owner, operators) and records:
                operator, name = self._name_of(owner)
                called = {"OperatorName": name} if name else {}
                yield {"OperatorID": operator, **called, "EVSEPricing": records}


def _listed_products(record: Record) -> Iterator[str]:
    """The ProductIDs of an EVSE, also where each is written as an object (C071)."""
    given = record.get("EvseIDProductList")
    for one in given if isinstance(given, list) else ():
        name = one.get("ProductID") if isinstance(one, Mapping) else one
        if isinstance(name, str):
            yield name


def _key(record: Record) -> str:
    """One EVSE may have other prices for each provider."""
    return f"{plain_id(text_of(record, 'EvseID'))} {_provider(text_of(record, 'ProviderID'))}"
