"""Allure's command line tool: installed once for each pinned version, into a cache of the user's.

`allure/package-lock.json` pins it and all that it needs, with checksums. To take a newer one, change
`allure/package.json` and run `npm install --package-lock-only --ignore-scripts` beside it, with
`omit-lockfile-registry-resolved=true`: the lock names no registry, so that a user's own is asked.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from oicp_conformance.reporting import node
from oicp_conformance.reporting.render_error import RenderError

PINNED = Path(__file__).with_name("allure")
TIMEOUT = 180.0
# By itself npm tries for more than a minute to reach a network that is not there.
PATIENCE = ["--fetch-retries=2", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000"]


def allure() -> Path:
    """Allure's program for Node; installed now if it never was."""
    lock = PINNED / "package-lock.json"
    try:
        cache = cache_folder()
        # The lock is part of the name: another lock, another installation.
        installed = cache / f"allure-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
        if not installed.is_dir():
            cache.mkdir(parents=True, exist_ok=True)
            _install(installed)
    except OSError as error:
        raise RenderError(f"cannot install Allure: {error}") from error
    return installed / "node_modules/allure/cli.js"


def cache_folder() -> Path:
    """OICP_CONFORMANCE_CACHE, or a folder where the platform keeps a user's caches."""
    if own := os.environ.get("OICP_CONFORMANCE_CACHE"):
        return Path(own).expanduser().absolute()
    try:
        home = Path.home()
    except RuntimeError as error:
        raise RenderError("no home folder for a cache: set OICP_CONFORMANCE_CACHE") from error
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local")
    elif sys.platform == "darwin":
        base = home / "Library/Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "oicp-conformance"


def _install(installed: Path) -> None:
    # Beside its final place, and moved there when complete: whoever finds it finds it whole, also
    # when two renders install at once or one is killed.
    with tempfile.TemporaryDirectory(dir=installed.parent, prefix="installing-") as folder:
        fresh = Path(folder, "allure")
        shutil.copytree(PINNED, fresh)
        try:
            node.run(
                [node.npm(), "ci", "--ignore-scripts", "--prefer-offline", *PATIENCE],
                cwd=fresh,
                timeout=TIMEOUT,
                doing="installing Allure with npm (the first report needs the network)",
            )
        except RenderError:
            if installed.is_dir():  # another render was quicker
                return
            raise
        try:
            fresh.rename(installed)
        except OSError:
            if not installed.is_dir():
                raise
