"""Why something could not be judged."""

from enum import StrEnum


class Cause(StrEnum):
    """A kind of reason; `judge.advice` has the advice for each."""

    STIMULUS_UNAVAILABLE = "stimulus-unavailable"
    """The target's surroundings cannot be asked for it."""
    STIMULUS_FAILED = "stimulus-failed"
    """They were asked, and it went wrong."""
    NOT_COME = "not-come"
    """The target was brought to it, as it seems, and its call did not come."""
    NOT_SERVED = "not-served"
    """The target has no such endpoint."""
    REFUSED = "refused"
    """The target refused for a reason outside of the interface, so that there was nothing to go on with."""
    ENDED = "ended"
    """The charge was over before the suite came to it."""
    HIDDEN = "hidden"
    """Something else is broken, and hides it."""
    PROFILE = "profile"
    """The profile lacks what it takes to try it."""
    ALTERNATIVE = "alternative"
    """One of several operations suffices, and another one was seen."""
    STOPPED = "stopped"
    """The run ended before it."""
    NOT_SENT = "not-sent"
    """The target never used the field."""
    NOT_OBSERVED = "not-observed"
    """There was no occasion for it."""


UNREACHABLE, UNANSWERED = "the target cannot be reached", "the target did not respond twice in a row"
"""Why a run ends before its time, as it is told."""
