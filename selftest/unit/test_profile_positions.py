"""The lines on which the keys of a TOML file stand."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oicp_conformance.profile import Profile, load
from oicp_conformance.profile.places import Key
from oicp_conformance.profile.positions import lines_of
from selftest.unit.profiles import CPO, EMP, read

ODD = '''\
# a comment with [brackets] and = signs
"quoted \\"key\\".x".'literal.key' = 1 # after
dates = [1979-05-27 07:32:00, 1979-05-27, # [comment
  "a ] b", 'c " , d',
  [1, [2, 3],], { x = { y = "}" }, z = [ "{" ] },
]
long = """
[not.a.table]
key = "not a key" \\""" ""\"""
literal = \'\'\'
x = 1
\'\'\'
[ a . "b" ]
c.d = true
c.e = false

[[list]]
[list.sub]
x = 1
[[list]]
y = inf
  [[list.inner]]
  z = ""
  [[list.inner]]
  z = 2
[a.b.f]
'''


def test_the_lines_of_a_file_with_all_that_toml_has() -> None:
    tomllib.loads(ODD)
    lines = lines_of(ODD)
    assert lines == {
        ('quoted "key".x',): 2,
        ('quoted "key".x', "literal.key"): 2,
        ("dates",): 3,
        ("dates", 0): 3,
        ("dates", 1): 3,
        ("dates", 2): 4,
        ("dates", 3): 4,
        ("dates", 4): 5,
        ("dates", 4, 0): 5,
        ("dates", 4, 1): 5,
        ("dates", 4, 1, 0): 5,
        ("dates", 4, 1, 1): 5,
        ("dates", 5): 5,
        ("dates", 5, "x"): 5,
        ("dates", 5, "x", "y"): 5,
        ("dates", 5, "z"): 5,
        ("dates", 5, "z", 0): 5,
        ("long",): 7,
        ("literal",): 10,
        ("a",): 13,
        ("a", "b"): 13,
        ("a", "b", "c"): 14,
        ("a", "b", "c", "d"): 14,
        ("a", "b", "c", "e"): 15,
        ("list",): 17,
        ("list", 0): 17,
        ("list", 0, "sub"): 18,
        ("list", 0, "sub", "x"): 19,
        ("list", 1): 20,
        ("list", 1, "y"): 21,
        ("list", 1, "inner"): 22,
        ("list", 1, "inner", 0): 22,
        ("list", 1, "inner", 0, "z"): 23,
        ("list", 1, "inner", 1): 24,
        ("list", 1, "inner", 1, "z"): 25,
        ("a", "b", "f"): 26,
    }


def keys_of(value: Any, around: Key = ()) -> set[Key]:
    if isinstance(value, dict):
        items: Any = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return set()
    return {key for name, one in items for key in ((*around, name), *keys_of(one, (*around, name)))}


def toml(value: Any) -> str:
    """A value as TOML, over several lines."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[ # [\n" + "".join(f"{toml(one)},\n" for one in value) + "]"
    return json.dumps(value)


TEXTS = st.text(alphabet="ab\"'\\[]{}#,=. \n$", max_size=6)
VALUES = st.recursive(
    TEXTS | st.integers(-9, 9) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None, database=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=3), st.dictionaries(TEXTS, VALUES, max_size=3))
def test_each_key_of_any_file_has_its_line(top: dict[str, Any], table: dict[str, Any]) -> None:
    top.pop("t", None)
    lines = [f"{json.dumps(key)} = {toml(one)}" for key, one in top.items()]
    lines += ["[[t]]", *(f"{json.dumps(key)} = {toml(one)}" for key, one in table.items())]
    text = "\n".join(lines) + "\n"
    read_back = tomllib.loads(text)
    found = lines_of(text)
    assert found.keys() == keys_of(read_back)
    for key, line in found.items():
        written = text.splitlines()[line - 1] if isinstance(key[-1], str) and len(key) == 1 else None
        assert written is None or written.startswith((json.dumps(key[-1]), "[[t]]"))


def test_a_profile_says_where_a_key_stands(tmp_path: Path) -> None:
    profile = read(tmp_path, my=CPO)
    assert profile.where("target", "base_url") == f"{tmp_path}/my.toml:4"
    assert profile.where("partner", "evse_ids", 1) == f"{tmp_path}/my.toml:8"
    assert profile.where("partner", "products") == f"{tmp_path}/my.toml:6", "it has its default: the table"
    assert profile.where("hub", "listen") == f"{tmp_path}/my.toml", "neither it nor its table is there"
    assert read(tmp_path, my=EMP).where("partner", "accepts", 0) == f"{tmp_path}/my.toml:9"


def test_a_profile_of_no_file_has_no_lines() -> None:
    profile = Profile.model_validate({**tomllib.loads(CPO)})
    assert profile.where("target", "base_url") == "the profile"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_make_no_difference(tmp_path: Path, end: str) -> None:
    (tmp_path / "my.toml").write_bytes(b"\xef\xbb\xbf" + CPO.replace("\n", end).encode())
    assert load(tmp_path / "my.toml").where("partner", "evse_ids", 1) == f"{tmp_path}/my.toml:8"
