"""The ring of Allure's report shows the verdict."""

import base64
import json
import re
from typing import Any

import pytest

from oicp_conformance.judge.verdicts import KNOWN
from oicp_conformance.reporting.render_error import RenderError
from oicp_conformance.reporting.ring import STATUSES, of_verdicts

WIDGET = 'd("widgets/{}pie_chart.json","e30=")'
HTML = "<head></head>" + ",".join(WIDGET.format(place) for place in ("", "folder-2/", "default/"))


def rings(html: str) -> dict[str, Any]:
    found = re.findall(r'd\("widgets/([^"]*)pie_chart\.json","([^"]*)"\)', html)
    return {name: json.loads(base64.b64decode(data)) for name, data in found}


@pytest.mark.parametrize("verdict", [one for one in STATUSES if one != KNOWN])
def test_one_ring_has_the_colour_of_the_verdict(verdict: str) -> None:
    html = of_verdicts(HTML, {"folder-1": verdict})
    assert {one["slices"][0]["status"] for one in rings(html).values()} == {*STATUSES[verdict]}
    assert [one["percentage"] for one in rings(html).values()] == [100 * (verdict == "pass")] * 3
    style = html.partition("</head>")[0]
    assert f"content: '{verdict}'" in style
    # "1 failed (100% of all tests)" and a rate are not shown where it is pointed at.
    assert 'path, article[class*="styles_chart__"] > [role=img] { visibility: hidden; }' in style


def test_of_two_roles_the_worse_verdict_comes_first() -> None:
    shown = rings(of_verdicts(HTML, {"folder-1": "incomplete", "folder-2": "pass"}))
    assert shown[""]["slices"][0]["status"] == "broken"
    assert shown["folder-2/"]["slices"][0]["status"] == "passed"


def test_a_pass_with_known_deviations_has_a_colour_and_a_word_of_its_own() -> None:
    html = of_verdicts(HTML, {"folder-1": "pass with 1 known deviation", "folder-2": "pass"})
    shown = rings(html)
    assert [one["status"] for one in shown[""]["slices"]] == ["passed", "broken"]
    assert shown[""]["percentage"] == 0
    assert len(shown["folder-2/"]["slices"]) == 1
    both = "has(path[fill*='status-passed']):has(path[fill*='status-broken'])"
    assert f"{both} > [role=img] b::after {{ content: '{KNOWN}'; }}" in html
    assert f"{both} > svg {{ color: var(--color-status-broken-chart-fill); }}" in html


def test_no_ring_without_a_verdict() -> None:
    for verdicts in ({}, {"folder-1": None}, {"folder-1": "pass", "folder-2": None}):
        assert of_verdicts(HTML, verdicts) == HTML
    with pytest.raises(RenderError, match="it has no ring"):
        of_verdicts("<head></head>", {"folder-1": "pass"})
