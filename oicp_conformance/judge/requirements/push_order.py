"""Pushes follow one another: each waits for the answer to the one before, and none comes without end."""

from collections.abc import Iterator

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.times import clock
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.repeated import endless
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import CPO_PUSHES, PUSH_AUTH
from oicp_conformance.oicp.operations import OPERATIONS

SEQUENTIAL = requirement(
    "push.sequential",
    cpo(
        "MUST",
        "The CPO waits for the response to a push before it sends the next push of the same operation.",
        Source("CPO 01", "data_push_operations", 96, "explicit"),
        on=CPO_PUSHES,
    ),
    emp(
        "MUST",
        "The EMP sends a push only after the response to the previous push of this operation.",
        Source("EMP 01", "data_push_operations", 96, "explicit"),
        on=(PUSH_AUTH,),
    ),
)

AFTER_REFUSAL = requirement(
    "push.after-refusal",
    cpo(
        "SHOULD",
        "The CPO does not repeat a rejected push without a pause.",
        Source("AUP", "rate-limits", 140, "lower"),
        on=CPO_PUSHES,
    ),
    emp(
        "SHOULD",
        "The EMP does not repeat a rejected push without limit.",
        Source("AUP", "rate-limits", 140, "lower"),
        on=(PUSH_AUTH,),
    ),
)


@rule(SEQUENTIAL)
def sequential(record: Record) -> Iterator[Outcome]:
    """A push begins after the answer to the one before."""
    for operation in OPERATIONS:
        if not operation.is_push:
            continue
        before: Exchange | None = None
        for exchange in record.of(operation.name):
            if before is not None and exchange.started < (before.finished or 0):
                yield SEQUENTIAL.broken(
                    exchange,
                    f"sent before the response to the push of exchange {before.number}",
                    expected=f"sent after {clock(before.finished or before.started)}",
                    found=f"sent at {clock(exchange.started)}",
                )
            else:
                yield SEQUENTIAL.held(exchange)
            before = exchange if before is None or _ends(exchange) > _ends(before) else before


def _ends(exchange: Exchange) -> float:
    return exchange.finished or exchange.started


@rule(AFTER_REFUSAL)
def after_refusal(record: Record) -> Iterator[Outcome]:
    """What was refused is not sent again and again."""
    for operation in OPERATIONS:
        if operation.is_push:
            yield from endless(record, operation, AFTER_REFUSAL)
