"""Whatever stands in a journal, every report of it is written, and no part of one is lost."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.frame import Frame, state
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.verdicts import judge
from oicp_conformance.oicp.types import Role
from oicp_conformance.reporting import console, finding, guard, har, hurl, junit, overview, page, wire
from oicp_conformance.reporting.account import Account
from oicp_conformance.reporting.broken import broken
from oicp_conformance.reporting.terminal import Terminal
from oicp_conformance.run import archive
from oicp_conformance.run.errata_page import errata_page
from selftest.test_hub_fuzz import many, profile_of, records
from selftest.unit import examples as ex

FRAME = Frame(seed=1, strict=False, started=1.7e9, finished=1.7e9 + 60)
JUNIT = "<testsuites><testsuite name='x'><testcase name='y'/></testsuite></testsuites>"


SOUND = (ex.authorize(SessionID=ex.SESSION), ex.acknowledgement(), ex.remote(), {"EvseID": ["DE*ABC*E1*1"]})


def sound(_: str) -> st.SearchStrategy[Any]:
    """Messages that cost nothing to make; the operation does not matter."""
    return st.sampled_from([json.dumps(one) for one in SOUND]).map(json.loads)


class Paper:
    """What a terminal writes to."""

    hasmarkup = False

    def __init__(self) -> None:
        self.lines: list[str] = []

    def isatty(self) -> bool:
        return False

    def flush(self) -> None:
        pass

    def write(self, text: str) -> None:
        self.lines.append(text)

    def write_line(self, text: str, **_: bool) -> None:
        self.lines.append(text)

    def write_sep(self, _: str, title: str, **__: Any) -> None:
        self.lines.append(title)


def reported(record: Record, folder: Path) -> Iterator[str]:
    """Write all reports of a record, and give what people read in them."""
    archive.save(folder, record, FRAME)
    made = judge(record)
    statement = state(
        made, FRAME, journal=archive.digest(folder / "journal.jsonl", record), advise=lambda _: ""
    )
    archive.write_statement(folder, statement)
    assert page.said_in(folder, statement) is not None
    for written in page.write(folder / "conformance.json"):
        yield written.read_text(encoding="utf-8")
    har.write(folder / har.NAME, record)
    entries = json.loads((folder / har.NAME).read_text(encoding="utf-8"))["log"]["entries"]
    assert len(entries) == len(record.exchanges)
    (folder / "junit.xml").write_text(JUNIT, encoding="utf-8")
    junit.complete(folder / "junit.xml", statement, record, folder.name)
    ET.parse(folder / "junit.xml")  # noqa: S314 - we have just written it
    for name in ("junit.xml", "conformance.json", "journal.jsonl"):
        assert not re.search("[\x7f-\x9f]", (folder / name).read_text(encoding="utf-8")), name
    paper = Paper()
    config: Any = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=lambda _: None))
    terminal = Terminal(config, paper)  # type: ignore[arg-type] # it writes as pytest's does
    shown = console.Shown(made, statement, record, folder)
    console.summary(terminal, shown, {}, seconds=1.0, left_out=None, verbosity=1)
    yield "\n".join(paper.lines)
    yield errata_page(made.findings)
    yield overview.summary(statement, record, folder.name)
    for test in ("a", "b"):
        found = [one for one in made.findings if one.test == test]
        account = Account(test, "A claim.", "eRoamingAuthorizeStart", [], "fail", record, findings=found)
        yield account.page
        yield account.diagram
        yield account.smallest
    for one in record.exchanges:
        json.dumps(wire.http(one, record.profile), ensure_ascii=False).encode()
        yield wire.line(one)
        yield finding.show(folder, one.number)
    for each in made.findings:
        yield hurl.written(record, each, "title")
    for listed in broken(statement):
        assert listed.findings


# A record that breaks something is too long to be printed in a line.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
@pytest.mark.parametrize("role", get_args(Role))
def test_any_journal_is_reported(role: Role, tmp_path: Path) -> None:
    of = profile_of(role, tmp_path, 8600)
    guard.lost.clear()

    @many(20)
    @given(record=records(of, sound))
    def holds(record: Record) -> None:
        for text in reported(record, tmp_path):
            text.encode()
            assert "cannot be shown" not in text

    holds()
    assert guard.lost == []


@pytest.mark.parametrize("line", ["[", "EHLO [127.0.0.1]", "\x16\x03\x01\x02\x00\x01\x00\x01ü\x03\x03["])
def test_what_is_no_http_is_reported(line: str, tmp_path: Path) -> None:
    said = Exchange(
        *(1, "target-to-hub", None, "", line, Part(), 1.7e9),
        finished=1.7e9,
        trouble="not HTTP",
        detail="Bad request syntax",
        test="a",
    )
    texts = list(reported(Record(profile_of("cpo", tmp_path, 8600), (said,), ()), tmp_path))
    assert any("not HTTP: Bad request syntax" in one for one in texts)


def test_what_cannot_be_shown_says_so_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise ValueError("no \x1b[2J such\nthing")

    of = profile_of("cpo", tmp_path, 8600)
    said = Exchange(1, "target-to-hub", None, "", "[", Part(), 1.7e9, finished=1.7e9, test="a")
    monkeypatch.setattr(har, "_request", refuse)
    monkeypatch.setattr("oicp_conformance.reporting.account.diagram", refuse)
    record = Record(of, (said,), ())
    har.write(tmp_path / har.NAME, record)
    (entry,) = json.loads((tmp_path / har.NAME).read_text(encoding="utf-8"))["log"]["entries"]
    assert entry["comment"] == "exchange 1 cannot be shown: ValueError: no \\x1b[2J such thing"
    account = Account("a", "A claim.", "eRoamingAuthorizeStart", [], "pass", record)
    assert "the sequence diagram cannot be shown: ValueError: no" in account.diagram
    assert "A claim." in account.page
