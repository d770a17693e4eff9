"""The contradictions of the documents that a run touched, as a page."""

from collections.abc import Iterable

from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.oicp.errata import ERRATA


def errata_page(findings: Iterable[Outcome]) -> str:
    """The contradictions of the documents that a run's findings rest on, as a page of Markdown."""
    touched = sorted({one.erratum for one in findings if one.erratum})
    lines = ["# Contradictions of the official documents that this run touched", ""]
    for name in touched:
        erratum = ERRATA[name]
        resting = sorted({one.requirement for one in findings if one.erratum == name})
        lines += [f"## {name}", "", erratum.says, "", f"How it is judged: {erratum.judged}", ""]
        lines += [*(f"- `{one}`" for one in resting), ""]
    return "\n".join(lines if touched else [*lines, "None.", ""])
