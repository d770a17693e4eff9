"""A share of the catalogue of hostile behaviours; all of it: `tox -e hostile`."""

from collections import Counter
from pathlib import Path

import pytest

from tools.hostile.__main__ import chosen, play
from tools.hostile.catalogue import ALL

SHARE = [
    *chosen("as a server, the target answers with HTTP/3.7", ["cpo"]),
    *chosen("as a server, the target sends a bomb of gzip", ["emp"]),
    *chosen("as a server, the target nests 100 000 objects", ["cpo"]),
    *chosen("as a server, the target sends controls of terminals", ["emp"]),
    *chosen("as a client, the target prefaces HTTP/2", ["cpo"]),
    *chosen("as a client, the target sends a line that is not a header", ["emp"]),
    *chosen("as a client, the target sends noise after a request", ["cpo"]),
    *chosen("as a server, the target closes a kept connection at the second request", ["emp"]),
    *chosen("as a client, the target sends 30 MB that are no JSON", ["cpo"]),
    *chosen("a stranger sends 400 requests", ["cpo"]),
    *chosen("with https, the target answers the handshake with an alert", ["cpo"]),
    *chosen("to a hub with https, the target shows another partner's certificate", ["emp"]),
]


@pytest.mark.parametrize(
    ("role", "number"), SHARE, ids=[f"{role} {ALL[number].name}" for role, number in SHARE]
)
def test_hostile_behaviour(role: str, number: int) -> None:
    result = play("cpo" if role == "cpo" else "emp", number)
    assert result.problems == []


def test_catalogue_is_as_large_as_it_says() -> None:
    played = chosen("*", ["cpo", "emp"])
    assert len(played) >= 240
    assert len({one.name for one in ALL}) == len(ALL)
    assert {one.direction for one in ALL} == {"answer", "request", "connection"}
    assert {one.tls for one in ALL} == {"", "target", "hub"}
    assert max(one.megabytes for one in ALL) <= 1024


def test_page_has_the_figures_of_the_catalogue() -> None:
    page = Path(__file__).parents[1].joinpath("docs", "hostile.md").read_text(encoding="utf-8")
    kinds = Counter("TLS" if one.tls else one.direction for one in ALL)
    for kind, row in (
        ("answer", "response to the hub"),
        ("request", "request to the hub"),
        ("TLS", "TLS, in"),
    ):
        (line,) = [one for one in page.splitlines() if one.startswith("|") and row in one]
        assert line.split("|")[2].strip() == str(kinds[kind])
    assert f"for both roles: {sum(len(one.roles) for one in ALL)} runs" in page
