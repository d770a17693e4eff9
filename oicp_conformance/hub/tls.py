"""TLS in both directions: whom the hub trusts, and what it shows."""

import socket
import ssl
from pathlib import Path

from oicp_conformance.hub.errors import HubSettingsError
from oicp_conformance.profile import Hub, Target

_SHORT = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "countryName": "C"}
"""The usual short names of what is in a subject (RFC 4514)."""


def towards_target(target: Target) -> ssl.SSLContext | None:
    """How the hub calls the target; None is without TLS.

    Raises:
        HubSettingsError: what `[target.tls]` names cannot be used.
    """
    if not target.base_url.startswith("https:"):
        return None
    context = ssl.create_default_context()
    if target.tls and target.tls.ca:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        _trust(context, target.tls.ca, "[target.tls] ca")
    if target.tls and target.tls.certificate:
        _show(context, target.tls.certificate, target.tls.key, "[target.tls] certificate and key")
    return context


def of_hub(hub: Hub) -> ssl.SSLContext | None:
    """How the hub listens; None is without TLS.

    Raises:
        HubSettingsError: what `[hub.tls]` names cannot be used.
    """
    if hub.tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _show(context, hub.tls.certificate, hub.tls.key, "[hub.tls] certificate and key")
    if hub.tls.client_ca:
        _trust(context, hub.tls.client_ca, "[hub.tls] client_ca")
        # Not required: who shows none is answered as at Hubject, and judged.
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def subject_of(connection: socket.socket) -> str | None:
    """The subject of the certificate that a partner showed, as `CN=a, O=b`; None where it showed none."""
    if not isinstance(connection, ssl.SSLSocket):
        return None
    try:
        shown = connection.getpeercert() or {}
    except ValueError:  # the handshake failed
        return None
    pairs = [pair for part in reversed(shown.get("subject", ())) for pair in part]
    return ", ".join(f"{_SHORT.get(name, name)}={value}" for name, value in pairs) or None


def _show(context: ssl.SSLContext, certificate: Path, key: Path | None, where: str) -> None:
    try:
        # With no password at all, OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        hint = "they are a pair of PEM files that fit together, the key without a password"
        raise HubSettingsError(f"{where}: {reason_of(error)}; expected that {hint}") from None


def _trust(context: ssl.SSLContext, ca: Path, where: str) -> None:
    try:
        context.load_verify_locations(ca)
    except (OSError, ValueError) as error:
        raise HubSettingsError(f"{where}: {reason_of(error)}; expected certificates in PEM") from None


def reason_of(error: Exception) -> str:
    """Why TLS failed, in few words."""
    message = getattr(error, "verify_message", None)
    reason = str(getattr(error, "reason", None) or error).lower().replace("_", " ")
    return f"{reason}: {message}" if message else reason
