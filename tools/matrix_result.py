"""What became of a run against a reference target with one change, and whether that is as it must be."""

import csv
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

from oicp_conformance.oicp.types import Role

_FOLDER = Path(__file__).parents[1] / "fixtures" / "faults"
_PROOFS = _FOLDER / "proofs.tsv"
_UNPROVEN = _FOLDER / "unproven.tsv"
MOST_AT_ONCE = 6
"""How many requirements may fail for one fault before it is unclear which one it is."""


class Proof(NamedTuple):
    """At which requirement a fault must be found."""

    role: Role
    fault: str
    requirement: str
    operation: str


@cache
def proofs() -> dict[tuple[str, str], Proof]:
    """Where each fault must be found, by role and name."""
    with _PROOFS.open(encoding="utf-8") as file:
        rows = [Proof(**row) for row in csv.DictReader(file, delimiter="\t")]  # type: ignore[arg-type]
    return {(one.role, one.fault): one for one in rows}


@dataclass(frozen=True)
class Result:
    """What became of one run."""

    role: Role
    kind: str
    name: str
    operation: str
    about: str
    expected: str
    """fail, warning, or pass for a variant."""
    requirement: str
    """Where it must be found, as `id [operation]`."""
    verdict: str
    failed: list[str]
    """The rows of the statement that failed, as `id [operation]`."""
    warned: list[str]
    test: str
    """The test that found it at its requirement."""
    seconds: float
    suite: str
    """Of which suite this is the result."""

    @property
    def told(self) -> list[str]:
        """The rows with the verdict that is expected of the fault."""
        return self.failed if self.expected == "fail" else self.warned

    @property
    def caught(self) -> bool:
        """Whether a fault was noticed as what it is: a MUST fails the run, a SHOULD warns and no more."""
        if self.expected == "fail":
            return self.verdict == "fail"
        return self.expected == "warning" and bool(self.warned) and not self.failed

    @property
    def attributed(self) -> bool:
        """Whether it was found at its own requirement, with no more than a handful of others."""
        return self.caught and self.requirement in self.told and len(self.failed) <= MOST_AT_ONCE

    @property
    def accused(self) -> bool:
        """Whether a conformant variant was found wanting."""
        return self.kind == "variant" and (self.verdict != "pass" or bool(self.failed or self.warned))

    @property
    def erred(self) -> bool:
        """Whether the suite itself was in trouble, or left no statement."""
        return self.verdict in {"error", "none"}

    @property
    def good(self) -> bool:
        """Whether it is as it must be."""
        return not self.accused if self.kind == "variant" else self.attributed


COLUMNS = (*(field.name for field in fields(Result)), "caught", "attributed", "accused")


def cells(result: Result) -> list[str]:
    """One line of the table."""
    shown: list[str] = []
    for name in COLUMNS:
        value = getattr(result, name)
        if isinstance(value, bool):
            value = "yes" if value else "no"
        shown.append("; ".join(value) if isinstance(value, list) else str(value))
    return shown


@cache
def unproven() -> dict[tuple[str, str], str]:
    """Why there is no fault for a requirement, by role and requirement."""
    with _UNPROVEN.open(encoding="utf-8") as file:
        return {
            (row["role"], row["requirement"]): row["reason"] for row in csv.DictReader(file, delimiter="\t")
        }
