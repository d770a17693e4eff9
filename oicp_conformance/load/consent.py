"""Whom a load may be put on: this machine, and systems whose owner has agreed."""

from urllib.parse import urlsplit

from oicp_conformance.hub.addresses import is_loopback
from oicp_conformance.profile import Target


def objection(target: Target) -> str:
    """Why no load is put on a target; empty where there is consent: the target is on this machine, or
    `[target] consent` says who agreed."""
    if is_loopback(urlsplit(target.base_url).hostname or "") or target.consent:
        return ""
    return (
        f"[target] base_url: {target.shown_url} is not on this machine, and a load can take a system down; "
        "only a target with `[target] consent` is loaded"
    )
