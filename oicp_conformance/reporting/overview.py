"""What a report says of a run as a whole to somebody who has ten seconds: pure functions over a statement."""

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from oicp_conformance.journal.cause import Cause
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.statement import RequirementPart, Statement
from oicp_conformance.reporting.broken import broken, told
from oicp_conformance.reporting.measured import measured
from oicp_conformance.reporting.view import View

_MOST = 8
"""Open requirements that are named of those with the same advice."""
_LIBRARIES = ("pytest", "allure-pytest", "pydantic", "httpx", "pytest-httpserver", "faker")


def title(statement: Statement) -> str:
    """The target, the verdict, and whether it can go to certification."""
    name = f"{statement.target.name} {statement.target.version or ''}".strip()
    return f"{name}: {statement.headline}; {certification(statement)}"


def certification(statement: Statement) -> str:
    """Whether the target can go to certification, and if not, what stands in the way."""
    if statement.verdict == "error":
        return "internal error of the suite"
    way = list(_in_the_way(statement))
    if not way:
        return "ready for certification"
    return f"not ready for certification: {', '.join(way)}"


def _in_the_way(statement: Statement) -> Iterator[str]:
    failed = {one.id for one in statement.requirements if one.verdict == "fail"}
    if failed:
        yield f"{len(failed)} requirement{'s' if len(failed) > 1 else ''} broken"
    elif statement.verdict == "fail":
        yield "the list of known deviations is not up to date"
    is_narrow = statement.partial and not statement.stopped
    if statement.missing and not is_narrow:  # of what was not run, nothing can be missing
        plural = "s" if len(statement.missing) > 1 else ""
        yield f"{len(statement.missing)} mandatory operation{plural} not observed"
    if statement.stopped:
        yield "the run stopped early"
    elif statement.partial:
        yield statement.partial


def summary(statement: Statement, record: Record, run: str) -> str:
    """What was found in a run, as a page of plain text: the verdict, what was broken, what is open.

    `record` is what was said, as it may be written; `run` is the folder of the run.
    """
    view = View(statement)
    lines = [f"{statement.protocol}, {statement.target.role.upper()}: {title(statement)}", ""]
    lines += [f"- {one}" for one in view.why]
    found = broken(statement)
    lines += ["", f"BROKEN REQUIREMENTS: {len(found)}"] if found else []
    for one in found:
        lines += ["", *told(one, record, run, chain=False)]
    lines += ["", f"{'operation':<42}{'':<12}{'exchanges':>9}  verdict"]
    for part in statement.operations:
        need = part.obligation if part.declared or part.obligation != "optional" else "undeclared"
        lines.append(f"{part.operation:<42}{need:<12}{part.exchanges:>9}  {part.verdict}")
    figures = [f"{operation}: {text}" for operation, text in measured(statement)]
    lines += ["", "MEASURED, NOT JUDGED", *figures] if figures else []
    open_ = [one for one in statement.requirements if one.verdict == "inconclusive" and one.advice]
    open_.sort(key=lambda one: one.cause is Cause.NOT_OBSERVED)
    lines += ["", f"INCONCLUSIVE, AND WHAT TO DO: {len(open_)}"] if open_ else []
    by_advice: dict[str, list[RequirementPart]] = {}
    for row in open_:
        by_advice.setdefault(row.advice or "", []).append(row)
    for advice, rows in by_advice.items():
        names = [f"{one.id} [{one.operation}]" for one in rows]
        more = [f"and {len(names) - _MOST} more"] if len(names) > _MOST else []
        lines += ["", advice, *(f"  {one}" for one in [*names[:_MOST], *more])]
    return "\n".join(lines) + "\n"


def environment(statement: Statement, profile: str) -> dict[str, str]:
    """The facts of a run, by name; what matters most comes first."""
    counts = {
        "MUST broken": sum(one.verdict == "fail" and one.level == "MUST" for one in statement.requirements),
        "SHOULD broken": sum(
            one.verdict in {"fail", "warning"} and one.level != "MUST" for one in statement.requirements
        ),
        "inconclusive": statement.summary.inconclusive,
        "fields not used": statement.summary.not_used,
    }
    facts = {
        "verdict": statement.headline,
        "certification": certification(statement).replace(" for certification", ""),
        "target": f"{statement.target.name} {statement.target.version or ''}".strip(),
        "role": " ".join(filter(None, [statement.target.role, statement.mode])),
        **{name: str(count) for name, count in counts.items()},
        "profile": profile,
        "seed": str(statement.seed),
        "protocol": statement.protocol,
        "suite": f"{statement.suite.name} {statement.suite.version}",
        "python": platform.python_version(),
    }
    return facts | {name: found for name in _LIBRARIES if (found := _version(name))}


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
