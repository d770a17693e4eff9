"""The report of a run: what it says of a test, what it leaves out, and that a target can do nothing in it."""

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pytest_httpserver import HTTPServer

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.statement import Statement
from oicp_conformance.reporting import cases, excerpt, overview, wire
from oicp_conformance.reporting.account import EXCHANGES, LISTED, Account, Evidence
from oicp_conformance.reporting.commands import again
from oicp_conformance.reporting.history import problem
from oicp_conformance.reporting.render import render
from oicp_conformance.reporting.render_error import RenderError
from oicp_conformance.reporting.slim import slim
from oicp_conformance.run import archive
from oicp_conformance.run.statements import read
from selftest.shared_runs import SharedRuns
from selftest.support import Ran, answer, cpo_profile, raw_server, reference_target, run_suite, unpacked
from selftest.test_render import CHROMIUM, results_in
from tools.report_benchmark import exchanges, profile

CDR = "eRoamingChargeDetailRecord"
BROKEN = f"{CDR}.EvseID"
OWN = "window.owned=true"
HOSTILE = f'</script></svg></pre><script>{OWN}</script><img src=x onerror="{OWN}">'
AWAY = "<img src=http://pictures.example/a.png>![b](http://pictures.example/b.png)"


def allure_results(ran: Ran) -> list[dict[str, Any]]:
    files = (ran.folder / "allure-results").glob("*-result.json")
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def one(results: list[dict[str, Any]], verdict: str, name: str = "") -> dict[str, Any]:
    found = [
        result
        for result in results
        if {"name": "verdict", "value": verdict} in result["labels"] and name in result["fullName"]
    ]
    assert found, f"no test with the verdict {verdict} and the name {name}"
    return min(found, key=lambda result: str(result["fullName"]))


def attached(ran: Ran, holder: dict[str, Any], name: str) -> str:
    (source,) = (str(one["source"]) for one in holder["attachments"] if one["name"] == name)
    return (ran.folder / "allure-results" / source).read_text(encoding="utf-8")


def data_of(report: Path) -> dict[str, Any]:
    parts = unpacked(report.read_text(encoding="utf-8"))
    return {name: json.loads(part) for name, part in parts.items() if name.endswith(".json")}


@pytest.fixture(scope="module")
def faulty(shared_runs: SharedRuns) -> Ran:
    """A run against a target that leaves a mandatory field out."""

    def make(folder: Path) -> Ran:
        with reference_target("cpo", ("--fault", "cdr-without-evse-id")) as target:
            return run_suite(folder, target.profile(), "--operation", "eRoamingAuthorizeRemoteStop")

    return shared_runs("one operation of a faulty cpo", make)


@pytest.fixture(scope="module")
def hostile(shared_runs: SharedRuns) -> Ran:
    """A run against a target whose every answer wants to be a page."""
    words = f"{HOSTILE}{AWAY}"
    body = json.dumps({"Result": words, "StatusCode": {"Code": words, "Description": words}, words: words})

    def make(folder: Path) -> Ran:
        with raw_server(lambda connection: connection.sendall(answer(body.encode()))) as url:
            toml = cpo_profile(url).replace("A CPO", f"A <b>CPO</b> {AWAY}")
            operations = ("eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeStart")
            asked = ["--examples", "0", *(part for name in operations for part in ("--operation", name))]
            return run_suite(folder, toml, *asked)

    return shared_runs("hostile", make)


@pytest.fixture(scope="module")
def statement(faulty: Ran) -> Statement:
    return read(faulty.folder / "conformance.json")


# --- one test


