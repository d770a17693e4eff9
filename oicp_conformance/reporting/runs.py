"""What a run says of other runs: the known deviations, and what is not as it was in the baseline."""

from collections.abc import Iterable, Iterator, Sequence

import allure

from oicp_conformance.judge.deviations import BAD
from oicp_conformance.judge.statement import Change, Changes, Statement
from oicp_conformance.judge.verdicts import Row
from oicp_conformance.reporting.terminal import Terminal

MOST = 20
"""How many changes of a kind a console shows."""


def tickets(row: Row) -> str:
    """Under which tickets all that was broken of a requirement is known."""
    listed = sorted({one.deviation for one in row.findings if one.deviation})
    return f"known deviation {', '.join(listed)}"


def label(of: Iterable[str]) -> None:
    """Tell Allure under which tickets all that a test found is known."""
    for ticket in sorted(of):
        allure.dynamic.label("deviation", ticket)


def known(statement: Statement) -> Iterator[tuple[bool, str]]:
    """What became of the known deviations, a line each, with whether it has to be changed."""
    for position, one in enumerate(statement.deviations, 1):
        about = " ".join(filter(None, [one.requirement, one.operation and f"[{one.operation}]", one.pointer]))
        yield one.state in BAD, f"{position}. {one.state}: {one.ticket}: {about}"
        owner = f"{one.owner}, until {one.expires}: {one.reason}"
        yield one.state in BAD, f"   {one.note} ({owner})"


def changed(changes: Changes, most: int | None = None) -> Iterator[tuple[str, str]]:
    """What is not as it was, as lines, each with its kind; at most so many of a kind."""
    yield from (("broken", f"worse: {one}") for one in changes.worse)
    kinds: Sequence[tuple[str, str, Sequence[Change]]] = (
        ("broken", "newly broken", changes.broken),
        ("fixed", "newly fixed", changes.fixed),
        ("inconclusive", "newly inconclusive", changes.inconclusive),
        ("appeared", "newly judged", changes.appeared),
        ("dropped", "no longer judged", changes.dropped),
    )
    for kind, words, found in kinds:
        for one in found[:most]:
            at = f" at {one.pointer or 'the whole body'}" if one.pointer is not None else ""
            yield kind, f"{words}: {one.requirement} [{one.operation}]{at}: {one.message}"
        if most is not None and len(found) > most:
            yield kind, f"{words}: and {len(found) - most} more"


def counted(changes: Changes) -> str:
    """How much is not as it was, in one line."""
    base = changes.baseline
    counts = [
        f"{len(changes.broken)} newly broken",
        f"{len(changes.fixed)} newly fixed",
        f"{len(changes.inconclusive)} newly inconclusive",
    ]
    counts += [f"{len(changes.worse)} worse"] if changes.worse else []
    counts += [f"{len(changes.appeared)} newly judged"] if changes.appeared else []
    counts += [f"{len(changes.dropped)} no longer judged"] if changes.dropped else []
    return f"compared with the run of {base.started[:19]} ({base.verdict}): {', '.join(counts)}"


def tell(terminal: Terminal, statement: Statement) -> None:
    """Print both, where there are any."""
    if statement.deviations:
        terminal.section("known deviations")
        for bad, line in known(statement):
            terminal.wrap(line, "", "  ", red=bad)
    if statement.changes:
        terminal.section("compared with the baseline")
        for kind, line in changed(statement.changes, MOST):
            terminal.wrap(line, "", "  ", red=kind == "broken", green=kind == "fixed")
        terminal.wrap(counted(statement.changes), "", "  ", bold=True)


def global_page(statement: Statement) -> None:
    """Attach both to Allure's report as a whole, where there are any."""
    if statement.deviations:
        listed = "\n".join(line for _, line in known(statement))
        allure.global_attach(listed, "known deviations", allure.attachment_type.TEXT)
    if changes := statement.changes:
        listed = "\n".join([counted(changes), "", *(line for _, line in changed(changes))])
        allure.global_attach(listed, "compared with the baseline", allure.attachment_type.TEXT)
