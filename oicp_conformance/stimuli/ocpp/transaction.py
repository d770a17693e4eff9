"""A charging transaction at a virtual station: its clock, and its meter.

With a fast clock a transaction begins two hours ago and its events are minutes apart, so that nothing has to
be waited for and no time lies in the future. It ends by the real clock.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_BACK = timedelta(hours=2)
_LONGEST = timedelta(minutes=80)
"""Of a fast clock: after that, no further reading fits before the present."""


def now() -> datetime:
    """The time in whole seconds, in UTC, as stations write it."""
    return datetime.now(UTC).replace(microsecond=0)


def written(moment: datetime) -> str:
    """A time as OCPP messages have it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Token:
    """What a driver presents: the text of an idTag, and its type in OCPP 2."""

    text: str
    kind: str = "Central"


@dataclass(eq=False)
class Transaction:
    """One transaction; energies are whole watt-hours."""

    token: Token
    meter_start: int
    watts: int
    fast: bool
    id: int | str | None = None
    """The id of the transaction: in OCPP 1.6 the central system gives it, in OCPP 2 the station."""
    remote_start: int | None = None
    """In OCPP 2: the id of the request that started it."""
    reservation: int | None = None
    begun: datetime = field(default_factory=now)
    ended: datetime | None = None
    suspended: datetime | None = None
    ending: bool = False
    """Whether its end is on its way."""
    messages: int = 0
    """How many messages of OCPP 2 were sent about it."""

    def __post_init__(self) -> None:
        if self.fast:
            self.begun -= _BACK
        self.clock = self.begun

    @property
    def is_long(self) -> bool:
        """Whether a fast clock has no room for another reading."""
        return self.fast and self.clock - self.begun >= _LONGEST

    def go_on(self, minutes: int) -> datetime:
        """Let time go by: so many minutes of a fast clock, else what has gone by in real time."""
        self.clock = self.clock + timedelta(minutes=minutes) if self.fast else max(self.clock, now())
        return self.clock

    def end(self) -> None:
        """End now; a car that still takes energy took it until then."""
        self.ended = self.clock = max(self.go_on(1), now())

    @property
    def meter(self) -> int:
        """The reading of the meter now, or when the energy stopped flowing."""
        seconds = int(((self.suspended or self.ended or self.clock) - self.begun).total_seconds())
        return self.meter_start + seconds * self.watts // 3600
