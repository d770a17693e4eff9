"""The examples: the first version of each backend gets the report beside it, and the next one passes."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from oicp_conformance.embedded import free_port
from selftest.support import ROOT, Ran, environment, run_suite

EXAMPLES = ROOT / "examples"
PATIENCE = 60.0


def node_modules(folder: Path) -> None:
    """Install what the lock file names, or skip."""
    npm = shutil.which("npm", path=os.environ["PATH"])
    if npm is None:
        pytest.skip("npm is not installed")
    done = subprocess.run(  # noqa: S603 - our own command
        [npm, "ci", "--no-audit", "--no-fund", "--prefer-offline"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    if done.returncode:
        pytest.skip(f"npm cannot install Express: {done.stderr.strip()[-300:]}")


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of this environment come first: python3, node, npm."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@contextlib.contextmanager
def started(folder: Path, command: list[str], hub: int, port: int) -> Iterator[None]:
    """Run a backend until the block ends."""
    program = shutil.which(command[0], path=os.environ["PATH"])
    assert program, command
    process = subprocess.Popen(  # noqa: S603 - our own example
        [program, *command[1:]],
        cwd=folder,
        env=environment() | {"HUBJECT": f"http://127.0.0.1:{hub}", "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None, f"{command} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{command} does not listen"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # node starts a child of its own
        process.wait(10)


def judged(tmp_path: Path, folder: Path, command: list[str], operation: str) -> Ran:
    """Judge a backend of a folder in one operation, with the profile and the shim that lie beside it."""
    tmp_path.mkdir()
    hub, port = free_port(), free_port()
    with started(folder, command, hub, port):
        os.environ["BACKEND"] = base = f"http://127.0.0.1:{port}"
        try:
            return run_suite(
                *(tmp_path, folder / "profile.toml", "--operation", operation),
                *("--set", f"target.base_url={base}", "--set", f"hub.listen=127.0.0.1:{hub}"),
            )
        finally:
            del os.environ["BACKEND"]


def broken(report: str) -> set[str]:
    """The ids of the broken MUSTs of a report."""
    return set(re.findall(r"^\*\*FAIL <code>(.*?)</code>", report, re.MULTILINE))


@pytest.fixture
def folder(tmp_path: Path, example: str) -> Path:
    """A copy of an example, with what it needs."""
    copy = tmp_path / example
    shutil.copytree(EXAMPLES / example, copy, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    if (copy / "package.json").exists():
        node_modules(copy)
    return copy


BACKENDS = [
    ("cpo-fastapi", ["python", "{}.py"], "eRoamingAuthorizeRemoteStart", "occupied-evse"),
    ("emp-express", ["node", "{}.js"], "eRoamingAuthorizeStart", "unknown"),
]


@pytest.mark.parametrize(("example", "command", "operation", "known"), BACKENDS, ids=["cpo", "emp"])
def test_both_versions(tmp_path: Path, folder: Path, command: list[str], operation: str, known: str) -> None:
    first = judged(tmp_path / "first", folder, [one.format("first_version") for one in command], operation)
    assert first.verdict == "fail"
    assert f"{operation}.{known}" in first.failed()
    seen = broken((first.folder / "conformance.md").read_text(encoding="utf-8"))
    assert seen == first.failed()
    assert seen <= broken((folder / "first_report.md").read_text(encoding="utf-8"))
    after = judged(tmp_path / "after", folder, [one.format("backend") for one in command], operation)
    assert (after.verdict, after.rows("warning")) == ("partial", [])


@pytest.mark.parametrize("example", ["cpo-fastapi"])
def test_profile_from_the_document_of_a_backend(tmp_path: Path, folder: Path) -> None:
    """The backend describes itself; what `init` makes of that passes the check."""
    hub, port = free_port(), free_port()
    base = f"http://127.0.0.1:{port}"
    with started(folder, ["python", "backend.py"], hub, port):
        made = oicp(
            *(tmp_path, "init", "--openapi", f"{base}/openapi.json", "--operator-id", "DE*ABC"),
            *("--evse-id", "DE*ABC*E1*1", "--listen", f"127.0.0.1:{hub}", "--stimuli", "none"),
        )
        assert made.returncode == 0, made.stderr
        assert f'base_url = "{base}"' in (tmp_path / "profile.toml").read_text(encoding="utf-8")
        checked = oicp(tmp_path, "check", "--target", "profile.toml")
    assert checked.returncode == 0, checked.stdout
    assert "the paths of 2 operations are served" in checked.stdout


def oicp(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "oicp_conformance", *arguments],
        cwd=folder,
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize("example", [one[0] for one in BACKENDS])
def test_workflow_starts_what_is_there(example: str) -> None:
    """The command and the profile that the CI file names are those of the folder."""
    workflow = yaml.safe_load((EXAMPLES / example / "oicp.yml").read_text(encoding="utf-8"))
    given = workflow["jobs"]["conformance"]["steps"][-1]["with"]
    assert (EXAMPLES / example / given["target"]).exists()
    program, argument = given["start"].split()
    if program == "npm":
        assert f'"{argument}": "node backend.js"' in (EXAMPLES / example / "package.json").read_text()
    else:
        assert (EXAMPLES / example / argument).exists()
