"""What an EMP asks for in a pull: filters that go together, and the path of each form."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from oicp_conformance.journal.answers import code_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Record, operation_of
from oicp_conformance.judge.plausible import in_words, time_zone_hint
from oicp_conformance.judge.pulled import OK, is_answered, is_spoilt, pulls, query_of, says_no_page
from oicp_conformance.judge.requirement import emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import moment
from oicp_conformance.oicp.operation_names import (
    GET_CDRS,
    PULL_EVSE_DATA,
    PULL_EVSE_PRICING,
    PULL_STATUS,
    PULL_STATUS_BY_ID,
    PULL_STATUS_BY_OPERATOR,
    STATUS_PULLS,
)

LAST_CALL_ALONE = requirement(
    "eRoamingPullEvseData.last-call-alone",
    emp(
        "MUST",
        "LastCall is not combined with SearchCenter, CountryCodes or OperatorIds.",
        Source("EMP 02", "eRoamingPullEVSEDatamessage", 593, "explicit"),
        on=(PULL_EVSE_DATA,),
    ),
)

LAST_CALL_PAST = requirement(
    "pull.last-call",
    emp(
        "SHOULD",
        "LastCall is not in the future.",
        Source("EMP 02", "eRoamingPullEvseData", 568, "explicit"),
        on=(PULL_EVSE_DATA, PULL_EVSE_PRICING),
    ),
)

LAST_CALL_KEPT = requirement(
    "pull.last-call-kept",
    emp(
        "SHOULD",
        "After a pull that failed, LastCall is not later than before.",
        Source("EMP 02", "eRoamingPullEvseData", 568, "practice"),
        on=(PULL_EVSE_DATA, PULL_EVSE_PRICING),
    ),
)

FROM_BEFORE_TO = requirement(
    "eRoamingGetChargeDetailRecords.from-before-to",
    emp(
        "MUST",
        "From is not later than To.",
        Source("EMP 02", "eRoamingGetChargeDetailRecordsmessage", 359, "explicit"),
        on=(GET_CDRS,),
    ),
)

STATUS_PATH = requirement(
    "status-pull.path",
    emp(
        "SHOULD",
        "The EMP sends each form of the status pull to its own path.",
        Source("EMP 06", "eroamingpullevsestatusbyid", 804, "explicit"),
        on=STATUS_PULLS,
    ),
)

_FILTER = {PULL_STATUS_BY_ID: "EvseID", PULL_STATUS_BY_OPERATOR: "OperatorID"}
"""What a pull at a path of its own asks by."""
_MOST_PAGES = 10_000
"""Pages of which it is looked whether all were read."""
_AHEAD = 300.0
"""Seconds by which an EMP's clock may be ahead of the hub's."""


@rule(LAST_CALL_ALONE, by_exchange=True)
def last_call(record: Record) -> Iterator[Outcome]:
    """LastCall without other filters."""
    for exchange in pulls(record, PULL_EVSE_DATA):
        body = exchange.request.object
        beside = [
            name for name in ("SearchCenter", "CountryCodes", "OperatorIds", "OperatorIDs") if body.get(name)
        ]
        if body.get("LastCall") is None:
            continue
        if beside:
            yield LAST_CALL_ALONE.broken(
                exchange,
                "LastCall must not be combined with these filters",
                pointer="/LastCall",
                expected="LastCall alone",
                found=", ".join(beside),
                erratum="C194",
            )
        else:
            yield LAST_CALL_ALONE.held(exchange)


@rule(LAST_CALL_PAST, by_exchange=True)
def last_call_past(record: Record) -> Iterator[Outcome]:
    """LastCall against the hub's clock; a pull without one asks for all that there is."""
    for exchange in pulls(record, PULL_EVSE_DATA, PULL_EVSE_PRICING):
        if not exchange.request.object:
            continue
        last = moment(exchange.request.object, "LastCall")
        ahead = last.timestamp() - exchange.started if last is not None else 0.0
        if ahead <= _AHEAD:
            yield LAST_CALL_PAST.held(exchange)
            continue
        yield LAST_CALL_PAST.broken(
            exchange,
            f"LastCall is {in_words(ahead)} later than the hub's clock{time_zone_hint(ahead)}",
            pointer="/LastCall",
            expected="the time of the last pull",
            found=exchange.request.get("LastCall"),
        )


