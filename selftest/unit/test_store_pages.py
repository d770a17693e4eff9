"""What the hub answers to pulls of EVSE data: pages, what changed, and filters."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicp_conformance.hub.inventory import catalogue
from oicp_conformance.hub.store import Store, geo
from oicp_conformance.hub.store.pages import LARGEST_SIZE, Asked, query_of
from oicp_conformance.oicp.provider import faker
from selftest.unit.stores import (
    ONE,
    OPERATOR,
    THREE,
    TWO,
    Body,
    Clock,
    code,
    data,
    evse,
    ids,
    pull_data,
    push_data,
    push_status,
)

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
