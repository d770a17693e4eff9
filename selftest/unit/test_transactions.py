"""Transactions, read off the OCPP messages of a run: the same in both versions."""

from typing import Any

import pytest

from oicp_conformance.journal.notes import Note, Ocpp
from oicp_conformance.journal.transactions import Transaction, transactions
from oicp_conformance.stimuli.ocpp.driver import _token
from selftest.unit.journals import EVSE

NOON = "2026-11-22T12:00:00Z"
EPOCH = 1795348800.0
"""Noon, in seconds."""


def note(at: float, by: str, action: str, name: str, *, kind: str = "call", **payload: Any) -> Note:
    return Ocpp("t", at, "CP-1", "1.6", by, kind, action, name, payload, EVSE)


def later(minutes: int) -> str:
    return f"2026-11-22T12:{minutes:02}:00Z"


def of_1_6() -> list[Note]:
    read = {"timestamp": later(5), "sampledValue": [{"value": "1500"}]}
    return [
        note(1.0, "central", "RemoteStartTransaction", "a", idTag="APP1", connectorId=1),
        note(2.0, "station", "StartTransaction", "b", idTag="APP1", meterStart=1000, timestamp=NOON),
        note(
            2.1,
            "central",
            "StartTransaction",
            "b",
            kind="result",
            transactionId=7,
            idTagInfo={"status": "Accepted"},
        ),
        note(3.0, "station", "MeterValues", "c", transactionId=7, meterValue=[read]),
        note(4.0, "station", "StatusNotification", "d", status="SuspendedEV", timestamp=later(10)),
        note(5.0, "station", "StopTransaction", "e", transactionId=7, meterStop=2000, timestamp=later(15)),
    ]


def of_2_0_1() -> list[Note]:
    def event(at: float, kind: str, name: str, minutes: int, value: float, **more: Any) -> Note:
        sampled = {"value": value, "measurand": "Energy.Active.Import.Register"}
        power = {"value": 1.0, "measurand": "Power.Active.Import"}
        read = {"timestamp": later(minutes), "sampledValue": [power, sampled]}
        state = {"chargingState": more.pop("state")} if "state" in more else {}
        said: dict[str, Any] = {
            "eventType": kind,
            "timestamp": later(minutes),
            "transactionInfo": {"transactionId": "x", **state},
        }
        return note(at, "station", "TransactionEvent", name, **said, meterValue=[read], **more)

    token = {"idToken": "APP1", "type": "Central"}
    return [
        note(1.0, "central", "RequestStartTransaction", "a", idToken=token, evseId=1),
        event(2.0, "Started", "b", 0, 1000.0, idToken=token),
        note(2.1, "central", "TransactionEvent", "b", kind="result"),
        event(3.0, "Updated", "c", 5, 1500.0),
        event(4.0, "Updated", "d", 10, 2000.0, state="SuspendedEV"),
        event(5.0, "Ended", "e", 15, 2000.0),
    ]


@pytest.mark.parametrize(("said", "readings"), [(of_1_6(), [1500.0]), (of_2_0_1(), [1500.0, 2000.0])])
def test_whole_transaction(said: list[Note], readings: list[float]) -> None:
    (found,) = transactions(said)
    assert vars(found) == vars(
        Transaction(
            EVSE,
            "APP1",
            begun=EPOCH,
            begun_at=2.0,
            meter_start=1000.0,
            requested_at=1.0,
            authorized=True,
            readings=readings,
            suspended=EPOCH + 600,
            suspended_at=4.0,
            ended=EPOCH + 900,
            ended_at=5.0,
            meter_end=2000.0,
        )
    )
    assert found.energy == 1.0


def test_what_a_central_system_answers_may_be_anything() -> None:
    begin = of_1_6()[1]
    for answer, authorized in (
        ({"idTagInfo": {"status": "Blocked"}}, False),
        ({"idTagInfo": "yes"}, True),
        ({"transactionId": [1]}, True),
    ):
        said = [begin, note(2.1, "central", "StartTransaction", "b", kind="result", **answer)]
        (found,) = transactions(said)
        assert found.authorized is authorized
        assert found.energy is None


def test_second_end_changes_nothing() -> None:
    again = note(6.0, "station", "StopTransaction", "f", transactionId=7, meterStop=9000, timestamp=NOON)
    (found,) = transactions([*of_1_6(), again])
    assert (found.ended_at, found.meter_end) == (5.0, 2000.0)


def test_medium_without_a_reader_is_named() -> None:
    with pytest.raises(ValueError, match="cannot read a PlugAndChargeIdentification"):
        _token({"Identification": {"PlugAndChargeIdentification": {"EvcoID": "DE-DCB-C12345678-X"}}}, "1.6")