def test_a_finding_is_a_red_step_with_the_marked_message(faulty: Ran) -> None:
    test = one(allure_results(faulty), "fail")
    step = next(step for step in test["steps"] if step["name"].startswith("FAIL"))
    assert step["name"] == f"FAIL {BROKEN}: EvseID is mandatory and missing"
    assert step["status"] == "failed"
    assert step["statusDetails"]["message"].strip() == "Broken: EvseID is mandatory and missing"
    assert not step["statusDetails"].get("trace"), "the suite's own code"
    words = attached(faulty, step, "what was broken")
    requirement = catalogue("cpo")[BROKEN]
    for part in (requirement.sentence, requirement.clause, requirement.url, "/EvseID", "nothing"):
        assert part in words
    marked = attached(faulty, step, "the message, marked").splitlines()
    (place,) = (number for number, line in enumerate(marked) if line.startswith(excerpt.MARK))
    assert '"EvseID" is not there' in marked[place]
    assert marked[place + 1].strip() == "^^^^^^^^ expected mandatory: EvseIDType; found nothing"


def test_the_command_of_a_finding_is_the_request(faulty: Ran) -> None:
    test = one(allure_results(faulty), "fail")
    step = next(step for step in test["steps"] if step["name"].startswith("FAIL"))
    number = int(re.findall(r"exchange: +(\d+)", attached(faulty, step, "what was broken"))[0])
    (exchange,) = (one for one in faulty.journal if one["number"] == number)
    command = attached(faulty, step, "curl: repeat it")
    assert exchange["path"] in command
    assert exchange["request"]["body"] in command


def test_exchanges_are_steps_in_order(faulty: Ran) -> None:
    for test in allure_results(faulty):
        steps = [step for step in test.get("steps", []) if re.match(r"\d+ [←→] ", step["name"])]
        numbers = [int(step["name"].split()[0]) for step in steps]
        assert numbers == sorted(numbers)
        for step in steps:
            shown = json.loads(attached(faulty, step, "request and response"))
            assert shown["request"]["method"] == "POST"
            broken = CDR in step["name"]
            is_red = broken and test["status"] == "failed"
            assert step["status"] == ("failed" if is_red else "passed")
            if is_red:
                assert BROKEN in step["statusDetails"]["message"]
    said = [step["name"] for step in one(allure_results(faulty), "fail")["steps"]]
    assert any(
        name.endswith("→ eRoamingAuthorizeRemoteStart: HTTP 200 · Result true · Code 000") for name in said
    )


def test_the_description_says_what_was_tested_and_what_was_broken(faulty: Ran) -> None:
    test = one(allure_results(faulty), "fail")
    page = test["descriptionHtml"]
    requirement = catalogue("cpo")[BROKEN]
    assert "<strong>fail</strong>" in page
    assert requirement.sentence in page
    assert "Why it matters" in page
    assert page.count("font-weight:bold") == 2  # the line with the mark, and the one with the carets
    assert "&#34;EvseID&#34; is not there" in page
    (link,) = (one for one in test["links"] if one["url"] == requirement.url)
    assert link["name"] == f"{requirement.clause}: {BROKEN}"
    assert test["statusDetails"]["message"].startswith(
        f"Broken: FAIL {BROKEN}: EvseID is mandatory and missing ("
    )
    picture = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert [base64.b64decode(one).decode() for one in picture] == [attached(faulty, test, "sequence diagram")]


def test_each_test_with_exchanges_has_its_diagram(faulty: Ran) -> None:
    drawn = 0
    for test in allure_results(faulty):
        steps = [step["name"] for step in test.get("steps", [])]
        numbers = [re.match(r"\d+", name)[0] for name in steps if re.match(r"\d+ [←→] ", name)]  # type: ignore[index]
        if not numbers:
            continue
        root = ET.fromstring(attached(faulty, test, "sequence diagram"))  # noqa: S314 - our own
        rows = [one.get("data-exchange") for one in root.iter() if one.get("data-exchange")]
        assert rows == numbers
        red = {one.get("data-exchange") for one in root.iter() if one.get("data-verdict") == "fail"}
        assert red == {name.split()[0] for name in steps if CDR in name and not name.startswith("FAIL")}
        drawn += 1
    assert drawn > 5


