"""Known deviations: what a team knows to be broken, and has said who mends it, and until when.

A known deviation changes no verdict of a requirement: what was broken stays broken. It changes whether the
run fails for it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Literal

from oicp_conformance.judge.catalogue import catalogue, not_tested
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.oicp.operations import Party
from oicp_conformance.profile.toml import hint

State = Literal["occurred", "not-observed", "stale", "expired", "unknown"]
BAD: frozenset[State] = frozenset({"stale", "expired", "unknown"})
"""What makes a run fail: an entry that has to be changed or taken out."""


@dataclass(frozen=True)
class Deviation:
    """One entry of the list of known deviations."""

    position: int
    """Which entry of the file it is; the first is 1."""
    requirement: str
    reason: str
    owner: str
    ticket: str
    expires: date
    """The last day on which it holds."""
    operation: str | None = None
    pointer: str | None = None
    """A JSON pointer; a part `*` stands for any index of a list."""
    test: str | None = None
    """A test's node id, or its name alone."""

    def is_about(self, outcome: Outcome) -> bool:
        """Whether an outcome speaks of what is listed, good or bad."""
        return (
            outcome.requirement == self.requirement
            and self.operation in {None, outcome.operation}
            and (self.test is None or self.test in _names(outcome.test))
        )

    def covers(self, finding: Outcome) -> bool:
        """Whether a finding is the one that is listed."""
        at = finding.pointer
        return self.is_about(finding) and (
            self.pointer is None or (at is not None and _is_at(self.pointer, at))
        )


@dataclass(frozen=True)
class Settled:
    """What became of an entry in a run."""

    deviation: Deviation
    state: State
    note: str
    """The state in words."""
    findings: int = 0


def place(pointer: str | None) -> str | None:
    """A JSON pointer without the indices of lists, which differ from run to run."""
    return None if pointer is None else re.sub(r"(?<=/)[0-9]+(?=/|$)", "*", pointer)


def _is_at(listed: str, pointer: str) -> bool:
    one, other = listed.split("/"), pointer.split("/")
    return len(one) == len(other) and all(
        a == b or (a == "*" and re.fullmatch("[0-9]+", b)) for a, b in zip(one, other, strict=True)
    )


def _names(test: str | None) -> set[str]:
    """All that a test may be called: with or without its file, with or without its parameters."""
    whole = test or ""
    names = {whole, whole.partition("::")[2]}
    return names | {name.partition("[")[0] for name in names}


def tests_named(deviations: Iterable[Deviation]) -> Callable[[str | None], bool]:
    """Return a function: whether an entry is restricted to a test."""
    named = {one.test for one in deviations} - {None}
    return cache(lambda test: not named.isdisjoint(_names(test)))


def marked(outcome: Outcome, deviations: Iterable[Deviation]) -> Outcome:
    """The outcome; a finding that is listed has the ticket of the first entry that lists it."""
    if not outcome.is_finding:
        return outcome
    known = next((one for one in deviations if one.covers(outcome)), None)
    return replace(outcome, deviation=known.ticket) if known else outcome


def valid(deviations: Iterable[Deviation], party: Party, today: date) -> list[Deviation]:
    """The entries that hold today for this party."""
    return [one for one in deviations if _problem(one, party) is None and today <= one.expires]


def settle(
    deviations: Iterable[Deviation],
    outcomes: Sequence[Outcome],
    *,
    party: Party,
    today: date,
    partial: str | None,
) -> list[Settled]:
    """What became of each entry.

    `partial` says why the run tried only a part of what there is: what did not occur then is not stale.
    """
    return [_settle(one, outcomes, party, today, partial) for one in deviations]


def _settle(
    one: Deviation, outcomes: Sequence[Outcome], party: Party, today: date, partial: str | None
) -> Settled:
    if problem := _problem(one, party):
        return Settled(one, "unknown", problem)
    if today > one.expires:
        return Settled(one, "expired", f"it expired on {one.expires}")
    about = [outcome for outcome in outcomes if one.is_about(outcome)]
    if not about and one.operation and one.operation not in _operations(one.requirement, party):
        return Settled(one, "unknown", f"{one.requirement} is not a requirement on {one.operation}")
    findings = sum(outcome.is_finding and one.covers(outcome) for outcome in about)
    if findings:
        return Settled(one, "occurred", f"it occurred; the entry is valid until {one.expires}", findings)
    if all(outcome.verdict in {Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE} for outcome in about):
        where = " in this test" if one.test else ""
        return Settled(one, "not-observed", f"the requirement{where} was not observed")
    # The test was run to its end and the requirement held in it: no other test can say otherwise.
    if partial and not one.test:
        return Settled(one, "not-observed", f"it did not occur, but {partial}")
    return Settled(one, "stale", "it no longer occurs: remove the entry")


def _problem(one: Deviation, party: Party) -> str | None:
    """Why an entry can never be about this party."""
    known = catalogue(party)
    if one.requirement in known:
        return None
    for other in not_tested(party):
        if other.id == one.requirement:
            return f"{one.requirement} is not tested: {other.not_tested}"
    parties: tuple[Party, ...] = ("cpo", "emp-online")
    for role in parties:
        if one.requirement in catalogue(role):
            return f"{one.requirement} is a requirement on {_A[role]}, and the target is {_A[party]}"
    guess = hint(one.requirement, known)
    return f"unknown requirement {one.requirement}" + (f"; {guess}" if guess else "")


def _operations(requirement: str, party: Party) -> Sequence[str]:
    return catalogue(party)[requirement].operations(party)


_A = {"cpo": "a CPO", "emp-online": "an EMP", "emp-offline": "an EMP that is offline"}
