"""The frame of a run: what a judge has to know of it beside what was said and done."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from oicp_conformance.judge.deviations import Deviation
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.statement import JournalPart, Statement, statement
from oicp_conformance.judge.verdicts import Judgement, Row, judge


@dataclass(frozen=True)
class Frame:
    """The frame of one run; times are seconds since the epoch."""

    seed: int
    strict: bool
    started: float
    finished: float
    stopped: str | None = None
    """Why the run ended before its time."""
    trouble: tuple[str, ...] = ()
    """The suite's own trouble."""
    known: tuple[Deviation, ...] = ()
    """The known deviations, looked at as of `today`."""
    today: date | None = None
    partial: str | None = None
    """Why not all tests were run."""
    limits: tuple[str, ...] = ()
    """What was not kept, because it was beyond what the suite keeps in a run."""


def conclude(record: Record, frame: Frame) -> Judgement:
    """Judge a run; a rule's mistake must not cost the statement."""
    try:
        return _judge(record, frame)
    except Exception as error:  # noqa: BLE001 - it becomes the suite's own trouble
        mistake = f"the judge failed: {type(error).__name__}: {error}"
        frame = replace(frame, trouble=(*frame.trouble, mistake))
        return _judge(replace(record, exchanges=(), notes=()), frame)


def state(
    judgement: Judgement, frame: Frame, *, journal: JournalPart, advise: Callable[[Row], str]
) -> Statement:
    """The statement of a run; `advise` says what to do about a row that is inconclusive."""
    return statement(
        judgement,
        started=frame.started,
        finished=frame.finished,
        seed=frame.seed,
        journal=journal,
        partial=frame.partial,
        limits=frame.limits,
        advise=advise,
    )


def _judge(record: Record, frame: Frame) -> Judgement:
    return judge(
        record,
        strict=frame.strict,
        stopped=frame.stopped,
        trouble=frame.trouble,
        deviations=frame.known,
        today=frame.today or date.today(),
        partial=frame.partial,
    )
