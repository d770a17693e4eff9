"""JSON text, token by token: all that is not replaced stays as it was written, even what is no JSON."""

import json
import re
from collections.abc import Callable
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+|"', re.DOTALL)
_COLON = re.compile(r"\s*:")


def rewrite(
    text: str,
    *,
    kind_of: Callable[[str, Any], Any],
    string: Callable[[str, Any], str],
    bare: Callable[[str, Any], str],
) -> str:
    """A JSON text with some of its tokens replaced.

    `kind_of` says of which kind the value of a key is, within one of another kind. `string` is given each
    string as it reads, `bare` each number, name, or what is no JSON; both may give back the same.
    """
    pieces: list[str] = []
    done = 0
    holders: list[Any] = [None]
    kind = None
    for found in _TOKEN.finditer(text):
        sign = found[0]
        new = sign
        if sign in "{[":
            holders.append(kind)
        elif sign in "}]":
            if len(holders) > 1:
                holders.pop()
            kind = holders[-1]
        elif sign == ",":
            kind = holders[-1]
        elif sign[0] == '"' and len(sign) > 1:
            if _COLON.match(text, found.end()):
                name = _read(sign)
                kind = kind_of(name, holders[-1])
                new = _written(sign, name, string(name, None))
            else:
                value = _read(sign)
                new = _written(sign, value, string(value, kind))
        elif sign != ":":
            new = bare(sign, kind)
        if new is not sign:
            pieces += text[done : found.start()], new
            done = found.end()
    return "".join([*pieces, text[done:]]) if pieces else text


def _read(sign: str) -> str:
    if "\\" in sign:
        try:
            return str(json.loads(sign, strict=False))
        except ValueError:
            pass
    return sign[1:-1]


def _written(sign: str, value: str, new: str) -> str:
    return sign if new == value else json.dumps(new, ensure_ascii=sign.isascii())
