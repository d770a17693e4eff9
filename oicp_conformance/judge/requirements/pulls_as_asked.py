"""Pulls of an EMP against what its customers or its staff asked for: nothing is left out without a word."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Wait
from oicp_conformance.judge.outcome import Outcome, Record
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
        "The EMP requests all EVSEs and operators, and the whole period, that it was asked to refresh.",
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
    by_operation = {name: list(pulls(record, name)) for name in (*_IDS, GET_CDRS)}
    by_number = {one.number: one for some in by_operation.values() for one in some}
    for wait in record.waits:
        came = by_number.get(wait.came or 0)
        if came is None or not wait.parameters or wait.operation != came.operation:
            continue
        all_pulls = by_operation[wait.operation]
        found = _period(wait, came, all_pulls) if wait.operation == GET_CDRS else _ids(wait, came, all_pulls)
        # What is missing may still come.
        if found is not None and (not found.is_finding or now >= came.started + _SOON):
            yield found


def _ids(wait: Wait, came: Exchange, all_pulls: list[Exchange]) -> Outcome | None:
    name = _IDS[wait.operation]
    wanted = texts(wait.parameters.get(name) if wait.parameters else None)
    requested = {plain_id(one) for exchange in all_pulls for one in texts(exchange.request.get(name))}
    missing = [one for one in wanted if plain_id(one) not in requested]
    given = {plain_id(one) for one in texts(came.request.get(name))}
    if not given or not given <= set(map(plain_id, wanted)):
        return None  # it requested other ids: no list was cut short
    if not missing:
        return AS_ASKED.held(came)
    return AS_ASKED.broken(
        came,
        f"the EMP was asked to refresh {len(wanted)} {name}s, and never requested {len(missing)} of them",
        pointer=f"/{name}",
        expected=", ".join(missing),
        found=", ".join(texts(came.request.get(name))),
    )


def _period(wait: Wait, came: Exchange, all_pulls: list[Exchange]) -> Outcome | None:
    begin, end = (moment(wait.parameters or {}, name) for name in ("From", "To"))
    given = [
        (start, stop)
        for one in all_pulls
        if (start := moment(one.request.object, "From")) and (stop := moment(one.request.object, "To"))
    ]
    if begin is None or end is None or not given or any(start > stop for start, stop in given):
        return None  # a period that cannot be read is a finding of its own
    # There are no CDRs of the time to come.
    end = min(end, datetime.fromtimestamp(came.started, end.tzinfo))
    reached = begin
    for start, stop in sorted(given):
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
