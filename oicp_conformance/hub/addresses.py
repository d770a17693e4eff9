"""Addresses of the network: which targets may be called without asking, and who may call the hub."""

import ipaddress
import re
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from oicp_conformance.hub.errors import HubSettingsError
from oicp_conformance.profile import Profile, Target
from oicp_conformance.profile.masking import without_user

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

CONSENT = "--i-may-test-this-system"
"""The option that stands for the consent of a whole run."""
_HOW_TO_CONSENT = f"add {CONSENT}, or [target] consent with the name of who permits it"
_A_URL = re.compile("(?:https?|wss?):", re.IGNORECASE)
_HUBJECT = "hubject.com"
_DOTS = re.compile("[\u3002\uff0e\uff61]")
"""What stands for a dot in the names of hosts (RFC 3490, 3.1)."""
_LOOPBACK: tuple[Network, ...] = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1"))


class NoConsent(HubSettingsError):
    """The target, or the shim, is a system that nobody tests by accident, and nobody said that it may be."""


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach an address."""
    if host == "localhost":
        return True
    address = _address(host.strip("[]"))
    return address is not None and address.is_loopback


def check_consent(target: Target, peer: str = "") -> None:
    """Refuse a target at a public address, or Hubject itself, for which there is no consent.

    A name is looked up. One that nobody knows is no problem here: nothing can be sent to it. `peer` is the
    address that a connection has led to, whatever the name was looked up to before.

    Raises:
        NoConsent: the profile has no `[target] consent`, and needs one.
    """
    if target.consent is None and (what := _protected(peer or urlsplit(target.base_url).hostname or "")):
        raise NoConsent(
            f"[target] base_url = '{target.shown_url}' is {what}: the suite sends faulty requests and starts "
            f"sessions there. If you are permitted to test it, {_HOW_TO_CONSENT}"
        )


def check_stimuli(profile: Profile) -> None:
    """Refuse a shim, or a central system of OCPP, where a target would be refused.

    Raises:
        NoConsent: the profile has no `[target] consent`, and needs one.
    """
    tables = (profile.stimuli, getattr(profile.stimuli, "otherwise", None))
    for url in (one.shim for one in tables if one is not None):
        parts = urlsplit(url) if _A_URL.match(url) else None
        if profile.target.consent is None and parts and (what := _protected(parts.hostname or "")):
            shown = without_user(url).partition("?")[0]  # a query may have a token
            raise NoConsent(
                f"[stimuli] url = '{shown}' is {what}: the suite starts charges there. "
                f"If you are permitted to use it, {_HOW_TO_CONSENT}"
            )


def _protected(host: str) -> str:
    """What a host is that needs consent; empty for one that needs none."""
    name = _DOTS.sub(".", host.lower()).rstrip(".")
    if name == _HUBJECT or name.endswith(f".{_HUBJECT}"):
        return "a system of Hubject's"
    public = sorted(str(one) for one in _addresses(host) if one.is_global)
    return f"at the public address {public[0]}" if public else ""


class Allowed:
    """The addresses whose requests are the target's: those of `[hub] allow`.

    By default they are those that base_url resolves to, and this machine's own.
    """

    def __init__(self, profile: Profile) -> None:
        given = profile.hub.allow
        if given is None:
            of_target = _addresses(urlsplit(profile.target.base_url).hostname or "")
            found = [*_LOOPBACK, *map(ipaddress.ip_network, of_target)]
        else:
            found = [network for entry in given for network in _networks(entry)]
        self._own = given is None
        self._networks = tuple(dict.fromkeys(found))

    def admits(self, peer: str, here: str) -> bool:
        """Whether a request from `peer`, which came in at the address `here`, is the target's."""
        address = _address(peer)
        if address is None or (self._own and address == _address(here)):
            return True
        return any(address in network for network in self._networks)

    def __str__(self) -> str:
        """Return them in words."""
        others = [one for one in self._networks if not (self._own and one.is_loopback)]
        shown = (str(one.network_address if one.num_addresses == 1 else one) for one in others)
        return ", ".join([*(["this machine"] if self._own else []), *shown])


def announced(profile: Profile) -> str:
    """What a user has to know of a hub that other machines reach; empty where none does."""
    if is_loopback(profile.hub.host):
        return ""
    return (
        f"other machines reach the hub at {profile.hub.listen}; it takes requests from {Allowed(profile)} "
        "for the target's ([hub] allow)"
    )


def plain(peer: str) -> str:
    """Return an address as people know it: one of IPv4 as such, and without the name of an interface."""
    address = _address(peer)
    return str(address) if address is not None else peer


def _networks(entry: str) -> list[Network]:
    try:
        return [ipaddress.ip_network(entry, strict=False)]
    except ValueError:
        return list(map(ipaddress.ip_network, _addresses(entry)))


@lru_cache(maxsize=1024)
def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _addresses(host: str) -> list[Address]:
    """The addresses of a host; none of one that nobody knows."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    given = (_address(str(one[4][0])) for one in found)
    return list(dict.fromkeys(one for one in given if one is not None))
