"""Charge detail records against what a virtual station sent, in OCPP 1.6."""

from collections.abc import Callable, Mapping
from typing import Any

from oicp_conformance.journal.notes import Ocpp
from selftest.unit.journals import EVSE, OTHER_EVSE, Journal, Session, a_cpo, at
from selftest.unit.requirements.row import Broken, Row, Talk, Target, broken, carded, started
from selftest.unit.wording import ABSENT

_CDR = "eRoamingChargeDetailRecord"
_CONNECTORS = {1: EVSE, 2: OTHER_EVSE}


class Station:
    """Writes the messages of a station into a journal; a charge is of 4 kWh, from 12:01 to 12:59."""

    def __init__(self, journal: Journal, connector: int = 1, transaction: int = 7) -> None:
        self._journal = journal
        self._connector = connector
        self._transaction = transaction
        self._calls = 0

    def says(self, action: str, said: dict[str, Any], answer: dict[str, Any], *, by: str = "station") -> None:
        """Write a call and its result."""
        self._calls += 1
        name = f"{self._transaction}-{self._calls}"
        evse = _CONNECTORS[self._connector]
        other = "central" if by == "station" else "station"
        for who, kind, payload in ((by, "call", said), (other, "result", answer)):
            clock = self._journal.clock
            self._journal.notes.append(
                Ocpp("the test", clock, "CP-1", "1.6", who, kind, action, name, payload, evse)
            )
        self._journal.after(0.1)

    def is_asked_to_start(self, token: str) -> None:
        """The central system requests a start."""
        said = {"connectorId": self._connector, "idTag": token}
        self.says("RemoteStartTransaction", said, {"status": "Accepted"}, by="central")

    def begins(self, token: str, status: str = "Accepted", when: str = "12:01") -> None:
        """Begin a transaction."""
        said = {"connectorId": self._connector, "idTag": token, "meterStart": 10_000, "timestamp": at(when)}
        answer = {"transactionId": self._transaction, "idTagInfo": {"status": status}}
        self.says("StartTransaction", said, answer)

    def reads(self, watt_hours: int, when: str) -> None:
        """Send a meter value."""
        sampled = {"value": str(watt_hours), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
        value = {"timestamp": at(when), "sampledValue": [sampled]}
        said = {"connectorId": self._connector, "transactionId": self._transaction, "meterValue": [value]}
        self.says("MeterValues", said, {})

    def shows(self, status: str, when: str = "12:00") -> None:
        """Send the status of the connector."""
        said = {"connectorId": self._connector, "status": status, "timestamp": at(when)}
        self.says("StatusNotification", said, {})

    def ends(self, watt_hours: int = 14_000, when: str = "12:59") -> None:
        """End the transaction."""
        said = {"transactionId": self._transaction, "meterStop": watt_hours, "timestamp": at(when)}
        self.says("StopTransaction", said, {})


def charged(journal: Journal, session: Session, *, presented: str | None = None, connector: int = 1) -> None:
    """A station charges in a session, from the beginning to the end."""
    station = Station(journal, connector)
    card = session.identification.get("RFIDMifareFamilyIdentification", {}).get("UID")
    if card is None:
        station.is_asked_to_start("APP1")
    station.begins(presented or card or "APP1")
    station.reads(12_000, "12:31")
    station.ends()


def _charge(**fields: Any) -> Callable[[Journal, Session], object]:
    def talk(cpo: Journal, session: Session) -> None:
        charged(cpo, session)
        cpo.cdr(session, **fields)

    return talk


def _other_card(cpo: Journal, session: Session) -> None:
    charged(cpo, session, presented="DEADBEEF")
    cpo.cdr(session)


def _not_ended(cpo: Journal, session: Session) -> None:
    Station(cpo).begins("APP1")
    cpo.cdr(session)


def _too_soon(cpo: Journal, session: Session) -> None:
    station = Station(cpo)
    station.begins("APP1")
    cpo.cdr(session)
    station.ends()


def _elsewhere(cpo: Journal, session: Session) -> None:
    Station(cpo, 1).shows("Available")
    charged(cpo, session, connector=2)
    cpo.cdr(session)


def _without(energy: float) -> Callable[[Journal, Session], object]:
    """A record although no transaction ran at the station."""

    def talk(cpo: Journal, session: Session) -> None:
        Station(cpo).shows("Available")
        cpo.cdr(session, ConsumedEnergy=energy, MeterValueEnd=10.0 + energy, MeterValueInBetween=ABSENT)

    return talk


_MORE = {"MeterValueEnd": 15.0, "ConsumedEnergy": 5.0}
_OTHER_METER = {
    "MeterValueStart": 110.0,
    "MeterValueInBetween": {"meterValues": [112.0]},
    "MeterValueEnd": 114.0,
}


def _nothing(cpo: Journal, session: Session) -> None:
    cpo.cdr(session)


def _row(requirement: str, holds: Talk, breaks: Broken, unclear: Talk) -> Row:
    return Row(a_cpo, f"{_CDR}.station-{requirement}", holds=holds, breaks=breaks, unclear=unclear)


ROWS = (
    _row(
        "energy",
        started(_charge()),
        broken(
            started(_charge(**_MORE)),
            "/ConsumedEnergy",
            *("ConsumedEnergy is 5 kWh", "10.000 to 14.000 kWh", "expected 4.000"),
            also=(f"{_CDR}.station-meter-values",),
        ),
        started(_nothing),
    ),
    _row(
        "meter-values",
        started(_charge()),
        broken(started(_charge(**_OTHER_METER)), "/MeterValueStart", "expected 10.000; found 110"),
        started(_not_ended),
    ),
    _row(
        "charging-times",
        started(_charge()),
        broken(
            started(_charge(ChargingStart=at("12:11"))),
            "/ChargingStart",
            *("10.0 minutes later than the station's", "expected 2026-11-22T12:01:00+01:00"),
        ),
        started(_not_ended),
    ),
    _row(
        "session-times",
        started(_charge()),
        broken(
            started(_charge(SessionStart=at("11:00"))),
            "/SessionStart",
            *("61.0 minutes earlier than the station's", "expected 2026-11-22T12:01:00+01:00"),
        ),
        started(_not_ended),
    ),
    _row(
        "identification",
        carded(_charge()),
        broken(
            carded(_other_card),
            "/Identification",
            *("the transaction began with another medium", "expected DEADBEEF"),
        ),
        started(_charge()),
    ),
    _row(
        "evse",
        started(_charge()),
        broken(started(_elsewhere), "/EvseID", "expected DE*ABC*E2*1", "found DE*ABC*E1*1"),
        started(_nothing),
    ),
    _row(
        "end",
        started(_charge()),
        broken(started(_too_soon), None, "after the CPO sent the CDR", "expected sent after 2026-11-22T12"),
        started(_not_ended),
    ),
)


def _full(**fields: Any) -> Callable[[Journal, Session], object]:
    """The car is full before the cable is taken out."""

    def talk(cpo: Journal, session: Session) -> None:
        station = Station(cpo)
        station.begins("APP1")
        station.reads(12_000, "12:31")
        station.shows("SuspendedEV", "12:45")
        station.ends()
        cpo.cdr(session, **{"ChargingEnd": at("12:45"), **fields})

    return talk


def _refused(cpo: Journal, session: Session) -> None:
    """A transaction that the central system did not want ended at once; that of the session follows."""
    Station(cpo, transaction=6).begins("APP0", status="Invalid")
    Station(cpo, transaction=6).ends(10_000, "12:01")
    charged(cpo, session)
    cpo.cdr(session)


def _next(cpo: Journal, session: Session) -> None:
    """Two sessions at an EVSE, one after the other."""
    charged(cpo, session)
    cpo.cdr(session)
    charged(cpo, second := cpo.remote_start())
    cpo.cdr(second)


def _twice(cpo: Journal, session: Session) -> None:
    """Two transactions in a session: which of them the record is about, nobody knows."""
    charged(cpo, session)
    charged(cpo, session)
    cpo.cdr(session, **_MORE)


_RECEIVED = {"ChargingStart": at("13:00"), "ChargingEnd": at("13:00")}
_COUNTED = {
    "MeterValueStart": 0.0,
    "MeterValueInBetween": {"meterValues": [2.0]},
    "MeterValueEnd": 4.0,
}
FAIR: Mapping[str, tuple[Target, Talk]] = {
    f"a CPO with a virtual station: {what}": (a_cpo, started(talk))
    for what, talk in {
        "two decimals": _charge(MeterValueEnd=14.01, ConsumedEnergy=4.01),
        "meter values that count from the start": _charge(**_COUNTED),
        "no meter values": _charge(MeterValueStart=ABSENT, MeterValueInBetween=ABSENT, MeterValueEnd=ABSENT),
        "times at which messages were received": _charge(**_RECEIVED),
        "whole minutes": _charge(ChargingStart=at("12:02"), ChargingEnd=at("13:00")),
        "charging ends when the car is full": _full(),
        "a transaction that was refused": _refused,
        "a session after another": _next,
        "two transactions in a session": _twice,
        "no transaction and no energy": _without(0.0),
    }.items()
}
FURTHER: Mapping[str, tuple[Target, str, Broken]] = {
    f"a CPO with a virtual station: {what}": (a_cpo, f"{_CDR}.station-{name}", breaks)
    for what, name, breaks in (
        (
            "energy without a transaction",
            "energy",
            broken(started(_without(5.0)), "/ConsumedEnergy", "no transaction in this session", "found 5"),
        ),
        (
            "a little more energy is a warning",
            "energy",
            broken(
                started(_charge(MeterValueEnd=14.06, ConsumedEnergy=4.06)),
                "/ConsumedEnergy",
                "expected 4.000",
                also=(f"{_CDR}.station-meter-values",),
                warns=True,
            ),
        ),
        (
            "a reading in between that was never sent",
            "meter-values",
            broken(
                started(_charge(MeterValueInBetween={"meterValues": [12.5]})),
                "/MeterValueInBetween/meterValues/0",
                *("expected 10.000 or 12.000 or 14.000", "found 12.5"),
            ),
        ),
        (
            "charging ends too early",
            "charging-times",
            broken(started(_charge(ChargingEnd=at("12:31"))), "/ChargingEnd", "28.0 minutes earlier"),
        ),
        (
            "the session ends too early",
            "session-times",
            broken(started(_full(SessionEnd=at("12:50"))), "/SessionEnd", "9.0 minutes earlier"),
        ),
    )
}
