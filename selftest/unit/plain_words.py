"""What users read, sentence by sentence: documents, texts of the code, schemas, pages and settings.

CONTRIBUTING has the rules, under "Write". The rules that a program can check are here.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
LONGEST: Final = 25
"""Words in a sentence."""

INSTEAD: Final[Mapping[str, str]] = {
    r"answer(s|ed|ing)?": "response, respond, get",
    r"refus(e|es|ed|ing|al|als)": "reject, rejection",
    r"surviv(e|es|ed|ing)": "accept, tolerate, continue",
    r"provok(e|es|ed|ing)": "cause",
    r"tell|tells|told|telling": "report, show, send, distinguish",
    r"come|comes|came|coming": "send, receive, arrive, follow",
    r"stand|stands|stood": "is",
    r"give|gives|gave|giving": "send, return, list, name",
    r"sees|saw|seeing": "receive, observe",
    r"demand(s|ed|ing)?": "require",
    r"mend(s|ed|ing)?": "fix",
    r"honour(s|ed)?": "use, apply",
    r"accus(e|es|ed|ing)": "cause a finding",
    r"trouble|troubles": "problem, error",
    r"said": "sent, reported",
    r"anew": "again",
    r"unasked": "on its own",
    r"(goes|went|going) on": "continue",
    r"(has|have|had) to": "must",
    r"(is|are) to [a-z]+": "should",
    r"(is|are|was|were) no (?!longer\b)\w+": "is not a",
    r"(lies|lay) (in|beside|there|here)": "is",
    r"of itself|by itself|by themselves": "on its own",
    r"as it was|as they were|as it came|as they came": "unchanged",
    r"a yes|a no": "accepts, rejects",
    r"charged (to|against)": "counted against",
    r"coped? with": "tolerate",
    r"for want of|in vain|be it": "because, without effect, also",
    r"Result (?-i:True|False|None)": "the spelling of JSON",
}
"""What a text must not have, and what to write in place of it."""

ALLOWED: Final[Mapping[str, str]] = {
    "refused with §": "the name of a script, which saved journals have",
    "by itself": "a way of a session, which statements have",
}
"""Texts that keep such a word, and why."""

_FORBIDDEN = re.compile(rf"(?<!there )\b(?:{'|'.join(INSTEAD)})\b", re.IGNORECASE)
_END = re.compile(r"(?<=[.?!;])[)\"'*]*\s+|:\s+|\n\s*\n|\s[–—|]\s")
_NO_WORD = re.compile(
    r"(?m)^\s*[\w.]+ = .*$|\{[^{}]*\}"  # TOML
    r"|`[^`\n]*`"  # code
    r"|\[\[?[\w.]+\]\]?(?: \w+)?"  # a key of the profile: [hub] allow
    r"|\S*[_/=<>{}|\\]\S*"  # a path, a name, a URL
    r"|(?<!\S)--?[\w-]+"  # an option
    r"|\w+(?:\.\w+)+"  # partner.refuses
)
"""What is not prose; § is in its place."""
_SPACE = " "


@dataclass(frozen=True)
class Text:
    """A text that a user reads."""

    place: str
    """The file, and the line where it begins."""
    text: str

    def sentences(self) -> Iterator[str]:
        """Yield each sentence on one line."""
        for one in _END.split(_NO_WORD.sub("§", self.text)):
            if sentence := re.sub("(§ )+", "§ ", _SPACE.join(one.split())):
                yield sentence

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with each sentence."""
        for sentence in self.sentences():
            if sentence in ALLOWED:
                continue
            for found in _FORBIDDEN.finditer(sentence):
                if found[0] != sentence:  # a word alone is a name
                    yield f"{self.place}: {found[0]!r}: better {_instead_of(found[0])}: {sentence}"
            if (words := len(sentence.split())) > LONGEST:
                yield f"{self.place}: {words} words: {sentence}"


def _instead_of(word: str) -> str:
    return next(better for pattern, better in INSTEAD.items() if re.fullmatch(pattern, word, re.IGNORECASE))


@cache
def texts() -> tuple[Text, ...]:
    """Return all texts that users read."""
    return tuple(_texts())


def _texts() -> Iterator[Text]:
    for read, patterns in _READ:
        for pattern in patterns:
            for file in sorted(ROOT.glob(pattern)):
                name = file.relative_to(ROOT).as_posix()
                if not _MADE.search(name):
                    for line, text in read(file.read_text(encoding="utf-8")):
                        yield Text(f"{name}:{line}", text)


# --- the kinds of files

