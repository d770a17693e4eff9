"""Whether a load works: `python -m tools.load`, in one process, with a master and two workers, with a fault.

The faultless reference targets must be partial, and the fault that shows only under load must be found.
"""

import argparse
import contextlib
import json
import subprocess
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fixtures.faults import UNDER_LOAD
from oicp_conformance import embedded
from oicp_conformance.oicp.types import Role

ROOT = Path(__file__).parent.parent
EVSES = tuple(f"DE*ABC*E{number}*1" for number in range(1, 41))
"""Those of the reference CPO: each has one session at a time."""


@dataclass(frozen=True)
class Case:
    """One load, and what has to come of it."""

    what: str
    role: Role
    workers: int = 1
    fault: str = ""

    @property
    def breaks(self) -> set[str]:
        """The requirements that the target breaks."""
        return {UNDER_LOAD[self.fault].breaks} if self.fault else set()

    def is_found(self, failed: set[str]) -> bool:
        """Whether what is broken was found; what belongs to another session breaks more than that."""
        return self.breaks <= failed if self.fault else not failed


CASES = (
    Case("the reference EMP, one process", "emp"),
    Case("the reference EMP, master and two workers", "emp", workers=2),
    Case("the reference CPO, one process", "cpo"),
    *(Case(f"the reference EMP with the fault {one}", "emp", fault=one) for one in UNDER_LOAD),
)


@dataclass(frozen=True)
class Ran:
    """What came of a load."""

    exit_code: int
    said: str
    folder: Path

    def _read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    @property
    def statement(self) -> dict[str, Any]:
        """The statement of the sample."""
        found: dict[str, Any] = self._read("conformance.json")
        return found

    @property
    def result(self) -> dict[str, Any]:
        """The figures of the load."""
        found: dict[str, Any] = self._read("load.json")
        return found

    @property
    def failed(self) -> set[str]:
        """The requirements that are broken."""
        return {one["id"] for one in self.statement["requirements"] if one["verdict"] == "fail"}


@contextlib.contextmanager
def target(role: Role, fault: str, folder: Path) -> Generator[Path, None, None]:
    """Start a reference target, and give its profile."""
    port = embedded.free_port()
    options = ["--fault", fault] if fault else []
    options += [part for evse in EVSES for part in ("--evse", evse)] if role == "cpo" else []
    hub = f"http://127.0.0.1:{port}"
    with embedded.reference(role, hub, options=options, package="fixtures", cwd=ROOT) as described:
        file = folder / "profile.toml"
        text = embedded.profile(role, port, described)
        if role == "cpo":
            text = text.replace(
                f"evse_ids = {json.dumps(embedded.EVSE_IDS)}", f"evse_ids = {json.dumps(EVSES)}", 1
            )
        file.write_text(text, encoding="utf-8")
        yield file


def run(case: Case, folder: Path, rate: int, duration: float, more: Sequence[str] = ()) -> Ran:
    """Put a load on a reference target; `more` are further options of the command."""
    with target(case.role, case.fault, folder) as profile:
        command = [sys.executable, "-m", "oicp_conformance", "load", "--target", str(profile)]
        command += ["--report-dir", str(folder / "out"), "--rate", str(rate), "--duration", str(duration)]
        command += ["--workers", str(case.workers), *more]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own
    return Ran(done.returncode, done.stdout + done.stderr, folder / "out")


def main() -> int:
    """Put all loads on the reference targets, and tell which did not come out as they have to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rate", type=int, default=60, help="calls a second")
    parser.add_argument("--duration", type=float, default=10.0, help="seconds of each load")
    given = parser.parse_args()
    wrong = 0
    for case in CASES:
        with TemporaryDirectory(prefix="load-") as folder:
            ran = run(case, Path(folder), given.rate, given.duration)
            good = ran.exit_code == int(bool(case.breaks)) and case.is_found(ran.failed)
        wrong += not good
        sys.stdout.write(f"\n##### {case.what}: {'OK' if good else 'NOT AS EXPECTED'} #####\n{ran.said}")
        sys.stdout.flush()
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
