"""Stimuli: asking the target's surroundings to bring it to send an operation on its own."""

from typing import TextIO

from oicp_conformance.profile import Stimuli
from oicp_conformance.profile.drivers import DriverError, find
from oicp_conformance.stimuli.base import Console, Driver, Outcome, Quiet, Stimulated, StimulusError

__all__ = [
    "Console",
    "Driver",
    "Outcome",
    "Quiet",
    "Stimulated",
    "Stimuli",
    "StimulusError",
    "driver_for",
]


def driver_for(stimuli: Stimuli, *, interactive: bool, out: TextIO) -> Driver:
    """The driver that the profile asks for; a manual one writes to the person on `out`.

    Raises:
        StimulusError: no such driver is installed, or it cannot work in this run: one for a person needs a
            run that is `interactive`.
    """
    try:
        driver: Driver = find(stimuli.driver).from_profile(stimuli, Console(out, interactive))
    except DriverError as error:
        raise StimulusError(f'[stimuli] driver: found "{stimuli.driver}", expected {error}') from None
    return driver
