"""A run on disk: the journal, the notes, and the frame around them, written and read back.

With these three files a run is judged again without a target.
"""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from oicp_conformance.journal.archive import (
    ArchiveError,
    bytes_of,
    complaints,
    escaped,
    find_line,
    read_lines,
    save_lines,
)
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.json_text import NotJson, parse
from oicp_conformance.journal.times import iso, seconds_of
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.deviations import Deviation
from oicp_conformance.judge.frame import Frame
from oicp_conformance.judge.outcome import Record, party_of
from oicp_conformance.judge.statement import JournalPart, Statement, Suite
from oicp_conformance.profile import Profile, ProfileError, as_saved, restore

FRAME, STATEMENT = "run.json", "conformance.json"
_DEVIATION = TypeAdapter(Deviation)


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
    limits: list[str] = []
    profile_name: str | None = None
    profile: dict[str, Any]


def save(folder: Path, record: Record, frame: Frame) -> None:
    """Write what was said and done, and the frame."""
    save_lines(folder, record.exchanges, record.notes)
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
        limits=list(frame.limits),
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
    text = escaped(statement.model_dump_json(by_alias=True, indent=2))
    (folder / STATEMENT).write_text(f"{text}\n", encoding="utf-8")


def read(journal: Path) -> tuple[Record, Frame]:
    """Read a saved run; the other two files lie beside the journal.

    Raises:
        ArchiveError: a file is missing, or a line of it is not what it should be.
    """
    exchanges, notes = read_lines(journal)
    profile, frame = _frame(journal.with_name(FRAME))
    return Record(profile, tuple(_of_today(one, profile) for one in exchanges), notes), frame


def read_one(journal: Path, number: int) -> tuple[Exchange | None, int, Profile]:
    """Read one exchange of a saved run, and the profile; the other exchanges are not looked at.

    Without the exchange, the number is that of the last one of the run.

    Raises:
        ArchiveError: a file is missing, or what is read is not what it should be.
    """
    exchange, last = find_line(journal, number)
    profile, _ = _frame(journal.with_name(FRAME))
    return exchange and _of_today(exchange, profile), last, profile


def _of_today(exchange: Exchange, profile: Profile) -> Exchange:
    """The exchange, with its purpose if that is still a requirement."""
    known = exchange.purpose is None or exchange.purpose in catalogue(party_of(profile))
    return exchange if known else exchange.without_purpose()


def _frame(file: Path) -> tuple[Profile, Frame]:
    try:
        raw = parse(bytes_of(file))
    except NotJson as error:
        raise ArchiveError(f"{file}: {error}; expected the frame of a run as JSON") from None
    try:
        saved = _Saved.model_validate(raw)
        started, finished = seconds_of(saved.started), seconds_of(saved.finished)
        known = tuple(_DEVIATION.validate_python(one) for one in saved.deviations)
        today = date.fromisoformat(saved.today) if saved.today else None
        profile = restore(saved.profile, file, saved.profile_name)
    except ValidationError as error:
        raise ArchiveError("\n".join(f"{file}: {text}" for text in complaints(error))) from None
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
        limits=tuple(saved.limits),
    )
    return profile, frame
