"""For a driver of stimuli, an entry point of the group `oicp_conformance.stimuli`."""

from oicp_conformance.profile import Url
from oicp_conformance.stimuli import Console, Driver, Outcome, Quiet, Stimulated, Stimuli, StimulusError

__all__ = ["Console", "Driver", "Outcome", "Quiet", "Stimulated", "Stimuli", "StimulusError", "Url"]
