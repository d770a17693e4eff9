"""Write the pages of the documentation site, and build it: `tox -e docs`.

Pages for users are those of README and docs. Reference and requirements are generated from the code. Links
between pages lead to the site's pages; a link to a file that is not on the site becomes its name.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any, get_args

import click

from fixtures.faults import every
from oicp_conformance.cli import PROGRAM
from oicp_conformance.cli import command as cli
from oicp_conformance.judge.catalogue import catalogue, not_tested
from oicp_conformance.judge.requirement import REQUIREMENTS, Demand, JudgedBy, Requirement
from oicp_conformance.judge.statement import schema as statement_schema
from oicp_conformance.oicp.errata import ERRATA
from oicp_conformance.oicp.operations import Party
from oicp_conformance.profile import json_schema
from oicp_conformance.reporting import excerpt
from tools import field_examples, hubject

ROOT = Path(__file__).parents[1]
_DECISIONS = ROOT / "docs" / "decisions"
OUT = ROOT / "build" / "site-pages"
PAGES: Mapping[str, str] = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "REQUIREMENTS.md": "requirements/index.md",
    "docs/decisions/README.md": "decisions/index.md",
    "examples/README.md": "examples.md",
    "oicp_conformance/stimuli/README.md": "reference/stimuli.md",
    "oicp_conformance/profile/README.md": "reference/profile-layers.md",
    "oicp_conformance/generated/README.md": "reference/generated.md",
    "oicp_conformance/judge/statement.schema.json": "reference/statement.md",
    "oicp_conformance/oicp/errata.py": "reference/errata.md",
}
"""Files of the repository, and the pages of the site that they are or that stand for them."""
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
CODE = re.compile(r"(^ *```.*?^ *```|`[^`\n]*`)", re.DOTALL | re.MULTILINE)
_WORKER = """\
// The search needs a worker. Browsers start none for a page from a disk; there, a frame runs the search.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.srcdoc = "<!DOCTYPE html><title>search</title>";
      this.ready = new Promise((resolve) => {
        this.frame.onload = () => {
          const inside = this.frame.contentWindow;
          inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
          const script = inside.document.createElement("script");
          script.src = url;
          script.onload = () => resolve(inside);
          inside.document.body.append(script);
        };
      });
      document.body.append(this.frame);
    }

    postMessage(data) {
      this.ready.then((inside) => inside.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
}
"""
_STYLE = """\
/* In a table, the id of a requirement and long words may break; the key of a profile may not. */
.md-typeset table:not([class]) td:last-child { overflow-wrap: anywhere; }
.md-typeset table:not([class]) td:first-child a { overflow-wrap: anywhere; word-break: normal; }
.md-typeset table:not([class]) td:first-child:has(a) { min-width: min(14rem, 28vw); }
.md-typeset table:not([class]) td:first-child code { white-space: nowrap; }
"""
_PARTIES: Mapping[Party, str] = {"cpo": "a CPO", "emp-online": "an EMP"}


def pages() -> dict[str, str]:
    """Return all pages of the site, by their path in it."""
    users = {f"docs/{one.name}": one.name for one in sorted((ROOT / "docs").glob("*.md"))}
    decisions = {
        f"docs/decisions/{one.name}": f"decisions/{one.name}" for one in sorted(_DECISIONS.glob("0*.md"))
    }
    written = {**PAGES, **users, **decisions}
    made = {
        page: linked((ROOT / file).read_text(encoding="utf-8"), file, written)
        for file, page in written.items()
        if file.endswith(".md") and file != "REQUIREMENTS.md"
    }
    made |= {
        "site.css": _STYLE,
        "iframe-worker.js": _WORKER,
        "hubject.md": hubject.page(),
        **hubject.drawings(),
        "reference/commands.md": commands(),
        "reference/profile.md": profile(),
        "reference/statement.md": statement(),
        "reference/errata.md": errata(),
        "requirements/index.md": requirements(),
    }
    shown = examples()
    return made | {f"requirements/{one}.md": requirement(one, shown) for one in REQUIREMENTS}


def linked(text: str, file: str, written: Mapping[str, str]) -> str:
    """Return a page of the repository with links that lead to pages of the site."""
    page = written[file]

    def target(found: re.Match[str]) -> str:
        label, link = found.groups()
        address, _, anchor = link.partition("#")
        if "://" in link or not address:
            return found[0]
        meant = normpath(str(PurePosixPath(file).parent / address))
        if meant not in written:
            return (
                label
                if label.startswith("`") or address.rstrip("/").endswith(label)
                else f"{label} (`{meant}`)"
            )
        to = relpath(written[meant], str(PurePosixPath(page).parent))
        return f"[{label}]({to}{f'#{anchor}' if anchor else ''})"

    # Only text has links; every second part is code.
    parts = CODE.split(text)
    return "".join(one if number % 2 else _LINK.sub(target, one) for number, one in enumerate(parts))


# --- reference


def commands() -> str:
    """Return the page of all commands, each with its help."""
    parts = [f"# Commands\n\n`{PROGRAM} COMMAND --help` prints the same.\n"]
    root = click.Context(cli, info_name=PROGRAM, max_content_width=100, terminal_width=100)
    for name, one in cli.commands.items():
        text = one.get_help(click.Context(one, info_name=name, parent=root, terminal_width=100))
        parts.append(f"\n## {name}\n\n```text\n{text}\n```\n")
    return "".join(parts)


def profile() -> str:
    """Return the page of all keys of a profile."""
    schema = json_schema()
    head = "# Keys of the profile\n\nFrom the JSON Schema that `oicp-conformance schema` prints. "
    return head + "[How to write one](../profile.md).\n" + "".join(_tables(schema, schema, ""))


def statement() -> str:
    """Return the page of all keys of a statement."""
    schema = json.loads(statement_schema())
    head = (
        "# Keys of the statement\n\nFrom the JSON Schema that `oicp-conformance schema --statement` prints. "
    )
    return head + "[Where it is written](../reports.md).\n" + "".join(_tables(schema, schema, ""))


def _tables(root: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    """A table of an object's keys, then those of the objects in it."""
    needed, deeper = schema.get("required", []), []
    yield f"\n## {f'`{path}`' if path else 'The whole'}\n\n| key | type | mandatory | meaning |\n|---|---|---|---|\n"
    for name, one in schema.get("properties", {}).items():
        inner = _objects(root, one)
        deeper += [(f"{path}.{name}".lstrip("."), each) for each in inner]
        about = _cell(one.get("description") or next((each.get("description", "") for each in inner), ""))
        yield f"| `{name}` | {_cell(_kind(root, one))} | {'yes' if name in needed else ''} | {about} |\n"
    for name, one in deeper:
        yield from _tables(root, one, name)


def _resolved(root: Mapping[str, Any], one: Any) -> Any:
    while isinstance(one, dict) and "$ref" in one:
        one = root["$defs"][one["$ref"].rpartition("/")[2]]
    return one if isinstance(one, dict) else {}


def _ways(root: Mapping[str, Any], one: Any) -> Iterator[Any]:
    """The forms that a value may have, without null."""
    one = _resolved(root, one)
    several = one.get("anyOf") or one.get("oneOf") or one.get("allOf")
    if several:
        for each in several:
            yield from _ways(root, each)
    elif one.get("type") != "null":
        yield one


def _objects(root: Mapping[str, Any], one: Any) -> list[Mapping[str, Any]]:
    """The objects with keys of their own that a value is, or is a list of."""
    found = []
    for way in _ways(root, one):
        inner = list(_ways(root, way["items"])) if "items" in way else [way]
        found += [each for each in inner if each.get("properties")]
    return found[:1]


def _kind(root: Mapping[str, Any], one: Any) -> str:
    kinds = []
    for way in _ways(root, one):
        if "const" in way or "enum" in way:
            kinds.append(", ".join(f"`{json.dumps(each)}`" for each in way.get("enum", [way.get("const")])))
        elif way.get("type") == "array":
            kinds.append(f"list of {_kind(root, way.get('items', {})) or 'any'}")
        else:
            kinds.append(str(way.get("type", "any")))
    return " or ".join(dict.fromkeys(kinds))


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "&#124;").replace("<", "&lt;")


