"""One line of the tables: how a requirement holds, how it is broken, and when nobody can say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from selftest.unit.journals import Journal, Session

Target = Callable[..., Journal]
"""Makes the empty journal of a target."""
Talk = Callable[[Journal], object]
"""What is said in a journal."""


@dataclass(frozen=True)
class Never:
    """There is no such journal."""

    why: str


@dataclass(frozen=True)
class Broken:
    """A journal that breaks a requirement, and what the finding has."""

    talk: Talk
    pointer: str | None
    says: tuple[str, ...]
    """The decisive figures: what was there, what was expected."""
    also: tuple[str, ...] = ()
    """Requirements that cannot but be broken with it."""
    warns: bool = False
    """Whether it is a warning of a MUST: a part that its sentence does not speak of."""


@dataclass(frozen=True)
class Row:
    """A requirement on one role."""

    journal: Target
    requirement: str
    holds: Talk | Never
    breaks: Broken | Never
    unclear: Talk | Never


def broken(
    talk: Talk, pointer: str | None, *says: str, also: tuple[str, ...] = (), warns: bool = False
) -> Broken:
    """A journal that breaks a requirement, where, and the decisive figures."""
    return Broken(talk, pointer, says, also, warns)


def started(talk: Callable[[Journal, Session], object], **start: Any) -> Talk:
    """What is said after a remote start."""
    return lambda journal: talk(journal, journal.remote_start(**start))


def carded(talk: Callable[[Journal, Session], object], **start: Any) -> Talk:
    """What is said after a card was presented."""
    return lambda journal: talk(journal, journal.authorize_start(**start))


def only_asked(journal: Journal) -> object:
    """The hub asked for something, and the target sent nothing of itself."""
    return journal.hub_asks()
