"""The order of the tests of this very session, where several workers share them."""

import pytest

from selftest.order import spread

TESTS = ["a", "b", "long 3", "c", "d", "long 9", "e", "f", "long 5", "g"]


def seconds(test: str) -> float:
    return float(test.removeprefix("long ")) if test.startswith("long") else 0.0


def test_of_each_part_the_long_ones_come_first() -> None:
    assert spread(TESTS, 2, seconds) == ["long 9", "long 3", "a", "b", "c", "long 5", "d", "e", "f", "g"]


@pytest.mark.parametrize("workers", [1, 2, 3, 7, 10, 20])
def test_no_test_is_lost(workers: int) -> None:
    assert sorted(spread(TESTS, workers, seconds)) == sorted(TESTS)
    assert spread([], workers, seconds) == []


def test_where_none_is_long_the_order_stays() -> None:
    assert spread(TESTS, 3, lambda _: 0.0) == TESTS
