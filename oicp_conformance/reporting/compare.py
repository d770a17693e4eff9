"""What is newly broken, newly fixed and newly inconclusive between two statements."""

from pathlib import Path

from oicp_conformance.judge.changes import compare
from oicp_conformance.judge.statement import Changes, Statement
from oicp_conformance.reporting import comparison
from oicp_conformance.run.statements import NAME, StatementError, baseline, whole


def compared(old: Path, new: Path) -> Changes:
    """Compare two statements, each given as its file or as the folder of a run.

    Raises:
        StatementError: one cannot be used, they are of different roles, or one is of a narrowed run.
    """
    return compare(*_both(old, new))


def page(old: Path, new: Path) -> str:
    """Return the comparison as an HTML page, with the figures of both runs; raises as `compared` does."""
    return comparison.html(*_both(old, new))


def _both(old: Path, new: Path) -> tuple[Statement, Statement]:
    later = whole(new / NAME if new.is_dir() else new)
    earlier = baseline(old, later.target.role)
    if earlier is None:
        raise StatementError(f"{old}: no statement of a run against a {later.target.role.upper()} is here")
    return earlier, later
