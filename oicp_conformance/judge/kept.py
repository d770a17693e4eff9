"""What is read off a run exchange by exchange, and goes on with the run instead of being read again."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, TypeVar

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Note, Wait

_Note = TypeVar("_Note", bound=Note)


class Growing(Protocol):
    """Something that sees each exchange of a run once, and hears each note once, in order."""

    def see(self, exchange: Exchange, /) -> object:
        """Take in one exchange."""

    def hear(self, note: Note, /) -> object:
        """Take in one note."""


_Growing = TypeVar("_Growing", bound=Growing)


class Kept:
    """All that grows with a run, by what makes it."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Any, int, int]] = {}
        """Each with how many exchanges and notes it has taken in."""

    def after(
        self, make: Callable[[], _Growing], of: Hashable, exchanges: Sequence[Exchange], notes: Sequence[Note]
    ) -> _Growing:
        """What is kept of something, after all of these exchanges and notes; `make` begins it."""
        growing: _Growing
        # It is not known meanwhile: what a mistake has left half grown is begun again.
        growing, seen, heard = self._known.pop(of, None) or (make(), 0, 0)
        for exchange in exchanges[seen:]:
            growing.see(exchange)
        for note in notes[heard:]:
            growing.hear(note)
        self._known[of] = growing, max(seen, len(exchanges)), max(heard, len(notes))
        return growing


class OfExchanges:
    """What is read off the exchanges alone."""

    def hear(self, note: Note, /) -> None:
        """Take in one note, which says nothing of it."""


class By(OfExchanges):
    """The exchanges that have something in common, in order, by that."""

    def __init__(self, key: Callable[[Exchange], Hashable]) -> None:
        self._key = key
        self._found: dict[Hashable, list[Exchange]] = defaultdict(list)

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        self._found[self._key(exchange)].append(exchange)

    def of(self, key: Hashable) -> Sequence[Exchange]:
        """Those that have it."""
        return self._found.get(key, ())


class Heard:
    """The notes by their kind, in order."""

    def __init__(self) -> None:
        self._found: dict[type, list[Any]] = defaultdict(list)
        self._waits: dict[str, list[Wait]] = defaultdict(list)

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange, which is no note."""

    def hear(self, note: Note, /) -> None:
        """Take in one note."""
        self._found[type(note)].append(note)
        if isinstance(note, Wait):
            self._waits[note.operation].append(note)

    def of(self, kind: type[_Note]) -> list[_Note]:
        """The notes of a kind."""
        return self._found[kind]

    def waits_for(self, operation: str) -> Sequence[Wait]:
        """Where the suite waited for an operation."""
        return self._waits.get(operation, ())
