"""The same request again and again."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import Requirement
from oicp_conformance.oicp.operations import Operation

MOST_REPEATS = 10
"""How often what Hubject refuses may come again unchanged, until a test asks for it anew."""


def _is_refused(exchange: Exchange) -> bool:
    return answer_of(exchange) is not Answer.POSITIVE


def _is_same(before: Exchange, exchange: Exchange) -> bool:
    return (before.test, before.path, before.request.json) == (
        exchange.test,
        exchange.path,
        exchange.request.json,
    )


def endless(
    record: Record,
    operation: Operation,
    requirement: Requirement,
    refuses: Callable[[Exchange], bool] = _is_refused,
) -> Iterator[Outcome]:
    """Whether what was refused is not sent without end; `refuses` says which answers count as that."""
    repeats = 0
    for before, exchange in pairwise(one for one in record.of(operation.name) if one.by_target):
        repeats = repeats + 1 if refuses(before) and _is_same(before, exchange) else 0
        if repeats > MOST_REPEATS:
            yield requirement.broken(
                exchange,
                f"the identical request was sent {repeats + 1} times although each one was rejected",
                expected=f"at most {MOST_REPEATS} repetitions",
                found=repeats,
            )
        elif refuses(before):
            yield requirement.held(exchange)
