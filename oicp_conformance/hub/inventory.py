"""EVSE data that other operators have published: made up, and the same whenever the seed is the same."""

import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from faker import Faker

from oicp_conformance.hub.store import geo
from oicp_conformance.oicp.iso import ALPHA_3, alpha_2_of
from oicp_conformance.oicp.types import operator_of, plain_id

Record = dict[str, Any]


@dataclass(frozen=True)
class _City:
    name: str
    country: str
    position: geo.Position
    time_zone: str
    language: str


_CITIES = (
    _City("Berlin", "DEU", geo.Position(52_520_008, 13_404_954), "UTC+01:00", "de"),
    _City("München", "DEU", geo.Position(48_137_154, 11_576_124), "UTC+01:00", "de"),
    _City("Wien", "AUT", geo.Position(48_208_176, 16_373_819), "UTC+01:00", "de"),
    _City("Zürich", "CHE", geo.Position(47_376_888, 8_541_694), "UTC+01:00", "de"),
    _City("Utrecht", "NLD", geo.Position(52_090_737, 5_121_420), "UTC+01:00", "nl"),
    _City("Lyon", "FRA", geo.Position(45_764_043, 4_835_659), "UTC+01:00", "fr"),
    _City("Lisboa", "PRT", geo.Position(38_722_252, -9_139_337), "UTC+00:00", "pt"),
    _City("Rio de Janeiro", "BRA", geo.Position(-22_906_847, -43_172_897), "UTC-03:00", "pt"),
)
_FACILITIES = (
    ("Type 2 Outlet", {"PowerType": "AC_1_PHASE", "Voltage": 230, "Amperage": 32, "Power": 7}),
    (
        "Type 2 Connector (Cable Attached)",
        {"PowerType": "AC_3_PHASE", "Power": 22, "ChargingModes": ["Mode_3"]},
    ),
    ("CCS Combo 2 Plug (Cable Attached)", {"PowerType": "DC", "Power": 150, "ChargingModes": ["Mode_4"]}),
    ("CHAdeMO", {"PowerType": "DC", "Voltage": 400, "Power": 50, "ChargingModes": ["CHAdeMO"]}),
)
_MODES = (
    ["NFC RFID Classic", "REMOTE"],
    ["NFC RFID Classic", "NFC RFID DESFire", "REMOTE"],
    ["PnC", "REMOTE"],
    ["Direct Payment"],
)
_PAYMENT = (["Contract"], ["Direct", "Contract"], ["Direct"], ["No Payment"])
_SERVICES = (["None"], ["Reservation"], ["Reservation", "DynamicPricing"], ["RoofProvided"])
_ACCESSIBILITY = (
    "Free publicly accessible",
    "Restricted access",
    "Paying publicly accessible",
    "Test Station",
)
_USABLE: Record = {
    "AuthenticationModes": ["NFC RFID Classic", "PnC", "REMOTE"],
    "CalibrationLawDataAvailability": "Not Available",
    "ValueAddedServices": ["Reservation", "DynamicPricing"],
    "IsHubjectCompatible": True,
    "DynamicInfoAvailable": "true",
}
_LOCATIONS = ("OnStreet", "ParkingLot", "ParkingGarage", "UndergroundParkingGarage")
_CALIBRATION = ("Local", "External", "Not Available")


def catalogue(
    faker: Faker, count: int, operators: Sequence[str], evse_ids: Sequence[str] = ()
) -> list[Record]:
    """Records of a pull, spread over the operators in turn.

    Each is as EMP 03 has it, in Google notation, but for what the hub adds: deltaType and lastUpdate. The
    first ones are those of `evse_ids`, at which all can be done that an EMP may ask for; the operator of such
    an EVSE is the one of its id, or the first.
    """
    maker = _Maker(faker, operators)
    fixed = [maker.record(maker.operator_for(evse), evse) | _USABLE for evse in evse_ids]
    taken = set(map(plain_id, evse_ids))
    made = maker.others(taken)
    return fixed + [next(made) for _ in range(max(0, count - len(fixed)))]


