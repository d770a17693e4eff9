"""Allure's command line tool: installed once for each pinned version, into a cache of the user's.

`allure/package-lock.json` pins it and all that it needs, with checksums. To take a newer one, change
`allure/package.json` and run `npm install --package-lock-only --ignore-scripts` beside it, with
`omit-lockfile-registry-resolved=true`: the lock names no registry, so that a user's own is asked.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

from oicp_conformance.reporting import node
from oicp_conformance.reporting.render_error import RenderError

VARIABLE = "OICP_CONFORMANCE_CACHE"
"""The environment variable that names the cache."""
PINNED = Path(__file__).with_name("allure")
TIMEOUT = 180.0
# By itself npm tries for more than a minute to reach a network that is not there.
PATIENCE = ["--fetch-retries=2", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000"]
_ELSEWHERE = f"set {VARIABLE} to a folder that can be written"
_NO_NETWORK = (
    "download Allure once on a machine with a network (oicp-conformance report --prepare --cache DIR), "
    f"copy DIR to this machine, and set {VARIABLE} to it"
)


def allure(cache: Path | None = None) -> Path:
    """Return Allure's program for Node in a cache, the user's if none is named; installed now if need be.

    Raises:
        RenderError: it is not there, and cannot be installed.
    """
    lock = PINNED / "package-lock.json"
    cache = cache or cache_folder()
    # The lock is part of the name: another lock, another installation.
    installed = cache / f"allure-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    try:
        if not installed.is_dir():
            cache.mkdir(parents=True, exist_ok=True)
            _install(installed)
    except OSError as error:
        reason = f"{error.strerror or error}: {error.filename or cache}"
        raise RenderError(f"Allure cannot be installed: {reason}", _ELSEWHERE) from error
    return installed / "node_modules/allure/cli.js"


def cache_folder() -> Path:
    """Return the folder that OICP_CONFORMANCE_CACHE names, or one where the platform keeps a user's caches.

    Raises:
        RenderError: the user has no home folder.
    """
    if own := os.environ.get(VARIABLE):
        return Path(own).expanduser().absolute()
    try:
        folder = user_cache_path("oicp-conformance", appauthor=False)
    except RuntimeError:
        folder = Path()
    if not folder.is_absolute():  # older versions leave the ~ where there is no home
        raise RenderError("there is no home folder to keep Allure in", _ELSEWHERE)
    return folder


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
        except RenderError as error:
            if installed.is_dir():  # another render was quicker
                return
            raise RenderError(str(error), error.advice or _NO_NETWORK, error.detail) from None
        try:
            fresh.rename(installed)
        except OSError:
            if not installed.is_dir():
                raise
