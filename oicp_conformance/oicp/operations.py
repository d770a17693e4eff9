"""The operations of OICP 2.3: one table of paths, directions, obligations and messages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote, unquote

from oicp_conformance.oicp import evse_messages as evse
from oicp_conformance.oicp import messages as m
from oicp_conformance.oicp import pricing_messages as pricing
from oicp_conformance.oicp import reservation_messages as reservation
from oicp_conformance.oicp import settlement_messages as settlement
from oicp_conformance.oicp import status_messages as status
from oicp_conformance.oicp.types import Role

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
    alternatives: str | None = None
    """The group of operations of which one suffices, where they are mandatory as a group."""
    is_paged: bool = False
    """Whether `page` and `size` in the query say which part of the answer is wanted."""
    pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        regex = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        object.__setattr__(self, "pattern", re.compile(regex))

    @property
    def end(self) -> str:
        """What stands behind the ids of the path, or behind the version of the service."""
        return re.sub(r"^(.*\}|/api/oicp/\w+/v[0-9]+)", "", self.path)

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


def _of_cpo(obligation: Obligation) -> Mapping[Party, Part]:
    """Only the CPO has a part, and sends."""
    return {"cpo": Part("target-to-hub", obligation)}


def _of_emp(obligation: Obligation, offline: Obligation | None = None) -> Mapping[Party, Part]:
    """Only the EMP has a part, and sends."""
    return {
        "emp-online": Part("target-to-hub", obligation),
        "emp-offline": Part("target-to-hub", offline or obligation),
    }


def _from_emp_to_cpo(obligation: Obligation) -> Mapping[Party, Part]:
    return {"cpo": Part("hub-to-target", obligation), **_of_emp(obligation)}


STATUS_PULL = "a pull of EVSE status"

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
        _from_emp_to_cpo("mandatory"),
        _one(m.eRoamingAuthorizeRemoteStart, emp=m.eRoamingAuthorizeRemoteStartOfEmp),
        m.eRoamingAcknowledgement,
        body_id="/ProviderID",
    ),
    Operation(
        "eRoamingAuthorizeRemoteStop",
        "/api/oicp/charging/v21/providers/{providerID}/authorize-remote/stop",
        _from_emp_to_cpo("mandatory"),
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
        _of_emp("optional", offline="mandatory"),
        _one(m.eRoamingPushAuthenticationData),
        m.eRoamingAcknowledgement,
        body_id="/ProviderAuthenticationData/ProviderID",
        supports="eRoamingPushAuthenticationData",
        is_push=True,
    ),
    Operation(
        "eRoamingGetChargeDetailRecords",
        "/api/oicp/cdrmgmt/v22/providers/{providerID}/get-charge-detail-records-request",
        _of_emp("optional", offline="mandatory"),
        _one(settlement.eRoamingGetChargeDetailRecords),
        settlement.eRoamingChargeDetailRecords,
        body_id="/ProviderID",
        supports="eRoamingGetChargeDetailRecords",
        is_paged=True,
    ),
    Operation(
        "eRoamingAuthorizeRemoteReservationStart",
        "/api/oicp/reservation/v11/providers/{providerID}/reservation-start-request",
        _from_emp_to_cpo("optional"),
        _one(reservation.eRoamingAuthorizeRemoteReservationStart),
        m.eRoamingAcknowledgement,
        body_id="/ProviderID",
        supports="eRoamingReservation",
    ),
    Operation(
        "eRoamingAuthorizeRemoteReservationStop",
        "/api/oicp/reservation/v11/providers/{providerID}/reservation-stop-request",
        _from_emp_to_cpo("optional"),
        _one(reservation.eRoamingAuthorizeRemoteReservationStop),
        m.eRoamingAcknowledgement,
        body_id="/ProviderID",
        supports="eRoamingReservation",
    ),
    Operation(
        "eRoamingPushEvseData",
        "/api/oicp/evsepush/v23/operators/{operatorID}/data-records",
        _of_cpo("mandatory"),
        _one(evse.eRoamingPushEvseData),
        m.eRoamingAcknowledgement,
        body_id="/OperatorEvseData/OperatorID",
        is_push=True,
    ),
    Operation(
        "eRoamingPullEvseData",
        "/api/oicp/evsepull/v23/providers/{providerID}/data-records",
        _of_emp("mandatory"),
        _one(evse.eRoamingPullEVSEData),
        evse.eRoamingEVSEData,
        body_id="/ProviderID",
        is_paged=True,
    ),
    Operation(
        "eRoamingPushEvseStatus",
        "/api/oicp/evsepush/v21/operators/{operatorID}/status-records",
        _of_cpo("mandatory"),
        _one(status.eRoamingPushEvseStatus),
        m.eRoamingAcknowledgement,
        body_id="/OperatorEvseStatus/OperatorID",
        is_push=True,
    ),
    Operation(
        "eRoamingPullEvseStatus",
        "/api/oicp/evsepull/v21/providers/{providerID}/status-records",
        _of_emp("mandatory"),
        _one(status.eRoamingPullEVSEStatus),
        status.eRoamingEVSEStatus,
        body_id="/ProviderID",
        alternatives=STATUS_PULL,
    ),
    Operation(
        "eRoamingPullEvseStatusByID",
        "/api/oicp/evsepull/v21/providers/{providerID}/status-records-by-id",
        _of_emp("mandatory"),
        _one(status.eRoamingPullEVSEStatusByID),
        status.eRoamingEVSEStatusByID,
        body_id="/ProviderID",
        alternatives=STATUS_PULL,
    ),
    Operation(
        "eRoamingPullEvseStatusByOperatorID",
        "/api/oicp/evsepull/v21/providers/{providerID}/status-records-by-operator-id",
        _of_emp("mandatory"),
        _one(status.eRoamingPullEVSEStatusByOperatorID),
        status.eRoamingEVSEStatus,
        body_id="/ProviderID",
        alternatives=STATUS_PULL,
    ),
    Operation(
        "eRoamingPushPricingProductData",
        "/api/oicp/dynamicpricing/v10/operators/{operatorID}/pricing-products",
        _of_cpo("optional"),
        _one(pricing.eRoamingPushPricingProductData),
        m.eRoamingAcknowledgement,
        body_id="/PricingProductData/OperatorID",
        supports="eRoamingDynamicPricing",
        is_push=True,
    ),
    Operation(
        "eRoamingPushEVSEPricing",
        "/api/oicp/dynamicpricing/v10/operators/{operatorID}/evse-pricing",
        _of_cpo("optional"),
        _one(pricing.eRoamingPushEVSEPricing),
        m.eRoamingAcknowledgement,
        supports="eRoamingDynamicPricing",
        is_push=True,
    ),
    Operation(
        "eRoamingPullPricingProductData",
        "/api/oicp/dynamicpricing/v10/providers/{providerID}/pricing-products",
        _of_emp("optional"),
        _one(pricing.eRoamingPullPricingProductData),
        pricing.eRoamingPricingProductData,
        supports="eRoamingDynamicPricing",
    ),
    Operation(
        "eRoamingPullEVSEPricing",
        "/api/oicp/dynamicpricing/v10/providers/{providerID}/evse-pricing",
        _of_emp("optional"),
        _one(pricing.eRoamingPullEVSEPricing),
        pricing.eRoamingEVSEPricing,
        body_id="/ProviderID",
        supports="eRoamingDynamicPricing",
    ),
)

BY_NAME: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}


def of_party(party: Party) -> list[Operation]:
    """The operations in which the party has a part."""
    return [operation for operation in OPERATIONS if party in operation.parts]


@lru_cache(1024)
def at_path(path: str) -> tuple[Operation, Mapping[str, str]] | None:
    """The operation that is sent to `path` (raw, without query) and the decoded ids in it."""
    for operation in OPERATIONS:
        if (ids := operation.match(path)) is not None:
            return operation, ids
    return None


def meant_by(path: str, body: object) -> Operation | None:
    """The operation that a request to a wrong path most likely means.

    The one whose path has the same end, and else the most in common with it; if there is none, the one of
    whose mandatory fields the body has all, that knows most of the body, and whose name the path tells.
    """
    bare = path.rstrip("/")
    steps = set(bare.split("/"))
    fits = {one.name: _fit(one, set(body) if isinstance(body, dict) else set()) for one in OPERATIONS}
    ending = [one for one in OPERATIONS if bare.endswith(one.end)]
    if ending:
        return max(ending, key=lambda one: (len(steps & set(one.path.split("/"))), fits[one.name]))
    words = set(re.findall(r"[a-z]+", bare.lower()))

    def likelihood(operation: Operation) -> tuple[int, int, int]:
        known, mandatory = fits[operation.name]
        return known, len(words & _words(operation.name)), mandatory

    likeliest = max(OPERATIONS, key=likelihood)
    return likeliest if fits[likeliest.name][0] else None


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall("[A-Z][a-z]+", name)}


def _fit(operation: Operation, given: set[str]) -> tuple[int, int]:
    """How many known and how many mandatory fields a body has, if it has all that are mandatory."""
    fit = (0, 0)
    for forms in operation.requests.values():
        for model in forms.values():
            needed = {name for name, info in model.model_fields.items() if info.is_required()}
            if needed <= given:
                fit = max(fit, (len(given & set(model.model_fields)), len(needed)))
    return fit


def unpack(body: Any, pointer: str) -> Any:
    """The value at a JSON pointer without array indexes, or None where there is none."""
    for step in pointer.split("/")[1:]:
        body = body.get(step) if isinstance(body, dict) else None
    return body
