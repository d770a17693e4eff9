"""Looking for secrets in what was written, as one who knows only the files would."""

import re
from collections.abc import Iterator
from pathlib import Path

from oicp_conformance.redaction.redactor import Redactor

# A page brings its program along: what stands in that is nobody's secret.
_PROGRAM = re.compile(r"data:[a-z]+/[a-z0-9.+-]+[;,][^\"'\s)]*")
_BLOCK, _OVERLAP = 8 * 1024 * 1024, 64 * 1024
_NEW = 2.0
"""Seconds that the clock of a file system may be behind."""


def leaks(folder: Path, redactor: Redactor, *, since: float, but: Path | None) -> list[str]:
    """The secrets of the profile that are in files of a folder, written since then: which, and in which file.

    The profile itself may lie there, too: it is left out. What is in Base64, or compressed, is looked into.
    """
    return [
        f"{file.relative_to(folder)}: contains a secret: {place}"
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.stat().st_mtime >= since - _NEW and not (but and file.samefile(but))
        for place in _found(file, redactor)
    ]


def _found(file: Path, redactor: Redactor) -> list[str]:
    is_page = file.suffix in {".html", ".htm"}
    found: dict[str, None] = {}
    for block in _blocks(file, whole=is_page):
        text = _PROGRAM.sub("", block) if is_page else block
        found |= dict.fromkeys(redactor.leaks(text))
    return list(found)


def _blocks(file: Path, *, whole: bool) -> Iterator[str]:
    """The text of a file in pieces that overlap: a journal can be large. A page is read as a whole."""
    with file.open("rb") as source:
        before = b""
        while piece := source.read(-1 if whole else _BLOCK):
            yield (before + piece).decode("utf-8", "replace")
            before = piece[-_OVERLAP:]
