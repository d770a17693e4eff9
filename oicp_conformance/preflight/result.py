"""What a check of the preflight found."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check ended. Only a problem keeps a run from working."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Result:
    """One check."""

    state: State
    about: str
    """What was checked, in two words."""
    text: str
    """What was found."""
    where: str = ""
    """The line and the key of the profile that it depends on, as `my.toml:5 [target] base_url`."""
    advice: str = ""
    """What to do about it."""
