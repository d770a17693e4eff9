"""What a report says of a run as a whole to somebody who has ten seconds: pure functions over a statement."""

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from oicp_conformance.journal.cause import Cause
from oicp_conformance.judge.statement import RequirementPart, Statement
from oicp_conformance.reporting.view import View

_BY_DEFAULT = {Cause.NOT_SENT, Cause.NOT_OBSERVED}
"""Where nothing is known of why: there is seldom something to do."""
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
        return "the suite had trouble of its own"
    way = list(_in_the_way(statement))
    if statement.partial and not statement.stopped:
        # Of what was not run, nothing can be missing.
        way = [*(one for one in way if "not seen" not in one), statement.partial]
    if not way:
        return "ready for certification"
    return f"not ready for certification: {', '.join(way)}"


def _in_the_way(statement: Statement) -> Iterator[str]:
    broken = [one for one in statement.requirements if one.verdict == "fail"]
    if broken:
        yield f"{len(broken)} requirement{'s' if len(broken) > 1 else ''} broken"
    elif statement.verdict == "fail":
        yield "the list of known deviations is not up to date"
    if statement.missing:
        plural = "s" if len(statement.missing) > 1 else ""
        yield f"{len(statement.missing)} mandatory operation{plural} not seen"
    if statement.stopped:
        yield "the run stopped early"


def summary(statement: Statement) -> str:
    """What was found in a run, as a page of plain text: the verdict, why, what was broken, what is open."""
    view = View(statement)
    lines = [f"{statement.protocol}, {statement.target.role.upper()}: {title(statement)}", ""]
    lines += [f"- {one}" for one in view.why]
    lines += ["", f"{'operation':<42}{'':<12}{'exchanges':>9}  verdict"]
    for one in statement.operations:
        need = one.obligation if one.declared or one.obligation != "optional" else "undeclared"
        lines.append(f"{one.operation:<42}{need:<12}{one.exchanges:>9}  {one.verdict}")
    for heading, verdict in (("BROKEN", "fail"), ("WARNINGS", "warning")):
        rows = [one for one in statement.requirements if one.verdict == verdict]
        lines += ["", f"{heading}: {len(rows)}"] if rows else []
        for row in rows:
            lines += ["", *_row(row)]
    open_ = [one for one in statement.requirements if one.verdict == "inconclusive" and one.advice]
    open_.sort(key=lambda one: one.cause in _BY_DEFAULT)
    lines += ["", f"OPEN, AND WHAT TO DO: {len(open_)}"] if open_ else []
    by_advice: dict[str, list[RequirementPart]] = {}
    for row in open_:
        by_advice.setdefault(row.advice or "", []).append(row)
    for advice, rows in by_advice.items():
        names = [f"{one.id} [{one.operation}]" for one in rows]
        more = [f"and {len(names) - _MOST} more"] if len(names) > _MOST else []
        lines += ["", advice, *(f"  {one}" for one in [*names[:_MOST], *more])]
    return "\n".join(lines) + "\n"


def _row(row: RequirementPart) -> Iterator[str]:
    """A requirement that was broken."""
    first = row.findings[0]
    yield f"{row.level} {row.id} [{row.operation}]"
    yield f"  {row.clause}"
    at = f" at {first.pointer or 'the whole body'}" if first.pointer is not None else ""
    more = f" (and {len(row.findings) - 1} more)" if len(row.findings) > 1 else ""
    yield f"  exchange {first.exchange or '-'}{at}: {first.message}{more}"
    if first.expected or first.found:
        yield f"  expected {first.expected or '-'}; found {first.found or '-'}"


def environment(statement: Statement, profile: str) -> dict[str, str]:
    """The facts of a run, by name; what matters most comes first."""
    counts = {
        "MUST broken": sum(one.verdict == "fail" and one.level == "MUST" for one in statement.requirements),
        "SHOULD broken": sum(
            one.verdict in {"fail", "warning"} and one.level != "MUST" for one in statement.requirements
        ),
        "inconclusive": statement.summary.inconclusive,
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
