"""What a user reads on the terminal and in a log: that it is all there, in its place, and fits 80 columns."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from oicp_conformance.embedded import free_port
from oicp_conformance.oicp.types import Role
from selftest.shared_runs import SharedRuns
from selftest.support import (
    NO_ALLURE,
    ROOT,
    Ran,
    Reference,
    command,
    cpo_profile,
    environment,
    on_terminal,
    raw_server,
    reference_target,
    run_suite,
)

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
RESULT = re.compile(
    r"^(?P<title> .*) +(?P<verdict>pass|fail|consequence|warning|inconclusive|error)"
    r" +(?P<seconds>\d+\.\d) s$",
    re.MULTILINE,
)
SWIPE = ("-k", "test_card_authorized_by_broadcast")


def joined(text: str) -> str:
    """The words of a text, however its lines are wrapped."""
    return " ".join(text.split())


def too_wide(text: str) -> list[str]:
    """The lines that do not fit, but for paths and URLs at their ends, which nobody can wrap."""
    return [
        line
        for line in COLOURS.sub("", text).splitlines()
        if len(line) > 80 and not re.search(r"( |^)(/|https?://|\S+::)\S{20,}$", line)
    ]


def section(output: str, title: str) -> str:
    """A part of the console, from its heading to the next."""
    found = re.search(rf"^=+ {title}[^=]*=+\n(.*?)(?=^=====|\Z)", output, re.MULTILINE | re.DOTALL)
    assert found, output
    return found[1]


# --- a whole run, in a pipe

FAULT = "cdr-without-consumed-energy"
BROKEN = "eRoamingChargeDetailRecord.ConsumedEnergy"


@pytest.fixture(scope="module")
def ran(shared_runs: SharedRuns) -> Ran:
    """A run against a CPO that forgets a field, and that nobody can be asked to swipe cards at."""

    def make(folder: Path) -> Ran:
        with reference_target(options=("--fault", FAULT)) as target:
            profile = re.sub(r'driver = "http"\nurl = .*', 'driver = "none"', target.profile(wait=0.5))
            return run_suite(folder, profile)

    return shared_runs("cpo that forgets a field", make)


def test_log_fits_80_columns(ran: Ran) -> None:
    assert not too_wide(ran.output)


def test_log_has_no_control_sequences(ran: Ran) -> None:
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", ran.output)


def test_header_says_who_and_where(ran: Ran) -> None:
    profile = (ran.folder.parent / "profile.toml").read_text(encoding="utf-8")
    head = joined(ran.output[:600])
    for key in ("base_url", "listen"):
        value = re.search(rf'{key} = "(.*)"', profile)
        assert value is not None
        assert value[1] in head
    assert "target Reference CPO 1 (CPO) at" in head
    assert str(ran.folder) in head


def test_each_test_has_one_line(ran: Ran) -> None:
    """What does not apply has none of its own; pytest's dots and summaries are not there."""
    results = [
        json.loads(file.read_text(encoding="utf-8"))
        for file in (ran.folder / "allure-results").glob("*-result.json")
    ]
    # What is about the run as a whole is no test.
    tests = [one for one in results if not one["fullName"].startswith("run#")]
    told = [label["value"] for one in tests for label in one["labels"] if label["name"] == "verdict"]
    shown = [found["verdict"] for found in RESULT.finditer(ran.output)]
    assert sorted(shown) == sorted(one for one in told if one != "not-applicable")
    assert {"pass", "fail", "inconclusive"} <= set(shown)
    for word in ("FAILURES", "short test summary", "collected", "[100%]"):
        assert word not in ran.output


def test_finding_stands_under_its_test(ran: Ran) -> None:
    found = RESULT.search(ran.output)
    while found and found["verdict"] != "fail":
        found = RESULT.search(ran.output, found.end())
    assert found
    following = RESULT.search(ran.output, found.end())
    assert following
    under = joined(ran.output[found.end() : following.start()])
    findings = next(row for row in ran.rows("fail") if row["id"] == BROKEN)["findings"]
    # Tests that wait side by side have exchanges that are earlier, and are told later.
    first = next(one for one in findings if joined(found["title"]).replace(" ", "_") in one["test"])
    assert f"FAIL {BROKEN}: {first['message']}" in under
    assert "clause CPO 02 eRoamingChargeDetailRecord (MUST)" in under
    assert f"where exchange {first['exchange']}, eRoamingChargeDetailRecord at {first['pointer']}" in under
    assert f"expected {first['expected']} found {first['found']}" in under


