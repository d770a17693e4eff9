"""What a property makes of what Hypothesis raises."""

from hypothesis.errors import Flaky

from oicp_conformance.generated.properties import Counterexample, _Enough, _others


def test_a_target_that_is_not_the_same_twice_is_no_trouble_of_the_suite() -> None:
    inner = BaseExceptionGroup("flaky", [_Enough(), Flaky("x")])
    assert _others(BaseExceptionGroup("3 distinct failures", [inner, _Enough(), Counterexample()])) is None
    assert _others(Counterexample()) is None


def test_trouble_of_the_suite_among_it_is_kept() -> None:
    bug = ValueError("a bug")
    others = _others(BaseExceptionGroup("failures", [_Enough(), bug]))
    assert isinstance(others, BaseExceptionGroup)
    assert others.exceptions == (bug,)
