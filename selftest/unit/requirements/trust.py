"""What costs money or trust: ids that tell nothing apart, signed values, a status that is lost."""

import json
from collections.abc import Mapping
from typing import Any

from selftest.unit import examples as ex
from selftest.unit.journals import EVSE, OTHER_EVSE, Journal, a_cpo, an_emp, at
from selftest.unit.requirements import practice
from selftest.unit.requirements.row import Broken, Row, Talk, Target, broken
from selftest.unit.wording import ABSENT, accepted, http

CDR, DATA, STATUS = practice.CDR, practice.DATA, practice.STATUS
PRODUCTS = "eRoamingPushPricingProductData"
VALUES = "/SignedMeteringValues"


def counted(*given: tuple[str, str], customers: int = 9) -> Talk:
    """Sessions of so many customers by turns, at EVSEs, each with such a partner session id."""

    def talk(journal: Journal) -> None:
        for number, (evse, own) in enumerate(given):
            card = {"RFIDMifareFamilyIdentification": {"UID": f"1234ABC{number % customers}"}}
            given_id: dict[str, Any] = (
                {"CPOPartnerSessionID": own}
                if journal.is_of_cpo
                else {"answer": accepted(EMPPartnerSessionID=own)}
            )
            journal.authorize_start(EvseID=evse, Identification=card, **given_id)

    return talk


ONE_FOR_ALL = (EVSE, "1"), (OTHER_EVSE, "1"), (EVSE, "1")


def _unique(journal: Target, name: str) -> Row:
    return Row(
        journal,
        "session.partner-session-id-unique",
        holds=counted((EVSE, "1"), (OTHER_EVSE, "1"), (EVSE, "2"), (OTHER_EVSE, "2")),
        breaks=broken(counted(*ONE_FOR_ALL), f"/{name}", "exchanges 1, 2 began", "a different id", "found 1"),
        unclear=_without_ids,
    )


def _without_ids(journal: Journal) -> None:
    absent: dict[str, Any] = {"CPOPartnerSessionID": ABSENT}
    answer = accepted(EMPPartnerSessionID=ABSENT)
    journal.authorize_start(answer=answer, **absent)


def ocmf(*rows: Any, status: str = "") -> dict[str, str]:
    """A signed value with such readings: `rows` are TX with RV, or whole rows."""
    given = [
        one if isinstance(one, dict) else {"TX": one[0], "RV": one[1], "RI": "1-0:1.8.0", "RU": "kWh"}
        for one in rows
    ]
    payload = json.dumps({"FV": "1.0", "RD": given})
    kind = status or {"B": "Start", "C": "Progress"}.get(str(given[-1].get("TX")), "End")
    return {"SignedMeteringValue": f'OCMF|{payload}|{{"SD":"00"}}', "MeteringStatus": kind}


def signed(*values: dict[str, str], **fields: Any) -> Talk:
    """A record of 4 kWh with such signed values."""
    return practice.cdr(SignedMeteringValues=list(values), **fields)


def lost(later: Talk, *, stimulus: str = "done", comes: bool = False, status: str = "Available") -> Talk:
    """A session ends, Hubject cannot take the status of its EVSE, and the suite waits for it."""

    def talk(cpo: Journal) -> None:
        cpo.push_evse_status((EVSE, "Occupied"))
        cpo.cdr(cpo.remote_start())
        failed = cpo.push_evse_status((EVSE, status), action="update", answer=http(503), scripted="HTTP 503")
        later(cpo)
        came = cpo.exchanges[-1] if comes else None
        cpo.waited(f"{STATUS}.not-lost", STATUS, came, stimulus=stimulus, evse=EVSE, after=failed.number)

    return talk


def valid_all_day(*times: tuple[str, str, str]) -> Talk:
    """A product that is valid 24 hours a day, with such times: the days, begin and end."""
    given = [{"Periods": [{"begin": begin, "end": end}], "on": on} for on, begin, end in times]
    return lambda cpo: cpo.push_products(ex.product(IsValid24hours=True, ProductAvailabilityTimes=given))


