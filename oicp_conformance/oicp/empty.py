"""The answers to pulls that have nothing to give: what a refusal looks like besides its StatusCode."""

from collections.abc import Mapping
from typing import Any

EMPTY_PAGE: Mapping[str, Any] = {
    "content": [],
    "number": 0,
    "size": 20,
    "totalElements": 0,
    "last": True,
    "totalPages": 0,
    "first": True,
    "numberOfElements": 0,
    "empty": True,
}
_NO_STATUSES: Mapping[str, Any] = {"EvseStatuses": {"OperatorEvseStatus": []}}

EMPTY: Mapping[str, Mapping[str, Any]] = {
    "eRoamingPullEvseData": EMPTY_PAGE,
    "eRoamingPullEvseStatus": _NO_STATUSES,
    "eRoamingPullEvseStatusByID": {"EVSEStatusRecords": {"EvseStatusRecord": []}},
    "eRoamingPullEvseStatusByOperatorID": _NO_STATUSES,
    "eRoamingGetChargeDetailRecords": EMPTY_PAGE,
    "eRoamingPullPricingProductData": {"PricingProductData": []},
    "eRoamingPullEVSEPricing": {"EVSEPricing": []},
}
"""The answer of each pull without any data, by operation; a StatusCode is to be added."""
