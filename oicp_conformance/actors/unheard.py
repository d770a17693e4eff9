"""Requests of the target that came, and that the hub could not hear."""

from collections.abc import Iterable

from oicp_conformance.journal.exchange import Exchange


def unheard(exchanges: Iterable[Exchange]) -> str:
    """Return why requests of the target may have come and not been heard, where that is known; else empty."""
    later = [one for one in exchanges if one.by_target and one.finished]
    failed = [one for one in later if one.trouble == "tls" and not one.stranger]
    if failed:
        return f"; its connections to the hub failed: TLS: {failed[-1].detail}"
    peers = sorted({one.peer for one in later if one.stranger and one.peer})
    where = ", ".join(peers[:3])
    return f"; the hub received requests from {where}, which [hub] allow does not list" if peers else ""
