"""Several folders of Allure results, laid out so that one report can tell them apart.

Allure by itself reads several folders as one run: tests of the same name become retries, of which
it shows the last only, and of each environment.properties and executor.json the last one wins. So
each result gets a label with its folder, which the configuration turns into one of Allure's
environments, and the folders' own files are merged.
"""

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oicp_conformance.reporting.broken import Broken, broken
from oicp_conformance.reporting.render_error import RenderError
from oicp_conformance.reporting.slim import slim
from oicp_conformance.run.statements import NAME, StatementError, read

LABEL = "folder"
MERGED = {"environment.properties", "executor.json"}
# Allure wants environments named in at most 64 characters, without control characters and slashes.
UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f/\\]+")
NAME_LENGTH = 60


@dataclass(frozen=True)
class Folder:
    """One folder of results: the label it got, the name people see, what it holds, and how the run ended."""

    label: str
    name: str
    epics: frozenset[str]
    verdict: str | None = None
    broken: Sequence[Broken] = ()


def stage(results: Sequence[Path], into: Path) -> list[Folder]:
    """Lay the results out below `into`: a folder for each, and one for what was merged."""
    if not results:
        raise RenderError("no folder of Allure results to render")
    folders: list[Folder] = []
    environments = [_read_properties(source) for source in results]
    for number, source in enumerate(results, start=1):
        label = f"{LABEL}-{number}"
        epics = _copy(source, into / label, label)
        taken = {folder.name for folder in folders}
        verdict = environments[number - 1].get("verdict")
        folders.append(Folder(label, _name(source, epics, taken), epics, verdict, _broken(source)))
    slim([into / folder.label for folder in folders])
    merged = into / "merged"
    merged.mkdir()
    names = [folder.name for folder in folders]
    _merge_environments(names, environments, merged)
    _merge_executors([_read_executor(source) for source in results], merged)
    return folders


def _broken(source: Path) -> Sequence[Broken]:
    """What was broken in the run of some results, where its statement is beside them."""
    try:
        return broken(read(source.absolute().parent / NAME))
    except StatementError:
        return ()


def _copy(source: Path, target: Path, label: str) -> frozenset[str]:
    if not source.is_dir():
        raise RenderError(f"no folder of Allure results: {source}")
    target.mkdir(parents=True)
    tests = 0
    epics: set[str] = set()
    for file in sorted(source.iterdir()):
        if not file.is_file() or file.name in MERGED or _is_idle(file):
            continue
        if file.name.endswith("-result.json"):
            tests += 1
            result = _read_object(file)
            labels = [entry for entry in result.get("labels") or [] if isinstance(entry, dict)]
            epics |= {str(entry.get("value")) for entry in labels if entry.get("name") == "epic"}
            result["labels"] = [*labels, {"name": LABEL, "value": label}]
            (target / file.name).write_text(json.dumps(result), encoding="utf-8")
        else:
            _link(file, target / file.name)
    if not tests:
        raise RenderError(f"no test results in {source}: nothing to render")
    return frozenset(epics)


def _is_idle(file: Path) -> bool:
    """Whether it tells of fixtures of the suite's that did their work: that says nothing of the target."""
    if not file.name.endswith("-container.json"):
        return False
    container = _read_object(file)
    fixtures = [*(container.get("befores") or []), *(container.get("afters") or [])]
    return not any(one.get("status") in {"failed", "broken"} for one in fixtures)


def _link(file: Path, copy: Path) -> None:
    try:
        os.link(file.resolve(), copy)
    except OSError:  # another file system, or one without links
        shutil.copyfile(file, copy)


def _name(source: Path, epics: frozenset[str], taken: set[str]) -> str:
    folder = source.absolute()
    name = next(iter(epics)) if len(epics) == 1 else folder.parent.name + " " + folder.name
    name = UNFIT.sub(" ", name).strip()[:NAME_LENGTH].strip() or "results"
    number = 2
    unique = name
    while unique in taken:
        unique = f"{name} {number}"
        number += 1
    return unique


def _merge_environments(names: list[str], environments: list[dict[str, str]], into: Path) -> None:
    """Say once what all folders agree on, and for each folder what they do not."""
    lines: list[str] = []
    for key in dict.fromkeys(key for environment in environments for key in environment):
        values = [environment.get(key) for environment in environments]
        if len(set(values)) == 1:
            lines.append(property_line(key, values[0] or ""))
        else:
            lines += [
                property_line(f"{key} ({name})", value)
                for name, value in zip(names, values, strict=True)
                if value is not None
            ]
    if lines:
        (into / "environment.properties").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _merge_executors(executors: list[dict[str, Any]], into: Path) -> None:
    found = [executor for executor in executors if executor]
    if not found:
        return
    merged = dict(found[0])
    for field in ("name", "buildName"):
        if values := list(dict.fromkeys(str(executor[field]) for executor in found if executor.get(field))):
            merged[field] = ", ".join(values)
    (into / "executor.json").write_text(json.dumps(merged), encoding="utf-8")


def _read_executor(source: Path) -> dict[str, Any]:
    file = source / "executor.json"
    return _read_object(file) if file.is_file() else {}


def _read_object(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RenderError(f"cannot read {file}: {error}") from error
    if not isinstance(value, dict):
        raise RenderError(f"cannot read {file}: it is not a JSON object")
    return value


def _read_properties(source: Path) -> dict[str, str]:
    """Read `key = value` lines, with the backslash escapes of Java's properties."""
    file = source / "environment.properties"
    try:
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
    except (OSError, ValueError) as error:
        raise RenderError(f"cannot read {file}: {error}") from error
    found: dict[str, str] = {}
    for line in text.splitlines():
        if match := re.fullmatch(r"\s*((?:[^\\=:#!\s]|\\.)(?:[^\\=:]|\\.)*?)\s*[=:]\s*(.*?)\s*", line):
            found[_unescape(match[1])] = _unescape(match[2])
    return found


def _unescape(text: str) -> str:
    named = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}

    def plain(match: re.Match[str]) -> str:
        return chr(int(match[1], 16)) if match[1] else named.get(match[2], match[2])

    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", plain, text)


def property_line(key: str, value: str) -> str:
    """A line of Java's properties."""
    escaped = re.sub(r"([\\=:#!\s])", r"\\\1", key.replace("\n", " "))
    text = value.replace("\\", "\\\\").replace("\n", "\\n")
    return f"{escaped} = {text}"
