"""The same request again and again."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.judge.requirement import Requirement

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


class Endless:
    """Whether what was refused is not sent without end, by what the target sent before of the operation."""

    def __init__(
        self,
        requirement: Requirement,
        operations: Collection[str],
        refuses: Callable[[Exchange], bool] = _is_refused,
    ) -> None:
        """`refuses` says which answers count as a refusal."""
        self._requirement = requirement
        self._operations = operations
        self._refuses = refuses
        self._before: dict[str, Exchange] = {}
        self._repeats: Counter[str] = Counter()

    def see(self, exchange: Exchange) -> Iterator[Outcome]:
        """Whether a request repeats what was refused, once too often."""
        operation = exchange.operation or ""
        if operation not in self._operations or not exchange.by_target:
            return
        before = self._before.get(operation)
        self._before[operation] = exchange
        if before is None or not self._refuses(before):
            self._repeats[operation] = 0
            return
        repeats = self._repeats[operation] + 1 if _is_same(before, exchange) else 0
        self._repeats[operation] = repeats
        if repeats > MOST_REPEATS:
            yield self._requirement.broken(
                exchange,
                f"the identical request was sent {repeats + 1} times although each one was rejected",
                expected=f"at most {MOST_REPEATS} repetitions",
                found=repeats,
            )
        else:
            yield self._requirement.held(exchange)
