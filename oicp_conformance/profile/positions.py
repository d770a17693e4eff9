"""The lines of a TOML file on which its keys stand: tomllib does not tell them."""

import re
import tomllib
from bisect import bisect_right

from oicp_conformance.profile.places import Key

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
# Up to two quotation marks may stand before the three that end a long string.
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:\\.|[^"\\])*"|' r"'[^']*'", re.DOTALL
)
_OTHER = re.compile(r"[^,\]}\n#]+")


def lines_of(text: str) -> dict[Key, int]:
    """The line of each table, key and list item of a text that is valid TOML; lines count from 1."""
    return _Scanner(text).scan()


class _Scanner:
    """Goes through a text once. What is valid TOML needs no checks: each part is known by its beginning."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breaks = [found.start() for found in re.finditer("\n", text)]
        self._lines: dict[Key, int] = {}
        self._latest: dict[Key, int] = {}
        """The position of the latest table of each list of tables."""

    def scan(self) -> dict[Key, int]:
        table: Key = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            table = self._header() if self._text[self._at] == "[" else self._pair(table)
            self._skip(_BLANK)
        return self._lines

    def _header(self) -> Key:
        """`[a.b]` or `[[a.b]]`."""
        line, is_list = self._line(), self._text.startswith("[[", self._at)
        self._at += 2 if is_list else 1
        self._skip(_BLANK)
        *around, name = self._key()
        self._skip(_BLANK)
        self._at += 2 if is_list else 1
        table: Key = ()
        for part in around:
            table = self._into((*table, part), line)
        table = (*table, name)
        if is_list:
            self._latest[table] = self._latest.get(table, -1) + 1
        return self._into(table, line)

    def _into(self, table: Key, line: int) -> Key:
        """Note a table; of a list of tables, the latest one."""
        self._note(table, line)
        if table in self._latest:
            table = (*table, self._latest[table])
            self._note(table, line)
        return table

    def _pair(self, table: Key) -> Key:
        """`a.b = value`; gives the table in which it stands."""
        line, key = self._line(), table
        for part in self._key():
            key = (*key, part)
            self._note(key, line)
        self._skip(_BLANK)
        self._at += 1
        self._value(key)
        return table

    def _key(self) -> list[str]:
        parts = []
        while True:
            quoted = _STRING.match(self._text, self._at)
            found = quoted or _BARE.match(self._text, self._at)
            assert found is not None, "this is valid TOML"
            self._at = found.end()
            parts.append(tomllib.loads(f"key = {found[0]}")["key"] if quoted else found[0])
            if not (dot := _DOT.match(self._text, self._at)):
                return parts
            self._at = dot.end()

    def _value(self, key: Key) -> None:
        self._skip(_BLANK)
        begin = self._text[self._at]
        if begin == "[":
            self._items(key)
        elif begin == "{":
            self._inline_table(key)
        else:
            self._skip(_STRING if begin in "\"'" else _OTHER)

    def _items(self, key: Key) -> None:
        position = 0
        self._at += 1
        while not self._ends("]"):
            self._note((*key, position), self._line())
            self._value((*key, position))
            position += 1

    def _inline_table(self, key: Key) -> None:
        self._at += 1
        while not self._ends("}"):
            self._pair(key)

    def _ends(self, sign: str) -> bool:
        """Step over what separates items, and over the sign that ends them; tells whether it came."""
        self._skip(_BLANK)
        if self._text[self._at] == ",":
            self._at += 1
            self._skip(_BLANK)
        ended = self._text[self._at] == sign
        self._at += ended
        return ended

    def _skip(self, what: re.Pattern[str]) -> None:
        if found := what.match(self._text, self._at):
            self._at = found.end()

    def _line(self) -> int:
        return bisect_right(self._breaks, self._at - 1) + 1

    def _note(self, key: Key, line: int) -> None:
        self._lines.setdefault(key, line)
