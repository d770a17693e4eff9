"""What a load is to be: written by who starts it, and read by every process of Locust."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

VARIABLE = "OICP_CONFORMANCE_LOAD"
"""The variable of the environment that has the plan."""
MOST = 1000
"""Calls a second, and users, that a load has at most."""
LONGEST = 3600.0
"""Seconds that a load lasts at most."""
TOO_SLOW = 10.0
"""Seconds: a load that climbs ends when one in twenty answers takes longer."""
_STEPS = 10
_FIRST = 2


@dataclass(frozen=True)
class Plan:
    """One load."""

    profile: str
    settings: tuple[str, ...]
    """Changes of the profile, as `--set` has them."""
    rate: int | None
    """Calls a second; None climbs."""
    duration: float
    """Seconds."""
    share: float
    """Which part of the sessions is judged, beside all with a fault in them: 0 to 1."""
    seed: int
    mark: str
    """With these eight hexadecimal digits every SessionID of the load begins."""
    workers: int
    """Processes that speak with the target."""
    result: str
    """The file into which Locust's master, or its only process, writes what is kept."""

    def users(self, seconds: float, most: int = MOST) -> int:
        """How many users there are so many seconds after the start; each makes at most one call a second."""
        if self.rate is not None:
            return min(self.rate, most)
        doubled = int(seconds / max(1.0, self.duration / _STEPS))
        return min(_FIRST << min(doubled, 30), most, MOST)

    def as_environment(self) -> dict[str, str]:
        """The plan as a variable of the environment."""
        return {VARIABLE: json.dumps(asdict(self))}

    @property
    def folder(self) -> Path:
        """Where the result is written."""
        return Path(self.result).parent


def from_environment(environ: Mapping[str, str] = os.environ) -> Plan:
    """Read the plan; raises KeyError where this process was not started by a load."""
    values = json.loads(environ[VARIABLE])
    return Plan(**{**values, "settings": tuple(values["settings"])})