def test_finding_is_told_whole_once_and_then_in_short(ran: Ran) -> None:
    (row,) = (row for row in ran.rows("fail") if row["id"] == BROKEN)
    before_the_end = ran.output.partition("= operations =")[0]
    assert len(row["findings"]) > 5
    assert joined(before_the_end).count(row["findings"][0]["message"]) == 1
    again = re.findall(rf"FAIL {re.escape(BROKEN)} again \(exchanges? ([\d, ]+)\)", joined(before_the_end))
    numbers = [int(number) for one in again for number in one.split(", ")]
    (whole,) = re.findall(rf"FAIL {re.escape(BROKEN)}: .*? where exchange (\d+)", joined(before_the_end))
    # They are told test by test.
    assert sorted([*numbers, int(whole)]) == [finding["exchange"] for finding in row["findings"]]


def test_table_of_operations_is_that_of_the_statement(ran: Ran) -> None:
    table = section(ran.output, "operations")
    for one in ran.statement["operations"]:
        rows = [row for row in ran.statement["requirements"] if row["operation"] == one["operation"]]
        counts = [
            sum(row["verdict"] == verdict for row in rows)
            for verdict in ("pass", "fail", "warning", "inconclusive")
        ]
        cells = [str(count or "-") for count in (one["exchanges"], *counts)]
        line = next(line for line in table.splitlines() if line.split()[0] == one["operation"])
        assert line.split()[1:] == [*cells, one["verdict"]]
        need = "mandatory" if one["obligation"] == "mandatory" else "optional, declared"
        assert re.findall(r"^\w.*$", table.partition(f" {one['operation']} ")[0], re.MULTILINE)[-1] == need


def test_what_was_broken_is_listed_once_after_the_verdict(ran: Ran) -> None:
    failed = section(ran.output, "broken")
    ids = {row["id"] for row in ran.rows("fail")}
    assert f"= broken: {len(ids)} requirement" in ran.output
    for one in ids:
        assert len(re.findall(rf"^\d+\. FAIL {re.escape(one)}: ", failed, re.MULTILINE)) == 1
    (row,) = (row for row in ran.rows("fail") if row["id"] == BROKEN)
    numbers = sorted(one["exchange"] for one in row["findings"])
    tests = {one["test"] for one in row["findings"]}
    seen = f"seen {len(numbers)} findings in {len(tests)} tests on eRoamingChargeDetailRecord"
    assert f"{seen} (first in exchange {numbers[0]}, last in exchange {numbers[-1]})" in joined(failed)
    assert "https://github.com/hubject/oicp/blob/" in failed
    assert row["findings"][0]["test"] in joined(failed)
    assert '>>   "ConsumedEnergy" is not there' in failed
    assert f"oicp-conformance replay {ran.folder} 1" in joined(failed)
    assert ran.output.index("VERDICT of") < ran.output.index("= broken: ")


def test_one_defect_makes_few_tests_red(ran: Ran) -> None:
    """The first test that shows it is red; what fails for the same alone is its consequence."""
    verdicts = [one["verdict"] for one in RESULT.finditer(ran.output)]
    assert verdicts.count("fail") <= len({row["id"] for row in ran.rows("fail")})
    assert verdicts.count("consequence") > verdicts.count("fail")
    assert verdicts.index("fail") < verdicts.index("consequence")


def test_what_is_open_comes_with_what_to_do(ran: Ran) -> None:
    told = joined(section(ran.output, "inconclusive"))
    rows = ran.rows("inconclusive")
    assert f"= inconclusive: {len(rows)} =" in ran.output
    for row in rows:
        assert row["advice"]
        assert f"to do {row['advice']}" in told or row["cause"] == "alternative"
    assert "the stimulus is not supported: no stimuli are configured to do The suite cannot make" in told
    assert "eRoamingAuthorizeStart: all of it, mandatory" in told


