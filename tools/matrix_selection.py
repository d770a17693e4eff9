"""Which faults and variants the matrix runs: by role, kind, name, operation and requirement, or a share."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import get_args

from fixtures.faults import Fault, every, operations_of, requirements
from fixtures.faults.variants import ANY
from oicp_conformance.oicp.types import Role

Run = tuple[Role, Fault]
"""A fault or variant, and whose backend has it."""


class NothingMatchesError(Exception):
    """A pattern names nothing that there is; the message says which."""


@dataclass(frozen=True)
class Selection:
    """What the command line asks for; names are shell-style patterns, and nothing given means all."""

    roles: Sequence[Role] = get_args(Role)
    kinds: Sequence[str] = ("fault", "variant")
    only: Sequence[str] = ()
    operations: Sequence[str] = ()
    requirements: Sequence[str] = ()
    share: tuple[int, int] = (1, 1)
    """Every nth, from the ith on."""

    def runs(self) -> list[Run]:
        """Return what is selected.

        Raises:
            NothingMatchesError: a pattern matches nothing, or nothing has all that is asked for.
        """
        known: list[Run] = [(role, one) for role in self.roles for one in every(role)]
        names = _matching(self.only, {one.name for _, one in known}, "--only")
        operations = _matching(
            self.operations,
            {name for _, one in known for name in (one.operation, one.shown_at) if name not in {"", ANY}},
            "--operation",
        )
        ids = _matching(
            self.requirements,
            {name for role in self.roles for name in requirements(role)},
            "--requirement",
        )
        chosen = [
            (role, one)
            for role, one in known
            if one.kind in self.kinds
            and (not self.only or one.name in names)
            and (not self.operations or _is_about(one, operations))
            and (not self.requirements or _concerns(role, one, ids))
        ]
        if not chosen:
            raise NothingMatchesError("no fault or variant is all that is asked for")
        first, step = self.share
        return chosen[first - 1 :: step]


def _matching(patterns: Iterable[str], known: Collection[str], option: str) -> set[str]:
    """Return what matches any of the patterns."""
    found: set[str] = set()
    for pattern in patterns:
        matches = {name for name in known if fnmatchcase(name, pattern)}
        if not matches:
            raise NothingMatchesError(f"{option} {pattern}: nothing matches")
        found |= matches
    return found


def _is_about(one: Fault, operations: Collection[str]) -> bool:
    if one.kind == "variant" and one.operation == ANY:
        return True
    return bool({one.operation, one.shown_at} & set(operations))


def _concerns(role: Role, one: Fault, ids: Collection[str]) -> bool:
    """Whether a fault breaks one of the requirements, or a variant has an operation that they are about."""
    if one.kind == "fault":
        return one.breaks in ids
    return _is_about(one, {name for requirement in ids for name in operations_of(role, requirement)})
