"""JUnit's file as GitLab, Jenkins and GitHub read it.

pytest writes it, and knows only tests: what it cannot say is put in when it is written. A failure's message
is one line, with requirement and clause. What went wrong in the suite itself is an error, also where no test
was running. The first test suite of the file is the list of broken requirements: a test case for each.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.deviations import BAD
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.statement import Statement
from oicp_conformance.oicp.operations import Party
from oicp_conformance.reporting import guard
from oicp_conformance.reporting.broken import Broken, broken, told
from oicp_conformance.reporting.measured import measured
from oicp_conformance.reporting.terminal import harmless

Properties = list[tuple[str, str]]

TROUBLE = "trouble"
"""The property that says what went wrong in the suite itself."""
_FAIL = "FAIL "
_SUITE = "oicp-conformance"


def about(party: Party, operation: str, requirements: Sequence[str]) -> Properties:
    """What a test is about: operation, requirements, and their clauses."""
    known = catalogue(party)
    found: Properties = [("operation", operation)] if operation else []
    for one in requirements:
        found.append(("requirement", one))
        if one in known:
            found.append(("clause", known[one].clause))
    # Requirements of one clause name it once.
    return list(dict.fromkeys(found))


def findings(found: Iterable[Outcome], party: Party, fails: Callable[[Outcome], bool]) -> Properties:
    """What was broken, each with its level, requirement and clause, and whether it is a known deviation."""
    listed: Properties = []
    for one in found:
        requirement = catalogue(party)[one.requirement]
        how = _FAIL if fails(one) else "WARN "
        if one.deviation:
            how = f"KNOWN {one.deviation}: "
            listed.append(("deviation", one.deviation))
        at = f" (at {one.pointer or 'the whole body'})" if one.pointer is not None else ""
        clause = requirement.clause
        listed.append(
            ("finding", f"{how}{requirement.id} ({requirement.level}, {clause}): {one.message}{at}")
        )
    return list(dict.fromkeys(listed))


def complete(file: Path, statement: Statement, record: Record, run: str) -> None:
    """Put into JUnit's file what pytest cannot say: first of all, what was broken, each requirement once.

    `record` is what was said, as it may be written; `run` is the folder of the run. Does nothing where there
    is no such file.
    """
    if not file.exists():
        return
    tree = ET.parse(file)  # noqa: S314 - pytest has just written it
    name = f"OICP 2.3: {_clean(statement.target.name)} ({statement.target.role.upper()})"
    for suite in list(tree.iter("testsuite")):
        suite.set("name", name)
        suite.insert(0, _properties(_of_run(statement)))
        known: set[str] = set()
        for case in suite.iter("testcase"):
            known |= set(_values(case, TROUBLE))
            _correct(case)
        for position, entry in enumerate(statement.deviations, 1):
            if entry.state in BAD:
                title = f"known deviation {position} ({entry.ticket})"
                about_it = [("requirement", entry.requirement), ("deviation", entry.ticket)]
                suite.append(_case(title, "failure", entry.note, about_it))
        for line in statement.trouble:
            if line not in known:
                suite.append(_case("internal error of the suite", "error", line, [(TROUBLE, line)]))
        _count(suite)
    if found := broken(statement):
        first = ET.Element("testsuite", name=f"{name}: broken requirements", time="0.000")
        first.extend(_defect(one, record, run) for one in found)
        _count(first)
        tree.getroot().insert(0, first)
    for element in tree.iter():
        # Pytest leaves the C1 controls as they are.
        element.text = element.text and "\n".join(map(harmless, _clean(element.text).split("\n")))
        for name, value in element.items():
            element.set(name, harmless(_clean(value)))
    tree.write(file, encoding="utf-8", xml_declaration=True)


def _defect(one: Broken, record: Record, run: str) -> ET.Element:
    """A case for a requirement that was broken; what does not make the run fail is skipped."""
    message = f"{one.word} {one.id} ({one.level}, {one.clause}): {one.message}"
    about_it = [("requirement", one.id), ("clause", one.clause)]
    about_it += [("operation", name) for name in one.operations]
    about_it += [("deviation", ticket) for ticket in one.tickets]
    outcome = "failure" if one.standing == "fail" else "skipped"
    text = guard.plain_text(one.id, lambda: "\n".join(told(one, record, run)))
    return _case(f"{one.word} {one.id}", outcome, message, about_it, text)


def _of_run(statement: Statement) -> Properties:
    return [
        ("target", statement.target.name),
        ("role", statement.target.role),
        ("verdict", statement.headline),
        ("seed", str(statement.seed)),
        ("suite", f"{statement.suite.name} {statement.suite.version}"),
        *((f"figures of {operation}", text) for operation, text in measured(statement)),
    ]


def _correct(case: ET.Element) -> None:
    for failure in case.findall("failure"):
        if failing := [one for one in _values(case, "finding") if one.startswith(_FAIL)]:
            more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
            failure.set("message", failing[0] + more)
        elif trouble := _values(case, TROUBLE):
            failure.tag = "error"
            failure.set("message", trouble[0])
    for skipped in case.findall("skipped"):
        # pytest names the line of our own code that skipped it, with the path of this machine.
        skipped.text = skipped.get("message")


def _values(case: ET.Element, name: str) -> list[str]:
    return [str(one.get("value")) for one in case.iter("property") if one.get("name") == name]


def _case(name: str, outcome: str, message: str, properties: Properties, text: str = "") -> ET.Element:
    case = ET.Element("testcase", classname=_SUITE, name=_clean(name), time="0.000")
    case.append(_properties(properties))
    ET.SubElement(case, outcome, message=_clean(message)).text = _clean(text or message)
    return case


def _properties(of: Properties) -> ET.Element:
    made = ET.Element("properties")
    for name, value in of:
        ET.SubElement(made, "property", name=name, value=_clean(value))
    return made


def _clean(text: str) -> str:
    """A text without what XML cannot hold."""
    return "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text)


def _count(suite: ET.Element) -> None:
    cases = list(suite.iter("testcase"))
    suite.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
