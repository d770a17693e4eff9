"""Pulls of an EMP against what its customers or its staff asked for: nothing is left out without a word."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Wait
from oicp_conformance.judge.outcome import Outcome, Record, once
from oicp_conformance.judge.plausible import in_words
from oicp_conformance.judge.pulled import pulls
from oicp_conformance.judge.requirement import emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import moment, texts
from oicp_conformance.oicp.operation_names import (
    GET_CDRS,
    PULL_EVSE_PRICING,
    PULL_PRODUCTS,
    PULL_STATUS_BY_ID,
    PULL_STATUS_BY_OPERATOR,
)
from oicp_conformance.oicp.types import plain_id

AS_ASKED = requirement(
    "pull.as-asked",
    emp(
        "SHOULD",
        "The EMP requests all EVSEs, all operators and the whole period that it was asked to refresh.",
        Source("EMP 02", "eRoamingPullEVSEStatusByIDmessage", 685, "practice"),
        on=(PULL_STATUS_BY_ID, PULL_STATUS_BY_OPERATOR, GET_CDRS, PULL_PRODUCTS, PULL_EVSE_PRICING),
    ),
)

_IDS = {
    PULL_STATUS_BY_ID: "EvseID",
    PULL_STATUS_BY_OPERATOR: "OperatorID",
    PULL_PRODUCTS: "OperatorIDs",
    PULL_EVSE_PRICING: "OperatorIDs",
}
_MOMENT = timedelta(seconds=61)
"""What may be missing between two periods, or at their ends: an EMP may think in whole minutes."""
_SOON = 2.0
"""Seconds in which the rest may follow: an EMP may ask in several requests."""


@rule(AS_ASKED)
def as_asked(record: Record) -> Iterator[Outcome]:
    """What a stimulus named, against all pulls of its operation: what an EMP has, it need not ask again."""
    now = record.exchanges[-1].started if record.exchanges else 0.0
    for operation in (*_IDS, GET_CDRS):
        for came, found in _of_operation(record, operation):
            # What is missing may still come.
            if not found.is_finding or now >= came.started + _SOON:
                yield found


@once
def _of_operation(record: Record, operation: str) -> list[tuple[Exchange, Outcome]]:
    """The first pulls that stimuli have caused, each with what is said of it."""
    numbers = {one.number: one for one in pulls(record, operation)}
    judged = _period if operation == GET_CDRS else _ids
    return [
        (came, found)
        for wait in (record.waits_for(operation) if numbers else ())
        if wait.parameters and (came := numbers.get(wait.came or 0))
        if (found := judged(record, wait, came)) is not None
    ]


@once
def _requested(record: Record, operation: str) -> set[str]:
    """The ids that the pulls of an operation have named."""
    name = _IDS[operation]
    return {
        plain_id(one) for exchange in pulls(record, operation) for one in texts(exchange.request.get(name))
    }


@once
def _periods(record: Record) -> list[tuple[datetime, datetime]]:
    """The periods that were requested, in order."""
    return sorted(
        (start, stop)
        for one in pulls(record, GET_CDRS)
        if (start := moment(one.request.object, "From")) and (stop := moment(one.request.object, "To"))
    )


def _ids(record: Record, wait: Wait, came: Exchange) -> Outcome | None:
    name = _IDS[wait.operation]
    wanted = texts(wait.parameters.get(name) if wait.parameters else None)
    missing = [one for one in wanted if plain_id(one) not in _requested(record, wait.operation)]
    given = {plain_id(one) for one in texts(came.request.get(name))}
    if not given or not given <= set(map(plain_id, wanted)):
        return None  # it requested other ids: no list was cut short
    if not missing:
        return AS_ASKED.held(came)
    if _of_its_map(record, given, missing):
        return None
    return AS_ASKED.broken(
        came,
        f"the EMP was asked to refresh {len(wanted)} {name}s, and never requested {len(missing)} of them",
        pointer=f"/{name}",
        expected=", ".join(missing),
        found=", ".join(texts(came.request.get(name))),
    )


def _of_its_map(record: Record, given: Collection[str], missing: Iterable[str]) -> bool:
    """Whether an EMP requested only EVSEs that there are, and left out others: nobody has published them."""
    published = set(map(plain_id, record.profile.counterpart.evse_ids))
    return published.issuperset(given) and published.isdisjoint(map(plain_id, missing))


def _period(record: Record, wait: Wait, came: Exchange) -> Outcome | None:
    begin, end = (moment(wait.parameters or {}, name) for name in ("From", "To"))
    given = _periods(record)
    if begin is None or end is None or not given or any(start > stop for start, stop in given):
        return None  # a period that cannot be read is a finding of its own
    # There are no CDRs of the time to come.
    end = min(end, datetime.fromtimestamp(came.started, end.tzinfo))
    reached = begin
    for start, stop in given:
        if start > reached + _MOMENT:
            break
        reached = max(reached, stop)
    if reached + _MOMENT >= end:
        return AS_ASKED.held(came)
    ahead = min((start for start, _ in given if start > reached), default=end)
    return AS_ASKED.broken(
        came,
        f"the EMP was asked for the CDRs from {begin.isoformat()} to {end.isoformat()}; "
        f"{in_words((min(ahead, end) - reached).total_seconds())} of it, from {reached.isoformat()}, "
        "were never requested",
        pointer="/From" if reached == begin else "/To",
        expected=f"{begin.isoformat()} to {end.isoformat()}",
        found=f"{came.request.get('From')} to {came.request.get('To')}",
    )
