"""Build the distributions and check them as a user gets them: `tox -e release`."""

import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _run(*command: str | Path, folder: Path = ROOT) -> str:
    """Return what the command prints; raise CalledProcessError if it fails."""
    sys.stdout.write(f"+ {' '.join(map(str, command))}\n")
    sys.stdout.flush()
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own commands
    sys.stdout.write(done.stdout)
    return done.stdout


def objection(version: str, tags: Sequence[str], changelog: str) -> str:
    """Return why a commit with such tags is not the release of a version; empty if it is, or is none."""
    releases = [one for one in tags if one.startswith("v")]
    if releases and releases != [f"v{version}"]:
        return f"the commit has the tag {', '.join(releases)}, but __version__ is {version}"
    if releases and f"\n## [{version}]" not in changelog:
        return f"the commit has the tag v{version}, but CHANGELOG.md has no section [{version}]"
    return ""


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
    tags = _run("git", "tag", "--points-at", "HEAD").split()
    if reason := objection(version, tags, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")):
        raise SystemExit(reason)
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
