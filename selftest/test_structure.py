"""The judge's fast way through a message finds exactly what the plain way finds."""

import copy
import difflib
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from oicp_conformance.hub.inventory import catalogue
from oicp_conformance.judge.complaints import complaints, escape
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.spelling import Spelling
from oicp_conformance.judge.structure import Looked, _is_unfilled, _missing, _Place, _present, _unfilled, look
from oicp_conformance.oicp.evse_messages import eRoamingPullEVSEData, eRoamingPushEvseData
from oicp_conformance.oicp.fields import Field, fields_of
from oicp_conformance.oicp.messages import (
    Message,
    eRoamingChargeDetailRecord,
    eRoamingPushAuthenticationData,
)
from oicp_conformance.oicp.provider import faker
from oicp_conformance.oicp.types import Role

Body = dict[str, Any]

# --- the plain way: every field at every place, by its path


def _places(
    model: type[Message], body: Mapping[str, Any], path: tuple[str, ...], errors: Mapping[str, Any]
) -> Iterator[_Place]:
    names = _siblings(model, path)
    holders = [("", body)]
    for step in path[:-1]:
        inner = []
        for pointer, holder in holders:
            value = holder.get(step)
            items: Any = enumerate(value) if isinstance(value, list) else [(None, value)]
            for index, item in items:
                if isinstance(item, Mapping):
                    at = f"{pointer}/{escape(step)}" + ("" if index is None else f"/{index}")
                    inner.append((at, item))
        holders = inner
    for pointer, holder in holders:
        wrong = any(pointer == at or pointer.startswith(f"{at}/") for at in errors)
        if wrong and names.isdisjoint(holder):
            continue  # Something else stands there, and that is said of the place itself.
        yield _Place(f"{pointer}/{escape(path[-1])}", holder, holder.get(path[-1]))


def _siblings(model: type[Message], path: tuple[str, ...]) -> set[str]:
    return {other[-1] for other in fields_of(model) if other[:-1] == path[:-1]}


def _near(model: type[Message], field: Field, holder: Mapping[str, Any]) -> str | None:
    siblings = _siblings(model, field.path)
    unknown = {
        key.lower().replace(" ", ""): key for key in holder if key not in siblings and holder[key] is not None
    }
    close = difflib.get_close_matches(field.path[-1].lower(), unknown, n=1, cutoff=0.9)
    return unknown[close[0]] if close else None


