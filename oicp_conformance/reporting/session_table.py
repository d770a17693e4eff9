"""The picture of the table of sessions: how one begins, how it ends, and with which verdict."""

from dataclasses import dataclass

from oicp_conformance.judge.statement import SessionPart, Statement
from oicp_conformance.judge.verdicts import as_known
from oicp_conformance.judge.ways import ENDS
from oicp_conformance.reporting.broken import broken, only_known

Row = tuple[str, list[SessionPart | None]]
"""A way to begin, and for each way to end what became of it; None where the two do not go together."""


@dataclass(frozen=True)
class Note:
    """Why some ways have their verdict."""

    word: str
    reason: str
    ways: str
    """Which these are, such as `card: app, fault; app: fault`."""


@dataclass(frozen=True)
class SessionTable:
    """The table, ready to be shown."""

    ends: list[str]
    rows: list[Row]
    known: frozenset[str] = frozenset()
    """The requirements that are broken only as known deviations."""

    def word(self, way: SessionPart) -> str:
        """The verdict of a way, and whether it tells nothing new."""
        if way.consequence:
            return "consequence"
        is_known = way.verdict == "fail" and self.known.issuperset(way.reason.split(", "))
        return as_known(way.verdict) if is_known else way.verdict

    @property
    def notes(self) -> list[Note]:
        """The reasons of verdicts, each once."""
        tried = [one for _, row in self.rows for one in row if one is not None]
        found: dict[tuple[str, str], list[SessionPart]] = {}
        for one in tried:
            if one.reason:
                found.setdefault((self.word(one), one.reason), []).append(one)
        return [
            Note(*key, "all ways" if len(ways) == len(tried) > 1 else _ways(ways))
            for key, ways in found.items()
        ]

    @property
    def text(self) -> str:
        """The table as plain text."""
        wide = max((len(begin) for begin, _ in self.rows), default=0)
        columns = [max(len("not-applicable"), len(end)) for end in self.ends]
        lines = ["How a session begins (row) and ends (column), and the verdict of its test.", ""]
        lines.append(_line("", wide, self.ends, columns))
        for begin, row in self.rows:
            lines.append(_line(begin, wide, [self.word(one) if one else "" for one in row], columns))
        lines += ["", *(f"{one.word}: {one.reason}: {one.ways}" for one in self.notes)]
        return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def session_table(statement: Statement) -> SessionTable:
    """Return the table of sessions of a statement; one of an earlier version has none."""
    named = {one.end for one in statement.sessions}
    ends = [*(end for end in ENDS if end in named), *sorted(named.difference(ENDS))]
    by_begin: dict[str, dict[str, SessionPart]] = {}
    for one in statement.sessions:
        by_begin.setdefault(one.begin, {})[one.end] = one
    rows = [(begin, [found.get(end) for end in ends]) for begin, found in by_begin.items()]
    return SessionTable(ends, rows, only_known(broken(statement), lambda one: [one.id]))


def _ways(ways: list[SessionPart]) -> str:
    """Name ways by how they begin, and after each how it ends."""
    by_begin: dict[str, list[str]] = {}
    for one in ways:
        by_begin.setdefault(one.begin, []).append(one.end)
    return "; ".join(f"{begin}: {', '.join(ends)}" for begin, ends in by_begin.items())


def _line(first: str, wide: int, cells: list[str], columns: list[int]) -> str:
    padded = (cell.ljust(column) for cell, column in zip(cells, columns, strict=True))
    return f"{first:<{wide}}  {'  '.join(padded)}"
