"""Records that owners push, with what became of them and when.

CPO 02 says of all its pushes that they work as the upload of authentication data, which EMP 02 describes: a
push is done as a whole or not at all, and any earlier state can be told from the present one (C196).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

DeltaType = Literal["insert", "update", "delete"]
Record = Mapping[str, Any]
ACTIONS = frozenset({"fullLoad", "insert", "update", "delete"})


class Refused(Exception):
    """Hubject does not do what it was asked."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def listed(names: Iterable[str], longest: int = 10) -> str:
    """Some names on one line, few enough for a field of an answer."""
    every = list(names)
    more = f" and {len(every) - longest} more" if len(every) > longest else ""
    return ", ".join(name[:50] for name in every[:longest]) + more


@dataclass(slots=True)
class Entry:
    """One record of an owner, valid or deleted."""

    key: str
    record: Record
    """As it came last."""
    changed: datetime
    turns: list[datetime] = field(default_factory=list)
    """When it came, when it was deleted, when it came again, and so on."""

    @property
    def valid(self) -> bool:
        """Whether it is there now."""
        return len(self.turns) % 2 == 1

    def was_valid(self, then: datetime) -> bool:
        """Whether it was there at an earlier time."""
        return sum(turn <= then for turn in self.turns) % 2 == 1

    def since(self, then: datetime) -> DeltaType | None:
        """What became of it since an earlier time; None when it is as it was."""
        if self.changed <= then:
            return None
        if not self.was_valid(then):
            return "insert" if self.valid else None
        return "update" if self.valid else "delete"


class Table:
    """The records of all owners, by owner and key, in the order in which they came first."""

    def __init__(self) -> None:
        self._owners: dict[str, dict[str, Entry]] = {}
        self.version = 0
        """Another number after each push that was done."""

    def push(self, action: str, owner: str, given: Mapping[str, Record], now: datetime) -> None:
        """Do what an ActionType says with an owner's records.

        Raises:
            Refused: a record that is to be inserted is there, or one that is to be updated is not.
        """
        entries = self._owners.setdefault(owner, {})
        valid = {key for key in given if (entry := entries.get(key)) and entry.valid}
        if action == "insert" and valid:
            raise Refused("022", f"already there: {listed(key for key in given if key in valid)}")
        if action == "update" and len(valid) < len(given):
            raise Refused("022", f"not there: {listed(key for key in given if key not in valid)}")
        self.version += 1
        if action == "delete":
            _delete((entries[key] for key in valid), now)
            return
        if action == "fullLoad":
            _delete((entry for key, entry in entries.items() if entry.valid and key not in given), now)
        for key, record in given.items():
            entry = entries.get(key)
            if entry is None:
                entries[key] = Entry(key, record, now, [now])
            elif not entry.valid:
                entry.record, entry.changed = record, now
                entry.turns.append(now)
            elif entry.record != record:
                # What was sent again as it is has not changed: a delta leaves it out.
                entry.record, entry.changed = record, now

    def owners(self) -> list[str]:
        """Who has pushed."""
        return list(self._owners)

    def of(self, owner: str) -> Iterator[Entry]:
        """An owner's valid records, as they are when they are asked for: another push may come meanwhile."""
        return (entry for entry in tuple(self._owners.get(owner, {}).values()) if entry.valid)

    def every(self) -> Iterator[tuple[str, Entry]]:
        """All records with their owners, the deleted ones too."""
        for owner, entries in self._owners.items():
            for entry in entries.values():
                yield owner, entry

    def get(self, owner: str, key: str) -> Entry | None:
        """A valid record, if it is there."""
        entry = self._owners.get(owner, {}).get(key)
        return entry if entry and entry.valid else None


def _delete(entries: Iterable[Entry], now: datetime) -> None:
    for entry in entries:
        entry.changed = now
        entry.turns.append(now)
