"""The programs with which execnet connects machines, `ssh` above all: away from the terminal."""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from subprocess import PIPE, Popen, TimeoutExpired
from tempfile import TemporaryFile
from types import SimpleNamespace
from typing import Any

from execnet.gateway_base import MainThreadOnlyExecModel

from oicp_conformance.interrupts import CAN_BE_SIGNALLED

_ENDING = 1.0
"""Seconds that a program gets to end, once its machine cannot be reached."""
_LONGEST = 200
"""Characters of a line that are shown."""


class Program:
    """A program that connects a machine, with what it writes to standard error."""

    def __init__(self, command: Sequence[str], **pipes: Any) -> None:
        self._read = 0
        with ExitStack() as closing:
            self._errors = closing.enter_context(TemporaryFile())
            self.process = Popen(  # noqa: S603 - execnet's command
                command,
                stderr=self._errors,
                # Ctrl-C of a terminal would end ssh before the run has given its reports. Nor can ssh ask
                # there: nobody would know to which of many machines a question belongs.
                start_new_session=CAN_BE_SIGNALLED,
                **pipes,
            )
            closing.pop_all()  # they last as long as the program

    @property
    def code(self) -> int | None:
        """Its exit code; None if it does not end."""
        with suppress(TimeoutExpired):
            return self.process.wait(_ENDING)
        return None

    def forget(self) -> None:
        """Leave out what it has said until now, such as a greeting."""
        self._errors.seek(0, 2)
        self._read = self._errors.tell()

    def last_line(self) -> str:
        """What it said last, as a part of a sentence; empty if it said nothing."""
        self._errors.seek(self._read)
        lines = self._errors.read().decode(errors="replace").split("\n")
        return next((" ".join(one.split())[:_LONGEST].rstrip(".") for one in lines[::-1] if one.strip()), "")

    def end(self) -> None:
        """End it at once, if it has not ended."""
        self.process.kill()
        self.process.wait()
        self._errors.close()


class Programs(MainThreadOnlyExecModel):
    """Starts them for execnet, which calls it a model; a machine works in its main thread only."""

    def __init__(self) -> None:
        self._started: list[Program] = []
        self._new: Program | None = None

    @property
    def subprocess(self) -> SimpleNamespace:
        """What execnet uses of Python's module of that name."""
        return SimpleNamespace(PIPE=PIPE, Popen=self._start)

    def _start(self, command: Sequence[str], **pipes: Any) -> "Popen[bytes]":
        self._new = Program(command, **pipes)
        self._started.append(self._new)
        return self._new.process

    def new(self) -> Program | None:
        """Return the program that was started since the last call; None if no machine needed one."""
        new, self._new = self._new, None
        return new

    def end(self) -> None:
        """End those that have not ended."""
        for one in self._started:
            one.end()
