"""What is measured of a target: how fast it answers, calls and settles, and how often it calls."""

from oicp_conformance.judge.figures import Spread, figures
from oicp_conformance.judge.statement import statement
from oicp_conformance.judge.verdicts import judge
from oicp_conformance.reporting.measured import measured
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


def test_statement_and_reports_have_them() -> None:
    emp = an_emp()
    emp.authorize_start(answer=slow(0.25))
    made = statement(judge(emp.record), started=0, finished=1, seed=1)
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
    text = "1 call; 1 a minute, at most 1 in one; answers 0.250 s median, 0.250 s p95 (of 1)"
    assert list(measured(made)) == [(SWIPE, text)]
