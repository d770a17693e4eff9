"""What runs on another machine. execnet sends this module there, so it needs nothing but Python's library.

The first item of a channel names what is to be done there: `arrive`, once, or `judge`, for each target.
"""

import importlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

_POLL = 0.2
"""Seconds between two looks at the run."""
_SIGN = 5.0
"""Seconds between two signs of life."""
_PIECE = 65_536
"""Bytes of the ZIP file in one item, so that a slow connection shows signs of life, too."""


def arrive(channel: Any) -> None:
    """Enter the folder in which runs begin, and give what is found there.

    It gets the path of the folder, or None, and the paths of profiles. It gives Python's path, the suite's
    version (None if there is no suite), the folder, why it cannot be entered, and the missing profiles.
    """
    folder, files = channel.receive()
    trouble = ""
    try:
        os.chdir(os.path.expanduser(folder or "."))  # noqa: PTH111 - pathlib raises for an unknown user
    except OSError as error:
        trouble = error.strerror or str(error)
    try:
        version = importlib.import_module("oicp_conformance").__version__
    except ImportError:
        version = None
    missing = [file for file in files if not Path(file).is_file()]
    channel.send((sys.executable, version, str(Path.cwd()), trouble, missing))


def judge(channel: Any) -> None:
    """Judge one target; where whoever asked for it is gone, the run ends at once.

    It gets the options of `oicp-conformance run`, what follows them, and the name of the report folder. It
    gives None as a sign of life, then a ZIP file of the report folder in pieces, and last the exit code
    with the path that the folder had. On the way it may get the number of a signal for the run, or 0: the run
    ends at once.
    """
    # Ctrl-C of a terminal is passed on by whoever asked for the run, once.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    options, rest, name = channel.receive()
    with tempfile.TemporaryDirectory(prefix="oicp-conformance-") as temporary:
        folder = Path(temporary, name)
        folder.mkdir()
        with (folder / "console.txt").open("wb") as console:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [
                    sys.executable,
                    "-m",
                    "oicp_conformance",
                    "run",
                    *options,
                    "--report-dir",
                    str(folder),
                    *rest,
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=os.name != "nt",
            )
            try:
                code = _ended(process, channel)
            finally:
                _kill(process)
                process.wait()
        packed = _packed(folder)
        for start in range(0, len(packed), _PIECE):
            channel.send(packed[start : start + _PIECE])
        channel.send((code, str(folder)))


def _ended(process: "subprocess.Popen[bytes]", channel: Any) -> int:
    signed = time.monotonic()
    while process.poll() is None:
        if time.monotonic() - signed > _SIGN:
            signed = time.monotonic()
            channel.send(None)
        try:
            asked = channel.receive(timeout=_POLL)
        except channel.TimeoutError:
            continue
        if asked:
            process.send_signal(asked)
        else:
            _kill(process)
    return process.returncode


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a run at once, together with all that it has started."""
    if process.poll() is not None:
        return
    if os.name == "nt":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


def _packed(folder: Path) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return made.getvalue()


if __name__ == "__channelexec__":  # as execnet calls what it has sent
    _channel = globals()["channel"]
    {"arrive": arrive, "judge": judge}[_channel.receive()](_channel)
