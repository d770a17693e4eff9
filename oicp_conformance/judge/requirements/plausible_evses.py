"""EVSE data with figures that can be right: power, voltage and current, plugs and modes."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.legible import is_legible, spoilt
from oicp_conformance.judge.outcome import Outcome, Record, held_once, quoted, shown
from oicp_conformance.judge.published import pushed, pushes
from oicp_conformance.judge.requirement import cpo, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.territories import Position, as_meant, position_of
from oicp_conformance.judge.values import number, text, texts
from oicp_conformance.oicp.operation_names import EVSE_DATA

PLAUSIBLE_POWER = requirement(
    "eRoamingPushEvseData.plausible-power",
    cpo(
        "SHOULD",
        "Power of a charging facility agrees with its Voltage (line to neutral) and Amperage.",
        Source("CPO 03", "ChargingFacilityType", 281, "explicit"),
        on=(EVSE_DATA,),
    ),
)

FITS_POWER_TYPE = requirement(
    "eRoamingPushEvseData.fits-power-type",
    cpo(
        "SHOULD",
        "Plugs and ChargingModes of an EVSE fit the PowerType of its charging facilities.",
        Source("CPO 03", "ChargingModeType", 528, "explicit"),
        on=(EVSE_DATA,),
    ),
)

PLAUSIBLE_POSITION = requirement(
    "eRoamingPushEvseData.plausible-position",
    cpo(
        "SHOULD",
        "GeoCoordinates are the position of the station: not a default, not swapped, with the correct sign.",
        Source("CPO 03", "EvseDataRecordType", 206, "practice"),
        on=(EVSE_DATA,),
    ),
)

LEGIBLE = requirement(
    "eRoamingPushEvseData.legible",
    cpo(
        "SHOULD",
        "Names and addresses are plain text in UTF-8, and not escaped for HTML.",
        Source("CPO 01", "rest", 11, "practice"),
        on=(EVSE_DATA,),
    ),
)

_TEXTS = ("Address", "ChargingStationNames", "AdditionalInfo", "ChargingStationLocationReference")
"""What drivers read of an EVSE, beside the name of its sub-operator."""
_LARGEST = 999.0
"""kW: what has more digits is a finding of the field itself."""
_SLACK = 1.1
_LINE_TO_LINE = 330.0
"""Volts above which no public grid is line to neutral."""
_AC_MODES, _DC_MODES = frozenset({"Mode_1", "Mode_2", "Mode_3"}), frozenset({"Mode_4", "CHAdeMO"})
_DC_PLUGS = frozenset({"CCS Combo 2 Plug (Cable Attached)", "CCS Combo 1 Plug (Cable Attached)", "CHAdeMO"})
_AC_PLUGS = frozenset(
    {
        "Type E French Standard",
        "Type F Schuko",
        "Type G British Standard",
        "Type J Swiss Standard",
        "Type 1 Connector (Cable Attached)",
        "Type 2 Outlet",
        "Type 2 Connector (Cable Attached)",
        "Type 3 Outlet",
        "IEC 60309 Single Phase",
        "IEC 60309 Three Phase",
    }
)
"""Plugs for alternating current only; those of Tesla and the inductive ones are neither."""


_Facility = tuple[str, Mapping[str, Any]]
"""A charging facility of an EVSE, with its pointer."""


def _facilities(pointer: str, one: Mapping[str, Any]) -> list[_Facility]:
    given = one.get("ChargingFacilities")
    return [
        (f"{pointer}/ChargingFacilities/{index}", facility)
        for index, facility in enumerate(given if isinstance(given, list) else [])
        if isinstance(facility, dict)
    ]


@rule(PLAUSIBLE_POWER, FITS_POWER_TYPE, PLAUSIBLE_POSITION, LEGIBLE, by_exchange=True)
@held_once
def records(record: Record) -> Iterator[Outcome]:
    """Each record in itself."""
    for exchange in pushes(record, EVSE_DATA):
        if exchange.request.get("ActionType") == "delete":
            continue
        towns = _Towns(exchange)
        for pointer, one in pushed(exchange):
            facilities = _facilities(pointer, one)
            for at, facility in facilities:
                yield from _power(exchange, at, facility)
            yield from _fit(exchange, pointer, one, facilities)
            position = position_of(one.get("GeoCoordinates"))
            if position is None or not any(position):
                yield from _no_position(exchange, pointer, one.get("GeoCoordinates"))
            else:
                yield from _position(exchange, pointer, one, position)
                towns.see(pointer, one, position)
            yield from _legible(exchange, pointer, one)
        yield from towns.found


def _read_by_drivers(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    """The texts in a part of a record, each with its pointer."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _read_by_drivers(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _read_by_drivers(inner, f"{pointer}/{index}")


def _legible(exchange: Exchange, pointer: str, one: Mapping[str, Any]) -> Iterator[Outcome]:
    """The first spoilt text of a record: what spoils one has spoilt the others."""
    for name in (*_TEXTS, "SubOperatorName"):
        if is_legible(one.get(name)):
            continue
        for at, given in _read_by_drivers(one[name], f"{pointer}/{name}"):
            if (how := spoilt(given)) is not None:
                yield LEGIBLE.broken(
                    exchange,
                    f"the text {quoted(given)} is not legible: {how[0]}",
                    pointer=at,
                    expected=how[1],
                    found=given,
                )
                return
    yield LEGIBLE.held(exchange)


