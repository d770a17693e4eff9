"""Preflight: whether a run can work at all, before anything is judged.

It tells a wrong address from a broken backend. Nothing that it sends is in a journal or changes the target.
"""

from oicp_conformance.preflight.all_checks import check
from oicp_conformance.preflight.paths import objection, served
from oicp_conformance.preflight.result import Result, State
from oicp_conformance.preflight.target import wait_for

__all__ = ["Result", "State", "check", "objection", "served", "wait_for"]
