"""What is newly broken, newly fixed and newly inconclusive between two statements.

`python -m oicp_conformance.reporting.compare OLD NEW [--html FILE]`: exit code 0 when nothing is newly
broken, 1 when something is or the run as a whole is worse, 2 when they cannot be compared.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from oicp_conformance.judge.changes import compare
from oicp_conformance.reporting import comparison, runs
from oicp_conformance.run.statements import NAME, StatementError, baseline, read


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m oicp_conformance.reporting.compare`."""
    parser = argparse.ArgumentParser(
        prog="python -m oicp_conformance.reporting.compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="the statement of the earlier run")
    parser.add_argument("new", type=Path, metavar="NEW", help="the statement of the later run")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the comparison as a page, too")
    options = parser.parse_args(arguments)
    try:
        new = read(options.new / NAME if options.new.is_dir() else options.new)
        old = baseline(options.old, new.target.role)
    except StatementError as error:
        parser.error(str(error))
    if old is None:
        parser.error(f"{options.old}: no statement of a run against a {new.target.role.upper()} lies here")
    changes = compare(old, new)
    sys.stdout.writelines(f"{line}\n" for _, line in runs.changed(changes))
    sys.stdout.write(f"{runs.counted(changes)}\n")
    if options.html is not None:
        try:
            options.html.write_text(comparison.html(old, new), encoding="utf-8")
        except OSError as error:
            parser.error(f"--html: {error.strerror}: {error.filename}")
    return int(changes.is_worse)


if __name__ == "__main__":
    sys.exit(main())
