"""A package that extends the suite: examples/extension, installed beside it."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import griffe
import pytest

from oicp_conformance.judge.frame import Frame
from oicp_conformance.run.archive import save
from selftest.support import ROOT, environment
from selftest.unit.journals import a_cpo
from tools.stability import PUBLIC, broken, package

EXAMPLE = ROOT / "examples" / "extension"
SETUP = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the package as pip leaves it."""
    folder = tmp_path / "site"
    info = folder / "acme_oicp-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "acme_oicp").symlink_to(EXAMPLE / "acme_oicp")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-oicp\nVersion: 1.0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in SETUP["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a saved run with one push."""
    folder = tmp_path / "run"
    folder.mkdir()
    journal = a_cpo()
    journal.push_evse_data()
    save(folder, journal.record, Frame(seed=1, strict=False, started=0, finished=1))
    return folder


def command(site: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "oicp_conformance", *map(str, arguments)],
        cwd=site.parent,
        env=environment() | {"PYTHONPATH": f"{site}{os.pathsep}{ROOT}"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


def test_rule_and_report(site: Path, run: Path) -> None:
    """The rule judges, the statement names the package, and the report is written."""
    done = command(site, "rejudge", run, "--report-dir", site.parent / "again")
    assert "Traceback" not in done.stdout + done.stderr
    statement = json.loads((site.parent / "again" / "conformance.json").read_text(encoding="utf-8"))
    assert statement["extensions"] == ["acme-oicp 1.0"]
    (row,) = (one for one in statement["requirements"] if one["id"] == "acme.hotline")
    (finding,) = row["findings"][:1]
    assert (row["verdict"], finding["found"]) == ("warning", "+49123123123123")
    assert finding["pointer"] == "/OperatorEvseData/EvseDataRecord/0/HotlinePhoneNumber"
    assert (
        site.parent / "again" / "chat.txt"
    ).read_text() == f"{statement['target']['name']}: {statement['verdict']}, 0 broken\n"


def test_report_that_fails(site: Path, run: Path) -> None:
    """It is named, and the verdict is as it was."""
    (site / "acme_oicp").unlink()
    (site / "acme_oicp").mkdir()
    for one in ("__init__", "driver", "rules"):
        (site / "acme_oicp" / f"{one}.py").write_text("")
    (site / "acme_oicp" / "report.py").write_text("def write(folder, statement):\n    1 / 0\n")
    done = command(site, "rejudge", run, "--report-dir", site.parent / "again")
    said = " ".join(done.stdout.split())
    assert "the report acme of acme-oicp 1.0 failed: ZeroDivisionError: division by zero" in said
    assert (site.parent / "again" / "conformance.json").exists()


def test_rules_that_cannot_be_imported(site: Path) -> None:
    """They are an error that names the package."""
    (site / "acme_oicp").unlink()
    (site / "acme_oicp").mkdir()
    (site / "acme_oicp" / "__init__.py").write_text("")
    (site / "acme_oicp" / "rules.py").write_text("import nothing_like_that\n")
    done = command(site, "requirements")
    assert done.returncode == 3
    assert "the rules of acme-oicp 1.0 (acme_oicp.rules) cannot be used: ModuleNotFoundError" in done.stderr


def test_driver_is_offered(site: Path) -> None:
    done = command(site, "schema")
    assert done.returncode == 0, done.stderr
    assert '"acme"' in done.stdout


# --- what is public


def test_public_names_are_documented() -> None:
    """Each has a docstring where it is defined, and the page names each module."""
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    read = package(ROOT)
    for module in PUBLIC:
        assert f"`oicp_conformance.{module}`" in page
        for name in read[module].exports or []:
            one = read[module][str(name)]
            target = one.final_target if isinstance(one, griffe.Alias) else one
            assert target.docstring or target.is_attribute, f"{module}.{name}"


def tree(folder: Path, rules: str) -> griffe.Object | griffe.Alias:
    own = folder / "oicp_conformance"
    (own / "extend").mkdir(parents=True)
    for file in (own / "__init__.py", own / "extend" / "__init__.py"):
        file.write_text("")
    (own / "_inner.py").write_text(rules)
    text = 'from oicp_conformance._inner import rule\n\n__all__ = ["rule"]\n'
    (own / "extend" / "rules.py").write_text(text if "def rule" in rules else "__all__ = []\n")
    return package(folder)


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ("def rule(one, *, more=1): ...\n", []),
        ("def rule(one, two): ...\n", ["two"]),
        ("def other(): ...\n", ["oicp_conformance.extend.rules.rule: removed"]),
    ],
)
def test_what_would_break(tmp_path: Path, after: str, says: list[str]) -> None:
    old, new = tree(tmp_path / "old", "def rule(one): ...\n"), tree(tmp_path / "new", after)
    found = list(broken(old, new))
    assert len(found) == len(says)
    assert all(text in line for text, line in zip(says, found, strict=True))