def _cities_of(operator: str) -> Sequence[_City]:
    """Cities in an operator's country, which its EvseIDs name; of an id without one, all.

    A country that has none here gets the names of the others.
    """
    country = ALPHA_3.get(alpha_2_of(operator) or "")
    if country is None:
        return _CITIES
    own = [one for one in _CITIES if one.country == country]
    return own or [replace(one, country=country) for one in _CITIES]


class _Maker:
    """Makes records; names come from small stocks, since a Faker is slow."""

    def __init__(self, faker: Faker, operators: Sequence[str]) -> None:
        self._random: random.Random = faker.random
        self._operators = operators
        self._names = {one: str(faker.company())[:100] for one in operators}
        self._streets = [str(faker.street_name())[:90] for _ in range(50)]
        self._makers = [str(faker.company())[:50] for _ in range(5)]

    def operator_for(self, evse_id: str) -> str:
        """The operator that has an EVSE."""
        named = operator_of(evse_id)
        return next((one for one in self._operators if plain_id(one) == named), self._operators[0])

    def others(self, taken: set[str]) -> Iterator[Record]:
        """Any number of records with EvseIDs that are not taken."""
        number = 0
        while True:
            for operator in self._operators:
                number += 1
                evse = self._evse_id(operator, number)
                if plain_id(evse) not in taken:
                    yield self.record(operator, evse)

    def _evse_id(self, operator: str, number: int) -> str:
        if operator.lstrip("+")[:1].isdigit():
            return f"{operator}*{number:06d}"
        salt = "".join(self._random.choices(string.ascii_uppercase, k=3))
        return f"{operator.upper()}*E{salt}{number:05d}*1"

    def record(self, operator: str, evse_id: str) -> Record:
        """One record."""
        choose = self._random.choice
        city = choose(_cities_of(operator))
        position = geo.Position(
            city.position.latitude + self._random.randint(-60_000, 60_000),
            city.position.longitude + self._random.randint(-60_000, 60_000),
        )
        plug, facility = choose(_FACILITIES)
        always = self._random.random() < 0.7
        renewable = self._random.random() < 0.5
        street = choose(self._streets)
        record: Record = {
            "EvseID": evse_id,
            "ChargingStationID": f"S-{self._random.randrange(10**6):06d}",
            "ChargingStationNames": [
                {"lang": "en", "value": f"Charging station {street}"},
                {"lang": city.language, "value": f"{city.name}, {street}"},
            ],
            "HardwareManufacturer": choose(self._makers),
            "Address": {
                "Country": city.country,
                "City": city.name,
                "Street": street,
                "PostalCode": f"{self._random.randrange(10**5):05d}",
                "HouseNum": str(self._random.randint(1, 200)),
                "TimeZone": city.time_zone,
                "ParkingFacility": choose((True, False)),
            },
            "GeoCoordinates": geo.write(position, "Google"),
            "Plugs": [plug],
            "DynamicPowerLevel": choose((True, False)),
            "ChargingFacilities": [facility],
            "RenewableEnergy": renewable,
            "EnergySource": [{"Energy": choose(("Solar", "Wind") if renewable else ("Coal", "NaturalGas"))}],
            "EnvironmentalImpact": {"CO2Emission": self._random.randint(0, 4000) / 10},
            "CalibrationLawDataAvailability": choose(_CALIBRATION),
            "AuthenticationModes": choose(_MODES),
            "PaymentOptions": choose(_PAYMENT),
            "ValueAddedServices": choose(_SERVICES),
            "Accessibility": choose(_ACCESSIBILITY),
            "AccessibilityLocation": choose(_LOCATIONS),
            "HotlinePhoneNumber": f"+49{self._random.randrange(10**9):09d}",
            "GeoChargingPointEntrance": geo.write(position, "Google"),
            "IsOpen24Hours": always,
            "IsHubjectCompatible": self._random.random() < 0.9,
            "DynamicInfoAvailable": choose(("true", "true", "auto", "false")),
            "OperatorID": operator,
            "OperatorName": self._names[operator],
        }
        if not always:
            hours = {"begin": "07:00", "end": "22:00"}
            record["OpeningTimes"] = [{"Period": [hours], "on": "Everyday"}]
        return record
