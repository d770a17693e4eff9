"""The driver of a target for which there are no stimuli: what it does not do on its own is inconclusive."""

from collections.abc import Mapping
from typing import ClassVar, Self

from oicp_conformance.profile import Stimuli
from oicp_conformance.stimuli.base import Console, Outcome, Quiet, Stimulated


class NoDriver(Quiet):
    """Has no stimulus."""

    settings: ClassVar[type[Stimuli]] = Stimuli

    def __init__(self, *, wait: float) -> None:
        self.wait = wait

    @classmethod
    def from_profile(cls, stimuli: Stimuli, console: Console) -> Self:  # noqa: ARG003 - it is a quiet driver
        """Make the driver for a profile."""
        return cls(wait=stimuli.wait)

    def stimulate(self, stimulus: str, parameters: Mapping[str, object]) -> Stimulated:  # noqa: ARG002
        """Answer that there are no stimuli."""
        return Stimulated(Outcome.UNAVAILABLE, "no stimuli are configured")
