"""The exit codes of runs and commands; they are pytest's where pytest has one."""

from collections.abc import Mapping

OK, FAILED, INTERRUPTED, TROUBLE, USAGE = 0, 1, 2, 3, 4
EXIT: Mapping[str, int] = {
    "pass": OK,
    "partial": OK,
    "fail": FAILED,
    "incomplete": FAILED,
    "error": TROUBLE,
}
"""What a run with a verdict exits with."""
