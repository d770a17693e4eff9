"""The requirements on a party, by id: those on fields come out of the models, all others out of the areas."""

from functools import cache
from typing import get_args

from oicp_conformance.judge import requirements as _areas
from oicp_conformance.judge import trials as _trials
from oicp_conformance.judge.extensions import load as _load
from oicp_conformance.judge.requirement import JUDGES, REQUIREMENTS, Demand, JudgedBy
from oicp_conformance.oicp.operations import Party
from oicp_conformance.oicp.types import Role

assert _areas, _trials  # importing them defines the requirements and their rules
OWN = frozenset(REQUIREMENTS)
"""The ids of the requirements that the suite brings itself."""
EXTENSIONS = _load()
"""The packages whose rules judge, too, with their versions."""
_RULED: frozenset[str] = frozenset().union(*JUDGES.values())
if _unruled := {one.id for one in REQUIREMENTS.values() if one.by is JudgedBy.RULE} - _RULED:
    raise ValueError(f"no rule judges {', '.join(sorted(_unruled))}")


def _demands(party: Party) -> list[Demand]:
    role: Role = "cpo" if party == "cpo" else "emp"
    return [demand for one in REQUIREMENTS.values() if (demand := one.demands.get(role))]


@cache
def catalogue(party: Party) -> dict[str, Demand]:
    """All requirements on a party that are judged, by id."""
    judged = (one for one in _demands(party) if one.by is not JudgedBy.NOTHING)
    return {one.id: one for one in judged if one.operations(party)}


def not_tested(party: Party) -> list[Demand]:
    """What OICP demands of a party and no run can judge, each with its reason."""
    return [one for one in _demands(party) if one.by is JudgedBy.NOTHING]


@cache
def judged() -> frozenset[str]:
    """The ids of all requirements that are judged, of every party."""
    return frozenset(name for party in get_args(Party) for name in catalogue(party))
