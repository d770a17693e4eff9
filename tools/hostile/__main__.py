"""Plays the catalogue of hostile behaviours, and compares what the suite makes of them with what it should.

`python -m tools.hostile [--only PATTERN] [--role ROLE] [--jobs N]` prints one line for each, and the
figures at the end. Exit code 0: all are as expected.
"""

import argparse
import fnmatch
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from oicp_conformance.oicp.types import Role
from tools.forked import Program
from tools.hostile.behaviour import ORDINARY, Behaviour
from tools.hostile.catalogue import ALL
from tools.hostile.scene import PURPOSES, Outcome

ROOT = Path(__file__).parents[2]
LONGEST = 120.0
"""Seconds that no behaviour needs, however busy the machine is."""


@dataclass(frozen=True)
class Result:
    """What became of a behaviour, and what is not as expected."""

    role: Role
    behaviour: Behaviour
    outcome: Outcome | None
    text: str = ""
    """What the process said, where it has no outcome."""

    @property
    def problems(self) -> list[str]:
        """What is not as it should be."""
        if self.outcome is None:
            return [f"it has no outcome: {self.text[-600:]}"]
        return list(self._problems(self.outcome))

    def _problems(self, outcome: Outcome) -> Iterator[str]:
        expected = self.behaviour.expected
        for what, is_so, should in (
            ("verdict", outcome.verdict, expected.verdict),
            (
                "fails",
                outcome.fails,
                sorted(PURPOSES[self.role] if one == ORDINARY else one for one in expected.fails),
            ),
            ("warns", outcome.warns, sorted(expected.warns)),
        ):
            if is_so != should:
                yield f"{what}: expected {should}, found {is_so} ({' | '.join(outcome.words)[:300]})"
        if expected.says and not any(expected.says in one for one in outcome.words):
            yield f"nothing says {expected.says!r}: {' | '.join(outcome.words)[:300]}"
        if outcome.megabytes > self.behaviour.megabytes:
            yield f"{outcome.megabytes} MB, expected at most {self.behaviour.megabytes}"

    @property
    def is_slow(self) -> bool:
        """Whether it took longer than expected, which a busy machine may be to blame for."""
        return self.outcome is not None and self.outcome.seconds > self.behaviour.seconds

    @property
    def line(self) -> str:
        """The result in one line."""
        said = self.outcome
        figures = (
            f"{said.verdict:<10} {said.seconds:>5.1f} s {said.megabytes:>4} MB" if said else "no outcome"
        )
        blames = self.behaviour.expected.blames
        problems = "".join(f"\n    NOT SO: {one}" for one in self.problems)
        slow = f"\n    slow: expected at most {self.behaviour.seconds:g} s" if self.is_slow else ""
        return f"{self.role} {figures} blames {blames:<7} {self.behaviour.name}{problems}{slow}\n"


def play(role: Role, number: int) -> Result:
    """Play a behaviour in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="hostile-", ignore_cleanup_errors=True) as folder:
        output = Path(folder, "said.txt")
        program = Program("tools.hostile.one", [str(number), role, folder], output, cwd=ROOT)
        try:
            ended = program.wait(LONGEST)
            text = output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""
        finally:
            program.end(0)
    lines = text.splitlines()
    if not ended or program.code != 0 or not lines:
        return Result(role, ALL[number], None, text if ended else f"still running after {LONGEST:g} s")
    return Result(role, ALL[number], Outcome(**json.loads(lines[-1])))


def chosen(only: str, roles: Sequence[Role]) -> list[tuple[Role, int]]:
    """The behaviours that are asked for, by role and number."""
    return [
        (role, number)
        for number, one in enumerate(ALL)
        for role in one.roles
        if role in roles and fnmatch.fnmatch(one.name, only)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the catalogue; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.hostile", description=__doc__)
    parser.add_argument("--only", default="*", metavar="PATTERN", help="behaviours, by name")
    parser.add_argument("--role", choices=get_args(Role), action="append", help="default: both")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    given = parser.parse_args(arguments)
    wanted = chosen(given.only, cast("list[Role]", given.role) or get_args(Role))
    began, results = time.monotonic(), []
    with ThreadPoolExecutor(given.jobs) as pool:
        for result in pool.map(lambda one: play(*one), wanted):
            results.append(result)
            sys.stdout.write(result.line)
            sys.stdout.flush()
    bad = [one for one in results if one.problems]
    seen = [one.outcome for one in results if one.outcome]
    middle = statistics.median([one.seconds for one in seen] or [0.0])
    slowest = max((one.seconds for one in seen), default=0)
    largest = max((one.megabytes for one in seen), default=0)
    sys.stdout.write(
        f"{len(results)} behaviours, {len(bad)} not as expected; the median took {middle:.1f} s, the longest "
        f"{slowest:.1f} s, "
        f"the largest needed {largest} MB; {time.monotonic() - began:.0f} s in all\n"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
