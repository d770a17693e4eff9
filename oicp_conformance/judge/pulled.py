"""Pulls of an EMP, as they came."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl

from oicp_conformance.journal.answers import code_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Record

OK = 200
_OTHER_NAMES = {"pages", "limit", "Page", "Size", "pageSize", "page_size"}
"""Names of parameters that EMPs have sent instead of page and size."""


def pulls(record: Record, *operations: str) -> Iterator[Exchange]:
    """The pulls of an EMP, in order."""
    for exchange in record.of(*operations):
        if exchange.by_target and record.role == "emp":
            yield exchange


def is_answered(exchange: Exchange) -> bool:
    """Whether Hubject answered with data."""
    return exchange.status == OK and code_of(exchange) in (None, "000")


def is_spoilt(exchange: Exchange) -> bool:
    """Whether Hubject did not answer honestly."""
    return (exchange.scripted or "honest") != "honest"


def query_of(exchange: Exchange) -> Mapping[str, str]:
    """The query parameters of a request."""
    return _query(exchange.path.partition("?")[2])


@lru_cache(1024)
def _query(text: str) -> Mapping[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))


def _empty(query: Mapping[str, str]) -> bool:
    """Whether pages of no records are asked for."""
    return query.get("size", "1").strip("0") == ""


def misnamed_parameters(query: Mapping[str, str]) -> list[str]:
    """The names of parameters that mean a page and that Hubject does not read, where none is `page`."""
    return [] if "page" in query else sorted(_OTHER_NAMES & query.keys())


def says_no_page(query: Mapping[str, str]) -> bool:
    """Whether the parameters of a pull do not say which page is wanted."""
    if "page" not in query:
        return bool(misnamed_parameters(query))
    return not query["page"].isdecimal() or not query.get("size", "1").isdecimal() or _empty(query)
