"""Several targets judged side by side, as a user does it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from oicp_conformance.embedded import free_port, profile
from oicp_conformance.oicp.types import Role
from selftest.support import ROOT, cpo_profile, environment

ROLES: tuple[Role, ...] = ("cpo", "emp")


def batch(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "oicp_conformance", "run", "--target", f"{folder}/*.toml", *arguments]
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment(), check=False, capture_output=True, text=True, timeout=150
    )


def dead_targets(folder: Path) -> Path:
    """A folder with a profile for each role, of targets at which nobody listens."""
    profiles = folder / "profiles"
    profiles.mkdir()
    for role in ROLES:
        dead = {"base_url": f"http://127.0.0.1:{free_port()}", "stimuli_url": "http://127.0.0.1:9"}
        (profiles / f"{role}.toml").write_text(profile(role, free_port(), dead), encoding="utf-8")
    return profiles


def test_several_targets_side_by_side(tmp_path: Path) -> None:
    """A statement and a folder each, one page over both, the worst exit code; nobody listens at either."""
    profiles, out = dead_targets(tmp_path), tmp_path / "out"
    done = batch(profiles, "--jobs", "2", "--report-dir", str(out), "--examples", "0", "--no-report-html")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "judging 2 targets, 2 at a time" in done.stdout
    for role in ROLES:
        statement = json.loads((out / role / "conformance.json").read_text(encoding="utf-8"))
        assert (statement["target"]["role"], statement["verdict"]) == (role, "incomplete")
        assert f"incomplete   {role}: {statement['stopped']}" in done.stdout
    page = (out / "index.html").read_text(encoding="utf-8")
    assert '<a href="emp/conformance.html">' in page
    assert "Reference CPO" in page


def test_several_targets_on_other_machines(tmp_path: Path) -> None:
    """Each judges one; what it wrote is here afterwards."""
    profiles, out = dead_targets(tmp_path), tmp_path / "out"
    machine = ("--on", f"popen//python={sys.executable}")
    done = batch(
        profiles, *machine, *machine, "--report-dir", str(out), "--examples", "0", "--no-report-html"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    for role in ROLES:
        statement = json.loads((out / role / "conformance.json").read_text(encoding="utf-8"))
        assert (statement["target"]["role"], statement["verdict"]) == (role, "incomplete")
        assert "VERDICT" in (out / role / "console.txt").read_text(encoding="utf-8")


@pytest.fixture
def ssh_config(tmp_path: Path) -> Iterator[Path]:
    """The configuration of ssh for a server on this machine that is called lab2."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if not (program and shutil.which("ssh") and shutil.which("ssh-keygen")):
        pytest.skip("no ssh, or no server for it")
    folder, port = tmp_path / "ssh", free_port()
    folder.mkdir()
    for name in ("host", "key"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name]
        subprocess.run(make, cwd=folder, check=True)  # noqa: S603 - our own command
    settings = (
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/key.pub\n"
        "PidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\n"
    )
    (folder / "server").write_text(settings, encoding="utf-8")
    key = (folder / "host.pub").read_text(encoding="utf-8")
    (folder / "known").write_text(f"[127.0.0.1]:{port} {key}", encoding="utf-8")
    config = folder / "config"
    config.write_text(
        f"Host lab2\nHostName 127.0.0.1\nPort {port}\nIdentityFile {folder}/key\nIdentitiesOnly yes\n"
        f"UserKnownHostsFile {folder}/known\nConnectionAttempts 10\nConnectTimeout 1\nBatchMode yes\n",
        encoding="utf-8",
    )
    with subprocess.Popen([program, "-D", "-q", "-f", folder / "server"]) as server:  # noqa: S603
        try:
            login = ["ssh", "-F", str(config), "lab2", "true"]
            if subprocess.run(login, check=False, capture_output=True).returncode:  # noqa: S603
                pytest.skip("no way to log in to this machine")
            yield config
        finally:
            server.terminate()


def test_targets_over_ssh(tmp_path: Path, ssh_config: Path) -> None:
    profiles, out = dead_targets(tmp_path), tmp_path / "out"
    (profiles / "emp.toml").unlink()
    machine = ("--on", f"ssh=lab2//ssh_config={ssh_config}//python={sys.executable}//chdir={ROOT}")
    done = batch(profiles, *machine, "--report-dir", str(out), "--examples", "0", "--no-report-html")
    assert done.returncode == 1, done.stdout + done.stderr
    statement = json.loads((out / "cpo" / "conformance.json").read_text(encoding="utf-8"))
    assert statement["verdict"] == "incomplete"
    assert f"reports   {out}/cpo\n" in (out / "cpo" / "console.txt").read_text(encoding="utf-8")


def test_machines_do_not_know_a_folder_of_this_one(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(cpo_profile(), encoding="utf-8")
    done = batch(tmp_path, "--on", "popen", "--baseline", str(tmp_path))
    assert (done.returncode, done.stdout) == (4, "")
    assert "--baseline: it is a folder of this machine" in done.stderr


def test_nothing_starts_when_one_profile_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(cpo_profile(), encoding="utf-8")
    (tmp_path / "bad.toml").write_text(cpo_profile().replace('"cpo"', '"cpx"'), encoding="utf-8")
    done = batch(tmp_path, "--report-dir", str(tmp_path / "out"))
    assert done.returncode == 4
    assert done.stdout == ""
    assert "bad.toml:3: [target] role" in done.stderr
    assert not (tmp_path / "out").exists()
