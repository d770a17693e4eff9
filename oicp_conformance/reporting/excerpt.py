"""The part of a message that a finding is about, with a mark on it: pure functions.

What is far from the mark is left out, so that an excerpt of a full load is no longer than that of a stop.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from oicp_conformance.journal.json_text import visible

WHOLE = 40
"""Lines up to which a message is shown as a whole."""
_BESIDE = 4
"""Of a longer one: how many siblings are shown on either side of what is marked, and of what it lies in."""
_FIRST = 2
"""How many first fields are shown of whatever what is marked lies in."""
_SMALL = 8
"""Lines up to which such a sibling is shown as a whole."""
_WIDEST = 160
"""Characters of a value that are shown."""
MARK, _NO_MARK = ">> ", "   "


@dataclass(frozen=True)
class _Line:
    text: str
    caret: tuple[int, int] | None = None
    """From which column to which; only a line that is marked has it."""


def marked(body: Any, pointer: str, note: str = "") -> str:
    """A JSON value pretty-printed, with `>>` before the line at a JSON pointer and carets under the value.

    A pointer to what is not there marks where it would be. The `note` stands beside the carets.
    """
    path = [one.replace("~1", "/").replace("~0", "~") for one in pointer.split("/")[1:]]
    printer = _Printer(whole=_height(body, WHOLE) <= WHOLE)
    return "\n".join(_drawn(printer.value(body, path, 0, "", ""), note))


def broken(text: str, note: str = "") -> str:
    """A text that should be JSON, with a mark where it stops being that."""
    lines = text.split("\n")
    try:
        json.loads(text)
        row, column = 0, 0
    except json.JSONDecodeError as error:
        row, column = min(error.lineno, len(lines)) - 1, error.colno - 1
    except RecursionError:
        row, column = 0, 0
    left = max(0, column - _WIDEST // 2)  # a text without line breaks is shown from near the mark on
    shown = [_Line(_cut(line)) for line in lines]
    here = lines[row][left : left + _WIDEST]
    ellipsis = "… " if left else ""
    at = len(ellipsis) + min(column - left, len(here))
    shown[row] = _Line(f"{ellipsis}{here}", (at, at + 1))
    first, last = max(0, row - WHOLE // 2), row + WHOLE // 2
    before = [_Line(_more(first, "line"))] if first else []
    after = [_Line(_more(len(lines) - last, "line"))] if len(lines) > last else []
    return "\n".join(_drawn([*before, *shown[first:last], *after], note))


def _drawn(lines: Sequence[_Line] | Iterator[_Line], note: str) -> Iterator[str]:
    for line in lines:
        yield f"{MARK if line.caret else _NO_MARK}{visible(line.text)}".rstrip()
        if line.caret:
            start, end = (len(visible(line.text[:at])) for at in line.caret)
            yield f"{_NO_MARK}{' ' * start}{'^' * max(1, end - start)} {visible(note)}".rstrip()


@dataclass(frozen=True)
class _Printer:
    whole: bool

    def value(
        self, value: Any, path: Sequence[str] | None, depth: int, before: str, after: str
    ) -> Iterator[_Line]:
        """The lines of a value; `path` leads to what is marked in it, and is None if nothing is."""
        indent = "  " * depth + before
        opening = _opening(value)
        if not opening:
            text = _cut(json.dumps(value, ensure_ascii=False))
            yield _Line(f"{indent}{text}{after}", None if path is None else (len(indent), len(indent + text)))
            return
        is_it = path is not None and not path
        if is_it and not self.whole and _height(value, _SMALL) > _SMALL:
            text = _closed(value)
            yield _Line(f"{indent}{text}{after}", (len(indent), len(indent + text)))
            return
        yield _Line(f"{indent}{opening}", (len(indent), len(indent) + 1) if is_it else None)
        yield from self._children(value, path or None, depth + 1)
        yield _Line(f"{'  ' * depth}{'}' if opening == '{' else ']'}{after}")

    def _children(self, value: Any, path: Sequence[str] | None, depth: int) -> Iterator[_Line]:
        is_object = isinstance(value, dict)
        pairs = list(value.items()) if is_object else list(enumerate(value))
        names = [str(name) for name, _ in pairs]
        target = names.index(path[0]) if path and path[0] in names else None
        missing = path is not None and target is None
        left_out = 0
        for number, (name, child) in enumerate(pairs):
            if number != target and not self._is_shown(
                child, number, target, len(pairs), in_object=is_object
            ):
                left_out += 1
                continue
            if left_out:
                yield _Line("  " * depth + _more(left_out, "field" if is_object else "element"))
                left_out = 0
            before = f"{_cut(json.dumps(name, ensure_ascii=False))}: " if is_object else ""
            comma = "," if number < len(pairs) - 1 else ""
            own = path[1:] if path is not None and number == target else None
            if own is None and not self.whole and _height(child, _SMALL) > _SMALL:
                yield _Line(f"{'  ' * depth}{before}{_closed(child)}{comma}")
            else:
                yield from self.value(child, own, depth, before, comma)
        if left_out:
            yield _Line("  " * depth + _more(left_out, "field" if is_object else "element"))
        if missing and path is not None:
            yield _absent(path, depth, in_object=is_object)

    def _is_shown(self, child: Any, number: int, target: int | None, count: int, *, in_object: bool) -> bool:
        """Whether a child beside what is marked is shown, and not only counted."""
        if self.whole or (target is None and count <= _SMALL):
            return True
        middle = count if target is None else target
        if in_object:  # the first fields are the ids
            return number < _FIRST or abs(number - middle) <= _BESIDE
        return abs(number - middle) <= 1 and _height(child, _SMALL) <= _SMALL


def _absent(path: Sequence[str], depth: int, *, in_object: bool) -> _Line:
    indent = "  " * depth
    name = json.dumps(path[0], ensure_ascii=False) if in_object else f"[{path[0]}]"
    return _Line(f"{indent}{name} is not there", (len(indent), len(indent) + len(name)))


def _opening(value: Any) -> str:
    """The bracket that opens a container with something in it; empty for all else."""
    if isinstance(value, dict | list) and value:
        return "{" if isinstance(value, dict) else "["
    return ""


def _height(value: Any, enough: int) -> int:
    """How many lines a value takes; not counted further than just over `enough`."""
    if not _opening(value) or enough < 0:  # a target may nest deeper than can be followed
        return 1
    lines = 2
    for child in value.values() if isinstance(value, dict) else value:
        lines += _height(child, enough - lines)
        if lines > enough:
            break
    return lines


def _closed(value: Any) -> str:
    """A container in one line."""
    if isinstance(value, dict):
        return f"{{ {_count(len(value), 'field')} }}"
    return f"[ {_count(len(value), 'element')} ]"


def _more(count: int, what: str) -> str:
    return f"… {_count(count, what)}"


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}… ({len(text)} characters)"
