"""The driver for a target that nothing can be asked of: what it does not do unasked is inconclusive."""

from collections.abc import Mapping

from oicp_conformance.stimuli.base import Outcome, Quiet, Stimulated


class NoDriver(Quiet):
    """Refuses every stimulus."""

    def __init__(self, *, wait: float) -> None:
        self.wait = wait

    def stimulate(self, stimulus: str, parameters: Mapping[str, object]) -> Stimulated:  # noqa: ARG002
        """Say that there are no stimuli."""
        return Stimulated(Outcome.UNAVAILABLE, "no stimuli are configured")
