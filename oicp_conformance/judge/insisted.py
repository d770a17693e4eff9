"""Requests of the hub that it sent again, since the target may not have been ready: the last one counts."""

from collections.abc import Iterable

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange


def superseded(exchanges: Iterable[Exchange]) -> set[int]:
    """Return the numbers of the rejected requests that the hub sent again for the same purpose."""
    last: dict[tuple[object, ...], Exchange] = {}
    found = set()
    for one in exchanges:
        if one.by_target or one.expects != "accept":
            continue
        key = (one.operation, one.path, one.purpose, one.control, one.test, one.request.body)
        if (earlier := last.get(key)) is not None and answer_of(earlier) is Answer.NEGATIVE:
            found.add(earlier.number)
        last[key] = one
    return found
