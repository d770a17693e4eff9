"""Pages of a pull: how they are asked for, to the last one, without a gap."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice, takewhile
from typing import NamedTuple

from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.pulled import is_spoilt, misnamed_parameters, pulls, query_of, says_no_page
from oicp_conformance.judge.requirement import awaited, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import PAGED

PAGE_PARAMETERS = requirement(
    "pull.page-parameters",
    emp(
        "MUST",
        "The EMP requests pages with the query parameters page and size.",
        Source("EMP 02", "eRoamingPullEvseData", 574, "explicit"),
        on=PAGED,
    ),
)

PAGE_SIZE = requirement(
    "pull.page-size",
    emp(
        "SHOULD",
        "The EMP requests at most 2000 records per page.",
        Source("EMP 02", "eRoamingGetChargeDetailRecords", 347, "explicit"),
        on=PAGED,
    ),
)

LAST_PAGE = awaited(
    "pull.last-page",
    emp(
        "MUST",
        "The EMP requests further pages until last is true.",
        Source("EMP 02", "eRoamingPullEvseData", 574, "explicit"),
        on=PAGED,
    ),
)

EVERY_PAGE = requirement(
    "pull.every-page",
    emp(
        "SHOULD",
        "The EMP requests each page of a result, starting with page 0.",
        Source("EMP 02", "eRoamingPullEvseData", 576, "example"),
        on=PAGED,
    ),
)


_LARGEST, _DEFAULT = 2000, 20
"""The most records of a page, and how many it has where the request does not say it (EMP 02 L347)."""
_DIGITS = 6
"""Digits of a page or a size beyond which it is none."""
_BESIDE = 1.0
"""Seconds after the last page in which pages before it may still be asked for."""


@rule(PAGE_PARAMETERS, PAGE_SIZE, by_exchange=True)
def parameters(record: Record) -> Iterator[Outcome]:
    """Which page is asked for, and how large."""
    for exchange in pulls(record, *PAGED):
        query = query_of(exchange)
        if misnamed := misnamed_parameters(query):
            yield PAGE_PARAMETERS.broken(
                exchange,
                "pages are requested with page and size; Hubject does not read other names",
                expected="page, size",
                found=", ".join(misnamed),
                erratum="C176",
            )
        elif "page" not in query:
            yield PAGE_PARAMETERS.broken(
                exchange,
                "no page was requested, so Hubject responds with the first page of 20 records",
                expected="page, size",
                found=exchange.path.partition("?")[2] or "nothing",
                erratum="C162",
                verdict=Verdict.WARNING,
            )
        elif says_no_page(query):
            yield PAGE_PARAMETERS.broken(
                exchange,
                "page and size are numbers",
                expected="page from 0, size from 1",
                found=exchange.path.partition("?")[2],
            )
        else:
            yield PAGE_PARAMETERS.held(exchange)
        size = query.get("size", "")
        if size.isdecimal() and int(size) > _LARGEST:
            yield PAGE_SIZE.broken(
                exchange,
                "Hubject returns at most 2000 records per page",
                expected=f"at most {_LARGEST}",
                found=size,
                erratum="C161",
            )
        elif size.isdecimal():
            yield PAGE_SIZE.held(exchange)


@rule(LAST_PAGE)
def to_the_last(record: Record) -> Iterator[Outcome]:
    """Where more pages were announced, the next ones are read."""
    for wait in record.waits:
        if wait.requirement != LAST_PAGE.id or wait.came is not None:
            continue
        read = [
            one
            for one in pulls(record, wait.operation)
            if one.number >= (wait.after or 0) and one.test == wait.test and one.status == 200
        ]
        if not read:
            continue
        if says_no_page(query_of(read[-1])):
            # Which page was asked for is not known, so none can be missing.
            yield LAST_PAGE.unclear(
                "the target did not request pages with page and size",
                cause=Cause.HIDDEN,
                exchange=read[-1],
                behind=PAGE_PARAMETERS,
            )
            continue
        yield LAST_PAGE.broken(
            read[-1],
            "the response announced more pages (last: false), but the target did not request them",
            expected="pages until last is true",
            found=", ".join(query_of(one).get("page", "-") for one in read),
        )


@rule(EVERY_PAGE)
def every_page(record: Record) -> Iterator[Outcome]:
    """Who read the last page read all before it; judged where Hubject was honest."""
    for operation in PAGED:
        found: dict[str, list[Exchange]] = defaultdict(list)
        for exchange in pulls(record, operation):
            found[json.dumps(exchange.request.json, sort_keys=True)].append(exchange)
        yield from chain.from_iterable(map(_rounds, found.values()))


def _rounds(asked_for: Sequence[Exchange]) -> Iterator[Outcome]:
    """Each round of pages of one request: it is over when the last page was read.

    Several rounds may be under way at once: what was read before in the same test counts for each of them.
    Whoever reads until a page is empty goes on behind the last page, which is the same round.
    """
    begin, of_test = 0, dict[str | None, int]()
    before: set[_Part] = set()
    parts = [*map(_part, asked_for)]
    for at, last in enumerate(asked_for):
        first = of_test.setdefault(last.test, at)
        if last.answer.get("last") is not True or (part := parts[at]) is None:
            continue
        spoilt = any(map(is_spoilt, asked_for[begin : at + 1]))
        # Whoever reads pages side by side may have asked for the last one first.
        latest = (last.finished or last.started) + _BESIDE
        beside = takewhile(lambda one, latest=latest: one.started < latest, islice(asked_for, at + 1, None))  # type: ignore[misc]
        asked = set(filter(None, (*parts[min(begin, first) : at], *map(_part, beside))))
        if any(one.end == part.start for one in before):
            asked |= before
        begin, before = at + 1, {*asked, part}
        if spoilt:
            continue
        if missing := _missing(asked, part):
            resized = any(one.size != part.size for one in asked)
            yield EVERY_PAGE.broken(
                last,
                "the last page was requested, but not all pages before it"
                + (": the size changed, and records between the pages were skipped" if resized else ""),
                expected=f"pages 0 to {part.page}" + (" of one size" if resized else ""),
                found="without " + ", ".join(map(str, missing[:20])),
            )
        else:
            yield EVERY_PAGE.held(last)


class _Part(NamedTuple):
    """A page of a result: its records are those from `start` to before `end`."""

    page: int
    size: int

    @property
    def start(self) -> int:
        return self.page * self.size

    @property
    def end(self) -> int:
        return self.start + self.size


def _missing(asked: Collection[_Part], last: _Part) -> list[int]:
    """The pages before the last one, in its size, of which not all records were asked for."""
    missing: set[int] = set()
    reached = 0
    for one in sorted({*asked, last}, key=lambda part: part.start):
        if one.start > min(reached, last.start):
            missing.update(range(reached // last.size, -(-min(one.start, last.start) // last.size)))
        reached = max(reached, one.end)
    return sorted(missing)


def _part(exchange: Exchange) -> _Part | None:
    """The page that a pull got, or would have got; None where it asked for none."""
    query = query_of(exchange)
    page, size = query.get("page", "0"), query.get("size", "")
    got = exchange.status == 200 or is_spoilt(exchange)
    if not got or not page.isdecimal() or len(page) > _DIGITS:
        return None
    asked = int(size) if size.isdecimal() and len(size) <= _DIGITS else 0
    return _Part(int(page), min(asked, _LARGEST) or _DEFAULT)
