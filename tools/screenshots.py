"""Photographs all pages that the suite writes: `python -m tools.screenshots --out DIR [--only NAME ...]`.

Each page is shown as wide as a desktop and as a phone, light and dark. The runs are those of the reference
CPO with and without faults; a run whose reports are in DIR already is not repeated. It needs Chromium, and
the tests' dependencies.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import sync_playwright

from oicp_conformance import embedded
from oicp_conformance import profile as profiles
from oicp_conformance.batch import overview
from oicp_conformance.batch.plan import One
from oicp_conformance.batch.side_by_side import Ended
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.testing import hub_for
from tools.load import Case
from tools.load import run as put_load

ROOT = Path(__file__).parent.parent
SIZES = {1400: 1000, 390: 844}
"""Width and height of a desktop's window, and of a phone's, in pixels."""
SCHEMES = ("light", "dark")
CDR, START = "eRoamingChargeDetailRecord", "eRoamingAuthorizeStart"
WHERE = {"operatorID": "DE*ABC"}
THREE = ("cdr-without-evse-id", "evsestatus-never-free", "cdr-for-refused-remote-start")
_KNOWN = f"""\
[[deviation]]
requirement = "{CDR}.EvseID"
reason = "The field is called EVSE in our database"
ticket = "CPO-17"
owner = "backend"
expires = 2099-12-31
"""


@dataclass(frozen=True)
class Kind:
    """A kind of run: what is wrong with the target, and how it is judged."""

    faults: Sequence[str] = ()
    driver: str | None = None
    deviations: bool = False


KINDS = {
    "one-defect": Kind(THREE[:1]),
    "three-defects": Kind(THREE),
    "incomplete": Kind(driver="none"),
    "known-deviations": Kind(THREE[:1], deviations=True),
    "all-well": Kind(),
}


def judge(kind: Kind, folder: Path) -> Path:
    """Judge the reference CPO, and return the folder with the reports."""
    report = folder / "report"
    if (report / "report.html").exists():
        return report
    folder.mkdir(parents=True, exist_ok=True)
    port = embedded.free_port()
    options = [part for fault in kind.faults for part in ("--fault", fault)]
    with embedded.reference(
        "cpo", f"http://127.0.0.1:{port}", options=options, package="fixtures", cwd=ROOT
    ) as it:
        profile = folder / "profile.toml"
        text = embedded.profile("cpo", port, it, wait=1.0)
        if kind.driver:
            text = f'{text.partition("[stimuli]")[0]}[stimuli]\ndriver = "{kind.driver}"\nwait = 0.2\n'
        profile.write_text(text, encoding="utf-8")
        command = ["run", "--target", str(profile), "--report-dir", str(report), "--examples", "0"]
        if kind.deviations:
            known = folder / "deviations.toml"
            known.write_text(_KNOWN, encoding="utf-8")
            command += ["--deviations", str(known)]
        ours(*command)
    return report


def ours(*arguments: str) -> str:
    """Run a command of the suite, and return what it wrote."""
    command = [sys.executable, "-m", "oicp_conformance", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)  # noqa: S603 - our own
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def of_kind(name: str) -> Callable[[Path], Iterator[tuple[str, str]]]:
    """The two reports of a kind of run."""

    def pages(out: Path) -> Iterator[tuple[str, str]]:
        report = judge(KINDS[name], out / "runs" / name)
        for page in ("conformance", "report"):
            yield f"{name}-{page}", (report / f"{page}.html").as_uri()

    return pages


def comparison(out: Path) -> Iterator[tuple[str, str]]:
    """The comparison of a run without and one with a defect."""
    before, after = (judge(KINDS[name], out / "runs" / name) for name in ("all-well", "one-defect"))
    page = out / "runs" / "compared.html"
    ours("compare", str(before), str(after), "--html", str(page))
    yield "compared", page.as_uri()


def batch(out: Path) -> Iterator[tuple[str, str]]:
    """The overview of several targets: all kinds of runs."""
    rows = []
    for name, kind in KINDS.items():
        folder = judge(kind, out / "runs" / name)
        file = folder.parent / "profile.toml"
        one = One(name, file, profiles.load(file, operations=BY_NAME))
        rows.append(overview.row(Ended(one, 0, 12.0), folder))
    yield "batch", overview.write(rows, out / "runs").as_uri()


def load(out: Path) -> Iterator[tuple[str, str]]:
    """The report of a load."""
    folder = out / "runs" / "load"
    page = folder / "out" / "load.html"
    if not page.exists():
        folder.mkdir(parents=True, exist_ok=True)
        put_load(Case("screenshots", "emp"), folder, 30, 5.0)
    yield "load", page.as_uri()


def desk(out: Path) -> Iterator[tuple[str, str]]:
    """The live page of a hub to which a CPO has sent a good and a bad request."""
    del out
    with hub_for("cpo") as hub:
        card = {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}
        start = {"OperatorID": "DE*ABC", "EvseID": "DE*ABC*E1*1", "Identification": card}
        answer = httpx.post(f"{hub.url}{BY_NAME[START].path_for(WHERE)}", json=start)
        cdr = {"SessionID": answer.json()["SessionID"], "EvseID": 7}
        httpx.post(f"{hub.url}{BY_NAME[CDR].path_for(WHERE)}", json=cdr)
        yield "desk", hub.control_url


PAGES = {
    **{name: of_kind(name) for name in KINDS},
    "compared": comparison,
    "batch": batch,
    "load": load,
    "desk": desk,
}


def photograph(browser: Any, name: str, url: str, out: Path) -> list[str]:
    """Photograph a page in all sizes and schemes; return what reaches beyond the width of the window."""
    wide = []
    for width, height in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            page = context.new_page()
            page.goto(url)
            # Allure draws the page by itself, and the live page goes on listening.
            page.get_by_text("Powered by" if name.endswith("-report") else "OICP").first.wait_for()
            page.wait_for_timeout(2_000 if name.endswith("-report") else 300)
            # Allure scrolls in a part of its page; the pages of ours can be as long as a book.
            full = not name.endswith("-report")
            tall = page.evaluate("document.documentElement.scrollHeight") if full else height
            clip = {"x": 0, "y": 0, "width": width, "height": min(tall, 3 * height)}
            page.screenshot(path=out / f"{name}-{width}-{scheme}.png", full_page=full, clip=clip)
            if (real := page.evaluate("document.documentElement.scrollWidth")) > width:
                wide.append(f"{name} at {width} {scheme}: {real} pixels wide")
            context.close()
    return wide


def main() -> int:
    """Photograph the pages, and complain of those that are wider than their window."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--only", nargs="+", choices=PAGES, default=list(PAGES), metavar="NAME", help=", ".join(PAGES)
    )
    given = parser.parse_args()
    out = given.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    wide: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            for which in given.only:
                for name, url in PAGES[which](out):
                    wide += photograph(browser, name, url, out)
                    sys.stdout.write(f"{name}\n")
                    sys.stdout.flush()
        finally:
            browser.close()
    sys.stdout.write("".join(f"too wide: {one}\n" for one in wide))
    return int(bool(wide))


if __name__ == "__main__":
    sys.exit(main())
