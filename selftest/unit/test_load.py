"""A load without a network: what Hubject says, what is kept of it, and what is made of that."""

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.faults import UNDER_LOAD, every, operations_of
from oicp_conformance.actors.stage import Stage
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.verdicts import judge
from oicp_conformance.load import keeping, loading, page
from oicp_conformance.load.consent import objection
from oicp_conformance.load.keeping import Keeper, awaited, merged
from oicp_conformance.load.knowing import MarkedSessions
from oicp_conformance.load.loading import LoadError, carry_out, command
from oicp_conformance.load.plan import MOST, Plan, from_environment
from oicp_conformance.load.stories import TRIES, Saying, Story, cpo_session, emp_session, fault, is_shed
from oicp_conformance.oicp.provider import faker
from oicp_conformance.profile import Profile
from oicp_conformance.stimuli.none import NoDriver
from selftest.unit.journals import EVSE, a_cpo, an_emp

START, STOP = "eRoamingAuthorizeStart", "eRoamingAuthorizeStop"
NOTIFY, CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"
REMOTE_START, REMOTE_STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"
MARK = "0123abcd"
PLAN = Plan("p.toml", (), None, 60.0, 0.05, 1, MARK, 1, "/away/load.json")
YES = {"AuthorizationStatus": "Authorized", "Result": True, "StatusCode": {"Code": "000"}}
NO = {"AuthorizationStatus": "NotAuthorized", "Result": False, "StatusCode": {"Code": "102"}}
Reply = Callable[[Saying], Mapping[str, Any]]


class Luck(random.Random):
    """Draws what a test wants: with 0 the customer of somebody else, with 0.9 one of the EMP's own."""

    def __init__(self, drawn: float) -> None:
        super().__init__(1)
        self._drawn = drawn

    def random(self) -> float:
        return self._drawn


def stage(profile: Profile) -> Stage:
    return Stage(profile, NoDriver(wait=1.0), faker(1))


def exchange(saying: Saying, answer: Mapping[str, Any] | None, at: float = 0.0, **more: Any) -> Exchange:
    values: dict[str, Any] = {
        "number": 0,
        "direction": "hub-to-target",
        "operation": saying.operation,
        "method": "POST",
        "path": "/",
        "request": Part(body=json.dumps(saying.body).encode()),
        "answer": Part(body=json.dumps(answer).encode()),
        "started": at,
        "finished": at + 0.1,
        "status": 200,
        "test": "load",
        "purpose": saying.purpose,
        "expects": saying.expects,
    }
    return Exchange(**(values | more))


def told(story: Story, reply: Reply) -> list[Exchange | None]:
    """Carry a story out: each answer is what `reply` makes of what is said."""
    said: list[Exchange | None] = []
    came: Exchange | None = None
    try:
        saying = next(story)
        while True:
            came = exchange(saying, reply(saying), float(len(said))) if saying else None
            said.append(came)
            saying = story.send(came)
    except StopIteration:
        return said


def operations(said: Sequence[Exchange | None]) -> list[str | None]:
    return [one.operation if one else None for one in said]


# --- what is said


def test_session_of_an_emp_goes_all_its_way() -> None:
    said = told(emp_session(stage(an_emp().profile), Luck(0.9), MARK), lambda _: YES)
    kinds = [one.request.get("Type") for one in said if one and one.operation == NOTIFY]
    assert kinds == ["Start", "Progress", "End"]
    assert operations(said) == [START, NOTIFY, NOTIFY, STOP, NOTIFY, CDR]
    ids = {one.request.get("SessionID") for one in said if one}
    assert len(ids) == 1
    assert str(ids.pop()).startswith(MARK)


def test_broadcast_about_somebody_elses_customer_is_all() -> None:
    (one,) = told(emp_session(stage(an_emp().profile), Luck(0), MARK), lambda _: NO)
    assert one is not None
    assert (one.operation, one.expects) == (START, "refuse")
    assert one.request.get("Identification") == an_emp().profile.partner.refuses[0]


def test_a_session_that_is_refused_is_over_and_blames_nobody() -> None:
    """The customer may have a session already, the EVSE may be in use."""
    for story in (
        emp_session(stage(an_emp().profile), Luck(0.9), MARK),
        cpo_session(stage(a_cpo().profile), EVSE, MARK),
    ):
        (one,) = told(story, lambda _: NO)
        assert one is not None
        assert (one.expects, fault(one)) == ("any", "")


def test_what_is_refused_is_said_again_and_not_for_ever() -> None:
    said = told(
        emp_session(stage(an_emp().profile), Luck(0.9), MARK),
        lambda saying: NO if saying.operation == CDR else YES,
    )
    assert operations(said).count(CDR) == TRIES


def test_session_of_a_cpo_is_started_and_stopped() -> None:
    said = told(cpo_session(stage(a_cpo().profile), EVSE, MARK), lambda _: YES)
    assert operations(said) == [REMOTE_START, None, REMOTE_STOP, None]


