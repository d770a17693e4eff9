"""Which driver a profile gets, and whether the README is true."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from oicp_conformance.profile import Stimuli
from oicp_conformance.stimuli import Outcome, StimulusError, driver_for
from oicp_conformance.stimuli.base import answer_limit
from oicp_conformance.stimuli.command import CommandDriver, CommandStimuli
from oicp_conformance.stimuli.http import HttpDriver, HttpStimuli
from oicp_conformance.stimuli.manual import ManualStimuli
from selftest.stimuli.shared import (
    PARAMETERS,
    README,
    SENT,
    SWIPE,
    TABLE,
    eventually,
    free_port,
    script,
)


def test_without_stimuli_all_is_unavailable() -> None:
    out = io.StringIO()
    driver = driver_for(Stimuli(wait=3), interactive=False, out=out)
    stimulated = driver.stimulate(SWIPE, PARAMETERS)
    assert (stimulated.outcome, stimulated.detail) == (Outcome.UNAVAILABLE, "no stimuli are configured")
    assert driver.wait == 3


def test_the_profile_says_which_driver(httpserver: HTTPServer, tmp_path: Path) -> None:
    out = io.StringIO()
    httpserver.expect_request("/stimuli").respond_with_data("")
    http = HttpStimuli(url=httpserver.url_for("/stimuli"), wait=4)
    command = CommandStimuli(command=[script(tmp_path, "exit 77")], wait=5)
    drivers = [driver_for(each, interactive=False, out=out) for each in (http, command)]
    assert [driver.wait for driver in drivers] == [4, 5]
    assert [driver.stimulate(SWIPE, PARAMETERS).outcome for driver in drivers] == ["done", "unavailable"]
    for driver in drivers:
        driver.waiting(1)
        driver.arrived(True)
    assert out.getvalue() == ""


def test_manual_needs_somebody_to_talk_to() -> None:
    out = io.StringIO()
    manual = ManualStimuli(wait=60)
    with pytest.raises(StimulusError, match=r'\[stimuli\] driver = "manual" .* run with -s'):
        driver_for(manual, interactive=False, out=out)
    driver = driver_for(manual, interactive=True, out=out)
    driver.stimulate(SWIPE, PARAMETERS)
    assert "waiting for 60 s" in out.getvalue()
    assert driver.wait == 60


def test_a_shim_has_at_least_ten_seconds_to_answer() -> None:
    assert (answer_limit(0.5), answer_limit(10), answer_limit(45)) == (10, 10, 45)


def shims() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_shim_for_command_in_the_readme_works(tmp_path: Path) -> None:
    (tmp_path / "shim.py").write_text(shims()[0])
    driver = CommandDriver([sys.executable, "shim.py"], folder=tmp_path, wait=1)
    assert driver.stimulate(SWIPE, PARAMETERS).outcome is Outcome.DONE
    assert json.loads((tmp_path / "swiped.json").read_text()) == list(PARAMETERS.values())
    assert driver.stimulate("eRoamingPushEvseData", {}).outcome is Outcome.UNAVAILABLE
    failed = driver.stimulate(SWIPE, {"EvseID": "DE*ABC*E1*1"})
    assert failed.outcome is Outcome.FAILED
    assert "exited with 1: TypeError: swipe() missing 1 required positional argument" in failed.detail


def test_the_shim_for_http_in_the_readme_works(tmp_path: Path) -> None:
    port = free_port()
    text = shims()[1]
    assert '("127.0.0.1", 9001)' in text
    (tmp_path / "shim.py").write_text(text.replace("9001", str(port)))
    shim = subprocess.Popen([sys.executable, "shim.py"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        driver = HttpDriver(f"http://127.0.0.1:{port}/stimuli", wait=1)
        assert eventually(lambda: driver.stimulate(SWIPE, PARAMETERS).outcome is Outcome.DONE)
        assert json.loads((tmp_path / "swiped.json").read_text()) == list(PARAMETERS.values())
        assert driver.stimulate("eRoamingPushEvseData", {}).outcome is Outcome.UNAVAILABLE
        assert driver.stimulate(SWIPE, {"EvseID": "DE*ABC*E1*1"}).outcome is Outcome.FAILED
    finally:
        shim.kill()
        shim.wait(10)


def test_the_readme_lists_each_stimulus_with_its_parameters() -> None:
    listed: dict[str, set[str]] = {}
    for line in README.read_text(encoding="utf-8").splitlines():
        cells = [re.findall(r"`([\w-]+)`", cell) for cell in line.split("|")]
        if line.startswith(("| `eRoaming", "| `plug-in")):
            listed.update({stimulus: set(cells[2]) for stimulus in cells[1]})
    assert listed == {stimulus: set(parameters) for stimulus, parameters in TABLE.items()}


def test_the_example_in_the_readme_is_what_is_sent() -> None:
    found = re.search(r"^```json\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None
    assert json.loads(found[1]) == SENT
