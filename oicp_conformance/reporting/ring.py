"""The ring at the top of Allure's report: the verdict, in its colour and in its word.

Allure draws the statuses of the tests, and their success rate. One defect in many tests makes one of them
red, and the rate is near 100 % beside the verdict fail. The counts of the tests stay below the ring. What
Allure says of its ring when it is pointed at ("1 failed (100% of all tests)") is hidden with it.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence

from oicp_conformance.judge.verdicts import KNOWN, word
from oicp_conformance.reporting.render_error import RenderError

STATUSES = {
    "fail": ("failed",),
    "error": ("skipped",),
    "incomplete": ("broken",),
    "partial": ("unknown",),
    KNOWN: ("passed", "broken"),
    "pass": ("passed",),
}
"""Statuses of Allure that tell a verdict from the others, the last in its colour; the worst verdict first."""
_WIDGET = re.compile(r'd\("widgets/(?:([^"/]+)/)?pie_chart\.json","[A-Za-z0-9+/=]*"\)')
_FULL = "M0,-50A50,50,0,1,1,0,50A50,50,0,1,1,0,-50M0,-40A40,40,0,1,0,0,40A40,40,0,1,0,0,-40Z"
_CHART = 'article[class*="styles_chart__"]'


def _rules(verdict: str, statuses: Sequence[str]) -> str:
    """The word and the colour of a verdict; of two statuses together they outrank those of each."""
    chart = _CHART + "".join(f":has(path[fill*='status-{one}'])" for one in statuses)
    return f"""\
      {chart} > [role=img] b::after {{ content: '{verdict}'; }}
      {chart} > svg {{ color: var(--color-status-{statuses[-1]}-chart-fill); }}"""


_VERDICTS = "\n".join(_rules(*one) for one in STATUSES.items())
_STYLE = f"""
    <style>
      {_CHART} > svg {{ border: 4px solid; border-radius: 50%; box-sizing: border-box; }}
      {_CHART} path, {_CHART} > [role=img] {{ visibility: hidden; }}
      {_CHART} > [role=img] b {{ font-size: 0; }}
      {_CHART} > [role=img] b::after {{
        font-size: 12px; line-height: 1.2; display: inline-block; text-align: center;
        visibility: visible; pointer-events: none;
      }}
{_VERDICTS}
      @media (max-width: 600px) {{ {_CHART} > [role=img] b::after {{ display: none; }} }}
    </style>"""


def of_verdicts(html: str, verdicts: Mapping[str, str | None]) -> str:
    """Show the verdict of each folder of results, by Allure's name for it, and first the worst of all.

    A report of which a verdict is not known stays as Allure made it.

    Raises:
        RenderError: the HTML has no such ring.
    """
    words = {label: word(verdict or "") for label, verdict in verdicts.items()}
    known = [one for one in words.values() if one in STATUSES]
    if len(known) < max(1, len(words)):
        return html
    worst = min(known, key=list(STATUSES).index)

    def drawn(found: re.Match[str]) -> str:
        verdict = words.get(found[1] or "") or worst
        slices = [{"d": _FULL, "status": one, "count": 1} for one in STATUSES[verdict]]
        ring = {"slices": slices, "percentage": 100 if verdict == "pass" else 0}
        name = f"{found[1]}/pie_chart.json" if found[1] else "pie_chart.json"
        return f'd("widgets/{name}","{base64.b64encode(json.dumps(ring).encode()).decode()}")'

    html, rings = _WIDGET.subn(drawn, html)
    if not rings:
        raise RenderError("this suite cannot change Allure's HTML: it has no ring")
    return html.replace("</head>", f"{_STYLE}\n  </head>", 1)