Read = Callable[[str], Iterator[tuple[int, str]]]
"""Yields each text of a file with its line."""

_FENCE = re.compile(r"\s*(?:```|~~~)")
_CODE = re.compile(r" {4}|\t")
_BLOCK = re.compile(r"\s*(?:[-*+]\s|\d+\.\s|#|>|@)")


def markdown(source: str) -> Iterator[tuple[int, str]]:
    """Yield paragraphs, items and cells of a document; no code."""
    lines: list[str] = []
    start, is_fenced = 1, False
    for number, line in enumerate([*source.splitlines(), ""], 1):
        is_fence = bool(_FENCE.match(line))
        is_code = is_fenced or is_fence or (not lines and bool(_CODE.match(line)))
        is_row = line.startswith("|")
        if lines and (is_code or is_row or not line.strip() or _BLOCK.match(line)):
            yield start, _plain("\n".join(lines))
            lines = []
        is_fenced ^= is_fence
        if is_row and not is_code:
            for cell in line.strip("|").split("|"):
                yield number, _plain(cell)
        elif line.strip() and not is_code:
            start = start if lines else number
            lines.append(line)


def _plain(marked: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", marked)
    return re.sub(r"^\s*(?:[-*+]|\d+\.|#+|>)\s+|\*+|<[^>]+>", "", text)


def code(source: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module that are more than a word, and the docstrings of commands."""
    return _of_module(source, lambda node: any("command" in ast.unparse(one) for one in node.decorator_list))


def documented_code(source: str) -> Iterator[tuple[int, str]]:
    """Yield the texts and all docstrings of a module."""
    return _of_module(source, lambda _: True)


_Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _of_module(source: str, is_read: Callable[[_Documented], bool]) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped.update(map(id, node.values))
        elif isinstance(node, ast.Expr):
            skipped.add(id(node.value))
        elif isinstance(node, _Documented) and is_read(node) and (text := ast.get_docstring(node)):
            yield node.lineno, text
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in skipped:
            text = _literal(node)
            if _SPACE in text.strip():
                yield node.lineno, text


def _literal(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "§" for part in node.values)


def schema(source: str) -> Iterator[tuple[int, str]]:
    """Yield the descriptions of a JSON Schema."""

    def described(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(text := node.get("description"), str):
                yield text
            node = list(node.values())
        if isinstance(node, list):
            for one in node:
                yield from described(one)

    yield from ((1, text) for text in described(json.loads(source)))


_TEMPLATE = re.compile(r"(?s){#.*?#}|{%.*?%}|<(style|script)\b.*?</\1>")


def page(source: str) -> Iterator[tuple[int, str]]:
    """Yield the text between the tags of a template."""
    for one in re.split(r"<[^>]*>", _TEMPLATE.sub("<>", re.sub(r"(?s){{.*?}}", "§", source))):
        yield 1, one


def settings(source: str) -> Iterator[tuple[int, str]]:
    """Yield the comments and descriptions of TOML, YAML and INI."""
    for number, line in enumerate(source.splitlines(), 1):
        if found := re.search(r"(?:^|\s)#\s(.+)|^\s*description\s*[=:]\s*(.+)", re.sub("{{.*?}}", "§", line)):
            yield number, found[1] or found[2]


_READ: Final[tuple[tuple[Read, tuple[str, ...]], ...]] = (
    (
        markdown,
        (
            "*.md",
            "docs/**/*.md",
            ".github/**/*.md",
            "examples/**/*.md",
            "fixtures/*.md",
            "oicp_conformance/*/*.md",
        ),
    ),
    (code, ("oicp_conformance/*.py", "oicp_conformance/*/**/*.py", "fixtures/**/*.py")),
    (code, ("tools/hubject.py", "tools/site.py")),
    (
        documented_code,
        ("conformance/**/*.py", "oicp_conformance/desk/asked.py", "oicp_conformance/testing.py"),
    ),
    (schema, ("oicp_conformance/**/*.schema.json",)),
    (page, ("oicp_conformance/**/templates/*.html", "oicp_conformance/**/templates/*.md", "tools/*.html.j2")),
    (page, ("oicp_conformance/desk/page/*.html",)),
    (settings, ("tox.ini", "action.yml", "templates/*.yml", "docs/ci/*", "examples/**/*.toml")),
    (settings, ("oicp_conformance/cli/templates/*.toml.j2",)),
)
_MADE = re.compile(
    r"^REQUIREMENTS|first_report\.md$"  # made of texts that are read where they are written
    r"|^oicp_conformance/oicp/(types|iso)\.py"  # OICP's own texts
    r"|/node_modules/"
)
