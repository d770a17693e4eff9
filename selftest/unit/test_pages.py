"""README, CHANGELOG and the pages of docs agree with the code: commands, figures, links."""

import re
import tomllib
from pathlib import Path

import pytest

from oicp_conformance.cli import command
from oicp_conformance.reporting.exit_codes import EXIT
from tools.finding import finding

ROOT = Path(__file__).parents[2]
README, CHANGELOG = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CHANGELOG.md"))
PAGES = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *(one.relative_to(ROOT).as_posix() for one in (ROOT / "docs").rglob("*.md")),
    "examples/README.md",
)
SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETUP["project"]
SPEED = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")


def measured(what: str) -> str:
    """A figure that the benchmark has measured."""
    (figure,) = re.findall(rf"^\| {re.escape(what)} \| ([^|]+) \|", SPEED, re.MULTILINE)
    return str(figure)


def speed() -> str:
    """The figures of the benchmark for README: with the command, date and machine."""
    ((date, cores),) = re.findall(r"^Measured on (\S+) .* on (\d+ cores)", SPEED, re.MULTILINE)
    both = measured("both roles with all tests, without report.html")
    cpo, emp = (measured(f"{role}: (run - waits) / playback") for role in ("CPO", "EMP"))
    return (
        f"`tox -e benchmark` on {date}, {cores}: both roles {both}; "
        f"a run without its waits takes {cpo} (CPO) and {emp} (EMP) times the plain playback of its calls"
    )


MEASURED = (
    speed(),
    rf"Python {PROJECT['requires-python'].removeprefix('>=')} or newer",
    r"runs the suite's own tests: lint, type checks and 1/40 of the fault library",  # the next test
)
"""The sentences of README with a figure; each is checked."""
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
NAMES = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|OICP 2\.3|Apache-2\.0|^\d\. |HTTP 404", re.DOTALL | re.MULTILINE
)


def test_each_figure_of_the_readme_is_checked() -> None:
    """README has no other figure, except in names."""
    text = NAMES.sub("", README)
    for sentence in MEASURED:
        assert sentence in README
        text = text.replace(NAMES.sub("", sentence), "")
    text = text.replace("Then the exit code is 0.", "")
    assert EXIT["pass"] == 0
    assert re.findall(r"\d[\d.,]*", text) == []


def test_changelog_has_no_figures_but_versions() -> None:
    names = re.compile(r"`[^`]*`|\]\([^)]*\)|OICP 2\.3|0\.1\.0")
    assert re.findall(r"\d+", names.sub("", CHANGELOG)) == []


def test_readme_is_a_screen_and_a_half() -> None:
    assert len(README.splitlines()) <= 90


def test_finding_of_the_readme_is_what_the_suite_reports() -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert shown == f"{finding()}\n"


def test_exit_codes_are_those_of_the_code() -> None:
    table = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8").partition("## Exit codes")[2]
    assert {
        name: int(code) for name, code in re.findall(r"^\| ([a-z]+) \| (\d) \|", table, re.MULTILINE)
    } == EXIT


@pytest.mark.parametrize("page", ["commands", "CHANGELOG"])
def test_commands_are_those_of_the_tool(page: str) -> None:
    table = re.findall(r"^\| (`.*?) \|", COMMANDS, re.MULTILINE)
    (listed,) = re.findall(r"The command `oicp-conformance`:(.*?)\.\n", CHANGELOG, re.DOTALL)
    named = re.findall(r"`([a-z]+)", " ".join(table) if page == "commands" else listed)
    assert sorted(set(named)) == sorted(command.commands)


def test_test_command_is_what_ci_runs() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "python3 -m pip install tox && python3 -m tox run -e selftest\n" in README
    assert "python3 -m pip install --quiet tox\npython3 -m tox run -e selftest\n" in ci


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    file = ROOT / page
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", file.read_text(encoding="utf-8"))
    missing = [one for one in links if "://" not in one and not (file.parent / one).exists()]
    assert missing == []


def test_layers_are_those_that_are_checked() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```text\n(cli .*?)^```", text, re.DOTALL | re.MULTILINE)
    named = [re.split(r" {2,}", line)[0] for line in block.splitlines()]
    contract = SETUP["tool"]["importlinter"]["contracts"][0]["layers"]
    assert named == [re.sub(r"[()]", "", one) for one in contract]
