"""JSON texts, read strictly: what no other reader could make sense of is no JSON."""

import json
from collections.abc import Iterator
from typing import Any

_LONGEST = 8 * 1024 * 1024
"""Bytes of a text in which repeated names are looked for: in a longer one, that takes too long."""


class NotJson(ValueError):
    """A body that is not JSON in UTF-8; the text of the error names the position."""


def _refuse_constant(name: str) -> Any:
    raise NotJson(f"{name} is not a JSON value")


def _integer(digits: str) -> int | float:
    # Python refuses very long integers, and cannot compare them with other numbers.
    return int(digits) if len(digits) <= 300 else float(digits)


_READER = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer)


def parse(body: bytes) -> Any:
    """The JSON value of a body.

    Raises:
        NotJson: it is not UTF-8, or not one JSON text.
    """
    try:
        text = body.decode("utf-8")
        if text.startswith("\ufeff"):
            raise NotJson("there is a byte order mark before it")
        value = _READER.decode(text)
        if b"\\u" in body:
            # Half a surrogate pair can be written in JSON, but is no character: no text can hold it.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise NotJson("there is half a surrogate pair in it") from None
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at").removesuffix(" starting")
        raise NotJson(f"{what} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    return value


class _Object(dict[str, Any]):
    """An object, with the names that it has more than once; the last value of each is the one that counts."""

    repeated: tuple[str, ...] = ()


def repeated(body: bytes) -> list[str]:
    """The names that occur more than once in one object of a JSON text, as JSON pointers."""
    if len(body) > _LONGEST:
        return []
    found = False

    def made(pairs: list[tuple[str, Any]]) -> _Object:
        nonlocal found
        one = _Object(pairs)
        if len(one) != len(pairs):
            found = True
            names = [name for name, _ in pairs]
            one.repeated = tuple(name for name in one if names.count(name) > 1)
        return one

    value = json.loads(body, object_pairs_hook=made, parse_int=_integer)
    return list(_repeated(value, "")) if found else []


def _repeated(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, _Object):
        yield from (f"{pointer}/{_escaped(name)}" for name in value.repeated)
        for name, one in value.items():
            yield from _repeated(one, f"{pointer}/{_escaped(name)}")
    elif isinstance(value, list):
        for position, one in enumerate(value):
            yield from _repeated(one, f"{pointer}/{position}")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
