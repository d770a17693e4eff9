"""What the hub keeps of pushes."""

import copy
from collections.abc import Callable

import pytest

from oicp_conformance.hub.store import Store
from selftest.unit.stores import (
    DONE,
    ONE,
    OPERATOR,
    PROVIDER,
    THREE,
    TWO,
    Body,
    Clock,
    answer,
    code,
    data,
    evse,
    ids,
    price,
    pull_data,
    push_data,
    push_prices,
    push_products,
    push_status,
)

# --- action types, alike for all pushes

Push = Callable[..., Body]


def data_there(store: Store) -> list[str]:
    return ids(pull_data(store))


def status(store: Store, action: str, *evses: str) -> Body:
    return push_status(store, action, *((one, "Available") for one in evses))


def status_there(store: Store) -> list[str]:
    found = answer(store, "eRoamingPullEvseStatus", {"ProviderID": PROVIDER})
    groups = found["EvseStatuses"]["OperatorEvseStatus"]
    return [record["EvseID"] for group in groups for record in group["EvseStatusRecord"]]


def prices(store: Store, action: str, *evses: str) -> Body:
    return push_prices(store, action, *map(price, evses))


def prices_there(store: Store) -> list[str]:
    body = {"ProviderID": PROVIDER, "OperatorIDs": [OPERATOR]}
    groups = answer(store, "eRoamingPullEVSEPricing", body)["EVSEPricing"]
    return [record["EvseID"] for group in groups for record in group["EVSEPricing"]]


def products_there(store: Store) -> list[str]:
    groups = answer(store, "eRoamingPullPricingProductData", {"OperatorIDs": [OPERATOR]})[
        "PricingProductData"
    ]
    return [record["ProductID"] for group in groups for record in group["PricingProductDataRecords"]]


KINDS = pytest.mark.parametrize(
    ("push", "there"),
    [(data, data_there), (status, status_there), (prices, prices_there), (push_products, products_there)],
    ids=["EVSE data", "EVSE status", "EVSE pricing", "pricing products"],
)


@KINDS
def test_full_load_replaces_and_an_empty_one_deletes(
    store: Store, push: Push, there: Callable[[Store], list[str]]
) -> None:
    assert push(store, "fullLoad", ONE, TWO) == DONE
    assert there(store) == [ONE, TWO]
    assert push(store, "fullLoad", TWO, THREE) == DONE
    assert there(store) == [TWO, THREE]
    assert push(store, "fullLoad") == DONE
    assert there(store) == []


@KINDS
def test_insert_of_known_refuses_all(store: Store, push: Push, there: Callable[[Store], list[str]]) -> None:
    assert push(store, "insert", ONE) == DONE
    refused = push(store, "insert", TWO, ONE)
    assert refused["Result"] is False
    assert code(refused) == "022"
    assert "already there" in refused["StatusCode"]["AdditionalInfo"]
    assert there(store) == [ONE]
    assert push(store, "insert", TWO) == DONE
    assert there(store) == [ONE, TWO]


@KINDS
def test_update_of_unknown_refuses_all(store: Store, push: Push, there: Callable[[Store], list[str]]) -> None:
    push(store, "insert", ONE)
    refused = push(store, "update", ONE, TWO)
    assert refused["Result"] is False
    assert code(refused) == "022"
    assert "not there" in refused["StatusCode"]["AdditionalInfo"]
    assert there(store) == [ONE]
    assert push(store, "update", ONE) == DONE


@KINDS
def test_delete(store: Store, push: Push, there: Callable[[Store], list[str]]) -> None:
    push(store, "fullLoad", ONE, TWO)
    assert push(store, "delete", ONE, THREE) == DONE
    assert there(store) == [TWO]
    assert code(push(store, "update", ONE)) == "022"
    assert push(store, "insert", ONE) == DONE
    assert sorted(there(store)) == [ONE, TWO]


@KINDS
def test_unknown_action(store: Store, push: Push, there: Callable[[Store], list[str]]) -> None:
    push(store, "fullLoad", ONE)
    assert code(push(store, "replace", TWO)) == "022"
    assert there(store) == [ONE]


def test_operators_do_not_touch_one_another(store: Store) -> None:
    push_data(store, "fullLoad", evse())
    push_data(store, "fullLoad", evse("FR*LYN*E1"), operator="FR*LYN")
    push_data(store, "fullLoad", evse("FR*LYN*E2"), operator="FR*LYN")
    assert data_there(store) == [ONE, "FR*LYN*E2"]
    push_data(store, "fullLoad", operator="FR*LYN")
    assert data_there(store) == [ONE]


def test_what_was_pushed_stays_as_it_was_sent(store: Store) -> None:
    record = evse(Vendor={"extra": [1, None]})
    before = copy.deepcopy(record)
    push_data(store, "fullLoad", record)
    pull_data(store, GeoCoordinatesResponseFormat="DecimalDegree")
    assert record == before
    (pulled,) = pull_data(store)["content"]
    assert {**pulled, **before} == pulled


