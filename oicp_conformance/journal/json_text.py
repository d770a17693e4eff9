"""JSON texts, read strictly: what no other reader could make sense of is no JSON."""

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from pydantic_core import from_json

_LARGE = 8 * 1024 * 1024
"""Bytes of a text beyond which it is a full load of many records.

Repeated names are not looked for in it, which would take too long.
"""


class NotJson(ValueError):
    """A body that is not JSON in UTF-8; the text of the error names the position."""


def _refuse_constant(name: str) -> Any:
    raise NotJson(f"{name} is not a JSON value")


def _integer(digits: str) -> int | float:
    # Python refuses very long integers, and cannot compare them with other numbers.
    return int(digits) if len(digits) <= 300 else float(digits)


_READER = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer)
_TEN_DIGITS = re.compile(rb"[0-9]{10}")


def parse(body: bytes) -> Any:
    """The JSON value of a body.

    Raises:
        NotJson: it is not UTF-8, or not one JSON text.
    """
    with _uncollected() if len(body) > _LARGE else nullcontext():
        # An integer that is too long (see `_integer`) has ten digits or more among each 30th byte.
        if not _TEN_DIGITS.search(body[::30]):
            # This reader takes half the time and memory, but says less of what is wrong, and refuses more.
            with suppress(ValueError):
                return from_json(body, allow_inf_nan=False)
        return _parse_strictly(body)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector away from what is made here, now and later.

    It would go through millions of objects again and again, and find nothing: a JSON value has no cycles, so
    its memory is freed without the collector. What else is alive is kept from it as well; a run has room for
    a few such texts only (see `hub.budget`).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()


def _parse_strictly(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
        if text.startswith("\ufeff"):
            raise NotJson("it begins with a byte order mark")
        value = _READER.decode(text)
        if b"\\u" in body:
            # Half a surrogate pair can be written in JSON, but is no character: no text can hold it.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise NotJson("it contains half a surrogate pair") from None
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at").removesuffix(" starting")
        raise NotJson(f"{what} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    return value


def visible(text: str) -> str:
    """A text on one line: what cannot be seen, such as a line feed, is written as JSON escapes it.

    In a text of JSON without line feeds, this changes no value.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


class _Object(dict[str, Any]):
    """An object, with the names that it has more than once; the last value of each is the one that counts."""

    repeated: tuple[str, ...] = ()


def repeated(body: bytes) -> list[str]:
    """The names that occur more than once in one object of a JSON text, as JSON pointers."""
    if len(body) > _LARGE:
        return []
    try:
        _EACH_ONCE.decode(body.decode())
    except _TwiceError:
        return list(_repeated(json.loads(body, object_pairs_hook=_with_repeated, parse_int=_integer), ""))
    return []


class _TwiceError(Exception):
    """A name occurs more than once in an object."""


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise _TwiceError


# Most texts have none: to see that takes half the time of finding where they are.
_EACH_ONCE = json.JSONDecoder(object_pairs_hook=_each_once, parse_int=str, parse_float=str)


def _with_repeated(pairs: list[tuple[str, Any]]) -> _Object:
    one = _Object(pairs)
    names = [name for name, _ in pairs]
    one.repeated = tuple(name for name in one if names.count(name) > 1)
    return one


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
