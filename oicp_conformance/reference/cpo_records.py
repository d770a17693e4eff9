"""What the reference CPO has to say about its charging points and its prices."""

import functools
from collections.abc import Mapping, Sequence
from typing import Protocol

from faker import Faker

from oicp_conformance.oicp.provider import faker
from oicp_conformance.reference.permissive import Message, normal

Record = Message
COUNTRIES = {"DE": "DEU", "AT": "AUT", "CH": "CHE", "NL": "NLD", "FR": "FRA", "IT": "ITA"}
PLACES = (
    ("Berlin", "10829", "Berlin", 52.48, 13.35),
    ("München", "80331", "Bayern", 48.13, 11.57),
    ("Köln", "50667", "Nordrhein-Westfalen", 50.94, 6.95),
    ("Saarbrücken", "66111", "Saarland", 49.23, 6.99),
)
PLUGS = ("Type 2 Outlet", "Type 2 Connector (Cable Attached)", "CCS Combo 2 Plug (Cable Attached)")
FACILITIES: tuple[Message, ...] = (
    {"PowerType": "AC_3_PHASE", "Voltage": 230, "Amperage": 32, "Power": 22, "ChargingModes": ["Mode_3"]},
    {"PowerType": "AC_1_PHASE", "Voltage": 230, "Amperage": 32, "Power": 7, "ChargingModes": ["Mode_3"]},
    {"PowerType": "DC", "Voltage": 400, "Power": 50, "ChargingModes": ["Mode_4"]},
)
PRODUCT_OF = {"AC_3_PHASE": "AC3", "AC_1_PHASE": "AC1", "DC": "DC"}
OPEN = (("Workdays", "06:00", "22:00"), ("Weekend", "08:00", "20:00"))
EVERYBODY = "*"


def watts_at(number: int) -> int:
    """Say how much power there is at a charging point."""
    return int(FACILITIES[number % len(FACILITIES)]["Power"]) * 1000


class Point(Protocol):
    """A charging point as far as it is published."""

    evse_id: str
    signs: bool

    @property
    def status(self) -> str:
        """What the hub is told about it."""


def key_of(record: Record) -> str:
    """Say by what the hub tells a record from others."""
    return str(record["ProductID"]) if "ProductID" in record else normal(record["EvseID"])


def text(english: str, german: str) -> list[Message]:
    """Say something in two languages."""
    return [{"lang": "en", "value": english[:150]}, {"lang": "de", "value": german[:150]}]


def opening_times() -> list[Message]:
    """Say when a charging point is open that closes at night."""
    return [{"Period": [{"begin": begin, "end": end}], "on": on} for on, begin, end in OPEN]


def evse_data_record(
    fake: Faker, number: int, evse_id: str, operator_id: str, calibration: str, services: Sequence[str]
) -> Record:
    """Describe one charging point."""
    city, postal_code, region, latitude, longitude = fake.random_element(PLACES)
    latitude, longitude = (degrees + fake.random_int(0, 19_999) / 1e6 for degrees in (latitude, longitude))
    street, station = f"{fake.last_name()}straße", fake.bothify("LS ###")
    always_open = number % 2 == 0
    record = {
        "EvseID": evse_id,
        "ChargingStationID": station,
        "ChargingStationNames": text(f"Charging station {street}", f"Ladestation {street}"),
        "HardwareManufacturer": fake.company()[:50],
        "ChargingStationImage": f"https://stations.example/{fake.bothify('####')}.jpg",
        "Address": {
            "Country": COUNTRIES.get(operator_id[:2].upper(), "DEU"),
            "City": city,
            "Street": street,
            "PostalCode": postal_code,
            "HouseNum": str(fake.random_int(1, 199)),
            "Floor": "EG",
            "Region": region,
            "ParkingFacility": True,
            "ParkingSpot": fake.bothify("?##").upper(),
            "TimeZone": "UTC+01:00",
        },
        "GeoCoordinates": {"Google": {"Coordinates": f"{latitude:.6f} {longitude:.6f}"}},
        "Plugs": [PLUGS[number % len(PLUGS)]],
        "DynamicPowerLevel": False,
        "ChargingFacilities": [FACILITIES[number % len(FACILITIES)]],
        "RenewableEnergy": True,
        "EnergySource": [{"Energy": "Solar", "Percentage": 85}, {"Energy": "Wind", "Percentage": 15}],
        "EnvironmentalImpact": {"CO2Emission": 30.3, "NuclearWaste": 0},
        "CalibrationLawDataAvailability": calibration,
        "AuthenticationModes": ["NFC RFID Classic", "NFC RFID DESFire", "PnC", "REMOTE"],
        "MaxCapacity": 50,
        "PaymentOptions": ["Contract"],
        "ValueAddedServices": list(services) or ["None"],
        "Accessibility": "Free publicly accessible",
        "AccessibilityLocation": "ParkingLot",
        "HotlinePhoneNumber": f"+49{fake.numerify('%########')}",
        "AdditionalInfo": text("Please move on when charged", "Bitte nach dem Laden weiterfahren"),
        "ChargingStationLocationReference": text("Behind the town hall", "Hinter dem Rathaus"),
        "GeoChargingPointEntrance": {"Google": {"Coordinates": f"{latitude:.6f} {longitude:.6f}"}},
        "IsOpen24Hours": always_open,
        "IsHubjectCompatible": True,
        "DynamicInfoAvailable": "true" if number >= 0 else "auto",
    }
    if operator_id[:1].isalpha():
        record["ChargingPoolID"] = f"{operator_id}*P{fake.numerify('####')}"
    if not always_open:
        record["OpeningTimes"] = opening_times()
    return record


