"""Reads facts out of a clone of OICP's documents: the lines of each section, and the row of each field.

`python -m tools.sources --documents DIR`, with DIR a clone of hubject/oicp at the commit that is pinned in
`oicp_conformance/judge/source.py`. It writes `anchors.tsv` and `fields.tsv` beside that module: names and
numbers of lines, and no sentence.
"""

import argparse
import difflib
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from oicp_conformance.judge.message_tables import holder_of, messages_sent
from oicp_conformance.judge.source import ANCHORS, DOCUMENTS, FIELDS, OICP
from oicp_conformance.oicp.fields import Field, fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.operations import Party, of_party
from oicp_conformance.oicp.types import Role

_EXPLICIT = re.compile(r"^\[\[([^\],]+)[^\]]*\]\]\s*$")
_HEADING = re.compile(r"^(=+|#+) +(.*?)\s*$")
_ROW = re.compile(r"^\|?\s*([A-Za-z]\w*(?: \w+)?)\s*[:|]")


_DEEPEST = 7
"""The depth of what has an anchor and no heading."""


@dataclass
class Section:
    """One section of a document, with the rows of its tables."""

    anchor: str
    title: str
    depth: int
    first: int
    last: int = 0
    """The last line, with that of its subsections."""
    rows: dict[str, int] = field(default_factory=dict)


def sections(text: str) -> list[Section]:
    """The sections of a document, by the anchor that stands above the heading or that GitHub makes of it."""
    found: list[Section] = []
    explicit: tuple[str, int] | None = None
    taken: Counter[str] = Counter()
    in_table = in_code = False
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if line.startswith(("----", "```")):
            in_code = not in_code
        if in_code:
            continue
        if line.startswith("|==="):
            in_table = not in_table
        elif in_table:
            if found and (row := _ROW.match(line)):
                found[-1].rows.setdefault(row[1], number)
        elif named := _EXPLICIT.match(line):
            if explicit:
                found.append(Section(explicit[0], "", _DEEPEST, explicit[1]))
            explicit = named[1], number
        elif heading := _HEADING.match(line):
            anchor, at = explicit or (_automatic(heading[2], taken), number)
            found.append(Section(anchor, heading[2], len(heading[1]), at))
            explicit = None
    for index, one in enumerate(found):
        after = next((other.first for other in found[index + 1 :] if other.depth <= one.depth), None)
        one.last = after - 1 if after else len(lines)
    return found


def _automatic(title: str, taken: Counter[str]) -> str:
    """The anchor that GitHub makes of a heading; the second of the same title gets a number."""
    anchor = re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-")
    taken[anchor] += 1
    return anchor if taken[anchor] == 1 else f"{anchor}-{taken[anchor]}"


Row = tuple[str, str, str, str, str, int]
"""Role, message or type, field, document, anchor, line."""


def field_rows(role: Role, documents: Mapping[str, Sequence[Section]]) -> Iterator[Row]:
    """Where each field that a role sends has its row.

    Raises:
        LookupError: a table has no row of a field.
    """
    parties = [one for one in get_args(Party) if one.startswith(role)]
    rows: dict[tuple[str, str], Row] = {}
    for party in parties:
        for operation in of_party(party):
            for name, model in messages_sent(operation, party).items():
                for one in fields_of(model).values():
                    key = holder_of(name, model, one), one.path[-1]
                    if key not in rows:
                        rows[key] = _row(role, documents, name, model, one)
    yield from rows.values()


def _row(
    role: Role, documents: Mapping[str, Sequence[Section]], name: str, model: type[Message], one: Field
) -> Row:
    holder = holder_of(name, model, one)
    wanted = model.section if holder == name else holder.removeprefix("Pushed")
    # The acknowledgement's table has an anchor of its own only in one of the documents.
    anchors = {_plain(wanted), _plain(wanted.removesuffix("message"))}
    tables = [
        (document, section)
        for document in (f"{role.upper()} 02", f"{role.upper()} 03")
        for section in documents[document]
        if section.rows and _plain(section.anchor) in anchors
    ]
    if not tables and holder != name:
        # What is no type of its own has its row where it is used.
        above = _row(role, documents, name, model, fields_of(model)[one.path[:-1]])
        return role, holder, one.path[-1], *above[3:]
    for document, section in tables:
        rows = {_plain(row): line for row, line in section.rows.items()}
        # The documents misspell some of them (C011, C012).
        if near := difflib.get_close_matches(_plain(one.path[-1]), rows, n=1, cutoff=0.85):
            return role, holder, one.path[-1], document, section.anchor, rows[near[0]]
    raise LookupError(f"{role}: no row of {one.path[-1]} in {holder}")


def _plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("_", "")


def _write(file: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    lines = ["\t".join(head), *("\t".join(map(str, row)) for row in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Write both files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--documents", type=Path, required=True, metavar="DIR", help="a clone of hubject/oicp"
    )
    folder = parser.parse_args().documents
    known = {
        name: sections((folder / one.path).read_text(encoding="utf-8"))
        for name, one in DOCUMENTS.items()
        if one.repository == OICP
    }
    anchors = [(name, one.anchor, one.first, one.last) for name, found in known.items() for one in found]
    _write(ANCHORS, ("document", "anchor", "first", "last"), anchors)
    rows = [row for role in get_args(Role) for row in field_rows(role, known)]
    _write(FIELDS, ("role", "holder", "field", "document", "anchor", "line"), rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
