"""Every requirement is written where it says: an anchor of the document, and a line of its section."""

import csv
from dataclasses import replace
from functools import cache

import pytest

from oicp_conformance.judge.requirement import REQUIREMENTS, Demand
from oicp_conformance.judge.source import ANCHORS, DOCUMENTS, OICP, Source
from tools.sources import sections

DEMANDS = [demand for one in REQUIREMENTS.values() for demand in one.demands.values()]
REAL = Source("CPO 02", "eRoamingChargeDetailRecordmessage", 323, "explicit")
TEXT = """\
= A document

[[First]]
== The first section
Words.

=== Best Practices
[%header]
|===
Name: Type
EvseID:<<EvseIDType>>:The id:M:
|===

=== Best Practices
|====
|	Name	|	Type
|	Charging Modes	|	List	|
|====

[[Second]]

[[Third]]
== The third section
"""


@cache
def lines_of_sections() -> dict[tuple[str, str], range]:
    with ANCHORS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {(row["document"], row["anchor"]): range(int(row["first"]), int(row["last"]) + 1) for row in rows}


def problem(source: Source) -> str:
    """What is wrong with a source; empty where nothing is."""
    if DOCUMENTS[source.document].repository != OICP:
        return "its document has no anchors" if source.anchor else ""
    lines = lines_of_sections().get((source.document, source.anchor))
    if lines is None:
        return "there is no such anchor"
    return "" if source.line in lines else "the line is not in the section"


@pytest.mark.parametrize("demand", DEMANDS, ids=lambda one: f"{one.role} {one.id}")
def test_source_is_in_the_document(demand: Demand) -> None:
    assert problem(demand.source) == ""
    assert demand.source.url.endswith(f"?plain=1#L{demand.source.line}")


def test_a_wrong_source_is_found() -> None:
    assert problem(REAL) == ""
    assert problem(replace(REAL, anchor="eRoamingAuthorizeStartt")) == "there is no such anchor"
    assert problem(replace(REAL, line=40)) == "the line is not in the section"
    assert problem(replace(REAL, document="IG CPO 01")) == "its document has no anchors"


def test_roles_have_sources_of_their_own() -> None:
    foreign = [
        one.id
        for one in DEMANDS
        if one.source.strength == "explicit" and not one.source.document.startswith(one.role.upper())
    ]
    assert foreign == []


def test_sections_of_a_document() -> None:
    found = {one.anchor: one for one in sections(TEXT)}
    assert list(found) == ["a-document", "First", "best-practices", "best-practices-2", "Second", "Third"]
    assert (found["First"].first, found["First"].last) == (3, 21)
    assert found["best-practices"].rows == {"Name": 10, "EvseID": 11}
    assert found["best-practices-2"].rows == {"Name": 16, "Charging Modes": 17}
    assert (found["Third"].first, found["Third"].last) == (22, 23)
