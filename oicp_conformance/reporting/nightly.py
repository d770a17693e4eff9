"""A nightly run, which turns red only for what is new.

`python -m oicp_conformance.reporting.nightly [--keep DIR] [--report-dir DIR] [options of a run]`
runs the whole collection, compares it with the run that DIR keeps, and remembers it there. What is newly
broken stays red, night after night, until it is fixed or listed as a known deviation: only a run that is not
worse takes the place of the one that is kept. Exit codes: 0 when nothing is newly broken; 1 when something
is, or when there is nothing to compare with and the verdict is not pass; all other codes are those of the
run.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from oicp_conformance.collections_folder import collections_folder
from oicp_conformance.judge.statement import Statement
from oicp_conformance.oicp.types import Role
from oicp_conformance.reporting.runs import counted
from oicp_conformance.run.statements import NAME, StatementError, read


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m oicp_conformance.reporting.nightly`."""
    parser = argparse.ArgumentParser(
        prog="python -m oicp_conformance.reporting.nightly",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--keep",
        type=Path,
        default=Path("reports", "history"),
        metavar="DIR",
        help="what lasts from night to night",
    )
    parser.add_argument("--report-dir", type=Path, default=Path("reports", "out", "nightly"), metavar="DIR")
    options, others = parser.parse_known_args(arguments)
    try:
        options.keep.mkdir(parents=True, exist_ok=True)
        for file in _statements(options.report_dir):
            file.unlink(missing_ok=True)
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    code = _run(options.keep, options.report_dir, others)
    if code not in {0, 1}:
        return code
    made = [file for file in _statements(options.report_dir) if file.exists()]
    return max([_settle(file, options.keep) for file in made], default=code)


def _statements(folder: Path) -> list[Path]:
    """Where a run against a target, or those against the embedded ones, leave their statements."""
    return [folder / NAME, *(folder / role / NAME for role in get_args(Role))]


def _run(keep: Path, folder: Path, others: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", str(collections_folder()), "--report-dir", str(folder)]
    command += ["--baseline", str(keep), "--history", str(keep / "history.jsonl"), *others]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own command


def _settle(file: Path, keep: Path) -> int:
    """Say what is new, and keep the run when it may be the measure of the next; gives the exit code."""
    try:
        statement = read(file)
    except StatementError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    is_red = statement.changes.is_worse if statement.changes else statement.verdict != "pass"
    is_measure = not statement.stopped and (statement.changes is None or not is_red)
    if is_measure:
        kept = keep / statement.target.role / NAME
        kept.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, kept)
    sys.stdout.write(f"nightly: {_words(statement, is_measure=is_measure)}\n")
    return int(is_red)


def _words(statement: Statement, *, is_measure: bool) -> str:
    who = f"{statement.target.name} ({statement.target.role.upper()}): {statement.headline}"
    if statement.changes:
        return f"{who}; {counted(statement.changes)}"
    kept = "the next runs are compared with this one" if is_measure else "it is not kept: it stopped early"
    return f"{who}; there was no earlier run, and {kept}"


if __name__ == "__main__":
    sys.exit(main())
