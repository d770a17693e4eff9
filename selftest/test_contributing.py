"""The worked example of CONTRIBUTING.md, followed word for word in a copy of the tree."""

import filecmp
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from selftest.support import ROOT

EXAMPLE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a requirement")[2]
TREE = ("oicp_conformance", "conformance", "fixtures", "selftest", "tools")
FILES = ("pyproject.toml", "README.md", "REQUIREMENTS.md", "CONTRIBUTING.md")
BLOCK = re.compile(
    r"(Append this to|Create)\s+`([^`]+)`[^`]*?:\n\n```python\n(.*?)^```", re.DOTALL | re.MULTILINE
)
REQUIREMENT = "eRoamingPushEvseData.one-name-per-language"


def commands(step: str) -> list[list[str]]:
    """The commands under a heading, run with the Python of this test."""
    (block,) = re.findall(rf"^### {step}\n.*?```console\n(.*?)^```", EXAMPLE, re.DOTALL | re.MULTILINE)
    lines = [shlex.split(line) for line in block.splitlines()]
    assert all(line[0] == "python" for line in lines)
    return [[sys.executable, *line[1:]] for line in lines]


def run(tree: Path, command: list[str]) -> str:
    """The output of a command in a tree, which it must leave with exit code 0."""
    ran = subprocess.run(  # noqa: S603 - our own command
        command,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the tree in which steps 2, 3 and 4 are done."""
    copy = tmp_path_factory.mktemp("copy")
    for name in TREE:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, copy)
    for verb, path, text in BLOCK.findall(EXAMPLE):
        file = copy / path
        assert file.exists() is (verb == "Append this to"), path
        before = file.read_text(encoding="utf-8") + "\n\n" if file.exists() else ""
        file.write_text(before + text, encoding="utf-8")
    for command in commands("4. Generate the catalogue"):
        run(copy, command)
    yield copy
    shutil.rmtree(copy)


def changed(tree: Path) -> set[str]:
    """The files that are not as they were."""
    files = [one for one in tree.rglob("*") if one.is_file() and "__pycache__" not in one.parts]
    names = [one.relative_to(tree) for one in files]
    return {
        name.as_posix()
        for name in names
        if not (ROOT / name).exists() or not filecmp.cmp(ROOT / name, tree / name, shallow=False)
    }


def test_three_files_change(tree: Path) -> None:
    ours = {name for name in changed(tree) if not name.startswith(("reports/", "."))}
    assert ours == {
        "oicp_conformance/judge/requirements/evse_records.py",
        "fixtures/faults/cpo_languages.py",
        "REQUIREMENTS.md",
    }
    run(tree, [sys.executable, "-m", "ruff", "check", "--no-cache", *sorted(ours - {"REQUIREMENTS.md"})])
    run(
        tree,
        [sys.executable, "-m", "ruff", "format", "--no-cache", "--check", "oicp_conformance", "fixtures"],
    )


def test_catalogue_has_the_row(tree: Path) -> None:
    before, after = (
        (folder / "REQUIREMENTS.md").read_text(encoding="utf-8").splitlines() for folder in (ROOT, tree)
    )
    (row,) = [line for line in after if line.startswith("| ") and line not in before]
    cells = [one.strip() for one in row.strip("|").split("|")]
    assert cells[:3] == [REQUIREMENT, "PushEvseData", "SHOULD"]
    assert cells[4:] == [
        "practice",
        "ChargingStationNames has one name per language.",
        "a rule over the journal",
    ]


@pytest.mark.long(15)
def test_the_journals_are_judged(tree: Path) -> None:
    """It holds, it is broken, it cannot be told; and each requirement has its journals once."""
    unit, _ = commands("5. Test")
    said = run(tree, [*unit, "-v", "-p", "no:cacheprovider", "--color=no"])
    passed = re.findall(
        r"::(test_\w+)\[(?:cpo eRoamingPushEvseData\.one-name-per-language|cpo)\] PASSED", said
    )
    assert sorted(passed) == ["test_breaks", "test_cannot_say", "test_every_rule_has_its_row", "test_holds"]


def test_the_fault_is_in_the_library(tree: Path) -> None:
    """Under the name that the command of the matrix has, and worth a warning, as its level says."""
    _, matrix = commands("5. Test")
    fault = matrix[matrix.index("--only") + 1]
    (line,) = [
        one for one in run(tree, [sys.executable, "-m", "fixtures.faults"]).splitlines() if fault in one
    ]
    assert REQUIREMENT in line
    assert "warning" in line
