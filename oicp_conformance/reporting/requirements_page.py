"""The catalogue as a table: every requirement, how it is judged, or why it is not."""

from collections.abc import Iterator
from typing import get_args

from oicp_conformance.judge.catalogue import catalogue, not_tested
from oicp_conformance.judge.requirement import Demand
from oicp_conformance.oicp.operations import Party

_HEAD = ("id", "operations", "level", "source", "strength", "requirement", "judged by")


_INTRODUCTION = """# What is checked

Made by `tox -e catalogue`; do not edit.

A source is a document, the anchor of a section, and a line of the commit that the link names. The strengths
are *explicit*, *diagram*, *lower* (a document of lower precedence), *example* and *practice*. *Explicit* is a
MUST, SHALL or only, the M column, or the definition of a format. *Practice* means that no document has such
a sentence; the source is the nearest one. A broken requirement fails if its source is explicit. If its source
is a diagram or a lower document, it fails only if no document of higher precedence leaves it open. The
erratum in parentheses explains this, and each finding names it.
"""


def rows(party: Party, *, linked: bool = False) -> Iterator[tuple[str, ...]]:
    """The requirements on a party, a row each: those that are judged, then the others.

    `linked` makes a link of the source, in Markdown.
    """
    for one in (*catalogue(party).values(), *not_tested(party)):
        yield (
            one.id,
            ", ".join(_short(one, party)),
            one.level,
            _source(one, linked=linked),
            one.source.strength,
            one.sentence,
            one.judged,
        )


def _source(one: Demand, *, linked: bool) -> str:
    """The clause and its line; it may rest on an erratum, too."""
    words = f"{one.clause} L{one.source.line}"
    text = f"[{words}]({one.url})" if linked else words
    return f"{text} ({one.erratum})" if one.erratum else text


def _short(one: Demand, party: Party) -> list[str]:
    return [name.removeprefix("eRoaming") for name in one.operations(party)]


def table() -> str:
    """All of it, as Markdown."""
    parts = [_INTRODUCTION]
    titles: tuple[tuple[Party, str], ...] = (("cpo", "On a CPO"), ("emp-online", "On an EMP"))
    for party, title in titles:
        listed = list(rows(party, linked=True))
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
