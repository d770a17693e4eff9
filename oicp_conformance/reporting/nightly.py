"""A nightly run, which turns red only for what is new.

It is compared with the run that a folder keeps. What is newly broken stays red, night after night, until it
is fixed or listed as a known deviation: only a run that is not worse takes the place of the one that is kept.
"""

import shutil
import sys
from pathlib import Path
from typing import get_args

from oicp_conformance.judge.statement import Statement
from oicp_conformance.oicp.types import Role
from oicp_conformance.reporting.exit_codes import FAILED, OK, TROUBLE
from oicp_conformance.reporting.runs import counted
from oicp_conformance.run.statements import NAME, StatementError, read


def make_ready(folder: Path, keep: Path) -> None:
    """Make the folder that keeps runs, and take out of the reports' folder what an earlier night left.

    Raises:
        OSError: a folder or a file cannot be changed.
    """
    keep.mkdir(parents=True, exist_ok=True)
    for file in _statements(folder):
        file.unlink(missing_ok=True)


def settle(folder: Path, keep: Path, code: int) -> int:
    """Say what is new in the runs whose reports lie in a folder, and keep those that are not worse.

    `code` is the exit code of the run. Returns 0 when nothing is newly broken, 1 when something is, or when
    there is nothing to compare with and the verdict is not pass; any other code of the run stays.
    """
    if code not in {OK, FAILED}:
        return code
    made = [file for file in _statements(folder) if file.exists()]
    return max([_settle(file, keep) for file in made], default=code)


def _statements(folder: Path) -> list[Path]:
    """Where a run against a target, or those against the embedded ones, leave their statements."""
    return [folder / NAME, *(folder / role / NAME for role in get_args(Role))]


def _settle(file: Path, keep: Path) -> int:
    try:
        statement = read(file)
    except StatementError as error:
        sys.stderr.write(f"{error}\n")
        return TROUBLE
    is_red = statement.changes.is_worse if statement.changes else statement.verdict != "pass"
    is_whole = not (statement.stopped or statement.partial)
    is_measure = is_whole and (statement.changes is None or not is_red)
    if is_measure:
        kept = keep / statement.target.role / NAME
        kept.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, kept)
    sys.stdout.write(f"nightly: {_words(statement, is_measure=is_measure)}\n")
    return FAILED if is_red else OK


def _words(statement: Statement, *, is_measure: bool) -> str:
    who = f"{statement.target.name} ({statement.target.role.upper()}): {statement.headline}"
    if statement.partial:
        return f"{who}; `nightly` needs a whole run: {statement.partial}"
    if statement.changes:
        return f"{who}; {counted(statement.changes)}"
    kept = "the next runs are compared with this one" if is_measure else "it is not kept: it stopped early"
    return f"{who}; there was no earlier run, and {kept}"
