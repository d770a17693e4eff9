"""TLS in both directions: whom the hub trusts, and what it shows."""

import ssl
from pathlib import Path

from oicp_conformance.hub.errors import HubError
from oicp_conformance.profile import Hub, Target


def towards_target(target: Target) -> ssl.SSLContext | bool:
    """How the hub calls the target.

    Raises:
        HubError: what `[target.tls]` names cannot be used.
    """
    if not target.base_url.startswith("https:"):
        return False  # there is nothing to verify
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
        HubError: what `[hub.tls]` names cannot be used.
    """
    if hub.tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _show(context, hub.tls.certificate, hub.tls.key, "[hub.tls] certificate and key")
    if hub.tls.client_ca:
        _trust(context, hub.tls.client_ca, "[hub.tls] client_ca")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _show(context: ssl.SSLContext, certificate: Path, key: Path | None, where: str) -> None:
    try:
        # With no password at all, OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        hint = "they are a pair of PEM files that fit together, the key without a password"
        raise HubError(f"{where}: {reason_of(error)}; expected that {hint}") from None


def _trust(context: ssl.SSLContext, ca: Path, where: str) -> None:
    try:
        context.load_verify_locations(ca)
    except (OSError, ValueError) as error:
        raise HubError(f"{where}: {reason_of(error)}; expected certificates in PEM") from None


def reason_of(error: Exception) -> str:
    """Why TLS failed, in few words."""
    message = getattr(error, "verify_message", None)
    reason = str(getattr(error, "reason", None) or error).lower().replace("_", " ")
    return f"{reason}: {message}" if message else reason
