"""Programs of the suite that start at once, since each is forked from a process that has loaded it already.

A start costs seconds of imports otherwise, which a thousand runs cannot afford. What runs is what the command
line runs: the same `main` with the same arguments, in a process of its own.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tools.warm"])
_ASKING = threading.Lock()
"""Held by who asks whether a process has ended, or starts one, which asks that of all others.

The exit code comes through a pipe, once: of two threads that read it, one would take 255 for it.
"""

_DYING = 10.0
"""Seconds in which a process that is killed has ended, however busy the machine is."""


class Program:
    """A module's `main(arguments)` in a process of its own; what it says goes to a file.

    What it complains of goes there as well, or to a file of its own, `errors`. It runs in `cwd`, with
    `environment` in place of the one of whoever forked it, where these are given.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        output: Path,
        *,
        errors: Path | None = None,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._output = output
        theirs, self._stdin = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(
            target=_run, args=(module, list(arguments), theirs, (output, errors or output), cwd, environment)
        )
        with _ASKING:
            self._process.start()
        theirs.close()

    def line(self, seconds: float = 20.0) -> str:
        """The first line that it says.

        Raises:
            RuntimeError: it ended, or so many seconds passed, before there was one.
        """
        deadline = time.monotonic() + seconds
        while self._is_alive and time.monotonic() < deadline:
            said = self._output.read_text(encoding="utf-8") if self._output.exists() else ""
            if "\n" in said:
                return said.partition("\n")[0]
            time.sleep(0.01)
        raise RuntimeError(f"{self._output} has no line: the program did not start")

    def wait(self, seconds: float) -> bool:
        """Wait for its end; gives whether it came in so many seconds."""
        wait([self._process.sentinel], seconds)
        return not self._is_alive

    @property
    def code(self) -> int | None:
        """Its exit code, or None while it runs; negative for the signal that ended it."""
        with _ASKING:
            return self._process.exitcode

    @property
    def _is_alive(self) -> bool:
        with _ASKING:
            return self._process.is_alive()

    def signal(self, number: int) -> None:
        """Send it a signal."""
        if self._process.pid is not None and self._is_alive:
            os.kill(self._process.pid, number)

    def end(self, seconds: float = 5.0) -> None:
        """Close its standard input, and end it when that does not."""
        self._stdin.close()
        if not self.wait(seconds):
            self._process.kill()
            self.wait(seconds=_DYING)


def _run(
    module: str,
    arguments: list[str],
    stdin: Connection,
    files: tuple[Path, Path],
    cwd: Path | None,
    environment: Mapping[str, str] | None,
) -> None:
    if cwd is not None:
        os.chdir(cwd)
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    # What the process that it is forked from left to Python, such as a worker of pytest-xdist.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for file in files:
        file.write_bytes(b"")
    output, errors = files
    with output.open("ab", buffering=0) as said, errors.open("ab", buffering=0) as complained:
        os.dup2(stdin.fileno(), 0)
        os.dup2(said.fileno(), 1)
        os.dup2(complained.fileno(), 2)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a descriptor
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    sys.exit(importlib.import_module(module).main(arguments))
