"""A charging session with its meter, in a time of its own.

A session begins two hours ago by its own clock, and every event moves that clock on by minutes. So nothing
has to be waited for, and no time lies in the future. The cable is unplugged when it is unplugged: a session
ends by the real clock.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from oicp_conformance.reference.permissive import Message

CHARGERS_TIME_ZONE = timezone(timedelta(hours=1))
PROGRESS_EVERY = timedelta(minutes=5)


def now() -> datetime:
    """Say what time it is, in whole seconds and with an offset."""
    return datetime.now(UTC).astimezone(CHARGERS_TIME_ZONE).replace(microsecond=0)


def two_hours_ago() -> datetime:
    """Say when a session begins that is opened now."""
    return now() - timedelta(hours=2)


@dataclass(eq=False)
class Session:
    """One charge: energies are whole watt-hours, so that no figure carries float noise."""

    session_id: str
    evse_id: str
    identification: Message | None
    cpo_partner_session_id: str
    emp_partner_session_id: str | None
    provider_id: str | None
    product_id: str | None
    remote: bool
    meter_start: int
    watts: int
    signs: bool = False
    """The meter signs what it measures."""
    began: datetime = field(default_factory=two_hours_ago)
    charging_start: datetime | None = None
    charging_end: datetime | None = None
    ended: datetime | None = None
    readings: list[int] = field(default_factory=list)
    settlement: Literal["open", "sending", "done", "failed"] = "open"
    stopped_remotely: bool = False
    opened_at: float = field(default_factory=time.monotonic)
    closed_at: float | None = None

    def __post_init__(self) -> None:
        self.clock = self.began

    @property
    def running(self) -> bool:
        """Whether the driver may still charge."""
        return self.ended is None

    @property
    def meter_end(self) -> int:
        """The meter's reading now, or when the energy stopped flowing."""
        return self.meter_at(self.charging_end or self.clock)

    def meter_at(self, moment: datetime) -> int:
        """Read the meter at a time of the session."""
        if self.charging_start is None:
            return self.meter_start
        seconds = int((moment - self.charging_start).total_seconds())
        return self.meter_start + seconds * self.watts // 3600

    def _advance(self, minutes: int) -> datetime:
        self.clock += timedelta(minutes=minutes)
        return self.clock

    def has_time_for(self, minutes: int) -> bool:
        """Tell whether the clock can move on so far without overtaking the real one, and still end."""
        return self.clock + timedelta(minutes=minutes + 40) < datetime.now(UTC)

    def let_energy_flow(self) -> datetime:
        """Begin to charge, if that has not happened."""
        if self.charging_start is None:
            self.charging_start = self._advance(1)
        return self.charging_start

    def go_on(self) -> datetime:
        """Charge until the next progress may be told, and read the meter."""
        self.let_energy_flow()
        self._advance(int(PROGRESS_EVERY.total_seconds()) // 60)
        self.readings.append(self.meter_at(self.clock))
        return self.clock

    def let_energy_end(self) -> datetime:
        """Finish the charge, if that has not happened."""
        if self.charging_end is None:
            self.let_energy_flow()
            if not self.readings:
                self._advance(15)
                self.readings.append(self.meter_at(self.clock))
            self.charging_end = self._advance(10)
        return self.charging_end

    def charge_nothing(self) -> None:
        """Be a session in which no energy flows: a reservation."""
        self.watts = 0
        self.charging_start = self.charging_end = self.began

    def finish(self) -> None:
        """Unplug the car."""
        self.let_energy_end()
        if self.ended is None:
            self.ended = max(self._advance(1), now())
            self.closed_at = time.monotonic()

    def beside(self, other: "Session") -> bool:
        """Tell whether another session was open at the same time."""
        return (
            self is not other
            and self.opened_at < (other.closed_at or float("inf"))
            and other.opened_at < (self.closed_at or float("inf"))
        )
