"""What is measured of a target: how fast it answers, calls and settles, and how often it calls."""

import io
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from oicp_conformance.judge.figures import Spread, figures
from oicp_conformance.judge.statement import statement
from oicp_conformance.judge.verdicts import judge
from oicp_conformance.reporting import console, junit, overview, page
from oicp_conformance.reporting.measured import measured
from oicp_conformance.reporting.terminal import Terminal
from selftest.unit.journals import Journal, a_cpo, an_emp
from selftest.unit.wording import nothing, slow

START, STOP, CDR = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop", "eRoamingChargeDetailRecord"
SWIPE, STATUS, NOTIFY = "eRoamingAuthorizeStart", "eRoamingPushEvseStatus", "eRoamingChargingNotifications"


def test_spread_has_the_median_and_the_95th_percentile() -> None:
    assert Spread.of([]) is None
    assert Spread.of([0.25]) == Spread(1, 0.25, 0.25)
    assert Spread.of([4.0, 1.0, 2.0, 3.0]) == Spread(4, 2.5, 4.0)
    assert Spread.of([*range(1, 101)]) == Spread(100, 50.5, 95)


def test_answers_are_those_of_the_target_only() -> None:
    cpo = a_cpo()
    session = cpo.remote_start(answer=slow(0.5))
    cpo.remote_start(answer=nothing())
    cpo.cdr(session, answer=slow(3.0))
    found, settled = figures(cpo.record, START), figures(cpo.record, CDR)
    assert found is not None
    assert settled is not None
    assert (found.calls, found.answers) == (2, Spread(1, 0.5, 0.5))
    assert settled.answers is None
    assert figures(cpo.record, STOP) is None


def _swiped(cpo: Journal, seconds: float, *, asked: bool = True) -> None:
    began = cpo.clock
    cpo.after(seconds)
    session = cpo.authorize_start()
    given = {"asked": began} if asked else {}
    cpo.waited("request.sent", SWIPE, session.begun_by, stimulus="done", **given)


def test_time_from_stimulus_to_call() -> None:
    cpo = a_cpo()
    _swiped(cpo, 2.0)
    _swiped(cpo, 4.0)
    _swiped(cpo, 60.0, asked=False)
    found = figures(cpo.record, SWIPE)
    assert found is not None
    assert found.stimulus_to_call == Spread(2, 3.0, 4.0)
    assert found.answers is None


def test_time_from_the_end_of_a_charge_to_its_record() -> None:
    cpo = a_cpo()
    stopped, ended, open_ = cpo.remote_start(), cpo.remote_start(), cpo.remote_start()
    cpo.remote_stop(stopped, answer=slow(0.5))
    cpo.after(4.5).cdr(stopped)
    cpo.notification("End", ended)
    cpo.after(1.0).cdr(ended)
    cpo.cdr(open_)
    found = figures(cpo.record, CDR)
    assert found is not None
    assert found.end_to_record == Spread(2, 3.5, 5.0)
    told = figures(cpo.record, NOTIFY)
    assert told is not None
    assert told.end_to_record is None


def test_calls_a_minute() -> None:
    cpo = a_cpo()
    for pause in (0, 0, 0, 117):
        cpo.after(pause).push_evse_status()
    found = figures(cpo.record, STATUS)
    assert found is not None
    assert (found.calls, found.busiest_minute) == (4, 3)
    assert found.calls_per_minute == 2.0  # 4 in 120.1 seconds


TEXT = "1 call; 1 a minute, at most 1 in one; responses 0.250 s median, 0.250 s p95 (of 1)"


def ended(folder: Path) -> console.Shown:
    """A run in which an EMP answered once."""
    emp = an_emp()
    emp.authorize_start(answer=slow(0.25))
    judgement = judge(emp.record)
    return console.Shown(judgement, statement(judgement, started=0, finished=1, seed=1), emp.record, folder)


def test_statement_has_them(tmp_path: Path) -> None:
    made = ended(tmp_path).statement
    by_name = {one.operation: one.model_dump()["figures"] for one in made.operations}
    assert by_name[SWIPE] == {
        "calls": 1,
        "calls_per_minute": 1.0,
        "busiest_minute": 1,
        "answers": {"count": 1, "median": 0.25, "p95": 0.25},
        "stimulus_to_call": None,
        "end_to_record": None,
    }
    assert by_name[START] is None
    assert list(measured(made)) == [(SWIPE, TEXT)]


def test_pages_and_the_summary_for_allure_show_them(tmp_path: Path) -> None:
    run = ended(tmp_path)
    row = f"<td>{SWIPE}</td>" + "".join(f'<td class="n">{one}</td>' for one in (1, 1, "0.250, 0.250", "", ""))
    assert row in page.html(run.statement, "0" * 64).replace("<wbr>", "")
    assert "0.250 s median, 0.250 s p95" in page.markdown(run.statement)
    assert f"{SWIPE}: {TEXT}" in overview.summary(run.statement, run.record, "RUN")


def test_junit_has_them_as_properties(tmp_path: Path) -> None:
    run, file = ended(tmp_path), tmp_path / "junit.xml"
    file.write_text('<testsuites><testsuite name="x" tests="0"/></testsuites>', encoding="utf-8")
    junit.complete(file, run.statement, run.record, "RUN")
    properties = {one.get("name"): one.get("value") for one in ET.parse(file).iter("property")}  # noqa: S314
    assert properties[f"figures of {SWIPE}"] == TEXT


def test_console_shows_them(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    out = io.StringIO()
    terminal = Terminal(pytestconfig, pytest.TerminalReporter(pytestconfig, out))
    console.summary(terminal, ended(tmp_path), {"pass": 1}, seconds=1, left_out=None, verbosity=0)
    told = " ".join(out.getvalue().split())
    assert "measured, not judged" in told
    assert f"{SWIPE} 1 0.250 0.250 - -" in told
