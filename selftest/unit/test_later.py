"""Files that are written while the run only waits, or at the end."""

from functools import partial

import pytest

from oicp_conformance.reporting import later as module
from oicp_conformance.reporting.later import Later
from oicp_conformance.spare_time import SpareTime
from selftest.unit.test_spare_time import spend


def test_files_are_written_in_spare_time_the_rest_at_the_end_and_then_at_once() -> None:
    spare, written = SpareTime(), list[int]()
    later = Later(spare)
    later.put_off(lambda: written.append(1))
    assert not written
    spend(spare, 1.0)
    assert written == [1]
    later.put_off(lambda: written.append(2))
    later.put_off(lambda: written.append(3))
    later.catch_up()
    assert written == [1, 2, 3]
    later.put_off(lambda: written.append(4))
    assert written == [1, 2, 3, 4]
    spend(spare, 1.0)
    assert written == [1, 2, 3, 4]


def test_no_more_than_some_are_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    later, written = Later(SpareTime()), list[int]()
    for number in range(4):
        later.put_off(lambda number=number: written.append(number))  # type: ignore[misc]
    assert written == [0, 1]


def test_what_is_written_may_put_off_more_also_when_there_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    later, written = Later(SpareTime()), list[str]()

    def account() -> None:
        written.append("account")
        for part in ("exchange", "result"):
            later.put_off(partial(written.append, part))

    for _ in range(3):
        later.put_off(account)
    later.catch_up()
    assert sorted(written) == 3 * ["account"] + 3 * ["exchange"] + 3 * ["result"]


def test_what_cannot_be_written_is_reported_at_the_end_and_the_others_are_written() -> None:
    spare, written = SpareTime(), list[int]()
    later = Later(spare)

    def fail() -> None:
        raise OSError("no space left on device")

    later.put_off(lambda: written.append(1))
    later.put_off(fail)
    later.put_off(lambda: written.append(3))
    spend(spare, 1.0)
    assert written == [1]
    with pytest.raises(OSError, match="no space left"):
        later.catch_up()
    assert written == [1, 3]
