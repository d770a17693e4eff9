"""What a report leaves out so that it stays small enough to be mailed and opened: what is needed least.

Whatever is left out is in the results beside the report, and in the journal.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oicp_conformance.reporting.wire import HTTP, JOURNAL

LIMIT = 24_000_000
"""Bytes that a report may carry beside its program: packed, they make it one of about 6 MB."""
_RESULT, _TEST = 1.7, 3_000
"""How many bytes Allure makes of a byte of a result, and of a test beside it, in lists and trees."""
_SVG = "image/svg+xml"
_PICTURE = "data:image/svg+xml"


@dataclass(frozen=True)
class _Part:
    """What can be left out of a test: attachments, and the steps that have nothing else."""

    rank: int
    """What is left out first has the lowest."""
    size: int
    file: Path
    kind: str

    @property
    def order(self) -> tuple[int, int]:
        """Of what is needed equally, the largest goes first."""
        return self.rank, -self.size


def slim(folders: Sequence[Path], limit: int = LIMIT) -> int:
    """Leave out of staged results what is too much for a report; gives how many bytes it will carry."""
    carried = sum(_carried(file) for folder in folders for file in folder.iterdir())
    if carried <= limit:
        return carried
    for part in sorted(_parts(folders), key=lambda one: one.order):
        if carried <= limit:
            break
        carried -= _without(part)
    return carried


def _carried(file: Path) -> int:
    """How many bytes a report carries for a file of results."""
    size = file.stat().st_size
    return int(size * _RESULT) + _TEST if file.name.endswith("-result.json") else size


def _parts(folders: Sequence[Path]) -> Iterator[_Part]:
    for folder in folders:
        for file in folder.glob("*-result.json"):
            result = json.loads(file.read_bytes())
            is_read = result.get("status") != "passed"
            is_shown = _PICTURE in (result.get("descriptionHtml") or "")
            exchanges = [one for step in _dispensable(result) for one in step["attachments"]]
            diagrams = [one for one in result.get("attachments") or [] if one.get("type") == _SVG]
            # A diagram that the description shows as well, what went well, and only then what did not.
            yield _Part(0 if is_shown else 2, _size(diagrams, folder), file, _SVG)
            yield _Part(3 if is_read else 1, _size(exchanges, folder), file, HTTP)


def _dispensable(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps that are an exchange in which nothing was found."""
    return [
        step
        for step in result.get("steps") or []
        if step.get("status") == "passed"
        and step.get("attachments")
        and all(one.get("type") == HTTP for one in step["attachments"])
    ]


def _size(attachments: Sequence[dict[str, Any]], folder: Path) -> int:
    return sum((folder / one["source"]).stat().st_size for one in attachments)


def _without(part: _Part) -> int:
    """Leave a part out; gives how many bytes that was."""
    result = json.loads(part.file.read_bytes())
    before = _carried(part.file)
    if part.kind == _SVG:
        gone = [one for one in result.get("attachments") or [] if one.get("type") == _SVG]
        result["attachments"] = [one for one in result.get("attachments") or [] if one not in gone]
    else:
        steps = _dispensable(result)
        gone = [one for step in steps for one in step["attachments"]]
        for step in steps:
            step["attachments"] = []
        if steps:
            note = f"the report would be too large with these requests and responses: they are in {JOURNAL}"
            result["steps"].append({"name": note, "status": "passed"})
    saved = before + _size(gone, part.file.parent)
    for one in gone:
        (part.file.parent / one["source"]).unlink()
    part.file.write_text(json.dumps(result), encoding="utf-8")
    return saved - _carried(part.file)