def test_the_end_is_the_verdict_and_the_files(ran: Ran) -> None:
    *_, heading, statement, journal, junit, page = ran.output.splitlines()
    assert heading.strip("= ") == "files"
    assert f"\nVERDICT of Reference CPO (CPO): {ran.verdict}\n" in ran.output
    for line in (statement, journal, junit, page):
        assert Path(line.strip()).is_file()
    summary = ran.statement["summary"]
    end = joined(section(ran.output, "verdict"))
    assert (
        f"requirements: {summary['pass']} passed, {summary['fail']} failed, "
        f"{summary['inconclusive']} inconclusive" in end
    )


# --- what is being waited for


@pytest.fixture
def deaf() -> Iterator[Callable[[float], str]]:
    """A profile, for a wait in seconds, of a CPO that looks for the hub elsewhere."""
    with reference_target() as target:
        listen = f'listen = "127.0.0.1:{free_port()}"'
        yield lambda wait: re.sub(r'listen = ".*"', listen, target.profile(wait=wait))


def write(folder: Path, profile: str) -> Path:
    (folder / "profile.toml").write_text(profile, encoding="utf-8")
    return folder / "profile.toml"


def when(said: list[tuple[float, str]], text: str) -> float:
    """At what time something was first to be read."""
    return next(moment for moment, so_far in said if text in so_far)


def test_terminal_counts_down_in_place(tmp_path: Path, deaf: Callable[[float], str]) -> None:
    said: list[tuple[float, str]] = []
    run = command(tmp_path / "report", write(tmp_path, deaf(4)), *SWIPE)
    _, output = on_terminal(run, lambda so_far: said.append((time.monotonic(), so_far)), TERM="xterm")
    for seconds in (3, 2, 1):
        assert (
            f"\r  card authorized by broadcast: waiting for eRoamingAuthorizeStart, {seconds} s left"
            in output
        )
    assert 1.2 < when(said, " 1 s left") - when(said, " 3 s left") < 3.5
    plain = COLOURS.sub("", output)
    assert "\x1b" not in plain, "only colours"
    drawn = [piece for line in plain.split("\r\n") for piece in line.split("\r")[:-1]]
    assert len(drawn) > 4
    assert all(len(piece) < 80 for piece in drawn), "the cursor stays in its line"
    assert not too_wide(plain.replace("\r\n", "\n").replace("\r", "\n"))
    shown = [line.rpartition("\r")[2] for line in plain.split("\r\n")]
    assert any(re.fullmatch(r"  card authorized by broadcast +inconclusive +4\.\d s", line) for line in shown)
    assert not any("s left" in line for line in shown), "the countdown is gone"


def test_terminal_without_colours_gets_lines(tmp_path: Path, deaf: Callable[[float], str]) -> None:
    run = command(tmp_path / "report", write(tmp_path, deaf(4)), *SWIPE)
    _, output = on_terminal(run, lambda _: None, TERM="xterm", NO_COLOR="1")
    lines = output.replace("\r\n", "\n")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", lines)
    assert re.search(
        r"^      waiting for eRoamingAuthorizeStart: [34] s of at most 4 s$", lines, re.MULTILINE
    )


