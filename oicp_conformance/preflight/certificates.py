"""Whether the certificates of the profile can be used, and how long.

Each is shown to itself in a handshake in memory: so OpenSSL says whether certificate and key fit together and
are valid today.
"""

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

from oicp_conformance.hub.tls import reason_of
from oicp_conformance.preflight.places import where
from oicp_conformance.preflight.result import Result, State
from oicp_conformance.profile import Profile

_SOON = 14
"""Days before its end from which a certificate is a warning."""
_EXPIRED = 10
"""OpenSSL's number of this reason (`X509_V_ERR_CERT_HAS_EXPIRED`)."""


def check(profile: Profile) -> Iterator[Result]:
    """Check the certificates that the hub shows, and the authorities that it trusts."""
    target, hub = profile.target.tls, profile.hub.tls
    if hub:
        yield _own(
            hub.certificate, hub.key, "the hub's certificate", where(profile, "hub", "tls", "certificate")
        )
        if hub.client_ca:
            yield _authority(hub.client_ca, where(profile, "hub", "tls", "client_ca"))
    if target and target.certificate and target.key:
        place = where(profile, "target", "tls", "certificate")
        yield _own(target.certificate, target.key, "the certificate for the target", place)
    if target and target.ca:
        yield _authority(target.ca, where(profile, "target", "tls", "ca"))


def until(not_after: str) -> tuple[State, str]:
    """Return how long a certificate is valid, of its end as `ssl` has it."""
    if not not_after:
        return State.SKIPPED, "has no expiry date"
    days = int((ssl.cert_time_to_seconds(not_after) - time.time()) // 86_400)
    if days < 0:
        return State.PROBLEM, f"has expired: {not_after}"
    state = State.WARNING if days < _SOON else State.OK
    return state, f"is valid for {days} more day{'' if days == 1 else 's'}"


def _own(certificate: Path, key: Path, name: str, place: str) -> Result:
    try:
        state, text = until(_shown_to_itself(certificate, key))
    except (OSError, ValueError) as error:
        expired = getattr(error, "verify_code", None) == _EXPIRED
        advice = "renew it" if expired else "certificate and key are PEM files that belong together"
        return Result(State.PROBLEM, "TLS", f"{name} cannot be used: {reason_of(error)}", place, advice)
    return Result(state, "TLS", f"{name} {text}", place)


def _authority(file: Path, place: str) -> Result:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(file)
    except (OSError, ValueError) as error:
        return Result(State.PROBLEM, "TLS", f"{file.name} cannot be used: {reason_of(error)}", place)
    ends = [str(one["notAfter"]) for one in context.get_ca_certs() if "notAfter" in one]
    if not ends:
        text = f"{file.name} has no certificate of an authority"
        return Result(State.WARNING, "TLS", text, place, "list the certificate of the CA")
    state, text = until(min(ends, key=ssl.cert_time_to_seconds))
    return Result(state, "TLS", f"the authority in {file.name} {text}", place)


def _shown_to_itself(certificate: Path, key: Path) -> str:
    """The end of a certificate; raises `ssl.SSLError` where OpenSSL refuses it, or the key."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # With no password at all, OpenSSL would ask for one on the terminal.
    server.load_cert_chain(certificate, key, password="")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.load_verify_locations(certificate)
    client.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    serving = server.wrap_bio(to_server, to_client, server_side=True)
    calling = client.wrap_bio(to_client, to_server)
    for _ in range(10):  # a handshake takes three turns
        done = [_goes_on(one) for one in (calling, serving)]
        if all(done):
            break
    return str((calling.getpeercert() or {}).get("notAfter", ""))


def _goes_on(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
