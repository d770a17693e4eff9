"""Build the distributions and check them as a user gets them: `tox -e release`."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _run(*command: str | Path, folder: Path = ROOT) -> str:
    """Return what the command prints; raise CalledProcessError if it fails."""
    sys.stdout.write(f"+ {' '.join(map(str, command))}\n")
    sys.stdout.flush()
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own commands
    sys.stdout.write(done.stdout)
    return done.stdout


def main(out: Path) -> None:
    """Write sdist and wheel to `out`, an empty folder, and install the wheel into an empty environment."""
    _run(sys.executable, "-m", "build", "--outdir", out)
    (wheel,) = out.glob("*.whl")
    (sdist,) = out.glob("*.tar.gz")
    _run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
    _run(sys.executable, "-m", "check_wheel_contents", wheel)
    # The best rating; no address of mail is published.
    _run(sys.executable, "-m", "pyroma", "--min", "10", "--skip-tests", "AuthorEmail", "--", sdist)
    version = wheel.name.split("-")[1]
    # Away from the checkout, whose package would be imported instead of the installed one.
    with tempfile.TemporaryDirectory() as empty:
        folder = Path(empty)
        venv.create(folder / "venv", with_pip=True)
        scripts = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
        _run(scripts / "python", "-m", "pip", "install", "--quiet", wheel, folder=folder)
        printed = _run(scripts / "oicp-conformance", "version", folder=folder)
    if version not in printed:
        raise SystemExit(f"the installed command prints {printed!r}, but the wheel has version {version}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as built:
        main(Path(built))
