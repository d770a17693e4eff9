"""What a test tells Allure: labels, words, the exchanges, the environment."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

import allure
import pytest
from allure_commons.model2 import TestResult
from allure_commons.reporter import AllureReporter

from oicp_conformance.journal.archive import escaped
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import Demand
from oicp_conformance.judge.statement import Statement
from oicp_conformance.oicp.errata import ERRATA
from oicp_conformance.oicp.operations import Party
from oicp_conformance.profile import Profile
from oicp_conformance.reporting import guard, overview, wire
from oicp_conformance.reporting.account import LISTED, Account, Evidence, word
from oicp_conformance.reporting.docs_site import page_of
from oicp_conformance.reporting.redacting import Attached
from oicp_conformance.reporting.session_table import session_table
from oicp_conformance.reporting.staging import property_line

_SEVERITY = {
    "MUST": allure.severity_level.CRITICAL,
    "SHOULD": allure.severity_level.NORMAL,
    "MAY": allure.severity_level.MINOR,
}
_NAME = 250
"""Characters that the name of a step has at most."""


def reporter_of(config: pytest.Config) -> AllureReporter | None:
    """What collects Allure's results. If nothing does, nothing need be prepared for it, which takes time."""
    listener = config.pluginmanager.get_plugin("allure_listener")
    return listener.allure_logger if listener is not None else None


def tell_later(reporter: AllureReporter, result: TestResult, tell: Callable[[], None]) -> None:
    """Tell something of a test that has ended, also while another one is running."""
    # Allure adds everything to the last test that was reported to it.
    key = uuid4()
    reporter.schedule_test(key, result)
    try:
        tell()
    finally:
        reporter.drop_test(key)


def describe(party: Party, operation: str, requirements: Sequence[str]) -> None:
    """Say what a test is about: role, operation, group, severity."""
    known = catalogue(party)
    about = [known[one] for one in requirements if one in known]
    allure.dynamic.epic(party[:3].upper())
    allure.dynamic.feature(operation)
    allure.dynamic.story(_group(about, operation))
    allure.dynamic.severity(_SEVERITY[min((one.level for one in about), default="MUST")])


def tell(account: Account) -> None:
    """Say what became of a test: its verdict, the findings, and what went between hub and target."""
    verdict(account.verdict)
    allure.dynamic.description_html(account.page)
    links = {one.url: f"{one.clause}: {one.it.requirement}" for one in reversed(account.whole)}
    for requirement in account.about:
        links.setdefault(requirement.url, requirement.clause)
    pages = {page_of(one.it.requirement): f"{one.it.requirement}: with examples" for one in account.whole}
    for url, name in (links | {url: name for url, name in pages.items() if url}).items():
        allure.dynamic.link(url, name=name)
    if account.smallest:
        allure.attach(account.smallest, "the smallest that shows it", allure.attachment_type.TEXT)
    if account.has_diagram:
        allure.attach(lambda: account.diagram, "sequence diagram", allure.attachment_type.SVG)
    for one in account.evidence[:LISTED]:
        _finding(one, is_red=one.is_red and account.is_red)
    if left := len(account.evidence[LISTED:]):
        _step(f"and {left} more findings: all are in conformance.json")
    for exchange in account.steps:
        _exchange(exchange, account)
    if left := len(account.exchanges) - len(account.steps):
        _step(f"and {left} more exchanges: all are in {wire.JOURNAL}")


def _group(about: Sequence[Demand], operation: str) -> str:
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


def group(requirements: Sequence[str]) -> None:
    """Have the test stand under the requirements that are broken in it."""
    for one in dict.fromkeys(requirements):
        allure.dynamic.label("broken", one)


def verdict(name: str) -> None:
    """Label the test with its verdict."""
    allure.dynamic.label("verdict", name)


class Broken(AssertionError):
    """What makes a step red."""

    __module__ = "builtins"


