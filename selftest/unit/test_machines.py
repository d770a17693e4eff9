"""Targets judged on other machines: here, these are processes in which a program stands for the suite."""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from textwrap import indent

import pytest

from oicp_conformance import __version__
from oicp_conformance.batch import machines
from oicp_conformance.batch.batch import judge
from oicp_conformance.batch.plan import One, PlanError, planned, queues
from selftest.unit.profiles import CPO
from selftest.unit.test_batch import ELSEWHERE, written

LIVES = """
import pathlib, sys
folder = pathlib.Path(sys.argv[sys.argv.index("--report-dir") + 1])
(folder / "sub").mkdir()
(folder / "sub" / "page.html").write_text("made there")
print(sys.argv[1:])
sys.exit(4)
"""
DIES = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
WAITS = """
import pathlib, signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(7))
pathlib.Path("started").touch()
time.sleep(60)
"""


def machine(folder: Path, program: str, version: str = __version__) -> str:
    """The address of a machine on which a program is called oicp_conformance."""
    folder.mkdir()
    text = f"__version__ = {version!r}\nif __name__ == '__main__':\n{indent(program, '    ')}"
    (folder / "oicp_conformance.py").write_text(text, encoding="utf-8")
    return f"popen//python={sys.executable}//chdir={folder}"


def ssh(folder: Path, does: str) -> None:
    """Write a program that is called ssh; the last of its arguments is a command for a shell."""
    program = folder / "ssh"
    program.write_text(f"#!{sys.executable}\nimport os, sys, time\n{does}\n", encoding="utf-8")
    program.chmod(0o755)


CONNECTS = 'os.execvp("sh", ["sh", "-c", sys.argv[-1]])'


@pytest.fixture
def fake_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which `ssh` is looked for first."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder


def refused(tmp_path: Path, address: str) -> str:
    """What is said of an address with which no run can begin."""
    with pytest.raises(PlanError) as error:
        judged(written(tmp_path, a=CPO), tmp_path / "out", address)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()
    return str(error.value)


def judged(targets: list[One], out: Path, *machines: str, jobs: int = 0) -> tuple[int, list[str]]:
    said: list[str] = []
    code = judge(
        targets,
        lambda one: ([one.name], ["--", "-x"]),
        folder=out,
        jobs=jobs,
        machines=machines,
        say=said.append,
    )
    return code, said


def test_reports_come_back(tmp_path: Path) -> None:
    targets, out = written(tmp_path, a=CPO), tmp_path / "out"
    code, said = judged(targets, out, machine(tmp_path / "m", LIVES))
    assert code == 4
    assert said[0] == "judging 1 target, 1 at a time; Ctrl-C ends all"
    assert said[1].startswith("no verdict   a: exit code 4: ['run', 'a', '--report-dir', ")
    assert said[1].endswith(f"'{out / 'a'}', '--', '-x']"), "the folder of this machine"
    assert (out / "a" / "sub" / "page.html").read_text(encoding="utf-8") == "made there"


def test_machine_that_is_lost_gets_nothing_more(tmp_path: Path) -> None:
    targets, out = written(tmp_path, a=CPO, b=ELSEWHERE), tmp_path / "out"
    code, said = judged(targets, out, machine(tmp_path / "m", DIES))
    assert code == 3
    why = ": popen: the connection was lost; judge this target again"
    assert [line[:14] for line in said[1:-1]] == ["no verdict   a", "not started  b"]
    assert all(line.endswith(why) for line in said[1:-1])
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "not started" in page
    assert "no verdict" in page


def test_others_go_on_without_it(tmp_path: Path) -> None:
    targets, out = written(tmp_path, a=CPO, b=ELSEWHERE, c=CPO.replace(":9000", ":9002")), tmp_path / "out"
    _, said = judged(targets, out, machine(tmp_path / "m", DIES), machine(tmp_path / "n", LIVES))
    codes = sorted("exit code 4" in line for line in said[1:-1])
    assert codes == [False, True, True]


def test_ctrl_c_reaches_them(tmp_path: Path) -> None:
    targets, out = written(tmp_path, a=CPO), tmp_path / "out"
    address = machine(tmp_path / "m", WAITS)

    def press() -> None:
        while not (tmp_path / "m" / "started").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    code, said = judged(targets, out, address)
    assert (code, said[1]) == (7, "no verdict   a: exit code 7")


def test_machine_that_gives_no_sign_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "_SILENCE", 0.1)
    code, said = judged(written(tmp_path, a=CPO), tmp_path / "out", machine(tmp_path / "m", WAITS))
    assert code == 3
    assert said[1].endswith(": no sign of life for 0.1 s; judge this target again")


@pytest.mark.parametrize("address", ["nonsense", "", "user@lab2", "2*popen", "ssh=a//ssh=b"])
def test_what_is_not_an_address(tmp_path: Path, address: str) -> None:
    expected = "this is not an address of a machine; expected ssh=USER@HOST//python=PATH//chdir=DIR"
    assert refused(tmp_path, address) == f"--on {address}: {expected}"


