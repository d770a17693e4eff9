"""The journal and the notes of a run as files, one exchange or note a line, written and read back."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.json_text import NotJson, parse
from oicp_conformance.journal.notes import Note, note_as_json
from oicp_conformance.oicp.operations import BY_NAME

_ENCODER = json.JSONEncoder(ensure_ascii=False)
_CONTROLS = re.compile("[\x7f-\x9f]")
JOURNAL, NOTES = "journal.jsonl", "notes.jsonl"
_Line = TypeVar("_Line")
_EXCHANGE = TypeAdapter(Exchange)
_NOTES: Mapping[str, TypeAdapter[Note]] = {one.__name__.lower(): TypeAdapter(one) for one in get_args(Note)}


class ArchiveError(ValueError):
    """A saved run that cannot be read; its text names the file and the line."""


def save_lines(folder: Path, exchanges: Iterable[Exchange], notes: Iterable[Note]) -> None:
    """Write `journal.jsonl` and `notes.jsonl` into a folder."""
    _write_lines(folder / JOURNAL, (one.as_json() for one in exchanges))
    _write_lines(folder / NOTES, map(note_as_json, notes))


def read_lines(journal: Path) -> tuple[tuple[Exchange, ...], tuple[Note, ...]]:
    """Read a saved journal and the notes beside it.

    Raises:
        ArchiveError: a file is missing, or a line of it is not what it should be.
    """
    exchanges = tuple(_read_lines(journal, _exchange, "an exchange"))
    for number, (before, after) in enumerate(pairwise(exchanges), start=2):
        if after.number <= before.number:
            raise ArchiveError(
                f"{journal}: line {number}: exchange {after.number} is listed after exchange {before.number}"
            )
    return exchanges, tuple(_read_lines(journal.with_name(NOTES), _note, "a note"))


def _exchange(raw: Any) -> Exchange:
    exchange = _EXCHANGE.validate_python(Exchange.from_json(raw))
    if exchange.operation is not None and exchange.operation not in BY_NAME:
        raise ValueError(f"there is no operation {exchange.operation}")
    return exchange


def _note(raw: Any) -> Note:
    values = dict(raw)
    return _NOTES[values.pop("note")].validate_json(json.dumps(values))


def _write_lines(file: Path, lines: Iterator[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as out:
        for line in lines:
            out.write(escaped(_ENCODER.encode(line)) + "\n")


def escaped(text: str) -> str:
    """A text of JSON with DEL and the C1 controls escaped: a terminal may obey them."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _read_lines(file: Path, made: Callable[[Any], _Line], what: str) -> Iterator[_Line]:
    # Only a line feed ends a line: texts in it may hold other characters that end lines elsewhere.
    lines = bytes_of(file).split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line and number == len(lines):
            return
        where = f"{file}: line {number}"
        try:
            raw = parse(line)
        except NotJson as error:
            raise ArchiveError(f"{where}: {error}; expected {what} as one line of JSON") from None
        try:
            yield made(raw)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArchiveError(f"{where}: expected {what}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(complaints(error))
    return f"{error} is missing or unknown" if isinstance(error, KeyError) else str(error)


def complaints(error: ValidationError) -> Iterator[str]:
    """What pydantic says of a file, a line for each problem."""
    for one in error.errors(include_url=False, include_input=False):
        where = ".".join(map(str, one["loc"])) or "the whole file"
        yield f"{where}: {one['msg']}"


def bytes_of(file: Path) -> bytes:
    """The bytes of a file of a saved run; raises `ArchiveError`."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise ArchiveError(
            f"{file}: no such file; expected the folder of a run, or its journal.jsonl"
        ) from None
    except OSError as error:
        raise ArchiveError(f"{file}: cannot be read: {error.strerror or error}") from None
