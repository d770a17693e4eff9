"""The names of the operations, and of groups of them that are spoken of together."""

from typing import Final

AUTHORIZE_START: Final = "eRoamingAuthorizeStart"
AUTHORIZE_STOP: Final = "eRoamingAuthorizeStop"
REMOTE_START: Final = "eRoamingAuthorizeRemoteStart"
REMOTE_STOP: Final = "eRoamingAuthorizeRemoteStop"
RESERVE: Final = "eRoamingAuthorizeRemoteReservationStart"
RELEASE: Final = "eRoamingAuthorizeRemoteReservationStop"
NOTIFY: Final = "eRoamingChargingNotifications"
CDR: Final = "eRoamingChargeDetailRecord"
PUSH_AUTH: Final = "eRoamingPushAuthenticationData"
EVSE_DATA: Final = "eRoamingPushEvseData"
EVSE_STATUS: Final = "eRoamingPushEvseStatus"
PRODUCTS: Final = "eRoamingPushPricingProductData"
EVSE_PRICING: Final = "eRoamingPushEVSEPricing"
PULL_EVSE_DATA: Final = "eRoamingPullEvseData"
PULL_STATUS: Final = "eRoamingPullEvseStatus"
PULL_STATUS_BY_ID: Final = "eRoamingPullEvseStatusByID"
PULL_STATUS_BY_OPERATOR: Final = "eRoamingPullEvseStatusByOperatorID"
GET_CDRS: Final = "eRoamingGetChargeDetailRecords"
PULL_PRODUCTS: Final = "eRoamingPullPricingProductData"
PULL_EVSE_PRICING: Final = "eRoamingPullEVSEPricing"

CPO_PUSHES: Final = (EVSE_DATA, EVSE_STATUS, PRODUCTS, EVSE_PRICING)
STATUS_PULLS: Final = (PULL_STATUS, PULL_STATUS_BY_ID, PULL_STATUS_BY_OPERATOR)
PAGED: Final = (PULL_EVSE_DATA, GET_CDRS)
PULLS: Final = (PULL_EVSE_DATA, *STATUS_PULLS, GET_CDRS, PULL_PRODUCTS, PULL_EVSE_PRICING)
REMOTE_CALLS: Final = (REMOTE_START, REMOTE_STOP, RESERVE, RELEASE)
IN_SESSION: Final = (AUTHORIZE_STOP, NOTIFY, CDR)
"""What a CPO sends in a session that has begun."""
