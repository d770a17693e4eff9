"""What can go wrong when a report is rendered."""


class RenderError(Exception):
    """No report, and the one message that says why."""