@rule(LAST_CALL_KEPT)
def last_call_kept(record: Record) -> Iterator[Outcome]:
    """What has changed before a failed pull is asked for again, until one has come to its end.

    An EMP may always ask for the changes of the last hours: what it has got before is not lost. Several of
    its servers may pull, each with its own LastCall: nothing is lost if the failed pull ends well later.
    """
    for operation in (PULL_EVSE_DATA, PULL_EVSE_PRICING):
        sent = list(pulls(record, operation))
        ends = _ends(sent)
        ended = {moment(one.request.object, "LastCall"): one.number for one in sent if one.number in ends}
        since: datetime | None = None
        begun: float | None = None
        complete: float | None = None
        failed: Exchange | None = None
        for exchange in sent:
            last = moment(exchange.request.object, "LastCall")
            if last != since or begun is None:
                if last and since and failed and complete:
                    is_lost = (
                        last > since and last.timestamp() > complete and ended.get(since, 0) < failed.number
                    )
                    yield _lost(exchange, since, failed) if is_lost else LAST_CALL_KEPT.held(exchange)
                since, failed, begun = last, None, exchange.started
            if last is None:
                yield LAST_CALL_KEPT.held(exchange)  # it asks for all that there is
            if not is_answered(exchange):
                # What Hubject rejects for what is wrong with it is a finding of its own.
                failed = exchange if is_spoilt(exchange) else failed
            elif exchange.number in ends:
                if failed:
                    yield LAST_CALL_KEPT.held(exchange)
                complete, failed, begun = begun, None, None


def _ends(sent: Iterable[Exchange]) -> set[int]:
    """The exchanges with which a pull came to its end: the last page, or all pages that there were at first.

    Who does not say which page is wanted comes to no end: that is a finding of its own.
    """
    left: dict[datetime | None, set[str]] = {}
    ends = set()
    for exchange in filter(is_answered, sent):
        query, last = query_of(exchange), moment(exchange.request.object, "LastCall")
        page, pages = query.get("page", "0"), exchange.answer.get("totalPages")
        if page == "0" and isinstance(pages, int):
            left[last] = set(map(str, range(min(pages, _MOST_PAGES))))
        wanted = left.get(last, set())
        is_last_left = wanted == {page}
        wanted.discard(page)
        if is_last_left or exchange.answer.get("last") is not False or says_no_page(query):
            ends.add(exchange.number)
    return ends


def _lost(exchange: Exchange, since: datetime, failed: Exchange) -> Outcome:
    how = f"HTTP {failed.status}" if failed.status else "no response"
    how += f" with code {code_of(failed)}" if failed.status == OK else ""
    return LAST_CALL_KEPT.broken(
        exchange,
        f"the pull with LastCall {since.isoformat()} got {how} in exchange {failed.number} and was "
        "not completed; changes between the two times are lost",
        pointer="/LastCall",
        expected=f"{since.isoformat()}, an earlier time, or no LastCall",
        found=exchange.request.get("LastCall"),
    )


@rule(FROM_BEFORE_TO, by_exchange=True)
def period(record: Record) -> Iterator[Outcome]:
    """From is not after To."""
    for exchange in pulls(record, GET_CDRS):
        body = exchange.request.object
        begin, end = moment(body, "From"), moment(body, "To")
        if begin is None or end is None:
            continue
        if begin <= end:
            yield FROM_BEFORE_TO.held(exchange)
        else:
            yield FROM_BEFORE_TO.broken(
                exchange,
                "From is after To",
                pointer="/From",
                expected=f"not after {body['To']}",
                found=body["From"],
            )


@rule(STATUS_PATH, by_exchange=True)
def forms(record: Record) -> Iterator[Outcome]:
    """Each of the three status pulls has its own path (C172)."""
    for exchange in pulls(record, *STATUS_PULLS):
        body = exchange.request.object
        misplaced = [name for name in ("EvseID", "OperatorID") if name in body]
        if (own := _FILTER.get(exchange.operation or "")) and misplaced and own not in misplaced:
            continue  # it lacks the filter of its path: that is the finding
        if exchange.operation == PULL_STATUS and misplaced:
            yield STATUS_PATH.broken(
                exchange,
                f"a pull by {misplaced[0]} has its own path",
                pointer=f"/{misplaced[0]}",
                expected=f"{operation_of(exchange).path}-by-...",
                found=exchange.path,
                erratum="C172",
            )
        else:
            yield STATUS_PATH.held(exchange)
