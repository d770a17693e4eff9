"""What to do about what is inconclusive: for every cause, and from a real run for those that hide in it."""

import re
from pathlib import Path

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from oicp_conformance.journal.cause import Cause
from oicp_conformance.judge.advice import advice, groups
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.verdicts import Row
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.profile import Profile, load
from oicp_conformance.reporting.terminal import printable, wrapped
from selftest.support import Ran, cpo_profile, reference_target, run_suite

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
    # A field that was not used is no question to anybody.
    told = [advice(row(cause), profile(tmp_path)) for cause in Cause if cause is not Cause.NOT_SENT]
    assert all(told)
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    ("stimuli", "cause", "texts"),
    [
        ('driver = "none"', Cause.STIMULUS_UNAVAILABLE, ["[stimuli] in acme.toml", f"take {OPERATION} out"]),
        ('driver = "http"\nurl = "http://127.0.0.1:1/s"', Cause.STIMULUS_UNAVAILABLE, ["says with 501"]),
        ('driver = "command"\ncommand = ["x"]', Cause.STIMULUS_UNAVAILABLE, ["says with exit code 77"]),
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
    told = advice(row(Cause.NOT_COME, reason="X did not come; TLS: unknown ca"), profile(tmp_path))
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
        "the call did not come",
        "so it is",
        "so it is",
        "no occasion for it was seen",
    ]


# --- causes, from runs


def causes(ran: Ran, operation: str) -> set[str]:
    return {one["cause"] for one in ran.rows("inconclusive") if one["operation"] == operation}


def test_one_status_pull_suffices(tmp_path: Path, httpserver: HTTPServer) -> None:
    """The shim knows one of the three: about the others there is nothing to do."""
    with reference_target("emp") as target:

        def serve(request: Request) -> Response:
            if request.get_json()["stimulus"] in {"eRoamingPullEvseStatus", "eRoamingPullEvseStatusByID"}:
                return Response("no such button", 501)
            passed = httpx.post(target.stimuli_url, content=request.get_data(), trust_env=False)
            return Response(passed.content, passed.status_code)

        httpserver.expect_request("/stimuli").respond_with_handler(serve)
        toml = target.profile(stimuli_url=httpserver.url_for("/stimuli"))
        ran = run_suite(tmp_path, toml, "-k", "test_pull_status")
    assert ran.operation("eRoamingPullEvseStatusByOperatorID")["verdict"] == "pass"
    assert causes(ran, "eRoamingPullEvseStatus") == {"alternative"}
    assert causes(ran, "eRoamingPullEvseStatusByID") == {"alternative"}
    rows = [one for one in ran.rows("inconclusive") if one["operation"] == "eRoamingPullEvseStatusByID"]
    assert all("no such button" in one["reason"] for one in rows)


def test_operation_that_is_not_served(tmp_path: Path) -> None:
    with reference_target(options=("--fault", "reservation-start-not-served")) as target:
        ran = run_suite(tmp_path, target.profile(), "-k", "test_reservation_of_a_free_evse")
    operation = "eRoamingAuthorizeRemoteReservationStart"
    (valid,) = (
        one
        for one in ran.rows("inconclusive")
        if one["id"] == "request.valid" and one["operation"] == operation
    )
    assert valid["cause"] == "not-served"
    assert f"{BY_NAME[operation].path}, or name the path" in valid["advice"]
    assert "take eRoamingReservation out of [supports]" in valid["advice"]


def test_profile_with_a_single_evse(tmp_path: Path) -> None:
    with reference_target() as target:
        toml = re.sub(r"evse_ids = .*", 'evse_ids = ["DE*ABC*E1*1"]', target.profile(), count=1)
        ran = run_suite(tmp_path, toml, "-k", "test_stop_that_names_another_evse")
    name = "eRoamingAuthorizeRemoteStop.other-evse"
    (found,) = (one for one in ran.rows("inconclusive") if one["id"] == name)
    assert (found["reason"], found["cause"]) == ("the profile has only one EVSE", "profile")
    assert "profile.toml" in found["advice"]


def test_run_that_was_stopped_blames_the_stop(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, cpo_profile("http://127.0.0.1:9"))
    assert {one["cause"] for one in ran.rows("inconclusive")} == {"stopped"}


# --- lines


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
