"""Runs that several tests look at: each is made once, whichever worker needs it first."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from oicp_conformance.oicp.types import Role
from selftest.support import Ran, reference_target, run_suite

FAULTS: dict[str, tuple[Role, str]] = {
    "cpo faulty": ("cpo", "cdr-without-evse-id"),
    "emp faulty": ("emp", "authorization-stop-refuses-own-medium"),
}


EXAMPLES = 20
"""Generated requests of each kind that a faultless target gets."""
PATIENCE = 300.0


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the workers of one session of tests have in common."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


class SharedRuns:
    """The runs of one session of tests, by name; who looks at one must not change its folder."""

    def __init__(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self._common = shared_folder(tmp_path_factory) / "shared-runs"

    def __call__(self, name: str, make: Callable[[Path], Ran] | None = None) -> Ran:
        """Give the run of a name; without `make`, which makes it in a folder, the name says what it is."""
        folder = self._common / name.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "ran.json"
        with FileLock(folder / "lock"):
            if not kept.exists():
                ran = make(folder) if make else made(folder, name)
                kept.write_text(json.dumps([ran.exit_code, ran.output, str(ran.folder)]), encoding="utf-8")
        exit_code, output, where = json.loads(kept.read_text(encoding="utf-8"))
        return Ran(exit_code, output, Path(where))


def made(folder: Path, kind: str) -> Ran:
    """A run of all tests: against a reference target, one with a fault, or one of which nothing is asked.

    The reference targets get generated requests as well.
    """
    role: Role = "cpo" if kind.startswith("cpo") else "emp"
    _, fault = FAULTS.get(kind, (role, ""))
    with reference_target(role, ("--fault", fault) if fault else ()) as target:
        toml = target.profile(wait=1.5)
        if kind.endswith("unasked"):
            toml = re.sub(r'driver = "http"\nurl = .*', 'driver = "none"', toml)
        examples = EXAMPLES if kind == role else 0
        return run_suite(folder, toml, "--examples", str(examples), seconds=PATIENCE)
