"""For a report, an entry point of the group `oicp_conformance.reports`."""

from oicp_conformance.judge.statement import Statement
from oicp_conformance.reporting.extensions import Report

__all__ = ["Report", "Statement"]
