"""A batch from start to end: plan, runs, overview."""

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import repeat
from pathlib import Path

from oicp_conformance.batch import overview
from oicp_conformance.batch.places import Asked, Here, Place
from oicp_conformance.batch.plan import One, PlanError, queues, waiting
from oicp_conformance.batch.side_by_side import Ended, Runs
from oicp_conformance.reporting.exit_codes import INTERRUPTED


def judge(
    targets: Sequence[One],
    asked: Asked,
    *,
    folder: Path,
    jobs: int,
    machines: Sequence[str],
    say: Callable[[str], None],
) -> int:
    """Judge several targets, and return the worst exit code of their runs.

    `jobs` of them are judged at a time here, and one on each of the `machines`, which are addresses of
    execnet. `asked` gives the command line for a target without its report folder, which lies below
    `folder`. `say` gets what is told on the way, a line at a time.

    Raises:
        PlanError: a machine cannot be connected, or lacks what a run needs.
        OSError: a report folder cannot be made, or the overview cannot be written.
    """
    is_one = not machines or jobs > 1 or len(set(machines)) < len(machines)
    in_line = queues(targets, on_one_machine=is_one)
    for queue in in_line:
        for line in waiting(queue, on_one_machine=is_one):
            say(line)
    folders = {one.name: folder / one.name for one in targets}

    def here(one: One) -> list[str]:
        options, rest = asked(one)
        own = ["--report-dir", str(folders[one.name])]
        return [sys.executable, "-m", "oicp_conformance", "run", *options, *own, *rest]

    rows = []

    def told(ended: Ended) -> None:
        row = overview.row(ended, folders[ended.one.name])
        rows.append(row)
        say(f"{row.verdict:<12} {row.name}{f': {row.why}' if row.why else ''}")

    with _opened(machines, asked, [one.file for one in targets]) as others:
        for own in folders.values():
            own.mkdir(parents=True, exist_ok=True)
        places = [*others, *repeat(Here(here), jobs)][: len(in_line)]
        count = f"{len(targets)} target{'' if len(targets) == 1 else 's'}"
        say(f"judging {count}, {len(places)} at a time; Ctrl-C ends all")
        interrupted = Runs(in_line, places, folders).work(told)
    rows.sort(key=lambda row: row.name)
    say(f"overview: {overview.write(rows, folder)}")
    worst = max(row.code for row in rows)
    return max(worst, INTERRUPTED) if interrupted else worst


def _opened(
    machines: Sequence[str], asked: Asked, files: Sequence[Path]
) -> AbstractContextManager[Sequence[Place]]:
    if not machines:
        return nullcontext(())
    try:
        from oicp_conformance.batch.machines import opened  # noqa: PLC0415 - execnet is an extra
    except ImportError as error:
        extra = "pip install 'oicp-conformance[machines]'"
        raise PlanError(f"--on {machines[0]}: the extra `machines` is not installed; {extra}") from error

    return opened(machines, asked, files)
