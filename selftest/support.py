"""Runs the suite as a user does, and reads what it leaves behind; and targets that misbehave."""

import base64
import contextlib
import gzip
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from oicp_conformance.embedded import arguments, free_port, profile
from oicp_conformance.oicp.types import Role
from tools.forked import Program
from tools.hostile.peer import serving

ROOT = Path(__file__).parent.parent
EVSES = ("DE*ABC*E1*1", "DE*ABC*E2*1", "DE*ABC*E3*1")
PAGE = "--report-html"
"""Stands for: render the report, which takes its time."""
NO_ALLURE = ("-p", "no:allure_pytest")
"""For a run whose Allure results nobody looks at: they take a quarter of its time."""
LONGEST = 150.0
"""Seconds that no run of a self-test needs, however busy the machine is."""


@dataclass(frozen=True)
class Ran:
    """What became of a run."""

    exit_code: int
    output: str
    folder: Path

    @cached_property
    def statement(self) -> dict[str, Any]:
        """The statement."""
        found: dict[str, Any] = json.loads((self.folder / "conformance.json").read_text(encoding="utf-8"))
        return found

    @property
    def seconds(self) -> float:
        """How long it took, without the start of the process, which depends on the machine."""
        began, ended = (datetime.fromisoformat(self.statement[name]) for name in ("started", "finished"))
        return (ended - began).total_seconds()

    @property
    def verdict(self) -> str:
        """The verdict of the run."""
        return str(self.statement["verdict"])

    @cached_property
    def journal(self) -> list[dict[str, Any]]:
        """All exchanges."""
        lines = (self.folder / "journal.jsonl").read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines if line]

    def rows(self, verdict: str) -> list[dict[str, Any]]:
        """The requirements with a verdict."""
        return [row for row in self.statement["requirements"] if row["verdict"] == verdict]

    def failed(self) -> set[str]:
        """The ids of the requirements that failed."""
        return {row["id"] for row in self.rows("fail")}

    def operation(self, name: str) -> dict[str, Any]:
        """One operation of the statement."""
        (found,) = (one for one in self.statement["operations"] if one["operation"] == name)
        return dict(found)

    def says(self, text: str) -> int:
        """How often the console says something."""
        return " ".join(self.output.split()).count(text)


@dataclass
class Running:
    """A run that is under way."""

    program: Program
    folder: Path
    console: Path

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.program.signal(signal.SIGINT)

    def end(self, seconds: float = LONGEST) -> Ran:
        """Wait for its end."""
        assert self.program.wait(seconds), f"still running after {seconds:g} s: {self.console.read_text()}"
        assert self.program.code is not None
        return Ran(self.program.code, self.console.read_text(encoding="utf-8"), self.folder)


def command(folder: Path, target: Path | None, *arguments: str) -> list[str]:
    """The command of a user, which takes seconds to start."""
    return [sys.executable, "-m", "pytest", *options(folder, target, *arguments)]


def options(folder: Path, target: Path | None, *arguments: str) -> list[str]:
    """What pytest is told in a run."""
    made = ["conformance", "--report-dir", str(folder)]
    made += ["--target", str(target)] if target else []
    page = [] if PAGE in arguments else ["--no-report-html"]
    given = [one for one in arguments if one != PAGE]
    # What is generated has self-tests of its own.
    made += ["--examples", "0"]
    return [*made, "--seed", "1", *page, "-p", "no:cacheprovider", *given]


def environment() -> dict[str, str]:
    """The environment without what the outer pytest has put in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}


@contextlib.contextmanager
def running(tmp_path: Path, toml: str | bytes | Path, *arguments: str) -> Generator[Running, None, None]:
    """Start a run with a profile, given as text or as a path."""
    folder = tmp_path / "report"
    if isinstance(toml, Path):
        target = toml
    else:
        target = tmp_path / "profile.toml"
        target.write_bytes(toml if isinstance(toml, bytes) else toml.encode())
    console = tmp_path / "console.txt"
    program = forked("pytest", options(folder, target, *arguments), console)
    try:
        yield Running(program, folder, console)
    finally:
        program.end(0)


def forked(module: str, arguments: Sequence[str], output: Path) -> Program:
    """A program of ours that starts at once, since all that it imports is loaded already."""
    # Too late to rewrite the asserts of what is loaded.
    plain = ["--assert=plain"] if module == "pytest" else []
    return Program(module, [*arguments, *plain], output, cwd=ROOT, environment=environment())


def run_suite(
    tmp_path: Path,
    toml: str | bytes | Path,
    *arguments: str,
    seconds: float = LONGEST,
    untroubled: bool = True,
) -> Ran:
    """Run the suite to its end; whatever it says, it has no traceback in it, unless it may be in trouble."""
    with running(tmp_path, toml, *arguments) as run:
        ran = run.end(seconds)
    assert not untroubled or "Traceback" not in ran.output, ran.output
    assert "INTERNALERROR" not in ran.output, ran.output
    return ran


def on_terminal(arguments: Sequence[str], seen: Callable[[str], None], **more: str) -> tuple[int, str]:
    """Run a command on a terminal of 80 columns; `seen` gets all that it has said, again and again.

    `more` goes into its environment.
    """
    parent, child = pty.openpty()
    termios.tcsetwinsize(child, (24, 80))
    process = subprocess.Popen(  # noqa: S603 - our own command
        arguments,
        cwd=ROOT,
        env=environment() | more,
        stdin=child,
        stdout=child,
        stderr=child,
        start_new_session=True,
    )
    os.close(child)
    said = b""
    deadline = time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            if not select.select([parent], [], [], 0.1)[0]:
                continue
            try:
                piece = os.read(parent, 65536)
            except OSError:  # the terminal's other end is closed
                break
            if not piece:
                break
            said += piece
            seen(said.decode(errors="replace"))
        return process.wait(10), said.decode(errors="replace")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(parent)


def run_module(*arguments: str | Path, seconds: float = LONGEST) -> subprocess.CompletedProcess[str]:
    """Run a module, such as pytest or one of ours, as a user does."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", *map(str, arguments)],
        cwd=ROOT,
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
        timeout=seconds,
    )


