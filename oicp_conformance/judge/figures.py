"""How fast a target was in a run, by operation: measured, and not judged.

All is by the hub's clock. What the hub delayed on purpose, and what had no answer, is not measured.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session
from oicp_conformance.judge.outcome import Record
from oicp_conformance.oicp.operation_names import CDR, NOTIFY

_MINUTE = 60.0
_PERCENT = 0.95


@dataclass(frozen=True)
class Spread:
    """Some durations, in seconds."""

    count: int
    median: float
    p95: float
    """95 percent took no longer."""

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Spread | None":
        """The spread of durations; None where there are none."""
        if not seconds:
            return None
        ranked = sorted(max(0.0, one) for one in seconds)
        count, middle = len(ranked), len(ranked) // 2
        median = ranked[middle] if count % 2 else (ranked[middle - 1] + ranked[middle]) / 2
        return cls(count, round(median, 3), round(ranked[math.ceil(count * _PERCENT) - 1], 3))


@dataclass(frozen=True)
class Figures:
    """What was measured of one operation."""

    calls: int
    """Exchanges, whoever sent the request."""
    calls_per_minute: float
    """On average, from the first call of the run to the last one, of whichever operation."""
    busiest_minute: int
    """The most calls within 60 seconds."""
    answers: Spread | None = None
    """How long the target took to answer the hub."""
    stimulus_to_call: Spread | None = None
    """How long after a stimulus the target's call came."""
    end_to_record: Spread | None = None
    """How long after the end of a charge its first charge detail record came."""


def figures(record: Record, operation: str) -> Figures | None:
    """What was measured of an operation in a run; None where it has no exchange."""
    found = record.of(operation)
    if not found:
        return None
    begun = [one.started for one in found]
    return Figures(
        calls=len(found),
        calls_per_minute=round(len(found) * _MINUTE / max(_length(record), _MINUTE), 1),
        busiest_minute=_busiest(begun),
        answers=Spread.of([one.seconds for one in found if not one.by_target and one.status is not None]),
        stimulus_to_call=Spread.of(list(_after_stimuli(record, operation))),
        end_to_record=Spread.of(list(_after_charges(record)) if operation == CDR else []),
    )


def _length(record: Record) -> float:
    """How many seconds a run took, by its calls."""
    return max(one.finished or one.started for one in record.exchanges) - min(
        one.started for one in record.exchanges
    )


def _busiest(begun: Sequence[float]) -> int:
    ranked = sorted(begun)
    return max(bisect_right(ranked, one + _MINUTE) - at for at, one in enumerate(ranked))


def _after_stimuli(record: Record, operation: str) -> Iterator[float]:
    """From each stimulus to the call that it provoked, unless that came before."""
    begun = {one.number: one.started for one in record.of(operation)}
    for wait in record.waits:
        came = begun.get(wait.came or 0)
        if wait.operation == operation and wait.asked is not None and came is not None and came >= wait.asked:
            yield came - wait.asked


def _after_charges(record: Record) -> Iterator[float]:
    """From the end of each charge that a CPO told or acknowledged to its first record."""
    for session in record.sessions if record.role == "cpo" else ():
        end = _end(session)
        first = next((one.started for one in session.sent(CDR) if one.by_target), None)
        if end is not None and first is not None:
            yield first - end


def _end(session: Session) -> float | None:
    """When a charge ended: its stop was acknowledged, or else the CPO notified its end."""
    if session.stopped_by is not None:
        return session.stopped_by.finished
    ends = [one for one in session.sent(NOTIFY) if _is_end(one)]
    return ends[-1].started if ends else None


def _is_end(exchange: Exchange) -> bool:
    return exchange.request.get("Type") == "End" and answer_of(exchange) is Answer.POSITIVE
