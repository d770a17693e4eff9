"""The tree of Allure's report begins with what is broken, in the order of all other reports."""

import base64
import json
import re
from typing import Any

import pytest

from oicp_conformance.reporting.broken import Broken, Standing
from oicp_conformance.reporting.render_error import RenderError
from oicp_conformance.reporting.tree import in_order, ranks

GROUPS = {
    "pass": ["passed"],
    "known": ["skipped", "skipped"],
    "warned": ["passed"],
    "worst": ["skipped", "failed"],
    "fails, and is on no list": ["failed"],
    "incomplete": ["broken"],
}


def tree(**shared: str) -> dict[str, Any]:
    """Groups with a test each, and those that are shared: a group by the name of another one."""
    groups: dict[str, Any] = {}
    leaves: dict[str, Any] = {}
    for name, statuses in GROUPS.items():
        keys = [f"{name} {at}" for at in range(len(statuses))]
        leaves |= {
            key: {"nodeId": key, "name": key, "status": one, "groupOrder": 1}
            for key, one in zip(keys, statuses, strict=True)
        }
        counts = {one: statuses.count(one) for one in statuses}
        groups[name] = {"name": name, "statistic": counts, "leaves": keys}
    for name, other in shared.items():
        groups[name]["leaves"] += groups[other]["leaves"]
    return {"root": {"groups": list(groups), "leaves": []}, "groupsById": groups, "leavesById": leaves}


def broken(number: int, id_: str, standing: Standing) -> Broken:
    return Broken(number, id_, standing, "MUST", "", "", None, None, ())


def widget(data: dict[str, Any], place: str = "") -> str:
    encoded = base64.b64encode(json.dumps(data).encode()).decode()
    return f'd("widgets/{place}tree.json","{encoded}")'


RANKS = ranks([[broken(1, "warned", "warning")], [broken(1, "worst", "fail"), broken(2, "known", "known")]])


def shown(html: str) -> list[str]:
    """The groups in the order in which Allure shows them: by the least number in each."""
    (data,) = re.findall(r'tree\.json","([^"]*)"', html)
    made = json.loads(base64.b64decode(data))
    least = {
        name: min(made["leavesById"][key]["groupOrder"] for key in group["leaves"])
        for name, group in made["groupsById"].items()
    }
    return sorted(least, key=least.__getitem__)


EXPECTED = ["worst", "fails, and is on no list", "incomplete", "warned", "known", "pass"]


def test_groups_are_in_the_order_of_all_reports() -> None:
    for place in ("", "default/", "folder-2/"):
        assert shown(in_order(widget(tree(), place), RANKS)) == EXPECTED


def test_test_in_two_groups_does_not_move_the_second() -> None:
    assert shown(in_order(widget(tree(known="worst")), RANKS)) == EXPECTED


def test_first_test_of_a_group_is_the_one_that_failed() -> None:
    (data,) = re.findall(r'"([^"]*)"\)', in_order(widget(tree()), RANKS))
    made = json.loads(base64.b64decode(data))
    assert made["groupsById"]["worst"]["leaves"] == ["worst 1", "worst 0"]


def test_report_without_a_tree_is_an_error() -> None:
    with pytest.raises(RenderError, match="it has no tree of tests"):
        in_order("<html></html>", RANKS)
