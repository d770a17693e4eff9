"""The files for CI: valid, without a known weakness, and their commands do what they say."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from oicp_conformance.embedded import free_port
from selftest.support import ROOT, cpo_profile, environment

BIN = Path(sys.executable).parent
ACTION = ROOT / "action.yml"
WORKFLOWS = [*sorted((ROOT / "examples").glob("*/oicp.yml")), ROOT / "docs" / "ci" / "github-actions.yml"]
COMPONENT = ROOT / "templates" / "oicp-conformance.yml"
STEPS = {one["name"]: one for one in yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]}


def tool(name: str) -> str:
    """The program of a tool, or skip."""
    found = shutil.which(name, path=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def passes(*command: str | Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        list(map(str, command)), cwd=ROOT, check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def schema(name: str, *files: Path) -> None:
    passes(tool("check-jsonschema"), "--builtin-schema", f"vendor.{name}", *files)


# --- valid


def test_action() -> None:
    schema("github-actions", ACTION)


def test_workflows() -> None:
    assert len(WORKFLOWS) == 3
    schema("github-workflows", *WORKFLOWS)


def test_actionlint() -> None:
    """It knows the contexts that the schema does not know; it reads no action.yml."""
    passes(tool("actionlint"), *WORKFLOWS)


def test_zizmor() -> None:
    config = ROOT / ".github" / "zizmor.yml"
    passes(tool("zizmor"), "--offline", "--no-progress", "--config", config, ACTION, *WORKFLOWS)


def component() -> tuple[dict[str, Any], str]:
    """The inputs of GitLab's component, and its jobs with the inputs put in."""
    head, _, jobs = COMPONENT.read_text(encoding="utf-8").partition("\n---\n")
    inputs = yaml.safe_load(head)["spec"]["inputs"]
    given = {"target": "profile.toml", "start": "python backend.py"}
    values = {name: str(given.get(name, one.get("default"))) for name, one in inputs.items()}
    return inputs, re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: values[found[1]], jobs)


def test_component(tmp_path: Path) -> None:
    inputs, jobs = component()
    assert [name for name, one in inputs.items() if "default" not in one] == ["target"]
    file = tmp_path / "jobs.yml"
    file.write_text(jobs, encoding="utf-8")
    schema("gitlab-ci", file, ROOT / "docs" / "ci" / "gitlab-ci.yml")
    assert yaml.safe_load(jobs)["oicp-conformance"]["variables"]["OICP_START"] == "python backend.py"
    assert "$[[" not in jobs


def test_image() -> None:
    passes(tool("hadolint"), ROOT / "Containerfile")
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (.*)", text, re.MULTILINE) == ["1000"]


def test_every_input_is_documented() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    inputs = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"]
    assert set(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE)) == set(inputs) - {"token"}


# --- the commands of the action


