"""Other machines on which runs take place, by execnet: its addresses are those of `--tx` of pytest-xdist."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import execnet

from oicp_conformance.batch import remote
from oicp_conformance.batch.places import CONSOLE, Asked, PlaceLost, Running
from oicp_conformance.batch.plan import One, PlanError


@contextmanager
def opened(addresses: Sequence[str], asked: Asked) -> Iterator[list["There"]]:
    """Connect machines, and end the connections at the end.

    Raises:
        PlanError: an address is none, or cannot be connected.
    """
    group = execnet.Group(execmodel="main_thread_only")
    try:
        yield [There(address, _connected(group, address), asked) for address in addresses]
    finally:
        group.terminate(timeout=5.0)


def _connected(group: execnet.Group, address: str) -> execnet.Gateway:
    try:
        return group.makegateway(address)
    # execnet has no error of its own for most of what is wrong with an address.
    except Exception as error:
        said = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise PlanError(f"--on {address}: it cannot be connected: {said}") from error


class There:
    """A machine with the suite installed, on which one target at a time is judged."""

    def __init__(self, address: str, gateway: execnet.Gateway, asked: Asked) -> None:
        self._address = address
        self._gateway = gateway
        self._asked = asked

    def start(self, one: One, folder: Path) -> Running:
        """Start the run of a target."""
        try:
            channel = self._gateway.remote_exec(remote)
            channel.send(tuple(map(list, self._asked(one))))
        except OSError as error:
            raise PlaceLost(f"{self._address}: {error}") from error
        return _Remote(self._address, channel, folder)


class _Remote:
    """A run on another machine."""

    def __init__(self, address: str, channel: execnet.Channel, folder: Path) -> None:
        self._address = address
        self._channel = channel
        self._folder = folder

    def wait(self) -> int:
        """Wait for its end, fetch its reports, and return its exit code."""
        try:
            code, packed = self._channel.receive()
        except (EOFError, OSError, self._channel.RemoteError) as error:
            said = next(iter(str(error).strip().splitlines()[::-1]), "") or "the connection was lost"
            (self._folder / CONSOLE).write_text(f"{self._address}: {said}\n", encoding="utf-8")
            raise PlaceLost(f"{self._address}: {said}") from error
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            archive.extractall(self._folder)
        return int(code)

    def signal(self, number: int) -> None:
        """Ask it to end as Ctrl-C does."""
        self._tell(int(number))

    def kill(self) -> None:
        """End it at once."""
        self._tell(0)

    def _tell(self, what: int) -> None:
        with suppress(OSError):  # it has ended, or will be found to be lost
            self._channel.send(what)
