"""Other machines on which runs take place, by execnet: each has an address such as `ssh=lab2`."""

import io
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import execnet

from oicp_conformance import __version__
from oicp_conformance.batch import remote
from oicp_conformance.batch.connecting import Program, Programs
from oicp_conformance.batch.places import CONSOLE, Asked, PlaceLost, Running
from oicp_conformance.batch.plan import One, PlanError

_CONNECTING = 60.0
"""Seconds within which a machine is connected."""
_SILENCE = 60.0
"""Seconds of a run without a sign of life after which its machine counts as lost."""
_SSH_FAILED = 255
"""The exit code of ssh for its own errors; any other is that of Python, or of the shell that starts it."""
_KEYS = {*execnet.XSpec.__annotations__, "env", "_spec"}
"""What an address may set; execnet ignores all else. The last two are its own."""
_EXAMPLE = "ssh=USER@HOST//python=PATH//chdir=DIR"


class _Seen(NamedTuple):
    """What was found on a machine."""

    python: str
    version: str | None
    folder: str
    trouble: str
    """Why the folder cannot be entered that the address names."""
    missing: list[str]


@contextmanager
def opened(addresses: Sequence[str], asked: Asked, files: Sequence[Path]) -> Iterator[list["There"]]:
    """Connect machines, each of which has these profiles, and end the connections at the end.

    Raises:
        PlanError: an address is none, or cannot be connected, or no run can take place there.
    """
    programs = Programs()
    # It is written for a name, and takes what the name stands for.
    group = execnet.Group(execmodel=programs)  # type: ignore[arg-type]
    try:
        yield [There(one, *_connected(group, programs, one, files), asked) for one in addresses]
    finally:
        group.terminate(timeout=5.0)
        programs.end()


def _connected(
    group: execnet.Group, programs: Programs, address: str, files: Sequence[Path]
) -> tuple[execnet.Gateway, Program | None]:
    spec = _spec(address)
    folder, spec.chdir = spec.chdir, None  # execnet would create a folder that does not exist
    try:
        gateway, seen = _within(_CONNECTING, partial(_arrived, group, spec, folder, files))
    # execnet has no error of its own for most of what may be wrong.
    except Exception as error:
        why = _why(error, spec, programs.new())
        raise PlanError(f"--on {_shown(address)}: it cannot be connected: {why}") from error
    if problem := _problem(folder, seen):
        raise PlanError(f"--on {_shown(address)}: {problem}")
    program = programs.new()
    if program:
        program.forget()
    return gateway, program


def _spec(address: str) -> execnet.XSpec:
    try:
        spec = execnet.XSpec(address)
    except (ValueError, AttributeError, IndexError):
        spec = None
    if spec is None or not (spec.ssh or spec.popen or spec.socket or spec.vagrant_ssh):
        raise PlanError(f"--on {_shown(address)}: this is not an address of a machine; expected {_EXAMPLE}")
    if unknown := sorted(vars(spec).keys() - _KEYS):
        raise PlanError(f"--on {_shown(address)}: unknown key {unknown[0]}; expected {_EXAMPLE}")
    if spec.via or spec.installvia:  # the machine on the way would have to work beside its main thread
        raise PlanError(
            f"--on {_shown(address)}: a machine on the way is not supported; use ProxyJump of ssh"
        )
    return spec


def _shown(address: str) -> str:
    """Return an address without its variables, which may be secrets."""
    return "//".join(part for part in address.split("//") if not part.startswith("env:"))


def _arrived(
    group: execnet.Group, spec: execnet.XSpec, folder: str | None, files: Sequence[Path]
) -> tuple[execnet.Gateway, _Seen]:
    gateway = group.makegateway(spec)
    channel = gateway.remote_exec(remote)
    channel.send("arrive")
    channel.send((folder, list(map(str, files))))
    return gateway, _Seen(*channel.receive())


def _within(
    seconds: float, work: Callable[[], tuple[execnet.Gateway, _Seen]]
) -> tuple[execnet.Gateway, _Seen]:
    """Do something that may never end; raises TimeoutError if it takes longer."""
    done: Future[tuple[execnet.Gateway, _Seen]] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except Exception as error:  # noqa: BLE001 - whoever waits for it gets it
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return done.result(seconds)


