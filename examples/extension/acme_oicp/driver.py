"""A driver for Acme's simulator: `driver = "acme"` in the profile."""

import httpx

from oicp_conformance.extend.drivers import Outcome, Quiet, Stimulated, Stimuli, Url


class AcmeStimuli(Stimuli):
    simulator: Url
    """Where the simulator listens."""


class AcmeDriver(Quiet):
    settings = AcmeStimuli

    def __init__(self, stimuli):
        self.wait = stimuli.wait
        self.simulator = stimuli.simulator

    @classmethod
    def from_profile(cls, stimuli, console):
        return cls(stimuli)

    def stimulate(self, stimulus, parameters):
        if stimulus != "plug-in":
            return Stimulated(Outcome.UNAVAILABLE, f"the simulator has no {stimulus}")
        try:
            httpx.post(f"{self.simulator}/plug", json=parameters, timeout=10).raise_for_status()
        except httpx.HTTPError as error:
            return Stimulated(Outcome.FAILED, f"the simulator failed: {error}")
        return Stimulated(Outcome.DONE, f"plugged in at {parameters['EvseID']}")
