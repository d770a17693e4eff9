"""The benchmark's own parts: a run that is repeated can still be judged, a table tells what is missed."""

from dataclasses import replace
from itertools import pairwise

import pytest

from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.verdicts import outcomes
from selftest.unit.journals import a_cpo, an_emp
from tools.benchmark import Line, copied, fields, page, waits


def test_a_repeated_run_has_other_sessions_and_the_same_verdicts() -> None:
    journal = a_cpo()
    session = journal.remote_start()
    journal.cdr(session)
    once = len(journal.exchanges)
    many = tuple(copied(journal.exchanges, 3 * once))
    assert [one.number for one in many] == list(range(1, 3 * once + 1))
    assert all(one.started < two.started for one, two in pairwise(many))
    assert len({one.request.get("SessionID") for one in many}) == 3
    before = {one.requirement for one in outcomes(journal.record) if one.is_finding}
    after = {one.requirement for one in outcomes(Record(journal.profile, many, ())) if one.is_finding}
    # The figures of its records are repeated, too.
    assert after - before == {"eRoamingChargeDetailRecord.own-figures"}
    assert before <= after


def test_fields_of_messages_are_judged_as_often_as_they_are_validated() -> None:
    journal = a_cpo()
    journal.cdr(journal.remote_start())
    times = fields(journal.record, 200)
    assert times.messages == 200
    assert times.judged > 0
    assert times.chosen > 0
    assert times.validated > 0


def test_waits_that_overlap_count_once() -> None:
    journal = a_cpo()
    quiet = journal.listened(5.0)
    assert waits(journal.record) == 5.0
    journal.notes.append(replace(quiet, seconds=2.0))
    assert waits(journal.record) == 5.0


def test_pause_after_a_response_is_a_wait_unless_something_else_was_done() -> None:
    journal = an_emp()
    session = journal.authorize_start()
    begun = session.begun_by
    journal.authorize_stop(session)
    assert begun.finished
    pause = min(journal.profile.stimuli.settle, journal.exchanges[1].started - begun.finished)
    assert waits(journal.record) == pytest.approx(pause)
    assert pause > 0
    busy = an_emp()
    session = busy.authorize_start()
    busy.authorize_start()
    busy.authorize_stop(session)
    assert waits(busy.record) == 0


def test_a_goal_that_is_missed_is_said() -> None:
    lines = [Line("a", "1 s", "2 s", reached=True), Line("b", "3 s", "2 s", reached=False), Line("c", "4")]
    text = page(lines, 0.5)
    assert "| a | 1 s | 2 s | yes |" in text
    assert "| b | 3 s | 2 s | **no** |" in text
    assert "| c | 4 |  |  |" in text