# --- what is wrong with an answer

SAID = Saying(START, {"SessionID": "s", "CPOPartnerSessionID": "c"}, "request.parallel", "any")
MUST = replace(SAID, expects="accept")


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (exchange(SAID, YES), ""),
        (exchange(SAID, {**YES, "SessionID": "s", "CPOPartnerSessionID": "c"}), ""),
        (exchange(SAID, {**YES, "SessionID": "t"}), "the response has the SessionID of another request"),
        (exchange(SAID, {**YES, "CPOPartnerSessionID": "d"}), "CPOPartnerSessionID of another request"),
        (exchange(MUST, NO), "negative response, expected: accept"),
        (exchange(replace(SAID, expects="refuse"), YES), "positive response, expected: refuse"),
        (exchange(SAID, {}, status=500), "HTTP 500"),
        (exchange(SAID, {}, status=None, trouble="timeout", detail="no answer"), "timeout: no answer"),
    ],
)
def test_fault_at_first_sight(one: Exchange, text: str) -> None:
    assert text in fault(one)
    assert bool(text) == bool(fault(one))


def test_too_much_to_do_is_no_fault_of_the_protocol() -> None:
    for more in ({"status": 429}, {"status": 503}, {"status": None, "trouble": "hung up"}):
        assert is_shed(exchange(SAID, {}, **more))
    for more in ({"status": 500}, {"status": None, "trouble": "timeout"}):
        assert not is_shed(exchange(SAID, {}, **more))


# --- what is kept


def session(name: str, answer: Mapping[str, Any] = YES, count: int = 2) -> list[Exchange]:
    saying = replace(SAID, body={"SessionID": f"{MARK}-{name}"})
    return [exchange(saying, answer, float(at)) for at in range(count)]


def test_first_whole_session_and_all_faulty_ones_are_kept() -> None:
    keeper = Keeper(0.0, Luck(0.9))
    keeper.offer(session("broken off"), is_whole=False)
    keeper.offer(session("short", count=1), is_whole=True)
    keeper.offer(session("first"), is_whole=True)
    keeper.offer(session("second"), is_whole=True)
    keeper.offer(session("faulty", {**YES, "SessionID": "t"}), is_whole=False)
    keeper.offer([], is_whole=True)
    kept = keeper.fetch()
    names = [json.loads(one["request"]["body"])["SessionID"] for one in kept["lines"]]
    assert names == [f"{MARK}-{one}" for one in ("first", "first", "faulty", "faulty")]
    assert kept["sessions"] == 5
    assert keeper.fetch() == {"lines": [], "sessions": 0, "left_out": 0}, "nothing is given twice"


def test_sample_is_a_part_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST", 20)
    keeper = Keeper(0.6, Luck(0.5))
    for number in range(1000):
        keeper.offer(session(str(number), count=1), is_whole=True)
        keeper.offer(session(str(number), {**YES, "SessionID": "t"}, 1), is_whole=True)
    kept = keeper.fetch()
    assert len(kept["lines"]) == 40
    assert kept["left_out"] == 980, "only the faulty ones are missed"
    few = Keeper(0.4, Luck(0.5))
    few.offer(session("x", count=1), is_whole=True)
    assert few.fetch()["lines"] == []


def test_refused_calls_of_an_overloaded_target_are_not_judged() -> None:
    keeper = Keeper(1.0, Luck(0.5))
    one, two = session("x")
    keeper.offer([one, replace(two, status=503)], is_whole=True)
    assert len(keeper.fetch()["lines"]) == 1


def test_journal_has_what_the_target_sent_in_kept_sessions_and_in_none() -> None:
    """In the order of time; the same again repeats what was refused; what was accepted was to be accepted."""
    cdr = Saying(CDR, {"SessionID": f"{MARK}-1"}, "request.valid", "accept")
    start = Saying(START, {"SessionID": f"{MARK}-1"}, "request.parallel", "any")
    ours = [exchange(start, YES, 1.0), exchange(cdr, NO, 5.0), exchange(cdr, YES, 6.0)]
    theirs = [
        exchange(Saying(CDR, {"SessionID": name}, "", "any"), YES, at, direction="target-to-hub")
        for name, at in ((f"{MARK}-1", 7.0), (f"{MARK}-2", 2.0), ("made up", 3.0), ("", 4.0))
    ]
    made = merged(ours, theirs, MARK)
    assert [one.number for one in made] == [1, 2, 3, 4, 5]
    assert [one.request.get("SessionID") for one in made if one.by_target] == ["made up", f"{MARK}-1"]
    assert [one.repeats for one in made] == [None, None, None, 3, None]
    assert (made[0].purpose, made[0].expects) == (f"{START}.accepted", "accept")


