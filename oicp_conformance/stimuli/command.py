"""The driver that runs a command for each stimulus."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from oicp_conformance.stimuli.base import Outcome, Quiet, Stimulated, answer_limit, as_json, one_line

# sysexits.h has no "not implemented"; 77 is what test harnesses use for "skipped".
_UNAVAILABLE = 77


class CommandDriver(Quiet):
    """Runs `command` in `folder`, with the stimulus on standard input, for at most `limit` seconds."""

    def __init__(
        self, command: Sequence[str], *, folder: Path, wait: float, limit: float | None = None
    ) -> None:
        self.wait = wait
        self._command = list(command)
        self._folder = folder
        self._limit = answer_limit(wait) if limit is None else limit

    def stimulate(self, stimulus: str, parameters: Mapping[str, object]) -> Stimulated:
        """Run the command: exit code 0 is done, 77 unavailable, and all else has failed."""
        # A file and no pipe: a command that does not read its input cannot block or break us.
        with tempfile.TemporaryFile() as stdin:
            stdin.write(as_json(stimulus, parameters))
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
                return self._failed(self._why_not_started(error))
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
            return Stimulated(Outcome.DONE, f"{self._command[0]} is doing it")
        if code == _UNAVAILABLE:
            return Stimulated(Outcome.UNAVAILABLE, f"{self._command[0]} exited with 77: {line}".rstrip(": "))
        how = f"exited with {code}" if code > 0 else f"was ended by signal {-code}"
        return self._failed(f"{how}: {line}".rstrip(": "))

    def _why_not_started(self, error: OSError | ValueError) -> str:
        program = self._command[0]
        if not self._folder.is_dir():
            reason = f"its folder {self._folder} is not there"
        elif isinstance(error, FileNotFoundError) and "/" in program and (self._folder / program).is_file():
            reason = "the interpreter that its first line names is not there"
        elif isinstance(error, FileNotFoundError):
            reason = "there is no such command"
        elif isinstance(error, PermissionError):
            reason = "it is not executable"
        else:
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        return f"cannot be started: {reason}"

    def _failed(self, reason: str) -> Stimulated:
        return Stimulated(Outcome.FAILED, f"{self._command[0]} {reason}")


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
