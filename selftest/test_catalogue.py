"""The catalogue is complete, true to the models, and written down as it is."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from oicp_conformance.judge.catalogue import catalogue, not_tested
from oicp_conformance.oicp.operations import BY_NAME, Party, of_party
from oicp_conformance.oicp.types import Role
from oicp_conformance.reporting.requirements_page import table
from selftest.support import ROOT


def test_table_is_as_the_catalogue() -> None:
    assert (ROOT / "REQUIREMENTS.md").read_text(encoding="utf-8") == table(), "stale: run tox -e catalogue"


@pytest.mark.parametrize("party", get_args(Party))
def test_every_requirement_has_a_level_a_clause_and_an_operation(party: Party) -> None:
    names = {one.name for one in of_party(party)}
    for one in (*catalogue(party).values(), *not_tested(party)):
        assert one.sentence.endswith("."), one.id
        assert one.clause, one.id
        assert one.source.line > 0, one.id
        rows = one.operations(party)
        assert rows or one.not_tested, one.id
        assert set(rows) <= names, one.id


def test_requirements_are_listed_without_a_target() -> None:
    command = [sys.executable, "-m", "oicp_conformance", "requirements"]
    ran = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    lines = ran.stdout.splitlines()
    assert sum(line.startswith("cpo\t") for line in lines) == len(catalogue("cpo")) + len(not_tested("cpo"))
    assert any("not tested: " in line for line in lines)


@pytest.mark.parametrize("role", get_args(Role))
def test_tests_are_about_requirements_that_there_are(role: Role) -> None:
    known = catalogue("cpo" if role == "cpo" else "emp-online")
    folder = ROOT / "conformance" / role
    for file in sorted(folder.glob("test_*.py")):
        module = importlib.import_module(f"conformance.{role}.{file.stem}")
        tests = [one for name, one in vars(module).items() if name.startswith("test_")]
        assert tests, file
        for test in tests:
            markers = [one for one in marks_of(test) if one.name == "about"]
            assert markers, test.__name__
            for marker in markers:
                operation, *requirements = marker.args
                assert operation in BY_NAME, test.__name__
                assert requirements, test.__name__
                assert not set(requirements) - known.keys(), test.__name__


def marks_of(test: Any) -> Iterator[pytest.Mark]:
    """The marks of a test, and those of its parameters."""
    for mark in test.pytestmark:
        yield mark
        if mark.name == "parametrize":
            yield from (one.mark for row in mark.args[1] for one in getattr(row, "marks", ()))
