"""Reading what a user writes as TOML, and the words for what is wrong with it."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class TomlError(ValueError):
    """A file that cannot be read as TOML; its text names the file, and the line where there is one."""


def read(path: Path, what: str) -> dict[str, Any]:
    """Read the file `path`, which should be `what`, such as "a profile".

    Raises:
        TomlError: the file is not there, is not UTF-8, or is not TOML.
    """
    return parse(path, read_text(path, what))


def read_text(path: Path, what: str) -> str:
    """The text of the file `path`, which should be `what` in TOML.

    Raises:
        TomlError: the file is not there, or is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise TomlError(f"{path}: no such file; expected {what} in TOML") from None
    except IsADirectoryError:
        raise TomlError(f"{path}: found a folder, expected {what} in TOML") from None
    except OSError as error:
        raise TomlError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TomlError(
            f"{path}: line {line}: found byte 0x{data[error.start]:02x}, expected text in UTF-8"
        ) from None


def parse(path: Path, text: str) -> dict[str, Any]:
    """The tables of a text, which stands in the file `path`.

    Raises:
        TomlError: the text is not TOML.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise TomlError(f"{path}: not valid TOML: nested too deeply") from None
    except ValueError as error:  # besides its own error, tomllib lets that of int() through
        raise TomlError(f"{path}: {_line_of(str(error), text)}: not valid TOML: {error}") from None


def _line_of(message: str, text: str) -> str:
    found = re.search(r"at line ([0-9]+)", message)
    return f"line {found[1] if found else len(text.splitlines())}"


def unknown(name: str, known: Iterable[str], what: str) -> str:
    """That `name` is no `what`, and which one was probably meant."""
    text = hint(name, known) or f"expected one of {', '.join(known)}"
    return f"unknown {what}; {text}"


def hint(name: str, known: Iterable[str]) -> str:
    """Which of the known names was probably meant; empty when none is near."""
    by_lower_case = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), by_lower_case, n=1)
    return f"did you mean {by_lower_case[near[0]]}?" if near else ""


def shown(value: object) -> str:
    """`value` on one line, as it may stand in a message."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 100 else text[:99] + "…"
