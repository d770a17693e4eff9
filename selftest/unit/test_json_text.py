"""How JSON texts are read: what the standard library's reader says, whichever reader is used."""

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicp_conformance.journal.json_text import NotJson, parse

_NUMBERS = """
    0 -0 -0.0 01 1. .5 +1 1e5 1E+5 1e 1e400 -1e400 5e-324 0.1e-999999999999 NaN -Infinity 12345678901234567890
    18446744073709551616 2.4703282292062328e-324 1.7976931348623159e308
"""
_STRINGS = (r"\ud83d\ude00", r"\ud800", r"\udc00", r"\ud83d", r"\u0041\/", r"\x", "\n", "\x7f", "\x00")
_ODD = [
    *_NUMBERS.split(),
    *("9" * 300, "9" * 301, "-" + "1" * 301, "1" * 5000, "0." + "1" * 400),
    *(f'"{text}"' for text in _STRINGS),
    *('"not closed', "nul", "tru", "\u00e4", "\u00a0", "\ufeff", "/**/"),
    *('{"a":1,"b":2,"a":3}', "[1,]", "[1 2]", "{1:2}", "[" * 250 + "]" * 250),
]
VALUES = st.recursive(
    st.sampled_from(_ODD) | st.floats(allow_nan=False).map(repr) | st.text(max_size=8).map(json.dumps),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda some: f"[{', '.join(some)}]")
        | st.lists(st.tuples(st.sampled_from("abc"), inner), max_size=4).map(
            lambda pairs: "{" + ",".join(f'"{name}" :{value}' for name, value in pairs) + "}"
        )
    ),
    max_leaves=8,
)


def expected(body: bytes) -> Any:
    """What the standard library reads; an integer of more than 300 digits is a float."""
    value = json.loads(
        body.decode("utf-8"),
        parse_int=lambda digits: int(digits) if len(digits) <= 300 else float(digits),
        parse_constant=lambda name: json.loads(f"no {name}"),
    )
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def assert_as_expected(body: bytes) -> None:
    try:
        value = expected(body)
    except ValueError:
        with pytest.raises(NotJson):
            parse(body)
    else:
        assert repr(parse(body)) == repr(value)


@given(
    text=VALUES,
    before=st.sampled_from(["", " \t\r\n", "\ufeff", "\x0b"]),
    after=st.sampled_from(["", "\n", "x"]),
)
def test_every_value_is_that_of_the_standard_library(text: str, before: str, after: str) -> None:
    body = f"{before}{text}{after}".encode()
    assert_as_expected(body)


@given(body=st.binary(max_size=6).map(lambda odd: b'["' + odd + b'"]'))
def test_bytes_that_are_not_utf_8_are_refused(body: bytes) -> None:
    assert_as_expected(body)


@pytest.mark.parametrize("before", range(60))
def test_a_long_integer_is_a_float_wherever_it_stands(before: int) -> None:
    assert parse(b" " * before + b"1" * 301) == float("1" * 301)


@pytest.fixture
def unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("unfrozen")
def test_a_large_text_is_kept_from_the_garbage_collector() -> None:
    frozen = gc.get_freeze_count()
    body = json.dumps([{"name": [number]} for number in range(500_000)]).encode()
    value = parse(body)
    assert value[-1] == {"name": [499_999]}
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + 1_000_000


def test_a_large_text_that_is_broken_leaves_the_garbage_collector_on() -> None:
    with pytest.raises(NotJson, match="line 1, column 9000002"):
        parse(b"[" + b" " * 9_000_000)
    assert gc.isenabled()
