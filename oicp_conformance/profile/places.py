"""Where the keys of a profile stand: the file and the line, or the option of the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

Key = tuple[str | int, ...]
"""The way to a value: names of keys, and positions in lists from 0."""


@dataclass(frozen=True)
class Place:
    """A file, as the user names it, and a line of it; or an option of the command line."""

    source: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


class Places:
    """The place of each key of a profile."""

    def __init__(self, source: str, places: Mapping[Key, Place] | None = None) -> None:
        self._profile = Place(source)
        self._places = places or {}

    def of(self, key: Key) -> Place:
        """The place of a key, or of what is in it; of one that stands nowhere, that of its nearest table."""
        if key in self._places:
            return self._places[key]
        inner = (place for one, place in self._places.items() if one[: len(key)] == key)
        around = (self._places.get(key[:depth]) for depth in range(len(key), 0, -1))
        return next((place for place in chain(inner, around) if place), self._profile)
