"""Reports that an installed package brings: functions that entry points name."""

from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from oicp_conformance.judge.extensions import package
from oicp_conformance.judge.statement import Statement

GROUP = "oicp_conformance.reports"


class Report(Protocol):
    """Writes a report of a run beside the others."""

    def __call__(self, folder: Path, statement: Statement) -> None:
        """Write into `folder`, in which `conformance.json` and `journal.jsonl` lie already.

        Both have no secrets. What it writes is searched for secrets as all files of a run are. What it raises
        is shown on the console, and does not change the verdict.
        """


def write(folder: Path, statement: Statement) -> Iterator[str]:
    """Have each installed report written; yield a line for each that failed."""
    for one in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        try:
            report: Report = one.load()
            report(folder, statement)
        except Exception as error:  # noqa: BLE001 - whatever a package does, the run goes on
            yield f"the report {one.name} of {package(one)} failed: {type(error).__name__}: {error}"
