"""Defaults that do not surprise: how a narrowed run ends, the seed of a run, and that it can be stopped."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from oicp_conformance.embedded import free_port
from selftest.support import (
    LONGEST,
    ROOT,
    Ran,
    cpo_profile,
    environment,
    judge_again,
    reference_target,
    run_command,
    run_suite,
    running,
)

START = "eRoamingAuthorizeRemoteStart"
ACKNOWLEDGED = "test_start_on_a_free_evse_is_acknowledged"


@pytest.fixture(scope="module")
def narrowed(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of which only a part was asked for, against a target in which nothing is broken."""
    with reference_target() as target:
        only = ("-k", ACKNOWLEDGED)
        return run_suite(tmp_path_factory.mktemp("narrowed"), target.profile(), *only)


def test_narrowed_run_is_partial(narrowed: Ran) -> None:
    assert (narrowed.verdict, narrowed.exit_code) == ("partial", 0)
    said = re.fullmatch(rf"only 1 of (\d+) tests run: -k {ACKNOWLEDGED}", narrowed.statement["partial"])
    assert said
    assert int(said[1]) > 100
    assert narrowed.says(f"{said[0]}. This is not a verdict on the target as a whole.") == 1
    assert narrowed.says("left out or not observed: eRoamingAuthorizeStart,") == 1
    assert narrowed.says("VERDICT of Reference CPO (CPO): partial") == 1


def test_partial_statement_has_a_large_notice(narrowed: Ran) -> None:
    page, comment = (
        (narrowed.folder / name).read_text(encoding="utf-8")
        for name in ("conformance.html", "conformance.md")
    )
    assert '<p class="partial"><strong>PART OF A RUN</strong>' in page
    assert "**PART OF A RUN: not valid as a conformance statement.**" in comment
    assert "no MUST was broken, and every mandatory operation was observed" not in page
    environment = (narrowed.folder / "allure-results" / "environment.properties").read_text(encoding="utf-8")
    assert "certification = not ready: only 1 of" in environment
    assert '<property name="verdict" value="partial"' in (narrowed.folder / "junit.xml").read_text("utf-8")


def test_partial_run_is_judged_again_as_one(narrowed: Ran, tmp_path: Path) -> None:
    again = judge_again(narrowed.folder / "journal.jsonl", tmp_path / "again")
    assert again.statement == narrowed.statement
    assert again.exit_code == 0


def test_what_was_asked_for_and_not_observed_is_incomplete(tmp_path: Path) -> None:
    """A part that shows nothing is not green either."""
    ran = run_suite(tmp_path, cpo_profile(), "--operation", "eRoamingAuthorizeStart")
    assert (ran.verdict, ran.exit_code) == ("incomplete", 1)
    assert not ran.rows("fail")


def test_what_selects_nothing_is_not_green(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, cpo_profile(), "-k", "no_such_test")
    assert (ran.verdict, ran.exit_code) == ("incomplete", 5)
    assert ran.statement["stopped"] == "no test was selected"


# --- the seed