def test_what_is_inconclusive_says_what_to_do(hostile: Ran) -> None:
    page = one(allure_results(hostile), "inconclusive")["descriptionHtml"]
    assert "<strong>inconclusive</strong>: This could not be judged" in page
    assert "<strong>What to do:</strong> " in page
    assert "MUST be broken" not in page


# --- the run


def test_the_metadata_begin_with_the_verdict(faulty: Ran) -> None:
    text = (faulty.folder / "allure-results/environment.properties").read_text(encoding="utf-8")
    facts = dict(line.replace("\\ ", " ").split(" = ", 1) for line in text.splitlines())
    assert list(facts)[:3] == ["verdict", "certification", "target"]
    assert facts["verdict"] == "fail"
    assert facts["certification"].startswith("not ready: 1 requirement broken")
    assert facts["seed"] == "1"
    assert facts["MUST broken"] == "1"
    assert {"suite", "python", "pytest", "pydantic", "profile", "protocol"} <= facts.keys()


def test_the_summary_is_attached_to_the_run(faulty: Ran, statement: Statement) -> None:
    pages = [file.read_text(encoding="utf-8") for file in (faulty.folder / "allure-results").glob("*.txt")]
    (summary,) = (page for page in pages if page.startswith("OICP 2.3, CPO: "))
    said, _ = archive.read(faulty.folder / "journal.jsonl")
    assert summary == overview.summary(statement, said, faulty.folder.name)
    assert f"BROKEN REQUIREMENTS: 1 FAIL {BROKEN}: " in " ".join(summary.split())
    assert "INCONCLUSIVE, AND WHAT TO DO" in summary
    assert all(one.operation in summary for one in statement.operations)


def test_what_was_not_observed_says_what_to_do(statement: Statement, tmp_path: Path) -> None:
    rows = [
        statement.requirements[0].model_copy(
            update={"operation": name, "verdict": "inconclusive", "advice": f"Send {name}."}
        )
        for name in ("c", "b")
    ]
    change = {"missing": ["a or b", "d"], "partial": None, "requirements": rows}
    cases.write(tmp_path, statement.model_copy(update=change), [])
    written = [json.loads(file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()]
    said = {one["name"]: one["statusDetails"]["message"].removeprefix(one["name"]) for one in written}
    expected = {"a or b": "\n\nWhat to do: Send b.", "d": ""}
    assert said == {f"{name} is mandatory, and was not observed": more for name, more in expected.items()}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"verdict": "pass"}, "ready for certification"),
        (
            {"verdict": "partial", "partial": "only 3 of 9 tests run"},
            "certification: only 3 of 9 tests run",
        ),
        ({"verdict": "fail"}, "not ready for certification: the list of known deviations"),
        (
            {"verdict": "incomplete", "missing": ["a", "b"]},
            "2 mandatory operations not observed",
        ),
        ({"verdict": "incomplete", "stopped": "gone"}, "certification: the run stopped early"),
        ({"verdict": "error", "trouble": ["a bug"]}, "internal error of the suite"),
    ],
)
def test_whether_a_target_can_go_to_certification(
    statement: Statement, change: dict[str, Any], expected: str
) -> None:
    plain = statement.model_copy(
        update={"requirements": [], "missing": [], "stopped": None, "trouble": [], "partial": None, **change}
    )
    said = overview.title(plain)
    assert said.startswith(f"Reference CPO 1: {change['verdict']}; ")
    assert expected in said
    assert ("; ready" in said) == (change == {"verdict": "pass"})


def test_known_deviations_are_not_ready(statement: Statement) -> None:
    """A run that passes since all is known has broken MUSTs all the same."""
    passed = statement.model_copy(update={"verdict": "pass", "missing": []})
    assert "not ready for certification: 1 requirement broken" in overview.title(passed)


# --- the browser


