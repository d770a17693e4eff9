"""A page of a pull, of which the records are not kept: there may be 100 000 of them in a run."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from oicp_conformance.journal.json_text import parse

_LARGE = 64 * 1024
"""Bytes of a page beyond which its records are read again when they are asked for, as hardly ever happens."""
_RECORDS, _LAST = "content", "last"


class Page(Mapping[str, Any]):
    """A page in JSON, as an object with all its fields."""

    def __init__(self, body: bytes, value: Mapping[str, Any]) -> None:
        self._body = body
        self._fields = {**value, _RECORDS: None}

    @classmethod
    def of(cls, body: bytes, value: Any) -> Self | None:
        """The page that a body is, with the value that it reads as; None if it is none, or a small one."""
        if len(body) < _LARGE or not isinstance(value, dict) or _LAST not in value:
            return None
        return cls(body, value) if isinstance(value.get(_RECORDS), list) else None

    @property
    def whole(self) -> Any:
        """The value that the body reads as."""
        return parse(self._body)

    def __getitem__(self, name: str) -> Any:
        return self.whole[name] if name == _RECORDS else self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)
