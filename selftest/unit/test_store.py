"""What the hub keeps of pushes, and what it gives back to pulls of EVSE data."""

import copy
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicp_conformance.hub.inventory import catalogue
from oicp_conformance.hub.store import Store, geo
from oicp_conformance.hub.store.pages import LARGEST_SIZE, Asked, query_of
from oicp_conformance.oicp.provider import faker

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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store(clock)


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

# --- action types, alike for all pushes

Push = Callable[..., Body]


def data(store: Store, action: str, *evses: str) -> Body:
    return push_data(store, action, *map(evse, evses))


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


# --- pages


@given(count=st.integers(0, 70), size=st.integers(1, 80))
def test_pages_give_the_whole_list_once(count: int, size: int) -> None:
    items = list(range(count))
    got: list[int] = []
    page = Asked(0, size).of_list(items, lambda one: one)
    for number in range(page["totalPages"] or 1):
        page = Asked(number, size).of_list(items, lambda one: one)
        got += page["content"]
        assert page["first"] is (number == 0)
        assert page["last"] is (len(got) == count)
        assert (page["number"], page["size"], page["totalElements"]) == (number, size, count)
        assert page["numberOfElements"] == len(page["content"]) <= size
        assert page["empty"] is (not page["content"])
        assert page["pageable"]["offset"] == number * size
    assert got == items


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", (0, 20)),
        ("page=3&size=7", (3, 7)),
        ("page=0&size=1", (0, 1)),
        ("size=2000", (0, 2000)),
        ("size=2001", (0, LARGEST_SIZE)),
        ("size=999999999999", (0, LARGEST_SIZE)),
        (f"size={'9' * 5000}&page={'9' * 5000}", (0, 20)),
        ("size=0", (0, 20)),
        ("size=-1&page=-1", (0, 20)),
        ("size=x&page=y", (0, 20)),
        ("page=&size=", (0, 20)),
        ("page=1.5&size=1e3", (0, 20)),
        ("page=%31&size=%37", (1, 7)),
        ("page=1&page=2", (1, 20)),
        ("pages=4&limit=9", (0, 20)),
        ("page=٣", (0, 20)),
        ("sort=EvseID,asc&page=2", (2, 20)),
        ("&".join(f"x{number}=1" for number in range(200)), (0, 20)),
    ],
)
def test_page_and_size(query: str, asked: tuple[int, int]) -> None:
    found = Asked.of(query_of(f"/data-records?{query}"))
    assert (found.number, found.size) == asked


def test_a_page_beyond_the_end_is_empty(store: Store) -> None:
    data(store, "fullLoad", ONE, TWO)
    page = pull_data(store, page="9", size="1")
    assert (page["content"], page["last"], page["first"], page["empty"]) == ([], True, False, True)
    assert (page["totalElements"], page["totalPages"], page["numberOfElements"]) == (2, 2, 0)


def test_pages_are_in_a_stable_order(store: Store) -> None:
    store.publish(catalogue(faker(3), 95, ["DE*ABC", "FR*LYN", "+49*810"]))
    pages = [pull_data(store, page=str(number), size="10") for number in range(10)]
    whole = ids(pull_data(store))
    assert [one for page in pages for one in ids(page)] == whole
    assert len(set(whole)) == 95
    push_data(store, "update", evse(whole[0], Plugs=["CHAdeMO"]), operator=whole[0][:6])
    assert ids(pull_data(store)) == whole


def test_an_honest_page_has_all_fields(store: Store) -> None:
    data(store, "fullLoad", ONE)
    page = pull_data(store)
    assert page["StatusCode"] == {"Code": "000", "Description": "Success"}
    assert set(page) == {
        *("content", "number", "size", "totalElements", "last", "totalPages", "first", "numberOfElements"),
        *("StatusCode", "pageable", "empty"),
    }


# --- what is added, and the delta


def test_records_are_told_apart_by_operator_and_time(store: Store, clock: Clock) -> None:
    clock.now = clock.now.replace(microsecond=123456)
    push_data(store, "fullLoad", evse(deltaType="delete", lastUpdate="never"))
    (record,) = pull_data(store)["content"]
    assert record["lastUpdate"] == "2026-11-22T13:00:00.123+00:00"
    assert record["OperatorID"] == OPERATOR
    assert record["OperatorName"] == "ABC"
    assert "deltaType" not in record


