"""The file of known deviations: read, and written as a template after a run that failed."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from oicp_conformance.judge.deviations import Deviation, place
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.judge.verdicts import Judgement, Row
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.profile.toml import TomlError, hint, read, shown, unknown

NAME = "deviations.toml"
DAYS = 90
"""How long an entry of the template holds."""
_A_DATE = "a date such as 2027-03-31, without quotes"


class DeviationsError(ValueError):
    """A file of known deviations that cannot be used; its text has one line for each problem."""


def _expected(what: str) -> PydanticCustomError:
    return PydanticCustomError("expected", "{expected}", {"expected": what})


def _filled(value: str) -> str:
    if not value.strip():
        raise _expected("a text that is not empty")
    return value


def _pointer(value: str) -> str:
    if value and not value.startswith("/"):
        raise _expected('a JSON pointer such as "/EvseID" ("" is the whole body)')
    return value


def _operation(value: str) -> str:
    if value not in BY_NAME:
        guess = hint(value, BY_NAME)
        raise _expected("an operation of OICP" + (f"; {guess}" if guess else ""))
    return value


def _date(value: object) -> object:
    if type(value) is not date:  # a date with a time is one, too, for isinstance
        raise _expected(_A_DATE)
    return value


_Text = Annotated[str, AfterValidator(_filled)]


class _Entry(BaseModel):
    """One `[[deviation]]` of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    requirement: _Text = Field(description="the id of a requirement")
    operation: Annotated[str, AfterValidator(_operation)] | None = None
    pointer: Annotated[str, AfterValidator(_pointer)] | None = None
    test: _Text | None = None
    reason: _Text = Field(description="why it need not be fixed now")
    owner: _Text = Field(description="who fixes it")
    ticket: _Text = Field(description="where that is followed up")
    expires: Annotated[date, BeforeValidator(_date)] = Field(description=_A_DATE)


def load(path: Path) -> list[Deviation]:
    """Read the known deviations in the file `path`.

    Raises `DeviationsError`, which names the file, the entry by its position, and the key, when the file
    cannot be read, is no TOML, or is no list of deviations.
    """
    try:
        raw = read(path, "a list of known deviations")
    except TomlError as error:
        raise DeviationsError(str(error)) from None
    problems = [f"{name}: {unknown(name, ['deviation'], 'key')}" for name in raw if name != "deviation"]
    entries = raw.get("deviation", [])
    if not isinstance(entries, list):
        problems.append(f"deviation: found {shown(entries)}, expected tables that begin with [[deviation]]")
        entries = []
    found = []
    for position, entry in enumerate(entries, 1):
        try:
            found.append(Deviation(position, **dict(_Entry.model_validate(entry))))
        except ValidationError as error:
            problems += [f"deviation {position}: {_explain(one)}" for one in error.errors()]
    if problems:
        raise DeviationsError("\n".join(f"{path}: {one}" for one in problems))
    return found


_TYPES = {"string_type": "a string", "model_type": "a table"}


def _explain(error: ErrorDetails) -> str:
    if not error["loc"]:
        return f"found {shown(error['input'])}, expected a table"
    key, fields = str(error["loc"][0]), _Entry.model_fields
    if error["type"] == "extra_forbidden":
        return f"{key}: {unknown(key, fields, 'key')}"
    if error["type"] == "missing":
        return f"{key}: missing, expected {fields[key].description}"
    expected = error.get("ctx", {}).get("expected") or _TYPES.get(error["type"]) or error["msg"]
    return f"{key}: found {shown(error['input'])}, expected {expected}"


# --- the template -------------------------------------------------------------------------------------

_HEAD = """\
# Known deviations: what was broken in this run and is not known yet, one entry each.
#
# If a finding need not be fixed now, write the reason, an owner, and the ticket in which you follow it up.
# Delete all other entries. Keep the file outside of the report folder, for the next run:
#     --deviations FILE
# A listed deviation does not fail a run. One that no longer occurs, or that has expired, does.
# Without its pointer an entry is about the whole requirement; without its operation, about all operations.
# A part * of a pointer is any index of a list. test = "NAME" restricts an entry to one test.
"""


def template(judgement: Judgement, today: date) -> str | None:
    """A file with one entry for each place at which a requirement failed; None where none did.

    What is a known deviation already has no entry.
    """
    entries = [
        _entry(row, pointer, finding, today)
        for row in judgement.rows
        if row.verdict is Verdict.FAIL
        for pointer, finding in _places(row, strict=judgement.strict).items()
    ]
    return "\n".join([_HEAD, *entries]) if entries else None


def _places(row: Row, *, strict: bool) -> Mapping[str | None, Outcome]:
    """Where a requirement was broken, with the first finding of each place."""
    found: dict[str | None, Outcome] = {}
    for one in row.findings:
        if not one.deviation and (strict or one.verdict is Verdict.FAIL):
            found.setdefault(place(one.pointer), one)
    # An entry without a pointer is about all places.
    return {None: found[None]} if None in found else found


def _entry(row: Row, pointer: str | None, finding: Outcome, today: date) -> str:
    requirement = row.requirement
    lines = [
        f"# {requirement.level}, {requirement.clause}: {_plain(requirement.sentence)}",
        f"# {_plain(finding.message)}; expected {_plain(finding.expected) or '-'}, "
        f"found {_plain(finding.found) or '-'}",
        "[[deviation]]",
    ]
    values: dict[str, Any] = {"requirement": requirement.id, "operation": row.operation}
    if pointer is not None:
        values["pointer"] = pointer
    lines += [f"{key} = {_quoted(value)}" for key, value in values.items()]
    lines += [
        'reason = ""  # why it need not be fixed now',
        'owner = ""  # who fixes it',
        'ticket = "none yet"  # where that is followed up',
        f"expires = {today + timedelta(days=DAYS)}  # the last day on which this holds",
        "",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A string of TOML: JSON's escapes are among TOML's, which wants one more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    """A text that may stand in a comment: on one line, and without what TOML forbids there."""
    return " ".join("".join(_printable(text)).split())[:300]


def _printable(text: Iterable[str]) -> Iterator[str]:
    return (one if one.isprintable() else " " for one in text)
