"""What became of a run against a reference target with one change, and whether that is as it must be."""

from dataclasses import dataclass, fields

from oicp_conformance.oicp.types import Role

MOST_AT_ONCE = 6
"""How many requirements may fail for one fault before it is unclear which one it is."""


@dataclass(frozen=True)
class Result:
    """What became of one run."""

    role: Role
    kind: str
    name: str
    operation: str
    about: str
    """The requirement that a fault breaks, or the freedom that a variant uses, in a sentence."""
    expected: str
    """fail or warning for a fault; for a variant pass, or no fail where a warning is acceptable."""
    requirement: str
    """The row of the statement in which a fault must be found, as `id [operation]`."""
    verdict: str
    failed: list[str]
    """The rows of the statement that failed, as `id [operation]`."""
    warned: list[str]
    test: str
    """The test that found it at its requirement."""
    seconds: float
    suite: str
    """Of which suite this is the result."""
    runs: int = 1
    """How many runs it took."""

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
        """Whether a conformant variant was found wanting, be it by a warning where none is acceptable."""
        if self.kind == "fault":
            return False
        warned = bool(self.warned) and self.expected == "pass"
        return self.verdict != "pass" or bool(self.failed) or warned

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
