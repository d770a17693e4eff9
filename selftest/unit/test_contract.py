"""The contract: types, the tables of messages, and operations."""

from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from oicp_conformance.oicp import geo, iso, types
from oicp_conformance.oicp.fields import fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.operations import OPERATIONS, Party, at_path, meant_by, of_party
from oicp_conformance.oicp.types import Role
from selftest.unit import examples as ex
from selftest.unit import models as on
from selftest.unit.tables import BROKEN, SOUND

# --- types

PATTERNS: tuple[tuple[Any, tuple[Any, ...], tuple[Any, ...]], ...] = (
    (
        types.OperatorIDType,
        ("DE*ABC", "DEABC", "de*abc", "+49*536", "49*536"),
        ("DE-ABC", "D*ABC", "+49536", "DE*ABCD"),
    ),
    (types.ProviderIDType, ("DE-DCB", "DE*DCB", "DEDCB"), ("DE_DCB", "DE-DC", "*", "DE|DCB")),
    (types.ProviderIDOrAllType, ("DE-DCB", "*"), ("**", "garbage*", "DE-8EO-garbage", "")),
    (
        types.EvseIDType,
        ("DE*AB7*E840*6487", "DEAB7E8406487", "+49*810*000*438", "49*810*000*438"),
        ("DE*AB7*840", "DE*ICE*I01000*6", "49810000438", "DE*AB7*E" + "1" * 31, "DE*AB7*E1\n"),
    ),
    (
        types.EvcoIDType,
        ("DE-8EO-CAet5e4XY-3", "DE8EOCAet5e43X1", "DE*8EO*Aet5e4*3", "DE-8EO-Aet5e4-X"),
        ("string", "DE|8EO|Aet5e4|X", "DE-8EO-CAet5e4XY", "DE-8EO-Aet5e4-Y"),
    ),
    (
        types.SessionIDType,
        (ex.SESSION,),
        ("string", ex.SESSION[:-1], "{" + ex.SESSION + "}", ex.SESSION + "\n"),
    ),
    (types.UIDType, ("1234ABCD", "7568290FFF765F", "0" * 20), ("AFFH1768", "12345ABCD", "")),
    (types.HashValueType, (ex.HASH, "a5ghdhf73h"), ("string", "a b c d e f", "x" * 101)),
    (
        types.PhoneNumberType,
        ("+49123123123123", "+0305132787"),
        ("030 5132787", "+1234", "+49-123456", "+" + "1" * 16),
    ),
    (
        types.LanguageCodeType,
        ("en", "deu", "de-DE", "zh-CN-Hans", "de-x-test"),
        ("EN", "de-de", "e", "english"),
    ),
    (
        types.ChargingPoolIDType,
        ("IT*123*P456*AB789", "DEABCP1", "DE*ABC*P1234TEST*1", "DE*ABC*P" + "1" * 31),
        ("DE*ABC*E1", "xx DE*ABC*P1", "DE*ABC*P", "DE*ABC*P" + "1" * 32),
    ),
    (
        types.TimeZoneType,
        ("UTC+01:00", "UTC-05:00", "UTC+14:00"),
        ("UTC,01:00", "xUTC+99:99y", "UTC+1:00", "UTC+01:60", "CET"),
    ),
    (types.BeginTimeType, ("00:00", "09:00", "23:59"), ("24:00", "9:00", "99:99", "09:00:00")),
    (types.EndTimeType, ("00:00", "18:00", "24:00"), ("24:01", "25:00", "18.00")),
    (
        types.DateTimeType,
        ("2026-11-22T14:00:00+01:00", "2024-02-29T23:59:59.123456-05:00"),
        (
            "2026-11-22T14:00:00",
            "2026-02-29T14:00:00+01:00",
            "2026-11-22 14:00:00+01:00",
            "2026-11-22T25:00:00+01:00",
            0,
        ),
    ),
    (
        geo.GeoCoordinatesGoogleFormatType,
        ("47.662249 9.360922", "-90.0 -180.0"),
        ("91.0 9.360922", "47.6 180.1", "47 9", "string", 47.6),
    ),
    (
        geo.DecimalLatitudeType,
        ("52.480495", "-90.0", "09.1"),
        ("90.1", "52", "52.4804951", "+52.1", 52.480495),
    ),
    (geo.DecimalLongitudeType, ("13.356465", "-180.0"), ("180.000001", "199.9", "13,356465", 13.356465)),
    (
        geo.SexagesimalLatitudeType,
        ("9°21'39.32''", "-21°34' 23.16''", "90°0'0.0''"),
        ("9°21'39''", "9°21'39.32\"", "9.5"),
    ),
    (geo.SexagesimalLongitudeType, ("179° 59'59.9''",), ("9°21'39.32'", "9 21 39.32")),
    (types.CountryCodeType, ("DEU", "AUT", "FRA", "USA"), ("DE", "deu", "D", "ZZZ", "276")),
    (types.CurrencyIDType, ("EUR", "CHF", "CAD", "GBP"), ("eur", "EURO", "€")),
    (types.CodeType, ("000", "001", "700"), ("0", "100", "999")),
    (types.CityType, ("A", "x" * 50), ("", "x" * 51)),
    (types.StreetType, ("A1", "x" * 100), ("A", "x" * 101)),
    (types.String5Type, ("", "6OG", "x" * 5), ("x" * 6, 5)),
    (types.String10Type, ("x" * 10,), ("x" * 11,)),
    (types.String20Type, ("x" * 20,), ("x" * 21,)),
    (types.String50Type, ("x" * 50,), ("x" * 51,)),
    (types.String100Type, ("x" * 100,), ("x" * 101,)),
    (types.String150Type, ("ü" * 150,), ("x" * 151,)),
    (types.String200Type, ("x" * 200,), ("x" * 201,)),
    (types.String250Type, ("x" * 250,), ("x" * 251,)),
    (types.String400Type, ("x" * 400,), ("x" * 401,)),
    (types.String1000Type, ("x" * 1000,), ("x" * 1001,)),
    (types.String3000Type, ("x" * 3000,), ("x" * 3001,)),
    (types.ProductIDType, ("Standard Price", "AC1", "AC 1", "x" * 50), ("x" * 51, 1)),
    (types.BooleanType, (True, False), ("true", 1, 0)),
    (types.DecimalType, (0, 1.25, -3, 0.30000000000000004), ("1", True)),
    (types.IntegerType, (50, 50.0, 0), (50.5, "50", True)),
    (types.CountType, (0, 8), (-1, 1.5)),
    (types.TwoDigitsType, (0, 32, 99, 32.0), (100, -1, 3.5, "32")),
    (types.ThreeDigitsType, (230, 999), (1000, -1, 230.5)),
    (types.PowerInKilowattType, (22, 22.0, 999), (22.5, 1000, -1, "22")),
    (types.DurationType, (1, 15, 99), (0, 100, 15.5, "15")),
    (types.PercentageType, (0, 85, 100), (101, -1, 0.5)),
    (types.EmissionType, (0, 30.3, 12.345, 99999), (99999.1, -1, "30")),
    (types.RadiusType, (0.1, 50, 999.9), (0, 1000, 0.25, -1, "5")),
    (types.Decimal3Type, (0, 30.541, 10), (0.1234, "0.0")),
)


