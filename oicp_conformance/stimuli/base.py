"""What all drivers of stimuli have in common."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class StimulusError(RuntimeError):
    """Stimuli that cannot be given at all, the way that the profile and the command line ask for."""


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


class Driver(Protocol):
    """Gives stimuli, and is told how the wait for the target's call goes on."""

    wait: float
    """Seconds to wait for the call that a stimulus provokes."""
    speaks: bool
    """Whether it tells by itself, on the terminal, what is being waited for."""

    def stimulate(self, stimulus: str, parameters: Mapping[str, object]) -> Stimulated:
        """Ask for the operation `stimulus`. A driver's trouble is an outcome, never an exception."""

    def waiting(self, remaining: float) -> None:
        """The suite still waits, for `remaining` seconds at most; called several times a second."""

    def arrived(self, arrived: bool) -> None:
        """The wait is over: the call `arrived`, or nothing came."""


class Quiet:
    """Part of a driver that has nobody to tell how the wait goes on."""

    speaks = False

    def waiting(self, remaining: float) -> None:
        """Do nothing."""

    def arrived(self, arrived: bool) -> None:
        """Do nothing."""


def as_json(stimulus: str, parameters: Mapping[str, object]) -> bytes:
    """The stimulus as it is sent to a shim."""
    return json.dumps({"stimulus": stimulus, "parameters": dict(parameters)}, ensure_ascii=False).encode()


def answer_limit(wait: float) -> float:
    """Seconds that a shim may take to answer: people are patient with those who are slow to swipe."""
    return max(wait, 10.0)


def one_line(text: str, limit: int = 200) -> str:
    """The beginning of `text` on one line, of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
