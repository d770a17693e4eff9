"""The rules across the keys of a profile.

They look at the raw tables, and leave alone what has the wrong type: a user with an error of type in one
table is still told all that is wrong with the others.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from oicp_conformance.oicp.types import Role
from oicp_conformance.profile.places import Key
from oicp_conformance.profile.toml import shown
from oicp_conformance.profile.values import EVSE_FORM, OPERATOR_FORM, PROVIDER_FORM

Problem = tuple[Key, str]

NEEDS: Mapping[Role, Mapping[str, str]] = {
    "cpo": {"operator_id": OPERATOR_FORM.expected, "evse_ids": f"a list with {EVSE_FORM.expected}"},
    "emp": {"provider_id": PROVIDER_FORM.expected},
}
"""The keys of `[partner]` that each role must have, with what is expected there."""
ONLY_FOR: Mapping[str, Role] = {
    "operator_id": "cpo",
    "evse_ids": "cpo",
    "sub_operator_ids": "cpo",
    "products": "cpo",
    "provider_id": "emp",
    "mode": "emp",
    "sub_provider_ids": "emp",
    "accepts": "emp",
    "refuses": "emp",
}
"""The keys of `[partner]` that only one role may have."""
SUPPORTS_ONLY_FOR: Mapping[str, Role] = {
    "eRoamingPushAuthenticationData": "emp",
    "eRoamingGetChargeDetailRecords": "emp",
}
"""The keys of `[supports]` that only one role may set to true."""


def problems(raw: Mapping[str, Any], show: Callable[[object], str] = shown) -> Iterator[Problem]:
    """What is wrong across keys: the key, and what an error says; `show` gives the text of a value."""
    for role in get_args(Role):
        if role == table(raw, "target").get("role"):
            yield from _of_role(role, table(raw, "partner"), table(raw, "supports"), show)
    if table(raw, "target").get("role") == "emp" and table(raw, "stimuli").get("driver") == "ocpp":
        yield ("stimuli", "driver"), f"found {show('ocpp')}, but it is only for role cpo"
    tls = table(raw, "target", "tls")
    for key, other in (("certificate", "key"), ("key", "certificate")):
        if other in tls and key not in tls:
            yield ("target", "tls", key), f"missing, expected a file ({other} needs it)"
    own = table(raw, "hub", "tls")
    if "client_subject" in own and "client_ca" not in own:
        yield ("hub", "tls", "client_ca"), "missing, expected a file (client_subject needs it)"


def _of_role(
    role: Role, partner: Mapping[str, Any], supports: Mapping[str, Any], show: Callable[[object], str]
) -> Iterator[Problem]:
    for key, what in NEEDS[role].items():
        if key not in partner:
            yield ("partner", key), f"missing, expected {what} (role {role} needs it)"
        elif partner[key] == []:
            yield ("partner", key), f"found [], expected {what} (role {role} needs it)"
    if role == "emp" and partner.get("mode", "online") == "online" and not partner.get("accepts"):
        found = "found []" if "accepts" in partner else "missing"
        needed = "role emp needs it when its mode is online"
        yield ("partner", "accepts"), f"{found}, expected at least one Identification ({needed})"
    for key, only in ONLY_FOR.items():
        if key in partner and role != only:
            yield ("partner", key), f"found {show(partner[key])}, but it is only for role {only}"
    for key, only in SUPPORTS_ONLY_FOR.items():
        if supports.get(key) is True and role != only:
            yield ("supports", key), f"found true, but it is only for role {only}"


def table(raw: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """A table of the raw ones; an empty one where there is none."""
    found: object = raw
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
