"""Several targets side by side: which, in which order, how they end, and the page over all."""

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from oicp_conformance.batch import overview, side_by_side
from oicp_conformance.batch.batch import judge
from oicp_conformance.batch.places import CONSOLE, Here, Place, PlaceLost, Running
from oicp_conformance.batch.plan import One, PlanError, planned, queues, waiting
from oicp_conformance.batch.side_by_side import Ended, Runs
from oicp_conformance.cli.targets import is_several
from selftest.unit.profiles import CPO, EMP
from selftest.unit.test_badge import KNOWN, statement

CPO_LISTENS = f'{CPO}[hub]\nlisten = "127.0.0.1:8601"\n'
ELSEWHERE = CPO.replace(":9000", ":9001")


def written(folder: Path, **profiles: str) -> list[One]:
    for name, text in profiles.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return planned(str(folder / "*.toml"))


def refused(pattern: Path, *settings: str) -> list[str]:
    with pytest.raises(PlanError) as error:
        planned(str(pattern), settings)
    return str(error.value).splitlines()


# --- which


def test_a_pattern_has_wildcards_and_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "my[1].toml").touch()
    assert is_several(str(tmp_path / "*.toml"))
    assert not is_several(str(tmp_path / "my[1].toml"))
    assert not is_several(str(tmp_path / "away.toml"))


def test_profiles_are_called_by_their_place(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in ("a/x", "a/y", "b/x"):
        (tmp_path / f"{name}.toml").write_text(CPO, encoding="utf-8")
    (tmp_path / "a" / "notes.txt").touch()
    assert [one.name for one in planned(str(tmp_path / "**" / "*.toml"))] == ["a/x", "a/y", "b/x"]
    assert [one.name for one in planned(str(tmp_path / "a" / "*.toml"))] == ["x", "y"]


def test_a_pattern_that_matches_nothing(tmp_path: Path) -> None:
    (line,) = refused(tmp_path / "*.toml")
    assert f"{tmp_path / '*.toml'}: no file matches this pattern (current folder: " in line


def test_a_folder_is_no_pattern(tmp_path: Path) -> None:
    assert refused(tmp_path) == [
        f"--target {tmp_path}: found a folder, expected a pattern such as '{tmp_path}/*.toml'"
    ]


def test_all_problems_are_told_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(CPO, encoding="utf-8")
    (tmp_path / "bad.toml").write_text(CPO.replace('"cpo"', '"cpx"'), encoding="utf-8")
    (tmp_path / "by_hand.toml").write_text(f'{CPO}[stimuli]\ndriver = "manual"\n', encoding="utf-8")
    lines = refused(tmp_path / "*.toml")
    assert len(lines) == 2
    assert "bad.toml:3: [target] role" in lines[0]
    assert 'by_hand.toml: [stimuli] driver: found "manual"' in lines[1]


def test_settings_change_every_profile(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(CPO, encoding="utf-8")
    (one,) = planned(str(tmp_path / "*.toml"), ["hub.listen=127.0.0.1:8777"])
    assert one.profile.hub.port == 8777


# --- in which order


def test_who_shares_a_port_or_a_backend_waits(tmp_path: Path) -> None:
    """Also where two that share nothing share something with a third."""
    a, b, c, d = written(
        tmp_path,
        a=ELSEWHERE,  # 8600, :9001
        b=CPO_LISTENS,  # 8601, :9000
        c=CPO,  # 8600, :9000
        d=CPO_LISTENS.replace(":9000", ":9003").replace("8601", "8602"),
    )
    assert queues([a, b, c, d]) == [[a, b, c], [d]]
    assert list(waiting([a, c])) == ["c waits for a: both have the port of [hub] listen (8600)"]
    assert list(waiting([b, c])) == ["c waits for b: both have the backend (http://127.0.0.1:9000)"]
    assert list(waiting([d])) == []


def test_a_port_that_the_system_chooses_is_shared_by_none(tmp_path: Path) -> None:
    free = '[hub]\nlisten = "127.0.0.1:0"\n'
    assert len(queues(written(tmp_path, a=ELSEWHERE + free, b=CPO + free))) == 2


# --- how they end


def fake(script: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", script]


def ran(targets: Sequence[One], script: str, tmp_path: Path, jobs: int) -> tuple[list[Ended], bool]:
    folders = {one.name: tmp_path for one in targets}
    ended: list[Ended] = []
    places = [Here(lambda _: fake(script))] * jobs
    interrupted = Runs([[one] for one in targets], places, folders).work(ended.append)
    return ended, interrupted


def test_exit_codes_are_those_of_the_runs(tmp_path: Path) -> None:
    ended, interrupted = ran(written(tmp_path, a=CPO, b=EMP), "raise SystemExit(4)", tmp_path, 2)
    assert ([one.code for one in ended], interrupted) == ([4, 4], False)


def test_ctrl_c_ends_all_and_starts_no_other(tmp_path: Path) -> None:
    """The two that run end as they do after Ctrl-C, once; the third is not started."""
    script = (
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(7))\n"
        f"pathlib.Path({str(tmp_path)!r}, f'started{{time.monotonic_ns()}}').touch()\n"
        "time.sleep(60)"
    )

    def press() -> None:
        while len(list(tmp_path.glob("started*"))) < 2:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    threading.Thread(target=press, daemon=True).start()
    ended, interrupted = ran(written(tmp_path, a=CPO, b=EMP, c=CPO), script, tmp_path, 2)
    assert interrupted
    assert sorted((one.code for one in ended), key=str) == [7, 7, None]
    assert sorted(overview.row(one, tmp_path).code for one in ended) == [2, 7, 7], "that is no trouble"
    assert len(list(tmp_path.glob("started*"))) == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_a_run_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "PATIENCE", 0.1)
    script = (
        "import pathlib, signal, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        f"pathlib.Path({str(tmp_path)!r}, 'started').touch()\n"
        "time.sleep(60)"
    )

    def press() -> None:
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=press, daemon=True).start()
    (ended,), _ = ran(written(tmp_path, a=CPO), script, tmp_path, 1)
    assert ended.code == -signal.SIGKILL
    assert overview.row(ended, tmp_path).code == 3, "the suite's trouble"