def test_the_delta_since_the_last_call(store: Store, clock: Clock) -> None:
    data(store, "fullLoad", ONE, TWO, THREE)
    then = clock.later()
    assert delta(store, then) == {}
    push_data(store, "update", evse(ONE, Plugs=["CHAdeMO"]))
    data(store, "delete", TWO)
    data(store, "insert", "DE*ABC*E4")
    assert delta(store, then) == {ONE: "update", TWO: "delete", "DE*ABC*E4": "insert"}
    assert ids(pull_data(store)) == [ONE, THREE, "DE*ABC*E4"]
    before_all = then - timedelta(seconds=1)
    assert delta(store, before_all) == {ONE: "insert", THREE: "insert", "DE*ABC*E4": "insert"}
    assert delta(store, clock.later()) == {}


def delta(store: Store, then: datetime) -> dict[str, str]:
    page = pull_data(store, LastCall=then.isoformat())
    return {record["EvseID"]: record["deltaType"] for record in page["content"]}


def test_a_full_load_changes_what_differs(store: Store, clock: Clock) -> None:
    data(store, "fullLoad", ONE, TWO, THREE)
    then = clock.later()
    push_data(store, "fullLoad", evse(ONE), evse(TWO, Plugs=["CHAdeMO"]), evse("DE*ABC*E4"))
    assert delta(store, then) == {TWO: "update", THREE: "delete", "DE*ABC*E4": "insert"}
    (unchanged, *_) = pull_data(store)["content"]
    assert unchanged["lastUpdate"] == then.isoformat(timespec="milliseconds")


def test_what_came_and_went_is_in_no_delta(store: Store, clock: Clock) -> None:
    then = clock.later()
    data(store, "insert", ONE)
    during = clock.later()
    data(store, "delete", ONE)
    gone = clock.later()
    assert delta(store, then) == {}
    assert delta(store, during) == {ONE: "delete"}
    data(store, "insert", ONE)
    assert delta(store, during) == {ONE: "update"}
    assert delta(store, gone) == {ONE: "insert"}


@given(
    pushes=st.lists(
        st.tuples(
            st.sampled_from(["fullLoad", "insert", "update", "delete"]),
            st.dictionaries(st.sampled_from([ONE, TWO, THREE]), st.integers(0, 2)),
        ),
        max_size=8,
    ),
    since=st.integers(0, 8),
)
def test_a_delta_leads_from_then_to_now(pushes: list[tuple[str, dict[str, int]]], since: int) -> None:
    clock = Clock()
    store = Store(clock)
    states = [(clock.now - timedelta(seconds=1), dict[str, int]())]
    for action, records in pushes:
        push_data(store, action, *[evse(one, MaxCapacity=value) for one, value in records.items()])
        state = {one["EvseID"]: one["MaxCapacity"] for one in pull_data(store)["content"]}
        states.append((clock.later(), state))
    then, state = states[min(since, len(states) - 1)]
    page = pull_data(store, LastCall=then.isoformat())
    for record in page["content"]:
        assert (record["deltaType"] == "insert") is (record["EvseID"] not in state)
        if record["deltaType"] == "delete":
            del state[record["EvseID"]]
        else:
            state[record["EvseID"]] = record["MaxCapacity"]
    assert state == states[-1][1]


@pytest.mark.parametrize(
    "fields",
    [
        {"SearchCenter": {"GeoCoordinates": {"Google": {"Coordinates": "52.1 13.1"}}, "Radius": 5}},
        {"CountryCodes": ["DEU"]},
        {"OperatorIds": [OPERATOR]},
    ],
)
def test_last_call_stands_alone(store: Store, clock: Clock, fields: Body) -> None:
    data(store, "fullLoad", ONE)
    refused = pull_data(store, LastCall=clock.now.isoformat(), **fields)
    assert (code(refused), refused["content"], refused["totalElements"]) == ("022", [], 0)
    nothing: Body = dict.fromkeys(fields)
    assert code(pull_data(store, LastCall=clock.now.isoformat(), **nothing)) == "000"


def test_last_call_may_stand_with_the_other_filters(store: Store, clock: Clock) -> None:
    then = clock.later()
    push_data(store, "fullLoad", evse(ONE), evse(TWO, IsOpen24Hours=False))
    page = pull_data(store, LastCall=then.isoformat().replace("+00:00", "Z"), IsOpen24Hours=True)
    assert ids(page) == [ONE]


