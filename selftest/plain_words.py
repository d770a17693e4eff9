"""What a user reads, sentence by sentence, and the words that it must not have.

The rules are in CONTRIBUTING, "Write": the words of OICP and HTTP, and sentences of 25 words at most.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
LONGEST: Final = 25
"""Words in a sentence."""

INSTEAD: Final = {
    r"answer(s|ed|ing)?": "response, respond",
    r"refus(e|es|ed|ing|al|als)": "reject, rejection",
    r"surviv(e|es|ed|ing)": "tolerate, accept, continue",
    r"provok(e|es|ed|ing)": "cause",
    r"(tell|tells|told|telling)": "report, show, send; distinguish",
    r"(come|comes|came|coming)": "send, receive, arrive, follow",
    r"(stand|stands|stood)": "is",
    r"(give|gives|gave|giving)": "send, return, list",
    r"(sees|saw|seeing)": "receive, observe",
    r"demand(s|ed|ing)?": "require",
    r"mend(s|ed|ing)?": "fix",
    r"honours?": "use, apply",
    r"troubles?": "problem, error",
    r"anew": "again",
    r"unasked": "on its own",
    r"of itself|by itself|by themselves": "on its own",
    r"a yes|a no": "accepts, rejects",
    r"charged (to|against)": "counted against",
    r"coped? with": "tolerate",
    r"(?<![Tt]here )(is|are|was|were) no (?!longer\b)\w+": "is not a",
    r"as it was": "unchanged",
    r"(Result|last:?|is) (True|False)": "the spelling of JSON",
}
"""A pattern of words, and what to write in place of them."""

_FORBIDDEN = re.compile(rf"\b(?:{'|'.join(INSTEAD)})\b")
_END = re.compile(r"(?<=[.?!;])[)\"']*\s+|:\s+|\n\s*\n|\s[–—]\s")
_NOT_WORDS = re.compile(
    r"`[^`\n]*`"  # code
    r"|\b[a-z]+://\S+"
    r"|\[\[?[\w.]+\]\]?(?: \w+)?"  # a key of the profile: [hub] allow
    r"|\S*[_/=<>{}|\\]\S*"  # paths, names, options
    r"|(?<!\S)--?[\w-]+"
    r"|\w+(?:\.\w+)+"  # partner.refuses
)
_WORD = re.compile(r"\b[A-Za-z][\w'’-]*")


@dataclass(frozen=True)
class Text:
    """A text that a user reads."""

    place: str
    """The file, and the line where it begins."""
    text: str

    def sentences(self) -> Iterator[str]:
        """Yield its sentences on one line each, code and names of keys as one sign."""
        for one in _END.split(_NOT_WORDS.sub("§", self.text)):
            if sentence := " ".join(one.split()):
                yield sentence

    def forbidden(self) -> Iterator[tuple[str, str]]:
        """Yield each word that must not be there, with its sentence."""
        for sentence in self.sentences():
            if len(_WORD.findall(sentence)) > 1:
                for found in _FORBIDDEN.finditer(sentence):
                    yield found[0], sentence

    def long(self) -> Iterator[tuple[int, str]]:
        """Yield each sentence that is too long, with the number of its words."""
        for sentence in self.sentences():
            if (words := len(sentence.split())) > LONGEST:
                yield words, sentence


def instead_of(word: str) -> str:
    """Return what to write in place of a forbidden word."""
    return next(better for pattern, better in INSTEAD.items() if re.fullmatch(pattern, word))


@cache
def texts() -> tuple[Text, ...]:
    """Return all texts that a user reads."""
    return (
        *(one for file in _files("**/*.md") for one in _of_markdown(file)),
        *(
            one
            for file in _files("oicp_conformance/**/*.py", "tools/hubject.py", "tools/site.py")
            for one in _of_python(file)
        ),
        *(one for file in _files("conformance/**/*.py") for one in _of_python(file, with_docstrings=True)),
        *(one for file in _files("oicp_conformance/**/*.schema.json") for one in _of_schema(file)),
        *(
            one
            for file in _files("oicp_conformance/**/*.html", "oicp_conformance/**/*.j2", "tools/*.j2")
            for one in _of_page(file)
        ),
        *(one for file in _files("tox.ini", "action.yml", "templates/*.yml") for one in _of_settings(file)),
    )


_NOT_READ = re.compile(
    r"(^|/)(\.|node_modules|out/|reports/|build/|dist/|site/)"
    r"|^(REQUIREMENTS|LICENSE)"  # made of texts that are read here
    r"|first_report\.md$|^fixtures/|^selftest/"
    r"|^oicp_conformance/(reference|redaction)/|^oicp_conformance/oicp/types\.py"
)


def _files(*patterns: str) -> Iterator[Path]:
    for pattern in patterns:
        for file in sorted(ROOT.glob(pattern)):
            if not _NOT_READ.search(file.relative_to(ROOT).as_posix()):
                yield file


def _at(file: Path, line: int) -> str:
    return f"{file.relative_to(ROOT).as_posix()}:{line}"


_FENCE = re.compile(r"^\s*(?:```|~~~)")
_BLOCK = re.compile(r"^\s*(?:[-*+]|\d+\.|#+|\||>|@)\s*|^ {4,}\S")


def _of_markdown(file: Path) -> Iterator[Text]:
    """Yield each paragraph, item and cell of a table; no code."""
    lines: list[str] = []
    start, is_code = 1, False
    for number, line in enumerate([*file.read_text(encoding="utf-8").splitlines(), ""], 1):
        fenced = bool(_FENCE.match(line))
        if (
            fenced
            or is_code
            or not line.strip()
            or re.match(r"^(?: {4}|\t)", line)
            and not lines
            or _BLOCK.match(line)
        ):
            if lines:
                yield Text(_at(file, start), _plain("\n".join(lines)))
            lines, start = [], number
            is_code ^= fenced
            if fenced or is_code or re.match(r"^(?: {4}|\t)", line):
                continue
            if line.lstrip().startswith("|"):
                for cell in line.strip().strip("|").split("|"):
                    yield Text(_at(file, number), _plain(cell))
                continue
        if line.strip():
            lines.append(line)


def _plain(markdown: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"^\s*(?:[-*+]|\d+\.|#+|>)\s+|\*+|<[^>]+>", "", text)


def _of_python(file: Path, *, with_docstrings: bool = False) -> Iterator[Text]:
    """Yield each text that is not one word; docstrings only where a report shows them."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside.update(id(part) for part in node.values)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and not with_docstrings:
            inside.add(id(node.value))
    for node in ast.walk(tree):
        if id(node) in inside or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        text = _literal(node)
        if text and " " in text.strip():
            yield Text(_at(file, node.lineno), text)


def _literal(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "§" for part in node.values)


def _of_schema(file: Path) -> Iterator[Text]:
    def described(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(text := node.get("description"), str):
                yield text
            node = list(node.values())
        if isinstance(node, list):
            for one in node:
                yield from described(one)

    for text in described(json.loads(file.read_text(encoding="utf-8"))):
        yield Text(_at(file, 1), text)


def _of_page(file: Path) -> Iterator[Text]:
    """Yield what is between the tags of a template, and its comments."""
    text = re.sub(r"(?s)<(style|script)\b.*?</\1>|{#.*?#}|{%.*?%}", " ", file.read_text(encoding="utf-8"))
    for one in re.split(r"<[^>]*>", re.sub(r"(?s){{.*?}}", "§", text)):
        if " " in one.strip():
            yield Text(_at(file, 1), one)


def _of_settings(file: Path) -> Iterator[Text]:
    """Yield the descriptions."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if found := re.match(r"\s*description\s*[=:]\s*(.+)", line):
            yield Text(_at(file, number), found[1])
