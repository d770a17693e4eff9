"""One defect, seen from the front door: the first item of each output is the defect, little else is red."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.profile import load
from oicp_conformance.reporting import finding
from selftest.shared_runs import SharedRuns
from selftest.support import PAGE, Ran, reference_target, run_command, run_suite
from selftest.test_render import CHROMIUM

CDR = "eRoamingChargeDetailRecord"
BROKEN = f"{CDR}.EvseID"
FAULT = ("--fault", "cdr-without-evse-id")
SOME = "test_card_authorized_by_broadcast or test_card_session or (test_cdr_whose and 500) or test_prices"
PATIENCE = 300.0


def some(options: Sequence[str], folder: Path) -> Ran:
    """A run of some tests, with its page."""
    with reference_target("cpo", options) as target:
        return run_suite(folder, target.profile(), "-k", SOME, PAGE, seconds=PATIENCE)


@pytest.fixture(scope="module")
def faulty(shared_runs: SharedRuns) -> Ran:
    return shared_runs("some tests of a faulty cpo", partial(some, FAULT))


@pytest.fixture(scope="module")
def well(shared_runs: SharedRuns) -> Ran:
    return shared_runs("some tests of a cpo", partial(some, ()))


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield started.new_page(viewport={"width": 1400, "height": 1000})
        finally:
            started.close()


def results(ran: Ran) -> list[dict[str, Any]]:
    files = (ran.folder / "allure-results").glob("*-result.json")
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def label(result: dict[str, Any], name: str) -> list[str]:
    return [one["value"] for one in result["labels"] if one["name"] == name]


def test_allure_has_one_red_test_and_its_consequences_in_one_group(faulty: Ran) -> None:
    group = [one for one in results(faulty) if label(one, "broken") == [BROKEN]]
    assert Counter(one["status"] for one in group)["failed"] == 1
    verdicts = Counter(label(one, "verdict")[0] for one in group)
    assert verdicts.keys() == {"fail", "consequence"}
    assert verdicts["consequence"] > 1
    assert not [one for one in results(faulty) if one["status"] == "failed" and one not in group]
    red = [
        step["name"]
        for one in group
        if label(one, "verdict") == ["consequence"]
        for step in one["steps"]
        if step["status"] != "passed"
    ]
    assert red == []


def test_allure_opens_on_the_defect(faulty: Ran, browser: Page) -> None:
    browser.goto((faulty.folder / "report.html").as_uri())
    browser.get_by_text(BROKEN).first.wait_for(timeout=60_000)
    ring = browser.locator('article[class*="styles_chart__"]').first
    assert ring.locator("path").count() == 1
    assert "status-failed" in str(ring.locator("path").get_attribute("fill"))
    word = ring.locator("b").evaluate(
        "it => [getComputedStyle(it).fontSize, getComputedStyle(it, '::after').content]"
    )
    assert word == ["0px", '"fail"']
    text = browser.inner_text("body")
    tree = text[text.index("Sort by") :]
    lines = [line.strip() for line in tree.splitlines() if line.strip()]
    assert next(line for line in lines if "." in line or "roaming" in line.lower()) == BROKEN
    browser.set_viewport_size({"width": 390, "height": 844})
    title = browser.get_by_test_id("tree-section-title").first
    assert title.inner_text() == BROKEN
    assert title.evaluate("it => it.scrollWidth <= it.clientWidth")
    assert title.evaluate("it => it.getBoundingClientRect().bottom") < 700
    browser.set_viewport_size({"width": 1400, "height": 1000})


def test_the_page_opens_on_the_defect(faulty: Ran, browser: Page) -> None:
    browser.goto((faulty.folder / "conformance.html").as_uri())
    first = browser.locator("main summary").first.inner_text()
    assert first.startswith(f"FAIL {BROKEN} EvseID is mandatory and missing")
    assert '"EvseID" is not there' in browser.locator("main mark").first.inner_text()
    for width in (1400, 390):
        browser.set_viewport_size({"width": width, "height": 1000})
        assert browser.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.long(15)
def test_the_pages_have_no_barrier(faulty: Ran, well: Ran, browser: Page, tmp_path: Path) -> None:
    """What axe calls serious or critical; that it finds one is shown by a page without a language."""
    compared, bare = tmp_path / "compared.html", tmp_path / "bare.html"
    before, after = as_whole(well, tmp_path / "before.json"), as_whole(faulty, tmp_path / "after.json")
    assert asked("compare", before, after, "--html", compared)[0] == 1
    bare.write_text("<!DOCTYPE html><title>A page</title><p>Text", encoding="utf-8")
    pages = [*(ran.folder / "conformance.html" for ran in (faulty, well)), compared]
    assert barriers(browser, bare) == {"html-has-lang"}
    for scheme in ("light", "dark"):
        browser.emulate_media(color_scheme=scheme)
        for page in pages:
            assert barriers(browser, page) == set(), (page, scheme)
    browser.emulate_media(color_scheme="light")


def barriers(browser: Page, page: Path) -> set[str]:
    """The rules that a page breaks for readers who do not see it, or see little."""
    browser.goto(page.as_uri())
    found = Axe().run(browser).response["violations"]
    return {one["id"] for one in found if one["impact"] in {"serious", "critical"}}


def test_the_comparison_opens_on_what_broke(faulty: Ran, well: Ran, browser: Page, tmp_path: Path) -> None:
    page = tmp_path / "compared.html"
    before, after = as_whole(well, tmp_path / "before.json"), as_whole(faulty, tmp_path / "after.json")
    code, said = asked("compare", before, after, "--html", page)
    assert code == 1
    assert BROKEN in said
    browser.goto(page.as_uri())
    text = browser.inner_text("main")
    assert text.index(BROKEN) < 600
    # Counts and times of both runs; only that a count is another one says something.
    assert browser.locator("tr:has-text('broken requirements') b").inner_text() == "1"
    times = browser.locator("tr:has-text('stimulus to call')").first
    assert re.fullmatch(r"[\d.]+, [\d.]+", times.locator("td").nth(1).inner_text())
    assert times.locator("b").count() == 0
    code, said = asked("compare", after, after, "--html", page)
    assert code == 0, said


def as_whole(ran: Ran, file: Path) -> Path:
    """Its statement as if no test had been left out: only whole runs are compared."""
    file.write_text(json.dumps(ran.statement | {"partial": None, "verdict": "fail"}), encoding="utf-8")
    return file


def test_the_console_tells_the_defect_after_the_verdict(faulty: Ran) -> None:
    after = faulty.output.partition("VERDICT of")[2]
    assert re.findall(r"^(?:\d+\. )?(?:FAIL|WARN|KNOWN) (\S+):", after, re.MULTILINE) == [BROKEN]


def test_where_all_is_well_nothing_is_red(well: Ran, browser: Page) -> None:
    assert not [
        one for one in results(well) if one["status"] in {"failed", "broken"} and label(one, "broken")
    ]
    browser.goto((well.folder / "conformance.html").as_uri())
    assert browser.locator(".broken").count() == 0
    assert "broken: " not in well.output


def test_a_finding_is_still_so_or_gone(faulty: Ran, tmp_path: Path) -> None:
    states = []
    for options in (FAULT, ()):
        with reference_target("cpo", options) as target:
            file = tmp_path / "profile.toml"
            file.write_text(target.profile(), encoding="utf-8")
            replayed = finding.replay(faulty.folder, "1", file)
        states.append(replayed.state)
        assert load(file, operations=BY_NAME).target.role == "cpo"
    assert states == ["still so", "gone"]
    assert finding.in_words(replayed, "1").startswith("1: gone: ")


def asked(*arguments: str | Path) -> tuple[int, str]:
    """Run the command; gives its exit code, and what it says or complains of."""
    done = run_command(*arguments, seconds=PATIENCE)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def test_the_commands_show_and_replay(faulty: Ran, tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    shown = asked("show", faulty.folder, "2")
    assert shown == (0, finding.show(faulty.folder, 2))
    for options, code, state in ((FAULT, 1, "still so"), ((), 0, "gone")):
        with reference_target("cpo", options) as target:
            file.write_text(target.profile(), encoding="utf-8")
            exit_code, said = asked("replay", faulty.folder, BROKEN, "--target", file)
        assert exit_code == code, said
        assert said.startswith(f"{BROKEN}: {state}: ")
    # The target is gone by now.
    exit_code, said = asked("replay", faulty.folder, "1", "--target", file)
    assert exit_code == 1
    assert said.startswith("error: 1: not observed: ")
    assert said.count("\n") == 1


def test_the_commands_complain_in_one_line(faulty: Ran, tmp_path: Path) -> None:
    last = len(faulty.journal)
    for arguments, text in (
        (("show", faulty.folder, "99999"), f"exchange 99999: no such exchange; the run has {last}"),
        (("replay", faulty.folder, "7"), "7: no such finding; expected 1 to 1, or a requirement"),
        (("replay", faulty.folder, "1", "--hurl", tmp_path), f"--hurl {tmp_path}: Is a directory"),
    ):
        assert asked(*arguments) == (4, f"error: {text}\n")


def test_exchange_that_is_not_in_the_journal_is_not_replayed(faulty: Ran, tmp_path: Path) -> None:
    for name in ("conformance.json", "run.json", "notes.jsonl"):
        (tmp_path / name).write_bytes((faulty.folder / name).read_bytes())
    (tmp_path / "journal.jsonl").touch()
    code, said = asked("replay", tmp_path, "1")
    assert code == 4
    assert re.fullmatch(rf"error: 1: exchange \d+ is not in {tmp_path}/journal.jsonl\n", said)


def test_the_command_writes_hurl_and_plays_nothing(faulty: Ran, tmp_path: Path) -> None:
    file = tmp_path / "finding.hurl"
    assert asked("replay", faulty.folder, "1", "--hurl", file) == (0, f"{file}\n")
    assert file.read_text(encoding="utf-8") == finding.as_hurl(faulty.folder, "1")


def test_an_exchange_is_shown_with_its_mark(faulty: Ran) -> None:
    shown = finding.show(faulty.folder, 2)
    assert f"FAIL {BROKEN}: EvseID is mandatory and missing" in shown
    assert '>>   "EvseID" is not there' in shown
    with pytest.raises(finding.RunError, match="exchange 99999: no such exchange"):
        finding.show(faulty.folder, 99999)


@pytest.mark.parametrize(("asked", "said"), [("7", "7: no such finding"), ("1@1", "not found broken in")])
def test_a_finding_that_is_none(faulty: Ran, asked: str, said: str) -> None:
    with pytest.raises(finding.RunError, match=said):
        finding.as_hurl(faulty.folder, asked)


def test_a_finding_as_hurl_and_the_journal_as_har(faulty: Ran) -> None:
    text = finding.as_hurl(faulty.folder, BROKEN)
    assert text.startswith(f"# FAIL {BROKEN}: ")
    assert re.findall(r'"stimulus": "([^"]+)"', text) == ["eRoamingAuthorizeStart", "plug-in", CDR]
    # The hub is reset, answers as in the run, waits for both requests of the target, and gives its findings.
    assert (text.count("\nPOST http"), text.count("\nGET http"), text.count("\nHTTP ")) == (5, 3, 8)
    assert f"@.requirement == '{BROKEN}'" in text
    har = json.loads((faulty.folder / "journal.har").read_text(encoding="utf-8"))
    assert len(har["log"]["entries"]) == len(faulty.journal)
    assert har["log"]["version"] == "1.2"
