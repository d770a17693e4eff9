"""What is prepared while the run only waits."""

import time
from functools import partial
from pathlib import Path

import pytest
from hypothesis import strategies as st

from oicp_conformance.actors.stage import Stage
from oicp_conformance.embedded import free_port, profile
from oicp_conformance.generated.drafts import Draft
from oicp_conformance.generated.properties import ahead
from oicp_conformance.generated.properties import tests as generated
from oicp_conformance.oicp.provider import faker
from oicp_conformance.profile import load
from oicp_conformance.spare_time import SpareTime
from oicp_conformance.stimuli.none import NoDriver


def spend(spare: SpareTime, seconds: float) -> None:
    """Do what was put off, in at most so many seconds."""
    until = time.monotonic() + seconds
    while spare.do_next(until - time.monotonic()):
        pass


def test_what_was_put_off_is_done_in_order_as_far_as_there_is_time() -> None:
    spare, done = SpareTime(), []

    def act(number: int) -> None:
        done.append(number)
        time.sleep(0.06)

    for number in range(10):
        spare.put_off(lambda number=number: act(number))  # type: ignore[misc]
    spend(spare, 0.01)
    assert done == []
    began = time.monotonic()
    spend(spare, 0.25)
    assert time.monotonic() - began < 0.5
    assert done == list(range(len(done)))
    assert 1 <= len(done) <= 3
    spend(spare, 5.0)
    assert done == list(range(10))


def test_what_raises_an_exception_is_left_to_who_needs_it_and_ctrl_c_is_not() -> None:
    spare, done = SpareTime(), []
    spare.put_off(lambda: 1 // 0)
    spare.put_off(lambda: done.append("the next one"))
    spend(spare, 5.0)
    assert done == ["the next one"]

    def interrupt() -> None:
        raise KeyboardInterrupt

    spare.put_off(interrupt)
    with pytest.raises(KeyboardInterrupt):
        spend(spare, 5.0)


def test_nothing_is_begun_before_what_arrives_at_once() -> None:
    spare, done, waited = SpareTime(), list[str](), list[float]()
    spare.put_off(lambda: done.append("first"))
    spare.put_off(lambda: done.append("second"))

    def wait(seconds: float) -> str | None:
        waited.append(seconds)
        return "came" if len(waited) in {1, 3} else None

    assert spare.beside(wait, 5.0) == "came"
    assert done == []
    assert spare.beside(wait, 5.0) == "came"
    assert done == ["first"]
    assert waited[-1] == 0.0


def test_a_wait_that_is_over_soon_has_no_spare_time() -> None:
    spare, done, waited = SpareTime(), list[str](), list[float]()
    spare.put_off(lambda: done.append("first"))

    def wait(seconds: float) -> None:
        waited.append(seconds)
        time.sleep(seconds)

    began = time.monotonic()
    assert spare.beside(wait, 0.12) is None
    assert 0.1 < time.monotonic() - began < 0.5
    assert done == []


def test_a_pause_is_spent_with_what_was_put_off_and_lasts_as_long() -> None:
    spare, done = SpareTime(), list[int]()
    for number in range(3):
        spare.put_off(partial(done.append, number))
    began = time.monotonic()
    spare.pause(0.05)
    assert done == [0, 1, 2]
    assert 0.05 <= time.monotonic() - began < 0.5


def test_in_a_pause_nothing_is_begun_when_it_is_over() -> None:
    spare, done = SpareTime(), []

    def act(number: int) -> None:
        done.append(number)
        time.sleep(0.1)

    for number in range(3):
        spare.put_off(partial(act, number))
    spare.pause(0.02)
    assert done == [0]
    spare.pause(0.0)
    assert done == [0]


def test_the_hub_spends_the_time_in_which_it_only_waits_and_waits_no_longer(tmp_path: Path) -> None:
    file, nowhere = tmp_path / "cpo.toml", "http://127.0.0.1:9"
    file.write_text(profile("cpo", free_port(), {"base_url": nowhere, "stimuli_url": nowhere}), "utf-8")
    hub, done = Stage(load(file), NoDriver(wait=1.0), faker(1)), []
    hub.spare_time.put_off(lambda: time.sleep(0.5))
    hub.spare_time.put_off(lambda: done.append("prepared"))
    began = time.monotonic()
    hub.listen()
    assert done == ["prepared"]
    assert 0.9 < time.monotonic() - began < 1.4
    (quiet,) = hub.journal.notes
    assert quiet.seconds == 1.0  # type: ignore[union-attr]


def test_drafts_that_were_drawn_before_are_the_same_and_are_not_drawn_again() -> None:
    drawn: list[int] = []

    def watched(number: int) -> int:
        drawn.append(number)
        return number

    def made() -> st.SearchStrategy[Draft]:
        """Drafts of which it is known when each is drawn."""
        return st.builds(Draft, st.integers(0, 10**6).map(watched), st.integers(0, 99))

    def tried(drafts: st.SearchStrategy[Draft]) -> list[Draft]:
        found: list[Draft] = []
        for test in generated(["wild"], drafts, name="7 test_x", examples=4):
            test(found.append)
        return found

    as_needed, before = made(), made()
    for act in ahead(lambda: before, name="7 test_x", examples=4):
        act()
    count = len(drawn)
    assert count
    found = tried(before)
    assert len(drawn) == count
    assert tried(as_needed) == found
    assert len(drawn) == 2 * count
