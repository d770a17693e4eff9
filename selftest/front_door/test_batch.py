"""Several targets judged side by side, as a user does it."""

import json
import subprocess
import sys
from pathlib import Path

from oicp_conformance.embedded import free_port
from selftest.support import ROOT, cpo_profile, environment, reference_target


def batch(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "oicp_conformance", "run", "--target", f"{folder}/*.toml", *arguments]
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment(), check=False, capture_output=True, text=True, timeout=150
    )


def test_several_targets_side_by_side(tmp_path: Path) -> None:
    """A good one and one that does not run: a statement and a folder each, one page, the worst exit code."""
    profiles, out = tmp_path / "profiles", tmp_path / "out"
    profiles.mkdir()
    with reference_target("emp") as target:
        (profiles / "good.toml").write_text(target.profile(), encoding="utf-8")
        dead = cpo_profile(f"http://127.0.0.1:{free_port()}", supports="eRoamingAuthorizeStop = true")
        (profiles / "dead.toml").write_text(dead, encoding="utf-8")
        narrowed = ("--operation", "eRoamingAuthorizeStop", "--examples", "0", "--no-report-html")
        done = batch(profiles, "--jobs", "2", "--report-dir", str(out), *narrowed)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "judging 2 targets, 2 at a time" in done.stdout
    statements = {
        name: json.loads((out / name / "conformance.json").read_text(encoding="utf-8"))
        for name in ("good", "dead")
    }
    assert {name: one["verdict"] for name, one in statements.items()} == {
        "good": "partial",
        "dead": "incomplete",
    }
    assert {name: one["target"]["role"] for name, one in statements.items()} == {"good": "emp", "dead": "cpo"}
    page = (out / "index.html").read_text(encoding="utf-8")
    assert '<a href="good/conformance.html">' in page
    assert "Reference EMP" in page


def test_nothing_starts_when_one_profile_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(cpo_profile(), encoding="utf-8")
    (tmp_path / "bad.toml").write_text(cpo_profile().replace('"cpo"', '"cpx"'), encoding="utf-8")
    done = batch(tmp_path, "--report-dir", str(tmp_path / "out"))
    assert done.returncode == 4
    assert done.stdout == ""
    assert "bad.toml:3: [target] role" in done.stderr
    assert not (tmp_path / "out").exists()
