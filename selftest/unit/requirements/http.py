"""How messages travel: the same of both roles."""

from collections.abc import Iterator
from typing import Any

from selftest.unit.journals import a_cpo, an_emp
from selftest.unit.requirements.row import Row, Target, broken
from selftest.unit.wording import http, nothing, refused, slow


def _rows(journal: Target, wrong: str, pointer: str, found: str, **another: Any) -> Iterator[Row]:
    """`wrong` is no path of what the target sends; `another` makes its body name another partner."""
    yield Row(
        journal,
        "http.path",
        holds=lambda said: said.target_sends(),
        breaks=broken(lambda said: said.target_sends(path=wrong), None, f"POST {wrong}", "EvseStatus meant"),
        unclear=lambda said: said.target_sends(path="/health", method="GET"),
    )
    yield Row(
        journal,
        "http.path-id",
        holds=lambda said: said.target_sends(),
        breaks=broken(lambda said: said.target_sends(**another), pointer, found, "another partner"),
        unclear=lambda said: said.target_sends(path="/health"),
    )
    yield Row(
        journal,
        "http.json",
        holds=lambda said: said.target_sends(),
        breaks=broken(lambda said: said.target_sends(raw=b'{"a": '), None, "line 1, column 7", '{"a": '),
        unclear=lambda said: said.hub_asks(answer=http(404, b"<html>")),
    )
    yield Row(
        journal,
        "http.utf-8",
        holds=lambda said: said.target_sends(),
        breaks=broken(lambda said: said.target_sends(raw=b'{"a": "\xe9"}'), None, "at byte 7", "xe9"),
        unclear=lambda said: said.hub_asks(answer=http(404, b"\xe9")),
    )
    yield Row(
        journal,
        "http.content-type",
        holds=lambda said: said.target_sends(content_type="application/json; charset=UTF-8"),
        breaks=broken(lambda said: said.target_sends(content_type="text/plain"), None, "text/plain"),
        unclear=lambda said: said.target_sends(raw=b"", content_type=None),
    )
    yield Row(
        journal,
        "http.served",
        holds=lambda said: said.hub_asks(),
        breaks=broken(lambda said: said.hub_asks(answer=http(405)), None, "HTTP 405"),
        unclear=lambda said: said.hub_asks(answer=refused("022")),
    )
    yield Row(
        journal,
        "http.status",
        holds=lambda said: said.hub_asks(answer=http(423)),
        breaks=broken(lambda said: said.hub_asks(answer=http(500)), None, "HTTP 500"),
        unclear=lambda said: said.hub_asks(answer=nothing("hung up")),
    )
    yield Row(
        journal,
        "http.answered",
        holds=lambda said: said.hub_asks(),
        breaks=broken(lambda said: said.hub_asks(answer=nothing("timeout")), None, "timeout", "within 60 s"),
        unclear=lambda said: said.hub_asks(answer=nothing("unreachable")),
    )
    yield Row(
        journal,
        "http.answer-time",
        holds=lambda said: said.hub_asks(answer=slow(9.9)),
        breaks=broken(lambda said: said.hub_asks(answer=slow(12)), None, "12.0 s", "10 s"),
        unclear=lambda said: said.hub_asks(answer=nothing("timeout")),
    )


ROWS = (
    *_rows(
        a_cpo,
        "/api/oicp/evsepush/v22/operators/DE*ABC/status-records",
        "/OperatorEvseStatus/OperatorID",
        "DE*XYZ",
        OperatorEvseStatus={"OperatorID": "DE*XYZ", "EvseStatusRecord": []},
    ),
    *_rows(
        an_emp,
        "/api/oicp/evsepull/v20/providers/DE-DCB/status-records",
        "/ProviderID",
        "FR-XYZ",
        ProviderID="FR-XYZ",
    ),
)