def _why(error: Exception, spec: execnet.XSpec, program: Program | None) -> str:
    """Say why a machine could not be connected, and what to do."""
    if isinstance(error, TimeoutError):
        said = f"no response within {_CONNECTING:g} s"
    elif isinstance(error, AssertionError):  # execnet expects one letter of its own
        said = "it writes something before Python starts"
    else:
        said = (program.last_line() or "it ended at once") if program else _last_line(error)
    if not spec.ssh:
        return said
    if program and program.code not in (None, _SSH_FAILED):
        return f"{said}; name the Python there that has the suite: //python=PATH"
    config = f"-F {spec.ssh_config} " if spec.ssh_config else ""
    return f"{said}; this command must work first, print nothing and ask nothing: ssh {config}{spec.ssh} true"


def _problem(folder: str | None, seen: _Seen) -> str:
    """Say why no run can take place on a machine, and what to do; empty if it can."""
    if seen.trouble:
        return f"//chdir={folder}: {seen.trouble}; name the folder there that has the profiles"
    if seen.version is None:
        return (
            f"{seen.python} there does not have oicp-conformance; install version {__version__} for it, "
            "or name the Python that has it: //python=PATH"
        )
    if seen.version != __version__:
        return (
            f"{seen.python} there has oicp-conformance {seen.version}, and here is {__version__}; "
            "install the same version"
        )
    if seen.missing:
        more = f" (nor {len(seen.missing) - 1} more)" if seen.missing[1:] else ""
        return (
            f"no file {seen.missing[0]}{more} there, in {seen.folder}; copy the profiles, "
            "or name the folder there in which these paths start: //chdir=DIR"
        )
    return ""


def _last_line(error: BaseException) -> str:
    """What an error says, without the traceback of the other machine."""
    return next(iter(str(error).strip().splitlines()[::-1]), "") or type(error).__name__


class There:
    """A machine with the suite installed, on which one target at a time is judged."""

    def __init__(self, address: str, gateway: execnet.Gateway, program: Program | None, asked: Asked) -> None:
        self._address = address
        self._gateway = gateway
        self._program = program
        self._asked = asked

    def start(self, one: One, folder: Path) -> Running:
        """Start the run of a target."""
        options, rest = self._asked(one)
        try:
            channel = self._gateway.remote_exec(remote)
            channel.send("judge")
            channel.send((list(options), list(rest), folder.name))
        except OSError as error:
            raise self.lost(error) from error
        return _Remote(self, channel, folder)

    def lost(self, error: Exception) -> PlaceLost:
        """Return the error that says what became of this machine."""
        if isinstance(error, execnet.TimeoutError):
            why = f"no sign of life for {_SILENCE:g} s"
        elif isinstance(error, execnet.RemoteError):
            why = _last_line(error)
        else:
            said = self._program.last_line() if self._program else ""
            why = f"the connection was lost{f' ({said})' if said else ''}"
        return PlaceLost(f"{self._address.partition('//')[0]}: {why}; judge this target again")


class _Remote:
    """A run on another machine."""

    def __init__(self, place: There, channel: execnet.Channel, folder: Path) -> None:
        self._place = place
        self._channel = channel
        self._folder = folder

    def wait(self) -> int:
        """Wait for its end, fetch its reports, and return its exit code."""
        packed = io.BytesIO()
        try:
            while not isinstance(item := self._next(), tuple):
                packed.write(item or b"")
        except (EOFError, OSError, self._channel.RemoteError) as error:
            lost = self._place.lost(error)
            (self._folder / CONSOLE).write_text(f"{lost}\n", encoding="utf-8")
            raise lost from error
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(self._folder)
        code, there = item
        self._move(there)
        return int(code)

    def _next(self) -> Any:
        """Wait for an item, in two parts: who goes on after Ctrl-Z finds the time of the first one over."""
        with suppress(execnet.TimeoutError):
            return self._channel.receive(timeout=_SILENCE / 2)
        return self._channel.receive(timeout=_SILENCE / 2)

    def _move(self, there: str) -> None:
        """Have the console name the files as they are called on this machine."""
        console = self._folder / CONSOLE
        said = console.read_bytes().replace(there.encode(), str(self._folder).encode())
        console.write_bytes(said)

    def signal(self, number: int) -> None:
        """Ask it to end as Ctrl-C does."""
        self._tell(int(number))

    def kill(self) -> None:
        """End it at once."""
        self._tell(0)

    def _tell(self, what: int) -> None:
        with suppress(OSError):  # it has ended, or will be found to be lost
            self._channel.send(what)
