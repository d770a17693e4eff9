"""Where runs of a batch take place, one at a time: on this machine, or on another one."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from oicp_conformance.batch.plan import One
from oicp_conformance.interrupts import CAN_BE_SIGNALLED

CONSOLE = "console.txt"
"""What a run writes on its console."""
Asked = Callable[[One], tuple[Sequence[str], Sequence[str]]]
"""Gives for a target the options of `oicp-conformance run`, and what follows them: -- and all after it."""


class PlaceLost(Exception):
    """A place cannot be reached any more; the text says why."""


class Running(Protocol):
    """A run that is under way."""

    def wait(self) -> int:
        """Wait for its end, and return its exit code; its reports are in its folder then.

        Raises:
            PlaceLost: nobody knows what became of it.
        """

    def signal(self, number: int) -> None:
        """Ask it to end as Ctrl-C does, which a signal stands for."""

    def kill(self) -> None:
        """End it at once."""


class Place(Protocol):
    """Where runs take place."""

    def start(self, one: One, folder: Path) -> Running:
        """Start the run of a target, which writes its reports and its console into a folder of this machine.

        Raises:
            PlaceLost: it cannot be started there.
        """


class Here:
    """This machine: each run is a process, of which `command` gives the command line."""

    def __init__(self, command: Callable[[One], Sequence[str]]) -> None:
        self._command = command

    def start(self, one: One, folder: Path) -> Running:
        """Start the run of a target."""
        with (folder / CONSOLE).open("wb") as console:
            process = subprocess.Popen(  # noqa: S603 - our own command
                self._command(one),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                # Ctrl-C of a terminal reaches this process alone, which passes it on once.
                start_new_session=CAN_BE_SIGNALLED,
            )
        return _Process(process)


class _Process:
    """A run on this machine."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def wait(self) -> int:
        """Wait for its end, and return its exit code."""
        return self._process.wait()

    def signal(self, number: int) -> None:
        """Send it a signal, where processes can send any."""
        if CAN_BE_SIGNALLED:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
