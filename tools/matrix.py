"""Runs the suite against faults and variants of the reference targets, and reports what it caught.

`python -m tools.matrix [--out DIR] [--jobs N]` runs all of them. `--role`, `--kind`, `--only`, `--operation`
and `--requirement` select some, `--share I/N` a part of these: `--requirement 'push.*'` takes the faults that
break such a requirement and the variants of its operations. One line of progress each, `matrix.tsv` and
`matrix.html` at the end. What DIR holds already of the same suite is not run again, so that a matrix that was
stopped goes on.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from fixtures.faults import generated
from oicp_conformance.oicp.types import Role
from tools.matrix_page import write
from tools.matrix_result import Result
from tools.matrix_run import ROOT, run_all
from tools.matrix_selection import NothingMatchesError, Selection


def line(result: Result, count: str) -> str:
    """What is said of a run when it has ended."""
    outcome = "as it must be" if result.good else f"NOT SO: expected {result.expected} {result.requirement}"
    return (
        f"{count} {result.seconds:>5} s  {result.role} {result.kind} {result.name}: {result.verdict}, "
        f"{len(result.failed)} failed, {len(result.warned)} warned: {outcome.rstrip()}{_misplaced(result)}\n"
    )


def _misplaced(result: Result) -> str:
    """What two files of fixtures/faults should say of a fault and do not; empty where they are right."""
    if not result.good or result.kind != "fault":
        return ""
    by_generated = any(f"::{one}" in result.test for one in generated.TESTS)
    if result.runs > 1:
        file = "generated.py" if by_generated else "elsewhere.py, if one operation is enough"
        return f"; in run {result.runs}, by {result.test}: write that into fixtures/faults/{file}"
    if result.name in generated.FOUND and not by_generated:
        return f"; by {result.test}: fixtures/faults/generated.py need not name it"
    return ""


def _share(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text}: expected I/N, I from 1 to N")
    return int(index), int(count)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.matrix",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=ROOT / "reports" / "out" / "matrix", metavar="DIR")
    # A run mostly waits.
    parser.add_argument("--jobs", type=int, default=10 * (os.cpu_count() or 1), help="how many at once")
    parser.add_argument(
        "--whole", action="store_true", help="run all tests against a fault, not only its operation's"
    )
    chosen = parser.add_argument_group(
        "selection", "each may be repeated; names are shell-style patterns; several options narrow together"
    )
    chosen.add_argument("--role", choices=get_args(Role), action="append", default=[], help="default: both")
    chosen.add_argument(
        "--kind", choices=("fault", "variant"), action="append", default=[], help="default: both"
    )
    for option, what in (
        ("--only", "faults or variants, by name"),
        ("--operation", "faults and variants of an operation"),
        ("--requirement", "faults that break a requirement, and variants of the operations it is about"),
    ):
        chosen.add_argument(option, nargs="+", action="extend", default=[], metavar="NAME", help=what)
    chosen.add_argument(
        "--share", type=_share, default=(1, 1), metavar="I/N", help="every Nth, from the Ith on"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the matrix; the exit code is 0 when all is as it must be, 2 when the selection is empty."""
    asked = _parser().parse_args(arguments)
    selection = Selection(
        roles=asked.role or get_args(Role),
        kinds=asked.kind or ("fault", "variant"),
        only=asked.only,
        operations=asked.operation,
        requirements=asked.requirement,
        share=asked.share,
    )
    try:
        runs = selection.runs()
    except NothingMatchesError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    began = time.monotonic()
    results = []
    for result in run_all(runs, asked.out, jobs=asked.jobs, whole=asked.whole):
        results.append(result)
        sys.stdout.write(line(result, f"{len(results):>4}/{len(runs)}"))
        sys.stdout.flush()
    write(results, asked.out, (time.monotonic() - began) / 60)
    return 0 if all(one.good for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
