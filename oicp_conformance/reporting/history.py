"""Allure's file of runs: one a line, to which each rendering adds its own."""

import json
from pathlib import Path


def problem(file: Path) -> str:
    """Why runs cannot be remembered in a file; empty where they can. A file that is not there is made."""
    if not file.exists():
        return ""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        return f"{file}: {error.strerror}"
    except UnicodeDecodeError:
        return f"{file}: not a text file"
    for number, line in enumerate(lines, 1):
        if line.strip() and not _is_run(line):
            return f"{file}: line {number} is not a run of an Allure history: name another file"
    return ""


def _is_run(line: str) -> bool:
    try:
        run = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(run, dict) and isinstance(run.get("testResults"), dict)