def named(kind: Any) -> str:
    """The name of a type in OICP."""
    return next(item.name for item in kind.__metadata__ if isinstance(item, types.Named))


def accepts(kind: Any, value: Any) -> bool:
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("kind", "value"), [pytest.param(kind, value) for kind, good, _ in PATTERNS for value in good]
)
def test_what_a_type_has_passes(kind: Any, value: Any) -> None:
    assert accepts(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"), [pytest.param(kind, value) for kind, _, bad in PATTERNS for value in bad]
)
def test_what_a_type_has_not_fails(kind: Any, value: Any) -> None:
    assert not accepts(kind, value)


ENUMERATIONS: tuple[tuple[Any, int, tuple[str, ...], tuple[Any, ...]], ...] = (
    (types.ActionType, 4, ("fullLoad", "delete"), ("FullLoad", "upsert")),
    (types.DeltaType, 3, ("insert", "update", "delete"), ("fullLoad",)),
    (types.AuthorizationStatusType, 2, ("NotAuthorized",), ("Not Authorized",)),
    (
        types.EvseStatusType,
        6,
        ("OutOfService", "EvseNotFound"),
        ("Out of service", "Charging", "Blocked", "Inoperative"),
    ),
    (types.PushedEvseStatusType, 5, ("Available", "Unknown"), ("EvseNotFound", "available")),
    (
        types.PlugType,
        18,
        ("Type 2 Connector (Cable Attached)", "CHAdeMO", "NEMA 5-20"),
        ("Unspecified", "Type 2"),
    ),
    (types.PowerType, 3, ("AC_1_PHASE", "DC"), ("AC_2_PHASE", "AC")),
    (types.ChargingModeType, 5, ("Mode_4", "CHAdeMO"), ("Mode 4", "Mode_5")),
    (
        types.AuthenticationModeType,
        6,
        ("No Authentication Required", "PnC"),
        ("No Authentication Requires", "RFID"),
    ),
    (types.PaymentOptionType, 3, ("No Payment", "Direct", "Contract"), ("No payment", "Free")),
    (types.ValueAddedServiceType, 8, ("None", "RoofProvided"), ("none", None)),
    (types.AccessibilityType, 4, ("Test Station", "Free publicly accessible"), ("Unspecified", "Public")),
    (types.AccessibilityLocationType, 4, ("UndergroundParkingGarage",), ("Underground",)),
    (types.EnergyType, 9, ("Solar", "NuclearEnergy"), ("Nuclear", "solar")),
    (types.CalibrationLawDataAvailabilityType, 3, ("Local", "External", "Not Available"), ("NotAvailable",)),
    (types.DynamicInfoAvailableType, 3, ("true", "false", "auto"), (True, False, "True", "Auto")),
    (types.GeoCoordinatesResponseFormatType, 3, ("DegreeMinuteSeconds",), ("google",)),
    (types.ReferenceUnitType, 3, ("KILOWATT_HOUR",), ("kWh", "hour")),
    (types.AdditionalReferenceType, 5, ("START FEE", "MINIMUM FEE"), ("START_FEE",)),
    (types.DayType, 10, ("Everyday", "Workdays", "Sunday"), ("Weekdays", "monday")),
    (types.RFIDType, 5, ("mifareFamily", "nfc"), ("mifare",)),
    (types.HashFunctionType, 1, ("Bcrypt",), ("SHA-1", "bcrypt")),
    (types.MeteringStatusType, 3, ("Start", "Progress", "End"), ("Progress1",)),
    (types.ErrorClassType, 2, ("ConnectorError", "CriticalError"), ("Error",)),
)


