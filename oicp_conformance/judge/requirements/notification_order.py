"""Charging notifications of a session: their order, their spacing, and their place before the record."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.judge.notified import by_session
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import cpo, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import moment
from oicp_conformance.oicp.operation_names import CDR, NOTIFY

ORDER = requirement(
    "eRoamingChargingNotifications.order",
    cpo(
        "SHOULD",
        "The CPO sends Start before Progress and Progress before End.",
        Source("CPO 03", "ChargingNotificationType", 811, "practice"),
        on=(NOTIFY,),
    ),
)

PROGRESS_SPACING = requirement(
    "eRoamingChargingNotifications.progress-spacing",
    cpo(
        "MUST",
        "The CPO leaves at least 5 minutes between two Progress notifications of a session.",
        Source("CPO 04", "BusinessProcessDiagrameRoamingChargingNotificationProgress", 45, "diagram"),
        on=(NOTIFY,),
        erratum="C200",
    ),
)

BEFORE_CDR = requirement(
    "eRoamingChargingNotifications.before-cdr",
    cpo(
        "SHOULD",
        "The CPO sends notifications between start and end of the session, before the CDR.",
        Source("CPO 02", "eRoamingChargingNotifications", 721, "explicit"),
        on=(NOTIFY,),
    ),
)


_SPACING = timedelta(minutes=5)
_GRACE = timedelta(seconds=5)


@rule(ORDER, piecewise=True)
def order(record: Record) -> Iterator[Outcome]:
    """Start, Progress, End; after a new Start it begins again."""
    for _, sent in by_session(record):
        before: list[str] = []
        for exchange in sent:
            kind = exchange.request.get("Type")
            if kind not in ("Start", "Progress", "End"):
                continue
            late_start = kind == "Start" and "Start" not in before and bool({"Progress", "End"} & set(before))
            late_progress = kind == "Progress" and before[-1:] == ["End"]
            if late_start or late_progress:
                yield ORDER.broken(
                    exchange,
                    f"{kind} was sent after {before[-1]}",
                    pointer="/Type",
                    expected="Start, Progress, End",
                    found=", ".join([*before, kind]),
                )
            elif before:
                yield ORDER.held(exchange)
            before.append(kind)


@rule(PROGRESS_SPACING, piecewise=True)
def progress(record: Record) -> Iterator[Outcome]:
    """By EventOccurred of one session."""
    for _, sent in by_session(record):
        steps = [one for one in sent if one.request.get("Type") == "Progress"]
        for earlier, later in pairwise(steps):
            first, second = (moment(one.request.object, "EventOccurred") for one in (earlier, later))
            if first is None or second is None:
                continue
            if second - first < _SPACING - _GRACE:
                yield PROGRESS_SPACING.broken(
                    later,
                    f"{(second - first).total_seconds():g} s after the Progress of exchange {earlier.number}",
                    pointer="/EventOccurred",
                    expected="at least 5 minutes",
                    found=later.request.get("EventOccurred"),
                )
            else:
                yield PROGRESS_SPACING.held(later)


@rule(BEFORE_CDR, piecewise=True)
def before_cdr(record: Record) -> Iterator[Outcome]:
    """What comes a second or more after the accepted record comes too late."""
    for session, sent in by_session(record):
        settled = next(
            (one.finished for one in session.sent(CDR) if answer_of(one) is Answer.POSITIVE),
            None,
        )
        for exchange in sent:
            if settled is None or exchange.started < settled + 1:
                yield BEFORE_CDR.held(exchange)
            else:
                yield BEFORE_CDR.broken(
                    exchange,
                    "the notification was sent after the CDR of the session was accepted",
                    pointer="/SessionID",
                    expected="no notification after the CDR",
                    found=session.id,
                )
