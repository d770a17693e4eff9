"""Runs the suite against every fault and every variant of the reference targets, and tells what it caught.

`python -m tools.matrix [--out DIR] [--jobs N] [--role cpo] [--only NAME ...] [--share I/N]`: one line of
progress each, `matrix.tsv` and `matrix.html` at the end. What DIR holds already of the same suite is not run
again, so that a matrix that was stopped goes on.
"""

import argparse
import csv
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

from fixtures.faults import Fault, every
from oicp_conformance.embedded import arguments, free_port, profile
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role
from tools.forked import Program
from tools.matrix_page import page
from tools.matrix_result import COLUMNS, Result, cells, proofs

_ROOT = Path(__file__).parent.parent
LONGEST = 600.0
"""Seconds after which a run is given up."""
WAIT = 1.5
"""Seconds to wait for what a stimulus provokes: the reference targets answer at once."""
FEW, MANY = 4, 40
"""How many generated inputs there are for each property."""
_SEQUENCES: dict[Role, str] = {"cpo": "eRoamingChargeDetailRecord", "emp": "eRoamingChargingNotifications"}
"""The operation that the generated sequences of sessions are about."""
TIMEOUT = 15.0
"""Seconds until an answer is given up; the slow ones take twelve."""


@cache
def _suite() -> str:
    """A digest of all that a result depends on."""
    digest = sha256()
    for folder in ("oicp_conformance", "conformance", "fixtures", "tools"):
        for file in sorted((_ROOT / folder).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def run_one(role: Role, fault: Fault, folder: Path, *, whole: bool = False) -> Result:
    """Run the suite against a reference target with one change; a result that is there is read.

    The scenarios about its operation come first; where these do not find it, all tests run, and then many
    generated ones about its operation. If `whole`, all tests run at once.
    """
    own = folder / role / (fault.name or "faultless")
    file = own / "result.json"
    if file.exists():
        known = Result(**json.loads(file.read_text(encoding="utf-8")))
        if known.suite == _suite():
            return known
    about = [] if whole else _about(role, fault)
    result = run_once(role, fault, own, operations=about, examples=0 if about else FEW)
    if about and not result.good:
        result = run_once(role, fault, own, examples=FEW)
    if about and not result.good:
        result = run_once(role, fault, own, operations=[*about, _SEQUENCES[role]], examples=MANY)
    file.write_text(json.dumps(asdict(result)), encoding="utf-8")
    return result


def _about(role: Role, fault: Fault) -> list[str]:
    """The operations whose tests may be enough for a fault; none for a variant, which takes all tests."""
    if fault.kind == "variant":
        return []
    proof = proofs().get((role, fault.name))
    return sorted({fault.operation, proof.operation if proof else ""} & BY_NAME.keys())


def _run(
    role: Role, fault: Fault, own: Path, operations: Sequence[str], examples: int
) -> dict[str, Any] | None:
    """One run; gives its statement, or None if it left none."""
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    port = free_port()
    options = ("--fault", fault.name) if fault.name else ()
    started = arguments(role, f"http://127.0.0.1:{port}", options=options)
    target = Program(f"fixtures.{role}", started, own / "target.txt")
    try:
        toml = own / "profile.toml"
        text = profile(
            role,
            port,
            json.loads(target.line()),
            wait=WAIT,
            timeout=TIMEOUT,
            undeclared=fault.undeclared,
        )
        toml.write_text(text, encoding="utf-8")
        asked = ["conformance", f"--rootdir={_ROOT}", "-q", "--target", str(toml), "--report-dir", str(own)]
        asked += ["--seed", "1", "--no-report-html", "--examples", str(examples)]
        asked += ["-p", "no:cacheprovider", "-p", "no:allure_pytest"]
        # The suite is loaded already, too late to rewrite its asserts; and nobody reads its tracebacks.
        asked += ["--assert=plain", "--tb=no"]
        asked += [part for name in operations for part in ("--operation", name)]
        suite = Program("pytest", asked, own / "console.txt")
        suite.wait(LONGEST)
        suite.end()
    finally:
        target.end()
    statement = own / "conformance.json"
    if not statement.exists():
        return None
    found: dict[str, Any] = json.loads(statement.read_text(encoding="utf-8"))
    return found


def run_once(
    role: Role, fault: Fault, own: Path, *, operations: Sequence[str] = (), examples: int = 0
) -> Result:
    """Run the tests about some operations, or all, with so many generated inputs, in a folder of its own."""
    began = time.monotonic()
    said: dict[str, Any] = _run(role, fault, own, operations, examples) or {"verdict": "none"}
    proof = proofs().get((role, fault.name))
    wanted = f"{proof.requirement} [{proof.operation}]" if proof else ""
    rows = {f"{one['id']} [{one['operation']}]": one for one in said.get("requirements", [])}
    found = rows.get(wanted, {"findings": []})["findings"]
    return Result(
        role,
        fault.kind,
        fault.name,
        fault.operation,
        fault.requirement,
        fault.expected if fault.kind == "fault" else "pass",
        wanted,
        said["verdict"],
        [name for name, one in rows.items() if one["verdict"] == "fail"],
        [name for name, one in rows.items() if one["verdict"] == "warning"],
        next((str(one["test"]) for one in found), ""),
        round(time.monotonic() - began, 1),
        _suite(),
    )


def run_all(
    faults: Iterable[tuple[Role, Fault]], folder: Path, *, jobs: int, whole: bool = False
) -> Iterator[Result]:
    """Run many, some at once, in the order in which they end."""
    with ThreadPoolExecutor(jobs) as pool:
        runs = [pool.submit(run_one, role, fault, folder, whole=whole) for role, fault in faults]
        for one in as_completed(runs):
            yield one.result()


def _line(result: Result, count: str) -> str:
    said = "as it must be" if result.good else f"NOT SO: expected {result.expected} {result.requirement}"
    return (
        f"{count} {result.seconds:>5} s  {result.role} {result.kind} {result.name}: {result.verdict}, "
        f"{len(result.failed)} failed, {len(result.warned)} warned: {said}\n"
    )


def _share(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text}: expected I/N, I from 1 to N")
    return int(index), int(count)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=_ROOT / "reports" / "out" / "matrix")
    parser.add_argument("--role", choices=get_args(Role), action="append", help="default: both")
    parser.add_argument("--jobs", type=int, default=4 * (os.cpu_count() or 1), help="how many at once")
    parser.add_argument(
        "--whole",
        action="store_true",
        help="run all tests against a fault, not only its operation's",
    )
    parser.add_argument(
        "--share", type=_share, default=(1, 1), metavar="I/N", help="every Nth, from the Ith on"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="faults or variants, by name")
    return parser.parse_args()


def main() -> int:
    """Run the matrix; the exit code is 0 when all is as it must be."""
    asked = _asked()
    faults = [(role, one) for role in asked.role or get_args(Role) for one in every(role)]
    if asked.only:
        known = {one.name for _, one in faults}
        if unknown := [name for name in asked.only if name not in known]:
            sys.stderr.write(f"--only {unknown[0]}: there is no such fault or variant\n")
            return 2
        faults = [one for one in faults if one[1].name in asked.only]
    index, count = asked.share
    faults = faults[index - 1 :: count]
    began = time.monotonic()
    results = []
    for result in run_all(faults, asked.out, jobs=asked.jobs, whole=asked.whole):
        results.append(result)
        sys.stdout.write(_line(result, f"{len(results):>4}/{len(faults)}"))
        sys.stdout.flush()
    results.sort(key=lambda one: (one.role, one.kind, one.operation, one.name))
    with (asked.out / "matrix.tsv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows([COLUMNS, *map(cells, results)])
    minutes = (time.monotonic() - began) / 60
    (asked.out / "matrix.html").write_text(page(results, minutes), encoding="utf-8")
    return 0 if all(one.good for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
