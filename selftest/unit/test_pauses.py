"""What is waited for at the same time: scenarios side by side, and silence that has passed already."""

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from oicp_conformance.actors.cpo_pauses import Pauses, Scenario
from oicp_conformance.actors.stage import Unobserved
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Part
from oicp_conformance.journal.notes import Quiet
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.verdicts import outcomes
from selftest.unit.scene import ONE, STATUS, WAIT, Scene

CDR = "eRoamingChargeDetailRecord"
EVSES = ["DE*ABC*E1*1", "DE*ABC*E2*1", "DE*ABC*E3*1"]
TESTS = {"one": "test of one", "two": "test of two", "three": "test of three"}


class Told(Pauses):
    """Scenarios that tell what they do, and for which test; some find no EVSE, so many times."""

    def __init__(
        self,
        scene: Scene,
        evses: list[str],
        refused: Mapping[str, int] | None = None,
        cause: Cause = Cause.REFUSED,
    ) -> None:
        scene.cpo.evse_ids = evses
        super().__init__(scene.stage, scene.cpo)
        self._cause = cause
        self._refused = dict(refused or {})
        self.said: list[str] = []

    def _scenarios(self) -> dict[str, Scenario]:
        def scenario(name: str) -> Iterator[None]:
            assert self._hub.test == TESTS[name]
            if self._refused.get(name, 0):
                self._refused[name] -= 1
                raise Unobserved(f"{name} found no EVSE", self._cause)
            self.said.append(f"{name} begins")
            yield
            assert self._hub.test == TESTS[name]
            self.said.append(f"{name} ends")

        return {name: lambda name=name: scenario(name) for name in TESTS}  # type: ignore[misc]


def test_scenarios_wait_at_the_same_time(scene: Scene) -> None:
    pauses = Told(scene, EVSES)
    for name in TESTS:
        pauses.side_by_side(name, TESTS)
    assert pauses.said == [f"{name} {does}" for does in ("begins", "ends") for name in TESTS]


def test_only_what_was_selected_is_played(scene: Scene) -> None:
    pauses = Told(scene, EVSES)
    pauses.side_by_side("two", {"two": TESTS["two"]})
    assert pauses.said == ["two begins", "two ends"]


def test_scenarios_without_room_are_played_one_after_the_other(scene: Scene) -> None:
    pauses = Told(scene, EVSES[:2])
    pauses.side_by_side("three", TESTS)
    assert pauses.said == [f"{name} {does}" for name in TESTS for does in ("begins", "ends")]


def test_what_finds_no_place_beside_others_is_played_after_them(scene: Scene) -> None:
    pauses = Told(scene, EVSES, {"two": 1})
    for name in TESTS:
        pauses.side_by_side(name, TESTS)
    assert pauses.said[2:] == ["one ends", "three ends", "two begins", "two ends"]


def test_what_was_waited_for_in_vain_is_not_waited_for_again(scene: Scene) -> None:
    pauses = Told(scene, EVSES, {"two": 1}, Cause.NOT_COME)
    with pytest.raises(Unobserved):
        pauses.side_by_side("two", TESTS)
    assert pauses.said == ["one begins", "three begins", "one ends", "three ends"]


def test_a_request_that_arrives_in_time_and_is_answered_late_has_come(scene: Scene) -> None:
    """The hub itself keeps the response back, beyond the time to wait."""
    journal = scene.stage.journal

    def keep_back() -> None:
        opened = journal.open(
            direction="target-to-hub",
            operation=CDR,
            method="POST",
            path="/",
            request=Part(),
            started=time.time(),
        )
        threading.Timer(WAIT, journal.close, args=[opened], kwargs={"status": 200}).start()

    threading.Timer(WAIT / 2, keep_back).start()
    came = scene.stage.wait_for(CDR, lambda _: True, WAIT, since=0)
    assert came is not None
    assert came.seconds > WAIT / 2


def test_what_cannot_be_observed_concerns_its_own_test_only(scene: Scene) -> None:
    pauses = Told(scene, EVSES, {"one": 9, "three": 9})
    pauses.side_by_side("two", TESTS)
    for name in ("one", "three"):
        with pytest.raises(Unobserved, match=f"{name} found no EVSE"):
            pauses.side_by_side(name, TESTS)
    assert pauses.said == ["two begins", "two ends"]


def test_a_session_that_was_begun_for_another_test_is_ended_with_this_one(scene: Scene) -> None:
    scene.stage.begin_test("this")
    with scene.stage.playing("other"):
        session = scene.cpo.start()
    assert session.test == "other"
    scene.cpo.clean_up()
    assert session.stopped_by is not None
    assert scene.stage.runs("other")
    scene.stage.begin_test("next")
    assert not scene.stage.runs("other")


def _took(scene: Scene) -> tuple[float, Quiet]:
    began = time.monotonic()
    scene.stage.listen_for_sessions()
    quiet = scene.stage.journal.notes[-1]
    assert isinstance(quiet, Quiet)
    return time.monotonic() - began, quiet


def test_silence_of_sessions_begins_with_their_last_message(scene: Scene) -> None:
    session = scene.cpo.start()
    scene.cpo.finish(session)
    last = scene.stage.journal.exchanges[-1]
    time.sleep(WAIT / 2)
    scene.says(STATUS, {"ActionType": "fullLoad"})
    took, quiet = _took(scene)
    assert WAIT / 4 < took < WAIT * 3 / 4
    assert (quiet.started, quiet.seconds) == (last.finished, WAIT)
    took, again = _took(scene)
    assert took < WAIT / 4
    assert again == quiet


def test_silence_without_sessions_begins_now(scene: Scene) -> None:
    scene.says(STATUS, {"ActionType": "fullLoad"})
    assert WAIT <= _took(scene)[0] < WAIT * 2


def test_a_message_that_comes_late_in_the_silence_is_a_finding(tmp_path: Path) -> None:
    """A record of a start that was rejected comes while the suite waits for something else."""
    scene = Scene(tmp_path, lambda *_: "602")
    refused = scene.cpo.remote_start(ONE)
    scene._later(WAIT * 0.7, CDR, {"SessionID": refused.request.get("SessionID"), "EvseID": ONE})
    time.sleep(WAIT / 2)
    scene.says(STATUS, {"ActionType": "fullLoad"})
    scene.stage.listen_for_sessions()
    stage = scene.stage
    found = outcomes(Record(stage.profile, tuple(stage.journal.closed()), tuple(stage.journal.notes)))
    (broken,) = [one for one in found if one.is_finding and "follows" in one.message]
    assert broken.exchange == stage.last