@pytest.mark.long(20)
def test_log_tells_of_a_long_wait_while_it_lasts(tmp_path: Path, deaf: Callable[[float], str]) -> None:
    run = command(tmp_path / "report", write(tmp_path, deaf(15)), *SWIPE)
    with subprocess.Popen(  # noqa: S603 - our own command
        run, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        told = [(time.monotonic(), line.rstrip()) for line in process.stdout]
    waits = [(moment, line) for moment, line in told if "waiting for" in line]
    told_of = r"      waiting for eRoamingAuthorizeStart: (\d+) s of at most 15 s"
    passed = [int(found[1]) for _, line in waits if (found := re.fullmatch(told_of, line))]
    assert len(passed) == len(waits) == 2
    assert passed[0] in {3, 4}
    assert passed[1] - passed[0] in {10, 11}
    assert waits[1][0] - waits[0][0] > 9.5
    (ended,) = (moment for moment, line in told if RESULT.match(line))
    assert ended > waits[1][0]
    begun = next(index for index, (_, line) in enumerate(told) if "waiting for" in line) - 1
    assert told[begun][1] == "  card authorized by broadcast …"


def test_answer_that_takes_long_is_waited_for_in_sight(tmp_path: Path) -> None:
    with raw_server(lambda _: time.sleep(4.5)) as url:
        ran = run_suite(tmp_path, cpo_profile(url, timeout=4.0), "-k", "test_start_on_a_free_evse")
    waiting = r"waiting for the response to eRoamingAuthorizeRemoteStart: [34] s of at most 4 s"
    assert re.search(waiting, joined(ran.output))


# --- a first day


def test_target_that_is_not_running(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    ran = run_suite(tmp_path, cpo_profile(url))
    end = joined(section(ran.output, "verdict"))
    assert f"the run stopped early: the target cannot be reached: {url}: " in end
    assert "Start your backend, or correct [target] base_url in profile.toml" in end
    assert ran.journal == []
    assert not RESULT.search(ran.output)
    assert len(ran.output.splitlines()) < 25, "what is of no use is left out"
    assert not too_wide(ran.output)


@pytest.mark.long(20)
def test_hub_that_the_target_does_not_call(tmp_path: Path, deaf: Callable[[float], str]) -> None:
    """It is told with the first call that does not come, and nobody is accused."""
    profile = deaf(0.5)
    ran = run_suite(tmp_path, profile, "-k", "test_remote_stop or test_stop_with_the_same_card")
    listen = re.search(r'listen = "(.*)"', profile)
    assert listen
    early = joined(ran.output.partition("= operations =")[0])
    hint = f"The hub received no request from your backend. Configure http://{listen[1]} in your"
    assert early.count(hint) == 1
    assert len(RESULT.findall(early.partition(hint)[0])) <= 1
    assert hint in joined(section(ran.output, "verdict"))
    assert ran.verdict == "incomplete"
    assert not ran.rows("fail"), ran.failed()
    (row,) = (row for row in ran.rows("inconclusive") if row["id"] == "eRoamingChargeDetailRecord.sent")
    assert row["cause"] == "not-come"


def test_hub_that_is_called_astray(tmp_path: Path, httpserver: HTTPServer) -> None:
    port = free_port()

    def serve(_: Request) -> Response:
        httpx.post(f"http://127.0.0.1:{port}/hubject/start", json={}, trust_env=False)
        return Response("")

    httpserver.expect_request("/stimuli").respond_with_handler(serve)
    stimuli = f'driver = "http"\nurl = "{httpserver.url_for("/stimuli")}"'
    ran = run_suite(tmp_path, cpo_profile(hub=port, stimuli=stimuli), *SWIPE)
    assert (
        "Your backend calls the hub, but not on OICP paths, for example POST /hubject/start. "
        f"It must call http://127.0.0.1:{port}/api/oicp/..." in joined(section(ran.output, "verdict"))
    )


def test_what_is_hidden_names_what_hides_it(tmp_path: Path) -> None:
    with reference_target(options=("--fault", "authorize-start-path")) as target:
        ran = run_suite(tmp_path, target.profile(wait=0.5), *SWIPE)
    assert ran.failed() == {"http.path"}
    hidden = [row for row in ran.rows("inconclusive") if row["operation"] == "eRoamingAuthorizeStart"]
    assert {row["advice"] for row in hidden} == {
        "Fix http.path first: this requirement cannot be judged until then."
    }
    assert "Fix http.path first: this requirement cannot be judged until then." in joined(
        section(ran.output, "inconclusive")
    )


def test_shim_that_does_not_run(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/stimuli"
    stimuli = f'driver = "http"\nurl = "{url}"'
    ran = run_suite(tmp_path, cpo_profile(stimuli=stimuli), *SWIPE)
    assert f"Check your shim: does it run at {url} ([stimuli] url)" in joined(ran.output)
    assert "received no request" not in joined(ran.output), "nothing was due"


def test_suite_in_trouble_says_so_under_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "breaks.py").write_text(
        "def pytest_runtest_setup(item):\n    raise RuntimeError('out of order')\n", encoding="utf-8"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with reference_target() as target:
        arguments = command(tmp_path / "report", write(tmp_path, target.profile()), *SWIPE, "-p", "breaks")
        done = subprocess.run(  # noqa: S603 - our own command
            arguments, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False
        )
    assert re.search(
        r"card authorized by broadcast +error +\d\.\d s\n +RuntimeError: out of order\n", done.stdout
    )
    assert done.stdout.count("Error at setup") + done.stdout.count("ERROR at setup") == 1
    end = joined(section(done.stdout, "verdict"))
    assert "internal error of the suite: conformance/cpo/test_authorize_start.py::test_card" in end
    assert "VERDICT of Reference CPO (CPO): error" in end


# --- more, and less


@pytest.fixture(scope="module")
def target() -> Iterator[Reference]:
    with reference_target(options=("--fault", FAULT)) as started:
        yield started


SOME = ("-k", "test_stop_in_every_permitted_form or test_card_session_keeps")


def test_quiet_tells_only_what_is_not_in_order(tmp_path: Path, target: Reference) -> None:
    ran = run_suite(tmp_path, target.profile(), *SOME, "-q")
    assert {found["verdict"] for found in RESULT.finditer(ran.output)} == {"fail"}
    assert f"FAIL {BROKEN}: " in ran.output


def test_quieter_tells_only_the_end(tmp_path: Path, target: Reference) -> None:
    ran = run_suite(tmp_path, target.profile(), *SOME, "-qq")
    assert not RESULT.search(ran.output)
    assert BROKEN not in ran.output
    assert "VERDICT of Reference CPO (CPO): fail" in ran.output


def test_verbose_has_a_line_for_each_exchange(tmp_path: Path, target: Reference) -> None:
    ran = run_suite(tmp_path, target.profile(), *SOME, "-v")
    told = re.findall(r"^ +(\d+) (->|<-) (\S+) +(\d+) (\d+) +\d+ ms( \S{8})?$", ran.output, re.MULTILINE)
    arrows = {"hub-to-target": "->", "target-to-hub": "<-"}
    assert sorted((int(number), arrow, name) for number, arrow, name, *_ in told) == [
        (one["number"], arrows[one["direction"]], one["operation"]) for one in ran.journal
    ]
    assert not too_wide(ran.output)


def test_without_a_target_each_role_has_its_heading(tmp_path: Path) -> None:
    arguments = command(tmp_path, None, "-k", "nothing_unexpected")
    done = subprocess.run(  # noqa: S603 - our own command
        arguments, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    lines = done.stdout.splitlines()
    places = [
        lines.index(f"##### {number} of 2: the reference {role}, embedded #####")
        for number, role in ((1, "CPO"), (2, "EMP"))
    ]
    verdicts = [
        next(i for i, line in enumerate(lines) if line.startswith(f"VERDICT of Reference {role}"))
        for role in ("CPO", "EMP")
    ]
    assert places[0] < verdicts[0] < places[1] < verdicts[1]
    assert lines[-2:] == ["reference CPO: partial", "reference EMP: partial"]


def test_types_that_an_emp_does_not_declare_do_not_apply(tmp_path: Path) -> None:
    with reference_target("emp") as target:
        profile = re.sub(
            r"eRoamingChargingNotifications = .*",
            'eRoamingChargingNotifications = ["Start"]',
            target.profile(),
        )
        ran = run_suite(tmp_path, profile, "-k", "test_malformed_notification")
    assert not ran.statement["trouble"]
    assert "tests: 1 passed, 3 not applicable" in ran.output
    assert "not applicable: the profile does not declare the type End" in ran.output


@pytest.mark.long(25)
@pytest.mark.parametrize("role", ["cpo", "emp"])
def test_profile_that_declares_nothing_optional_is_no_trouble(role: Role, tmp_path: Path) -> None:
    with reference_target(role) as target:
        profile = re.sub(r"^eRoaming\w+ = .*\n", "", target.profile(), flags=re.MULTILINE)
        ran = run_suite(tmp_path, profile, "--examples", "0", *NO_ALLURE, seconds=200)
    assert ran.statement["trouble"] == []
    assert (ran.verdict, ran.exit_code) == ("pass", 0)
