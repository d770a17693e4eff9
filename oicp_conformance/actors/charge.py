"""A charge as the hub reports it to an EMP: times and figures that agree in all messages of a session."""

import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from oicp_conformance.journal.sessions import Session
from oicp_conformance.oicp.types import LONGEST_PRODUCT_ID

PRODUCT = "AC3"
"""A PartnerProductID that OICP itself recommends."""
_ZONE = timezone(timedelta(hours=1))
_POWER = 22.0
"""In kW."""
_FIRST, _LEAST = 0.001, 0.003
"""The least energy of a Progress and of a whole charge in kWh: a session of a run lasts a few seconds."""
_METER = 1200.5
"""What the meter reads when the charge starts, in kWh."""


class Charge:
    """What is charged in a session: it starts when the session was authorized, and ends when it is reported.

    Times are in whole seconds, as OICP writes them (EMP 01, time_zones), and none is in the future: an EMP
    may reject a session that is not over. So a charge that is reported in the seconds after its authorization
    started just before it, as a card is presented before it is authorized. Once the end is reported, in a
    notification of type End or in the charge detail record, it stays the same.
    """

    def __init__(self, session: Session, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        begun = session.begun_by
        # Rounded up: nothing of a session is before its authorization, where it has lasted long enough.
        self._authorized = math.ceil(begun.finished or begun.started)
        self._started: int | None = None
        self._end: int | None = None
        product = begun.request.get("PartnerProductID")
        # A longer one is a finding, and not handed on.
        fits = isinstance(product, str) and len(product) <= LONGEST_PRODUCT_ID
        self._product = {"PartnerProductID": product} if fits else {}

    @property
    def _start(self) -> int:
        """The second in which it started, which the first message of the session settles."""
        if self._started is None:
            self._started = min(self._authorized, math.floor(self._clock()) - 1)
        return self._started

    def start(self) -> dict[str, Any]:
        """Return the fields of a notification of type Start."""
        begun = _written(self._start)
        return {"ChargingStart": begun, "SessionStart": begun, "MeterValueStart": _METER, **self._product}

    def progress(self) -> dict[str, Any]:
        """Return the fields of a notification of type Progress that occurs now."""
        seconds = self._now() - self._start
        charged = _energy(seconds, _FIRST)
        return {
            **self.start(),
            "EventOccurred": _written(self._start + seconds),
            "ChargingDuration": seconds * 1000,
            "ConsumedEnergyProgress": charged,
            "MeterValueInBetween": {"meterValues": [_read(charged)]},
        }

    def end(self) -> dict[str, Any]:
        """Return the fields of a notification of type End; the charge is over then."""
        record = self.record()
        return {**record, "PenaltyTimeStart": record["ChargingEnd"]}

    def record(self) -> dict[str, Any]:
        """Return the fields of a charge detail record; the charge is over then."""
        self._end = self._now()
        end, charged = _written(self._end), _energy(self._end - self._start, _LEAST)
        return {
            **self.start(),
            "ChargingEnd": end,
            "SessionEnd": end,
            "MeterValueEnd": _read(charged),
            "MeterValueInBetween": {"meterValues": [_read(_FIRST), _read(charged - _FIRST)]},
            "ConsumedEnergy": charged,
        }

    def _now(self) -> int:
        if self._end is not None:
            return self._end
        return max(math.floor(self._clock()), self._start + 1)


def _energy(seconds: int, least: float) -> float:
    return max(least, round(_POWER * seconds / 3600, 3))


def _read(charged: float) -> float:
    return round(_METER + charged, 3)


def _written(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, _ZONE).isoformat()