def errata() -> str:
    """Return the page of the contradictions that findings name."""
    parts = [
        "# Contradictions in the documents\n\nWhere official documents contradict each other, the finding names the "
        "erratum. This is what the documents say, and how the suite judges.\n"
    ]
    for name, one in ERRATA.items():
        parts.append(f"\n## {name}\n\n{_text(one.says)}\n\nJudged: {_text(one.judged)}\n")
    return "".join(parts)


# --- requirements


def requirements() -> str:
    """Return the list of all requirements, each with a link to its page."""
    parts = [
        "# Requirements\n\nEach requirement has a page: its sentence, its source and the strength of the source, how "
        "it is judged, examples, and the faults that prove that the suite finds it.\n"
    ]
    for party, title in _PARTIES.items():
        parts.append(f"\n## On {title}\n\n| id | level | requirement |\n|---|---|---|\n")
        parts += [
            f"| [{one.id}]({one.id}.md) | {one.level} | {_cell(_text(one.sentence))} |\n"
            for one in (*catalogue(party).values(), *not_tested(party))
        ]
    return "".join(parts)


def requirement(name: str, shown: Mapping[str, Iterable[str]]) -> str:
    """Return the page of a requirement; `shown` has examples of some."""
    it = REQUIREMENTS[name]
    parts = [f"# {name}\n", *(_demand(one) for one in _distinct(it))]
    named = {one.erratum for one in it.demands.values() if one.erratum}
    for erratum in sorted(named):
        known = ERRATA[erratum]
        parts.append(
            f"\n## Erratum {erratum}\n\n{_text(known.says)}\n\nJudged: {_text(known.judged)} "
            "[All errata](../reference/errata.md)\n"
        )
    parts += _with_reasons(it, list(shown.get(name, ())))
    faults = sorted({one.name for one in every(kind="fault") if one.breaks == name})
    if faults:
        listed = "".join(f"- `{one}`\n" for one in faults)
        parts.append(
            "\n## Proof\n\nThe suite must find each of these [faults](../trust.md) of the reference targets:\n\n"
            f"{listed}"
        )
    return "".join(parts)


