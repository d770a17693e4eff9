"""What cannot be shown costs itself, and not the run.

A target may send anything, and a report has many parts. Each part is made under a guard: where it cannot be
made, it says so in its own place, and all other parts are as they would be.
"""

from collections.abc import Callable
from typing import TypeVar

from oicp_conformance.reporting.terminal import printable

_Part = TypeVar("_Part")

lost: list[str] = []
"""What could not be shown since the process began; a test of the suite looks here."""
_MOST = 100


def note(what: str, error: Exception) -> str:
    """Return the line that takes the place of what cannot be shown, and keep it in `lost`."""
    line = printable(f"{what} cannot be shown: {type(error).__name__}: {str(error)[:200]}")
    if len(lost) < _MOST:
        lost.append(line)
    return line


def guarded(what: str, make: Callable[[], _Part], instead: Callable[[str], _Part]) -> _Part:
    """Return what `make` gives; where it raises, what `instead` makes of a line that says so."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - whatever a target sends, the run goes on
        return instead(note(what, error))


def plain_text(what: str, make: Callable[[], str]) -> str:
    """Return a text; where it cannot be made, the line that says so."""
    return guarded(what, make, str)
