"""The statement as a page that can be printed, and as Markdown for a comment on a pull request."""

import hashlib
import re
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from oicp_conformance.journal.archive import ArchiveError
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.statement import Statement
from oicp_conformance.reporting import guard, wire
from oicp_conformance.reporting.terminal import Terminal, harmless
from oicp_conformance.reporting.texts import plain, short
from oicp_conformance.reporting.view import View
from oicp_conformance.run import archive
from oicp_conformance.run.statements import StatementError, read

LONGEST = 60_000
"""Characters of the Markdown: GitHub takes 65 536 in a comment, and something may be put before it."""
_LIMITS = (200, 100, 50, 20, 10, 5, 2)
"""How many lines a list of the Markdown may have: the first of these with which it is short enough."""
# What has no meaning in Markdown. A name with @ or a number with # would become a link to somebody.
_MEANINGLESS = re.compile(r"[^\w ,.;:/()'\u0080-\U0010ffff-]|_|:(?=/)|(?<=www)\.", re.ASCII | re.IGNORECASE)


def markdown_text(value: object) -> Markup:
    """A value as it may stand anywhere in Markdown: on one line, and without any meaning in it."""
    if isinstance(value, Markup):
        return value
    text = re.sub(r"\s+", " ", str(plain(str(value))))
    text = _MEANINGLESS.sub(lambda found: f"&#{ord(found[0])};", text)
    # GitHub looks for names and numbers after it has read the Markdown.
    return Markup(re.sub("(&#(?:64|35);)", "\\1\u200b", text))  # noqa: S704 - it has just been escaped


def markdown_code(value: object) -> Markup:
    """A value in the type of code. Not between backticks, in which nothing can be escaped."""
    return Markup(f"<code>{markdown_text(value)}</code>")  # noqa: S704 - it has just been escaped


def markdown_block(text: str) -> Markup:
    """Lines that stay as they are, in a block of HTML: between backticks, nothing can be escaped."""
    # GitHub looks for no names in such a block; a CI server that logs it looks for commands.
    lines = (escape(plain(harmless(line))) for line in text.split("\n"))
    return Markup("<pre>\n{}\n</pre>").format(Markup("\n").join(lines))


def name(value: str) -> Markup:
    """The name of an operation, which may break between its words where a column is narrow."""
    words = re.split("(?<=[a-z]{2})(?=[A-Z])", str(plain(value)))
    return Markup("<wbr>").join(words)


def commands(value: object) -> Markup:
    """Advice, whose commands stand between backticks, with these in the type of code."""
    text = str(escape(plain(str(value))))
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", text))  # noqa: S704 - it has just been escaped


_LOADER = PackageLoader("oicp_conformance.reporting")
HTML = Environment(
    loader=_LOADER,
    autoescape=True,
    auto_reload=False,
    finalize=plain,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# With autoescape, so that what a macro makes is known to be escaped; the escaping itself is Markdown's.
MARKDOWN = Environment(
    loader=_LOADER,
    autoescape=True,
    auto_reload=False,
    finalize=markdown_text,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
for _environment in (HTML, MARKDOWN):
    _environment.filters["short"] = short
HTML.filters["name"] = name
HTML.filters["commands"] = commands
MARKDOWN.filters["code"] = markdown_code
MARKDOWN.filters["block"] = markdown_block
MARKDOWN.filters["address"] = Markup  # only the catalogue has addresses, and none with a bracket


def load() -> None:
    """Compile the templates, which otherwise the end of a run waits for."""
    HTML.get_template("conformance.html")
    MARKDOWN.get_template("conformance.md")


def html(statement: Statement, sha256: str, record: Record | None = None, run: str = "RUN") -> str:
    """The page; `sha256` is the digest of the statement's file, `record` what was said in the run, if known.

    `run` is the folder of the run, as commands name it.
    """
    view = View(statement, record, run)
    return HTML.get_template("conformance.html").render(view=view, it=statement, sha256=sha256)


def markdown(statement: Statement, record: Record | None = None, run: str = "RUN") -> str:
    """The Markdown, short enough for a comment."""
    template = MARKDOWN.get_template("conformance.md")
    view, text = View(statement, record, run), ""
    for most in _LIMITS:
        text = template.render(view=view, it=statement, most=most)
        text = re.sub(r"\n{3,}", "\n\n", text)
        if len(text) <= LONGEST:
            break
    return text


def said_in(folder: Path, statement: Statement) -> Record | None:
    """What was said in the run of a statement: out of the journal beside it, if that is the one it judges."""
    journal = folder / wire.JOURNAL
    if statement.journal is None or not journal.exists():
        return None
    if hashlib.sha256(journal.read_bytes()).hexdigest() != statement.journal.sha256:
        return None
    try:
        record, _ = archive.read(journal)
    except ArchiveError:
        return None
    return record


def write(file: Path, folder: Path | None = None, said: Record | None = None) -> tuple[Path, Path]:
    """Write both beside a statement, or into another folder, and return where they are.

    `said` is what was said in the run, where it need not be read out of its journal.

    Raises `StatementError` when the statement cannot be read, and OSError when they cannot be written.
    """
    statement = read(file)
    record, run = said or said_in(file.parent, statement), file.parent.name or "RUN"
    folder = folder or file.parent
    folder.mkdir(parents=True, exist_ok=True)
    page, comment = folder / "conformance.html", folder / "conformance.md"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    page.write_text(html(statement, digest, record, run), encoding="utf-8")
    comment.write_text(markdown(statement, record, run), encoding="utf-8")
    return page, comment


def written(terminal: Terminal, folder: Path, said: Record | None = None) -> None:
    """Write both for a run; that they cannot be written is said, and changes nothing else."""
    try:
        page, _ = write(folder / "conformance.json", said=said)
    except (StatementError, OSError) as error:
        terminal.wrap(f"conformance.html was not written: {error}", "", "  ", yellow=True)
    except Exception as error:  # noqa: BLE001 - whatever a target sent, the run goes on
        terminal.wrap(guard.note("conformance.html", error), "", "  ", yellow=True)
    else:
        terminal.line(f"  {page}")
