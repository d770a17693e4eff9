"""The catalogue is complete, true to the models, and written down as it is."""

import subprocess
import sys
from typing import get_args

import pytest

from conformance.oicp.catalogue import FILE, table
from conformance.oicp.operations import Party, of_party
from conformance.oicp.requirements import catalogue, not_tested, operations_of
from selftest.support import ROOT


def test_table_is_as_the_catalogue() -> None:
    assert FILE.read_text(encoding="utf-8") == table(), "stale: run tox -e catalogue"


@pytest.mark.parametrize("party", get_args(Party))
def test_every_requirement_has_a_level_a_clause_and_an_operation(party: Party) -> None:
    names = {one.name for one in of_party(party)}
    for one in (*catalogue(party).values(), *not_tested(party)):
        assert one.text.endswith("."), one.id
        assert one.source.partition(" ")[2], one.id
        rows = operations_of(one, party)
        assert rows or one.not_tested, one.id
        assert set(rows) <= names, one.id


def test_requirements_are_listed_without_a_target() -> None:
    command = [sys.executable, "-m", "pytest", "--requirements"]
    ran = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    lines = ran.stdout.splitlines()
    assert sum(line.startswith("cpo\t") for line in lines) == len(catalogue("cpo")) + len(not_tested("cpo"))
    assert any("not tested: " in line for line in lines)
