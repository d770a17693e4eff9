"""Lines on the terminal: wrapped, in colour where that is welcome, past pytest's capture."""

import re
import shutil
import textwrap
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext

import pytest

WIDTH = 80
"""Columns that are used at most."""
_LEFT = 8
"""Characters that are left for the next line where a word is broken: no sign stands there alone."""
_SHARPS = re.compile(r"##(?=\w*\[)")
_PATH = re.compile(r"\W?(/|[\w+.-]+://|\S+::)")


def visible(character: str) -> str:
    """A character; of one that is not printable, its escape."""
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def printable(text: str) -> str:
    """A text on one line without control characters: what a target sends must not move anybody's cursor."""
    return "".join(map(visible, " ".join(text.split())))


def harmless(line: str) -> str:
    """A line that no CI server reads as a command: `::error::` of GitHub, `##vso[` and `##[` of Azure.

    A space takes the command its meaning, and leaves it to be read.
    """
    return _SHARPS.sub("# #", re.sub(r"^(\s*):(?=:)", r"\1: ", line))


def wrapped(
    text: str, width: int, first: str = "", rest: str | None = None, *, longest: int | None = None
) -> list[str]:
    """A text in lines of at most `width` columns; the first line and the others have an indent each.

    Words are kept whole; only one that is too long for a line of `longest` columns is broken, after
    punctuation where it has some. A path or a URL may stick out: whoever copies it needs all of it.
    """
    rest = first if rest is None else rest
    lines = textwrap.wrap(
        printable(text),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [piece for line in lines or [first.rstrip()] for piece in _broken(line, longest or width, rest)]


def _broken(line: str, width: int, indent: str) -> Generator[str, None, None]:
    while len(line) > width and not _PATH.match(line.rsplit(maxsplit=1)[-1]):
        most = min(width, len(line) - _LEFT)
        cut = max(line.rfind(one, width // 2, most) for one in ",;:&}].") + 1 or most
        yield line[:cut]
        line = indent + line[cut:]
    yield line


class Terminal:
    """Pytest's terminal, for lines of at most 80 columns."""

    def __init__(
        self,
        config: pytest.Config,
        reporter: pytest.TerminalReporter,
        redact: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._redact = redact
        self._reporter = reporter
        self._capture = config.pluginmanager.get_plugin("capturemanager")
        self._drawn = ""
        self.is_live = bool(reporter.isatty() and reporter.hasmarkup)
        """Whether a line can be drawn in place: on a terminal that takes colours."""

    @property
    def width(self) -> int:
        """The columns to use."""
        return max(40, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))

    def line(self, text: str = "", tail: str = "", **markup: bool) -> None:
        """Write a line as it is; where it has a tail, only that is marked up."""
        with self._open():
            if tail:
                self._reporter.write(harmless(self._redact(text)))
            self._reporter.write_line(harmless(self._redact(tail or text)), **markup)

    def field(self, label: str, text: str, indent: str, *, url: str | None = None) -> None:
        """Write a text beside its label; where it has an address, as a link or with the address after it."""
        if url and self.is_live:
            with self._open():
                # A terminal that knows no links shows the text alone.
                label = f"{indent}{label:<9} "
                self._reporter.write_line(f"{label}\x1b]8;;{url}\x1b\\{printable(text)}\x1b]8;;\x1b\\")
            return
        self.wrap(f"{text} {url}" if url else text, f"{indent}{label:<9} ", f"{indent}{'':<9} ")

    def block(self, lines: Sequence[tuple[str, bool]], most: int, indent: str, **markup: bool) -> None:
        """Write lines with their indents, each cut to the width; those that bear a mark are marked up.

        Of more than `most` lines, those about the first mark are written.
        """
        at = next((number for number, (_, is_marked) in enumerate(lines) if is_marked), 0)
        first = max(0, min(at - most // 2, len(lines) - most))
        room = self.width - len(indent)
        with self._open():
            for text, is_marked in lines[first : first + most]:
                line = "".join(map(visible, self._redact(text)))
                line = line if len(line) <= room else f"{line[: room - 1]}…"
                self._reporter.write_line(harmless(f"{indent}{line}"), **(markup if is_marked else {}))

    def wrap(self, text: str, first: str = "", rest: str | None = None, **markup: bool) -> None:
        """Write a text in as many lines as it needs."""
        with self._open():
            for line in wrapped(self._redact(text), self.width, first, rest):
                self._reporter.write_line(harmless(line), **markup)

    def section(self, title: str, sep: str = "=", **markup: bool) -> None:
        """Write a heading as wide as the lines."""
        with self._open():
            self._reporter.write_sep(
                sep, harmless(self._redact(title)), fullwidth=self.width, bold=True, **markup
            )

    def draw(self, text: str) -> None:
        """Draw a line in place of the one that was drawn before; it goes when a line is written."""
        if not self.is_live or text == self._drawn:
            return
        with self._past_capture():
            self._reporter.rewrite(self._redact(text)[: self.width - 1], erase=True, light=True)
            self._drawn = text

    @contextmanager
    def _open(self) -> Generator[None, None, None]:
        """A line of its own, without the one that was drawn."""
        with self._past_capture():
            if self._drawn:
                self._reporter.rewrite("", erase=True)
                self._reporter.write("\r")
                self._drawn = ""
            yield

    @contextmanager
    def _past_capture(self) -> Generator[None, None, None]:
        with self._capture.global_and_fixture_disabled() if self._capture else nullcontext():
            yield
            self._reporter.flush()
