"""In which test each defect was seen first: what fails only for the same again is a consequence of it."""

import re
from collections import defaultdict
from collections.abc import Iterable

from oicp_conformance.judge.deviations import place
from oicp_conformance.judge.outcome import Outcome, Record, Verdict

_Defect = tuple[str, str, str | None]


def _defect(finding: Outcome) -> _Defect:
    """What two findings of the same defect have in common: requirement, operation and place.

    Where a finding points nowhere, its words count, without the numbers and ids in them.
    """
    words = place(finding.pointer)
    if finding.pointer is None:
        words = " ".join(word for word in finding.message.split() if not re.search("[0-9]", word))
    return finding.requirement, finding.operation, words


class FirstSeen:
    """Remembers the test in which each defect was seen first."""

    def __init__(self) -> None:
        self._tests: dict[_Defect, str] = {}

    def fresh(self, findings: Iterable[Outcome], test: str) -> list[Outcome]:
        """The findings of a test whose defect no earlier test has shown; they are remembered."""
        return [one for one in findings if self._tests.setdefault(_defect(one), test) == test]

    def consequence(self, findings: Iterable[Outcome]) -> str:
        """Of which requirements a failure is the consequence, and where these were seen first."""
        first = {one.requirement: self._tests[_defect(one)] for one in reversed(list(findings))}
        return "consequence of " + "; ".join(
            f"{requirement}, first seen in {test}" for requirement, test in reversed(first.items())
        )


def consequences(record: Record, findings: Iterable[Outcome]) -> set[str]:
    """Return the tests that fail only for defects that an earlier test has shown, as a saved run tells."""
    failing: dict[str | None, list[Outcome]] = defaultdict(list)
    for one in findings:
        if one.verdict is Verdict.FAIL and not one.deviation:
            failing[one.test].append(one)
    seen = FirstSeen()
    in_order = dict.fromkeys(one.test for one in record.exchanges if one.test in failing)
    return {test for test in in_order if test and not seen.fresh(failing[test], test)}
