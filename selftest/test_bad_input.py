"""What users can do wrong: one clear message, the right exit code, and no crash."""

import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from selftest.support import (
    ROOT,
    Ran,
    command,
    cpo_profile,
    environment,
    run_suite,
)

USAGE, ERROR = 4, 3


def complains(ran: Ran, *texts: str) -> None:
    """One usage error, with these texts in it."""
    assert ran.exit_code == USAGE, ran.output
    errors = [line for line in ran.output.splitlines() if line.startswith("ERROR: ")]
    assert len(errors) == 1, ran.output
    for text in texts:
        assert text in errors[0]


# --- the command line and the profile


def test_no_such_profile(tmp_path: Path) -> None:
    complains(run_suite(tmp_path, tmp_path / "none.toml"), "none.toml", "no such file")


def test_profile_is_a_folder(tmp_path: Path) -> None:
    complains(run_suite(tmp_path, tmp_path), str(tmp_path), "found a folder, expected a profile")


PROFILES: dict[str, tuple[Callable[[str], str | bytes], tuple[str, ...]]] = {
    "not UTF-8": (
        lambda toml: toml.replace("A CPO", "Säule").encode("latin-1"),
        ("profile.toml: line 2", "byte 0xe4, expected text in UTF-8"),
    ),
    "no TOML": (lambda toml: f"{toml}\n[unclosed", ("profile.toml: line ", "not valid TOML")),
    "unknown key": (
        lambda toml: toml.replace("timeout", "timout"),
        ("[target] timout: unknown key; did you mean timeout?",),
    ),
    "wrong type": (
        lambda toml: toml.replace("timeout = 1.0", 'timeout = "1"'),
        ('[target] timeout: found "1", expected a number',),
    ),
    "wrong role": (
        lambda toml: toml.replace('role = "cpo"', 'role = "hub"'),
        ('[target] role: found "hub", expected "cpo" or "emp"',),
    ),
    "missing key": (
        lambda toml: toml.replace('operator_id = "DE*ABC"', ""),
        ("[partner] operator_id: missing, expected an OperatorID",),
    ),
    "no operation": (
        lambda toml: f'{toml}\n[target.paths]\neRoamingAuthorizeRemotStart = "/x"',
        ("[target.paths] eRoamingAuthorizeRemotStart: unknown operation", "eRoamingAuthorizeRemoteStart?"),
    ),
    "no path": (
        lambda toml: f'{toml}\n[target.paths]\neRoamingAuthorizeRemoteStart = "/{{partner}}/x"',
        ("[target.paths] eRoamingAuthorizeRemoteStart", "{providerID} and {operatorID}"),
    ),
    "manual without a terminal": (
        lambda toml: toml.replace('driver = "none"', 'driver = "manual"'),
        ('[stimuli] driver = "manual" needs the terminal', "run with -s"),
    ),
}


@pytest.mark.parametrize("what", PROFILES)
def test_profile(tmp_path: Path, what: str) -> None:
    change, texts = PROFILES[what]
    complains(run_suite(tmp_path, change(cpo_profile())), *texts)


def test_seed_is_no_number(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, cpo_profile(), "--seed", "abc")
    assert ran.exit_code == USAGE
    assert "argument --seed: 'abc' is neither a non-negative integer nor 'random'" in ran.output


def test_parallel_run_is_refused(tmp_path: Path) -> None:
    complains(run_suite(tmp_path, cpo_profile(), "-n", "2"), "-n: ", "run it without -n")


@pytest.mark.parametrize("target", [None, "profile.toml"], ids=["embedded", "profile"])
def test_report_dir_cannot_be_written(tmp_path: Path, target: str | None) -> None:
    (tmp_path / "report").write_text("a file", encoding="utf-8")
    texts = ("--report-dir", f"{tmp_path / 'report'}: File exists")
    if target:
        complains(run_suite(tmp_path, cpo_profile()), *texts)
        return
    embedded = command(tmp_path / "report", None)
    done = subprocess.run(  # noqa: S603 - our own command
        embedded, check=False, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60
    )
    complains(Ran(done.returncode, done.stdout + done.stderr, tmp_path), *texts)


def test_what_an_earlier_run_left_is_gone(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "conformance.json").write_text('{"verdict": "pass"}', encoding="utf-8")
    ran = run_suite(tmp_path, cpo_profile(), "-k", "no_such_test")
    assert ran.exit_code == 5
    assert ran.verdict == "incomplete"


# --- the hub cannot stand where it should


def troubled(ran: Ran, *texts: str) -> None:
    """An error of the suite, told once on the console and in the statement, and charged to nobody."""
    assert ran.exit_code == ERROR, ran.output
    assert ran.verdict == "error"
    (trouble,) = ran.statement["trouble"]
    for text in texts:
        assert text in trouble
        assert ran.says(text) == 1, ran.output
    assert ran.statement["summary"]["fail"] == 0
    assert ran.statement["stopped"] is None


def test_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        profile = cpo_profile(hub=port)
        ran = run_suite(tmp_path, profile)
    line = profile[: profile.index("listen =")].count("\n") + 1
    troubled(
        ran, f".toml:{line}: [hub] listen = '127.0.0.1:{port}': Address already in use; stop the program"
    )
    assert "requirements:" not in ran.output


def test_address_of_another_machine(tmp_path: Path) -> None:
    # Addresses for documentation belong to no machine.
    profile = re.sub(r'listen = "127\.0\.0\.1', 'listen = "192.0.2.1', cpo_profile())
    troubled(run_suite(tmp_path, profile), "[hub] listen = '192.0.2.1:", "Cannot assign requested address")
