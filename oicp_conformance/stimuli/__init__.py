"""Stimuli: asking the target's surroundings to bring it to send an operation by itself."""

from typing import TextIO

from oicp_conformance.profile import Stimuli
from oicp_conformance.stimuli.base import Driver, Outcome, Stimulated, StimulusError
from oicp_conformance.stimuli.command import CommandDriver
from oicp_conformance.stimuli.http import HttpDriver
from oicp_conformance.stimuli.manual import ManualDriver
from oicp_conformance.stimuli.none import NoDriver

__all__ = ["Driver", "Outcome", "Stimulated", "StimulusError", "driver_for"]


def driver_for(stimuli: Stimuli, *, interactive: bool, out: TextIO) -> Driver:
    """The driver that the profile asks for; a manual one talks to the person on `out`.

    Raises `StimulusError` when the driver is manual and the run is not `interactive`, and when the
    profile lacks what the driver needs.
    """
    match stimuli.driver:
        case "http" if stimuli.url is not None:
            return HttpDriver(stimuli.url, wait=stimuli.wait)
        case "command" if stimuli.command:
            return CommandDriver(stimuli.command, folder=stimuli.folder, wait=stimuli.wait)
        case "manual" if interactive:
            return ManualDriver(out, wait=stimuli.wait)
        case "manual":
            raise StimulusError(
                '[stimuli] driver = "manual" needs the terminal, and pytest keeps it to itself: run with -s'
            )
        case "none":
            return NoDriver(wait=stimuli.wait)
        case incomplete:
            key = {"http": "url", "command": "command"}[incomplete]
            raise StimulusError(f"[stimuli] {key}: missing, the driver {incomplete} needs it")
