"""Pulls of an EMP: pages to the last one, and filters that Hubject reads."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, takewhile
from urllib.parse import parse_qsl

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.catalogue import catalogue, operations_of
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, broken, held, operation_of, rule
from oicp_conformance.judge.values import moment

EVSE_DATA, RECORDS = "eRoamingPullEvseData", "eRoamingGetChargeDetailRecords"
PAGED = (EVSE_DATA, RECORDS)
_LARGEST = 2000
_BESIDE = 1.0
"""Seconds after the last page in which pages before it may still be asked for."""


def query_of(exchange: Exchange) -> dict[str, str]:
    """The query parameters of a request."""
    return dict(parse_qsl(exchange.path.partition("?")[2], keep_blank_values=True))


def _empty(query: Mapping[str, str]) -> bool:
    """Whether pages of no records are asked for."""
    return query.get("size", "1").strip("0") == ""


def _pulls(record: Record, *operations: str) -> Iterator[Exchange]:
    for exchange in record.of(*operations):
        if exchange.by_target and record.role == "emp":
            yield exchange


@rule
def parameters(record: Record) -> Iterator[Outcome]:
    """pull.page-parameters and pull.page-size."""
    for exchange in _pulls(record, *PAGED):
        query = query_of(exchange)
        strange = sorted({"pages", "limit", "Page", "Size", "pageSize", "page_size"} & query.keys())
        if strange:
            yield broken(
                "pull.page-parameters",
                exchange,
                "pages are asked for with page and size; Hubject does not read other names",
                expected="page, size",
                found=", ".join(strange),
                erratum="C176",
            )
        elif "page" not in query:
            yield broken(
                "pull.page-parameters",
                exchange,
                "no page is asked for, so Hubject answers with the first one, of 20 records",
                expected="page, size",
                found=exchange.path.partition("?")[2] or "nothing",
                erratum="C162",
                verdict=Verdict.WARNING,
            )
        elif not query["page"].isdecimal() or not query.get("size", "1").isdecimal() or _empty(query):
            yield broken(
                "pull.page-parameters",
                exchange,
                "page and size are numbers",
                expected="page from 0, size from 1",
                found=exchange.path.partition("?")[2],
            )
        else:
            yield held("pull.page-parameters", exchange)
        size = query.get("size", "")
        if size.isdecimal() and int(size) > _LARGEST:
            yield broken(
                "pull.page-size",
                exchange,
                "Hubject gives no more than 2000 records a page",
                expected=f"at most {_LARGEST}",
                found=size,
                erratum="C161",
                verdict=Verdict.WARNING,
            )
        elif size.isdecimal():
            yield held("pull.page-size", exchange)


@rule
def to_the_last(record: Record) -> Iterator[Outcome]:
    """pull.last-page: where more pages were announced, the next ones are read."""
    for wait in record.waits:
        if wait.requirement != "pull.last-page" or wait.came is not None:
            continue
        read = [
            one
            for one in _pulls(record, wait.operation)
            if one.number >= (wait.after or 0) and one.test == wait.test and one.status == 200
        ]
        if not read:
            continue
        yield broken(
            "pull.last-page",
            read[-1],
            "more pages were announced (last: false), and they were not read",
            expected="pages until last is true",
            found=", ".join(query_of(one).get("page", "-") for one in read),
        )


@rule
def every_page(record: Record) -> Iterator[Outcome]:
    """pull.every-page: who read the last page read all before it; judged where Hubject was honest."""
    for operation in PAGED:
        pulls: dict[str, list[Exchange]] = defaultdict(list)
        for exchange in _pulls(record, operation):
            pulls[json.dumps(exchange.request.json, sort_keys=True)].append(exchange)
        yield from chain.from_iterable(map(_rounds, pulls.values()))


def _rounds(pulls: Sequence[Exchange]) -> Iterator[Outcome]:
    """Each round of pages of one request: it is over when the last page was read.

    Several rounds may be under way at once: what was read before in the same test counts for each of them.
    """
    begin, of_test = 0, dict[str | None, int]()
    for at, last in enumerate(pulls):
        first = of_test.setdefault(last.test, at)
        if last.answer.get("last") is not True or (page := _page(last)) is None:
            continue
        spoilt = any(map(_is_spoilt, pulls[begin : at + 1]))
        # Whoever reads pages side by side may have asked for the last one first.
        latest = (last.finished or last.started) + _BESIDE
        beside = takewhile(lambda one, latest=latest: one.started < latest, pulls[at + 1 :])  # type: ignore[misc]
        asked = {_page(one) for one in [*pulls[min(begin, first) : at], *beside]}
        begin = at + 1
        if spoilt:
            continue
        if missing := sorted(set(range(page)) - asked):
            yield broken(
                "pull.every-page",
                last,
                "the last page was read, and not all before it",
                expected=f"pages 0 to {page}",
                found="without " + ", ".join(map(str, missing[:20])),
            )
        else:
            yield held("pull.every-page", last)


def _is_spoilt(exchange: Exchange) -> bool:
    """Whether Hubject did not answer honestly."""
    return (exchange.scripted or "honest") != "honest"


def _page(exchange: Exchange) -> int | None:
    """The page that a pull got, or would have got; None where it asked for none."""
    page = query_of(exchange).get("page", "0")
    got = exchange.status == 200 or _is_spoilt(exchange)
    return int(page) if got and page.isdecimal() and len(page) <= 6 else None


@rule
def filters(record: Record) -> Iterator[Outcome]:
    """eRoamingPullEvseData.last-call-alone and eRoamingGetChargeDetailRecords.from-before-to."""
    for exchange in _pulls(record, EVSE_DATA):
        body = exchange.request.object
        beside = [
            name for name in ("SearchCenter", "CountryCodes", "OperatorIds", "OperatorIDs") if body.get(name)
        ]
        if body.get("LastCall") is None:
            continue
        if beside:
            yield broken(
                f"{EVSE_DATA}.last-call-alone",
                exchange,
                "LastCall does not go together with these filters",
                pointer="/LastCall",
                expected="LastCall alone",
                found=", ".join(beside),
                erratum="C194",
            )
        else:
            yield held(f"{EVSE_DATA}.last-call-alone", exchange)
    for exchange in _pulls(record, RECORDS):
        body = exchange.request.object
        begin, end = moment(body, "From"), moment(body, "To")
        if begin is None or end is None:
            continue
        if begin <= end:
            yield held(f"{RECORDS}.from-before-to", exchange)
        else:
            yield broken(
                f"{RECORDS}.from-before-to",
                exchange,
                "From is after To",
                pointer="/From",
                expected=f"not after {body['To']}",
                found=body["From"],
            )


@rule
def forms(record: Record) -> Iterator[Outcome]:
    """status-pull.path: each of the three status pulls has a path of its own (C172)."""
    for exchange in _pulls(
        record, "eRoamingPullEvseStatus", "eRoamingPullEvseStatusByID", "eRoamingPullEvseStatusByOperatorID"
    ):
        body = exchange.request.object
        misplaced = [name for name in ("EvseID", "OperatorID") if name in body]
        if exchange.operation == "eRoamingPullEvseStatus" and misplaced:
            yield broken(
                "status-pull.path",
                exchange,
                f"a pull by {misplaced[0]} has a path of its own",
                pointer=f"/{misplaced[0]}",
                expected=f"{operation_of(exchange).path}-by-...",
                found=exchange.path,
                erratum="C172",
                verdict=Verdict.WARNING,
            )
        else:
            yield held("status-pull.path", exchange)


@rule
def survives(record: Record) -> Iterator[Outcome]:
    """pull.survives and pull.failed-page: after an answer that Hubject may give, the pulls go on."""
    known = {one.id: one for one in catalogue(record.party).values()}
    for wait in record.waits:
        spoilt = [
            one
            for one in _pulls(record, wait.operation)
            if one.test == wait.test and one.scripted and one.scripted != "honest"
        ]
        if wait.came is not None or not spoilt or wait.stimulus not in (None, "done"):
            continue
        failed = spoilt[-1].status != 200 or spoilt[-1].answer.get("Result") is False
        requirement = "pull.failed-page" if failed else "pull.survives"
        if wait.operation in operations_of(known[requirement], record.party):
            yield broken(
                requirement,
                spoilt[-1],
                f"after this answer ({spoilt[-1].scripted}) the pulls did not go on: {wait.detail}",
                expected="further pulls",
                found="none",
                erratum=None if failed else "C058",
                verdict=Verdict.WARNING,
            )