# --- consistency of EvseIDs


@pytest.mark.parametrize("push", [data, status, prices])
@pytest.mark.parametrize(
    "foreign", ["DE*ABD*E1", "FR*ABC*E1", "+49*123*1", "DEABX1", "DE", "", "*", "DE*AB*CE1*2x"]
)
def test_018_for_another_operators_evse(store: Store, push: Push, foreign: str) -> None:
    refused = push(store, "fullLoad", ONE, foreign)
    own = foreign.replace("*", "").startswith("DEABC")
    expected = "022" if not foreign else "000" if own else "018"
    assert code(refused) == expected
    assert code(pull_data(store)) == "000"


@pytest.mark.parametrize("push", [data, status, prices])
@pytest.mark.parametrize("second", [ONE, "DEABCE11", "de*abc*e1*1", "DE*ABCE1*1"])
def test_018_for_an_evse_that_is_there_twice(store: Store, push: Push, second: str) -> None:
    refused = push(store, "fullLoad", ONE, TWO, second)
    assert code(refused) == "018"
    assert second in refused["StatusCode"]["AdditionalInfo"]
    assert push(store, "fullLoad", ONE, TWO) == DONE


@pytest.mark.parametrize(
    ("operator", "evse_id"),
    [
        ("DE*ABC", "DEABCE12"),
        ("DEABC", "DE*ABC*E12"),
        ("de*abc", "DE*ABC*E12"),
        ("DE*ABC", "de*abc*e12"),
        ("+49*810", "49*810*000*438"),
        ("49*810", "+49*810*000*438"),
        ("+1*234", "1*234*5"),
    ],
)
def test_spellings_of_the_same_operator(store: Store, operator: str, evse_id: str) -> None:
    assert push_data(store, "fullLoad", evse(evse_id), operator=operator) == DONE
    assert push_status(store, "insert", (evse_id, "Available"), operator=operator) == DONE
    assert push_prices(store, "insert", price(evse_id), operator=operator) == DONE


def test_din_operators_are_told_apart(store: Store) -> None:
    assert code(push_data(store, "fullLoad", evse("+49*811*1"), operator="+49*810")) == "018"
    assert code(push_data(store, "fullLoad", evse("4*981*01"), operator="+49*810")) == "018"


def test_declared_sub_operators_may_be_pushed(clock: Clock) -> None:
    store = Store(clock, ["DE*ABC", "DE*XYZ"])
    assert push_data(store, "fullLoad", evse(), evse("DE*XYZ*E7")) == DONE
    assert push_status(store, "fullLoad", ("DE*XYZ*E7", "Reserved")) == DONE
    assert code(push_data(store, "insert", evse("DE*QQQ*E7"))) == "018"
    by_id = {"ProviderID": PROVIDER, "EvseID": ["DE*XYZ*E7"]}
    found = answer(store, "eRoamingPullEvseStatusByID", by_id)["EVSEStatusRecords"]["EvseStatusRecord"]
    assert found == [{"EvseID": "DE*XYZ*E7", "EvseStatus": "Reserved"}]
    assert store.knows("DE*XYZ*E7")


def test_one_evse_has_prices_for_each_provider(store: Store) -> None:
    assert push_prices(store, "insert", price(ONE), price(ONE, "*"), price(ONE, "FR-EMP")) == DONE
    assert code(push_prices(store, "fullLoad", price(ONE, "DEDCB"), price(ONE, "DE-DCB"))) == "018"


def test_a_long_list_of_faults_stays_short(store: Store) -> None:
    refused = push_data(store, "insert", *[evse(f"FR*LYN*E{number}") for number in range(5000)])
    assert code(refused) == "018"
    assert len(refused["StatusCode"]["AdditionalInfo"]) < 1000


@pytest.mark.parametrize("record", [None, 17, "text", [], {}, {"EvseID": None}, {"EvseID": 17}])
def test_022_for_what_is_no_record(store: Store, record: object) -> None:
    assert code(push_data(store, "fullLoad", evse(), record)) == "022"
    assert data_there(store) == []


@pytest.mark.parametrize("part", [None, 17, [], {}, {"OperatorID": OPERATOR}, {"EvseDataRecord": []}])
def test_022_for_what_is_no_push(store: Store, part: object) -> None:
    for operation, name in (
        ("eRoamingPushEvseData", "OperatorEvseData"),
        ("eRoamingPushEvseStatus", "OperatorEvseStatus"),
        ("eRoamingPushPricingProductData", "PricingProductData"),
        ("eRoamingPushEVSEPricing", "EVSEPricing"),
    ):
        if (operation, part) != ("eRoamingPushEVSEPricing", []):
            refused = answer(store, operation, {"ActionType": "fullLoad", name: part})
            assert (refused["Result"], code(refused)) == (False, "022")
        assert code(answer(store, operation, {})) == "022"


def test_a_product_that_is_there_twice(store: Store) -> None:
    assert code(push_products(store, "fullLoad", "AC1", "AC1")) == "022"
