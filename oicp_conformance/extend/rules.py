"""For a module of rules, an entry point of the group `oicp_conformance.rules`."""

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.published import pushed, pushes
from oicp_conformance.judge.requirement import Demand, Requirement, cpo, emp, requirement, rule
from oicp_conformance.judge.source import Source

__all__ = [
    "Demand",
    "Exchange",
    "Outcome",
    "Record",
    "Requirement",
    "Source",
    "cpo",
    "emp",
    "pushed",
    "pushes",
    "requirement",
    "rule",
]
