"""JSON text, token by token: all that is not replaced stays as it was written, even what is no JSON."""

import json
import re
from collections.abc import Callable, Set
from typing import Any

from oicp_conformance.redaction.memory import Pieces

_QUOTED = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_STRING = re.compile(_QUOTED, re.DOTALL)
_TOKEN = re.compile(rf'{_QUOTED}|[{{}}\[\],]|[^\s"{{}}\[\]:,]+|"', re.DOTALL)
_COLON = re.compile(r"\s*:")


def rewrite(
    text: str,
    *,
    kind_of: Callable[[str, Any], Any],
    string: Callable[[str, Any], str],
    bare: Callable[[str, Any], str],
    still: Pieces | None = None,
) -> str:
    """A JSON text with some of its tokens replaced.

    `kind_of` says of which kind the value of a key is, within one of another kind. `string` is given each
    string as it reads, `bare` each number, name, or what is no JSON; both may give back the same.

    If `still` is given, nothing but strings changes outside of a kind, and of these none that is in it, as
    it is written: those that turn out to stay, and to name no kind, are added.
    """
    pieces: list[str] = []
    done = at = 0
    holders: list[Any] = [None]
    kind = None
    # Where nothing is of a kind, it does not matter what holds what.
    while found := _next(text, at, still if kind is None and len(holders) == 1 else None):
        at = found.end()
        new = sign = found[0]
        if sign in "{[":
            holders.append(kind)
        elif sign in "}],":
            if sign != "," and len(holders) > 1:
                holders.pop()
            kind = holders[-1]
        elif sign[0] == '"' and len(sign) > 1:
            value = _read(sign)
            if is_name := _COLON.match(text, at) is not None:
                kind = kind_of(value, holders[-1])
            new = _written(sign, value, string(value, None if is_name else kind))
            if still is not None and kind is None and new is sign and kind_of(value, None) is None:
                still.remember([sign])
        else:
            new = bare(sign, kind)
        if new is not sign:
            pieces += text[done : found.start()], new
            done = at
    return "".join([*pieces, text[done:]]) if pieces else text


def _next(text: str, at: int, still: Set[str] | None) -> re.Match[str] | None:
    """The next token; if `still` is given, the next string that is not in it."""
    if still is None:
        return _TOKEN.search(text, at)
    return next((one for one in _STRING.finditer(text, at) if one[0] not in still), None)


def _read(sign: str) -> str:
    if "\\" in sign:
        try:
            return str(json.loads(sign, strict=False))
        except ValueError:
            pass
    return sign[1:-1]


def _written(sign: str, value: str, new: str) -> str:
    return sign if new == value else json.dumps(new, ensure_ascii=sign.isascii())
