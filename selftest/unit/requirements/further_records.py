"""More ways to break requirements of CDRs and notifications than the one of their rows."""

from collections.abc import Mapping
from typing import Any

from selftest.unit import examples as ex
from selftest.unit.journals import CARD_BY_RFID, OTHER_EVSE, Journal, a_cpo, at
from selftest.unit.requirements import practice
from selftest.unit.requirements.row import Broken, Talk, Target, broken, carded, started
from selftest.unit.wording import ABSENT

_NOTIFY, _CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"


def _cdr(**fields: Any) -> Talk:
    return started(lambda cpo, session: cpo.cdr(session, **fields))


def _notified(kind: str, **fields: Any) -> Talk:
    return started(lambda cpo, session: cpo.notification(kind, session, **fields))


def _settled(kind: str, **fields: Any) -> Talk:
    return started(lambda cpo, session: (cpo.notification(kind, session, **fields), cpo.cdr(session)))


def _too_much(cpo: Journal) -> None:
    cpo.push_evse_data(ex.evse(ChargingFacilities=[ex.facility(Power=3)]))
    session = cpo.remote_start()
    cpo.notification("End", session)
    cpo.cdr(session, **practice.in_wh(10, 84))


FURTHER: Mapping[str, tuple[Target, str, Broken]] = {
    "a record in Wh, and notifications in kWh": (
        a_cpo,
        f"{_CDR}.plausible-energy",
        broken(
            started(
                lambda cpo, session: (
                    cpo.notification("Start", session),
                    cpo.notification("End", session),
                    cpo.cdr(session, **practice.in_wh()),
                )
            ),
            "/ConsumedEnergy",
            "4000 is 1000 times the energy of exchange 2: is it in Wh?",
        ),
    ),
    "more energy than a vehicle takes": (
        a_cpo,
        f"{_CDR}.plausible-energy",
        broken(
            _cdr(**practice.in_wh()),
            "/ConsumedEnergy",
            "4000 kWh is more than a vehicle can charge: is it in Wh?",
            "at most 1000 kWh",
        ),
    ),
    "more energy than the power allows, and a notification that is in order": (
        a_cpo,
        f"{_CDR}.plausible-energy",
        broken(_too_much, "/ConsumedEnergy", "74 kWh in 0.97 h", "3 kW", "at most"),
    ),
    "more energy than the power allows": (
        a_cpo,
        f"{_CDR}.plausible-energy",
        broken(
            practice.at_an_evse(3, **practice.in_wh(10, 84)), "/ConsumedEnergy", "74 kWh in 0.97 h", "3 kW"
        ),
    ),
    "notifications in Wh, and a record in kWh": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(
            _settled("End", **practice.in_wh()),
            "/MeterValueStart",
            "MeterValueStart disagrees with the CDR of exchange 3: is it in Wh?",
        ),
    ),
    "a ConsumedEnergy in Wh, and a meter in kWh": (
        a_cpo,
        f"{_CDR}.consumed-energy",
        broken(_cdr(ConsumedEnergy=4000), "/ConsumedEnergy", "is it in Wh?", "4000"),
    ),
    "UTC that is marked as local time": (
        a_cpo,
        f"{_CDR}.after-beginning",
        broken(
            _cdr(
                SessionStart=at("11:00"),
                ChargingStart=at("11:01"),
                ChargingEnd=at("11:59"),
                SessionEnd=at("12:00"),
            ),
            "/SessionEnd",
            "60.0 minutes before exchange 1",
            "that is 1 hour: is it UTC marked as local time?",
        ),
    ),
    "a card in its other form, in a notification": (
        a_cpo,
        "eRoamingChargingNotificationStart.Identification.RFIDIdentification",
        broken(
            carded(lambda cpo, session: cpo.notification("Start", session, Identification=CARD_BY_RFID)),
            "/Identification/RFIDIdentification",
            "mifareCls",
        ),
    ),
    "negative energy": (
        a_cpo,
        f"{_CDR}.consumed-energy",
        broken(
            _cdr(
                ConsumedEnergy=-1.0, MeterValueStart=ABSENT, MeterValueEnd=ABSENT, MeterValueInBetween=ABSENT
            ),
            "/ConsumedEnergy",
            "-1.0",
            "0 or more",
            warns=True,
        ),
    ),
    "a session that begins after its charge": (
        a_cpo,
        f"{_CDR}.charging-in-session",
        broken(_cdr(SessionStart=at("12:02")), "/ChargingStart", at("12:02"), at("12:01")),
    ),
    "signed values that are empty": (
        a_cpo,
        f"{_CDR}.signed-when-external",
        broken(
            lambda cpo: (
                cpo.push_evse_data(ex.evse(CalibrationLawDataAvailability="External")),
                cpo.cdr(cpo.remote_start(), SignedMeteringValues=[{"MeteringStatus": "Start"}]),
            ),
            "/SignedMeteringValues",
            "MeteringStatus",
        ),
    ),
    "nothing signed where no energy flowed": (
        a_cpo,
        f"{_CDR}.signed-when-external",
        broken(
            lambda cpo: (
                cpo.push_evse_data(ex.evse(CalibrationLawDataAvailability="External")),
                cpo.cdr(cpo.remote_start(), ConsumedEnergy=0, MeterValueEnd=ABSENT),
            ),
            "/SignedMeteringValues",
            "nothing",
            warns=True,
        ),
    ),
    "a record of another EVSE, whose data say External": (
        a_cpo,
        "session.evse",
        broken(
            lambda cpo: (
                cpo.push_evse_data(
                    ex.evse(), ex.evse(EvseID=OTHER_EVSE, CalibrationLawDataAvailability="External")
                ),
                cpo.cdr(cpo.remote_start(), EvseID=OTHER_EVSE),
            ),
            "/EvseID",
            OTHER_EVSE,
        ),
    ),
    "Progress after End": (
        a_cpo,
        f"{_NOTIFY}.order",
        broken(
            started(
                lambda cpo, session: (
                    cpo.notification("End", session),
                    cpo.notification("Progress", session, ConsumedEnergyProgress=4.0),
                )
            ),
            "/Type",
            "Progress was sent after End",
        ),
    ),
    "a charge that begins before its session, in a notification": (
        a_cpo,
        f"{_NOTIFY}.times",
        broken(_notified("Start", SessionStart=at("12:02")), "/ChargingStart", at("12:02"), at("12:01")),
    ),
    "penalty before the end": (
        a_cpo,
        f"{_NOTIFY}.times",
        broken(_notified("End", PenaltyTimeStart=at("12:58")), "/PenaltyTimeStart", at("12:59"), at("12:58")),
    ),
    "energy that is not the difference, in a notification": (
        a_cpo,
        f"{_NOTIFY}.meter-values",
        broken(_notified("End", ConsumedEnergy=3.0), "/ConsumedEnergy", "4.000", "3.0"),
    ),
    "a duration that is off by more than a second": (
        a_cpo,
        f"{_NOTIFY}.charging-duration",
        broken(_notified("Progress", ChargingDuration=1801001), "/ChargingDuration", "1800000", "1801001"),
    ),
    "another meter than in the record": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(_settled("Start", MeterValueStart=9.0), "/MeterValueStart", "10.0", "9.0"),
    ),
    "more energy than in the record": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(
            _settled("Progress", ConsumedEnergyProgress=4.5), "/ConsumedEnergyProgress", "at most 4.0", "4.5"
        ),
    ),
    "the reading of the meter in place of the energy": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(
            started(
                lambda cpo, session: (
                    cpo.notification("Progress", session, ConsumedEnergyProgress=12.0),
                    cpo.notification("End", session),
                    cpo.cdr(session),
                )
            ),
            "/ConsumedEnergyProgress",
            "is it the meter reading?",
        ),
    ),
    "less energy than in the record, at the same end": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(
            _settled("End", ConsumedEnergy=3.0, MeterValueEnd=13.0),
            "/ConsumedEnergy",
            "4.0, since both end at the same time",
            "3.0",
        ),
    ),
    "a later end than in the record": (
        a_cpo,
        f"{_NOTIFY}.agree-with-cdr",
        broken(_settled("End", ChargingEnd=at("13:02")), "/ChargingEnd", at("12:59"), at("13:02")),
    ),
    "a penalty before the end": (
        a_cpo,
        f"{_NOTIFY}.times",
        broken(_notified("End", PenaltyTimeStart=at("12:50")), "/PenaltyTimeStart", at("12:50"), warns=True),
    ),
}