def _with_reasons(it: Requirement, shown: list[str]) -> list[str]:
    """The good and the bad example of a requirement, or why there is none."""
    if it.by is JudgedBy.NOTHING:
        return [
            "\n## Good and bad\n\nThere is no example: no message shows it, so the suite does not test it.\n"
        ]
    field = it.id.rpartition(".")[2]
    reasons = {
        "Good": "All messages without this field."
        if field == "RFIDIdentification"
        else "No single message shows it.",
        "Bad": "A message with another Type is not this message: see "
        "[eRoamingChargingNotifications.type](eRoamingChargingNotifications.type.md)."
        if field == "Type"
        else "No message shows it: the target does not send what the sentence names.",
    }
    for at, (title, reason) in enumerate(reasons.items()):
        if not any(one.startswith(f"\n## {title}\n") for one in shown):
            shown.insert(at, f"\n## {title}\n\n{reason}\n")
    return shown


def _distinct(it: Requirement) -> list[Demand]:
    return [it.demands[role] for role in ("cpo", "emp") if role in it.demands]


def _demand(one: Demand) -> str:
    operations = dict.fromkeys(
        name for party in get_args(Party) if party.startswith(one.role) for name in (one.operations(party))
    )
    on = ", ".join(f"`{name}`" for name in operations) or "no operation of its own"
    return (
        f"\n## For {'a CPO' if one.role == 'cpo' else 'an EMP'}\n\n> {_text(one.sentence)}\n\n"
        f"| property | value |\n|---|---|\n| level | {one.level} |\n"
        f"| source | [{_cell(one.clause)}, line {one.source.line}]({one.url}) |\n"
        f"| strength | {one.source.strength} |\n| operations | {on} |\n| judged by | {_cell(_text(one.judged))} |\n"
    )


