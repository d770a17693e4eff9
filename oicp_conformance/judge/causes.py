"""Why a requirement is inconclusive: what the rules say of it, and what lies behind that."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from oicp_conformance.journal.cause import Cause
from oicp_conformance.judge.outcome import Outcome, Verdict

NOT_OBSERVED = "not observed in this run"
_NEVER_SENT = "the field was never sent"
_STOPPED = "the run ended before this was observed"


@dataclass(frozen=True)
class Why:
    """The reason in words, its kind, and the id of the requirement that hides it, if one does."""

    reason: str
    cause: Cause
    behind: str = ""

    @property
    def is_vague(self) -> bool:
        """Whether something hides it, and nobody knows what."""
        return self.cause is Cause.HIDDEN and not self.behind

    @property
    def tells_of_others(self) -> bool:
        """Whether it can be the reason of other requirements of the operation, too."""
        return not self.is_vague and self.cause is not Cause.NOT_OBSERVED


class Causes:
    """Finds the reasons, with all outcomes of a run before it."""

    def __init__(self, outcomes: Iterable[Outcome], *, stopped: bool) -> None:
        self._stopped = stopped
        self._in_test: dict[str | None, list[Outcome]] = defaultdict(list)
        self._in_exchange: dict[int | None, list[Outcome]] = defaultdict(list)
        self._of_operation: dict[str, list[Outcome]] = defaultdict(list)
        for one in outcomes:
            if one.verdict is Verdict.FAIL or one.cause:
                self._in_test[one.test].append(one)
                self._in_exchange[one.exchange].append(one)
                self._of_operation[one.operation].append(one)

    def of(self, outcomes: Sequence[Outcome], operation: str, *, is_field: bool, is_silent: bool) -> Why:
        """Why a requirement is inconclusive of which a run gave these outcomes.

        `is_silent` says that nothing at all was seen of its operation: then what is known of the operation
        is the reason, unless there is one of the requirement's own.
        """
        unclear = [one for one in outcomes if one.cause]
        # What an exchange shows says more than that a test could not go on.
        said = min(unclear, key=lambda one: one.exchange is None, default=None)
        why = self._behind(said) if said else None
        if is_silent and (why is None or why.is_vague):
            others = (self._behind(one) for one in self._of_operation[operation])
            why = next((one for one in others if one and one.tells_of_others), why)
        if why:
            return why
        if self._stopped:
            return Why(_STOPPED, Cause.STOPPED)
        if is_field and not is_silent:
            return Why(_NEVER_SENT, Cause.NOT_SENT)
        return Why(NOT_OBSERVED, Cause.NOT_OBSERVED)

    def _behind(self, said: Outcome) -> Why | None:
        """What an outcome says, or what hides it: a failure in its exchange, or else in its test."""
        if said.cause is None:
            return None
        if said.cause is not Cause.HIDDEN or said.behind:
            return Why(said.message, said.cause, said.behind)
        failed = next((one for one in self._near(said) if one.verdict is Verdict.FAIL), None)
        if failed:
            return Why(said.message, Cause.HIDDEN, failed.requirement)
        other = next((one.cause for one in self._near(said) if one.cause is not Cause.HIDDEN), None)
        return Why(said.message, other or Cause.HIDDEN)

    def _near(self, said: Outcome) -> Iterator[Outcome]:
        if said.exchange is not None:
            yield from self._in_exchange[said.exchange]
        if said.test is not None:
            yield from self._in_test[said.test]