def seed_of(tmp_path: Path, *arguments: str) -> int:
    """The seed of a run of which nothing is known but that; its target is not there."""
    (tmp_path / "my.toml").write_text(cpo_profile(f"http://127.0.0.1:{free_port()}"), encoding="utf-8")
    done = run_command(
        *("run", "--target", tmp_path / "my.toml", "--report-dir", tmp_path / "report", "--no-report-html"),
        *arguments,
        cwd=tmp_path,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    statement = json.loads((tmp_path / "report" / "conformance.json").read_text(encoding="utf-8"))
    assert f"seed      {statement['seed']} (" in done.stdout
    return int(statement["seed"])


def test_seed_is_fixed_unless_one_is_drawn(tmp_path: Path) -> None:
    assert seed_of(tmp_path) == 1
    assert seed_of(tmp_path, "--seed", "7") == 7
    drawn = {seed_of(tmp_path, "--seed", "random") for _ in range(2)}
    assert len(drawn) == 2


# --- Ctrl-C and SIGTERM


def wait_for(folder: Path, name: str, text: bytes) -> None:
    """Wait until a file says something."""
    deadline = time.monotonic() + LONGEST
    while not ((folder / name).exists() and text in (folder / name).read_bytes()):
        assert time.monotonic() < deadline, f"{name} never had {text!r}"
        time.sleep(0.1)


def test_run_can_be_stopped_whose_parent_ignores_ctrl_c(tmp_path: Path) -> None:
    """As shells start background jobs, and some CI runners all jobs."""
    with reference_target() as target:
        (tmp_path / "my.toml").write_text(target.profile(), encoding="utf-8")
        console = tmp_path / "console.txt"
        command = [sys.executable, "-m", "oicp_conformance", "run", "--target", str(tmp_path / "my.toml")]
        command += ["--report-dir", str(tmp_path / "report"), "--no-report-html", "--examples", "0"]
        ours = signal.signal(signal.SIGINT, signal.SIG_IGN)  # which the process inherits
        try:
            with console.open("wb") as out:
                process = subprocess.Popen(  # noqa: S603 - our own command
                    command, cwd=ROOT, env=environment(), stdout=out, stderr=out, stdin=subprocess.DEVNULL
                )
        finally:
            signal.signal(signal.SIGINT, ours)
        try:
            wait_for(tmp_path, console.name, b"test 1 of")
            os.kill(process.pid, signal.SIGINT)
            code = process.wait(60)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    ran = Ran(code, console.read_text(encoding="utf-8"), tmp_path / "report")
    assert (ran.exit_code, ran.verdict) == (1, "incomplete"), ran.output
    assert ran.statement["stopped"] == "the run was interrupted"
    assert "Traceback" not in ran.output


def test_ctrl_c_at_an_instruction_that_belongs_to_no_line(tmp_path: Path) -> None:
    """Python has such instructions, and pytest cannot tell where they are."""
    with reference_target() as target:
        ran = run_suite(tmp_path, target.profile(), "-p", "selftest.no_line")
    assert (ran.exit_code, ran.verdict) == (1, "incomplete"), ran.output
    assert ran.statement["stopped"] == "the run was interrupted"
    assert "error" not in ran.output


@pytest.mark.parametrize("plugin", ["in_the_midst", "stumbling"])
def test_ctrl_c_while_another_plugin_is_at_work(tmp_path: Path, plugin: str) -> None:
    """Pluggy, or a plugin such as Allure's, raises an error of its own then: no trouble of the suite."""
    with reference_target() as target:
        ran = run_suite(tmp_path, target.profile(), "-p", f"selftest.{plugin}")
    assert (ran.exit_code, ran.verdict) == (1, "incomplete"), ran.output
    assert ran.statement["stopped"] == "the run was interrupted"
    assert not ran.statement["trouble"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_that_is_told_to_end_writes_its_reports(tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM comes to a CI job that is cancelled, and to a container that is stopped."""
    with reference_target() as target, running(tmp_path, target.profile()) as run:
        wait_for(tmp_path, "console.txt", b"test 1 of")
        run.program.signal(number)
        time.sleep(0.2)
        run.program.signal(signal.SIGINT)  # it is asked twice, as under tox
        ran = run.end()
    assert (ran.exit_code, ran.verdict) == (1, "incomplete"), ran.output
    assert ran.statement["stopped"] == "the run was interrupted"


def test_sigterm_ends_the_demo_with_both_runs(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "oicp_conformance",
        "demo",
        "--report-dir",
        str(tmp_path),
        "--no-report-html",
    ]
    with (tmp_path / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=said, stderr=said)  # noqa: S603
        try:
            wait_for(tmp_path, "emp/console.txt", b"test 1 of")
            wait_for(tmp_path, "said.txt", b"test 1 of")
            process.terminate()
            code = process.wait(LONGEST)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    text = (tmp_path / "said.txt").read_text(encoding="utf-8")
    assert code == 2, text
    assert "Traceback" not in text
    for role in ("cpo", "emp"):
        statement = json.loads((tmp_path / role / "conformance.json").read_text(encoding="utf-8"))
        assert statement["stopped"] == "the run was interrupted"
