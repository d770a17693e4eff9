"""What the redactor looks at once: that it looks again when it has to."""

import json

import pytest

from oicp_conformance.redaction.hints import Hints
from oicp_conformance.redaction.lexer import rewrite
from oicp_conformance.redaction.memory import Learned, Pieces
from oicp_conformance.redaction.names import Names
from selftest.unit.redactors import body_of, exchange, redactor

SAID = (
    *(
        '{"PIN": "1"}',
        '{"a": "the PIN"}',
        '{"evco_id": 1}',
        '{"U-ID" : 1}',
        '{"a\\"b": 1}',
        '{"İ": "", "uid": 1}',
    ),
    *(
        '{"x": "?key=1"}',
        "password: x",
        'token"\n',
        '{"AuthorizationStatus": "Authorized"}',
        "Kelvin: to\u212aen=",
    ),
    *(f'token"{" " * length}:' for length in (58, 59, 60, 61)),
    *(f"{'-' * length}?{'-' * length}=" for length in (58, 59, 60, 61)),
)


def test_what_is_remembered_is_made_once_until_something_is_learned() -> None:
    learned = Learned()
    made: list[str] = []

    def make(text: str) -> int:
        made.append(text)
        return len(text)

    length = learned.remembering(make)
    assert [length("a"), length("a"), length("ab")] == [1, 1, 2]
    learned.more()
    assert length("a") == 1
    assert made == ["a", "ab", "a"]


def test_what_learns_itself_is_not_remembered() -> None:
    learned = Learned()
    made: list[str] = []

    def make(text: str) -> str:
        made.append(text)
        if len(made) == 1:
            learned.more()
        return text

    same = learned.remembering(make)
    assert [same("a"), same("a"), same("a")] == ["a", "a", "a"]
    assert made == ["a", "a"]


def test_long_pieces_are_not_remembered() -> None:
    pieces = Pieces()
    pieces.remember(["a", "b" * 10_000])
    assert pieces == {"a"}


def test_pieces_begin_anew_when_there_are_many() -> None:
    pieces = Pieces()
    pieces.remember(map(str, range(100_000)))
    pieces.remember(["a"])
    assert pieces == {"a"}


@pytest.mark.parametrize("text", SAID)
@pytest.mark.parametrize("before", SAID)
def test_hint_is_found_whatever_was_looked_at_before(before: str, text: str) -> None:
    names = Names(headers=("X-Key",), fields=('a"b',), personal=True, only_headers=False)
    hints = Hints(names)
    hints.are_in_pieces(before, set(before.split('"')))
    assert hints.are_in_pieces(text, set(text.split('"'))) == Hints(names).are_in(text)


@pytest.mark.parametrize("note", ["it is 4711", 'say "4711" to me', "it is %204711"])
def test_what_was_harmless_in_a_body_is_not_when_it_was_seen(note: str) -> None:
    made = redactor()
    said = {"note": note, "more": "x"}
    assert body_of(made, said) == json.dumps(said).encode()
    made.exchange(exchange({"PIN": "4711"}, number=2))
    assert b"4711" not in body_of(made, said)


def test_string_that_stays_may_be_a_secret_elsewhere() -> None:
    made = redactor()
    word = "ordinary"
    assert json.loads(body_of(made, {"PIN": "1", "a": word}))["a"] == word
    told = json.loads(body_of(made, {"a": word, "HashedPIN": {"Function": word, "Value": word}, "b": word}))
    assert (told["a"], told["b"], told["HashedPIN"]["Function"]) == (word, word, word)
    assert told["HashedPIN"]["Value"] != word


def test_what_stays_is_read_once() -> None:
    read: list[str] = []
    still = Pieces()

    def string(value: str, kind: str | None) -> str:
        read.append(value)
        return "#" if kind else value

    def again() -> str:
        return rewrite(
            '{"a": "b", "PIN": {"a": "b"}, "c": "b", 1: x}',
            kind_of=lambda name, within: within or ("pin" if name == "PIN" else None),
            string=string,
            bare=lambda sign, _: sign,
            still=still,
        )

    assert again() == again() == '{"a": "b", "PIN": {"a": "#"}, "c": "b", 1: x}'
    assert read == ["a", "b", "PIN", "a", "b", "c", "PIN", "a", "b"]
