"""One page over several runs: who was judged, with which verdict, and where the reports lie."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from oicp_conformance.batch.places import CONSOLE
from oicp_conformance.batch.side_by_side import Ended
from oicp_conformance.judge.statement import Statement
from oicp_conformance.reporting.broken import broken
from oicp_conformance.reporting.exit_codes import INTERRUPTED, TROUBLE
from oicp_conformance.reporting.page import HTML
from oicp_conformance.reporting.view import View
from oicp_conformance.run.statements import NAME, StatementError, read

PAGE = "index.html"
_FILES = ("conformance.html", "report.html", NAME, CONSOLE)
"""Files of a run that the page links to."""


@dataclass(frozen=True)
class Row:
    """One target in the overview."""

    ended: Ended
    folder: Path
    statement: Statement | None
    """None where the run did not come to its end."""

    @property
    def name(self) -> str:
        """Its name in this batch."""
        return self.ended.one.name

    @property
    def code(self) -> int:
        """The exit code of its run; a run that was killed had trouble, and after Ctrl-C none begins."""
        code = self.ended.code
        if code is not None and code >= 0:
            return code
        return TROUBLE if self.ended.started or self.ended.lost else INTERRUPTED

    @property
    def verdict(self) -> str:
        """Its verdict, or what there is instead."""
        if self.statement:
            return self.statement.word
        return "no verdict" if self.ended.started else "not started"

    @property
    def headline(self) -> str:
        """The verdict, with the number of known deviations behind a pass."""
        return self.statement.headline if self.statement else self.verdict

    @property
    def tone(self) -> str:
        """How the verdict is to look."""
        return View(self.statement).tone if self.statement else "fail"

    @property
    def why(self) -> str:
        """What stands behind the verdict, in a few words."""
        if self.statement is None:
            is_known = self.ended.code is not None
            return f"exit code {self.ended.code}{self._last_line}" if is_known else self.ended.lost
        if self.statement.stopped:
            return self.statement.stopped
        counts = Counter(one.standing for one in broken(self.statement))
        found, warned = counts["fail"], counts["warning"]
        # Of what was not run, nothing can be missing.
        missing = 0 if self.statement.partial else len(self.statement.missing)
        parts = [f"{found} requirement{'' if found == 1 else 's'} broken"] if found else []
        parts += [f"{warned} warning{'' if warned == 1 else 's'}"] if warned else []
        parts += (
            [f"{missing} mandatory operation{'' if missing == 1 else 's'} not observed"] if missing else []
        )
        return ", ".join(parts)

    @property
    def exchanges(self) -> int:
        """How many exchanges were judged."""
        journal = self.statement.journal if self.statement else None
        return journal.exchanges if journal else 0

    @property
    def links(self) -> list[tuple[str, str]]:
        """The files of its run that exist: name, and address from the overview."""
        return [(one, f"{quote(self.name)}/{one}") for one in _FILES if (self.folder / one).exists()]

    @property
    def _last_line(self) -> str:
        """What its run said last, after a colon; empty where it said nothing."""
        try:
            text = (self.folder / CONSOLE).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return f": {lines[-1]}" if lines else ""


def row(ended: Ended, folder: Path) -> Row:
    """Make the row of a run that wrote into a folder."""
    try:
        statement = read(folder / NAME)
    except StatementError:
        statement = None
    return Row(ended, folder, statement)


def write(rows: Sequence[Row], folder: Path) -> Path:
    """Write the page of a batch into its folder, and return where it is."""
    file = folder / PAGE
    counts = Counter(one.verdict for one in rows)
    text = HTML.get_template("overview.html").render(rows=rows, counts=counts)
    file.write_text(text, encoding="utf-8")
    return file