def two_charges(pause: float, *, own: bool = False) -> Talk:
    """Two charges of one EVSE, with the same figures unless the second has its own."""

    def talk(cpo: Journal) -> None:
        cpo.cdr(cpo.remote_start())
        cpo.after(pause)
        session = cpo.remote_start()
        figures = {"SessionEnd": at("13:09"), "ChargingEnd": at("13:08")} if own else {}
        cpo.cdr(session, **figures)

    return talk


def reserved(consumed: float, *, charges: bool = False) -> Talk:
    """A reservation that is given back, after a charge or without one."""

    def talk(cpo: Journal) -> None:
        session = cpo.reservation_start()
        if charges:
            cpo.cdr(cpo.remote_start())
        cpo.reservation_stop(session)
        cpo.cdr(session, ConsumedEnergy=consumed, MeterValueEnd=10 + consumed, MeterValueInBetween=ABSENT)

    return talk


def _nothing(_: Journal) -> None:
    """Nothing comes."""


ROWS = (
    _unique(a_cpo, "CPOPartnerSessionID"),
    _unique(an_emp, "EMPPartnerSessionID"),
    Row(
        a_cpo,
        f"{DATA}.energy-shares",
        holds=practice.pushed(EnergySource=[{"Energy": "Solar", "Percentage": 33}] * 3),
        breaks=broken(
            practice.pushed(EnergySource=[{"Energy": "Solar", "Percentage": 85}] * 2),
            f"{practice.OF_1}/EnergySource",
            "add up to 170",
            "expected 100",
            "found 85 + 85",
        ),
        unclear=practice.pushed(EnergySource=[{"Energy": "Solar"}]),
    ),
    Row(
        a_cpo,
        f"{CDR}.signed-readings",
        holds=signed(ocmf(("B", 10)), ocmf(("E", 14))),
        breaks=broken(
            signed(ocmf(("B", 10)), ocmf(("E", 10))),
            f"{VALUES}/1/SignedMeteringValue",
            "10 kWh and 10 kWh are 0 kWh apart, and ConsumedEnergy is 4 kWh",
            "4 kWh between the first and the last reading",
        ),
        unclear=signed({"SignedMeteringValue": "AQID", "MeteringStatus": "Start"}, ocmf(("E", 14))),
    ),
    Row(
        a_cpo,
        f"{CDR}.own-figures",
        holds=two_charges(60, own=True),
        breaks=broken(
            two_charges(60), "/SessionEnd", "the times and meter values of exchange 2", "exchange 3 began"
        ),
        unclear=practice.cdr(ConsumedEnergy=ABSENT, MeterValueEnd=ABSENT),
    ),
    Row(
        a_cpo,
        f"{CDR}.reservation-without-energy",
        holds=reserved(0),
        breaks=broken(reserved(3.2), "/ConsumedEnergy", "its CDR has 3.2 kWh", "expected 0"),
        unclear=reserved(3.2, charges=True),
    ),
    Row(
        a_cpo,
        f"{STATUS}.not-lost",
        holds=lost(lambda cpo: cpo.push_evse_status(), comes=True),
        breaks=broken(
            lost(_nothing),
            None,
            f"this push got HTTP 503, and no push of the next 10.0 s has {EVSE}",
            "its status in Hubject is still Occupied",
            "Available again",
        ),
        unclear=lost(_nothing, stimulus="unavailable"),
    ),
)

