"""What the matrix writes: a table, and a page of what was caught and which requirement no fault proves."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fixtures.faults import UNPROVEN, requirements
from oicp_conformance.judge.requirement import Demand
from oicp_conformance.oicp.types import Role
from tools.matrix_result import COLUMNS, MOST_AT_ONCE, Result, cells

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Figures:
    """How good the verdicts of one role's runs are."""

    role: Role
    musts: Sequence[Result]
    shoulds: Sequence[Result]
    variants: Sequence[Result]
    unproven: Sequence[tuple[Demand, str]]
    """Requirements that can be tested, at which no fault was found; with the reason, where there is one."""
    testable: int

    @property
    def faults(self) -> list[Result]:
        """All faults."""
        return [*self.musts, *self.shoulds]

    @property
    def seconds(self) -> float:
        """How long the runs took, one after the other."""
        return sum(one.seconds for one in (*self.faults, *self.variants))


def figures(results: Sequence[Result]) -> Iterator[Figures]:
    """The figures of each role of which there are results."""
    for role in get_args(Role):
        own = [one for one in results if one.role == role]
        faults = [one for one in own if one.kind == "fault"]
        if not own:
            continue
        known = requirements(role)
        proven = {one.requirement.partition(" ")[0] for one in faults if one.attributed}
        yield Figures(
            role,
            [one for one in faults if one.expected == "fail"],
            [one for one in faults if one.expected == "warning"],
            [one for one in own if one.kind == "variant"],
            [(one, UNPROVEN[role].get(name, "")) for name, one in known.items() if name not in proven],
            len(known),
        )


def page(results: Sequence[Result], minutes: float) -> str:
    """The page, one HTML file that needs nothing else."""
    bad = [one for one in results if not one.good]
    return _TEMPLATES.get_template("matrix.html.j2").render(
        roles=list(figures(results)), results=results, bad=bad, minutes=minutes, most=MOST_AT_ONCE
    )


def write(results: Sequence[Result], folder: Path, minutes: float) -> None:
    """Write `matrix.tsv` and `matrix.html`; `minutes` is how long it took, several runs at once."""
    rows = sorted(results, key=lambda one: (one.role, one.kind, one.operation, one.name))
    with (folder / "matrix.tsv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows([COLUMNS, *map(cells, rows)])
    (folder / "matrix.html").write_text(page(rows, minutes), encoding="utf-8")
