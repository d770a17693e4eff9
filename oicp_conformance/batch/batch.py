"""A batch from start to end: plan, runs, overview."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from oicp_conformance.batch import overview
from oicp_conformance.batch.plan import One, queues, waiting
from oicp_conformance.batch.side_by_side import Ended, Runs
from oicp_conformance.reporting.exit_codes import INTERRUPTED


def judge(
    targets: Sequence[One],
    asked: Callable[[One], Sequence[str]],
    *,
    folder: Path,
    jobs: int,
    say: Callable[[str], None],
) -> int:
    """Judge several targets, `jobs` of them at a time, and return the worst exit code of their runs.

    `asked` gives pytest's arguments for a target, to which its profile and its report folder (below
    `folder`) are added; `say` gets what is told on the way, a line at a time.

    Raises:
        OSError: a report folder cannot be made, or the overview cannot be written.
    """
    in_line = queues(targets)
    for queue in in_line:
        for line in waiting(queue):
            say(line)
    folders = {one.name: folder / one.name for one in targets}
    for own in folders.values():
        own.mkdir(parents=True, exist_ok=True)
    jobs = min(jobs, len(in_line))
    say(f"judging {len(targets)} target{'' if len(targets) == 1 else 's'}, {jobs} at a time; Ctrl-C ends all")
    rows = []

    def told(ended: Ended) -> None:
        row = overview.row(ended, folders[ended.one.name])
        rows.append(row)
        if ended.code is not None:
            say(f"{row.verdict:<12} {row.name}{f': {row.why}' if row.why else ''}")

    def command(one: One) -> list[str]:
        own = ["--target", str(one.file), "--report-dir", str(folders[one.name])]
        return [sys.executable, "-m", "pytest", *asked(one), *own]

    interrupted = Runs(in_line, command, folders).work(jobs, told)
    rows.sort(key=lambda row: row.name)
    say(f"overview: {overview.write(rows, folder)}")
    worst = max(row.code for row in rows)
    return max(worst, INTERRUPTED) if interrupted else worst
