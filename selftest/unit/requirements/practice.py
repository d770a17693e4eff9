"""What goes wrong in the field: pushes that contradict Hubject, and figures that cannot be right."""

from typing import Any

from selftest.unit import examples as ex
from selftest.unit.journals import EVSE, OTHER_EVSE, Journal, a_cpo, an_emp, at
from selftest.unit.requirements.row import Row, Talk, broken, started
from selftest.unit.wording import ABSENT, refused

CDR, DATA, STATUS = "eRoamingChargeDetailRecord", "eRoamingPushEvseData", "eRoamingPushEvseStatus"
PULL, START = "eRoamingPullEvseData", "eRoamingAuthorizeRemoteStart"
OF_1 = "/OperatorEvseData/EvseDataRecord/0"
TWO = (ex.evse(), ex.evse(EvseID=OTHER_EVSE))


def contradicted(reason: str, **status: Any) -> Any:
    """The hub's rejection of a push that contradicts what it has."""
    return refused("022", StatusCode={"Code": "022", "AdditionalInfo": reason, **status})


def cdr(**fields: Any) -> Talk:
    """A charge that ends with such a record."""
    return started(lambda cpo, session: cpo.cdr(session, **fields))


def at_an_evse(power: float, zone: str | None = None, **fields: Any) -> Talk:
    """A record of an EVSE with such a power, and such a time zone."""

    def talk(cpo: Journal) -> None:
        address = ex.address(TimeZone=zone) if zone else ex.address()
        cpo.push_evse_data(ex.evse(ChargingFacilities=[ex.facility(Power=power)], Address=address))
        cpo.cdr(cpo.remote_start(), **fields)

    return talk


def pushed(**fields: Any) -> Talk:
    """The data of an EVSE with such fields."""
    return lambda cpo: cpo.push_evse_data(ex.evse(**fields))


def with_facility(*plugs: str, **fields: Any) -> Talk:
    """The data of an EVSE with such a charging facility."""
    given = {"Plugs": list(plugs)} if plugs else {}
    return pushed(ChargingFacilities=[ex.facility(**fields)], **given)


def parts(*, again: bool, **how: Any) -> Talk:
    """Two EVSEs, and then a full load of the second one only; the first may be named again."""

    def talk(cpo: Journal) -> None:
        cpo.push_evse_data(*TWO)
        cpo.push_evse_data(TWO[1], **how)
        if again:
            cpo.push_evse_status((EVSE, "Available"), action="insert")

    return talk


def of_one_evse() -> Journal:
    """A CPO that says of its second EVSE only that it may be started."""
    return a_cpo(evse_ids=[OTHER_EVSE])


def in_wh(start: float = 10_000, end: float = 14_000) -> dict[str, Any]:
    """The energies of a record in Wh."""
    between = {"meterValues": [(start + end) / 2]}
    return {
        "MeterValueStart": start,
        "MeterValueEnd": end,
        "ConsumedEnergy": end - start,
        "MeterValueInBetween": between,
    }


def all_at(day: str, zone: str = "+01:00") -> dict[str, str]:
    """The times of a record on another day, or with another offset."""
    clocks = {
        "SessionStart": "12:00",
        "ChargingStart": "12:01",
        "ChargingEnd": "12:59",
        "SessionEnd": "13:00",
    }
    return {name: f"{day}T{clock}:00{zone}" for name, clock in clocks.items()}


def _told(**fields: Any) -> Talk:
    """A Start notification with such times, and no record."""
    return started(lambda cpo, session: cpo.notification("Start", session, **fields))


def started_as(status: str, **start: Any) -> Talk:
    """An EVSE is published with a status, and then started."""
    return lambda cpo: (cpo.push_evse_status((EVSE, status)), cpo.remote_start(**start))


