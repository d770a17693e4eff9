"""Judges a run while it goes on: a rule is asked again only where what it reads has grown."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Note, Plug, Quiet, Wait
from oicp_conformance.judge.deviations import Deviation
from oicp_conformance.judge.kept import OfExchanges
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import BY_EXCHANGE, IN_ORDER, PIECEWISE, RULES, Rule
from oicp_conformance.judge.verdicts import counting, findings, found_by, required

_Value = TypeVar("_Value")
_OF_NOTES = frozenset({"waits", "quiets", "uploads", "unseen", "reduced", "walks", "notes"})
_OF_PART = frozenset({"asks_of", "asked_exchanges", "asked_of", "asked_written"})
_OF_EXCHANGES = _OF_PART | {"exchanges", "naming", "numbered", "of_test"}
_OF_ALL = frozenset({"sessions", "kept", "asked_sessions", "reaches_hub"})
_WAITS_FOR = "waits for "
"""Before the name of an operation."""
_GROWS = _OF_NOTES | _OF_EXCHANGES | _OF_ALL
"""What of a record grows, besides the exchanges of each operation and the waits for it."""


def _size(record: Record, view: str) -> int:
    """How much there is of what was read."""
    if view in _OF_NOTES:
        return len(getattr(record, view))
    if view in _OF_EXCHANGES:
        return len(record.exchanges)
    if view in _OF_ALL:
        return len(record.exchanges) + len(record.notes)
    if view.startswith(_WAITS_FOR):
        return len(record.waits_for(view.removeprefix(_WAITS_FOR)))
    return len(record.of(view))


class _Reader:
    """Stands for a record, and takes down what of it is read."""

    def __init__(self, record: Record, memory: "_Memory") -> None:
        self._record = record
        self._memory = memory
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name in _GROWS:
            self.read.add(name)
        # From now on it is at hand, and nobody comes here to ask for it.
        value = self.__dict__[name] = getattr(self._record, name)
        return value

    def of(self, *operations: str) -> list[Exchange]:
        """As a record has it."""
        self.read.update(operations)
        return self._record.of(*operations)

    def written(self, *operations: str) -> list[Exchange]:
        """As a record has it."""
        self.read.update(operations)
        return self._record.written(*operations)

    def waits_for(self, operation: str) -> Sequence[Wait]:
        """As a record has it."""
        self.read.add(f"{_WAITS_FOR}{operation}")
        return self._record.waits_for(operation)

    def worked_out(self, function: Callable[..., _Value], *arguments: Hashable) -> _Value:
        """As a record has it, and what that takes to work out is read as well."""
        value, sizes = self._memory.ask(function, *arguments)
        self.read.update(sizes)
        return value


class _Memory:
    """What functions said of a record that grows, each with how much there was of what it read then."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._known: dict[Hashable, tuple[Any, Mapping[str, int]]] = {}
        self._sizes: dict[str, int] = {}
        """How much there is now of all that was ever read."""

    def turn_to(self, record: Record) -> None:
        """From now on it is about a later record of the run."""
        record.go_on_from(self.record)
        self.record = record
        self._sizes = {view: _size(record, view) for view in self._sizes}

    def ask(self, function: Callable[..., _Value], *arguments: Hashable) -> tuple[_Value, Mapping[str, int]]:
        """What a function says of the record and the arguments, and the sizes of all that it has read."""
        key = function, arguments
        known = self._known.get(key)
        if known is None or not known[1].items() <= self._sizes.items():
            reader = _Reader(self.record, self)
            value = function(cast("Record", reader), *arguments)
            known = self._known[key] = value, {view: self._size(view) for view in reader.read}
        return known

    def _size(self, view: str) -> int:
        if view not in self._sizes:
            self._sizes[view] = _size(self.record, view)
        return self._sizes[view]


