"""A load as a user puts it on a target."""

import subprocess
import sys
from pathlib import Path

from selftest.support import ROOT, cpo_profile, environment
from tools.load import Case, run

FAULT = "exchanges-answers-at-the-50th-parallel-call"


def test_answers_that_are_exchanged_under_load_are_found(tmp_path: Path) -> None:
    ran = run(Case("", "emp", fault=FAULT), tmp_path, 60, 6.0)
    assert ran.exit_code == 1, ran.said
    assert ran.statement["verdict"] == "fail"
    assert "answer.session-id" in ran.failed
    assert "FAIL answer.session-id: the SessionID of the response is not the one of the request" in ran.said
    calls = {one["name"]: one for one in ran.result["operations"]}
    assert calls["Aggregated"]["calls"] > 60
    assert 0 < calls["eRoamingAuthorizeStart"]["failed"] < calls["eRoamingAuthorizeStart"]["calls"]
    page = (ran.folder / "load.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "p99" in page


def test_nobody_is_loaded_who_did_not_agree(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text(cpo_profile("http://192.0.2.1:9000"), encoding="utf-8")
    command = [sys.executable, "-m", "oicp_conformance", "load", "--target", str(file)]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment(), check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 4
    assert "[target] base_url: http://192.0.2.1:9000 is not on this machine" in done.stderr
