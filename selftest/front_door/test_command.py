"""The command as a user meets it: help, errors, a first profile, small terminals."""

import json
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from oicp_conformance.cli import command as cli
from selftest.support import ROOT, cpo_profile, environment, on_terminal, run_command

USAGE = 4
COMMANDS = (
    *("demo", "run", "init", "check", "hub", "load", "rejudge", "show", "replay", "compare", "report"),
    *("bundle", "verify"),
    *("requirements", "schema", "contract", "nightly"),
    *("completion", "version"),
)


def said(*arguments: str | Path, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; `more` goes into the environment."""
    return run_command(*arguments, cwd=cwd, more={"COLUMNS": "80"} | more, seconds=60)


def complains(done: subprocess.CompletedProcess[str], *texts: str, code: int = USAGE) -> None:
    """One error, which has these texts in it."""
    assert done.returncode == code, done.stdout + done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for text in texts:
        assert text in errors[0]


# --- help


def test_all_commands_are_there() -> None:
    assert tuple(cli.commands) == COMMANDS


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_on_one_screen(name: str) -> None:
    """Of 80 columns and 24 lines."""
    done = said(*filter(None, [name]), "--help")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_help_needs_nothing_heavy() -> None:
    """What takes time to import is imported by the command that needs it."""
    heavy = "pytest", "pydantic", "httpx", "rich", "schemathesis", "jinja2", "faker"
    script = (
        "import sys; from oicp_conformance.cli import main; main(['run', '--help']); "
        f"print('loaded', *[one for one in {heavy} if one in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "loaded"


def test_help_answers_at_once() -> None:
    began = os.times()
    subprocess.run(
        [sys.executable, "-m", "oicp_conformance", "--help"],
        cwd=ROOT,
        env=environment(),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    spent = os.times()
    # Of the processor, whatever else the machine does.
    seconds = spent.children_user + spent.children_system - began.children_user - began.children_system
    assert seconds < 1.0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete(shell: str) -> None:
    done = said("completion", shell)
    assert done.returncode == 0
    assert "_OICP_CONFORMANCE_COMPLETE" in done.stdout
    completed = said(
        _OICP_CONFORMANCE_COMPLETE="bash_complete",
        COMP_WORDS="oicp-conformance run --operation eRoamingAuthorizeSt",
        COMP_CWORD="3",
    )
    assert completed.stdout.split() == ["plain,eRoamingAuthorizeStart", "plain,eRoamingAuthorizeStop"]


# --- errors

WRONG: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no such command": (("rn",), ("No such command 'rn'",)),
    "no such option": (("run", "--traget", "x"), ("No such option", "--target")),
    "no target": (("run",), ("--target: missing", "oicp-conformance init")),
    "no target to check": (("check",), ("--target: missing",)),
    "an argument that nobody wants": (("run", "my.toml"), ("unexpected argument my.toml", "--target FILE")),
    "a pattern without quotes": (
        ("run", "--target", "a.toml", "b.toml"),
        ("unexpected argument b.toml", "--target 'profiles/*.toml'"),
    ),
    "two targets": (
        ("run", "--target", "a.toml", "--target", "b.toml"),
        ("given 2 times", "quote a pattern"),
    ),
    "a pattern to check": (("check", "--target", "*.toml"), ("only `run` takes a pattern",)),
    "a number of examples": (("demo", "--examples", "-1"), ("'-1' is not a non-negative integer",)),
    "a seed": (("demo", "--seed", "x"), ("'x' is neither a non-negative integer nor 'random'",)),
    "a setting": (("run", "--set", "x"), ("'x' is not KEY=VALUE",)),
    "no statement": (("compare", "old.json", "new.json"), ("new.json: no such file",)),
    "no run": (("report",), ("RUN: missing",)),
    "no run to show": (("show", "away", "1"), ("away/conformance.json: no such file",)),
    "an exchange": (("show", "away", "x"), ("'x' is not a valid integer",)),
    "no run to replay": (("replay", "away", "1"), ("away/conformance.json: no such file",)),
    "no finding": (("replay", "away"), ("Missing argument 'FINDING'",)),
    "arguments for no pytest": (("compare", "a", "b", "--", "-x"), ("runs no tests",)),
    "init without answers": (
        ("init", "--role", "cpo"),
        ("missing: --base-url, --operator-id, --evse-id", "--yes"),
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_error_is_one_line(what: str, tmp_path: Path) -> None:
    arguments, texts = WRONG[what]
    complains(said(*arguments, cwd=tmp_path), *texts)


def test_profile_that_is_wrong_is_one_line(tmp_path: Path) -> None:
    """Of the run and of the check."""
    (tmp_path / "my.toml").write_text(cpo_profile().replace('role = "cpo"', 'role = "cpx"'), encoding="utf-8")
    for name in ("check", "run"):
        done = said(name, "--target", "my.toml", cwd=tmp_path)
        assert done.returncode == USAGE
        lines = [
            line for line in (done.stdout + done.stderr).splitlines() if line.lower().startswith("error")
        ]
        assert len(lines) == 1
        assert 'my.toml:3: [target] role: found "cpx", expected' in lines[0]


def test_no_command_is_help() -> None:
    done = said()
    assert done.returncode == USAGE
    assert "Commands:" in done.stdout


# --- terminals


def test_small_terminal_without_colours(tmp_path: Path) -> None:
    """Nothing sticks out but what is one word, and no control sequence is written."""
    (tmp_path / "my.toml").write_text(cpo_profile(), encoding="utf-8")
    code, shown = on_terminal(
        [sys.executable, "-m", "oicp_conformance", "check", "--target", str(tmp_path / "my.toml")],
        lambda _: None,
        COLUMNS="40",
        NO_COLOR="1",
        TERM="dumb",
    )
    assert code == 1
    assert "\x1b" not in shown
    assert "problem" in shown
    assert [line for line in shown.splitlines() if len(line) > 40 and " " in line[38:].strip()] == []
    assert [line for line in shown.splitlines() if line.endswith(" ")] == []


def test_colours_on_a_terminal_that_has_them(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(cpo_profile(), encoding="utf-8")
    command = [sys.executable, "-m", "oicp_conformance", "check", "--target", str(tmp_path / "my.toml")]
    _, shown = on_terminal(command, lambda _: None, TERM="xterm-256color")
    assert "\x1b[1;31mproblem" in shown


# --- init

CPO = (
    "--role",
    "cpo",
    "--base-url",
    "http://127.0.0.1:9",
    "--operator-id",
    "DE*ABC",
    "--evse-id",
    "DE*ABC*E1*1",
)
EMP = ("--role", "emp", "--base-url", "http://127.0.0.1:9", "--provider-id", "DE-DCB", "--uid", "1234ABCD")


@pytest.mark.parametrize("flags", [CPO, EMP], ids=["cpo", "emp"])
def test_init_writes_a_profile_and_a_shim(flags: tuple[str, ...], tmp_path: Path) -> None:
    """The profile has what was given, each key is in its schema, and the shim runs."""
    done = said("init", *flags, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    names = ["profile.schema.json", "profile.toml", "stimulate.py"]
    assert sorted(one.name for one in tmp_path.iterdir()) == names
    profile = tomllib.loads((tmp_path / "profile.toml").read_text(encoding="utf-8"))
    assert profile["target"]["base_url"] == flags[3]
    schema = json.loads((tmp_path / "profile.schema.json").read_text(encoding="utf-8"))
    assert set(profile) <= set(schema["properties"])
    known = {"cpo": ("plug-in", {"SessionID": "s", "EvseID": "e"}), "emp": ("eRoamingPullEvseData", {})}
    for stimulus, parameters in (known[flags[1]], ("check", {})):
        ran = subprocess.run(
            [sys.executable, "stimulate.py"],
            cwd=tmp_path,
            input=json.dumps({"stimulus": stimulus, "parameters": parameters}),
            text=True,
            check=False,
        )
        assert ran.returncode == 77, "it says that it cannot do it yet"
    checked = said("check", "--target", "profile.toml", cwd=tmp_path)
    assert checked.returncode == 1
    assert re.search(r"^ok +stimuli: the shim responds \(driver command\)$", checked.stdout, re.MULTILINE)


def test_init_for_a_cpo_that_speaks_ocpp(tmp_path: Path) -> None:
    """It needs no shim: the suite plays its stations, with the EVSEs that were given."""
    done = said("init", *CPO, "--evse-id", "DE*ABC*E2*1", "--stimuli", "ocpp", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "stimulate.py").exists()
    stimuli = tomllib.loads((tmp_path / "profile.toml").read_text(encoding="utf-8"))["stimuli"]
    assert (stimuli["driver"], stimuli["url"]) == ("ocpp", "ws://127.0.0.1:9100/ocpp")
    (station,) = stimuli["stations"]
    assert station["connectors"] == {"1": "DE*ABC*E1*1", "2": "DE*ABC*E2*1"}
    complains(
        said("init", *EMP, "--stimuli", "ocpp", "--out", "emp.toml", cwd=tmp_path),
        'found "ocpp", but it is only for role cpo',
    )


def test_shim_has_all_stimuli_of_a_role() -> None:
    from oicp_conformance.cli.profile_text import STIMULI  # noqa: PLC0415

    documented = (ROOT / "oicp_conformance" / "stimuli" / "README.md").read_text(encoding="utf-8")
    for stimuli in STIMULI.values():
        for name in stimuli:
            assert f"`{name.replace('plug_in', 'plug-in')}`" in documented, name


def test_init_never_overwrites(tmp_path: Path) -> None:
    """It refuses, and leaves all as it was, also what is not there yet; what is the same is no obstacle."""
    (tmp_path / "stimulate.py").write_text("mine", encoding="utf-8")
    complains(said("init", *CPO, cwd=tmp_path), "stimulate.py: the file exists, and nothing was written")
    complains(said("init", "--yes", cwd=tmp_path), "--force overwrites it")
    assert [one.name for one in tmp_path.iterdir()] == ["stimulate.py"]
    assert (tmp_path / "stimulate.py").read_text(encoding="utf-8") == "mine"
    assert said("init", *CPO, "--force", cwd=tmp_path).returncode == 0
    written = (tmp_path / "profile.toml").read_bytes()
    assert said("init", *CPO, cwd=tmp_path).returncode == 0, "the same again changes nothing"
    (tmp_path / "profile.toml").write_bytes(written + b"# mine\n")
    complains(said("init", *CPO, cwd=tmp_path), "profile.toml: the file exists")
    assert (tmp_path / "profile.toml").read_bytes() == written + b"# mine\n"


def test_init_asks_on_a_terminal(tmp_path: Path) -> None:
    """Enter takes what is proposed; what is there already is overwritten only by a yes."""
    import pty  # noqa: PLC0415

    def answered(*answers: str) -> tuple[int, str]:
        process_id, terminal = pty.fork()
        if process_id == 0:
            os.chdir(tmp_path)
            os.execve(  # noqa: S606 - our own command
                sys.executable,
                [sys.executable, "-m", "oicp_conformance", "init"],
                environment() | {"PYTHONPATH": str(ROOT)},
            )
        shown, waiting, deadline = "", list(answers), time.monotonic() + 60
        try:
            while time.monotonic() < deadline:
                shown += os.read(terminal, 4096).decode()
                asked = shown.count("]: ")
                if waiting and asked > len(answers) - len(waiting):
                    os.write(terminal, f"{waiting.pop(0)}\n".encode())
        except OSError:  # it has ended
            pass
        _, status = os.waitpid(process_id, 0)
        os.close(terminal)
        return os.waitstatus_to_exitcode(status), shown

    code, shown = answered("cpo", "http://127.0.0.1:9", "", "DE*XYZ", "DE*XYZ*E1 DE*XYZ*E2", "", "none")
    assert code == 0, shown
    profile = tomllib.loads((tmp_path / "profile.toml").read_text(encoding="utf-8"))
    assert profile["partner"] == {"operator_id": "DE*XYZ", "evse_ids": ["DE*XYZ*E1", "DE*XYZ*E2"]}
    before = (tmp_path / "profile.toml").read_bytes()
    code, shown = answered("n")
    assert code == USAGE, shown
    assert "Overwrite it?" in shown
    assert (tmp_path / "profile.toml").read_bytes() == before


def test_init_tells_what_is_wrong_with_an_answer(tmp_path: Path) -> None:
    done = said("init", *CPO, "--listen", "8600", cwd=tmp_path)
    complains(done, 'error: [hub] listen: found "8600", expected')
    assert not list(tmp_path.iterdir())


# --- what the suite knows


def test_version_is_a_command_and_an_option() -> None:
    assert said("--version").stdout == said("version").stdout
    assert said("--version").stdout.startswith("oicp-conformance ")


def test_schemas_are_printed() -> None:
    assert json.loads(said("schema").stdout)["properties"]["target"]
    assert "verdict" in json.loads(said("schema", "--statement").stdout)["properties"]