def _no_position(exchange: Exchange, pointer: str, given: object) -> Iterator[Outcome]:
    """A default value: in each form it has digits, and none but zeros."""
    digits = {letter for letter in shown(given) if letter.isdigit()} if isinstance(given, Mapping) else set()
    if digits == {"0"}:
        yield PLAUSIBLE_POSITION.broken(
            exchange,
            "the position is 0° 0°, in the Gulf of Guinea: is it a default value?",
            pointer=f"{pointer}/GeoCoordinates",
            expected="the coordinates of the charging station",
            found=given,
        )
    elif digits:
        yield PLAUSIBLE_POSITION.held(exchange)


def _position(
    exchange: Exchange, pointer: str, one: Mapping[str, Any], position: Position
) -> Iterator[Outcome]:
    """Two numbers that are swapped, or lack a sign."""
    address = one.get("Address")
    country = address.get("Country") if isinstance(address, Mapping) else None
    if meant := as_meant(country, position):
        how, (latitude, longitude) = meant
        yield PLAUSIBLE_POSITION.broken(
            exchange,
            f"latitude {position[0]:g}, longitude {position[1]:g} is not in {country}, and {how}",
            pointer=f"{pointer}/GeoCoordinates",
            expected=f"latitude {latitude:g}, longitude {longitude:g}",
            found=one.get("GeoCoordinates"),
        )
    else:
        yield PLAUSIBLE_POSITION.held(exchange)


class _Towns:
    """Finds one position for EVSEs of two towns: the cause of the first pair is that of the others."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._known: dict[Position, Mapping[str, Any]] = {}
        self.found: list[Outcome] = []

    def see(self, pointer: str, one: Mapping[str, Any], position: Position) -> None:
        """Compare a record with those before it."""
        address = one.get("Address")
        if self.found or not isinstance(address, Mapping):
            return
        first = self._known.setdefault(position, one)
        if first is not one and _are_elsewhere(first["Address"], address):
            self.found.append(
                PLAUSIBLE_POSITION.broken(
                    self._exchange,
                    f"{_named(one)} has the position of {_named(first)}: is it a default value?",
                    pointer=f"{pointer}/GeoCoordinates",
                    expected="the coordinates of the charging station",
                    found=one.get("GeoCoordinates"),
                )
            )


def _named(one: Mapping[str, Any]) -> str:
    """An EVSE and its city."""
    return f"{shown(one.get('EvseID'))} in {shown(one['Address'].get('City'))}"


def _are_elsewhere(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two addresses are in different towns: by name, which has several spellings, and postal code."""
    pairs = [(text(one, name), text(other, name)) for name in ("City", "PostalCode")]
    return all(here and there and here.strip().lower() != there.strip().lower() for here, there in pairs)


def _power(exchange: Exchange, pointer: str, facility: Mapping[str, Any]) -> Iterator[Outcome]:
    power = number(facility, "Power")
    if power is None or not 0 < power <= _LARGEST:
        return
    volts, amperes = number(facility, "Voltage"), number(facility, "Amperage")
    if not volts or not amperes:
        yield PLAUSIBLE_POWER.held(exchange)
        return
    is_three_phase = facility.get("PowerType") == "AC_3_PHASE"
    factor = "3 x " if is_three_phase else ""
    full = volts * amperes / 1000 * (3 if is_three_phase else 1)
    line_to_line = full / math.sqrt(3)
    if is_three_phase and volts > _LINE_TO_LINE and abs(power - line_to_line) <= 0.1 * power:
        yield PLAUSIBLE_POWER.broken(
            exchange,
            f"{factor}{volts:g} V x {amperes:g} A is {full:.1f} kW, not {power:g} kW: "
            f"is {volts:g} V line to line? Voltage is line to neutral",
            pointer=f"{pointer}/Voltage",
            expected=f"{volts / math.sqrt(3):.0f}",
            found=volts,
        )
    elif power > full * _SLACK + 1:
        yield PLAUSIBLE_POWER.broken(
            exchange,
            f"{factor}{volts:g} V x {amperes:g} A is {full:.1f} kW, less than {power:g} kW",
            pointer=f"{pointer}/Power",
            expected=f"at most {full:.1f}",
            found=power,
        )
    else:
        yield PLAUSIBLE_POWER.held(exchange)


def _fit(
    exchange: Exchange, pointer: str, one: Mapping[str, Any], facilities: Sequence[_Facility]
) -> Iterator[Outcome]:
    types: set[str] = set()
    wrong = False
    for at, facility in facilities:
        kind, modes = str(facility.get("PowerType")), set(texts(facility.get("ChargingModes")))
        is_dc = kind == "DC"
        types.add("DC" if is_dc else "AC")
        misfits = modes & _DC_MODES if not is_dc else (modes if modes and modes <= _AC_MODES else set())
        if misfits and kind in {"DC", "AC_1_PHASE", "AC_3_PHASE"}:
            wrong = True
            yield FITS_POWER_TYPE.broken(
                exchange,
                f"{', '.join(sorted(misfits))} is for {'AC' if is_dc else 'DC'}, but PowerType is {kind}",
                pointer=f"{at}/ChargingModes",
                expected="Mode_4 or CHAdeMO" if is_dc else "Mode_1, Mode_2 or Mode_3",
                found=facility.get("ChargingModes"),
            )
    plugs = set(texts(one.get("Plugs")))
    for current, other, fitting in (("DC", "AC", _AC_PLUGS), ("AC", "DC", _DC_PLUGS)):
        if types == {current} and plugs and plugs <= fitting:
            wrong = True
            yield FITS_POWER_TYPE.broken(
                exchange,
                f"the EVSE has only {other} plugs, and its PowerType is {current}",
                pointer=f"{pointer}/Plugs",
                expected=f"a plug for {current}",
                found=one.get("Plugs"),
            )
    if types and not wrong:
        yield FITS_POWER_TYPE.held(exchange)
