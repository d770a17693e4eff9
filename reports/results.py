"""What a test tells Allure: labels, words, the exchanges, the environment."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import allure
import pytest

from conformance.hub.journal import Exchange, Part
from conformance.judge.outcome import Outcome, Record
from conformance.judge.statement import Statement
from conformance.oicp.errata import ERRATA
from conformance.oicp.requirements import Requirement, catalogue
from conformance.profile import Profile
from reports.curl import curl

_SEVERITY = {
    "MUST": allure.severity_level.CRITICAL,
    "SHOULD": allure.severity_level.NORMAL,
    "MAY": allure.severity_level.MINOR,
}
_HTTP = "application/vnd.allure.http+json"


def describe(item: pytest.Item, record: Record, operation: str, requirements: Sequence[str]) -> None:
    """Say what a test is about: role, operation, group, severity, clauses, and its docstring."""
    known = catalogue(record.party)
    about = [known[one] for one in requirements if one in known]
    allure.dynamic.epic(record.role.upper())
    allure.dynamic.feature(operation)
    allure.dynamic.story(_group(about, operation))
    allure.dynamic.severity(_SEVERITY[min((one.level for one in about), default="MUST")])
    for requirement in about:
        allure.dynamic.link(requirement.url(record.role), name=requirement.clause(record.role))
    text = getattr(item, "obj", item).__doc__ or ""
    listed = "\n".join(f"- `{one.id}` ({one.level}): {one.text}" for one in about)
    allure.dynamic.description(f"{text.strip()}\n\n{listed}")


def _group(about: Sequence[Requirement], operation: str) -> str:
    """The group of a test's first requirement: the part before the dot, or the operation's own."""
    first = about[0].id.partition(".")[0] if about else operation
    return {"http": "transport", operation: "behaviour"}.get(first, first)


def in_words(item: pytest.Item) -> tuple[str, str]:
    """The name of a test in words, and its parameters; empty where it has none."""
    name, bracket, parameters = item.name.partition("[")
    words = name.removeprefix("test_").replace("_", " ")
    return words, (parameters.removesuffix("]") or "''" if bracket else "")


def title(item: pytest.Item) -> None:
    """Name the test in words; Allure would have the function's name, and sets it when the test begins."""
    name, parameters = in_words(item)
    allure.dynamic.title(f"{name} [{parameters}]" if parameters else name)


def verdict(name: str) -> None:
    """Label the test with its verdict."""
    allure.dynamic.label("verdict", name)


def text(name: str, content: str) -> None:
    """Attach a text."""
    allure.attach(content, name, allure.attachment_type.TEXT)


def finding(one: Outcome, record: Record) -> str:
    """A finding in words: requirement, clause, where, what was expected and what was found."""
    requirement = catalogue(record.party)[one.requirement]
    lines = [
        f"{requirement.level} {requirement.id}: {one.message}",
        f"  requirement: {requirement.text}",
        f"  clause:      {requirement.clause(record.role)} ({requirement.url(record.role)})",
    ]
    if one.exchange is not None:
        lines.append(f"  exchange:    {one.exchange} ({one.operation})")
    if one.pointer is not None:
        lines.append(f"  pointer:     {one.pointer or '(the whole body)'}")
    if one.expected:
        lines.append(f"  expected:    {one.expected}")
    if one.found:
        lines.append(f"  found:       {one.found}")
    if one.erratum:
        erratum = ERRATA.get(one.erratum)
        lines.append(f"  erratum:     {one.erratum}" + (f": {erratum.judged}" if erratum else ""))
    return "\n".join(lines)


def errata(findings: Iterable[Outcome]) -> str:
    """The contradictions of the documents that a run's findings rest on, as a page of Markdown."""
    touched = sorted({one.erratum for one in findings if one.erratum})
    lines = ["# Contradictions of the official documents that this run touched", ""]
    for name in touched:
        erratum = ERRATA[name]
        resting = sorted({one.requirement for one in findings if one.erratum == name})
        lines += [f"## {name}", "", erratum.says, "", f"How it is judged: {erratum.judged}", ""]
        lines += [*(f"- `{one}`" for one in resting), ""]
    return "\n".join(lines if touched else [*lines, "None.", ""])


def global_page(name: str, content: str) -> None:
    """Attach a page to the report as a whole."""
    allure.global_attach(content, name, allure.attachment_type.TEXT)


def smallest(record: Record, test: str) -> None:
    """Attach the smallest generated request or sequence that breaks something, to be sent again."""
    for note in record.reduced:
        if note.test != test:
            continue
        sent = [one for one in record.exchanges if one.number in note.smallest and not one.by_target]
        lines = [
            f"# exchange {one.number}, {one.purpose}, to be answered with {_ANSWERS[one.expects]}; "
            f"it was HTTP {one.status or one.trouble}\n{curl(one, record.profile.target.base_url)}\n"
            for one in sent
        ]
        text("the smallest that shows it", "\n".join(lines))


_ANSWERS = {"accept": "a yes", "refuse": "a no", "any": "a yes or a no"}


def attach(exchanges: Iterable[Exchange], profile: Profile) -> None:
    """Attach each exchange in the form for which Allure has a viewer."""
    for one in exchanges:
        arrow = "←" if one.by_target else "→"
        status = one.status if one.status is not None else one.trouble
        allure.attach(
            json.dumps(_http(one, profile), ensure_ascii=False),
            f"{one.number} {arrow} {one.operation or one.path} {status}",
            attachment_type=_HTTP,
            extension="httpexchange",
        )


def _http(one: Exchange, profile: Profile) -> dict[str, Any]:
    base = f"http://{profile.hub.listen}" if one.by_target else profile.target.base_url
    shown: dict[str, Any] = {
        "start": int(one.started * 1000),
        "stop": int((one.finished or one.started) * 1000),
        "request": {"method": one.method, "url": f"{base}{one.path}", **_half(one.request)},
    }
    if one.status is not None:
        shown["response"] = {"status": one.status, "statusText": "", **_half(one.answer)}
    else:
        shown["error"] = one.detail or one.trouble
    return shown


def _half(part: Part) -> dict[str, Any]:
    content_type = part.header("Content-Type") or "text/plain"
    value = part.body[:100_000].decode("utf-8", "replace")
    if part.problem is None:
        value = json.dumps(part.json, indent=2, ensure_ascii=False)
    return {
        "headers": [{"name": name, "value": content} for name, content in part.headers],
        "body": {"contentType": content_type, "value": value},
    }


def environment(folder: Path, profile: Profile, statement: Statement) -> None:
    """Write what Allure shows as the environment and the executor of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "target": f"{profile.target.name} {profile.target.version or ''}".strip(),
        "role": profile.target.role,
        "verdict": statement.verdict,
        "protocol": statement.protocol,
        "suite": f"{statement.suite.name} {statement.suite.version}",
        "seed": str(statement.seed),
        "profile": profile.path.name if profile.path else "-",
    }
    lines = [f"{name} = {value}" for name, value in facts.items()]
    (folder / "environment.properties").write_text("\n".join(lines) + "\n", encoding="utf-8")
    executor = {"name": "oicp-conformance", "type": "pytest", "buildName": statement.started}
    (folder / "executor.json").write_text(json.dumps(executor), encoding="utf-8")
