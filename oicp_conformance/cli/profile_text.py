"""The files that `init` writes: pure functions from answers to text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA = "profile.schema.json"
SHIM = "stimulate.py"

OPTIONAL: Mapping[str, Mapping[str, str]] = {
    "cpo": {
        "eRoamingAuthorizeStop": "a driver may stop with the card",
        "eRoamingChargingNotifications": "Start, Progress, End, Error",
        "eRoamingReservation": "both reservation operations",
        "eRoamingDynamicPricing": "both pricing operations",
    },
    "emp": {
        "eRoamingAuthorizeStop": "a driver may stop with the card",
        "eRoamingChargingNotifications": "Start, Progress, End, Error",
        "eRoamingReservation": "both reservation operations",
        "eRoamingDynamicPricing": "both pricing operations",
        "eRoamingPushAuthenticationData": "mandatory when offline",
        "eRoamingGetChargeDetailRecords": "mandatory when offline",
    },
}
"""The keys of `[supports]` for each role, with what each is about."""

_SESSION = "SessionID, EvseID"
STIMULI: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "cpo": {
        "eRoamingAuthorizeStart": ("EvseID, Identification", "A driver presents a card at a charger"),
        "eRoamingAuthorizeStop": (f"{_SESSION}, Identification", "The driver presents it again, to stop"),
        "plug_in": (_SESSION, "The cable is plugged in: energy may flow"),
        "unplug": (_SESSION, "The cable is taken out: the EVSE is free again"),
        "eRoamingChargingNotifications": (
            f"{_SESSION}, Type",
            "Energy starts to flow, flows, stops, or a fault occurs",
        ),
        "eRoamingChargeDetailRecord": (_SESSION, "The session is over: its CDR is due"),
        "eRoamingPushEvseData": ("ActionType", "Publish the EVSE data"),
        "eRoamingPushEvseStatus": ("ActionType", "Publish the statuses"),
        "eRoamingPushPricingProductData": ("ActionType", "Publish the pricing products"),
        "eRoamingPushEVSEPricing": ("ActionType", "Publish which products each EVSE has"),
    },
    "emp": {
        "eRoamingAuthorizeRemoteStart": ("EvseID, Identification", "A driver taps start in the app"),
        "eRoamingAuthorizeRemoteStop": (_SESSION, "A driver taps stop"),
        "eRoamingAuthorizeRemoteReservationStart": (
            "EvseID, Identification, Duration",
            "A driver reserves, for so many minutes",
        ),
        "eRoamingAuthorizeRemoteReservationStop": (_SESSION, "A driver releases the reservation"),
        "eRoamingPushAuthenticationData": ("ActionType", "Publish the customers' authentication data"),
        "eRoamingPullEvseData": ("", "Refresh the map"),
        "eRoamingPullEvseStatus": ("", "Refresh the statuses"),
        "eRoamingPullEvseStatusByID": ("EvseID", "Refresh the status of some EVSEs (a list of ids)"),
        "eRoamingPullEvseStatusByOperatorID": (
            "OperatorID",
            "Refresh the status of some operators' EVSEs (a list of ids)",
        ),
        "eRoamingGetChargeDetailRecords": ("From, To", "Settle the sessions of a period"),
        "eRoamingPullPricingProductData": ("OperatorIDs", "Refresh the tariffs of some operators"),
        "eRoamingPullEVSEPricing": ("OperatorIDs", "Refresh the prices of some operators"),
    },
}
"""The stimuli of each role: their parameters, and what happens in the charging world."""


@dataclass(frozen=True)
class Answers:
    """What a user answered about the target."""

    role: str
    name: str
    base_url: str
    listen: str
    operator_id: str
    provider_id: str
    evse_ids: tuple[str, ...]
    mode: str = "online"
    uid: str = ""
    """Role emp: the UID of a card that it authorizes."""
    refused_uid: str = ""
    evco_id: str = ""
    """Role emp: the EvcoID of a customer who starts sessions in the app."""
    stimuli: str = "command"
    stimuli_url: str = ""
    station: str = "CP-1"
    """Driver ocpp: the identity of the charging station."""
    password_variable: str = ""
    """Driver ocpp: the environment variable with its password; none if it is empty."""
    supports: Mapping[str, bool] = field(default_factory=dict)
    version: str = ""
    paths: Mapping[str, str] = field(default_factory=dict)
    """The paths of operations that are not at their standard path."""
    notes: tuple[str, ...] = ()
    """What the backend's OpenAPI document leaves to the user; each is a comment."""


def profile_text(of: Answers) -> str:
    """Return the profile, with a comment for each key."""
    return _rendered("profile.toml.j2", of=of, schema=SCHEMA, shim=SHIM, optional=OPTIONAL[of.role])


def shim_text(of: Answers) -> str:
    """Return the skeleton of a shim for the driver `command`: a function for each stimulus."""
    return _rendered("stimulate.py.j2", of=of, stimuli=STIMULI[of.role])


def _rendered(template: str, **values: Any) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - it makes no HTML
        loader=PackageLoader("oicp_conformance.cli"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["toml"] = _toml
    return environment.get_template(template).render(**values)


def _toml(value: object) -> str:
    """A value of TOML: JSON's are among TOML's, which wants one more escape."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
