"""EVSE data: what operators push, and what an EMP gets when it pulls."""

import json
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from oicp_conformance.hub.store import geo
from oicp_conformance.hub.store.pages import Asked
from oicp_conformance.hub.store.reading import (
    action_of,
    by_evse,
    fault,
    flag_of,
    ids_of,
    moment_of,
    part_of,
    records_of,
    text_of,
    texts_of,
)
from oicp_conformance.hub.store.table import DeltaType, Entry, Record, Refused, Table
from oicp_conformance.oicp.types import operator_of, plain_id

Wanted = Callable[[str, Record], bool]
"""Whether a record, of the operator with that plain id, passes a filter."""
_NOT_WITH_LAST_CALL = ("SearchCenter", "CountryCodes", "OperatorIds")
_CHOICES = ("Accessibility", "CalibrationLawDataAvailability")
_FLAGS = ("RenewableEnergy", "IsHubjectCompatible", "IsOpen24Hours")
_REMEMBERED = 4
"""Pulls of which the result is kept: whoever fetches the next page does not begin anew."""


@dataclass(frozen=True)
class Operator:
    """An operator as its records name it."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """One record of a result."""

    owner: str
    entry: Entry
    delta: DeltaType | None = None


class EvseData:
    """The EVSE data of all operators."""

    def __init__(self) -> None:
        self.table = Table()
        self.operators: dict[str, Operator] = {}
        """By plain OperatorID."""
        self._results: OrderedDict[tuple[int, str], Sequence[Found]] = OrderedDict()

    def push(self, body: Mapping[str, Any], operators: frozenset[str], now: datetime) -> None:
        """Do what an eRoamingPushEvseData says; `operators` are plain ids whose EVSEs may be in it.

        Raises:
            Refused: it is malformed, or inconsistent with itself or with what is there.
        """
        action = action_of(body)
        data = part_of(body, "OperatorEvseData")
        operator = text_of(data, "OperatorID")
        name = data.get("OperatorName")
        own = plain_id(operator)
        given = by_evse(records_of(data, "EvseDataRecord"), operators | {own})
        self.table.push(action, own, given, now)
        self.operators[own] = Operator(operator, name if isinstance(name, str) else None)

    def find(self, evse_id: str) -> Record | None:
        """The valid record of an EVSE."""
        entry = self.table.get(operator_of(evse_id), plain_id(evse_id))
        if entry is None:  # it may be a sub operator's
            owners = self.table.owners()
            entry = next(filter(None, (self.table.get(one, plain_id(evse_id)) for one in owners)), None)
        return entry.record if entry else None

    def pull(
        self, body: Mapping[str, Any], query: Mapping[str, str], offers_status: Callable[[str], bool]
    ) -> dict[str, Any]:
        """The page of an eRoamingEVSEData that a request asks for.

        Raises:
            Refused: the request is malformed, or its filters cannot be combined.
        """
        text_of(body, "ProviderID")
        notation = body.get("GeoCoordinatesResponseFormat")
        if not isinstance(notation, str) or notation not in geo.NOTATIONS:
            raise fault("GeoCoordinatesResponseFormat")

        def show(found: Found) -> dict[str, Any]:
            return self._shown(found, notation, offers_status)

        return Asked.of(query).of_list(self._result(body), show)

    def _result(self, body: Mapping[str, Any]) -> Sequence[Found]:
        since, wanted = moment_of(body, "LastCall"), _filters(body)
        excluded = [name for name in _NOT_WITH_LAST_CALL if body.get(name)]
        if since is not None and excluded:
            raise Refused("022", f"LastCall cannot be combined with {', '.join(excluded)}")
        request = (self.table.version, json.dumps(body, sort_keys=True))
        if request in self._results:
            self._results.move_to_end(request)
        else:
            self._results[request] = [
                found
                for found in self._since(since)
                if all(passes(found.owner, found.entry.record) for passes in wanted)
            ]
            if len(self._results) > _REMEMBERED:
                self._results.popitem(last=False)
        return self._results[request]

    def _since(self, then: datetime | None) -> Iterator[Found]:
        for owner, entry in self.table.every():
            if then is None:
                if entry.valid:
                    yield Found(owner, entry)
            elif delta := entry.since(then):
                yield Found(owner, entry, delta)

    def _shown(
        self, found: Found, notation: geo.Notation, offers_status: Callable[[str], bool]
    ) -> dict[str, Any]:
        """A record as an EMP gets it; the record itself stays as it is."""
        operator = self.operators[found.owner]
        shown = {
            **found.entry.record,
            "deltaType": found.delta,
            "lastUpdate": _written(found.entry.changed),
            "OperatorID": operator.id,
            "OperatorName": operator.name,
        }
        if found.delta is None:
            del shown["deltaType"]
        for name in ("GeoCoordinates", "GeoChargingPointEntrance"):
            if shown.get(name) is not None:
                shown[name] = geo.convert(shown[name], notation)
        if shown.get("DynamicInfoAvailable") == "auto" and offers_status(found.owner):
            shown["DynamicInfoAvailable"] = "true"
        return shown


# All records of a push have changed at the same time.
@lru_cache(maxsize=64)
def _written(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds")


def _filters(body: Mapping[str, Any]) -> list[Wanted]:
    """What a request narrows its result to; an empty list narrows nothing."""
    wanted: list[Wanted] = []
    if near := within(body):
        wanted.append(lambda _, record: near(record))
    if countries := {one.upper() for one in texts_of(body, "CountryCodes") or ()}:
        wanted.append(lambda _, record: _country(record) in countries)
    # OperatorIDs, as the pricing pulls spell it, is not known here, nor to Hubject (C015).
    if operators := ids_of(body, "OperatorIds"):
        wanted.append(lambda owner, _: owner in operators)
    if modes := set(texts_of(body, "AuthenticationModes") or ()):
        wanted.append(lambda _, record: not modes.isdisjoint(_texts(record, "AuthenticationModes")))
    choices = ((name, set(texts_of(body, name) or ())) for name in _CHOICES)
    wanted += [_one_of(name, values) for name, values in choices if values]
    flags = ((name, flag_of(body, name)) for name in _FLAGS)
    wanted += [_one_of(name, {flag}) for name, flag in flags if flag is not None]
    return wanted


def within(body: Mapping[str, Any]) -> Callable[[Record], bool] | None:
    """Whether a record lies in a request's SearchCenter; None when there is none.

    Raises:
        Refused: it is malformed.
    """
    if body.get("SearchCenter") is None:
        return None
    circle = part_of(body, "SearchCenter")
    center, radius = geo.read(circle.get("GeoCoordinates")), circle.get("Radius")
    if center is None or isinstance(radius, bool) or not isinstance(radius, int | float) or radius < 0:
        raise fault("SearchCenter")

    def near(record: Record) -> bool:
        position = geo.read(record.get("GeoCoordinates"))
        return position is not None and position.distance(center) <= radius

    return near


def _one_of(name: str, values: Collection[str | bool]) -> Wanted:
    return lambda _, record: isinstance(given := record.get(name), str | bool) and given in values


def _country(record: Record) -> str | None:
    address = record.get("Address")
    country = address.get("Country") if isinstance(address, Mapping) else None
    return country.upper() if isinstance(country, str) else None


def _texts(record: Record, name: str) -> list[str]:
    given = record.get(name)
    return [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
