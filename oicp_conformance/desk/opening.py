"""A desk as it is opened: before the target of a profile, or as a sandbox with both reference targets."""

import contextlib
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from oicp_conformance import embedded
from oicp_conformance.desk.desk import Desk
from oicp_conformance.desk.relay import Relay
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.provider import faker
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import Profile, load
from oicp_conformance.run.run import Run
from oicp_conformance.stimuli import driver_for

_ROLES: Sequence[Role] = ("cpo", "emp")


def run_before(profile: Profile, *, seed: int = 1, strict: bool = False) -> Run:
    """Make the hub before the target of a profile.

    Raises:
        StimulusError: the profile's driver cannot be used.
        HubError: the hub cannot stand as the profile wants it.
    """
    driver = driver_for(profile.stimuli, interactive=False, out=sys.stdout)
    return Run(profile, driver, faker(seed), seed=seed, strict=strict, folder=Path())


@contextlib.contextmanager
def opened(desk: Desk) -> Generator[Desk, None, None]:
    """Start a desk, and stop it in the end; raises `HubError`."""
    try:
        desk.start()
        yield desk
    finally:
        desk.stop()


@contextlib.contextmanager
def sandbox(
    host: str, ports: tuple[int, int], *, seed: int = 1, strict: bool = False
) -> Generator[Desk, None, None]:
    """Open a desk with both reference targets and a relay between them.

    `ports` are those on which the hub listens for the CPO and for the EMP.

    Raises:
        HubError: an address cannot be had.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="oicp-hub-")))
        targets = {
            role: _Reference(role, f"http://{_near(host)}:{port}", seed)
            for role, port in zip(_ROLES, ports, strict=True)
        }
        runs = []
        for (role, target), port in zip(targets.items(), ports, strict=True):
            file = folder / f"{role}.toml"
            file.write_text(embedded.profile(role, port, target.described), encoding="utf-8")
            profile = load(file, operations=BY_NAME, overrides=[f"hub.listen={host}:{port}"])
            runs.append(run_before(profile, seed=seed, strict=strict))

        def restart() -> None:
            for one in targets.values():
                one.restart()

        desk = Desk(runs, on_reset=restart)
        relay = Relay(desk.sides["cpo"], desk.sides["emp"])
        desk.after_reset = relay.begin_again
        stack.enter_context(opened(desk))
        relay.start()
        stack.callback(relay.stop)
        for one in targets.values():
            stack.callback(one.stop)
        restart()
        yield desk


def _near(host: str) -> str:
    """Where a target on this machine reaches a hub that listens at an address."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - it is only compared


class _Reference:
    """A reference target that can be started again: it is then as it was at first, at the same address."""

    def __init__(self, role: Role, hub: str, seed: int) -> None:
        self._role, self._hub, self._seed = role, hub, seed
        self._port = embedded.free_port()
        self._running = contextlib.ExitStack()

    @property
    def described(self) -> dict[str, str]:
        """Where it is, running or not."""
        base_url = f"http://127.0.0.1:{self._port}"
        return {"base_url": base_url, "stimuli_url": f"{base_url}/stimuli"}

    def restart(self) -> None:
        """Start it, again if it runs."""
        self.stop()
        port = ["--port", str(self._port)]
        self._running.enter_context(embedded.reference(self._role, self._hub, seed=self._seed, options=port))

    def stop(self) -> None:
        """Stop it."""
        self._running.close()
        self._running = contextlib.ExitStack()
