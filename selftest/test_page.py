"""The statement as a page and as Markdown: from a statement alone, true to it, and safe whatever is in it."""

import copy
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from selftest.support import ROOT, Ran, reference_target, run_command, run_suite

Statement = dict[str, Any]
CARD = "test_card_authorized_by_broadcast"
CDR = "eRoamingChargeDetailRecord"
PATIENCE = 180.0
PAYLOAD = (
    "<script>alert(1)</script>\u202e`a|b`\n# x\n|c|d|\n<img src=//evil.example/x onerror=alert(1)> "
    "![i](http://evil.example/i.png) [l](javascript:alert(1)) www.evil.example @org/team #1 "
    "</details></table> {{ 7*7 }} \x00 \\| **b** $x$ ~~s~~ &lt; "
)


class Page(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text.replace("<wbr>", ""))  # a place where a long name may break
        self.close()
        assert self.open == [], "all that is opened is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        """What is read."""
        return " ".join(" ".join(self.words).split())


TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "footer", "section", "p", "h1", "h2", "h3"),
    *("small", "strong", "b", "bdi", "code", "span", "ul", "li", "a", "br"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("main", "nav", "details", "summary", "pre", "mark", "div"),
}
DRAWN = {"svg", "g", "desc", "rect", "line", "lines", "path", "polygon", "text", "tspan", "defs"}
"""What a diagram is drawn of."""


def is_harmless(page: Page) -> None:
    """No script, nothing that a browser would load, and links only to the specification, or in the page."""
    for tag, attributes in page.tags:
        if tag in DRAWN:
            assert not {name for name in attributes if name.startswith("on") or name in {"href", "style"}}
            continue
        assert tag in TAGS
        allowed = {"class", "colspan", "lang"} | {"meta": {"charset", "name", "content", "http-equiv"}}.get(
            tag, set()
        )
        allowed |= {"id", "open", "tabindex", "role", "aria-label"}
        if tag == "a":
            assert str(attributes["href"]).startswith(("https://github.com/", "#"))
            allowed |= {"href", "rel"}
        assert set(attributes) <= allowed, (tag, attributes)


def written(folder: Path, statement: Statement) -> tuple[str, str]:
    """Write a statement and have both made from it, as a user does."""
    folder.mkdir(exist_ok=True)
    file = folder / "conformance.json"
    file.write_text(json.dumps(statement), encoding="utf-8")
    done = run_command("report", file, "--out", folder / "made", seconds=PATIENCE)
    assert done.returncode == 0, done.stderr
    names = ["conformance.html", "conformance.md"]
    assert done.stdout.split() == [str(folder / "made" / name) for name in names]
    assert sorted(one.name for one in (folder / "made").iterdir()) == names
    page, markdown = ((folder / "made" / name).read_text(encoding="utf-8") for name in names)
    return page, markdown


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run with a fault that rests on an erratum, and that has a clause."""
    with reference_target("cpo", ("--fault", "cdr-without-evse-id")) as target:
        return run_suite(tmp_path_factory.mktemp("run"), target.profile(), "-k", CARD, seconds=PATIENCE)


@pytest.fixture(scope="module")
def page(ran: Ran) -> Page:
    return Page((ran.folder / "conformance.html").read_text(encoding="utf-8"))


