"""Pushes follow one another: each waits for the answer to the one before, and none comes without end."""

from collections.abc import Iterator

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.times import clock
from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.judge.repeated import Endless
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule_in_order
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import CPO_PUSHES, PUSH_AUTH
from oicp_conformance.oicp.operations import OPERATIONS
from oicp_conformance.profile import Profile

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


_PUSHES = frozenset(one.name for one in OPERATIONS if one.is_push)


@rule_in_order(SEQUENTIAL)
class Sequential:
    """A push begins after the answer to the one before."""

    def __init__(self, _: Profile) -> None:
        self._before: dict[str, Exchange] = {}
        """Of each operation, the push whose answer came last."""

    def see(self, exchange: Exchange) -> Iterator[Outcome]:
        """Whether a push began too early."""
        operation = exchange.operation or ""
        if operation not in _PUSHES:
            return
        before = self._before.get(operation)
        if before is not None and exchange.started < (before.finished or 0):
            yield SEQUENTIAL.broken(
                exchange,
                f"sent before the response to the push of exchange {before.number}",
                expected=f"sent after {clock(before.finished or before.started)}",
                found=f"sent at {clock(exchange.started)}",
            )
        else:
            yield SEQUENTIAL.held(exchange)
        if before is None or _ends(exchange) > _ends(before):
            self._before[operation] = exchange


def _ends(exchange: Exchange) -> float:
    return exchange.finished or exchange.started


@rule_in_order(AFTER_REFUSAL)
def after_refusal(_: Profile) -> Endless:
    """What was refused is not sent again and again."""
    return Endless(AFTER_REFUSAL, _PUSHES)
