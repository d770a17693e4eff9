"""What a run says while it goes on: a line a test, its findings under it, and what is being waited for."""

import math
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import pytest

from oicp_conformance.journal.answers import code_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.advice import on_silence
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.outcome import Outcome, party_of, shown
from oicp_conformance.reporting import guard
from oicp_conformance.reporting.account import word
from oicp_conformance.reporting.results import in_words
from oicp_conformance.reporting.terminal import Terminal, printable, wrapped
from oicp_conformance.run.run import Run

COLOURS: Mapping[str, Mapping[str, bool]] = {
    "pass": {"green": True},
    "fail": {"red": True},
    "warning": {"yellow": True},
    "known-deviation": {"yellow": True},
    "consequence": {"yellow": True},
    "inconclusive": {"yellow": True},
    "error": {"red": True, "bold": True},
}
_CATEGORIES = dict.fromkeys(("pass", "warning"), "passed")
_CATEGORIES |= {"fail": "broken", "error": "error"}
"""Where pytest files a test of each verdict. What is broken is no failure of pytest's: it would tell once
more what is told under the test."""
_QUIET = {"pass", "not-applicable", "consequence"}
"""What `-q` leaves out."""
_RESULT = 24
"""Columns for the verdict of a test and how long it took."""
_UNDER = " " * 6
"""The indent of what is told under a test."""
_PATIENCE = 3.0
"""Seconds after which a log is told what is being waited for."""
_PAUSE = 10.0
"""Seconds at least between two lines about it."""


@dataclass(frozen=True)
class Told:
    """What became of a test."""

    verdict: str
    reason: str = ""
    findings: Sequence[Outcome] = ()


@dataclass(frozen=True)
class _Wait:
    what: str
    seconds: float
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class _Test:
    operation: str = ""
    title: str = ""
    parameters: str = ""
    number: int = 0

    @property
    def name(self) -> str:
        """On one line."""
        return f"{self.title} [{self.parameters}]" if self.parameters else self.title


