"""Whether the stimuli answer: they get one that does not exist."""

import sys
from collections.abc import Iterator

from oicp_conformance.hub.addresses import NoConsent, check_stimuli
from oicp_conformance.preflight.result import Result, State
from oicp_conformance.profile import Profile, Stimuli
from oicp_conformance.stimuli import Outcome, StimulusError, driver_for
from oicp_conformance.stimuli.base import Watched

UNKNOWN = "check"
"""A stimulus that does not exist: a shim answers that it does not support it, and does nothing."""
_KEYS = {"http": "url", "command": "command", "ocpp": "url"}
"""The drivers that can be asked, and the key that each depends on."""
_UNSUPPORTED = {"http": "respond with HTTP 501", "command": "exit with 77"}
"""How a shim answers that it does not support a stimulus."""


def _stations(stimuli: Stimuli, place: str) -> Iterator[Result]:
    """Check that the virtual stations connect and boot."""
    try:
        driver = driver_for(stimuli, interactive=False, out=sys.stdout)
    except StimulusError as error:
        yield Result(State.PROBLEM, "stimuli", str(error), place)
        return
    assert isinstance(driver, Watched)
    try:
        driver.watch(lambda _: None)
        problems = driver.problems()
    finally:
        driver.close()
    advice = "start your central system, or correct url, identity and password in [stimuli]"
    for problem in problems:
        yield Result(State.PROBLEM, "stimuli", problem, place, advice)
    if not problems:
        yield Result(State.OK, "stimuli", "the stations are connected (driver ocpp)")


def check(profile: Profile) -> Iterator[Result]:
    """Check the driver of `[stimuli]`."""
    stimuli = profile.stimuli
    name = stimuli.driver
    key = _KEYS.get(name, "driver")
    place = f"{profile.where('stimuli', key)} [stimuli] {key}"
    try:
        check_stimuli(profile)
    except NoConsent as error:
        yield Result(State.PROBLEM, "stimuli", str(error), place)
        return
    if name == "none":
        text = "none: the suite can only judge what the target sends on its own"
        yield Result(State.WARNING, "stimuli", text, place, "mandatory operations will be inconclusive")
        return
    if name == "ocpp":
        yield from _stations(stimuli, place)
        return
    if name not in _KEYS:
        advice = "run with -- -s: a person needs the terminal" if name == "manual" else ""
        yield Result(
            State.SKIPPED, "stimuli", f"the driver {name} cannot be checked before a run", place, advice
        )
        return
    try:
        answer = driver_for(stimuli, interactive=False, out=sys.stdout).stimulate(UNKNOWN, {})
    except StimulusError as error:
        yield Result(State.PROBLEM, "stimuli", str(error), place)
        return
    if answer.outcome is Outcome.UNAVAILABLE:
        yield Result(State.OK, "stimuli", f"the shim responds (driver {name})")
    elif answer.outcome is Outcome.DONE:
        text = f"the shim accepted the stimulus {UNKNOWN!r}, which is not a stimulus"
        advice = f"a shim must {_UNSUPPORTED[name]} for a stimulus that it does not know"
        yield Result(State.WARNING, "stimuli", text, place, advice)
    else:
        mend = "start the shim, or correct its URL" if name == "http" else "correct the command or the shim"
        advice = f"{mend}; it must {_UNSUPPORTED[name]} for a stimulus that it does not know"
        yield Result(State.PROBLEM, "stimuli", answer.detail, place, advice)