def _step(name: str, *attached: tuple[Attached, str, str, str], broken: str = "") -> None:
    """A step with attachments (content, name, type, extension); red with the words of what was broken."""
    step = allure.step(name)
    step.__enter__()
    for content, title, kind, extension in attached:
        allure.attach(content, title, kind, extension)
    # By hand, since what is raised would bring the lines of the suite's own code with it.
    step.__exit__(*((Broken, Broken(broken), None) if broken else (None, None, None)))


def _finding(one: Evidence, *, is_red: bool) -> None:
    attached = [("what was broken", finding(one.it, one.record))]
    attached += [("the message, marked", one.marked)] if one.marked else []
    attached += [("curl: repeat it", one.again)] if one.again else []
    _step(
        one.title[:_NAME],
        *((content, name, "text/plain", "txt") for name, content in attached),
        broken=one.it.message if is_red else "",
    )


def _exchange(exchange: Exchange, account: Account) -> None:
    """One exchange, in the form for which Allure has a viewer."""
    found = account.found_in(exchange)
    longest = wire.OFFENDING if found else wire.BODY

    def content() -> str:
        shown = guard.guarded(
            "the exchange",
            lambda: wire.http(exchange, account.record.profile, longest),
            lambda note: wire.unshown(exchange, note),
        )
        return escaped(json.dumps(shown, ensure_ascii=False))

    broken = "; ".join(dict.fromkeys(one.it.requirement for one in found if one.is_red and account.is_red))
    _step(wire.line(exchange), (content, "request and response", wire.HTTP, "httpexchange"), broken=broken)


def headlines(findings: Sequence[Outcome], record: Record) -> str:
    """The findings in a line each; not all, where there are many."""
    found = [Evidence(one, record) for one in findings]
    lines = [f"{one.title} ({one.where})" if one.where else one.title for one in found[:LISTED]]
    return "\n".join([*lines, f"and {len(found) - LISTED} more"] if len(found) > LISTED else lines)


def finding(one: Outcome, record: Record) -> str:
    """A finding in words: requirement, clause, where, what was expected and what was found."""
    requirement = catalogue(record.party)[one.requirement]
    lines = [
        f"{word(one)} {requirement.id}: {one.message}",
        f"  requirement: {requirement.sentence} ({requirement.level})",
        f"  clause:      {requirement.clause} ({requirement.url})",
    ]
    if page := page_of(requirement.id):
        lines.append(f"  page:        {page}")
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


def run(statement: Statement, record: Record, errata: str, folder: Path) -> None:
    """Attach to the report as a whole its summary, the errata, and what kept the run from its end.

    `record` is what was said, as it may be written; `folder` is that of the run.
    """
    # As text: in a report that is opened from a file, Allure shows no more than a strip of HTML or Markdown.
    pages = {
        f"summary of {statement.target.name}": overview.summary(statement, record, folder.name),
        "whole sessions": session_table(statement).text,
        "contradictions of the documents": errata,
    }
    for name, content in pages.items():
        allure.global_attach(content, name, allure.attachment_type.TEXT)
    for line in statement.trouble:
        allure.global_error(f"Internal error of the suite: {line}")
    if statement.partial:
        allure.global_error(f"Part of a run, not valid as a conformance statement: {statement.partial}")
    for line in statement.limits:
        allure.global_error(f"Not kept: {line}")
    if statement.stopped:
        allure.global_error(f"The run stopped early: {statement.stopped}")


def environment(folder: Path, profile: Profile, statement: Statement) -> None:
    """Write what Allure shows as the environment and the executor of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = overview.environment(statement, profile.path.name if profile.path else "-")
    lines = [property_line(name, " ".join(value.split())) for name, value in facts.items()]
    (folder / "environment.properties").write_text("\n".join(lines) + "\n", encoding="utf-8")
    executor = {"name": facts["suite"], "type": "pytest", "buildName": statement.started}
    (folder / "executor.json").write_text(json.dumps(executor), encoding="utf-8")
