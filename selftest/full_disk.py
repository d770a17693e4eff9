"""A plugin with which the disk is full when a run is saved."""

import errno
from pathlib import Path

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    from oicp_conformance.run import archive  # noqa: PLC0415 - pytest has to be the first to import it

    def save(folder: Path, *_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(folder / "journal.jsonl"))

    archive.save = save  # type: ignore[assignment] # it takes what the real one takes
