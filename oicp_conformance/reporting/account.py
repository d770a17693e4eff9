"""What the report says of one test, worked out of what was said in it: pure functions."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import escape

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.notes import Note
from oicp_conformance.judge.advice import advice, on_stop
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.chain import chain
from oicp_conformance.judge.changes import history_by
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.requirement import Demand
from oicp_conformance.judge.statement import Statement
from oicp_conformance.judge.verdicts import Row
from oicp_conformance.oicp.errata import ERRATA, Erratum
from oicp_conformance.reporting import excerpt, guard
from oicp_conformance.reporting.commands import again, script
from oicp_conformance.reporting.diagram import blank, diagram
from oicp_conformance.reporting.texts import plain, short

WHOLE = 4
"""Requirements of which a page shows a finding with all that is known of it."""
LISTED = 20
"""Findings that a page lists in short."""
EXCHANGES = 60
"""Exchanges that are steps of a test; those with findings always are."""
_ANSWERS = {"accept": "accept", "refuse": "reject", "any": "accept or reject"}
_SENTENCES = {
    "pass": "The target did this, and no requirement is broken.",
    "fail": "The target broke a requirement.",
    "consequence": "The target broke the same requirement as in an earlier test. This is the same defect.",
    "warning": "The target passes, but it broke a recommendation.",
    "known-deviation": "Every broken requirement is on the list of known deviations.",
    "inconclusive": "This could not be judged: it is neither a pass nor a fail.",
    "not-applicable": "This does not apply to the target.",
}


def word(finding: Outcome) -> str:
    """The verdict word that stands before a finding."""
    if finding.deviation:
        return "KNOWN"
    return "FAIL" if finding.verdict is Verdict.FAIL else "WARN"


def ticketed(finding: Outcome, text: str) -> str:
    """The words for a finding, with its ticket where it is a known deviation."""
    return f"known deviation {finding.deviation}: {text}" if finding.deviation else text


def _known(finding: Outcome) -> Outcome:
    """A known deviation, as a diagram shows it: with its ticket, and not in red."""
    return replace(finding, verdict=Verdict.WARNING, message=ticketed(finding, finding.message))


@dataclass(frozen=True)
class Evidence:
    """A finding with all that helps to understand it."""

    it: Outcome
    record: Record

    @property
    def requirement(self) -> Demand:
        """What was broken."""
        return catalogue(self.record.party)[self.it.requirement]

    @property
    def clause(self) -> str:
        """Where it is written."""
        return self.requirement.clause

    @property
    def url(self) -> str:
        """Where that can be read."""
        return self.requirement.url

    @property
    def title(self) -> str:
        """The finding in one line."""
        return ticketed(self.it, f"{self.word} {self.it.requirement}: {self.it.message}")

    @property
    def word(self) -> str:
        """The verdict, as it stands before the requirement."""
        return word(self.it)

    @property
    def is_red(self) -> bool:
        """Whether it is shown in red: a known deviation is not."""
        return self.it.verdict is Verdict.FAIL and not self.it.deviation

    @property
    def erratum(self) -> Erratum | None:
        """The contradiction of the documents that the finding rests on."""
        return ERRATA.get(self.it.erratum or "")

    @cached_property
    def exchange(self) -> Exchange | None:
        """Where it was found."""
        number = self.it.exchange
        return next((one for one in self.record.exchanges if one.number == number), None)

    @property
    def half(self) -> str:
        """The half of the exchange that the target wrote."""
        return "request" if self.exchange and self.exchange.by_target else "answer"

    @property
    def where(self) -> str:
        """Where it was found, in words."""
        if self.it.exchange is None:
            return ""
        at = "" if self.it.pointer is None else f", at {self.it.pointer or 'the whole body'}"
        half = {"answer": "response"}.get(self.half, self.half)
        whose = f", in the target's {half}" if self.exchange and self._part.body else ""
        return f"exchange {self.it.exchange}, {self.it.operation}{whose}{at}"

    @cached_property
    def marked(self) -> str:
        """The message with a mark on the part that is broken; empty where there is none."""
        return guard.plain_text("the message", self._marked)

    def _marked(self) -> str:
        if self.exchange is None or not self._part.body:
            return ""
        note = "; ".join(
            f"{name} {short(value, 100)}"
            for name, value in (("expected", self.it.expected), ("found", self.it.found))
            if value
        )
        if self._part.problem is not None:
            return excerpt.broken(self._part.body.decode("utf-8", "replace"), self._part.problem)
        if self.it.pointer is None:
            return ""
        return excerpt.marked(self._part.json, self.it.pointer, note)

    @property
    def lines(self) -> Iterator[tuple[str, bool]]:
        """The lines of the marked message, each with whether it bears a mark."""
        lines = self.marked.split("\n")
        for before, line in zip(["", *lines], lines, strict=False):
            yield line, line.startswith(excerpt.MARK) or before.startswith(excerpt.MARK)

    @cached_property
    def again(self) -> str:
        """The commands that lead to the finding again: all of its session up to it."""
        if self.exchange is None:
            return ""
        number = self.exchange.number
        return guard.guarded(
            "the chain of commands",
            lambda: script(self.record, number, self.it.requirement),
            lambda note: f"# {note}",
        )

    @cached_property
    def chain(self) -> list[Exchange]:
        """The exchanges of its session up to the one in which it was found."""
        return chain(self.record, self.exchange.number) if self.exchange else []

    @property
    def _part(self) -> Part:
        return self.exchange.sent if self.exchange else Part()


@dataclass(frozen=True)
class Account:
    """One test, and what became of it."""

    test: str
    """Its node id."""
    claim: str
    """What it claims of a conformant target: its docstring."""
    operation: str
    requirements: Sequence[str]
    verdict: str
    record: Record
    reason: str = ""
    """Why it is inconclusive or not applicable."""
    findings: Sequence[Outcome] = ()
    run: str = "RUN"
    """The folder of the run, as commands name it."""
    baseline: Statement | None = None
    """The earlier run that this one is compared with."""

    def replay(self, one: Evidence) -> str:
        """The command that repeats a finding."""
        at = f"@{one.it.exchange}" if one.it.exchange else ""
        return f"oicp-conformance replay {self.run} {one.it.requirement}{at}"

    def since(self, one: Evidence) -> str:
        """Return since when a requirement is broken; empty without an earlier run."""
        return history_by(self.baseline, one.it.requirement, one.it.operation) if self.baseline else ""

    @property
    def sentence(self) -> str:
        """What the verdict means."""
        return _SENTENCES.get(self.verdict, "")

    @property
    def about(self) -> list[Demand]:
        """The requirements that it tries."""
        known = catalogue(self.record.party)
        return [known[one] for one in self.requirements if one in known]

    @property
    def to_do(self) -> str:
        """What to do so that it can be judged; empty where nothing is known."""
        unseen = next((one for one in self.record.unseen if one.test == self.test), None)
        if self.verdict != "inconclusive" or not self.about:
            return ""
        if unseen is None:
            return on_stop(self.reason, self.record)
        row = Row(self.about[0], self.operation, Verdict.INCONCLUSIVE, reason=self.reason, cause=unseen.cause)
        return advice(row, self.record.profile)

    @cached_property
    def evidence(self) -> list[Evidence]:
        """The findings."""
        return [Evidence(one, self.record) for one in self.findings]

    @property
    def whole(self) -> list[Evidence]:
        """The first finding of each requirement, the broken MUSTs first; not all, where there are many."""
        first: dict[str, Evidence] = {}
        for one in sorted(self.evidence, key=lambda one: one.it.verdict is not Verdict.FAIL):
            first.setdefault(one.it.requirement, one)
        return list(first.values())[:WHOLE]

    @property
    def others(self) -> list[Evidence]:
        """The findings that are not shown as a whole."""
        shown = {id(one) for one in self.whole}
        return [one for one in self.evidence if id(one) not in shown]

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """What was said in it, and where the findings were made, which can be elsewhere."""
        found = {one.exchange for one in self.findings}
        repeated = {number for note in self.record.reduced for number in note.larger} - found
        return [
            one
            for one in self.record.exchanges
            if (one.test == self.test and one.number not in repeated) or one.number in found
        ]

    @property
    def smallest(self) -> str:
        """The smallest generated request or sequence that breaks something, to be sent again."""
        numbers = {
            number for note in self.record.reduced if note.test == self.test for number in note.smallest
        }
        return "\n".join(
            f"# exchange {one.number}, {one.purpose}: the target should {_ANSWERS[one.expects]}; "
            f"it responded with {f'HTTP {one.status}' if one.status else one.trouble}\n{self._again(one)}\n"
            for one in self.record.exchanges
            if one.number in numbers and not one.by_target
        )

    def _again(self, one: Exchange) -> str:
        return guard.guarded("the command", lambda: again(one, self.record), lambda note: f"# {note}")

    @property
    def notes(self) -> list[Note]:
        """What was asked for and awaited in it."""
        return [one for one in self.record.notes if one.test == self.test]

    def found_in(self, exchange: Exchange) -> list[Evidence]:
        """The findings that were made in an exchange."""
        return [one for one in self.evidence if one.it.exchange == exchange.number]

    @cached_property
    def steps(self) -> list[Exchange]:
        """The exchanges that are shown one by one: those with findings, and the first of the others."""
        bad = {one.exchange for one in self.findings}
        room = max(0, EXCHANGES - sum(one.number in bad for one in self.exchanges))
        others = {one.number for one in [one for one in self.exchanges if one.number not in bad][:room]}
        return [one for one in self.exchanges if one.number in bad | others]

    @property
    def is_red(self) -> bool:
        """Whether it is shown in red: what only follows from an earlier defect is not."""
        return self.verdict != "consequence"

    @property
    def is_told(self) -> bool:
        """Whether it is one that people will read: there was something to find, or nothing to be seen."""
        return self.verdict not in {"pass", "not-applicable"}

    @property
    def has_diagram(self) -> bool:
        """Whether anything went between hub and target."""
        return bool(self.exchanges or self.notes)

    @cached_property
    def diagram(self) -> str:
        """What went between hub and target, as SVG; empty where nothing did."""
        if not self.has_diagram:
            return ""
        name = self.record.profile.target.name
        findings = [_known(one) if one.deviation else one for one in self.findings]
        return guard.guarded(
            "the sequence diagram",
            lambda: diagram(self.exchanges, findings, self.notes, target_name=name),
            lambda note: blank(note, name),
        )

    @property
    def picture(self) -> str:
        """The same as it may stand in a page, of which the report takes away all SVG."""
        encoded = base64.b64encode(self.diagram.encode()).decode()
        return f"data:image/svg+xml;base64,{encoded}" if encoded else ""

    @property
    def page(self) -> str:
        """The whole account, as HTML for the description of a test."""
        template = _HTML.get_template("test.html")
        return guard.guarded(
            "the page of this test",
            lambda: template.render(it=self, listed=LISTED),
            lambda note: f"<p>{escape(note)}</p>",
        )


_HTML = Environment(
    loader=PackageLoader("oicp_conformance.reporting"),
    autoescape=True,
    auto_reload=False,
    finalize=plain,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_HTML.filters["short"] = short
