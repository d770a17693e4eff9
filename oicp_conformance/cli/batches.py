"""What `run` does where --target names several targets."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oicp_conformance import options as table
from oicp_conformance.cli.errors import Problem
from oicp_conformance.cli.pytest_run import arguments, folder_of_now
from oicp_conformance.options import Option

if TYPE_CHECKING:
    from oicp_conformance.batch.plan import One

_OF_ONE = {
    "history": "a history belongs to one target",
    "deviations": "a list of deviations belongs to one target",
}
_OWN = (table.TARGET, table.REPORT_DIR, table.BASELINE)


def judged(
    after: Sequence[str],
    options: Iterable[Option],
    values: Mapping[str, Any],
    *,
    jobs: int | None,
    machines: Sequence[str],
) -> int:
    """Judge all targets of a pattern, and return the exit code; `after` is what came after --."""
    from oicp_conformance.batch.batch import judge
    from oicp_conformance.batch.plan import PlanError, planned

    for name, why in _OF_ONE.items():
        if values[name] is not None:
            raise Problem(f"--{name}: {why}; judge that target alone")
    baseline = Path(values["baseline"]) if values["baseline"] else None
    if baseline and machines:
        raise Problem("--baseline: it is a folder of this machine; leave out --on, or compare the runs later")
    if baseline and not baseline.is_dir():
        raise Problem(f"--baseline {baseline}: expected the report folder of an earlier run of these targets")
    given = arguments([one for one in options if one not in _OWN], values)
    rest = ["--", *after] if after else []

    def asked_of(one: "One") -> tuple[list[str], list[str]]:
        before = baseline / one.name if baseline else None
        compared = ["--baseline", str(before)] if before and before.is_dir() else []
        return [*given, *compared, "--target", str(one.file)], rest

    folder = Path(values["report_dir"] or folder_of_now())
    # With other machines, this one judges only if it is asked to.
    here = jobs or (0 if machines else 1)
    try:
        targets = planned(values["target"], values["set"])
        return judge(targets, asked_of, folder=folder, jobs=here, machines=machines, say=click.echo)
    except PlanError as error:
        raise Problem(str(error)) from None
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}") from None