def judge_again(journal: Path, folder: Path, *arguments: str) -> Ran:
    """Judge a saved journal again with the command of a user."""
    console = folder.parent / f"{folder.name}.txt"
    asked = ["conformance", "--journal", str(journal), "--report-dir", str(folder), *arguments]
    program = forked("pytest", asked, console)
    try:
        ran = Running(program, folder, console).end()
    finally:
        program.end(0)
    assert "Traceback" not in ran.output, ran.output
    return ran


def run_command(
    *arguments: str | Path,
    program: str = "oicp_conformance.cli",
    cwd: Path = ROOT,
    more: Mapping[str, str] | None = None,
    seconds: float = LONGEST,
) -> subprocess.CompletedProcess[str]:
    """Run `oicp-conformance`, or pytest, as a user does, but for the seconds in which it would be loaded.

    `more` goes into its environment.
    """
    given = [str(one) for one in arguments]
    with tempfile.TemporaryDirectory(prefix="command-") as folder:
        said, complained = Path(folder, "said"), Path(folder, "complained")
        around = environment() | dict(more or {})
        running = Program(program, given, said, errors=complained, cwd=cwd, environment=around)
        running.end(seconds)
        assert running.code is not None
        assert running.code >= 0, f"still running after {seconds:g} s: {said.read_text()}"
        return subprocess.CompletedProcess(
            given, running.code, said.read_text(encoding="utf-8"), complained.read_text(encoding="utf-8")
        )


def cpo_profile(
    base_url: str = "http://127.0.0.1:9",
    *,
    hub: int | None = None,
    timeout: float = 1.0,
    wait: float = 1.0,
    stimuli: str = 'driver = "none"',
    supports: str = "",
) -> str:
    """The profile of a CPO that is not the reference."""
    return f"""\
[target]
name = "A CPO"
role = "cpo"
base_url = "{base_url}"
timeout = {timeout}
[partner]
operator_id = "DE*ABC"
evse_ids = {json.dumps(EVSES)}
[hub]
listen = "127.0.0.1:{hub or free_port()}"
[supports]
{supports}
[stimuli]
{stimuli}
wait = {wait}
"""


@dataclass(frozen=True)
class Reference:
    """A reference target, and the hub that it knows."""

    role: Role
    hub_port: int
    base_url: str
    stimuli_url: str
    stations: Mapping[str, str] = field(default_factory=dict)
    """Where stations connect, and in which OCPP version, if they do."""

    @property
    def hub(self) -> str:
        """Where it believes the hub to be."""
        return f"http://127.0.0.1:{self.hub_port}"

    def profile(self, *, wait: float = 1.0, timeout: float = 4.0, stimuli_url: str | None = None) -> str:
        """Its profile."""
        where = {"base_url": self.base_url, "stimuli_url": stimuli_url or self.stimuli_url}
        where |= self.stations
        return profile(self.role, self.hub_port, where, wait=wait, timeout=timeout)


@contextlib.contextmanager
def reference_target(role: Role = "cpo", options: Sequence[str] = ()) -> Iterator[Reference]:
    """Start a reference target."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="reference-") as folder:
        asked = arguments(role, f"http://127.0.0.1:{port}", options=options)
        program = forked(f"fixtures.{role}", asked, Path(folder, "said.txt"))
        try:
            said = json.loads(program.line())
            stations = {name: said[name] for name in ("ocpp_url", "ocpp_version") if name in said}
            yield Reference(role, port, said["base_url"], said["stimuli_url"], stations)
        finally:
            program.end()


# --- targets that misbehave


@contextlib.contextmanager
def raw_server(talk: Callable[[socket.socket], None], *, reads: bool = True) -> Iterator[str]:
    """A target that does with each connection what `talk` says, after the request; gives its URL.

    `talk` may run until the connection breaks.
    """
    with serving(talk, reads=reads, patience=20.0) as port:
        yield f"http://127.0.0.1:{port}"


def answer(body: bytes, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> bytes:
    """An HTTP answer as it is on the wire."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    lines = [
        f"HTTP/1.1 {status}",
        *(f"{name}: {value}" for name, value in (fields | dict(headers or {})).items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def send_raw(port: int, data: bytes, seconds: float = 10.0) -> bytes:
    """Send bytes to a port of this machine, and read what comes until the other side closes or is silent."""
    received = b""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection,
        contextlib.suppress(OSError),
    ):
        connection.sendall(data)
        while select.select([connection], [], [], seconds)[0] and (piece := connection.recv(65536)):
            received += piece
    return received


def unpacked(html: str) -> dict[str, bytes]:
    """What a packed report carries, by the names that Allure's page asks for."""
    stored = re.search(r'<script type="application/gzip" id="packed">([^<]*)</script>', html)
    assert stored
    index, _, rest = gzip.decompress(base64.b64decode(stored[1])).partition(b"\n")
    parts, at = {}, 0
    for name, length in json.loads(index):
        parts[name] = rest[at : at + length]
        at += length
    assert at == len(rest)
    return parts
