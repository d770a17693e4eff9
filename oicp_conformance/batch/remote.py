"""One run on another machine. execnet sends this module there, so it needs nothing but Python's library.

It gets the options of `oicp-conformance run` and what follows them. It gives the exit code, and a ZIP file
of the report folder. On the way it may get the number of a signal for the run, or 0: the run ends at once.
"""

import io
import os
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

_POLL = 0.2
"""Seconds between two looks at the run."""


def judge(channel: Any) -> None:
    """Judge one target; where whoever asked for it is gone, the run ends at once."""
    # Ctrl-C of a terminal is passed on by whoever asked for the run, once.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    options, rest = channel.receive()
    with tempfile.TemporaryDirectory(prefix="oicp-conformance-") as folder:
        with Path(folder, "console.txt").open("wb") as console:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "oicp_conformance", "run", *options, "--report-dir", folder, *rest],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=os.name != "nt",
            )
            try:
                code = _ended(process, channel)
            finally:
                process.kill()
                process.wait()
        channel.send((code, _packed(Path(folder))))


def _ended(process: "subprocess.Popen[bytes]", channel: Any) -> int:
    while process.poll() is None:
        try:
            asked = channel.receive(timeout=_POLL)
        except channel.TimeoutError:
            continue
        if asked:
            process.send_signal(asked)
        else:
            process.kill()
    return process.returncode


def _packed(folder: Path) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return made.getvalue()


if __name__ == "__channelexec__":  # as execnet calls what it has sent
    judge(globals()["channel"])
