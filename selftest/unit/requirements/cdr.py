"""Charge detail records: one for each session, and consistent in themselves."""

from typing import Any

from selftest.unit import examples as ex
from selftest.unit.journals import Journal, a_cpo, at
from selftest.unit.requirements.row import Row, Talk, broken, started
from selftest.unit.wording import ABSENT, refused

_CDR = "eRoamingChargeDetailRecord"


def _cdr(**fields: Any) -> Talk:
    """A charge that ends with such a record."""
    return started(lambda cpo, session: cpo.cdr(session, **fields))


def _signed(*statuses: str) -> Talk:
    values = [{"SignedMeteringValue": "AAA", "MeteringStatus": status} for status in statuses]
    return _cdr(SignedMeteringValues=values)


def _at_an_evse(calibration: str, **fields: Any) -> Talk:
    """A record of an EVSE whose data say whose the calibration law data are."""

    def talk(cpo: Journal) -> None:
        cpo.push_evse_data(ex.evse(CalibrationLawDataAvailability=calibration))
        cpo.cdr(cpo.remote_start(), **fields)

    return talk


def _after_the_stop(unasked: float, *, comes: bool = False) -> Talk:
    """The suite waits for the record of a charge whose stop the target acknowledged."""

    def talk(cpo: Journal) -> None:
        session = cpo.remote_start()
        cpo.notification("Start", session)
        stop = cpo.remote_stop(session)
        came = cpo.cdr(session) if comes else None
        cpo.waited(f"{_CDR}.sent", _CDR, came, session=session.id, after=stop.number, unasked=unasked)

    return talk


_ELEVEN = ("Start", *["Progress"] * 9, "End")

ROWS = (
    Row(
        a_cpo,
        f"{_CDR}.sent",
        holds=_after_the_stop(10.0, comes=True),
        breaks=broken(
            _after_the_stop(10.0), None, "acknowledged in exchange 3", "000000000001", "within 10 s"
        ),
        unclear=_after_the_stop(3.0),
    ),
    Row(
        a_cpo,
        f"{_CDR}.one-per-session",
        holds=started(lambda cpo, session: (cpo.cdr(session, answer=refused("001")), cpo.cdr(session))),
        breaks=broken(
            started(lambda cpo, session: (cpo.cdr(session), cpo.cdr(session))),
            "/SessionID",
            "in exchange 2",
            "000000000001",
        ),
        unclear=lambda cpo: cpo.cdr(cpo.unseen_session(), answer=refused("400")),
    ),
    Row(
        a_cpo,
        f"{_CDR}.charging-times",
        holds=_cdr(ChargingStart=at("12:10"), ChargingEnd=at("12:10")),
        breaks=broken(
            _cdr(ChargingStart=at("12:30"), ChargingEnd=at("12:10")),
            "/ChargingEnd",
            "ChargingStart is after ChargingEnd",
            at("12:30"),
            at("12:10"),
        ),
        unclear=_cdr(ChargingEnd=ABSENT),
    ),
    Row(
        a_cpo,
        f"{_CDR}.session-times",
        holds=_cdr(),
        breaks=broken(
            _cdr(SessionStart=at("12:30"), SessionEnd=at("12:10")),
            "/SessionEnd",
            "SessionStart is after SessionEnd",
            at("12:30"),
            at("12:10"),
            # A charge that begins before it ends cannot lie within such a session.
            also=(f"{_CDR}.charging-in-session",),
        ),
        unclear=_cdr(SessionStart=ABSENT),
    ),
    Row(
        a_cpo,
        f"{_CDR}.charging-in-session",
        holds=_cdr(),
        breaks=broken(
            _cdr(ChargingEnd=at("13:05")),
            "/SessionEnd",
            "ChargingEnd is after SessionEnd",
            at("13:05"),
            at("13:00"),
        ),
        unclear=_cdr(SessionStart=ABSENT, SessionEnd=ABSENT),
    ),
    Row(
        a_cpo,
        f"{_CDR}.over",
        holds=_cdr(SessionEnd=at("13:15")),
        breaks=broken(
            _cdr(SessionEnd=at("14:00")),
            "/SessionEnd",
            "60.0 minutes later",
            "is it local time marked as UTC?",
            at("14:00"),
        ),
        unclear=_cdr(SessionEnd=ABSENT),
    ),
    Row(
        a_cpo,
        f"{_CDR}.meter-values",
        holds=_cdr(),
        breaks=broken(
            _cdr(MeterValueInBetween={"meterValues": [11.0, 9.5]}),
            "/MeterValueInBetween/meterValues/1",
            "at least 11.0",
            "9.5",
        ),
        unclear=_cdr(MeterValueInBetween=ABSENT, MeterValueEnd=ABSENT),
    ),
    Row(
        a_cpo,
        f"{_CDR}.consumed-energy",
        holds=_cdr(ConsumedEnergy=4.001),
        breaks=broken(_cdr(ConsumedEnergy=4.002), "/ConsumedEnergy", "4.000", "4.002"),
        unclear=_cdr(MeterValueEnd=ABSENT),
    ),
    Row(
        a_cpo,
        f"{_CDR}.signed-values-count",
        holds=_signed(*_ELEVEN[:10]),
        breaks=broken(_signed(*_ELEVEN), "/SignedMeteringValues", "there are 11", "at most 10"),
        unclear=_cdr(),
    ),
    Row(
        a_cpo,
        f"{_CDR}.signed-values-order",
        holds=_signed("Start", "End"),
        breaks=broken(_signed("End", "Start"), "/SignedMeteringValues", "End, Start"),
        unclear=_signed("End"),
    ),
    Row(
        a_cpo,
        f"{_CDR}.signed-when-external",
        holds=_at_an_evse("External", SignedMeteringValues=[{"SignedMeteringValue": "AAA"}]),
        breaks=broken(_at_an_evse("External"), "/SignedMeteringValues", "External", "nothing"),
        unclear=_at_an_evse("Local"),
    ),
)