# --- filters


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, [1, 2, 3]),
        ({"CountryCodes": ["DEU"]}, [1, 2]),
        ({"CountryCodes": ["FRA", "DEU"]}, [1, 2, 3]),
        ({"CountryCodes": ["deu"]}, [1, 2]),
        ({"CountryCodes": ["AUT"]}, []),
        ({"CountryCodes": []}, [1, 2, 3]),
        ({"CountryCodes": None}, [1, 2, 3]),
        ({"OperatorIds": [OPERATOR]}, [1, 2]),
        ({"OperatorIds": ["deabc"]}, [1, 2]),
        ({"OperatorIds": ["FR*LYN", "DE*ABC"]}, [1, 2, 3]),
        ({"OperatorIDs": ["FR*LYN"]}, [1, 2, 3]),
        ({"AuthenticationModes": ["REMOTE"]}, [1, 3]),
        ({"AuthenticationModes": ["PnC", "Direct Payment"]}, [2, 3]),
        ({"Accessibility": ["Restricted access"]}, [2]),
        ({"CalibrationLawDataAvailability": ["Local", "External"]}, [1, 3]),
        ({"RenewableEnergy": True}, [1]),
        ({"RenewableEnergy": False}, [2]),
        ({"IsHubjectCompatible": True}, [1, 2]),
        ({"IsOpen24Hours": False}, [3]),
        ({"IsOpen24Hours": True, "AuthenticationModes": ["REMOTE"]}, [1]),
    ],
)
def test_filters(store: Store, fields: Body, found: list[int]) -> None:
    filters = ({"Country": "DEU"}, {"Country": "DEU"}, {"Country": "FRA"})
    one, two, three = ({"Address": address} for address in filters)
    push_data(
        store,
        "fullLoad",
        evse(
            "DE*ABC*E1",
            **one,
            AuthenticationModes=["REMOTE", "NFC RFID Classic"],
            Accessibility="Test Station",
            CalibrationLawDataAvailability="Local",
            RenewableEnergy=True,
            IsHubjectCompatible=True,
        ),
        evse(
            "DE*ABC*E2",
            **two,
            AuthenticationModes=["PnC"],
            Accessibility="Restricted access",
            CalibrationLawDataAvailability="Not Available",
            RenewableEnergy=False,
            IsHubjectCompatible=True,
        ),
    )
    push_data(
        store,
        "fullLoad",
        evse(
            "FR*LYN*E3",
            **three,
            AuthenticationModes=["REMOTE", "PnC"],
            Accessibility=None,
            CalibrationLawDataAvailability="External",
            RenewableEnergy=None,
            IsHubjectCompatible=False,
            IsOpen24Hours=False,
        ),
        operator="FR*LYN",
    )
    assert [int(one[-1]) for one in ids(pull_data(store, **fields))] == found


@pytest.mark.parametrize(
    "fields",
    [
        {"ProviderID": None},
        {"GeoCoordinatesResponseFormat": None},
        {"GeoCoordinatesResponseFormat": "google"},
        {"GeoCoordinatesResponseFormat": ["Google"]},
        {"LastCall": "yesterday"},
        {"LastCall": "2026-11-22T14:00:00"},
        {"LastCall": 17},
        {"CountryCodes": [17]},
        {"OperatorIds": {}},
        {"RenewableEnergy": "true"},
        {"SearchCenter": []},
        {"SearchCenter": {"Radius": 5}},
        {"SearchCenter": {"GeoCoordinates": {"Google": {"Coordinates": "here"}}, "Radius": 5}},
        {"SearchCenter": {"GeoCoordinates": {"Google": {"Coordinates": "52.1 13.1"}}, "Radius": "5"}},
        {"SearchCenter": {"GeoCoordinates": {"Google": {"Coordinates": "52.1 13.1"}}, "Radius": -1}},
    ],
)
def test_022_for_what_is_no_pull(store: Store, fields: Body) -> None:
    data(store, "fullLoad", ONE)
    refused = pull_data(store, **fields)
    assert (code(refused), refused["content"]) == ("022", [])
    assert refused["StatusCode"]["AdditionalInfo"]


