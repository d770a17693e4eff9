"""What can go wrong when a report is rendered."""


class RenderError(Exception):
    """No report: the one line that says why, what to do about it, and what a program said on the way."""

    def __init__(self, reason: str, advice: str = "", detail: str = "") -> None:
        super().__init__(" ".join(reason.split()))
        self.advice = advice
        """What to do, besides rendering again; empty where that is all."""
        self.detail = detail
        """The last lines of the program that failed."""