def _text(text: str) -> str:
    """A sentence in Markdown, with no meaning in its characters."""
    return re.sub(r"([*_<>\[\]`|\\])", r"\\\1", text)


def examples() -> dict[str, list[str]]:
    """Return a good and a bad example of requirements, as parts of a page.

    Those of rules are the journals of their unit tests; those of fields are made from the field's type.
    """
    from selftest.unit.requirements.row import Broken, Never  # noqa: PLC0415 - only the site needs the tests
    from selftest.unit.test_requirements import ROWS, judged  # noqa: PLC0415

    shown: dict[str, list[str]] = {}
    for row in ROWS:
        if row.requirement in shown:
            continue
        parts = []
        if not isinstance(row.holds, Never):
            heard = judged(row.journal, row.requirement, row.holds)
            parts += [_message("Good", heard.record, one, "") for one in heard.own if not one.is_finding][:1]
        if isinstance(row.breaks, Broken):
            heard = judged(row.journal, row.requirement, row.breaks.talk)
            parts += [_message("Bad", heard.record, one, told(one)) for one in heard.own if one.is_finding][
                :1
            ]
        shown[row.requirement] = [one for one in parts if one]
    for name, good, bad in of_fields():
        if name not in shown:
            parts = [_message("Good", good.record, good.outcome, "")] if good else []
            parts += [_message("Bad", bad.record, bad.outcome, told(bad.outcome))] if bad else []
            shown[name] = parts
    return shown


@cache
def of_fields() -> tuple[tuple[str, field_examples.Example | None, field_examples.Example | None], ...]:
    """Return a good and a bad example of each requirement on a field."""
    from selftest.unit.journals import a_cpo, an_emp  # noqa: PLC0415 - only the site needs the tests

    cpo = field_examples.examples(a_cpo().profile, "cpo")
    return (*cpo, *field_examples.examples(an_emp().profile, "emp-online"))


def told(finding: Any) -> str:
    """Return a finding as its page tells it."""
    expected = f" Expected: {_text(finding.expected)}." if finding.expected else ""
    found = f" Found: {_text(str(finding.found))}." if finding.found else ""
    return f"{finding.verdict.value.upper()}: {_text(finding.message)}.{expected}{found}\n\n"


def _message(title: str, record: Any, outcome: Any, about: str) -> str:
    """The target's message that an outcome is about."""
    exchange = next((one for one in record.exchanges if one.number == outcome.exchange), None)
    if exchange is None:
        return f"\n## {title}\n\n{about}" if about else ""
    part, what = (exchange.request, "request") if exchange.by_target else (exchange.answer, "response")
    head = f"\n## {title}\n\n{about}The target's {what}, {exchange.operation or exchange.path}:\n\n"
    if part.json is None:
        return f"{head}```text\n(no JSON)\n```\n"
    pointer = outcome.pointer if outcome.is_finding else None
    body = excerpt.marked(part.json, pointer) if pointer else json.dumps(part.json, indent=2)
    lines = body.splitlines()
    body = "\n".join(lines[:60] + (["…"] if len(lines) > 60 else []))
    return f"{head}```text\n{body}\n```\n"


def write(out: Path) -> None:
    """Write all pages into an empty folder."""
    if out.exists():
        shutil.rmtree(out)
    for page, text in pages().items():
        file = out / page
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def main() -> int:
    """Write the pages and build the site; a broken link is an error."""
    write(OUT)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - our own command


if __name__ == "__main__":
    sys.exit(main())