def test_records_in_a_circle(store: Store) -> None:
    berlin, potsdam, munich = ("52.520008 13.404954", "52.390569 13.064473", "48.137154 11.576124")
    places = [
        evse(f"DE*ABC*E{number}", GeoCoordinates={"Google": {"Coordinates": text}})
        for number, text in enumerate((berlin, potsdam, munich))
    ]
    push_data(store, "fullLoad", *places, evse("DE*ABC*E9", GeoCoordinates=None))
    center = geo.convert({"Google": {"Coordinates": berlin}}, "DegreeMinuteSeconds")
    for radius, count in ((0.1, 1), (27, 1), (28, 2), (503, 2), (505, 3), (999.9, 3)):
        circle = {"GeoCoordinates": center, "Radius": radius}
        assert ids(pull_data(store, SearchCenter=circle)) == [f"DE*ABC*E{n}" for n in range(count)]


def test_auto_is_true_where_a_status_is_offered(store: Store) -> None:
    push_data(store, "fullLoad", evse(DynamicInfoAvailable="auto"))
    assert pull_data(store)["content"][0]["DynamicInfoAvailable"] == "auto"
    push_status(store, "insert", (ONE, "Available"))
    assert pull_data(store)["content"][0]["DynamicInfoAvailable"] == "true"


# --- positions

POSITIONS = st.builds(
    geo.Position, st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000)
)


@given(position=POSITIONS)
def test_notations_there_and_back(position: geo.Position) -> None:
    for first in geo.NOTATIONS:
        written = geo.write(position, first)
        assert geo.read(written) == position
        for second in geo.NOTATIONS:
            converted = geo.convert(written, second)
            assert list(converted) == [second]
            assert geo.convert(converted, first) == written


@pytest.mark.parametrize(
    ("google", "latitude", "longitude"),
    [
        ("47.662249 9.360922", "47°39'44.096''", "9°21'39.319''"),
        ("-0.500000 179.999999", "-0°30'0.000''", "179°59'59.996''"),
        ("0.000001 -0.000001", "0°0'0.004''", "-0°0'0.004''"),
    ],
)
def test_known_positions(google: str, latitude: str, longitude: str) -> None:
    in_degrees = {"DegreeMinuteSeconds": {"Latitude": latitude, "Longitude": longitude}}
    assert geo.convert({"Google": {"Coordinates": google}}, "DegreeMinuteSeconds") == in_degrees
    assert geo.convert(in_degrees, "Google") == {"Google": {"Coordinates": google}}


@pytest.mark.parametrize("text", ["52.48,13.35", "52.48, 13.35", "52.48  13.35", "52.480 13.35"])
def test_separators_of_the_google_notation(text: str) -> None:
    assert geo.read({"Google": {"Coordinates": text}}) == geo.Position(52_480_000, 13_350_000)


@pytest.mark.parametrize(
    "unreadable",
    [
        None,
        17,
        {},
        {"Google": None},
        {"Google": {"Coordinates": None}},
        {"DecimalDegree": {"Latitude": "1.0"}},
    ],
)
def test_what_cannot_be_read_stays(unreadable: object) -> None:
    assert geo.read(unreadable) is None
    assert geo.convert(unreadable, "Google") in (unreadable, {"Google": {"Coordinates": None}})


def test_the_notation_asked_for_is_the_only_one(store: Store) -> None:
    nulls = {"Google": {"Coordinates": "52.48 13.35"}, "DecimalDegree": None, "DegreeMinuteSeconds": None}
    push_data(store, "fullLoad", evse(GeoCoordinates=nulls, GeoChargingPointEntrance=nulls))
    for notation in geo.NOTATIONS:
        (record,) = pull_data(store, GeoCoordinatesResponseFormat=notation)["content"]
        for name in ("GeoCoordinates", "GeoChargingPointEntrance"):
            assert list(record[name]) == [notation]


def test_distances() -> None:
    berlin, munich = geo.Position(52_520_008, 13_404_954), geo.Position(48_137_154, 11_576_124)
    assert berlin.distance(munich) == pytest.approx(504.2, abs=0.5)
    assert berlin.distance(berlin) == 0
    poles = geo.Position(90_000_000, 0).distance(geo.Position(-90_000_000, 0))
    assert poles == pytest.approx(20_015.1, abs=0.1)
    assert geo.Position(0, 179_900_000).distance(geo.Position(0, -179_900_000)) == pytest.approx(
        22.24, abs=0.01
    )