@pytest.mark.parametrize(
    ("kind", "size", "good", "bad"), ENUMERATIONS, ids=[named(row[0]) for row in ENUMERATIONS]
)
def test_enumerations(kind: Any, size: int, good: tuple[str, ...], bad: tuple[Any, ...]) -> None:
    members = get_args(get_args(kind)[0])
    assert len(members) == size
    assert all(accepts(kind, value) for value in (*members, *good))
    assert not any(accepts(kind, value) for value in bad)


def test_the_lists_of_iso() -> None:
    assert len(iso.COUNTRIES) == 249
    assert len(types.CODES) == 31
    assert {len(code) for code in iso.COUNTRIES | iso.CURRENCIES} == {3}


# --- messages


@pytest.mark.parametrize(("model", "body", "sender"), SOUND)
def test_sound_messages_pass(model: type[Message], body: dict[str, Any], sender: Role) -> None:
    assert on.blamed(model, body, sender) == {}


@pytest.mark.parametrize(
    ("model", "body", "sender", "pointer"), BROKEN, ids=[f"{row[0].__name__}{row[3]}" for row in BROKEN]
)
def test_broken_messages_fail(model: type[Message], body: dict[str, Any], sender: Role, pointer: str) -> None:
    assert on.blamed(model, body, sender) == {pointer: "fail"}


# --- operations


def test_each_path_is_one_operation() -> None:
    for operation in OPERATIONS:
        path = operation.path_for({"operatorID": "+49*536", "providerID": "DE-DCB"})
        located = at_path(path)
        assert located is not None
        assert located[0] is operation
        assert set(located[1].values()) <= {"+49*536", "DE-DCB"}
        assert at_path(path + "/") is None


