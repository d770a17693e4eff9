"""Times as the files of a run have them: to the microsecond.

What is judged again is judged by the same times.
"""

import time
from datetime import UTC, datetime


def now() -> float:
    """The time in seconds since the epoch, to the microsecond."""
    return round(time.time(), 6)


def iso(seconds: float, timespec: str = "microseconds") -> str:
    """A time as the files of a run have it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=timespec)


def clock(seconds: float) -> str:
    """The time of day, with milliseconds, in UTC: where two times are to be compared."""
    return iso(seconds, "milliseconds")[11:23]


def seconds_of(text: str) -> float:
    """The reverse of `iso`."""
    return datetime.fromisoformat(text).timestamp()
