"""The tree of tests in Allure's report: first what is broken, in the order of all other reports.

Allure sorts by status: what was skipped comes after what passed. A known deviation is skipped, and is still
broken. So the numbers of the tests are changed, and the report is sorted by them until its reader chooses
another order.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from oicp_conformance.reporting.broken import ORDER, Broken
from oicp_conformance.reporting.render_error import RenderError

SORTED_BY = "order,asc"
"""Allure's name for the order by the numbers of the tests."""
_WIDGET = re.compile(r'd\("(widgets/(?:[^"/]+/)?tree\.json)","([A-Za-z0-9+/=]*)"\)')
_STATUSES = ("failed", "broken", "unknown", "passed", "skipped")
_BEFORE = ("fail", "error", "incomplete")
"""Verdicts of tests that come before what is only a warning, or known."""
_AFTER = ("consequence", "warning", "known-deviation", "inconclusive", "pass", "not-applicable")
_Rank = tuple[int, int]
# On a phone the metadata (cut to a few letters) and the filters would fill the first screen. Names have the
# room of the button that opens all below them, of the counts and times of steps, and of the type and size of
# an attachment; the labels and links of a test stand one below the other.
_PHONE = """
    <style>
      @media (max-width: 600px) {
        div:has(> [data-testid="metadata-list"]), div:has(> [data-testid="retry-filter"]) { display: none; }
        [data-testid="tree-section"] > [data-testid="tree-section-title"] {
          white-space: normal; overflow-wrap: anywhere;
        }
        [data-testid="tree-section"] [class*="tree-status-bar_"] { width: 4rem; min-width: 4rem !important; }
        [data-testid="tree-subtree-toggle"] { display: none; }
        [data-testid="test-result-error"] pre { white-space: pre-wrap; overflow-wrap: anywhere; }
        [data-testid="test-result-step-title"] + div,
        [data-testid="test-result-attachment-header"] > div span.paragraphs-text-s { display: none; }
        div:has(> [data-testid="metadata-item"]), div:has(> [data-testid="test-result-meta-link"]) {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    </style>"""


def ranks(of: Sequence[Sequence[Broken]]) -> dict[str, _Rank]:
    """The ranks of groups by their names; `of` has the broken requirements of each folder of results."""
    listed = sorted((one for each in of for one in each), key=lambda one: ORDER.index(one.standing))
    made: dict[str, _Rank] = {name: (1, at) for at, name in enumerate(_BEFORE)}
    made |= {name: (4, at) for at, name in enumerate(_AFTER)}
    for at, one in enumerate(listed):
        made.setdefault(one.id, (0 if one.standing == "fail" else 2, at))
    return made


def in_order(html: str, ranks: Mapping[str, _Rank]) -> str:
    """Number the tests of a report so that its groups are in the order of their ranks, and show them early.

    Raises:
        RenderError: the HTML has no such tree.
    """

    def numbered(found: re.Match[str]) -> str:
        tree = json.loads(base64.b64decode(found[2]))
        _number(tree, ranks)
        return f'd("{found[1]}","{base64.b64encode(json.dumps(tree).encode()).decode()}")'

    html, trees = _WIDGET.subn(numbered, html)
    if not trees:
        raise RenderError("this suite cannot change Allure's HTML: it has no tree of tests")
    return html.replace("</head>", f"{_PHONE}\n  </head>", 1)


def _number(tree: Any, ranks: Mapping[str, _Rank]) -> None:
    groups, leaves = tree["groupsById"], tree["leavesById"]
    numbers = count(1)
    seen: set[str] = set()

    def rank(key: str) -> tuple[_Rank, list[int], str]:
        group = groups[key]
        by_status = [-group["statistic"].get(status, 0) for status in _STATUSES]
        other = (0 if group["statistic"].get("failed") else 3, len(ranks))
        return ranks.get(group["name"], other), by_status, group["name"]

    def leaf_rank(key: str) -> tuple[int, str]:
        return _STATUSES.index(leaves[key]["status"]), leaves[key]["name"]

    def visit(node: Any) -> None:
        for key in sorted(node.get("groups", ()), key=rank):
            visit(groups[key])
        node["leaves"] = list(_numbered(node.get("leaves", ())))

    def _numbered(keys: Sequence[str]) -> Iterator[str]:
        for key in sorted(keys, key=leaf_rank):
            # A test that shows two broken requirements has a number in each of both groups.
            own = key
            while own in seen:
                own += "+"
            seen.add(own)
            leaves[own] = leaves[key] | {"groupOrder": next(numbers)}
            yield own

    visit(tree["root"])