@pytest.mark.parametrize(
    ("kinds", "seconds", "is_sent", "verdict"),
    [
        (["Start"], 30.0, True, "pass"),
        (["Start"], 30.0, False, "fail"),
        (["Start"], 0.0, False, "inconclusive"),  # the CPO was still sending
        ([], 30.0, False, "inconclusive"),  # nothing shows that anybody charged
    ],
)
def test_record_that_is_missing_after_a_load_is_found(
    kinds: Sequence[str], seconds: float, is_sent: bool, verdict: str
) -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    for kind in kinds:
        cpo.notification(kind, session)
    stop = cpo.remote_stop(session)
    if is_sent:
        cpo.cdr(session)
    record = replace(cpo.record, notes=tuple(awaited(cpo.record.exchanges, seconds)))
    (row,) = (one for one in judge(record).rows if one.requirement.id == f"{CDR}.sent")
    assert row.verdict == verdict
    assert [one.exchange for one in row.findings] == [stop.number] * (verdict == "fail")


def test_hub_knows_the_sessions_of_a_load_by_their_mark() -> None:
    known = MarkedSessions("cpo", MARK)
    found = known.get(f"{MARK.upper()}-1")
    assert found is not None
    assert found.begun
    assert known.get(f"{MARK}-1") is found
    assert known.get("87654321-1") is None
    assert known.get(None) is None


# --- how it is carried out


def test_only_this_machine_and_who_agreed_is_loaded() -> None:
    target = a_cpo().profile.target
    assert objection(target) == ""
    elsewhere = target.model_copy(update={"base_url": "https://cpo.example.com/oicp"})
    assert objection(elsewhere).startswith(
        "[target] base_url: https://cpo.example.com/oicp is not on this machine"
    )
    agreed = elsewhere.model_copy(update={"consent": "Acme, ticket OPS-1"})
    assert objection(agreed) == ""


def test_rate_is_that_which_is_asked_for_or_doubles_and_is_bounded() -> None:
    assert [PLAN.users(at) for at in (0, 5.9, 6, 12, 59)] == [2, 2, 4, 8, 1000]
    assert max(PLAN.users(at) for at in range(100_000)) == MOST
    asked = replace(PLAN, rate=40)
    assert [asked.users(at) for at in (0, 59)] == [40, 40]
    assert asked.users(0, most=3) == 3, "a CPO has one session at each EVSE"


def test_plan_reaches_every_process() -> None:
    assert from_environment(PLAN.as_environment()) == PLAN


def test_workers_are_locusts_own() -> None:
    assert "--processes" not in command(PLAN, [])
    assert command(replace(PLAN, workers=2), [])[-2:] == ["--processes", "2"]
    others = ["--worker", "--master-host", "10.0.0.1"]
    assert command(replace(PLAN, workers=2), others)[-3:] == others
    assert "--processes" not in command(replace(PLAN, workers=2), others)


def test_plot_has_its_curves_and_no_figure_that_is_none() -> None:
    history = [{"second": float(at), "users": 2, "rate": at, "median": 0.1, "p95": 0.2} for at in range(5)]
    svg = page.plot(history, ("p95", "median"))
    assert svg.count("<path") >= 2
    assert "response time, 95th percentile" in svg
    assert "nan" not in page.plot([], ("rate", "users"))


def test_faults_under_load_name_a_requirement() -> None:
    names = {one.name for one in every()}
    for one in UNDER_LOAD.values():
        assert one.name not in names, "no ordinary run can find it"
        assert one.operation in operations_of(one.roles[0], one.breaks)


_LOCUST = """
import pathlib, sys, time
try:
    pathlib.Path("{result}.begun").touch()
    time.sleep(30)
except KeyboardInterrupt:
    pathlib.Path("{result}").write_text("{{}}")
    sys.exit({code})
"""


@pytest.fixture
def plain_ctrl_c() -> Iterator[None]:
    """Ctrl-C is Python's own: a command that ran in this process before ignores a second one at once."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("plain_ctrl_c")
@pytest.mark.parametrize("code", [0, 1])
def test_an_interrupted_load_is_reported(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is passed on to Locust, which leaves what it has, whatever its exit code is then."""
    plan = replace(PLAN, result=str(tmp_path / "load.json"))
    program = _LOCUST.format(result=plan.result, code=code)
    monkeypatch.setattr(loading, "command", lambda *_: [sys.executable, "-c", program])

    def press() -> None:
        for _ in range(600):
            if Path(f"{plan.result}.begun").exists():
                break
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press).start()
    assert not carry_out(plan, [])
    assert Path(plan.result).exists()


def test_locust_that_fails_is_no_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = replace(PLAN, result=str(tmp_path / "load.json"))
    monkeypatch.setattr(loading, "command", lambda *_: [sys.executable, "-c", "raise SystemExit('no port')"])
    with pytest.raises(LoadError, match="exit code 1: no port"):
        carry_out(plan, [])
