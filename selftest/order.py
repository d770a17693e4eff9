"""The order of the tests where several workers share them: what takes long begins first.

`--dist worksteal` gives each worker a part of the tests in a row, and who has done its own takes from the end
of another's. So the long ones stand at the beginnings of these parts: none is left for the end, when the
other workers have nothing to do any more.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def spread(tests: Sequence[T], workers: int, seconds: Callable[[T], float]) -> list[T]:
    """Return the tests in another order: of each worker's part the long ones first, the longest of all.

    `seconds` tells about how long a test takes if that is long, and else 0. The others stay in their order.
    """
    ordered = sorted(tests, key=seconds, reverse=True)
    long = [one for one in ordered if seconds(one)]
    others = iter(ordered[len(long) :])
    made: list[T] = []
    for number in range(workers):
        size = (len(tests) - len(made)) // (workers - number)
        own = long[number::workers]
        made += own
        made += [other for _, other in zip(range(size - len(own)), others, strict=False)]
    return [*made, *others]
