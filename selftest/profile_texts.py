"""Profiles as texts, and what a user is told about a wrong one."""

import re
from collections.abc import Collection
from pathlib import Path

import pytest

from oicp_conformance.profile import ProfileError, load
from selftest.unit.profiles import CPO, EMP

__all__ = ["CPO", "EMP", "FULL_CPO", "changed", "problems", "written"]

FULL_CPO = """
[target]
name = "Acme CPO"
version = "4.2.0"
role = "cpo"
base_url = "https://cpo.example:9000/oicp/"
timeout = 12
[target.paths]
eRoamingAuthorizeRemoteStart = "/custom/{providerID}/start"
[target.tls]
ca = "tls/ca.pem"
certificate = "tls/hubject.pem"
key = "tls/hubject.key"
[partner]
operator_id = "DE*ABC"
evse_ids = ["DE*ABC*E1*1", "+49*810*000*438"]
[counterpart]
provider_id = "DE*8EO"
[hub]
listen = "[::1]:0"
[hub.tls]
certificate = "tls/hub.pem"
key = "tls/hub.key"
client_ca = "tls/ca.pem"
[supports]
eRoamingAuthorizeStop = true
eRoamingChargingNotifications = ["Start", "End"]
eRoamingReservation = true
eRoamingPushAuthenticationData = false
[stimuli]
driver = "command"
command = ["./stimulate.sh", "--fast"]
wait = 2.5
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "profile.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(folder: Path, text: str, operations: Collection[str] | None = None) -> list[str]:
    """What a user is told about a profile: all lines, without file and line at their beginning."""
    file = written(folder, text)
    with pytest.raises(ProfileError) as caught:
        load(file, operations)
    lines = str(caught.value).splitlines()
    place = re.compile(rf"{re.escape(str(file))}(:[0-9]+)?: ")
    assert all(map(place.match, lines)), lines
    return [place.sub("", line, count=1) for line in lines]


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)
