"""Runs the suite against conformant targets with several seeds: each must get the same verdict.

`python -m tools.seeds [--seeds N] [--jobs N] [--busy]` takes the reference targets and five variants of each
role: two that answer late, and three that work as other people's backends do. `--busy` keeps all processors
at work meanwhile. One line for each target, with what was said of it; the exit code is 1 if anything was.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import get_args

from fixtures.faults import Fault, every, faultless, generated
from oicp_conformance.oicp.types import Role
from tools.matrix_result import Result
from tools.matrix_run import ROOT, Scope, run_once

VARIANTS: dict[Role, tuple[str, ...]] = {
    "cpo": (
        "answers-after-50-ms",
        "answers-after-500-ms",
        "registers-charge-300-ms-later",
        "optional-fields-absent",
        "stop-by-session",
    ),
    "emp": (
        "answers-after-50-ms",
        "answers-after-500-ms",
        "session-known-1-s-later",
        "optional-fields-absent",
        "checks-partner-ids",
    ),
}


def _targets() -> list[tuple[Role, Fault]]:
    """Return the reference targets and the variants, by role."""
    chosen: list[tuple[Role, Fault]] = []
    for role in get_args(Role):
        known = {one.name: one for one in every(role)}
        chosen += [(role, faultless(role)), *((role, known[name]) for name in VARIANTS[role])]
    return chosen


def _spin(stop: Event) -> None:
    while not stop.is_set():
        sum(range(10_000))


@contextmanager
def _busy(processes: int) -> Iterator[None]:
    """Keep so many processors at work."""
    context = get_context("spawn")
    stop = context.Event()
    spinning = [context.Process(target=_spin, args=(stop,), daemon=True) for _ in range(processes)]
    for one in spinning:
        one.start()
    try:
        yield
    finally:
        stop.set()
        for one in spinning:
            one.join(10)


def _said(results: Sequence[Result]) -> str:
    """Return what was said of a target, and with which seeds; nothing if it passed with all."""
    told = [
        f"seed {seed}: {one.verdict} {'; '.join([*one.failed, *one.warned])}".rstrip()
        for seed, one in enumerate(results, 1)
        if one.accused
    ]
    return "\n    ".join(told)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all; 0 if nothing was said of any target."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.seeds",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="from 1 to N (default: 10)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="how many at once")
    parser.add_argument("--busy", action="store_true", help="keep all processors at work meanwhile")
    parser.add_argument("--out", type=Path, default=ROOT / "reports" / "out" / "seeds", metavar="DIR")
    asked = parser.parse_args(arguments)
    accused = 0
    with _busy((os.cpu_count() or 1) if asked.busy else 0), ThreadPoolExecutor(asked.jobs) as pool:
        submitted = [
            (
                f"{role} {fault.name or 'reference target'}",
                [
                    pool.submit(
                        run_once,
                        role,
                        fault,
                        asked.out / role / (fault.name or "faultless") / str(seed),
                        Scope(examples=generated.FEW),
                        seed=seed,
                    )
                    for seed in range(1, asked.seeds + 1)
                ],
            )
            for role, fault in _targets()
        ]
        for name, runs in submitted:
            results = [one.result() for one in runs]
            said = _said(results)
            accused += bool(said)
            verdicts = ", ".join(sorted({one.verdict for one in results}))
            sys.stdout.write(
                f"{name}: {len(results)} seeds: {verdicts}\n" + (f"    {said}\n" if said else "")
            )
            sys.stdout.flush()
    return 1 if accused else 0


if __name__ == "__main__":
    sys.exit(main())
