"""The garbage collector of a process that judges a run and ends.

Modules, messages and findings stay until the end of the process. With the collector's ordinary settings,
a run spends a tenth of its processor time in searching them for garbage again and again.
"""

import gc

_ALLOCATIONS = 50_000
"""The collector runs when so many more objects were made than freed. Python's own figure is 700."""


def run_seldom() -> None:
    """Have the collector run less often."""
    gc.set_threshold(_ALLOCATIONS)


def keep() -> None:
    """Have the collector look no more at what is there now."""
    gc.freeze()