class Lost:
    """A place that cannot be reached any more."""

    def start(self, one: One, folder: Path) -> Running:
        """Say so."""
        raise PlaceLost(f"no way to judge {one.name} in {folder.name}")


def test_what_waits_for_a_lost_place_goes_to_another(tmp_path: Path) -> None:
    """Also what that place had already taken."""
    targets = written(tmp_path, a=CPO, b=EMP, c=CPO)
    folders = {one.name: tmp_path for one in targets}
    ended: list[Ended] = []
    places: list[Place] = [Lost(), Here(lambda _: fake("raise SystemExit(4)"))]
    Runs([targets[:2], targets[2:]], places, folders).work(ended.append)
    assert [one.code for one in ended] == [4, 4, 4]


def test_without_a_place_targets_are_not_started(tmp_path: Path) -> None:
    targets = written(tmp_path, a=CPO, b=EMP)
    ended: list[Ended] = []
    Runs([targets], [Lost()], {one.name: tmp_path / one.name for one in targets}).work(ended.append)
    rows = [overview.row(one, tmp_path) for one in ended]
    assert [(row.verdict, row.why, row.code) for row in rows] == [
        ("not started", "no way to judge a in a", 3)
    ] * 2


# --- the page


def test_batch_says_what_became_of_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run without a statement is shown with what it said last; nothing of it is markup."""
    targets = written(tmp_path, a=ELSEWHERE, b=CPO)
    monkeypatch.setattr(sys, "executable", "/bin/echo")
    said: list[str] = []

    def asked(one: One) -> tuple[list[str], list[str]]:
        return [f"<b>{one.name}"], ["--", "-x"]

    code = judge(targets, asked, folder=tmp_path / "out", jobs=3, machines=(), say=said.append)
    assert code == 0
    assert said[0] == "b waits for a: both have the port of [hub] listen (8600)"
    assert said[1].startswith("judging 2 targets, 1 at a time")
    command = f"-m oicp_conformance run <b>a --report-dir {tmp_path}/out/a -- -x"
    assert said[2] == f"no verdict   a: exit code 0: {command}"
    page = (tmp_path / "out" / overview.PAGE).read_text(encoding="utf-8")
    assert said[-1] == f"overview: {tmp_path / 'out' / overview.PAGE}"
    assert "&lt;b&gt;a" in page
    assert "<b>" not in page
    assert f'<a href="a/{CONSOLE}">' in page


def test_a_pass_with_known_deviations_is_counted_apart(tmp_path: Path) -> None:
    targets = written(tmp_path, a=CPO, b=CPO)
    for one, deviations in zip(targets, ([], [KNOWN]), strict=True):
        made = statement("cpo", "pass").model_copy(update={"deviations": deviations})
        file = tmp_path / one.name / "conformance.json"
        file.parent.mkdir()
        file.write_text(made.model_dump_json(by_alias=True), encoding="utf-8")
    rows = [overview.row(Ended(one, 0, 1.0), tmp_path / one.name) for one in targets]
    assert "<p>1 pass, 1 pass (known)</p>" in overview.write(rows, tmp_path).read_text(encoding="utf-8")
