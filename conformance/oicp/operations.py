"""The operations of OICP 2.3: one table of paths, directions, obligations and messages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, unquote

from conformance.oicp import messages as m
from conformance.oicp.types import Role

Direction = Literal["target-to-hub", "hub-to-target"]
Obligation = Literal["mandatory", "optional", "none"]
Party = Literal["cpo", "emp-online", "emp-offline"]
"""What a target can be: obligations differ for each."""

NOTIFICATION_TYPES = ("Start", "Progress", "End", "Error")


@dataclass(frozen=True)
class Part:
    """The part that a party has in an operation."""

    direction: Direction
    obligation: Obligation


@dataclass(frozen=True)
class Operation:
    """One operation: where it is sent, by whom, with which messages."""

    name: str
    path: str
    parts: Mapping[Party, Part]
    requests: Mapping[str, Mapping[Role, type[m.Message]]]
    """Message name to its form for each role. More than one name where a `Type` field tells them apart."""
    answer: type[m.Message]
    body_id: str | None = None
    """Where in the body the id stands that must be the one of the path, as a JSON pointer."""
    supports: str | None = None
    """The key of the profile's [supports] that declares it, where it is optional for somebody."""
    is_push: bool = False
    pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        regex = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        object.__setattr__(self, "pattern", re.compile(regex))

    def request_model(self, role: Role, body: object) -> tuple[str, type[m.Message]] | None:
        """The name and the model of the request that `body` is; None when its Type tells of no message."""
        if len(self.requests) == 1:
            name, forms = next(iter(self.requests.items()))
            return name, forms[role]
        kind = body.get("Type") if isinstance(body, dict) else None
        for name, forms in self.requests.items():
            if isinstance(kind, str) and name.endswith(f"Notification{kind}"):
                return name, forms[role]
        return None

    def match(self, path: str) -> dict[str, str] | None:
        """The decoded ids of `path` when it is this operation's path, else None."""
        if found := self.pattern.fullmatch(path):
            return {name: unquote(value) for name, value in found.groupdict().items()}
        return None

    def path_for(self, ids: Mapping[str, str], template: str | None = None) -> str:
        """The path, or a target's own one, with its ids put in: percent-encoded but for their separators."""
        encoded = {name: quote(value, safe="*") for name, value in ids.items()}
        return re.sub(r"\{(\w+)\}", lambda found: encoded.get(found[1], found[0]), template or self.path)


