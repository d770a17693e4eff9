"""The EMP under test, as its tests speak of it."""

from conformance.hub.hub import Hub


class Emp:
    """An e-mobility provider's backend."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def clean_up(self) -> None:
        """End what a test has begun and left running."""