def errors_of(model: type[Message], body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        model.model_validate(body)
    except ValidationError as error:
        found: dict[str, Any] = {}
        for item in error.errors(include_url=False):
            found.setdefault("".join(f"/{escape(step)}" for step in item["loc"]), item)
        return found
    return {}


def plain(model: type[Message], body: Mapping[str, Any], sender: Role) -> Iterator[Looked]:
    errors = errors_of(model, body)
    for field in fields_of(model).values():
        for place in _places(model, body, field.path, errors):
            if place.value is not None:
                if _is_unfilled(field, place.value) and place.pointer not in errors:
                    yield _unfilled(field, place.pointer, place.value)
                else:
                    yield from _present(field, place, errors, sender)
                continue
            near = _near(model, field, place.holder)
            name = field.path[-1]
            if field.mandatory:
                yield _missing(field, place, sender, near)
            elif near:
                message = f"{near} is not an OICP field; did you mean {name}?"
                yield Looked(field, place.pointer, Verdict.WARNING, message, name, near, "C097")


# --- messages, and what can be wrong with them

NOW = "2026-11-22T14:00:00+01:00"
CDR: Body = {
    "SessionID": "f98efba4-02d8-4fa0-b810-9a9d50d2c527",
    "EvseID": "DE*ABC*E1",
    "Identification": {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}},
    **dict.fromkeys(("ChargingStart", "ChargingEnd", "SessionStart", "SessionEnd"), NOW),
    "ConsumedEnergy": 1.5,
    "MeterValueInBetween": {"meterValues": [1.0, 2, 3]},
    "SignedMeteringValues": [{"SignedMeteringValue": "x", "MeteringStatus": "Start"}] * 3,
}
_HASH = {"Value": "a" * 20, "Function": "Bcrypt"}
_QR = {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "HashedPIN": _HASH}}
UPLOAD: Body = {
    "ActionType": "fullLoad",
    "ProviderAuthenticationData": {
        "ProviderID": "DE-DCB",
        "AuthenticationDataRecord": [
            {"Identification": one} for one in (CDR["Identification"], _QR, CDR["Identification"])
        ],
    },
}
LOAD: Body = {
    "ActionType": "fullLoad",
    "OperatorEvseData": {
        "OperatorID": "DE*ABC",
        "OperatorName": "ABC",
        "EvseDataRecord": [
            {name: value for name, value in one.items() if not name.startswith("Operator")}
            for one in catalogue(faker(3), 7, ["DE*ABC"])
        ],
    },
}
PULL: Body = {
    "ProviderID": "DE-DCB",
    "GeoCoordinatesResponseFormat": "Google",
    "SearchCenter": {"GeoCoordinates": {"Google": {"Coordinates": "52.48 13.35"}}, "Radius": 5},
    "CountryCodes": ["DEU", "FRA"],
}
MESSAGES: tuple[tuple[type[Message], Body], ...] = (
    (eRoamingChargeDetailRecord, CDR),
    (eRoamingPushAuthenticationData, UPLOAD),
    (eRoamingPushEvseData, LOAD),
    (eRoamingPullEVSEData, PULL),
)
VALUES: tuple[Any, ...] = (
    *(None, 17, -0.00001, True, "text", "", [], {}, [{}], [None], "2026-11-22T13:00:00Z", ["REMOTE", 5]),
    *({"UID": "zz"}, {"Google": None}, {"Google": {}, "DecimalDegree": {}}, [{"lang": "de", "x": 1}]),
)


def spots(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    inner: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, one in inner:
        yield from spots(one, (*at, step))


def spoilt(body: Body, chance: random.Random) -> Body:
    body = copy.deepcopy(body)
    for _ in range(chance.randint(0, 4)):
        *above, last = chance.choice([*spots(body), ("new",)])
        holder: Any = body
        for step in above:
            holder = holder[step]
        kind = chance.randint(0, 6)
        if kind == 0 and isinstance(holder, dict):
            holder.pop(last, None)
        elif kind == 1 and isinstance(holder, dict) and last in holder:
            holder[f"{last}{chance.choice('s Ix')}"] = holder.pop(last)
        elif kind == 2 and isinstance(holder, dict):
            holder[chance.choice(["ChargingStationId", "Vendor", "evseID", "UIDs", "Pin"])] = "x"
        elif isinstance(holder, list) or last in holder:
            holder[last] = copy.deepcopy(chance.choice(VALUES))
    return body


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("sender", ["cpo", "emp"])
def test_both_ways_find_the_same(seed: int, sender: Role) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secrets here
    for model, body in MESSAGES:
        for _ in range(12):
            spelt = Spelling(model, spoilt(body, chance), sender)
            found = list(look(model, spelt.body, sender))
            expected = list(plain(model, spelt.body, sender))
            fields = [
                {one.field.path for one in way if one.verdict is Verdict.PASS} for way in (found, expected)
            ]
            assert fields[0] == fields[1]
            findings = [[one for one in way if one.verdict is not Verdict.PASS] for way in (found, expected)]
            assert findings[0] == findings[1]


@pytest.mark.parametrize("seed", range(40))
def test_records_in_batches_are_complained_of_alike(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secrets here
    for model, body in MESSAGES:
        broken = spoilt(body, chance)
        whole = {at: (one["type"], one["msg"]) for at, one in errors_of(model, broken).items()}
        for batch in (1, 2, 3, 1000):
            parts = {at: (one["type"], one["msg"]) for at, one in complaints(model, broken, batch).items()}
            assert parts == whole


def test_a_field_is_in_order_once() -> None:
    found = [one.field.path for one in look(eRoamingPushEvseData, LOAD, "cpo")]
    assert len(found) == len(set(found)) > 50