ROWS = (
    Row(
        a_cpo,
        "push.accepted",
        holds=lambda cpo: cpo.push_evse_status(action="insert"),
        breaks=broken(
            lambda cpo: (
                cpo.push_evse_status(),
                cpo.push_evse_status(
                    (EVSE, "Occupied"), action="insert", answer=contradicted("already there: DEABCE11")
                ),
            ),
            "/ActionType",
            "rejected this insert with code 022: already there: DEABCE11",
            "update",
        ),
        unclear=lambda cpo: cpo.push_evse_status(action="update", answer=contradicted("not there: DEABCE11")),
    ),
    Row(
        of_one_evse,
        "push.full-load-complete",
        holds=parts(again=False),
        breaks=broken(
            parts(again=True),
            "/ActionType",
            "removes the data of 1 EVSE that stays in operation",
            EVSE,
        ),
        unclear=lambda cpo: cpo.push_evse_data(action="insert"),
    ),
    Row(
        a_cpo,
        f"{START}.out-of-service",
        holds=started_as("OutOfService", answer=refused("510")),
        breaks=broken(
            started_as("OutOfService"), "/Result", f"{EVSE} is published as OutOfService", "510 or 700"
        ),
        unclear=lambda cpo: cpo.remote_start(),
    ),
    Row(
        a_cpo,
        f"{CDR}.plausible-energy",
        holds=at_an_evse(22),
        breaks=broken(
            at_an_evse(22, **in_wh()),
            "/ConsumedEnergy",
            "4000 kWh in 0.97 h is more than the EVSE can deliver with 22 kW: is it in Wh?",
            "Hubject rejects a CDR above 1000 kWh",
            "at most 24.4 kWh",
        ),
        unclear=cdr(ConsumedEnergy=ABSENT, MeterValueEnd=ABSENT),
    ),
    Row(
        a_cpo,
        f"{CDR}.after-beginning",
        holds=cdr(),
        breaks=broken(
            cdr(**all_at("2025-11-22")),
            "/SessionEnd",
            "365.0 days before exchange 1",
            at("13:00"),
            "2025-11-22T13:00:00+01:00",
        ),
        unclear=cdr(SessionEnd=ABSENT),
    ),
    Row(
        a_cpo,
        f"{CDR}.product",
        holds=started(lambda cpo, session: cpo.cdr(session, PartnerProductID="AC3"), PartnerProductID="AC3"),
        breaks=broken(
            started(lambda cpo, session: cpo.cdr(session, PartnerProductID="DC"), PartnerProductID="AC3"),
            "/PartnerProductID",
            "began with PartnerProductID AC3 in exchange 1, and its CDR has DC",
            "AC3, or no PartnerProductID",
        ),
        unclear=started(lambda cpo, session: cpo.cdr(session), PartnerProductID="AC3"),
    ),
    Row(
        a_cpo,
        "eRoamingChargingNotifications.happened",
        holds=_told(),
        breaks=broken(
            _told(ChargingStart=at("14:00")),
            "/ChargingStart",
            "ChargingStart is 60.0 minutes later than the hub's clock",
            "is it local time marked as UTC?",
        ),
        unclear=_told(ChargingStart=ABSENT, SessionStart=ABSENT),
    ),
    Row(
        a_cpo,
        "time.of-location",
        holds=at_an_evse(22, "UTC+01:00"),
        breaks=broken(
            at_an_evse(22, "UTC-05:00"),
            "/ChargingStart",
            "ChargingStart, ChargingEnd, SessionStart, SessionEnd is +1 h",
            "TimeZone of the EVSE is -5 h",
            "-5 h, or -4 h in summer",
        ),
        unclear=at_an_evse(22),
    ),
    Row(
        a_cpo,
        f"{DATA}.plausible-position",
        holds=pushed(),
        breaks=broken(
            pushed(GeoCoordinates={"DecimalDegree": {"Longitude": "0.0", "Latitude": "0.000000"}}),
            f"{OF_1}/GeoCoordinates",
            "0° 0°",
            "default value",
        ),
        unclear=lambda cpo: cpo.push_evse_data(ex.evse(), action="delete"),
    ),
    Row(
        a_cpo,
        f"{DATA}.legible",
        holds=pushed(Address=ex.address(City="São Paulo & Umgebung", Street="Königsstraße")),
        breaks=broken(
            pushed(Address=ex.address(Street="KÃ¶nigsstraÃŸe")),
            f"{OF_1}/Address/Street",
            'the text "KÃ¶nigsstraÃŸe" is not legible',
            "read in another character set",
            "Königsstraße",
        ),
        unclear=lambda cpo: cpo.push_evse_data(ex.evse(), action="delete"),
    ),
    Row(
        a_cpo,
        f"{DATA}.plausible-power",
        holds=with_facility(Voltage=230, Amperage=32),
        breaks=broken(
            with_facility(Voltage=400, Amperage=32),
            f"{OF_1}/ChargingFacilities/0/Voltage",
            "3 x 400 V x 32 A is 38.4 kW, not 22 kW",
            "is 400 V line to line?",
            "231",
        ),
        unclear=lambda cpo: cpo.push_evse_data(ex.evse(), action="delete"),
    ),
    Row(
        a_cpo,
        f"{DATA}.fits-power-type",
        holds=with_facility(ChargingModes=["Mode_3"]),
        breaks=broken(
            with_facility(ChargingModes=["Mode_3", "Mode_4"]),
            f"{OF_1}/ChargingFacilities/0/ChargingModes",
            "Mode_4 is for DC, but PowerType is AC_3_PHASE",
        ),
        unclear=lambda cpo: cpo.push_evse_data(ex.evse(), action="delete"),
    ),
    Row(
        an_emp,
        "pull.last-call",
        holds=lambda emp: emp.pull(PULL, LastCall=at("13:04")),
        breaks=broken(
            lambda emp: emp.pull(PULL, LastCall=at("14:00")),
            "/LastCall",
            "60.0 minutes later than the hub's clock",
            "that is 1 hour: is it local time marked as UTC?",
            at("14:00"),
        ),
        unclear=lambda emp: emp.pull("eRoamingPullEvseStatus"),
    ),
)
