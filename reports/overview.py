"""What a report says of a run as a whole to somebody who has ten seconds: pure functions over a statement."""

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from conformance.judge.statement import Statement

_LIBRARIES = ("pytest", "allure-pytest", "pydantic", "httpx", "pytest-httpserver", "faker")


def title(statement: Statement, partial: str | None = None) -> str:
    """The target, the verdict, and whether it can go to certification; `partial` is why not all was run."""
    name = f"{statement.target.name} {statement.target.version or ''}".strip()
    return f"{name}: {statement.headline}; {certification(statement, partial)}"


def certification(statement: Statement, partial: str | None = None) -> str:
    """Whether the target can go to certification, and if not, what stands in the way."""
    if statement.verdict == "error":
        return "the suite had trouble of its own"
    way = list(_in_the_way(statement))
    if partial and not way:
        way = [partial]
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


def environment(statement: Statement, profile: str, partial: str | None = None) -> dict[str, str]:
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
        "certification": certification(statement, partial).replace(" for certification", ""),
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
