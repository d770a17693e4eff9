"""Pages of one result in several sizes: what counts is whether each record was asked for."""

import pytest

from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.judge.verdicts import outcomes
from selftest.unit.journals import an_emp
from selftest.unit.wording import accepted

_DATA = "eRoamingPullEvseData"


def _judged(*queries: str) -> list[Outcome]:
    emp = an_emp()
    for number, query in enumerate(queries, 1):
        emp.pull(_DATA, f"?{query}", answer=accepted(last=number == len(queries)))
    return [one for one in outcomes(emp.record) if one.requirement == "pull.every-page"]


@pytest.mark.parametrize(
    ("queries", "found"),
    [
        (("page=0&size=20", "page=1&size=50"), "without 0"),
        (("page=0", "page=1&size=100", "page=2&size=100"), "without 0"),
        (("page=0&size=50", "page=2&size=20"), None),
        (("page=0&size=5000", "page=1&size=2000"), None),
        (("page=0", "page=1&size=20"), None),
        (("page=0&size=20", "page=1&size=20", "page=1&size=40"), None),
    ],
)
def test_no_record_is_left_out_between_pages_of_two_sizes(
    queries: tuple[str, ...], found: str | None
) -> None:
    (judged,) = _judged(*queries)
    assert judged.is_finding is (found is not None)
    if found:
        assert found in judged.found
        assert "the size changed" in judged.message
