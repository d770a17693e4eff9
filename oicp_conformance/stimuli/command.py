"""The driver that runs a command for each stimulus."""

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from oicp_conformance.profile import Stimuli
from oicp_conformance.profile.values import Expected, expected, folder_of
from oicp_conformance.stimuli.base import Console, Shim, Stimulated, one_line

# sysexits.h has no "not implemented"; 77 is what test harnesses use for "skipped".
_UNAVAILABLE = 77


_A_COMMAND = 'a command such as ["./stimulate.sh"] or "./stimulate.sh"'


def _words(value: object, info: ValidationInfo) -> object:
    folder = folder_of(value[0] if isinstance(value, list) and value else value, info)
    if isinstance(value, str):
        try:
            value = shlex.split(value)
        except ValueError as error:
            raise expected(f"{_A_COMMAND} ({error})") from None
    if not isinstance(value, list) or not value or value[0] == "":
        raise expected(_A_COMMAND)
    program = value[0]
    if isinstance(program, str) and "/" in program:
        return [str(folder / program), *value[1:]]
    return value


_COMMAND_SCHEMA = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
    ]
}


class CommandStimuli(Stimuli):
    """`[stimuli]` with `driver = "command"`."""

    driver: Literal["command"] = "command"
    """"command": the suite runs `command` for each stimulus."""
    command: Annotated[
        list[str],
        Expected(_A_COMMAND),
        BeforeValidator(_words),
        WithJsonSchema(_COMMAND_SCHEMA),
        Field(examples=[["./stimulate.sh"]]),
    ]
    """The command that the suite runs, in the folder of this file, with the stimulus on standard input.
    Its exit code is 0 (done), 77 (not supported) or anything else (failed)."""

    @property
    def shim(self) -> str:
        """The command, on one line."""
        return " ".join(self.command)


class CommandDriver(Shim):
    """Runs `command` in `folder`, with the stimulus on standard input, for at most `limit` seconds.

    The command has a session of its own: at the end of its time, all that it started there is killed with
    it. Nobody waits for what keeps its output open.
    """

    settings: ClassVar[type[Stimuli]] = CommandStimuli

    def __init__(
        self, command: Sequence[str], *, folder: Path, wait: float, limit: float | None = None
    ) -> None:
        super().__init__(command[0], wait=wait, limit=limit)
        self._command = list(command)
        self._folder = folder

    @classmethod
    def from_profile(cls, stimuli: Stimuli, console: Console) -> Self:  # noqa: ARG003 - it is a quiet driver
        """Make the driver for a profile."""
        assert isinstance(stimuli, CommandStimuli)
        return cls(stimuli.command, folder=stimuli.folder, wait=stimuli.wait)

    def _ask(self, message: bytes) -> Stimulated:
        """Run the command: exit code 0 is done, 77 unavailable, and all else has failed."""
        # A file and no pipe: a command that does not read its input cannot block or break us.
        with tempfile.TemporaryFile() as stdin:
            stdin.write(message)
            stdin.seek(0)
            try:
                process = subprocess.Popen(  # noqa: S603 - running the user's command is what this is for
                    self._command,
                    cwd=self._folder,
                    stdin=stdin,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                return self._failed("cannot be started", self._why_not_started(error))
        try:
            last_words = _LastWords(process.stderr)
            code = process.wait(self._limit)
        except subprocess.TimeoutExpired:
            return self._failed(f"has not ended within {self._limit:g} s, and was killed")
        finally:
            # Also when the user interrupts the run: in its own session, the command does not notice that.
            _end(process)
        line = last_words.line()
        if code == 0:
            return self._done("is doing it")
        if code == _UNAVAILABLE:
            return self._unavailable("exited with 77", line)
        return self._failed(f"exited with {code}" if code > 0 else f"was ended by signal {-code}", line)

    def _why_not_started(self, error: OSError | ValueError) -> str:
        program = self._command[0]
        if not self._folder.is_dir():
            reason = f"its folder {self._folder} does not exist"
        elif isinstance(error, FileNotFoundError) and "/" in program and (self._folder / program).is_file():
            reason = "the interpreter that its first line names does not exist"
        elif isinstance(error, FileNotFoundError):
            reason = "no such command"
        elif isinstance(error, PermissionError):
            reason = "it is not executable"
        else:
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        return reason


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and its whole group, unless it has ended: what it left running may go on."""
    if process.poll() is None:
        with contextlib.suppress(OSError):  # it may end by itself at this very moment
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class _LastWords:
    """Reads a pipe to its end in the background, and keeps only the last of it.

    A command may leave something running that still holds the pipe: that goes on being read, so that it
    is not ended by a broken pipe, but nobody waits for it.
    """

    _BYTES = 4096
    _PATIENCE = 0.5

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self._kept = b""
        self._thread = threading.Thread(target=self._read, args=[pipe], daemon=True)
        self._thread.start()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            while chunk := os.read(pipe.fileno(), self._BYTES):
                self._kept = (self._kept + chunk)[-self._BYTES :]

    def line(self) -> str:
        """The last line that is not blank; empty when there is none."""
        self._thread.join(self._PATIENCE)
        lines = self._kept.decode(errors="replace").split("\n")
        return next((one_line(line) for line in reversed(lines) if line.strip()), "")