def opened(report: Path, tests: list[str], log: Path) -> list[str]:
    """Open tests of a report with all that can be opened in them; gives the addresses that were asked for."""
    sync_playwright = pytest.importorskip("playwright.sync_api").sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND", f"--log-net-log={log}"],
        )
        page = browser.new_page(viewport={"width": 1400, "height": 3000})
        for test in tests:
            page.goto("about:blank")
            page.goto(f"{report.as_uri()}#/{test}")
            page.get_by_test_id("test-result-description-frame").wait_for()
            for _ in range(2):  # steps first, and then what is attached to them
                for button in page.get_by_test_id("test-result-attachment-header").all()[:40]:
                    button.click()
            page.wait_for_timeout(500)
            assert not any(frame.evaluate("window.owned") for frame in page.frames)
        browser.close()
    # What the browser asks on its own account is never about the page.
    own = re.compile(r"https?://[\w.-]+\.(google|googleapis|gvt1)\.com/")
    asked = re.findall(r'"url":"((?:https?|wss?|ftp)://[^"]*)"', log.read_text(encoding="utf-8"))
    return [url for url in asked if not own.match(url)]


@pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium installed: the report cannot be opened in a browser"
)
def test_nothing_that_a_target_sends_is_executed_or_fetched(hostile: Ran, tmp_path: Path) -> None:
    report = render([hostile.folder / "allure-results"], tmp_path / "report.html", title=HOSTILE)
    assert HOSTILE not in report.read_text(encoding="utf-8")
    tests = [one["id"] for one in results_in(data_of(report)) if one["status"] == "failed"]
    assert opened(report, tests[:2], tmp_path / "net.json") == []


@pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium installed: the report cannot be opened in a browser"
)
def test_the_report_of_a_real_run_asks_no_other_host(faulty: Ran, tmp_path: Path) -> None:
    report = render([faulty.folder / "allure-results"], tmp_path / "report.html", title="A report")
    tests = [one["id"] for one in results_in(data_of(report)) if one["status"] == "failed"]
    assert opened(report, tests[:1], tmp_path / "net.json") == []


# --- history


def test_history_over_three_runs(faulty: Ran, tmp_path: Path) -> None:
    """With another seed, port and time tests are the same; each run has its bar in the trend."""
    with reference_target("cpo") as target:
        healed = run_suite(
            tmp_path, target.profile(), "--operation", "eRoamingAuthorizeRemoteStop", "--seed", "2"
        )
    ids = [{result["historyId"] for result in allure_results(ran)} for ran in (faulty, healed)]
    assert ids[0] == ids[1]
    history = tmp_path / "new/history.jsonl"
    for ran in (faulty, healed, faulty):
        report = render([ran.folder / "allure-results"], tmp_path / "r.html", title="Run", history=history)
    assert not problem(history)
    data = data_of(report)
    (trend,) = (
        chart
        for chart in data["widgets/charts.json"]["general"].values()
        if chart["type"] == "statusDynamics"
    )
    failed = [bar["statistic"].get("failed", 0) for bar in trend["data"]]
    assert len(failed) == 3
    assert [bool(count) for count in failed] == [True, False, True]
    remembered = {
        tuple(before["status"] for before in test["history"])
        for test in results_in(data)
        if test["status"] == "failed"
    }
    assert remembered == {("passed", "failed")}


