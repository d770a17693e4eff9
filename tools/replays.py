"""Replays a finding of each of ten kinds: it is still so at the faulty target, and gone at the repaired one.

`python -m tools.replays [--jobs N] [--only NAME ...]` runs the tests about a fault's operation against the
target that has it, and replays what was found: against that target, and against the reference target.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args

from fixtures.faults import Fault, every, faultless
from oicp_conformance.hub.hub import TargetDown
from oicp_conformance.oicp.types import Role
from oicp_conformance.reporting import finding
from oicp_conformance.reporting.broken import broken
from tools.matrix_run import ROOT, Scope, run_once, serving, tests_for

TEN: tuple[tuple[Role, str], ...] = (
    ("cpo", "cdr-without-evse-id"),  # a field of what the target sends
    ("cpo", "authorize-start-path-version"),  # a path
    ("cpo", "cdr-other-identification"),  # what contradicts an earlier message
    ("cpo", "charges-after-refusal"),  # what must not come
    ("cpo", "remote-start-no-with-000"),  # a response that contradicts itself
    ("cpo", "remote-start-breaks-on-null"),  # a request that is a variation of another
    ("cpo", "remote-start-html"),  # a response that is not JSON
    ("emp", "notification-answer-refuses-error-type"),  # a valid request that is rejected
    ("emp", "authorization-start-500-on-malformed"),  # an invalid one that is not answered well
    ("emp", "pull-data-page-not-a-number"),  # what is pulled
)


def replayed_at_both(role: Role, fault: Fault, folder: Path) -> tuple[str, str]:
    """What became of a fault's finding at the target that has it, and at the one that has not."""
    own = folder / role / fault.name
    shutil.rmtree(own, ignore_errors=True)
    run_once(role, fault, own / "run", Scope(tests_for(fault)))
    if all(one.id != fault.breaks for one in broken(finding.saved(own / "run").statement)):
        return "not found", "not found"
    states = []
    for name, target in (("faulty", fault), ("repaired", faultless(role))):
        again = own / name
        again.mkdir()
        with serving(role, target, again) as profile:
            try:
                replayed = finding.replay(own / "run", fault.breaks, profile)
            except TargetDown as error:
                states.append(str(error))
                continue
        (again / "replayed.txt").write_text(finding.in_words(replayed, fault.breaks), encoding="utf-8")
        states.append(replayed.state)
    return states[0], states[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay all; 0 if each is still so and then gone."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.replays",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="how many at once")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="other faults than these ten")
    parser.add_argument("--out", type=Path, default=ROOT / "reports" / "out" / "replays", metavar="DIR")
    asked = parser.parse_args(arguments)
    known = {(role, one.name): one for role in get_args(Role) for one in every(role) if one.kind == "fault"}
    wanted = [key for key in known if key[1] in asked.only] or TEN
    with ThreadPoolExecutor(asked.jobs) as pool:
        states = list(pool.map(lambda key: replayed_at_both(key[0], known[key], asked.out), wanted))
    for (role, name), (faulty, repaired) in zip(wanted, states, strict=True):
        sys.stdout.write(f"{role} {name}: faulty target: {faulty}; repaired: {repaired}\n")
    return 0 if all(one == ("still so", "gone") for one in states) else 1


if __name__ == "__main__":
    sys.exit(main())
