"""What a property makes of what Hypothesis raises."""

import pytest
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from oicp_conformance.generated.drafts import Draft, moments
from oicp_conformance.generated.properties import Counterexample, _Enough, _others
from oicp_conformance.generated.properties import tests as generated


def test_a_target_that_is_not_the_same_twice_is_no_trouble_of_the_suite() -> None:
    inner = BaseExceptionGroup("flaky", [_Enough(), Flaky("x")])
    assert _others(BaseExceptionGroup("3 distinct failures", [inner, _Enough(), Counterexample()])) is None
    assert _others(Counterexample()) is None


def test_trouble_of_the_suite_among_it_is_kept() -> None:
    bug = ValueError("a bug")
    others = _others(BaseExceptionGroup("failures", [_Enough(), bug]))
    assert isinstance(others, BaseExceptionGroup)
    assert others.exceptions == (bug,)


def test_what_breaks_something_is_not_tried_again_before_it_is_made_smaller() -> None:
    drafts = st.builds(Draft, st.integers(0, 1000), st.integers(0, 99))
    (test,) = generated(["wild"], drafts, name="1", examples=1)
    tried: list[Draft] = []

    def act(draft: Draft) -> None:
        tried.append(draft)
        if draft.body:
            raise Counterexample

    with pytest.raises(Counterexample):
        test(act)
    first, second, *_ = tried
    assert first.body
    assert second != first
    assert {one.freedom for one in tried} == {"wild"}
    assert min(one.body for one in tried if one.body) == 1
    again: list[Draft] = []
    test(again.append)
    assert again == [first]


def test_generated_times_have_whole_seconds_as_oicp_writes_them() -> None:
    made = moments(
        {"SessionEnd": "2026-01-01T12:00:00.123+05:30"}, {"SessionEnd": "2026-11-30T10:00:00+01:00"}
    )
    assert made == {"SessionEnd": "2026-11-30T14:30:00+05:30"}