def product(product_id: str, price: float, watts: int, *, always: bool, flat: bool = False) -> Record:
    """Describe one price."""
    times = (("Everyday", "00:00", "23:59"),) if always else OPEN
    return {
        "ProductID": product_id,
        "ReferenceUnit": "KILOWATT_HOUR",
        "ProductPriceCurrency": "EUR",
        "PricePerReferenceUnit": price,
        "MaximumProductChargingPower": watts,
        "IsValid24hours": always,
        "ProductAvailabilityTimes": [
            {"Periods": [{"begin": begin, "end": end}], "on": on} for on, begin, end in times
        ],
        "AdditionalReferences": [
            {
                "AdditionalReference": "FIXED FEE" if flat else "PARKING FEE",
                "AdditionalReferenceUnit": "HOUR",
                "PricePerAdditionalReferenceUnit": 2.5,
            }
        ],
    }


class Catalogue:
    """All that can be published, the same whenever the seed is the same."""

    def __init__(
        self, operator_id: str, points: Mapping[str, Point], services: Sequence[str], seed: int
    ) -> None:
        self.operator_id = operator_id
        self.points = points
        self.services = services
        self.seed = seed

    @functools.cached_property
    def fake(self) -> Faker:
        """A Faker of its own, made when first something is published."""
        return faker(self.seed)

    @functools.cached_property
    def operator_name(self) -> str:
        """What the CPO is called."""
        return f"{self.fake.company()} Ladenetz"[:100]

    def describe(self, number: int, evse_id: str, calibration: str) -> Record:
        """Describe one charging point."""
        return evse_data_record(self.fake, number, evse_id, self.operator_id, calibration, self.services)

    @functools.cached_property
    def evse_data(self) -> dict[str, Record]:
        """The charging points."""
        others = ("Local", "Not Available")
        _ = self.operator_name  # made up first, whatever is published first
        return {
            key: self.describe(number, point.evse_id, "External" if point.signs else others[number % 2])
            for number, (key, point) in enumerate(self.points.items())
        }

    @functools.cached_property
    def products(self) -> dict[str, Record]:
        """The prices."""
        records = (
            product("AC1", 0.45, 7, always=True),
            product("AC3", 0.49, 22, always=True),
            product("DC", 0.69, 50, always=False),
            product("FLAT", 0.0, 22, always=True, flat=True),
        )
        return {key_of(record): record for record in records}

    @functools.cached_property
    def prices(self) -> dict[str, Record]:
        """What costs what where."""
        return {key: self.price(record) for key, record in self.evse_data.items()}

    def price(self, data: Record) -> Record:
        """Say which products there are at a charging point."""
        product_id = PRODUCT_OF[data["ChargingFacilities"][0]["PowerType"]]
        return {"EvseID": data["EvseID"], "ProviderID": EVERYBODY, "EvseIDProductList": [product_id]}

    def about(self, operation: str, evse_id: str) -> Record:
        """Say something about a charging point that is there for a while."""
        if operation == "eRoamingPushEvseStatus":
            return {"EvseID": evse_id, "EvseStatus": "Available"}
        return {"EvseID": evse_id, "ProviderID": EVERYBODY, "EvseIDProductList": ["AC3"]}

    def make_up(self, operation: str) -> Record:
        """Describe a charging point, or a price, that is there for a while."""
        if operation == "eRoamingPushEvseData":
            return self.describe(-3, self.fake.evse_id(self.operator_id), "Local")
        return product(self.fake.bothify("Summer ####"), 0.39, 22, always=False)

    def message(self, operation: str, action: str, records: Sequence[Record]) -> Message:
        """Write a push."""
        if operation == "eRoamingPushEVSEPricing":
            return {"ActionType": action, "EVSEPricing": list(records)}
        about = {"OperatorID": self.operator_id, "OperatorName": self.operator_name}
        if operation == "eRoamingPushEvseData":
            return {"ActionType": action, "OperatorEvseData": {**about, "EvseDataRecord": list(records)}}
        if operation == "eRoamingPushEvseStatus":
            return {"ActionType": action, "OperatorEvseStatus": {**about, "EvseStatusRecord": list(records)}}
        data = {
            **about,
            "ProviderID": EVERYBODY,
            "PricingDefaultPrice": 0.59,
            "PricingDefaultPriceCurrency": "EUR",
            "PricingDefaultReferenceUnit": "KILOWATT_HOUR",
            "PricingProductDataRecords": list(records),
        }
        return {"ActionType": action, "PricingProductData": data}
