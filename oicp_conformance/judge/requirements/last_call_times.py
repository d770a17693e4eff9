"""LastCall against the pull before it: the time at which that began, and not the time at which it ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.pulled import is_answered, pulls
from oicp_conformance.judge.requirement import emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import moment
from oicp_conformance.oicp.operation_names import PULL_EVSE_DATA

OF_BEGINNING = requirement(
    "pull.last-call-begin",
    emp(
        "SHOULD",
        "LastCall is not later than the beginning of the last pull.",
        Source("EMP 02", "eRoamingPullEvseData", 568, "explicit"),
        on=(PULL_EVSE_DATA,),
    ),
)

_SHORT, _LONG = 0.3, 0.8
"""Seconds that a pull lasts at most, or at least, to show how LastCall depends on that."""
_ENOUGH = 3
"""Short pulls that show how much an EMP's clock is ahead."""


@dataclass(frozen=True)
class _Pull:
    """A pull that came to its last page, and the LastCall of the next one."""

    first: Exchange
    last: Exchange
    next: Exchange
    last_call: datetime

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.last.finished or self.last.started) - self.first.started

    @property
    def later(self) -> float:
        """By how many seconds LastCall is later than its beginning, by two clocks."""
        return self.last_call.timestamp() - self.first.started


@rule(OF_BEGINNING)
def of_beginning(record: Record) -> Iterator[Outcome]:
    """How much LastCall is later than the beginning of a pull, for long pulls and for short ones.

    The clock of an EMP may be ahead. That is the same for all its pulls, so the short ones show how much. An
    EMP that takes the time of the end is later by as much as a pull lasts. LastCall may have whole seconds,
    and it may be the time of a record, which is by Hubject's clock.
    """
    found = list(_pulls(record))
    short = [one.later for one in found if one.seconds <= _SHORT]
    if len(short) < _ENOUGH:
        return
    unit = 0.0 if any(one.last_call.microsecond for one in found) else 1.0
    for one in found:
        if one.seconds < _LONG:
            continue
        more = one.later - max(short)
        if more <= unit + _SHORT:
            yield OF_BEGINNING.held(one.next)
        elif one.later > 0 and more > unit + one.seconds / 2 and not _is_of_record(one):
            yield OF_BEGINNING.broken(
                one.next,
                f"the last pull began with exchange {one.first.number} and lasted {one.seconds:.1f} s; "
                f"LastCall is {one.later:.1f} s after its beginning, so that changes in this time are lost",
                pointer="/LastCall",
                expected="the time at which the last pull began",
                found=one.next.request.get("LastCall"),
            )


def _pulls(record: Record) -> Iterator[_Pull]:
    """The pulls that are followed by one with another LastCall.

    What fails has no part in a pull until a first page has come: that has all changes until then. A page that
    comes again begins another attempt.
    """
    first: Exchange | None = None
    read: set[str] = set()
    done: tuple[Exchange, Exchange] | None = None
    for exchange in pulls(record, PULL_EVSE_DATA):
        if first is not None and exchange.request.body != first.request.body:
            first = None
        if first is None and done is not None:
            last_call = moment(exchange.request.object, "LastCall")
            if last_call and exchange.request.body != done[0].request.body:
                yield _Pull(*done, exchange, last_call)
            done = None
        if not is_answered(exchange):
            continue
        if first is None or exchange.path in read:
            first, read = exchange, set()
        read.add(exchange.path)
        begun = first
        if exchange.answer.get("last") is not False:
            first, done = None, (begun, exchange)


def _is_of_record(pull: _Pull) -> bool:
    """Whether LastCall is the lastUpdate of a record on the last page."""
    content = pull.last.answer.get("content")
    given = pull.last_call.timestamp()
    updates = (moment(one, "lastUpdate") for one in (content or ()) if isinstance(one, dict))
    return any(abs(one.timestamp() - given) < 1.0 for one in updates if one is not None)
