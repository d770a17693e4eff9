"""A finding is replayed by its kind: a stray request, what was refused, what did not come, what
was sent at the same time.
"""

from pathlib import Path

import pytest

from fixtures.faults import every
from oicp_conformance.oicp.types import Role
from tools.replays import TEN, replayed_at_both


@pytest.mark.long(20)
@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("cpo", "authorize-start-path-version"),
        ("cpo", "evse-data-repeated-endlessly"),
        ("cpo", "remote-start-crash-parallel"),
        ("emp", "authorization-start-500-on-malformed"),
        ("emp", "pull-data-gives-up-on-null"),
    ],
)
def test_finding_is_still_so_and_gone_where_it_is_repaired(role: Role, name: str, tmp_path: Path) -> None:
    (fault,) = (one for one in every(role) if one.name == name)
    assert replayed_at_both(role, fault, tmp_path) == ("still so", "gone")


def test_the_ten_are_in_the_library() -> None:
    assert {name for role, name in TEN} <= {one.name for role, _ in TEN for one in every(role)}
