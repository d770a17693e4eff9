"""Measures the report of a large run: how long it takes to write and to render, how big it is, how it opens.

`python -m tools.report_benchmark [--tests 500] [--exchanges 4] [--broken 10] [--body 400]`

The run is made up, and goes through what writes a real one: pytest with allure-pytest, the account of each
test, the rendering. It is opened in Chromium, if there is one and Playwright is installed.
"""

import argparse
import contextlib
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, held
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.profile import Profile
from oicp_conformance.reporting import results
from oicp_conformance.reporting.account import Account
from oicp_conformance.reporting.render import render

_HEADERS = (("Content-Type", "application/json"), ("Host", "127.0.0.1:8600"), ("Accept", "application/json"))
_START, _STOP, _CDR = (
    "eRoamingAuthorizeRemoteStart",
    "eRoamingAuthorizeRemoteStop",
    "eRoamingChargeDetailRecord",
)
_WHERE = {"operatorID": "DE*ABC", "providerID": "DE-DCB"}


def profile() -> Profile:
    """The profile of a CPO that needs not be there."""
    return Profile.model_validate(
        {
            "target": {"name": "Benchmark", "role": "cpo", "base_url": "http://127.0.0.1:9"},
            "partner": {"operator_id": "DE*ABC", "evse_ids": ["DE*ABC*E1*1"]},
        }
    )


def exchanges(test: str, first: int, count: int, body: int) -> Iterator[Exchange]:
    """What is said in one test, with bodies of about so many bytes."""
    random_ = random.Random(first)  # noqa: S311 - no secret
    session = f"{random_.getrandbits(32):08x}-e62f-435b-aea4-4573097e1f10"
    for number in range(first, first + count):
        operation = BY_NAME[(_START, _STOP, _CDR)[(number - first) % 3]]
        message = {"SessionID": session, "EvseID": "DE*ABC*E1*1", "ConsumedEnergy": random_.random() * 50}
        message["CPOPartnerSessionID"] = "".join(random_.choices("ABCDEF0123456789", k=max(1, body - 120)))
        answer = {"Result": True, "SessionID": session, "StatusCode": {"Code": "000"}}
        by_target = operation.name == _CDR
        yield Exchange(
            number=number,
            direction="target-to-hub" if by_target else "hub-to-target",
            operation=operation.name,
            method="POST",
            path=operation.path_for(_WHERE),
            request=Part(_HEADERS, json.dumps(message).encode()),
            started=1.8e9 + number / 50,
            finished=1.8e9 + number / 50 + 0.01,
            status=200,
            answer=Part(_HEADERS[:1], json.dumps(answer).encode()),
            test=test,
        )


class Benchmark:
    """A plugin of pytest: each test has its account, and every so manieth is broken."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._profile = profile()
        self._first = 1

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Tell the report what became of a test."""
        yield
        count = self._options.exchanges
        said = tuple(exchanges(item.nodeid, self._first, count, self._options.body))
        self._first += count
        record = Record(self._profile, said, ())
        broken = self._options.broken and self._first // count % self._options.broken == 0
        findings = [_finding(said[-1])] if broken else []
        requirements = [f"{_CDR}.ConsumedEnergy", "http.json", "http.answered"]
        verdict = "fail" if broken else "pass"
        results.title(item)
        results.describe(record.party, said[0].operation or "", requirements)
        claim = "A charge that was started is stopped, and its charge detail record comes."
        operation = said[0].operation or ""
        results.tell(Account(item.nodeid, claim, operation, requirements, verdict, record, "", findings))
        if findings:
            raise AssertionError(results.headlines(findings, record))


def _finding(exchange: Exchange) -> Outcome:
    looked = held(f"{_CDR}.ConsumedEnergy", exchange, _CDR)
    return Outcome(
        looked.requirement,
        _CDR,
        Verdict.FAIL,
        "ConsumedEnergy has more than three decimals",
        exchange.number,
        "/ConsumedEnergy",
        "a number with at most three decimals",
        str(exchange.request.get("ConsumedEnergy")),
        test=exchange.test,
    )


def write(folder: Path, options: argparse.Namespace) -> None:
    """Run the made-up tests."""
    module = folder / "test_made_up.py"
    module.write_text(
        "import pytest\n\n"
        f"@pytest.mark.parametrize('number', range({options.tests}))\n"
        "def test_charge_is_settled(number):\n    pass\n",
        encoding="utf-8",
    )
    settings = folder / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")
    arguments = [str(module), "-c", str(settings), "--rootdir", str(folder), "-q"]
    arguments += ["--alluredir", str(folder / "allure-results"), "--clean-alluredir"]
    arguments += ["-p", "no:cacheprovider", "-p", "no:schemathesis"]
    with (folder / "console.txt").open("w", encoding="utf-8") as out, contextlib.redirect_stdout(out):
        code = pytest.main(arguments, [Benchmark(options)])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        raise SystemExit(f"the tests did not run: see {folder / 'console.txt'}")


def opened(report: Path) -> dict[str, float] | None:
    """Seconds until a browser shows the tests, by its own clock, and until it has nothing more to do.

    None where there is no browser to try it with.
    """
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only who measures needs it
    except ImportError:
        return None
    if chromium is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            page = browser.new_page()
            began = time.monotonic()
            page.goto(report.as_uri(), wait_until="commit")
            page.get_by_text("charge is settled").first.wait_for(timeout=60_000)
            tests = time.monotonic() - began
            page.wait_for_load_state("networkidle")
            idle = time.monotonic() - began
        finally:
            browser.close()
    return {"the tests are there": tests, "it has nothing more to do": idle}


def _timed(what: str, work: Any, *given: Any) -> float:
    began = time.monotonic()
    work(*given)
    return _told(what, time.monotonic() - began)


def _told(what: str, seconds: float) -> float:
    sys.stdout.write(f"{what:<58}{seconds:7.2f} s\n")
    sys.stdout.flush()
    return seconds


def measure(options: argparse.Namespace, folder: Path) -> None:
    """Write, render and open a report, and tell how that went."""
    total = options.tests * options.exchanges
    sys.stdout.write(f"{options.tests} tests with {total} exchanges, one of {options.broken} broken\n")
    _timed("the results written", write, folder, options)
    size = sum(file.stat().st_size for file in (folder / "allure-results").iterdir()) / 1e6
    report = folder / "report.html"
    _timed("report.html rendered", lambda: render([folder / "allure-results"], report, title="Benchmark"))
    sys.stdout.write(f"results {size:.1f} MB, report.html {report.stat().st_size / 1e6:.1f} MB\n")
    times = opened(report)
    if times is None:
        sys.stdout.write("not opened: that needs Chromium, and pip install playwright\n")
    for what, seconds in (times or {}).items():
        _told(f"opened, until {what}", seconds)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tests", type=int, default=500)
    parser.add_argument("--exchanges", type=int, default=4, help="in each test")
    parser.add_argument("--broken", type=int, default=10, help="break one of so many tests (0: none)")
    parser.add_argument("--body", type=int, default=400, help="bytes of a request")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep results and report here")
    options = parser.parse_args()
    if options.tests < 1 or options.exchanges < 1:
        parser.error("--tests and --exchanges: at least 1")
    with tempfile.TemporaryDirectory(prefix="oicp-report-benchmark-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        measure(options, folder)


if __name__ == "__main__":
    main()
