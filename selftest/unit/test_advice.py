"""What to do about what is inconclusive: for every cause, and how it fills lines."""

from pathlib import Path

import pytest

from oicp_conformance.journal.cause import Cause
from oicp_conformance.judge.advice import advice, groups
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.verdicts import Row
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.profile import Profile, load
from oicp_conformance.reporting.terminal import printable, wrapped
from selftest.support import cpo_profile

OPERATION = "eRoamingAuthorizeStop"


def profile(tmp_path: Path, stimuli: str = 'driver = "none"') -> Profile:
    text = cpo_profile(hub=8600, stimuli=stimuli, supports=f"{OPERATION} = true")
    (tmp_path / "acme.toml").write_text(text, encoding="utf-8")
    return load(tmp_path / "acme.toml", operations=BY_NAME)


def row(
    cause: Cause | None, *, operation: str = OPERATION, reason: str = "so it is", behind: str = ""
) -> Row:
    requirement = catalogue("cpo")["http.json"]
    return Row(requirement, operation, Verdict.INCONCLUSIVE, reason=reason, cause=cause, behind=behind)


def test_each_cause_has_its_advice(tmp_path: Path) -> None:
    told = [advice(row(cause), profile(tmp_path)) for cause in Cause if cause is not Cause.NOT_SENT]
    assert all(told)
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    ("stimuli", "cause", "texts"),
    [
        (
            'driver = "none"',
            Cause.STIMULUS_UNAVAILABLE,
            ["[stimuli] driver in acme.toml", f"remove {OPERATION} from"],
        ),
        (
            'driver = "http"\nurl = "http://127.0.0.1:1/s"',
            Cause.STIMULUS_UNAVAILABLE,
            ["responded with HTTP 501"],
        ),
        ('driver = "command"\ncommand = ["x"]', Cause.STIMULUS_UNAVAILABLE, ["responded with exit code 77"]),
        ('driver = "http"\nurl = "http://127.0.0.1:1/s"', Cause.STIMULUS_FAILED, ["at http://127.0.0.1:1/s"]),
        ('driver = "command"\ncommand = ["x", "y"]', Cause.STIMULUS_FAILED, ["does x y ([stimuli] command)"]),
        (
            'driver = "none"',
            Cause.NOT_COME,
            ["http://127.0.0.1:8600/api/oicp/...", "1 s, raise [stimuli] wait"],
        ),
        (
            'driver = "none"',
            Cause.NOT_SERVED,
            ["POST http://127.0.0.1:9/api/oicp/charging/", "[target.paths]"],
        ),
    ],
)
def test_advice_names_what_to_look_at(tmp_path: Path, stimuli: str, cause: Cause, texts: list[str]) -> None:
    told = advice(row(cause), profile(tmp_path, stimuli))
    for text in texts:
        assert text in told


def test_what_is_mandatory_cannot_be_left_undeclared(tmp_path: Path) -> None:
    told = advice(row(Cause.STIMULUS_UNAVAILABLE, operation="eRoamingAuthorizeStart"), profile(tmp_path))
    assert "[supports]" not in told


def test_call_that_broke_off_in_tls_is_told_apart(tmp_path: Path) -> None:
    told = advice(row(Cause.NOT_COME, reason="X was not received; TLS: unknown ca"), profile(tmp_path))
    assert "trust" in told


def test_only_what_is_inconclusive_needs_advice(tmp_path: Path) -> None:
    passed = Row(catalogue("cpo")["http.json"], OPERATION, Verdict.PASS)
    assert advice(passed, profile(tmp_path)) == ""
    assert groups([passed], profile(tmp_path)) == []


def test_rows_with_the_same_advice_go_together_and_default_ones_last(tmp_path: Path) -> None:
    rows = [
        row(Cause.NOT_OBSERVED),
        row(Cause.HIDDEN, behind="http.json"),
        row(Cause.HIDDEN, behind="http.utf-8"),
        row(Cause.NOT_COME, reason="one"),
        row(Cause.NOT_COME, reason="two"),
        row(Cause.HIDDEN, behind="http.json"),
    ]
    found = groups(rows, profile(tmp_path))
    assert [(one.cause, len(one.rows)) for one in found] == [
        (Cause.NOT_COME, 2),
        (Cause.HIDDEN, 2),
        (Cause.HIDDEN, 1),
        (Cause.NOT_OBSERVED, 1),
    ]
    assert [one.title for one in found] == [
        "the call was not received",
        "so it is",
        "so it is",
        "no event required it",
    ]


# --- lines


@pytest.mark.parametrize("width", [40, 64, 80])
def test_no_sign_stands_alone_after_a_long_id(width: int) -> None:
    for length in range(width - 10, 2 * width):
        name = f"{'a' * 20}.{'b' * length}"
        lines = wrapped(f"1. FAIL {name}: the message", width, "", "   ")
        assert "".join(line.strip() for line in lines) == f"1. FAIL{name}:the message"
        assert all(len(line) <= width for line in lines)
        assert ":" not in [line.strip() for line in lines]


def test_long_words_are_broken_only_where_they_must() -> None:
    json = (
        '{"Result":true,"StatusCode":{"Code":"000","Description":"Success"},"SessionID":"' + "a" * 36 + '"}'
    )
    lines = wrapped(json, 60, "found ", "      ")
    assert all(len(line) <= 60 for line in lines)
    assert "".join(line.strip() for line in lines).replace("found ", "") == json
    assert any("a" * 36 in line for line in lines), "an id stays whole"
    blob = "x" * 300
    assert "".join(wrapped(blob, 60)) == blob
    assert all(len(line) <= 60 for line in wrapped(blob, 60))


@pytest.mark.parametrize(
    "word", ["/EvseData" * 12, "https://github.com/" + "x" * 90, "conformance/cpo/test.py::" + "x" * 90]
)
def test_paths_are_never_broken(word: str) -> None:
    lines = wrapped(f"it is at {word} and nowhere else", 60)
    assert word in lines


def test_what_a_target_sends_moves_no_cursor() -> None:
    assert printable("a\x1b[31mred\r\n\x07\udc80 b") == r"a\x1b[31mred \x07\udc80 b"
