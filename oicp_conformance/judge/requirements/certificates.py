"""The partner's own certificate, by which Hubject knows who calls."""

from collections.abc import Iterator

from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.profile import Profile


def _asks_for_none(profile: Profile) -> str:
    if profile.hub.tls and profile.hub.tls.client_ca:
        return ""
    return "the hub does not request a client certificate: [hub.tls] client_ca is not set"


CERTIFICATE = requirement(
    "partner.certificate",
    cpo(
        "MUST",
        "The ids in a request belong to the CPO's client certificate.",
        Source("CPO 01", "hub_provider_and_operator", 81, "explicit"),
        on="sent",
    ),
    emp(
        "MUST",
        "The ids in a request belong to the EMP's client certificate.",
        Source("EMP 01", "hub_provider_and_operator", 81, "explicit"),
        on="sent",
    ),
    unless=_asks_for_none,
)


@rule(CERTIFICATE, by_exchange=True)
def certificate(record: Record) -> Iterator[Outcome]:
    """The target's certificate comes with each request, where the hub asks for one."""
    tls = record.profile.hub.tls
    if tls is None or _asks_for_none(record.profile):
        return
    for exchange in record.exchanges:
        if not exchange.by_target or exchange.operation is None or exchange.trouble:
            continue
        if tls.knows(exchange.certificate):
            yield CERTIFICATE.held(exchange)
            continue
        how = "with another partner's" if exchange.certificate else "without a"
        yield CERTIFICATE.broken(
            exchange,
            f"the request was sent {how} client certificate; Hubject rejects such a request with code 017",
            expected=tls.client_subject or "a certificate signed by [hub.tls] client_ca",
            found=exchange.certificate or "nothing",
        )