@pytest.mark.parametrize("content", [b"garbage\n", b"{}\n", b"[" * 100_000, b"\xff\xfe"])
def test_a_history_that_is_none(content: bytes, faulty: Ran, tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    history.write_bytes(content)
    with pytest.raises(RenderError, match=r"the history cannot be used: .*history\.jsonl: "):
        render([faulty.folder / "allure-results"], tmp_path / "r.html", title="Run", history=history)
    ran = run_suite(tmp_path, cpo_profile(), "--history", str(history))
    assert ran.exit_code == pytest.ExitCode.USAGE_ERROR
    assert f"--history {history}: " in ran.output
    assert history.read_bytes() == content


# --- what is large


def record(count: int, body: int = 400) -> Record:
    return Record(profile(), tuple(exchanges("t", 1, count, body)), ())


def found(exchange: Exchange, **more: Any) -> Outcome:
    values = {"pointer": "/ConsumedEnergy", "test": "t", **more}
    return Outcome(f"{CDR}.ConsumedEnergy", CDR, Verdict.FAIL, "wrong", exchange.number, **values)


def test_a_long_body_is_cut_and_says_where_it_is() -> None:
    (exchange,) = record(1, 100_000).exchanges
    shown = wire.http(exchange, profile())["request"]["body"]
    assert len(shown["value"]) < wire.BODY + 200
    assert shown["contentType"] == "text/plain"
    size = len(exchange.request.body)
    assert shown["value"].endswith(
        f"… cut: all {size} bytes are in journal.jsonl, in the exchange with the number 1"
    )


def test_a_short_body_is_whole() -> None:
    (exchange,) = record(1).exchanges
    shown = wire.http(exchange, profile())["request"]["body"]
    assert json.loads(shown["value"]) == exchange.request.json


@pytest.mark.parametrize(
    "body", [b"[" * 900 + b"]" * 900, b'{"a":' * 900 + b"1" + b"}" * 900, b"\xff\x00", b""]
)
def test_any_body_can_be_shown(body: bytes) -> None:
    (exchange,) = record(1).exchanges
    exchange = replace(exchange, request=Part((), body), answer=Part((), body))
    said = Record(profile(), (exchange,), ())
    account = Account("t", "c", CDR, [], "fail", said, "", [found(exchange, pointer="/a/a")])
    assert json.dumps(wire.http(exchange, profile()))
    assert account.page
    assert ET.fromstring(account.diagram) is not None  # noqa: S314 - our own


def test_exchanges_with_findings_are_never_left_out() -> None:
    said = record(3 * EXCHANGES)
    last = said.exchanges[-1]
    account = Account("t", "c", CDR, [], "fail", said, "", [found(last)])
    assert len(account.steps) == EXCHANGES
    assert last in account.steps


def test_many_findings_are_counted() -> None:
    said = record(3)
    findings = [found(said.exchanges[2], pointer=f"/{number}") for number in range(LISTED + 6)]
    page = Account("t", "c", CDR, [], "fail", said, "", findings).page
    assert page.count("<h3") == 1
    assert page.count("<li>") == LISTED + 1
    assert "and 5 more" in page


def write_results(folder: Path) -> None:
    folder.mkdir()
    for number, status in enumerate(("passed", "passed", "failed")):
        steps = [
            {"name": "1", "status": "passed", "attachments": [{"source": f"{number}a", "type": wire.HTTP}]},
            {"name": "2", "status": "failed", "attachments": [{"source": f"{number}b", "type": wire.HTTP}]},
            {
                "name": "3",
                "status": "passed",
                "attachments": [{"source": f"{number}c", "type": "text/plain"}],
            },
        ]
        picture = [{"source": f"{number}d", "type": "image/svg+xml"}]
        result = {"status": status, "steps": steps, "attachments": picture}
        (folder / f"{number}-result.json").write_text(json.dumps(result), encoding="utf-8")
        for name in "abcd":
            (folder / f"{number}{name}").write_bytes(b"x" * (10_000 + number))


@pytest.mark.parametrize(
    ("room", "gone"),
    [
        (0, set()),
        (5_000, {"1a"}),
        (15_000, {"0a", "1a"}),
        (25_000, {"0a", "1a", "2d"}),
        (55_000, {"0a", "1a", "0d", "1d", "2d", "2a"}),
        (10**6, {"0a", "1a", "0d", "1d", "2d", "2a"}),
    ],
)
def test_what_is_needed_least_goes_first(room: int, gone: set[str], tmp_path: Path) -> None:
    """Of what passed first the exchanges, then the diagrams; never what was found, and the words for it."""
    folder = tmp_path / "results"
    write_results(folder)
    before = slim([folder], limit=10**9)
    files = {file.name for file in folder.iterdir()}
    left = slim([folder], limit=before - room)
    assert files - {file.name for file in folder.iterdir()} == gone
    assert left <= before - room or room >= 55_000
    for number in range(3):
        result = json.loads((folder / f"{number}-result.json").read_text(encoding="utf-8"))
        sources = [one["source"] for step in result["steps"] for one in step.get("attachments", [])]
        sources += [one["source"] for one in result["attachments"]]
        assert all((folder / source).exists() for source in sources)
        said = [step["name"] for step in result["steps"] if "journal.jsonl" in step["name"]]
        assert len(said) == (f"{number}a" in gone)


# --- the message, and the command


@pytest.mark.parametrize(
    ("value", "pointer", "line"),
    [
        ({"a": 1, "b": {"c": [1, {"d": 2}]}}, "/b/c/1/d", '>>         "d": 2'),
        ({"a": 1}, "/b", '>>   "b" is not there'),
        ({"a/b": {"c~d": 1}}, "/a~1b/c~0d", '>>     "c~d": 1'),
        ([1, 2], "/5", ">>   [5] is not there"),
        ({"a": 1}, "", ">> {"),
        ("text", "", '>> "text"'),
        ({"a": "x" * 5000}, "/a", f'>>   "a": "{"x" * 159}… (5002 characters)'),
    ],
)
def test_the_place_is_marked(value: object, pointer: str, line: str) -> None:
    lines = excerpt.marked(value, pointer, "a note").splitlines()
    assert [one for one in lines if one.startswith(">>")] == [line]
    assert re.fullmatch(r" +\^+ a note", lines[lines.index(line) + 1])


def test_of_a_large_message_only_what_is_near_is_shown() -> None:
    records = [{"EvseID": f"DE*ABC*E{number}", "Plugs": ["a"] * 20} for number in range(50_000)]
    text = excerpt.marked(
        {"ActionType": "fullLoad", "OperatorEvseData": {"Records": records}},
        "/OperatorEvseData/Records/41234/Plugs/3",
    )
    assert len(text.splitlines()) < 60
    assert "DE*ABC*E41234" in text
    assert "elements" in text


@pytest.fixture
def recorder() -> Iterator[HTTPServer]:
    with HTTPServer() as server:
        server.expect_request(re.compile(".*")).respond_with_data("")
        yield server


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "it\'s $HOME `ls` \\\\ \xc3\xa4"}',
        b"@/etc/hostname",
        b"\xff\x00\n",
        b'{"a": "' + b"x" * 50_000 + b'"}',
        b"\xff" * 50_000,
    ],
    ids=["quotes", "at", "bytes", "long", "long bytes"],
)
def test_the_command_sends_the_same_again(body: bytes, recorder: HTTPServer, tmp_path: Path) -> None:
    """Run by a shell beside the journal, where a long body comes out of."""
    (exchange,) = record(1).exchanges
    headers = (
        ("Content-Type", "application/json"),
        ("Host", "x"),
        ("X-Own", "it's"),
        ("Content-Length", "7"),
    )
    exchange = replace(exchange, request=Part(headers, body))
    (tmp_path / wire.JOURNAL).write_text(json.dumps(exchange.as_json()) + "\n", encoding="utf-8")
    target = profile().target.model_copy(update={"base_url": f"{recorder.url_for('')}own"})
    said = Record(profile().model_copy(update={"target": target}), (exchange,), ())
    command = again(exchange, said)
    assert len(command) < 20_000
    try:
        subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True, timeout=20)  # noqa: S603, S607
    except subprocess.CalledProcessError as error:
        if error.returncode == 127:
            pytest.skip("no curl or jq here")
        raise
    ((request, _),) = recorder.log
    assert request.path == f"/own{exchange.path}"
    assert request.data == body
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["X-Own"] == "it's"


def test_what_the_target_sent_is_sent_to_the_hub() -> None:
    said = record(3)
    evidence = Evidence(found(said.exchanges[2]), said)
    assert f"http://{profile().hub.listen}{said.exchanges[2].path}" in evidence.again
    assert evidence.half == "request"