SOMEWHERE = {"Google": {"Coordinates": "52.5 13.4"}}
SWAPPED = ocmf(("E", 14), status="Start"), ocmf(("B", 10), status="End")
FURTHER: Mapping[str, tuple[Target, str, Broken]] = {
    "signed values that are exchanged": (
        a_cpo,
        f"{CDR}.signed-readings",
        broken(signed(*SWAPPED), f"{VALUES}/0/MeteringStatus", "has only a reading of the End", "Start"),
    ),
    "signed readings that fall": (
        a_cpo,
        f"{CDR}.signed-readings",
        broken(
            signed(ocmf(("B", 14)), ocmf(("E", 10))),
            f"{VALUES}/1/SignedMeteringValue",
            "decrease from 14 kWh to 10 kWh",
        ),
    ),
    "signed readings of another energy": (
        a_cpo,
        f"{CDR}.signed-readings",
        broken(
            signed(ocmf(("B", 10)), ocmf(("E", 12.5))), f"{VALUES}/1/SignedMeteringValue", "2.5 kWh apart"
        ),
    ),
    "a product for the day that is valid 24 hours": (
        a_cpo,
        f"{PRODUCTS}.availability-times",
        broken(
            valid_all_day(("Workdays", "00:00", "24:00"), ("Weekend", "08:00", "20:00")),
            "/PricingProductData/PricingProductDataRecords/0/ProductAvailabilityTimes",
            "12 hours of Saturday",
        ),
    ),
    "a charge in no time": (
        a_cpo,
        f"{CDR}.plausible-energy",
        broken(
            practice.at_an_evse(22, ChargingEnd=at("12:01")),
            "/ChargingEnd",
            "4 kWh were charged, but ChargingEnd equals ChargingStart",
        ),
    ),
    "one position of two towns": (
        a_cpo,
        f"{DATA}.plausible-position",
        broken(
            lambda cpo: cpo.push_evse_data(
                ex.evse(GeoCoordinates=SOMEWHERE, Address=ex.address(City="Berlin", PostalCode="10829")),
                ex.evse(
                    EvseID=OTHER_EVSE,
                    GeoCoordinates=SOMEWHERE,
                    Address=ex.address(City="Bernau", PostalCode="16321"),
                ),
            ),
            "/OperatorEvseData/EvseDataRecord/1/GeoCoordinates",
            f"{OTHER_EVSE} in Bernau has the position of {EVSE} in Berlin",
        ),
    ),
    "renewable energy of which most is not named": (
        a_cpo,
        f"{DATA}.energy-shares",
        broken(
            practice.pushed(EnergySource=[{"Energy": "Solar", "Percentage": 30}]),
            f"{practice.OF_1}/EnergySource",
            "add up to 30",
        ),
    ),
}
IN_WH = {"TX": "B", "RV": 10_000, "RU": "Wh"}
FAIR: Mapping[str, tuple[Target, Talk]] = {
    "one partner session id of all charges of one EVSE": (a_cpo, counted((EVSE, "1"), (EVSE, "1"))),
    "partner session ids that are counted for each EVSE": (a_cpo, counted((EVSE, "1"), (OTHER_EVSE, "1"))),
    "one partner session id for a customer": (
        an_emp,
        counted((EVSE, "1"), (OTHER_EVSE, "1"), (EVSE, "1"), customers=1),
    ),
    "signed readings in one value, in Wh": (a_cpo, signed(ocmf(IN_WH, {"TX": "R", "RV": 14_000}))),
    "signed readings of two registers": (
        a_cpo,
        signed(ocmf(("B", 10)), ocmf({"TX": "E", "RV": 4, "RI": "1-0:2.8.0", "RU": "kWh"})),
    ),
    "a last signed reading that failed": (
        a_cpo,
        signed(ocmf(("B", 10)), ocmf(("E", 14), {"TX": "E", "RV": 0, "RU": "kWh", "ST": "T"})),
    ),
    "a signed value in another format than OCMF": (
        a_cpo,
        signed(
            {"SignedMeteringValue": "OCMF|" + "[" * 2900, "MeteringStatus": "Start"},
            {"SignedMeteringValue": 'OCMF|{"RD":[1,{"RV":{}}]}|', "MeteringStatus": "End"},
        ),
    ),
    "a product for two halves of a day, one of which goes on after midnight": (
        a_cpo,
        valid_all_day(("Everyday", "08:00", "20:00"), ("Everyday", "20:00", "08:00")),
    ),
    "two charges that a simulator makes up in one second": (a_cpo, two_charges(-0.5)),
    "one position of two addresses in a town": (
        a_cpo,
        lambda cpo: cpo.push_evse_data(
            ex.evse(GeoCoordinates=SOMEWHERE, Address=ex.address(City="Berlin", PostalCode="10829")),
            ex.evse(
                EvseID=OTHER_EVSE,
                GeoCoordinates=SOMEWHERE,
                Address=ex.address(City="Berlin-Schöneberg", PostalCode="10829"),
            ),
        ),
    ),
    "energy that is not renewable and has no source that is known": (
        a_cpo,
        practice.pushed(RenewableEnergy=False, EnergySource=[{"Energy": "Wind", "Percentage": 40}]),
    ),
    "a status that was lost and was known before": (a_cpo, lost(_nothing, status="Occupied")),
}
