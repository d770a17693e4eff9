"""The catalogue as a table: every requirement, how it is judged, or why it is not."""

from collections.abc import Iterator
from typing import get_args

from oicp_conformance.judge.catalogue import catalogue, not_tested
from oicp_conformance.judge.requirement import Demand
from oicp_conformance.oicp.operations import Party

_HEAD = ("id", "operations", "level", "clause", "requirement", "judged by")


def rows(party: Party) -> Iterator[tuple[str, ...]]:
    """The requirements on a party, a row each: those that are judged, then the others."""
    for one in (*catalogue(party).values(), *not_tested(party)):
        yield (
            one.id,
            ", ".join(_short(one, party)),
            one.level,
            one.clause,
            one.sentence,
            one.judged,
        )


def _short(one: Demand, party: Party) -> list[str]:
    return [name.removeprefix("eRoaming") for name in one.operations(party)]


def table() -> str:
    """All of it, as Markdown."""
    parts = ["# What is checked\n\nMade by `tox -e catalogue`; do not edit.\n"]
    titles: tuple[tuple[Party, str], ...] = (("cpo", "On a CPO"), ("emp-online", "On an EMP"))
    for party, title in titles:
        listed = list(rows(party))
        untested = sum(row[-1].startswith("not tested") for row in listed)
        parts.append(f"\n## {title}\n\n{len(listed)} requirements, {untested} of them not tested.\n\n")
        parts.append(f"| {' | '.join(_HEAD)} |\n|{' --- |' * len(_HEAD)}\n")
        parts.extend(f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |\n" for row in listed)
    return "".join(parts)


def listing() -> Iterator[str]:
    """All of it, one requirement a line, cells separated by tabs."""
    for party in get_args(Party):
        for row in rows(party):
            yield "\t".join((party, *row))
