"""The garbage collector in a run."""

import re
import subprocess
import sys
from pathlib import Path

from selftest.support import ROOT, cpo_profile, environment

RUN = """
import atexit, gc
from oicp_conformance.cli import main

atexit.register(lambda: print("collector:", gc.get_threshold()[0], len(gc.get_objects())))
main()
"""
"""The command, which also reports the collector's threshold, and how many objects it would look at."""


def test_a_run_leaves_nothing_to_the_garbage_collector(tmp_path: Path) -> None:
    """The target of this run does not listen, so that the run ends before the first test."""
    profile = tmp_path / "profile.toml"
    profile.write_text(cpo_profile(), encoding="utf-8")
    given = ["run", "--target", profile, "--report-dir", tmp_path / "out", "--no-report-html"]
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", RUN, *map(str, given)],
        cwd=ROOT,
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    found = re.search(r"^collector: ([0-9]+) ([0-9]+)$", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    threshold, objects = map(int, found.groups())
    assert threshold == 50_000
    assert objects < 5_000