def test_key_that_is_misspelled(tmp_path: Path) -> None:
    assert "--on ssh=lab2//pyhton=x: unknown key pyhton; expected" in refused(tmp_path, "ssh=lab2//pyhton=x")


def test_variables_of_an_address_are_not_shown(tmp_path: Path) -> None:
    said = refused(tmp_path, "popen//env:TOKEN=s3cret//python=/no/such/python")
    assert said.startswith(
        "--on popen//python=/no/such/python: it cannot be connected: [Errno 2] No such file"
    )


def test_machine_on_the_way(tmp_path: Path) -> None:
    assert "use ProxyJump of ssh" in refused(tmp_path, "popen//via=hop")


def test_machine_without_the_suite(tmp_path: Path) -> None:
    said = refused(tmp_path, f"popen//python={sys.executable} -I -S")
    assert f"there does not have oicp-conformance; install version {__version__} for it, or name" in said


def test_machine_with_another_version(tmp_path: Path) -> None:
    said = refused(tmp_path, machine(tmp_path / "m", LIVES, version="0.0.9"))
    assert f"there has oicp-conformance 0.0.9, and here is {__version__}; install the same version" in said


def test_folder_that_does_not_exist_there_is_not_created(tmp_path: Path) -> None:
    said = refused(tmp_path, f"popen//chdir={tmp_path}/away")
    assert f"//chdir={tmp_path}/away: No such file or directory; name the folder there" in said
    assert not (tmp_path / "away").exists()


def test_profiles_that_do_not_exist_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, a=CPO, b=CPO)
    (tmp_path / "m").mkdir()
    with pytest.raises(PlanError, match=rf": no file a.toml \(nor 1 more\) there, in {tmp_path}/m; copy"):
        judged(planned("*.toml"), tmp_path / "out", f"popen//chdir={tmp_path}/m")


# --- ssh


def test_ssh_is_kept_from_ctrl_c_of_the_terminal(tmp_path: Path, fake_ssh: Path) -> None:
    """A terminal sends it to a whole group of processes; ssh must live until the reports are here."""
    ssh(fake_ssh, CONNECTS)
    # The folder of a worker of pytest-xdist is called after popen, too.
    here = machine(tmp_path / "m", "import os; print(os.getpgid(os.getppid()))")
    address = f"ssh=lab2{here.removeprefix('popen')}"
    targets, out = written(tmp_path, a=CPO), tmp_path / "out"
    assert judged(targets, out, address)[0] == 0
    assert int((out / "a" / "console.txt").read_text(encoding="utf-8")) != os.getpgid(0)


def test_ssh_that_fails_is_quoted_with_a_command_to_try(tmp_path: Path, fake_ssh: Path) -> None:
    ssh(fake_ssh, 'sys.exit(sys.stderr.write("a greeting\\nlab2: Permission denied.\\n") and 255)')
    address = "ssh=-p 22 lab2//ssh_config=own"
    hint = "this command must work first, print nothing and ask nothing: ssh -F own -p 22 lab2 true"
    assert refused(tmp_path, address).endswith(f"connected: lab2: Permission denied; {hint}")


def test_machine_without_that_python(tmp_path: Path, fake_ssh: Path) -> None:
    ssh(fake_ssh, CONNECTS)
    said = refused(tmp_path, "ssh=lab2//python=/no/such/python")
    assert "/no/such/python: " in said
    assert said.endswith("; name the Python there that has the suite: //python=PATH")


def test_machine_that_greets(tmp_path: Path, fake_ssh: Path) -> None:
    ssh(fake_ssh, 'print("Welcome", flush=True); time.sleep(60)')
    assert "connected: it writes something before Python starts; this command must" in refused(
        tmp_path, "ssh=lab2"
    )


def test_machine_that_does_not_answer(
    tmp_path: Path, fake_ssh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machines, "_CONNECTING", 0.5)
    ssh(fake_ssh, f'open("{tmp_path}/pid", "w").write(str(os.getpid())); sys.stdout.close(); time.sleep(60)')
    assert "connected: no response within 0.5 s; this command must" in refused(tmp_path, "ssh=lab2")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text(encoding="utf-8")), 0)


def test_a_port_is_no_matter_on_different_machines(tmp_path: Path) -> None:
    a, b, c = written(tmp_path, a=CPO, b=CPO, c=ELSEWHERE)
    assert queues([a, b, c], on_one_machine=False) == [[a, b], [c]]
    assert queues([a, b, c]) == [[a, b, c]]


def test_extra_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "oicp_conformance.batch.machines", raising=False)
    monkeypatch.setitem(sys.modules, "execnet", None)
    with pytest.raises(PlanError, match=r"^--on popen: .*pip install 'oicp-conformance\[machines\]'$"):
        judged(written(tmp_path, a=CPO), tmp_path / "out", "popen")
