"""How messages travel: the same of both roles."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from oicp_conformance.profile import HubTls
from selftest.unit.journals import Journal, a_cpo, an_emp
from selftest.unit.requirements.row import Row, Target, broken, only_asked
from selftest.unit.wording import http, nothing, refused, slow


def _rows(journal: Target, wrong: str, pointer: str, found: str, **another: Any) -> Iterator[Row]:
    """`wrong` is no path of what the target sends; `another` makes its body name another partner."""
    yield Row(
        journal,
        "http.path",
        holds=lambda said: said.target_sends(),
        breaks=broken(lambda said: said.target_sends(path=wrong), None, f"POST {wrong}", "EvseStatus?"),
        unclear=lambda said: said.target_sends(path="/health", method="GET"),
    )
    yield Row(
        journal,
        "http.path-id",
        holds=lambda said: said.target_sends(),
        breaks=broken(
            lambda said: said.target_sends(**another),
            pointer,
            found,
            "the ids in the body and in the path differ",
        ),
        unclear=lambda said: said.target_sends(path="/health"),
    )
    yield Row(
        journal,
        "http.json",
        holds=lambda said: said.target_sends(),
        breaks=broken(lambda said: said.target_sends(raw=b'{"a": '), None, "line 1, column 7", '{"a": '),
        unclear=lambda said: said.target_sends(raw=b"", method="GET"),
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
    yield Row(
        lambda: _asking_for_certificates(journal()),
        "partner.certificate",
        holds=lambda said: _shown(said, "O=Acme, CN=cpo.acme.example"),
        breaks=broken(
            lambda said: _shown(said, "CN=other.example"),
            None,
            "another partner's",
            "CN=other.example",
        ),
        unclear=only_asked,
    )


def _asking_for_certificates(journal: Journal) -> Journal:
    file = Path("a.pem")
    tls = HubTls.model_construct(
        certificate=file, key=file, client_ca=file, client_subject="cpo.acme.example"
    )
    hub = journal.profile.hub.model_copy(update={"tls": tls})
    return Journal(journal.profile.model_copy(update={"hub": hub}))


def _shown(journal: Journal, subject: str) -> None:
    """The target sends a request with the certificate of a subject."""
    journal.target_sends()
    journal.exchanges[-1] = replace(journal.exchanges[-1], certificate=subject)


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
