"""What was found out before, so that it need not be again: much comes again and again in a run."""

from collections.abc import Callable, Hashable, Iterable
from typing import Protocol, TypeVar

_Value = TypeVar("_Value", bound=Hashable)
_Made = TypeVar("_Made")
_MOST = 20_000
"""Entries of a memory: one that is full is cleared."""
_LONGEST = 200
"""Characters of a piece that may well come again."""


class _Memory(Protocol):
    def clear(self) -> None: ...


_AnyMemory = TypeVar("_AnyMemory", bound=_Memory)


class Learned:
    """How much was learned: what was made of a text before, may be another now, and is forgotten."""

    def __init__(self) -> None:
        self.count = 0
        self._memories: list[_Memory] = []

    def more(self) -> None:
        """Something was learned."""
        self.count += 1
        for one in self._memories:
            one.clear()

    def forgetting(self, memory: _AnyMemory) -> _AnyMemory:
        """The same memory; from now on it is cleared when something is learned."""
        self._memories.append(memory)
        return memory

    def remembering(self, make: Callable[[_Value], _Made]) -> Callable[[_Value], _Made]:
        """The same function; what it made of a value, it does not make again until something is learned."""
        known: dict[_Value, tuple[int, _Made]] = self.forgetting({})

        def made(value: _Value) -> _Made:
            before = known.get(value)
            if before is not None and before[0] == self.count:
                return before[1]
            # What is learned in the midst of it, or by another thread, makes it old at once.
            then, result = self.count, make(value)
            if len(known) >= _MOST:
                known.clear()
            known[value] = then, result
            return result

        return made


class Pieces(set[str]):
    """Short pieces of texts of which all is known that there is to know."""

    def remember(self, pieces: Iterable[str]) -> None:
        """Add those that may well come again."""
        if len(self) >= _MOST:
            self.clear()
        self.update(one for one in pieces if len(one) <= _LONGEST)
