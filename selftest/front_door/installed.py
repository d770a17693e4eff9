"""The suite as somebody else has it: the wheel in an environment of its own, used from an empty folder."""

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from selftest.support import ROOT, environment

PATIENCE = 300.0
"""Seconds that nothing here needs, also on a busy machine."""


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it."""

    folder: Path

    @property
    def bin(self) -> Path:
        """Where its programs lie."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def package(self) -> Path:
        """Where the suite lies in it."""
        (found,) = self.folder.glob("[Ll]ib/**/site-packages/oicp_conformance")
        return found

    def run(
        self, cwd: Path, *arguments: str | Path, module: bool = False, more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its programs, or a module, in a folder; `more` goes into the environment."""
        program, *rest = map(str, arguments)
        command = [str(self.bin / "python"), "-m", program] if module else [str(self.bin / program)]
        return subprocess.run(  # noqa: S603 - our own command
            [*command, *rest],
            cwd=cwd,
            env={**clean(), **(more or {})},
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
        )

    @contextmanager
    def reference_cpo(self, cwd: Path, hub: int) -> Iterator[dict[str, str]]:
        """Start its reference CPO, as README says; gives what that says of itself."""
        process = subprocess.Popen(  # noqa: S603 - our own command
            [
                *(str(self.bin / "python"), "-m", "oicp_conformance.reference.cpo"),
                *("--hub", f"http://127.0.0.1:{hub}", "--until-stdin-closes"),
            ],
            cwd=cwd,
            env=clean(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            process.stdout.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def clean() -> dict[str, str]:
    """The environment without what would lead to the checkout."""
    return {name: value for name, value in environment().items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}


def shared(folder: Path) -> Installed:
    """The installation in a folder that all workers of a session know; who comes first makes it."""
    folder.mkdir(parents=True, exist_ok=True)
    done, target = folder / "done", Installed(folder / "environment")
    with FileLock(folder / "lock", timeout=PATIENCE):
        if not done.exists():
            install(folder)
            done.touch()
    return target


def install(folder: Path) -> Installed:
    """Build the wheel and install it, with what it needs, into an empty environment."""
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")], ROOT)
    (wheel,) = (folder / "dist").glob("*.whl")
    target = Installed(folder / "environment")
    if uv := shutil.which("uv"):
        _run([uv, "venv", "-q", "--python", sys.executable, str(target.folder)], folder)
        python = str(target.bin / "python")
        _run([uv, "pip", "install", "-q", "--compile-bytecode", "--python", python, str(wheel)], folder)
    else:
        venv.create(target.folder, with_pip=True)
        _run([str(target.bin / "python"), "-m", "pip", "install", "-q", str(wheel)], folder)
    return target


def _run(command: Sequence[str], cwd: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=cwd, env=clean(), check=False, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