class Progress:
    """Tells how a run goes on; a plugin of pytest.

    `verbosity` is that of the command line: -1 leaves out what passes or only follows from an earlier defect,
    -2 all, and with 1 each exchange has a line.
    """

    def __init__(self, terminal: Terminal, run: Run, *, verbosity: int) -> None:
        self.counts: Counter[str] = Counter()
        """How many tests have which verdict."""
        self._terminal = terminal
        self._run = run
        self._verbosity = verbosity
        self._tests: dict[str, _Test] = {}
        self._test = _Test()
        self._headed = ""
        self._titled = ""
        self._begun = False
        self._reason = ""
        self._seconds = 0.0
        self._known: set[tuple[str, str]] = set()
        self._was_silent = False
        self._exchanges = 0
        self._unfinished: set[int] = set()
        # The hub waits in the main thread; what it waits for is told by another, and only then.
        self._lock = threading.Lock()
        self._wait: _Wait | None = None
        self._last_line = 0.0
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def start(self) -> None:
        """Begin to tell what is being waited for."""
        self._ticker.start()

    def stop(self) -> None:
        """End it."""
        self._ended.set()
        if self._ticker.is_alive():
            self._ticker.join(5)

    # --- what pytest tells

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn the tests."""
        for number, item in enumerate(session.items, 1):
            marker = item.get_closest_marker("about")
            operation = str(marker.args[0]) if marker else item.path.stem
            self._tests[item.nodeid] = _Test(operation, *in_words(item), number)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test begins."""
        self._test = self._tests.get(nodeid, _Test(title=nodeid))
        self._begun = False
        self._seconds = 0.0
        if self._verbosity >= 0:
            self._head()
        self._terminal.draw(f"  {self._test.name}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has ended, or a part of it."""
        self._seconds += report.duration
        told = getattr(report, "told", None)
        if not isinstance(told, Told):
            return
        self.counts[told.verdict] += 1
        self._tell_exchanges()
        if self._verbosity <= -2 or (self._verbosity < 0 and told.verdict in _QUIET):
            return
        self._head()
        if told.verdict == "not-applicable" and self._verbosity < 1:
            self._explain(f"not applicable: {told.reason}", "  ")
            return
        self._result(told.verdict.replace("-", " "))
        # Of a consequence, each finding says that it was told before.
        if told.reason and told.verdict != "consequence":
            self._explain(told.reason, _UNDER)
        guard.guarded(
            "the findings",
            lambda: self._tell_findings(told.findings),
            lambda note: self._terminal.wrap(note, _UNDER, yellow=True),
        )
        if told.verdict in {"fail", "inconclusive"}:
            self._notice_silence()

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """File a test under its verdict, and have pytest say nothing of it."""
        told = getattr(report, "told", None)
        return (_CATEGORIES.get(told.verdict, "skipped"), "", "") if isinstance(told, Told) else None

    # --- lines

    def _head(self) -> None:
        """Name the operation, when it is another one."""
        if self._test.operation == self._headed:
            return
        self._headed = self._test.operation
        self._titled = self._reason = ""
        counter = f"test {self._test.number} of {len(self._tests)}" if self._test.number else ""
        self._terminal.line()
        self._terminal.line(f"{self._headed:<{self._terminal.width - len(counter)}}{counter}", bold=True)

    def _title(self) -> str:
        """Name the test, when it has parameters and is not the one of the line before; gives its indent."""
        if not self._test.parameters:
            self._titled = ""
            return "  "
        if self._test.title != self._titled:
            self._terminal.wrap(self._test.title, "  ")
        self._titled = self._test.title
        return "    "

    def _begin(self) -> None:
        """Name a test of which there is something to tell before it ends."""
        if not self._begun:
            indent = self._title()
            self._terminal.wrap(f"{self._test.parameters or self._test.title} …", indent, f"{indent}  ")
        self._begun = True

    def _result(self, verdict: str) -> None:
        width = self._terminal.width
        room, indent = width - _RESULT, self._title()
        name = self._test.parameters or self._test.title
        *lines, last = wrapped(name, room - 1, indent, f"{indent}  ", longest=width)
        if len(last) >= room:
            lines, last = [*lines, last], ""
        for line in lines:
            self._terminal.line(line)
        tail = f"{verdict:>14} {self._seconds:>7.1f} s"
        self._terminal.line(f"{last:<{room}}", tail, **COLOURS.get(verdict, {}))

    def _explain(self, reason: str, indent: str) -> None:
        """Say why; not again while it stays the same."""
        if reason != self._reason:
            self._terminal.wrap(reason, indent)
        self._reason = reason

    def _tell_findings(self, findings: Sequence[Outcome]) -> None:
        """The first finding of each requirement whole, of the others where they are."""
        party = party_of(self._run.profile)
        by_row: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
        for one in findings:
            by_row[one.requirement, one.operation].append(one)
        deeper = f"{_UNDER}  "
        for row, (first, *others) in by_row.items():
            requirement = catalogue(party)[first.requirement]
            colour = COLOURS[first.verdict.value]
            name = f"{word(first)} {requirement.id}"
            if row in self._known:
                where = in_exchanges([first, *others])
                self._terminal.wrap(f"{name} again{where}", _UNDER, deeper, **colour)
                continue
            self._known.add(row)
            self._terminal.wrap(f"{name}: {first.message}", _UNDER, deeper, **colour)
            clause = f"{requirement.clause} ({requirement.level})"
            self._terminal.field("clause", clause, deeper)
            evidence(self._terminal, first, deeper)
            if others:
                self._terminal.wrap(f"and {len(others)} more{in_exchanges(others)}", deeper)

    def _notice_silence(self) -> None:
        """Say once, and early, that nothing at all comes from the target."""
        if self._was_silent or self._test.operation == "":
            return
        if text := on_silence(self._run.record):
            self._was_silent = True
            self._terminal.line()
            self._terminal.wrap(f"{text} (Ctrl-C ends the run.)", "  ! ", "    ", yellow=True, bold=True)
            self._terminal.line()

    def _tell_exchanges(self) -> None:
        """A line for each exchange that is over by now, where that is wanted."""
        if self._verbosity < 1:
            return
        exchanges = list(self._run.hub.journal.exchanges)
        fresh = sorted([*self._unfinished, *range(self._exchanges + 1, len(exchanges) + 1)])
        self._exchanges = len(exchanges)
        self._unfinished = {number for number in fresh if not exchanges[number - 1].finished}
        for number in fresh:
            if number not in self._unfinished:
                self._begin()
                one = exchanges[number - 1]
                self._terminal.line(guard.plain_text(f"exchange {number}", partial(exchange_line, one)))

    # --- what is being waited for

    @contextmanager
    def waiting(self, what: str, seconds: float) -> Generator[None, None, None]:
        """The hub waits for something, for so many seconds at most."""
        with self._lock:
            self._wait = _Wait(what, seconds)
        try:
            yield
        finally:
            with self._lock:
                self._wait = None
            self._tell_exchanges()
            self._terminal.draw(f"  {self._test.name}")

    def _tick(self) -> None:
        # A terminal that is gone (a pipe to `head`) is noticed by who writes next, in the main thread.
        with suppress(OSError, ValueError):
            while not self._ended.wait(0.2):
                with self._lock:
                    if self._wait is not None:
                        self._tell_wait(self._wait)

    def _tell_wait(self, wait: _Wait) -> None:
        past = time.monotonic() - wait.began
        if self._terminal.is_live:
            left = max(0, math.ceil(wait.seconds - past))
            text = f"waiting for {wait.what}, {left} s left"
            room = self._terminal.width - len(text) - 6
            name = self._test.name
            name = name if len(name) <= room else f"{name[: room - 1]}…"
            if past > 0.5:
                self._terminal.draw(f"  {name}: {text}" if room > 10 else f"  {text}")
        elif past >= _PATIENCE and time.monotonic() - self._last_line >= _PAUSE and self._verbosity >= 0:
            self._last_line = time.monotonic()
            self._begin()
            text = f"waiting for {wait.what}: {past:.0f} s of at most {round(wait.seconds, 1):g} s"
            self._terminal.wrap(text, _UNDER)


# --- words for exchanges and findings


def in_exchanges(findings: Sequence[Outcome], most: int = 10) -> str:
    """Where findings are: ` (exchanges 17, 23)`; empty where it is no exchange."""
    numbers = list(dict.fromkeys(str(one.exchange) for one in findings if one.exchange is not None))
    if not numbers:
        return ""
    listed = ", ".join(numbers[:most]) + (", …" if len(numbers) > most else "")
    return f" (exchange{'s' if len(numbers) > 1 else ''} {listed})"


def evidence(terminal: Terminal, one: Outcome, indent: str) -> None:
    """Write what a finding rests on: exchange and pointer, what was expected and what was found."""
    if one.exchange is not None:
        pointer = f" at {one.pointer or '(the whole body)'}" if one.pointer is not None else ""
        terminal.field("where", f"exchange {one.exchange}, {one.operation}{pointer}", indent)
    if one.expected:
        terminal.field("expected", one.expected, indent)
    if one.found:
        terminal.field("found", one.found, indent)
    if one.erratum:
        terminal.field("erratum", one.erratum, indent)


def exchange_line(one: Exchange) -> str:
    """An exchange in one line: number, direction, operation, answer, milliseconds, SessionID."""
    arrow = "<-" if one.by_target else "->"
    who = "stranger: " if one.stranger else ""
    what = one.operation or printable(shown(f"{who}{one.method} {one.path}", 39))
    code = printable(shown(code_of(one) or "", 10))
    said = f"{one.status or one.trouble} {code}".rstrip()
    session = one.request.get("SessionID") or one.answer.get("SessionID")
    short = printable(session[:8]) if isinstance(session, str) else ""
    return f"{one.number:>6} {arrow} {what:<39} {said:<11} {one.seconds * 1000:>5.0f} ms {short}".rstrip()
