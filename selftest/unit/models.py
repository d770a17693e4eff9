"""The models of the messages under short names, and what the judge says of a message."""

from collections.abc import Mapping
from typing import Any

from oicp_conformance.judge.structure import look
from oicp_conformance.oicp import (
    evse_messages,
    messages,
    pricing_messages,
    reservation_messages,
    settlement_messages,
    status_messages,
)
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role

PUSH = evse_messages.eRoamingPushEvseData
STATUS = status_messages.eRoamingPushEvseStatus
PRODUCTS = pricing_messages.eRoamingPushPricingProductData
PRICES = pricing_messages.eRoamingPushEVSEPricing
PULL = evse_messages.eRoamingPullEVSEData
PULL_STATUS = status_messages.eRoamingPullEVSEStatus
PULL_BY_ID = status_messages.eRoamingPullEVSEStatusByID
PULL_BY_OPERATOR = status_messages.eRoamingPullEVSEStatusByOperatorID
PULL_PRICES = pricing_messages.eRoamingPullEVSEPricing
PULL_PRODUCTS = pricing_messages.eRoamingPullPricingProductData
RECORDS = settlement_messages.eRoamingGetChargeDetailRecords
RESERVE = reservation_messages.eRoamingAuthorizeRemoteReservationStart
RELEASE = reservation_messages.eRoamingAuthorizeRemoteReservationStop
CDR = messages.eRoamingChargeDetailRecord
START, STOP = messages.eRoamingAuthorizeStart, messages.eRoamingAuthorizeStop
AUTHORIZED, STOPPED = messages.eRoamingAuthorizationStart, messages.eRoamingAuthorizationStop
REMOTE_START, REMOTE_STOP = messages.eRoamingAuthorizeRemoteStart, messages.eRoamingAuthorizeRemoteStop
ACK = messages.eRoamingAcknowledgement
UPLOAD = messages.eRoamingPushAuthenticationData
NOTIFIED = {
    kind: BY_NAME["eRoamingChargingNotifications"].requests[f"eRoamingChargingNotification{kind}"]
    for kind in ("Start", "Progress", "End", "Error")
}

EVSE = "/OperatorEvseData/EvseDataRecord/0"
PRODUCT = "/PricingProductData/PricingProductDataRecords/0"

EVSE_PAGE = evse_messages.eRoamingEVSEData
STATUSES, STATUSES_BY_ID = status_messages.eRoamingEVSEStatus, status_messages.eRoamingEVSEStatusByID
CDR_PAGE = settlement_messages.eRoamingChargeDetailRecords
PULLED_PRODUCTS = pricing_messages.eRoamingPricingProductData
PULLED_PRICES = pricing_messages.eRoamingEVSEPricing


def blamed(model: type[Message], body: Mapping[str, Any], sender: Role) -> dict[str, str]:
    """What is not in order: pointer, and the worst verdict there with its erratum."""
    found: dict[str, str] = {}
    for looked in look(model, body, sender):
        if looked.verdict != "pass" and found.get(looked.pointer) != "fail":
            found[looked.pointer] = f"{looked.verdict.value} {looked.erratum or ''}".strip()
    return found
