"""Render Allure results into one HTML file that opens by itself, from anywhere, without a network."""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from oicp_conformance.reporting import node, ring, tree
from oicp_conformance.reporting.history import problem
from oicp_conformance.reporting.install import allure
from oicp_conformance.reporting.offline import keep_at_home
from oicp_conformance.reporting.packed import packed
from oicp_conformance.reporting.render_error import RenderError
from oicp_conformance.reporting.staging import LABEL, Folder, stage

__all__ = ["RenderError", "render"]

TIMEOUT = 300.0
# What allure-pytest adds about the machine and the Python files: no part of what is reported.
HIDDEN = [LABEL, "host", "thread", "framework", "language", "package", "parentSuite", "suite", "subSuite"]


def render(
    results: Sequence[Path],
    report: Path,
    *,
    title: str,
    history: Path | None = None,
    cache: Path | None = None,
) -> Path:
    """Render folders of Allure results into the one file `report`, and return it.

    `history` is a file of Allure's, which grows by this run and gives the report its trends.
    `cache` is where Allure is kept, if not where a user keeps caches.
    """
    if history is not None and (text := problem(history)):
        raise RenderError(f"the history cannot be used: {text}")
    try:
        html = _html(results, title=title, history=history, cache=cache)
    except OSError as error:
        raise RenderError(f"cannot render {report}: {error}") from error
    report = report.absolute()
    _write(report, html)
    return report


def _html(results: Sequence[Path], *, title: str, history: Path | None, cache: Path | None) -> str:
    with tempfile.TemporaryDirectory(prefix="oicp-report-") as temporary:
        work = Path(temporary).resolve()
        folders = stage(results, work / "results")
        settings = configuration(folders, output=work / "report", title=title, history=history)
        # As a program, because a matcher of Allure's is a function, which JSON cannot hold.
        (work / "allurerc.mjs").write_text(_PROGRAM % json.dumps(settings), encoding="utf-8")
        sources = [f"results/{folder.label}" for folder in folders]
        said = node.run(
            [allure(cache), "generate", "--config", "allurerc.mjs", *sources, "results/merged"],
            cwd=work,
            timeout=TIMEOUT,
            doing="rendering with Allure",
        )
        written = work / "report/index.html"
        if not written.is_file():
            raise RenderError("rendering with Allure: it wrote no report", detail=said[-1000:])
        html = written.read_text(encoding="utf-8")
        html = tree.in_order(html, tree.ranks([folder.broken for folder in folders]))
        html = ring.of_verdicts(html, {folder.label: folder.verdict for folder in folders})
        return keep_at_home(packed(html))


def configuration(
    folders: Sequence[Folder], *, output: Path, title: str, history: Path | None
) -> dict[str, Any]:
    """Allure's settings: how tests are grouped, which categories there are, what is shown."""
    several = len(folders) > 1
    # An epic that is the same for a whole folder says nothing that the folder does not.
    epic = ["epic"] if any(len(folder.epics) > 1 for folder in folders) else []
    settings: dict[str, Any] = {
        "name": title,
        "output": str(output),
        "hideLabels": HIDDEN,
        "categories": _categories(several=several),
        "plugins": {
            "awesome": {
                "options": {
                    "singleFile": True,
                    "groupBy": ["broken", "verdict", *epic, "feature"],
                    "defaultSortBy": tree.SORTED_BY,
                    "reportLanguage": "en",
                    "charts": CHARTS if history is None else [*CHARTS, TREND],
                }
            },
            "agent": {"enabled": False},
        },
    }
    if several:
        settings["environments"] = {folder.label: {"name": folder.name} for folder in folders}
    if history is not None:
        settings["historyPath"] = str(history.absolute())
    return settings


def _categories(*, several: bool) -> list[dict[str, Any]]:
    grouping = ["environment"] if several else []
    by_operation = {"groupBy": [*grouping, {"label": "feature"}], "groupEnvironments": False}

    def verdict(name: str, verdict: str) -> dict[str, Any]:
        return {
            "name": name,
            "matchers": {"labels": {"verdict": f"^{verdict}$"}},
            "groupByMessage": False,
            **by_operation,
        }

    return [
        {**verdict("MUST broken", "fail"), "expand": True},
        verdict("Incomplete: mandatory, and not observed", "incomplete"),
        verdict("Consequences: the same defect as in an earlier test", "consequence"),
        verdict("Known deviations", "known-deviation"),
        # A warning on a MUST is one where the official documents disagree.
        verdict("SHOULD broken, or a MUST that is disputed", "warning"),
        verdict("Inconclusive", "inconclusive"),
        verdict("Not applicable", "not-applicable"),
        # Allure adds two categories of its own, for all else that failed or broke: these ids rename them.
        {**verdict("Internal errors of the suite", "error"), "id": "_test_errors_default_category"},
        {
            "name": "Failed without a verdict",
            "id": "_product_errors_default_category",
            "matchers": {"statuses": ["failed"]},
            **by_operation,
        },
    ]


# Of Allure's charts those that say something about one run; the others compare many.
CHARTS = [
    {"type": "currentStatus", "title": "Results"},
    {"type": "testResultSeverities", "title": "Results by severity"},
    {"type": "durations", "title": "Durations", "groupBy": "none"},
]
TREND = {"type": "statusDynamics", "title": "Results from run to run"}

_PROGRAM = """\
const settings = %s;
for (const [folder, environment] of Object.entries(settings.environments ?? {})) {
  environment.matcher = ({ labels }) =>
    labels.some(({ name, value }) => name === "folder" && value === folder);
}
export default settings;
"""


def _write(report: Path, html: str) -> None:
    """Write the whole report or none: a reader never sees half a file."""
    try:
        report.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=report.parent, prefix=f".{report.name}-", delete=False
        ) as file:
            part = Path(file.name)
            try:
                file.write(html)
                file.close()
                part.chmod(0o666 & ~_umask())  # a temporary file is private, a report is not
                part.replace(report)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise RenderError(f"cannot write {report}: {error}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
