"""The verdict as a badge: the JSON that shields.io reads from an endpoint (https://shields.io/badges/endpoint-badge)."""

import json
from collections.abc import Mapping, Sequence

from oicp_conformance.judge.statement import Statement
from oicp_conformance.judge.verdicts import KNOWN

_COLORS: Mapping[str, str] = {
    "pass": "brightgreen",
    KNOWN: "yellowgreen",
    "partial": "yellow",
    "incomplete": "orange",
    "fail": "red",
    "error": "lightgrey",
}
"""The colour of each verdict of a run, the best first."""


def of(statements: Sequence[Statement]) -> str:
    """Return the badge of one run, or of the two runs of a demo; its colour is that of the worst verdict."""
    verdicts = [one.word for one in statements]
    named = [f"{one.target.role.upper()} {one.word}" for one in statements]
    made = {
        "schemaVersion": 1,
        "label": "OICP 2.3",
        "message": verdicts[0] if len(verdicts) == 1 else ", ".join(named),
        "color": _COLORS[max(verdicts, key=list(_COLORS).index)],
    }
    return json.dumps(made) + "\n"
