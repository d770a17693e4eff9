"""How long the responses of a target are waited for, and that a short wait never becomes a finding."""

import math
from collections.abc import Callable, Iterable

import pytest

from oicp_conformance.hub.limits import Limits
from oicp_conformance.journal.exchange import GIVEN_UP, Exchange, Part
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.verdicts import outcomes
from selftest.unit.journals import Journal, a_cpo, an_emp
from selftest.unit.wording import nothing

LIMIT = 20.0
STOP, START = "eRoamingAuthorizeRemoteStop", "eRoamingAuthorizeRemoteStart"
NEVER, FAST = math.inf, 0.01


def _waits(times: Iterable[float], operation: str = STOP, limits: Limits | None = None) -> list[float]:
    """How long an operation is waited for, of which each response would take so many seconds."""
    limits = limits or Limits(LIMIT)
    waits = []
    for number, seconds in enumerate(times, 1):
        given = limits.within(operation)
        late = "timeout" if given == LIMIT else GIVEN_UP
        came = seconds <= given
        limits.see(
            Exchange(
                number,
                "hub-to-target",
                operation,
                "POST",
                "/",
                Part(),
                0.0,
                finished=min(seconds, given),
                status=200 if came else None,
                trouble=None if came else late,
            )
        )
        waits.append(given)
    return waits


def test_an_operation_that_never_responds_gets_the_whole_limit_once() -> None:
    waits = _waits([FAST] * 3 + [NEVER] * 100)
    assert waits[:4] == [LIMIT] * 4
    assert waits[4:7] == [1.0, 0.25, 0.11]
    assert waits[4:] == sorted(waits[4:], reverse=True)
    assert sum(waits[4:]) < LIMIT / 2
    assert min(waits) >= 2 * FAST


def test_another_operation_keeps_the_whole_limit() -> None:
    limits = Limits(LIMIT)
    _waits([NEVER] * 5, limits=limits)
    assert _waits([19.9] * 5, START, limits) == [LIMIT] * 5


def test_an_operation_that_is_always_just_in_time_is_never_given_up() -> None:
    assert _waits([19.9] * 50) == [LIMIT] * 50


def test_an_operation_that_hung_once_and_is_slow_as_before_is_never_given_up() -> None:
    waits = _waits([6.0, 3.0, NEVER, *[6.0, 3.0] * 20])
    assert LIMIT in waits[5:]
    assert min(waits) >= 2 * 4.5


def test_a_slow_target_is_waited_for_longer_where_an_operation_never_responded() -> None:
    limits = Limits(LIMIT)
    _waits([2.0, 0.5], START, limits)
    waits = _waits([NEVER] * 50, limits=limits)
    assert waits[:3] == [LIMIT, 8.0, 2.5]
    assert min(waits[1:]) == 2.5


def test_a_target_that_is_nearly_too_slow_loses_no_more_than_a_fast_one_time_and_again() -> None:
    """Four times its slowest response is more than the limit, and the waits grow shorter all the same."""
    limits = Limits(LIMIT)
    _waits([*[FAST] * 50, 10.0], START, limits)
    waits = _waits([NEVER] * 50, limits=limits)
    assert waits[:5] == [LIMIT, LIMIT, 10.0, 4.44, 2.5]
    assert waits[-1] < 1.0


def test_an_operation_that_responds_again_gets_the_whole_limit_again() -> None:
    waits = _waits([FAST, NEVER, NEVER, NEVER, FAST, FAST, FAST, 19.9, FAST])
    assert waits == [LIMIT, LIMIT, 1.0, 0.25, *[0.11] * 3, LIMIT, LIMIT]


@pytest.mark.parametrize(("responses", "whole"), [(1, 1), (2, 1), (3, 2), (9, 2)])
def test_an_operation_that_hangs_again_and_again_costs_the_whole_limit_twice_at_most(
    responses: int, whole: int
) -> None:
    """After one response, as after nine."""
    times = [NEVER, *[FAST] * responses] * 50
    lost = [given for given, seconds in zip(_waits(times), times, strict=True) if seconds == NEVER]
    assert lost.count(LIMIT) == whole
    assert sum(lost) < whole * LIMIT + 50


@pytest.mark.parametrize("journal", [a_cpo, an_emp])
def test_what_was_given_up_is_no_finding(journal: Callable[[], Journal]) -> None:
    said = journal()
    said.hub_asks(answer=nothing("timeout"))
    said.hub_asks(answer=nothing(GIVEN_UP))
    found = list(outcomes(said.record))
    answered = [one for one in found if one.requirement == "http.answered"]
    assert [one.verdict for one in answered] == [Verdict.FAIL, Verdict.INCONCLUSIVE]
    given_up = [one for one in found if one.exchange == said.exchanges[-1].number]
    assert {(one.verdict, one.behind) for one in given_up} == {(Verdict.INCONCLUSIVE, "http.answered")}


def test_an_endpoint_that_is_not_declared_and_was_given_up_is_no_finding() -> None:
    cpo = a_cpo({})
    cpo.reservation_start(purpose="optional.not-offered", expects="refuse", answer=nothing(GIVEN_UP))
    (found,) = [one for one in outcomes(cpo.record) if one.requirement == "optional.not-offered"]
    assert (found.verdict, found.behind) == (Verdict.INCONCLUSIVE, "optional.not-offered")
