"""A store that a test pushes to and pulls from, with a clock that the test sets."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from oicp_conformance.hub.store import Store

OPERATOR, PROVIDER = "DE*ABC", "DE-DCB"
Body = dict[str, Any]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self) -> datetime:
        """Go on; gives the time before."""
        before = self.now
        self.now += timedelta(minutes=1)
        return before


def evse(evse_id: str = "DE*ABC*E1*1", **fields: Any) -> Body:
    google = {"Google": {"Coordinates": "52.480495 13.356465"}}
    return {"EvseID": evse_id, "GeoCoordinates": google, "IsOpen24Hours": True, **fields}


def push_data(
    store: Store, action: object, *records: object, operator: str = OPERATOR, name: str = "ABC"
) -> Body:
    data = {"OperatorID": operator, "OperatorName": name, "EvseDataRecord": list(records)}
    return answer(
        store, "eRoamingPushEvseData", {"ActionType": action, "OperatorEvseData": data}, partner=operator
    )


def data(store: Store, action: str, *evses: str) -> Body:
    return push_data(store, action, *map(evse, evses))


def push_status(store: Store, action: str, *states: tuple[str, str], operator: str = OPERATOR) -> Body:
    records = [{"EvseID": one, "EvseStatus": status} for one, status in states]
    data = {"OperatorID": operator, "OperatorName": "ABC", "EvseStatusRecord": records}
    return answer(
        store, "eRoamingPushEvseStatus", {"ActionType": action, "OperatorEvseStatus": data}, partner=operator
    )


def push_prices(store: Store, action: str, *prices: Body, operator: str = OPERATOR) -> Body:
    body = {"ActionType": action, "EVSEPricing": list(prices)}
    return answer(store, "eRoamingPushEVSEPricing", body, partner=operator)


def price(evse_id: str, provider: str = PROVIDER, *products: str) -> Body:
    return {"EvseID": evse_id, "ProviderID": provider, "EvseIDProductList": list(products or ("AC1",))}


def push_products(
    store: Store,
    action: str,
    *products: str,
    operator: str = OPERATOR,
    provider: str = PROVIDER,
    cost: float = 1,
) -> Body:
    records = [{"ProductID": one, "PricePerReferenceUnit": cost} for one in products]
    data = {
        "OperatorID": operator,
        "ProviderID": provider,
        "PricingDefaultPrice": 0,
        "PricingProductDataRecords": records,
    }
    body = {"ActionType": action, "PricingProductData": data}
    return answer(store, "eRoamingPushPricingProductData", body, partner=operator)


def answer(
    store: Store, operation: str, body: Mapping[str, Any], *, partner: str = PROVIDER, **query: str
) -> Body:
    said = store.answer(operation, partner, body, query)
    assert said is not None
    return said


def pull_data(store: Store, page: str = "0", size: str = "2000", **fields: Any) -> Body:
    body = {"ProviderID": PROVIDER, "GeoCoordinatesResponseFormat": "Google", **fields}
    return answer(store, "eRoamingPullEvseData", body, page=page, size=size)


def ids(page: Mapping[str, Any]) -> list[str]:
    return [record["EvseID"] for record in page["content"]]


def code(message: Mapping[str, Any]) -> str:
    return str(message["StatusCode"]["Code"])


DONE = {"Result": True, "StatusCode": {"Code": "000"}}
ONE, TWO, THREE = "DE*ABC*E1*1", "DE*ABC*E2*1", "DE*ABC*E3*1"
