"""Whether the hub can listen where the profile says, and whether the target can reach it there."""

import contextlib
import errno
import ipaddress
import os
import socket
from collections.abc import Iterator

import httpx

from oicp_conformance.hub.addresses import announced
from oicp_conformance.preflight.places import where
from oicp_conformance.preflight.result import Result, State
from oicp_conformance.profile import Profile

_REASONS = {
    errno.EADDRINUSE: (
        "another program listens there",
        "stop that program, or let the hub listen on another port",
    ),
    errno.EADDRNOTAVAIL: (
        "it is not an address of this machine",
        "use 127.0.0.1 for a target on this machine, 0.0.0.0 for a target on another one",
    ),
    errno.EACCES: ("this user has no permission to listen there", "use a port above 1023"),
}


def check(profile: Profile) -> Iterator[Result]:
    """Check the address of the hub."""
    key, hub = where(profile, "hub", "listen"), profile.hub
    try:
        found = socket.getaddrinfo(hub.host, hub.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as trial:
            if os.name == "posix":  # elsewhere it means that others may share the port
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        reason, advice = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
        yield Result(State.PROBLEM, "hub", f"{hub.listen}: {reason}", key, advice)
        return
    yield from _reachable(profile, str(address[0]), key)
    if reached := announced(profile):
        yield Result(State.OK, "hub", reached, key)


def _reachable(profile: Profile, listens: str, key: str) -> Iterator[Result]:
    """Whether the target can call the hub there, as far as that can be seen from here."""
    hub, address = profile.hub, ipaddress.ip_address(listens.partition("%")[0])
    scheme = "https" if hub.tls else "http"
    here = _own_address_towards(profile)
    is_near = here is None or ipaddress.ip_address(here.partition("%")[0]).is_loopback
    if hub.port == 0:
        text = "port 0 is a different port in each run: the target cannot know it"
        yield Result(State.WARNING, "hub", text, key, "name a port, such as 127.0.0.1:8600")
    elif address.is_unspecified:
        mine = f"{scheme}://{here or '127.0.0.1'}:{hub.port}"
        text = f"{hub.listen} is free; the target calls {mine}, or another address of this machine"
        yield Result(State.OK, "hub", text, key)
    elif address.is_loopback and not is_near:
        host = httpx.URL(profile.target.base_url).host
        yield Result(
            *(State.WARNING, "hub", f"{hub.host} is this machine only, and the target is at {host}", key),
            f"have the hub listen on {here}:{hub.port} or 0.0.0.0:{hub.port}, unless a tunnel leads here",
        )
    else:
        yield Result(State.OK, "hub", f"{hub.listen} is free; the target calls {scheme}://{hub.listen}", key)


def _own_address_towards(profile: Profile) -> str | None:
    """The address of this machine that the target sees; None where it cannot be told. Nothing is sent."""
    url = httpx.URL(profile.target.base_url)
    with contextlib.suppress(OSError):
        found = socket.getaddrinfo(url.host, url.port or 80, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.connect(address)
            mine = str(trial.getsockname()[0])
        # A target at an address of this machine's own can reach the loopback one.
        return "127.0.0.1" if mine == str(address[0]) else mine
    return None