APP = "/api/oicp/charging/v21/providers/DE-DCB/authorize-remote"
MEANT: tuple[tuple[str, object, str | None], ...] = (
    ("/api/oicp/evsepush/v21/operators/DE*ABC/data-records", {}, "eRoamingPushEvseData"),
    ("/api/oicp/evsepull/v21/providers/DE-DCB/data-records", {}, "eRoamingPullEvseData"),
    ("/api/oicp/evsepull/v23/providers/DE-DCB/status-records", {}, "eRoamingPullEvseStatus"),
    ("/api/oicp/evsepull/v23/providers/DE-DCB/status-records-by-id/", {}, "eRoamingPullEvseStatusByID"),
    ("/api/oicp/evsepush/v23/operators/DE*ABC/status-records", {}, "eRoamingPushEvseStatus"),
    ("/api/oicp/dynamicpricing/v11/providers/DE-DCB/evse-pricing", {}, "eRoamingPullEVSEPricing"),
    ("/api/oicp/dynamicpricing/v11/operators/DE*ABC/evse-pricing", {}, "eRoamingPushEVSEPricing"),
    ("/charging-notifications", {}, "eRoamingChargingNotifications"),
    ("/reserve", ex.remote(Duration=15), "eRoamingAuthorizeRemoteReservationStart"),
    ("/stop", ex.remote_stop(), "eRoamingAuthorizeRemoteStop"),
    (f"{APP}-reservation/stop", ex.remote_stop(), "eRoamingAuthorizeRemoteReservationStop"),
    (f"{APP}-reservation/start", ex.remote(), "eRoamingAuthorizeRemoteReservationStart"),
    (f"{APP}/begin", ex.remote(), "eRoamingAuthorizeRemoteStart"),
    ("/push", ex.push_status(), "eRoamingPushEvseStatus"),
    ("/push", ex.push_products(), "eRoamingPushPricingProductData"),
    ("/health", {}, None),
    ("/health", None, None),
)


@pytest.mark.parametrize(("path", "body", "name"), MEANT)
def test_what_a_wrong_path_means(path: str, body: object, name: str | None) -> None:
    meant = meant_by(path, body)
    assert (meant.name if meant else None) == name


def obligations(party: Party) -> dict[str, str]:
    return {
        one.name: f"{one.parts[party].direction} {one.parts[party].obligation}" for one in of_party(party)
    }


def test_obligations() -> None:
    sends, receives = "target-to-hub", "hub-to-target"
    cpo, online, offline = obligations("cpo"), obligations("emp-online"), obligations("emp-offline")
    assert len(OPERATIONS) == 20
    assert (len(cpo), len(online), len(offline)) == (12, 16, 16)
    for name in ("eRoamingPushEvseData", "eRoamingPushEvseStatus"):
        assert cpo[name] == f"{sends} mandatory"
        assert name not in online
    for name in ("eRoamingPushPricingProductData", "eRoamingPushEVSEPricing"):
        assert cpo[name] == f"{sends} optional"
    for step in ("Start", "Stop"):
        name = f"eRoamingAuthorizeRemoteReservation{step}"
        assert cpo[name] == f"{receives} optional"
        assert online[name] == offline[name] == f"{sends} optional"
    for name in ("eRoamingGetChargeDetailRecords", "eRoamingPushAuthenticationData"):
        assert (online[name], offline[name]) == (f"{sends} optional", f"{sends} mandatory")
    pulls = {one.name for one in OPERATIONS if one.alternatives}
    assert len(pulls) == 3
    for name in (*pulls, "eRoamingPullEvseData"):
        assert online[name] == offline[name] == f"{sends} mandatory"


def test_each_optional_operation_can_be_declared() -> None:
    for operation in OPERATIONS:
        optional = any(part.obligation == "optional" for part in operation.parts.values())
        assert optional == (operation.supports is not None)


def test_the_id_of_a_body_is_one_of_its_fields() -> None:
    for operation in OPERATIONS:
        if operation.body_id:
            path = tuple(operation.body_id.split("/")[1:])
            for forms in operation.requests.values():
                assert all(path in fields_of(model) for model in forms.values())