class _InOrder(OfExchanges):
    """What a rule has found that looks at one exchange after the other."""

    def __init__(self, record: Record, rule: Rule) -> None:
        self._judge = IN_ORDER[rule](record.profile)
        self._known = required(rule, record.party)
        self.found: list[Outcome] = []

    def see(self, exchange: Exchange, /) -> None:
        """Take in one exchange."""
        if self._known is not None:
            self.found += findings(self._judge.see(exchange), self._known)


def _findings(record: Record, rule: Rule) -> Sequence[Outcome]:
    return list(found_by(rule, record))


def _part(record: Record, new: Sequence[Exchange], heard: Sequence[Note]) -> set[int]:
    """The new exchanges, and those of which something else can be said now, by their numbers."""
    part = {one.number for one in new}
    part.update(one.came for one in heard if isinstance(one, Wait) and one.came is not None)
    listened = {one.test for one in heard if isinstance(one, Quiet)}
    part.update(one.number for test in listened for one in record.of_test(test))
    about = {one.session for one in heard if isinstance(one, Wait | Plug)}
    sessions = [*record.asking_about(part).asked_sessions, *map(record.sessions.get, about)]
    part.update(one.number for session in sessions if session for one in session.exchanges)
    part.update(number for one in new for number in (one.control, one.repeats) if number is not None)
    return part


class Watch:
    """Finds what is broken while a run goes on."""

    def __init__(self) -> None:
        self._looked_at: set[int] = set()
        self._listened = 0
        """How many notes were looked at."""
        self._found: list[Outcome] = []
        self._piecewise: dict[int | None, list[Outcome]] = {}
        """What the piecewise rules found, by the number of the exchange in which they did."""
        self._passes_by: dict[Rule, set[str]] = {}
        """What a rule that looks at each exchange by itself read when there was nothing of all that."""
        self._memory: _Memory | None = None

    def findings(self, record: Record, deviations: Sequence[Deviation] = ()) -> list[Outcome]:
        """The findings among the `outcomes` of a record, which holds at least what the last one held."""
        memory = self._memory = self._memory or _Memory(record)
        memory.turn_to(record)
        new = tuple(one for one in record.exchanges if one.number not in self._looked_at)
        self._found += self._ask_by_exchange(replace(record, exchanges=new, notes=()))
        self._ask_piecewise(memory, new, record.notes[self._listened :])
        # Only now: what a rule's mistake has cost is looked at again.
        self._looked_at.update(one.number for one in new)
        self._listened = len(record.notes)
        others: list[Outcome] = []
        for rule in RULES:
            if rule in IN_ORDER:
                others += record.kept(_InOrder, rule).found
            elif rule not in BY_EXCHANGE and rule not in PIECEWISE:
                others += memory.ask(_findings, rule)[0]
        piecewise = (one for found in self._piecewise.values() for one in found)
        return counting(record, [*self._found, *piecewise, *others], deviations)

    def _ask_by_exchange(self, said: Record) -> list[Outcome]:
        """Judge some exchanges by the rules that look at each by itself, unless there is none for a rule."""
        views = {*_OF_EXCHANGES, *_OF_ALL, *(one.operation for one in said.exchanges)}
        found: list[Outcome] = []
        memory = _Memory(said)
        for rule in RULES:
            if rule not in BY_EXCHANGE or self._passes_by.get(rule, views).isdisjoint(views):
                continue
            reader = _Reader(said, memory)
            found += _findings(cast("Record", reader), rule)
            if reader.read.isdisjoint(views):
                self._passes_by[rule] = reader.read
        return found

    def _ask_piecewise(self, memory: _Memory, new: Sequence[Exchange], heard: Sequence[Note]) -> None:
        """Judge the new exchanges, and judge again those whose outcomes they or what was heard can change."""
        part = _part(memory.record, new, heard)
        if not part:
            return
        asking = cast("Record", _Reader(memory.record.asking_about(part), memory))
        found = [one for rule in RULES if rule in PIECEWISE for one in _findings(asking, rule)]
        for number in part:
            self._piecewise.pop(number, None)
        for one in found:
            self._piecewise.setdefault(one.exchange, []).append(one)
