"""JSON texts, read strictly: what no other reader could make sense of is no JSON."""

import json
from typing import Any


class NotJson(ValueError):
    """A body that is no JSON text in UTF-8; the text of the error says where it breaks."""


def _refuse_constant(name: str) -> Any:
    raise NotJson(f"{name} is no JSON value")


def _integer(digits: str) -> int | float:
    # Python refuses very long integers, and cannot compare them with other numbers.
    return int(digits) if len(digits) <= 300 else float(digits)


def parse(body: bytes) -> Any:
    """The JSON value of a body.

    Raises:
        NotJson: it is not UTF-8, or not one JSON text.
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, parse_int=_integer)
        if b"\\u" in body:
            # Half a surrogate pair can be written in JSON, but is no character: no text can hold it.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise NotJson("there is half a surrogate pair in it") from None
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    return value