def step(name: str, folder: Path, **values: str) -> dict[str, str]:
    """Run a step's script as GitHub does; gives its outputs."""
    made = folder / "outputs"
    made.write_text("")
    where = {
        "RUNNER_TEMP": str(folder),
        "GITHUB_OUTPUT": str(made),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    done = subprocess.run(  # noqa: S603 - our own script
        [tool("bash"), "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[name]["run"]],
        cwd=folder,
        env=environment() | where | values,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(line.split("=", 1) for line in made.read_text().splitlines())


def test_backend_is_started_and_judged(tmp_path: Path) -> None:
    """A server of files is no CPO: the run is incomplete, and everything is reported nevertheless."""
    port = free_port()
    (tmp_path / "my profile.toml").write_text(cpo_profile(f"http://127.0.0.1:{port}"), encoding="utf-8")
    server = f"echo $$ > pid; exec {sys.executable} -m http.server --bind 127.0.0.1 {port}"
    step("Start the backend", tmp_path, START=server)
    try:
        given = {"OICP": str(BIN / "oicp-conformance"), "TARGET": "my profile.toml", "WAIT": "30"}
        more = {
            "ARGUMENTS": "--examples 0 --operation eRoamingPushEvseData",
            "DEVIATIONS": "",
            "HTML": "false",
        }
        outputs = step("Run", tmp_path, **given, **more)
    finally:
        os.kill(int((tmp_path / "pid").read_text()), 9)
    reports = Path(outputs["report-dir"])
    assert (outputs["code"], outputs["verdict"]) == ("1", "incomplete")
    assert json.loads((reports / "badge.json").read_text()) == {
        "schemaVersion": 1,
        "label": "OICP 2.3",
        "message": "incomplete",
        "color": "orange",
    }
    assert (tmp_path / "summary.md").read_text() == (reports / "conformance.md").read_text()
    assert "OPTIONS / HTTP" in (tmp_path / "oicp-backend.log").read_text()


def test_backend_that_does_not_start(tmp_path: Path) -> None:
    """No verdict, and no pass."""
    (tmp_path / "my.toml").write_text(cpo_profile(f"http://127.0.0.1:{free_port()}"), encoding="utf-8")
    outputs = step(
        *("Run", tmp_path),
        OICP=str(BIN / "oicp-conformance"),
        TARGET="my.toml",
        WAIT="0.1",
        ARGUMENTS="",
        DEVIATIONS="",
        HTML="false",
    )
    assert (outputs["code"], outputs.get("verdict")) == ("1", None)


@pytest.mark.parametrize("ends", [True, False])
def test_jenkins_ends_what_it_started(tmp_path: Path, *, ends: bool) -> None:
    """The code is that of the run, also of a backend that has ended before; nothing is left running."""
    command = tmp_path / ".oicp" / "bin" / "oicp-conformance"
    command.parent.mkdir(parents=True)
    command.write_text("#!/bin/sh\necho $1 >> calls; sleep 0.3\n")
    command.chmod(0o755)
    (script,) = re.findall(r"sh '''\n(.*?)'''", (ROOT / "docs/ci/Jenkinsfile").read_text(), re.DOTALL)
    install, _, steps = script.strip().partition("\n")
    assert install.endswith("pip install --quiet oicp-conformance")
    start = "echo $$ > pid" if ends else "(echo begun; sleep 60) & echo $! > pid; wait"
    done = subprocess.run(  # noqa: S603 - our own script
        [tool("sh"), "-xe", "-c", steps],
        cwd=tmp_path,
        env=environment() | {"OICP_TARGET": "my profile.toml", "OICP_START": start},
        check=False,
        timeout=30,
    )
    assert done.returncode == 0
    assert (tmp_path / "calls").read_text().split() == ["check", "run"]
    assert not is_running(int((tmp_path / "pid").read_text()))


def is_running(process: int) -> bool:
    """Whether a process lives, but for one that only waits to be collected."""
    stat = Path("/proc", str(process), "stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("known", "called"),
    [("", ["--silent repos/a/b/issues/7/comments"]), ("42", ["PATCH repos/a/b/issues/comments/42"])],
)
def test_comment(tmp_path: Path, known: str, called: list[str]) -> None:
    """The comment of the run before is replaced."""
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\necho "$@" >> calls\ncase "$*" in *paginate*) echo {known};; esac\n')
    gh.chmod(0o755)
    (tmp_path / "conformance.md").write_text("## OICP 2.3: pass\n")
    given = {"REPOSITORY": "a/b", "NUMBER": "7", "REPORTS": str(tmp_path), "ARTIFACT": "oicp-report"}
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    step("Comment on the pull request", tmp_path, PATH=path, **given)
    listed, written = (tmp_path / "calls").read_text().splitlines()
    assert "--paginate repos/a/b/issues/7/comments" in listed
    assert all(one in written for one in called)
    comment = (tmp_path / "oicp-comment.md").read_text()
    assert comment == "<!-- oicp-conformance: oicp-report -->\n## OICP 2.3: pass\n"
