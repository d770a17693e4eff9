"""Large pages of a pull: what they say is kept, and their records are read when they are asked for."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicp_conformance.hub.script import Answer
from oicp_conformance.journal.exchange import Part
from oicp_conformance.journal.page import Page

RECORDS = [{"EvseID": f"DE*ABC*E{number}"} for number in range(10_000)]
PAGE = {"content": RECORDS, "last": True, "number": 3, "StatusCode": {"Code": "000"}}


def body_of(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("known", [None, PAGE])
def test_a_large_page_has_all_its_fields(known: Any) -> None:
    part = Part((), body_of(PAGE)).reads_as(known)
    assert part.problem is None
    assert part.json == PAGE
    assert dict(part.object) == PAGE
    assert {name: part.get(name) for name in (*PAGE, "first")} == {**PAGE, "first": None}
    assert list(part.object) == list(PAGE)


def test_the_records_of_a_large_page_are_not_kept() -> None:
    part = Part((), body_of(PAGE))
    assert isinstance(part.object, Page)
    assert part.get("content") is not part.get("content")


def test_what_is_cut_does_not_read_as_what_it_was() -> None:
    part = replace(Part((), body_of(PAGE)).reads_as(PAGE), cut=True)
    assert (part.json, part.problem) == (None, "it is not complete")


@pytest.mark.parametrize(
    "value", [{**PAGE, "content": RECORDS[:1]}, {"content": RECORDS}, RECORDS, "x" * 100_000]
)
def test_what_is_no_large_page_is_kept_as_it_is(value: Any) -> None:
    part = Part((), body_of(value)).reads_as({"last": False})
    assert part.json == value
    assert part.json is part.json


ODD: list[Any] = [
    None,
    True,
    -0.0,
    1e16,
    1e-7,
    1e400,
    10**30,
    "",
    'Grüße "\\ \u2028 \x7f \x00',
    {"ß": [[], {}]},
]


@given(size=st.sampled_from([1, 500]), values=st.lists(st.sampled_from(ODD), max_size=12))
def test_small_and_large_pages_are_written_alike(size: int, values: list[Any]) -> None:
    page = {"content": [{"EvseID": "DE*ABC*E1", "": values}] * size, "last": False}
    assert json.loads(Answer(message=page).body) == page


def test_a_body_in_place_of_a_message_does_not_read_as_the_message() -> None:
    assert Answer(message=PAGE).value == PAGE
    assert Answer(message=PAGE, raw=b"{}").value is None
