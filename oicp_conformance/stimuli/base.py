"""What all drivers of stimuli have in common."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol, Self, TextIO, runtime_checkable

from oicp_conformance.journal.notes import Ocpp
from oicp_conformance.profile import Stimuli


class StimulusError(RuntimeError):
    """Stimuli that are not possible at all, the way that the profile and the command line ask for."""


class Outcome(StrEnum):
    """What became of a stimulus. Only after DONE is it of any use to wait for the target's call."""

    DONE = "done"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


@dataclass(frozen=True)
class Stimulated:
    """The answer to a stimulus; `detail` is one line for people."""

    outcome: Outcome
    detail: str


@dataclass(frozen=True)
class Console:
    """The terminal of a run."""

    out: TextIO
    interactive: bool
    """Whether a person sees at once what is written to `out`."""


class Driver(Protocol):
    """Passes stimuli on to the target's surroundings, and hears how the wait for the target's call goes on.

    A driver is registered as an entry point of the group `oicp_conformance.stimuli`; its name there is the
    `driver` of a profile.
    """

    settings: ClassVar[type[Stimuli]]
    """The model of its `[stimuli]` table: a subclass of `Stimuli` with the driver's own keys."""
    wait: float
    """Seconds to wait for the call that a stimulus provokes."""
    speaks: bool
    """Whether it writes to the terminal what the suite waits for; the suite is silent about it then."""

    @classmethod
    def from_profile(cls, stimuli: Stimuli, console: Console) -> Self:
        """Make the driver for a profile; `stimuli` is an instance of its `settings`.

        Raises:
            StimulusError: it cannot work in this run. The text names the key of the profile.
        """

    def stimulate(self, stimulus: str, parameters: Mapping[str, object]) -> Stimulated:
        """Ask for the operation `stimulus`, or for another event of the charging world, such as `plug-in`.

        It returns within `answer_limit(wait)` seconds, and also when something goes wrong: that is an
        outcome, never an exception.
        """

    def waiting(self, remaining: float) -> None:
        """The suite still waits, for `remaining` seconds at most; called several times a second."""

    def arrived(self, arrived: bool) -> None:
        """The wait is over: the call `arrived`, or none was received."""


@runtime_checkable
class Watched(Protocol):
    """A driver that plays a part of the target's surroundings itself, and has all taken down that is said."""

    def watch(self, take_down: Callable[[Ocpp], None]) -> None:
        """Begin, when the hub listens; `take_down` may be called from any thread."""

    def problems(self) -> Sequence[str]:
        """Return what does not work now that it has begun, each as one line for people."""

    def close(self) -> None:
        """End, when the run is over."""


class Quiet:
    """The part of a driver that writes nothing to the terminal."""

    speaks = False

    def waiting(self, remaining: float) -> None:
        """Do nothing."""

    def arrived(self, arrived: bool) -> None:
        """Do nothing."""


class Shim(Quiet, ABC):
    """A driver that passes each stimulus, as JSON, to a program of the user's: the shim.

    `name` is how the user knows the shim. It has `limit` seconds to answer, `answer_limit(wait)` without.
    """

    def __init__(self, name: str, *, wait: float, limit: float | None) -> None:
        self.wait = wait
        self._name = name
        self._limit = answer_limit(wait) if limit is None else limit

    def stimulate(self, stimulus: str, parameters: Mapping[str, object]) -> Stimulated:
        """Pass the stimulus to the shim."""
        message = {"stimulus": stimulus, "parameters": dict(parameters)}
        return self._ask(json.dumps(message, ensure_ascii=False).encode())

    @abstractmethod
    def _ask(self, message: bytes) -> Stimulated:
        """Pass a message to the shim, and read its answer before the limit."""

    def _done(self, how: str) -> Stimulated:
        return self._answered(Outcome.DONE, how, "")

    def _unavailable(self, how: str, reason: str) -> Stimulated:
        return self._answered(Outcome.UNAVAILABLE, how, reason)

    def _failed(self, how: str, reason: str = "") -> Stimulated:
        return self._answered(Outcome.FAILED, how, reason)

    def _answered(self, outcome: Outcome, how: str, reason: str) -> Stimulated:
        what = f"{self._name} {how}".rstrip()
        return Stimulated(outcome, f"{what}: {one_line(reason)}".rstrip(": "))


def answer_limit(wait: float) -> float:
    """Seconds that a shim has to answer: at least 10, and as many as the target has for its call."""
    return max(wait, 10.0)


def one_line(text: str, limit: int = 200) -> str:
    """The beginning of `text` on one line, of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
