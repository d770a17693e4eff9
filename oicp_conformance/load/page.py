"""The page of a load: percentiles of each operation, a plot over time, and what the sample was judged as."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from oicp_conformance.judge.statement import Statement
from oicp_conformance.load.plan import TOO_SLOW, Plan
from oicp_conformance.reporting import svg
from oicp_conformance.reporting.broken import broken
from oicp_conformance.reporting.page import HTML

PAGE = "load.html"
PERCENTILES = ("p50", "p90", "p95", "p99", "max")
_WIDTH, _HEIGHT, _LEFT, _BELOW = 500, 240, 58, 28
_TEXT = 13
"""Size of the text: the plot is readable at the width of a phone, too."""
_CURVES = (
    ("rate", "calls per second", "#1f6fb2", ""),
    ("users", "users", "#7a7a7a", "2 3"),
    ("p95", "response time, 95th percentile", "#b1121f", ""),
    ("median", "median", "#b1121f", "4 3"),
)


def write(statement: Statement, result: Mapping[str, Any], plan: Plan, folder: Path) -> Path:
    """Write the page into a folder, and return where it is."""
    file = folder / PAGE
    total = next(one for one in result["operations"] if one["name"] == "Aggregated")
    text = HTML.get_template("load.html").render(
        it=statement,
        result=result,
        plan=plan,
        total=total,
        operations=[one for one in result["operations"] if one is not total],
        percentiles=PERCENTILES,
        broken=broken(statement),
        figures=figures(result, plan),
        plots=[plot(result["history"], names) for names in (("rate", "users"), ("p95", "median"))],
    )
    file.write_text(text, encoding="utf-8")
    return file


def figures(result: Mapping[str, Any], plan: Plan) -> list[tuple[str, str]]:
    """What there is to know of a load beside the percentiles: name and value."""
    history: Sequence[Mapping[str, float]] = result["history"]
    in_time = [one["rate"] for one in history if one["p95"] <= TOO_SLOW]
    asked = f"{plan.rate} calls a second" if plan.rate else "rises until responses take longer than 10 s"
    return [
        ("requested rate", asked),
        ("highest rate with 95 % of responses within 10 s", f"{max(in_time, default=0):g} calls a second"),
        ("duration", f"{history[-1]['second'] if history else 0:g} s (limit: {plan.duration:g} s)"),
        ("most users at a time", f"{max((one['users'] for one in history), default=0):g}"),
        ("sessions", str(result["sessions"])),
        ("sessions with a fault that were not judged", str(result["left_out"])),
    ]


def plot(history: Sequence[Mapping[str, float]], names: Sequence[str]) -> Markup:
    """Draw curves over the seconds of a load, as SVG."""
    drawing = svg.picture(_WIDTH, _HEIGHT)
    shown = [one for one in _CURVES if one[0] in names]
    unit = "s" if "p95" in names else ""
    last = max((one["second"] for one in history), default=1.0) or 1.0
    top = max((one[name] for one in history for name in names), default=0.0) or 1.0
    width, height = _WIDTH - _LEFT - 10, _HEIGHT - _BELOW - 30
    for part in (0.0, 0.5, 1.0):
        y = 30 + height * (1 - part)
        svg.line(drawing, _LEFT, y, _LEFT + width, y, stroke="currentColor", stroke_opacity=0.2)
        label = f"{top * part:.3g} {unit}".strip()
        svg.text(drawing, label, _LEFT - 6, y + 4, _TEXT, text_anchor="end", fill="currentColor")
        x = _LEFT + width * part
        anchor = "end" if part == 1.0 else "middle"  # the last one must not leave the picture
        label = f"{last * part:.2g} s" if last < 10 else f"{last * part:.0f} s"
        svg.text(drawing, label, x, _HEIGHT - 8, _TEXT, text_anchor=anchor, fill="currentColor")
    at = _LEFT
    for name, title, colour, dashes in shown:
        points = [
            xy
            for one in history
            for xy in (_LEFT + width * one["second"] / last, 30 + height * (1 - one[name] / top))
        ]
        style: dict[str, Any] = {"stroke": colour, "stroke_width": 2, "fill": "none"}
        style |= {"stroke_dasharray": dashes} if dashes else {}
        if points:
            svg.line(drawing, *points, **style)
        svg.line(drawing, at, 12, at + 24, 12, **style)
        svg.text(drawing, title, at + 30, 16, _TEXT, fill="currentColor")
        at += 60 + 7 * len(title)
    return Markup(svg.written(drawing))  # noqa: S704 - it is made of numbers only