def test_page_is_one_file_that_asks_nobody(page: Page, ran: Ran) -> None:
    is_harmless(page)
    text = (ran.folder / "conformance.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not {"url(", "@import", "<script"} & {one for one in ("url(", "@import", "<script") if one in text}
    assert str(ROOT) not in text


def test_page_tells_target_verdict_and_digests(page: Page, ran: Ran) -> None:
    mandatory = [one["verdict"] for one in ran.statement["operations"] if one["obligation"] == "mandatory"]
    for text in (
        "Reference CPO 1 fail PART OF A RUN Not valid as a conformance statement: only 1 of",
        "1 requirement broken (1 MUST)",
        f"oicp-conformance {ran.statement['suite']['version']}; seed 1",
        f"{mandatory.count('pass')} of {len(mandatory)} mandatory operations pass",
    ):
        assert text in page.text
    journal = (ran.folder / "journal.jsonl").read_bytes()
    assert ran.statement["journal"]["exchanges"] == len(journal.splitlines())
    assert (
        f"{len(journal.splitlines())} exchanges; SHA-256 {hashlib.sha256(journal).hexdigest()}" in page.text
    )
    digest = hashlib.sha256((ran.folder / "conformance.json").read_bytes()).hexdigest()
    assert f"Statement SHA-256 {digest}" in page.text


def test_page_has_every_operation_feature_and_requirement(page: Page, ran: Ran) -> None:
    said = ran.statement
    for one in said["operations"]:
        assert f"{one['operation']} {'target' if one['direction'] == 'target-to-hub' else 'hub'}" in page.text
    assert "eRoamingChargingNotifications Start, Progress, End, Error" in page.text
    for name, declared in said["supports"].items():
        assert f"{name} {', '.join(declared) if isinstance(declared, list) else 'yes'}" in page.text
    listed = page.text.partition("All requirements")[2]
    signs = {"pass": "✓", "fail": "✗", "warning": "!", "inconclusive": "?", "not-applicable": "–"}
    signs["not used"] = "○"
    rows = ["not used" if one["not_used"] else one["verdict"] for one in said["requirements"]]
    for verdict, sign in signs.items():
        # Once more in the legend.
        assert listed.count(f"{sign} ") == 1 + rows.count(verdict)
    assert "✗ EvseID" in listed


def test_page_tells_what_was_broken(page: Page) -> None:
    for text in (
        f"FAIL {CDR}.EvseID EvseID is mandatory and missing 1 ×",
        f"EvseID is mandatory in {CDR}: EvseIDType. MUST, CPO 02 {CDR}",
        f"Where exchange 2, {CDR} at /EvseID Expected mandatory: EvseIDType Found nothing",
        '>> "EvseID" is not there ^^^^^^^^ expected mandatory: EvseIDType; found nothing',
        "Repeat: oicp-conformance replay report 1",
    ):
        assert text in page.text


def test_the_first_thing_after_the_verdict_is_the_defect(page: Page, ran: Ran) -> None:
    first = page.text.index(f"Broken requirements FAIL {CDR}.EvseID")
    assert page.text.index("1 requirement broken (1 MUST)") < first < page.text.index("Contents")
    markdown = (ran.folder / "conformance.md").read_text(encoding="utf-8")
    assert markdown.index(f"FAIL <code>{CDR}.EvseID</code>") < markdown.index("| operation |")


def test_the_chain_has_all_requests_of_the_session(page: Page) -> None:
    chain = page.text.partition("as commands")[2].partition("Sequence diagram")[0]
    told = [
        chain.index(one) for one in ("exchange 1: the target sends eRoamingAuthorizeStart", "exchange 2:")
    ]
    assert told == sorted(told)
    assert chain.count("curl -i -X POST") == 4, "three stimuli (one plugs in), and the message"


def test_page_of_the_statement_alone_has_no_messages(ran: Ran, tmp_path: Path) -> None:
    page, markdown = written(tmp_path, ran.statement)
    assert f"FAIL {CDR}.EvseID EvseID is mandatory and missing" in Page(page).text
    assert "curl -i" not in page + markdown
    assert "<svg" not in page


def test_page_of_another_journal_has_no_messages(ran: Ran, tmp_path: Path) -> None:
    """What is said in a journal that the statement does not judge is no evidence for it."""
    for name in ("journal.jsonl", "notes.jsonl", "run.json"):
        shutil.copyfile(ran.folder / name, tmp_path / name)
    assert "<svg" in written(tmp_path, ran.statement)[0]
    with (tmp_path / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert "<svg" not in written(tmp_path, ran.statement)[0]


def test_statement_with_fixed_keys_only(ran: Ran, tmp_path: Path) -> None:
    """As a suite of an earlier version, or somebody else, would write it."""
    said = copy.deepcopy(ran.statement)
    for name in ("stopped", "trouble", "strict", "mode", "missing", "supports", "journal"):
        del said[name]
    for name in ("deviations", "changes"):
        del said[name]
    for row in said["requirements"]:
        del row["reason"]
        row["findings"] = [
            {name: finding[name] for name in ("message", "pointer", "exchange", "erratum")}
            for finding in row["findings"]
        ]
    page, markdown = written(tmp_path, said)
    assert "EvseID is mandatory and missing" in Page(page).text
    assert "EvseID is mandatory and missing" in markdown


def everywhere(ran: Ran) -> Statement:
    """A statement with the payload wherever there may be any text."""
    said = copy.deepcopy(ran.statement)
    said["target"].update(name=PAYLOAD, version=PAYLOAD)
    said.update(stopped=PAYLOAD, trouble=[PAYLOAD], missing=[PAYLOAD], supports={PAYLOAD: [PAYLOAD]})
    said.update(started=PAYLOAD, finished=PAYLOAD, journal={"exchanges": 1, "sha256": PAYLOAD})
    said["suite"]["version"] = PAYLOAD
    said["operations"][0]["operation"] = PAYLOAD
    finding = {
        **dict.fromkeys(("message", "expected", "found", "erratum", "test", "deviation"), PAYLOAD),
        "pointer": f"/{PAYLOAD}",
        "exchange": 1,
        "verdict": "fail",
    }
    for number, verdict in enumerate(("fail", "warning", "inconclusive", "pass")):
        findings = [finding, {**finding, "deviation": None}] if verdict in {"fail", "warning"} else []
        said["requirements"][number].update(
            id=f"{PAYLOAD}.{PAYLOAD}",
            operation=PAYLOAD,
            clause=PAYLOAD,
            verdict=verdict,
            reason=PAYLOAD,
            findings=findings,
        )
    texts = dict.fromkeys(("requirement", "operation", "pointer", "test", "reason", "owner"), PAYLOAD)
    more = dict.fromkeys(("ticket", "expires", "note"), PAYLOAD)
    said["deviations"] = [{**texts, **more, "state": state, "findings": 1} for state in ("occurred", "stale")]
    change = {
        **dict.fromkeys(("requirement", "operation", "clause", "pointer", "message"), PAYLOAD),
        "level": "MUST",
    }
    kinds = ("broken", "fixed", "inconclusive", "appeared", "dropped")
    said["changes"] = {name: [change] for name in kinds} | {
        "worse": [PAYLOAD],
        "baseline": {
            "started": PAYLOAD,
            "verdict": "pass",
            "suite": said["suite"],
            "target": said["target"],
        },
    }
    return said


@pytest.fixture(scope="module")
def hostile(ran: Ran, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return written(tmp_path_factory.mktemp("hostile"), everywhere(ran))


def test_hostile_texts_stay_texts_on_the_page(hostile: tuple[str, str]) -> None:
    page = Page(hostile[0])
    is_harmless(page)
    assert page.text.count("<script>alert(1)</script>") > 30
    assert "{{ 7*7 }}" in page.text
    assert not {"\u202e", "\x00"} & set(hostile[0])


def tokens(text: str) -> Iterator[Any]:
    for block in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
        yield block
        yield from block.children or ()


def test_hostile_texts_stay_texts_in_the_markdown(hostile: tuple[str, str]) -> None:
    seen = list(tokens(hostile[1]))
    ours = {"<details>", "<summary>", "</summary>", "</details>", "<code>", "</code>", "<pre>", "</pre>"}
    links = [str(one.attrGet("href")) for one in seen if one.type == "link_open"]
    assert all(one.startswith("https://github.com/") for one in links)
    html = "".join(one.content for one in seen if one.type.startswith("html_"))
    tags = {f"<{part.split('>')[0]}>" for part in html.split("<")[1:]}
    assert tags <= ours, tags
    assert html.count("<details>") == html.count("</details>") > 3
    assert not {one.type for one in seen} & {
        "image",
        "s_open",
        "code_inline",
        "fence",
        "code_block",
    }
    assert "@org" not in "".join(one.content for one in seen if one.type == "text"), "nobody is called"
    assert "#1 " not in "".join(one.content for one in seen if one.type == "text")
    assert not {"\u202e", "\x00"} & set(hostile[1])
    rows = [index for index, one in enumerate(seen) if one.type == "tr_open"]
    assert len(rows) > 15
    texts = [one.content for one in seen if one.type == "inline"]
    assert any("<script>" in part.content for one in seen if one.children for part in one.children)
    assert sum("alert" in one for one in texts) > 15


def test_cells_stay_where_they_are(hostile: tuple[str, str]) -> None:
    """As many cells in a row as the head of its table has, by GitHub's rule for the ends of cells."""
    width = 0
    for line in hostile[1].splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        width = width or line.count("|")
        assert line.count("|") == width


def test_long_statement_fits_in_a_comment(ran: Ran, tmp_path: Path) -> None:
    said = everywhere(ran)
    row = said["requirements"][0]
    long = "| <x> & `y` " * 500
    row["findings"] = [{**row["findings"][0], "message": long, "found": long, "deviation": None}] * 2
    said["requirements"] = [{**row, "id": f"{long}.{number}"} for number in range(700)]
    said["target"]["name"] = long
    page, markdown = written(tmp_path, said)
    assert 5_000 < len(markdown) < 65_536
    assert "and 6" in markdown
    shown = Page(page)
    is_harmless(shown)
    assert shown.text.count("✗") == 1 + 700, "the page has them all, the legend has one"


def test_page_of_nothing(ran: Ran, tmp_path: Path) -> None:
    said = copy.deepcopy(ran.statement)
    said.update(operations=[], requirements=[], verdict="incomplete")
    said["summary"] = dict.fromkeys(said["summary"], 0)
    page, _ = written(tmp_path, said)
    assert "0 of 0 mandatory operations pass" in Page(page).text


def test_folder_that_cannot_be_written(ran: Ran, tmp_path: Path) -> None:
    (tmp_path / "made").write_text("a file", encoding="utf-8")
    statement = ran.folder / "conformance.json"
    made = tmp_path / "made"
    done = run_command("report", statement, "--out", made, seconds=PATIENCE)
    assert done.returncode == 4
    assert done.stderr == f"error: {made}: File exists\n"


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium")
def test_browser_asks_nobody(hostile: tuple[str, str], tmp_path: Path) -> None:
    """By the browser's own network log; of another page the same log tells that it does."""

    def asked(name: str, html: str) -> bool:
        page, log = tmp_path / f"{name}.html", tmp_path / f"{name}.json"
        page.write_text(html, encoding="utf-8")
        browser = [str(CHROMIUM), "--headless", "--no-sandbox", f"--user-data-dir={tmp_path / 'user'}"]
        browser += ["--host-resolver-rules=MAP * 127.0.0.1:9", f"--log-net-log={log}"]
        browser += [f"--screenshot={tmp_path / name}.png", page.as_uri()]
        subprocess.run(browser, check=True, capture_output=True, timeout=PATIENCE)  # noqa: S603 - no shell
        return "evil.example" in log.read_text(encoding="utf-8", errors="replace")

    assert not asked("page", hostile[0])
    assert asked("control", '<img src="http://evil.example/x.png">')
