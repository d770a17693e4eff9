"""A run on disk: the journal, the notes, and the frame around them, written and read back.

With these three files a run is judged again without a target.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from oicp_conformance.journal.journal import (
    Exchange,
    Note,
    NotJson,
    iso,
    note_as_json,
    parse,
    seconds_of,
)
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.deviations import Deviation
from oicp_conformance.judge.frame import Frame
from oicp_conformance.judge.outcome import Record, party_of
from oicp_conformance.judge.statement import JournalPart, Statement, Suite
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.profile import Profile, ProfileError, as_saved, restore

JOURNAL, NOTES, FRAME, STATEMENT = "journal.jsonl", "notes.jsonl", "run.json", "conformance.json"
_Line = TypeVar("_Line")
_EXCHANGE = TypeAdapter(Exchange)
_DEVIATION = TypeAdapter(Deviation)
_NOTES: Mapping[str, TypeAdapter[Note]] = {one.__name__.lower(): TypeAdapter(one) for one in get_args(Note)}


class ArchiveError(ValueError):
    """A saved run that cannot be read; its text names the file and the line."""


class _Saved(BaseModel):
    """`run.json`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal[1] = 1
    suite: Suite
    """Who ran it; whoever judges it again judges by its own rules."""
    seed: int
    strict: bool
    started: str
    finished: str
    stopped: str | None
    trouble: list[str]
    deviations: list[dict[str, Any]] = []
    today: str | None = None
    partial: str | None = None
    profile_name: str | None = None
    profile: dict[str, Any]


def save(folder: Path, record: Record, frame: Frame) -> None:
    """Write what was said and done, and the frame."""
    _write_lines(folder / JOURNAL, (one.as_json() for one in record.exchanges))
    _write_lines(folder / NOTES, map(note_as_json, record.notes))
    saved = _Saved(
        suite=Suite.of_today(),
        seed=frame.seed,
        strict=frame.strict,
        started=iso(frame.started),
        finished=iso(frame.finished),
        stopped=frame.stopped,
        trouble=list(frame.trouble),
        deviations=[_DEVIATION.dump_python(one, mode="json") for one in frame.known],
        today=frame.today.isoformat() if frame.today else None,
        partial=frame.partial,
        profile_name=record.profile.path.name if record.profile.path else None,
        profile=as_saved(record.profile),
    )
    (folder / FRAME).write_text(f"{saved.model_dump_json(indent=2)}\n", encoding="utf-8")


def digest(journal: Path, record: Record) -> JournalPart:
    """What a statement says of the journal that was judged."""
    with journal.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return JournalPart(exchanges=len(record.exchanges), sha256=sha256)


def write_statement(folder: Path, statement: Statement) -> None:
    """Write the statement."""
    text = statement.model_dump_json(by_alias=True, indent=2)
    (folder / STATEMENT).write_text(f"{text}\n", encoding="utf-8")


def read(journal: Path) -> tuple[Record, Frame]:
    """Read a saved run; the other two files lie beside the journal.

    Raises:
        ArchiveError: a file is missing, or a line of it is not what it should be.
    """
    exchanges = tuple(_read_lines(journal, _exchange, "an exchange"))
    for number, (before, after) in enumerate(pairwise(exchanges), start=2):
        if after.number <= before.number:
            raise ArchiveError(
                f"{journal}: line {number}: exchange {after.number} comes after exchange {before.number}"
            )
    notes = tuple(_read_lines(journal.with_name(NOTES), _note, "a note"))
    profile, frame = _frame(journal.with_name(FRAME))
    return Record(profile, tuple(_of_today(one, profile) for one in exchanges), notes), frame


def _of_today(exchange: Exchange, profile: Profile) -> Exchange:
    """The exchange, with its purpose if that is still a requirement."""
    known = exchange.purpose is None or exchange.purpose in catalogue(party_of(profile))
    return exchange if known else exchange.without_purpose()


def _frame(file: Path) -> tuple[Profile, Frame]:
    try:
        raw = parse(_bytes(file))
    except NotJson as error:
        raise ArchiveError(f"{file}: {error}; expected the frame of a run as JSON") from None
    try:
        saved = _Saved.model_validate(raw)
        started, finished = seconds_of(saved.started), seconds_of(saved.finished)
        known = tuple(_DEVIATION.validate_python(one) for one in saved.deviations)
        today = date.fromisoformat(saved.today) if saved.today else None
        profile = restore(saved.profile, file, saved.profile_name)
    except ValidationError as error:
        raise ArchiveError("\n".join(f"{file}: {text}" for text in _complaints(error))) from None
    except ProfileError as error:
        raise ArchiveError(str(error)) from None
    except ValueError as error:
        raise ArchiveError(f"{file}: started, finished: {error}") from None
    frame = Frame(
        seed=saved.seed,
        strict=saved.strict,
        started=started,
        finished=finished,
        stopped=saved.stopped,
        trouble=tuple(saved.trouble),
        known=known,
        today=today,
        partial=saved.partial,
    )
    return profile, frame


def _complaints(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False, include_input=False):
        where = ".".join(map(str, one["loc"])) or "the whole file"
        yield f"{where}: {one['msg']}"


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
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _read_lines(file: Path, made: Callable[[Any], _Line], what: str) -> Iterator[_Line]:
    # Only a line feed ends a line: texts in it may hold other characters that end lines elsewhere.
    lines = _bytes(file).split(b"\n")
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
        return "; ".join(_complaints(error))
    return f"{error} is missing or unknown" if isinstance(error, KeyError) else str(error)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise ArchiveError(f"{file}: there is no such file; a run leaves it beside its journal") from None
    except OSError as error:
        raise ArchiveError(f"{file}: cannot be read: {error.strerror or error}") from None
