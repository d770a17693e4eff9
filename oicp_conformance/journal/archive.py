"""The journal and the notes of a run as files, one exchange or note a line, written and read back."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
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
_NUMBER = re.compile(rb'\{"number": ([0-9]{1,18}),')
"""The beginning of a line of a journal as it is written; one that was edited may begin otherwise."""
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


def find_line(journal: Path, number: int) -> tuple[Exchange | None, int]:
    """Read one exchange of a saved journal, and no other; None if it is not in the journal.

    Also returns the number of the last exchange before it, or of the last of all if it is not there.

    Raises:
        ArchiveError: the file is missing, or the line is not what it should be.
    """
    last = 0
    for place, line in enumerate(_lines(journal), start=1):
        begun = _NUMBER.match(line)
        if begun and int(begun[1]) != number:
            last = int(begun[1])
            continue
        exchange = _line(line, f"{journal}: line {place}", _exchange, "an exchange")
        if exchange.number == number:
            return exchange, last
        last = exchange.number
    return None, last


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
    for number, line in enumerate(_lines(file), start=1):
        yield _line(line, f"{file}: line {number}", made, what)


def _lines(file: Path) -> Iterator[bytes]:
    # Only a line feed ends a line: texts in it may hold other characters that end lines elsewhere.
    with _readable(file), file.open("rb") as opened:
        for line in opened:
            yield line.removesuffix(b"\n")


def _line(line: bytes, where: str, made: Callable[[Any], _Line], what: str) -> _Line:
    try:
        raw = parse(line)
    except NotJson as error:
        raise ArchiveError(f"{where}: {error}; expected {what} as one line of JSON") from None
    try:
        return made(raw)
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
    with _readable(file):
        return file.read_bytes()


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Say which file cannot be read, and why."""
    try:
        yield
    except FileNotFoundError:
        raise ArchiveError(
            f"{file}: no such file; expected the folder of a run, or its journal.jsonl"
        ) from None
    except OSError as error:
        raise ArchiveError(f"{file}: cannot be read: {error.strerror or error}") from None
