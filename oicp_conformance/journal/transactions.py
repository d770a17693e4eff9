"""The charging transactions at the suite's virtual stations, read off the OCPP messages of a run.

They are the same for OCPP 1.6, 2.0.1 and 2.1: what the station itself sent, which the CPO's messages are held
against. A station is the suite's own, so what it sends is in order; what it receives may be anything.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from oicp_conformance.journal.notes import Note, Ocpp

_ACCEPTED = "Accepted"
_OF_THE_METER = "Energy.Active.Import.Register"


@dataclass(eq=False)
class Transaction:
    """One transaction: moments are seconds since the epoch, energies are watt-hours of the register."""

    evse: str
    """The EvseID of the connector."""
    token: str
    """The idTag or idToken with which it began."""
    begun: float
    """When it began, by the station's clock."""
    begun_at: float
    """When the station said so, by the suite's clock."""
    meter_start: float
    requested_at: float | None = None
    """When the central system requested it, if it did: then the token is the CPO's own."""
    authorized: bool | None = None
    """Whether the central system accepted its token; None as long as it has not answered."""
    readings: list[float] = field(default_factory=list)
    """What the meter read meanwhile."""
    suspended: float | None = None
    """When the energy stopped flowing, by the station's clock, where that was before the end."""
    suspended_at: float | None = None
    ended: float | None = None
    ended_at: float | None = None
    meter_end: float | None = None

    @property
    def energy(self) -> float | None:
        """What was charged, in kWh; None as long as it runs."""
        return None if self.meter_end is None else (self.meter_end - self.meter_start) / 1000


def transactions(notes: Iterable[Note]) -> list[Transaction]:
    """Read the transactions of a run, in the order in which they began."""
    reader = _Reader()
    for note in notes:
        if isinstance(note, Ocpp) and note.kind in {"call", "result"}:
            reader.read(note)
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: list[Transaction] = []
        self._begun_by: dict[str, Transaction] = {}
        """By the id of the message with which they began."""
        self._by_id: dict[tuple[str, str], Transaction] = {}
        """By station and id of the transaction."""
        self._requested: dict[tuple[str, str], float] = {}
        """When the central system requested a start, by station and token."""

    def read(self, note: Ocpp) -> None:
        if note.kind == "result":
            self._answered(note)
        elif note.by == "central":
            self._asked(note)
        elif note.action == "StartTransaction" or note.payload.get("eventType") == "Started":
            self._begin(note)
        elif note.action in {"MeterValues", "StopTransaction", "TransactionEvent"}:
            self._go_on(note)
        elif note.action == "StatusNotification" and note.payload.get("status") == "SuspendedEV":
            self._suspend(note)

    def _asked(self, note: Ocpp) -> None:
        if note.action in {"RemoteStartTransaction", "RequestStartTransaction"}:
            self._requested[note.station, _token(note.payload)] = note.at

    def _begin(self, note: Ocpp) -> None:
        said, token = note.payload, _token(note.payload)
        meter = said.get("meterStart", next(iter(_registers(said)), 0.0))
        made = Transaction(note.evse or "", token, _moment(said, note.at), note.at, float(meter))
        made.requested_at = self._requested.get((note.station, token))
        self.found.append(made)
        self._begun_by[note.id] = made
        if "transactionInfo" in said:
            self._by_id[note.station, _id(said)] = made

    def _answered(self, note: Ocpp) -> None:
        begun = self._begun_by.pop(note.id, None)
        if begun is None:
            return
        info = note.payload.get("idTagInfo", note.payload.get("idTokenInfo"))
        # In OCPP 2 a central system need not say anything about a token.
        begun.authorized = info.get("status") == _ACCEPTED if isinstance(info, Mapping) else True
        if "transactionId" in note.payload:
            self._by_id[note.station, str(note.payload["transactionId"])] = begun

    def _go_on(self, note: Ocpp) -> None:
        running = self._by_id.get((note.station, _id(note.payload)))
        if running is None or running.ended is not None:
            return
        said = note.payload
        if note.action == "StopTransaction" or said.get("eventType") == "Ended":
            running.ended, running.ended_at = _moment(said, note.at), note.at
            registers = list(_registers(said))
            running.meter_end = float(said.get("meterStop", registers[-1] if registers else 0.0))
            return
        running.readings += _registers(said)
        info = said.get("transactionInfo")
        if isinstance(info, Mapping) and info.get("chargingState") == "SuspendedEV":
            running.suspended, running.suspended_at = _moment(said, note.at), note.at

    def _suspend(self, note: Ocpp) -> None:
        for one in self.found:
            if one.evse == note.evse and one.ended is None:
                one.suspended, one.suspended_at = _moment(note.payload, note.at), note.at


def _id(said: Mapping[str, Any]) -> str:
    info = said.get("transactionInfo")
    return str((info if isinstance(info, Mapping) else said).get("transactionId"))


def _token(said: Mapping[str, Any]) -> str:
    token = said.get("idTag", said.get("idToken"))
    return str(token.get("idToken") if isinstance(token, Mapping) else token)


def _moment(said: Mapping[str, Any], otherwise: float) -> float:
    """The time of a message by the station's clock; without one, when it was sent."""
    stamp = said.get("timestamp")
    try:
        when = datetime.fromisoformat(stamp) if isinstance(stamp, str) else None
    except ValueError:
        when = None
    return otherwise if when is None else (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _registers(said: Mapping[str, Any]) -> Iterator[float]:
    """What the meter reads in a message, in watt-hours."""
    for value in said.get("meterValue", ()):
        for sampled in value["sampledValue"]:
            if sampled.get("measurand", _OF_THE_METER) == _OF_THE_METER:
                yield float(sampled["value"])
