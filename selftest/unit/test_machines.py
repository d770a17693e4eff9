"""Targets judged on other machines: here, these are processes in which a program stands for the suite."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from oicp_conformance.batch.batch import judge
from oicp_conformance.batch.plan import One, PlanError, queues
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


def machine(folder: Path, program: str) -> str:
    """The address of a machine on which a program is called oicp_conformance."""
    folder.mkdir()
    (folder / "oicp_conformance.py").write_text(program, encoding="utf-8")
    return f"popen//python={sys.executable}//chdir={folder}"


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
    assert said[1].endswith("'--', '-x']")
    assert (out / "a" / "sub" / "page.html").read_text(encoding="utf-8") == "made there"


def test_machine_that_is_lost_gets_nothing_more(tmp_path: Path) -> None:
    targets, out = written(tmp_path, a=CPO, b=ELSEWHERE), tmp_path / "out"
    code, said = judged(targets, out, machine(tmp_path / "m", DIES))
    assert code == 3
    assert [line.partition(":")[0] for line in said[1:-1]] == ["no verdict   a"]
    assert "chdir=" in said[1]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "not started" in page
    assert "no verdict" in page


def test_others_go_on_without_it(tmp_path: Path) -> None:
    targets, out = written(tmp_path, a=CPO, b=ELSEWHERE, c=CPO.replace(":9000", ":9002")), tmp_path / "out"
    machines = machine(tmp_path / "m", DIES), machine(tmp_path / "n", LIVES)
    _, said = judged(targets, out, *machines)
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


def test_machine_that_cannot_be_connected(tmp_path: Path) -> None:
    targets = written(tmp_path, a=CPO)
    for address in ("nonsense", "popen//python=/no/such/python"):
        with pytest.raises(PlanError, match=f"^--on {address}: it cannot be connected: ") as error:
            judged(targets, tmp_path / "out", address)
        assert "\n" not in str(error.value)


def test_a_port_is_no_matter_on_different_machines(tmp_path: Path) -> None:
    a, b, c = written(tmp_path, a=CPO, b=CPO, c=ELSEWHERE)
    assert queues([a, b, c], on_one_machine=False) == [[a, b], [c]]
    assert queues([a, b, c]) == [[a, b, c]]


def test_extra_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "oicp_conformance.batch.machines", raising=False)
    monkeypatch.setitem(sys.modules, "execnet", None)
    with pytest.raises(PlanError, match=r"^--on popen: .*pip install 'oicp-conformance\[machines\]'$"):
        judged(written(tmp_path, a=CPO), tmp_path / "out", "popen")