def _one(model: type[m.Message], **forms: type[m.Message]) -> Mapping[str, Mapping[Role, type[m.Message]]]:
    return {model.__name__: {"cpo": forms.get("cpo", model), "emp": forms.get("emp", model)}}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "eRoamingAuthorizeStart",
        "/api/oicp/charging/v21/operators/{operatorID}/authorize/start",
        {
            "cpo": Part("target-to-hub", "mandatory"),
            "emp-online": Part("hub-to-target", "mandatory"),
            "emp-offline": Part("hub-to-target", "none"),
        },
        _one(m.eRoamingAuthorizeStart),
        m.eRoamingAuthorizationStart,
        body_id="/OperatorID",
    ),
    Operation(
        "eRoamingAuthorizeStop",
        "/api/oicp/charging/v21/operators/{operatorID}/authorize/stop",
        {
            "cpo": Part("target-to-hub", "optional"),
            "emp-online": Part("hub-to-target", "optional"),
            "emp-offline": Part("hub-to-target", "none"),
        },
        _one(m.eRoamingAuthorizeStop),
        m.eRoamingAuthorizationStop,
        body_id="/OperatorID",
        supports="eRoamingAuthorizeStop",
    ),
    Operation(
        "eRoamingAuthorizeRemoteStart",
        "/api/oicp/charging/v21/providers/{providerID}/authorize-remote/start",
        {
            "cpo": Part("hub-to-target", "mandatory"),
            "emp-online": Part("target-to-hub", "mandatory"),
            "emp-offline": Part("target-to-hub", "mandatory"),
        },
        _one(m.eRoamingAuthorizeRemoteStart, emp=m.eRoamingAuthorizeRemoteStartOfEmp),
        m.eRoamingAcknowledgement,
        body_id="/ProviderID",
    ),
    Operation(
        "eRoamingAuthorizeRemoteStop",
        "/api/oicp/charging/v21/providers/{providerID}/authorize-remote/stop",
        {
            "cpo": Part("hub-to-target", "mandatory"),
            "emp-online": Part("target-to-hub", "mandatory"),
            "emp-offline": Part("target-to-hub", "mandatory"),
        },
        _one(m.eRoamingAuthorizeRemoteStop),
        m.eRoamingAcknowledgement,
        body_id="/ProviderID",
    ),
    Operation(
        "eRoamingChargingNotifications",
        "/api/oicp/notificationmgmt/v11/charging-notifications",
        {
            "cpo": Part("target-to-hub", "optional"),
            "emp-online": Part("hub-to-target", "optional"),
            "emp-offline": Part("hub-to-target", "optional"),
        },
        {
            **_one(m.eRoamingChargingNotificationStart, emp=m.eRoamingChargingNotificationStartToEmp),
            **_one(m.eRoamingChargingNotificationProgress, emp=m.eRoamingChargingNotificationProgressToEmp),
            **_one(m.eRoamingChargingNotificationEnd, emp=m.eRoamingChargingNotificationEndToEmp),
            **_one(m.eRoamingChargingNotificationError, emp=m.eRoamingChargingNotificationErrorToEmp),
        },
        m.eRoamingAcknowledgement,
        supports="eRoamingChargingNotifications",
    ),
    Operation(
        "eRoamingChargeDetailRecord",
        "/api/oicp/cdrmgmt/v22/operators/{operatorID}/charge-detail-record",
        {
            "cpo": Part("target-to-hub", "mandatory"),
            "emp-online": Part("hub-to-target", "mandatory"),
            "emp-offline": Part("hub-to-target", "none"),
        },
        _one(m.eRoamingChargeDetailRecord),
        m.eRoamingAcknowledgement,
    ),
    Operation(
        "eRoamingPushAuthenticationData",
        "/api/oicp/authdata/v21/providers/{providerID}/push-request",
        {
            "emp-online": Part("target-to-hub", "optional"),
            "emp-offline": Part("target-to-hub", "mandatory"),
        },
        _one(m.eRoamingPushAuthenticationData),
        m.eRoamingAcknowledgement,
        body_id="/ProviderAuthenticationData/ProviderID",
        supports="eRoamingPushAuthenticationData",
        is_push=True,
    ),
)

BY_NAME: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}


def of_party(party: Party) -> list[Operation]:
    """The operations in which the party has a part."""
    return [operation for operation in OPERATIONS if party in operation.parts]


def at_path(path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that is sent to `path` (raw, without query) and the decoded ids in it."""
    for operation in OPERATIONS:
        if (ids := operation.match(path)) is not None:
            return operation, ids
    return None


def meant_by(path: str, body: object) -> Operation | None:
    """The operation that a request to a wrong path most likely means.

    The one whose path has the same end; else the one with the most mandatory fields that are all there.
    """
    for operation in OPERATIONS:
        end = operation.path.rpartition("}")[2].removeprefix("/api/oicp/notificationmgmt/v11")
        if path.rstrip("/").endswith(end):
            return operation
    fields = set(body) if isinstance(body, dict) else set()
    fitting = [
        (len(needed), operation)
        for operation in OPERATIONS
        for forms in operation.requests.values()
        for model in forms.values()
        if (needed := {name for name, info in model.model_fields.items() if info.is_required()}) <= fields
    ]
    return max(fitting, key=lambda one: one[0])[1] if fitting else None


def unpack(body: Any, pointer: str) -> Any:
    """The value at a JSON pointer without array indexes, or None where there is none."""
    for step in pointer.split("/")[1:]:
        body = body.get(step) if isinstance(body, dict) else None
    return body
