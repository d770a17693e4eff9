"""What the hub answers to pulls of status, prices and charge detail records, and how it can vary that."""

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oicp_conformance.hub import pulls
from oicp_conformance.hub.inventory import catalogue
from oicp_conformance.hub.script import Answer, negative
from oicp_conformance.hub.store import Store, geo
from oicp_conformance.journal.answers import Answer as Said
from oicp_conformance.journal.answers import answer_of
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.structure import look
from oicp_conformance.oicp.empty import EMPTY
from oicp_conformance.oicp.operations import BY_NAME, OPERATIONS
from oicp_conformance.oicp.provider import faker
from oicp_conformance.oicp.types import operator_of, plain_id
from selftest.unit.stores import (
    ONE,
    OPERATOR,
    PROVIDER,
    THREE,
    TWO,
    Clock,
    answer,
    code,
    evse,
    ids,
    price,
    pull_data,
    push_data,
    push_prices,
    push_products,
    push_status,
)

Body = dict[str, Any]


# --- EVSE status


def pull_status(store: Store, operation: str = "eRoamingPullEvseStatus", **fields: Any) -> Body:
    return answer(store, operation, {"ProviderID": PROVIDER, **fields})


def grouped(message: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return {
        group["OperatorID"]: {one["EvseID"]: one["EvseStatus"] for one in group["EvseStatusRecord"]}
        for group in message["EvseStatuses"]["OperatorEvseStatus"]
    }


def by_id(message: Mapping[str, Any]) -> dict[str, str]:
    records = message["EVSEStatusRecords"]["EvseStatusRecord"]
    return {one["EvseID"]: one["EvseStatus"] for one in records}


@pytest.fixture
def states(store: Store) -> Store:
    push_data(store, "fullLoad", evse(ONE), evse(THREE))
    push_status(store, "fullLoad", (ONE, "Available"), (TWO, "Occupied"))
    push_status(store, "fullLoad", ("FR*LYN*E1", "Occupied"), operator="FR*LYN")
    return store


def test_all_statuses_by_operator(states: Store) -> None:
    message = pull_status(states)
    assert grouped(message) == {
        OPERATOR: {ONE: "Available", TWO: "Occupied"},
        "FR*LYN": {"FR*LYN*E1": "Occupied"},
    }
    assert code(message) == "000"
    assert message["EvseStatuses"]["OperatorEvseStatus"][0]["OperatorName"] == "ABC"


@pytest.mark.parametrize("name", ["EvseStatus", "EVSEStatus"])
def test_one_status_in_either_spelling(states: Store, name: str) -> None:
    occupied = {OPERATOR: {TWO: "Occupied"}, "FR*LYN": {"FR*LYN*E1": "Occupied"}}
    assert grouped(pull_status(states, **{name: "Occupied"})) == occupied
    assert grouped(pull_status(states, **{name: "Reserved"})) == {}
    nothing: Body = {name: None}
    assert grouped(pull_status(states, **nothing)) == grouped(pull_status(states))


def test_statuses_in_a_circle_are_those_of_published_evses(states: Store) -> None:
    near, far = "52.480495 13.356465", "48.137154 11.576124"
    for text, found in ((near, {OPERATOR: {ONE: "Available"}}), (far, {})):
        circle = {"GeoCoordinates": {"Google": {"Coordinates": text}}, "Radius": 1}
        assert grouped(pull_status(states, SearchCenter=circle)) == found


def test_statuses_of_operators(states: Store) -> None:
    operation = "eRoamingPullEvseStatusByOperatorID"
    assert grouped(pull_status(states, operation, OperatorID=["frlyn"])) == {
        "FR*LYN": {"FR*LYN*E1": "Occupied"}
    }
    assert grouped(pull_status(states, operation, OperatorID=["FR*LYN", "DEABC"])) == grouped(
        pull_status(states)
    )
    assert grouped(pull_status(states, operation, OperatorID=["XX*XXX"])) == {}
    assert grouped(pull_status(states, operation, OperatorID=[])) == {}


def test_statuses_by_id(states: Store) -> None:
    asked = ["DEABCE11", TWO, THREE, "DE*ABC*E9", "nonsense"]
    assert by_id(pull_status(states, "eRoamingPullEvseStatusByID", EvseID=asked)) == {
        "DEABCE11": "Available",
        TWO: "Occupied",
        THREE: "Unknown",
        "DE*ABC*E9": "EvseNotFound",
        "nonsense": "EvseNotFound",
    }
    assert by_id(pull_status(states, "eRoamingPullEvseStatusByID", EvseID=[])) == {}


def test_a_hundred_ids_and_no_more(states: Store) -> None:
    asked = [f"DE*ABC*E{number}" for number in range(101)]
    assert len(by_id(pull_status(states, "eRoamingPullEvseStatusByID", EvseID=asked[:100]))) == 100
    refused = pull_status(states, "eRoamingPullEvseStatusByID", EvseID=asked)
    assert (code(refused), by_id(refused)) == ("022", {})


def test_the_form_of_the_body_decides(states: Store) -> None:
    for operation in (
        "eRoamingPullEvseStatus",
        "eRoamingPullEvseStatusByID",
        "eRoamingPullEvseStatusByOperatorID",
    ):
        assert by_id(pull_status(states, operation, EvseID=[ONE])) == {ONE: "Available"}
        assert list(grouped(pull_status(states, operation, OperatorID=["FR*LYN"]))) == ["FR*LYN"]


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("eRoamingPullEvseStatus", {"ProviderID": None}),
        ("eRoamingPullEvseStatus", {"EvseStatus": 17}),
        ("eRoamingPullEvseStatus", {"SearchCenter": {}}),
        ("eRoamingPullEvseStatusByID", {}),
        ("eRoamingPullEvseStatusByID", {"EvseID": [17]}),
        ("eRoamingPullEvseStatusByID", {"EvseID": None}),
        ("eRoamingPullEvseStatusByOperatorID", {}),
        ("eRoamingPullEvseStatusByOperatorID", {"OperatorID": {}}),
    ],
)
def test_022_for_what_is_no_status_pull(states: Store, operation: str, fields: Body) -> None:
    refused = pull_status(states, operation, **fields)
    assert code(refused) == "022"
    assert refused["StatusCode"]["AdditionalInfo"]


def test_a_status_needs_a_value(store: Store) -> None:
    record = {"EvseID": ONE}
    body = {"OperatorEvseStatus": {"OperatorID": OPERATOR, "EvseStatusRecord": [record]}}
    for action, expected in (("insert", "022"), ("delete", "000")):
        done = answer(store, "eRoamingPushEvseStatus", {"ActionType": action, **body}, partner=OPERATOR)
        assert code(done) == expected


# --- prices


def pull_products(store: Store, partner: str = PROVIDER, **fields: Any) -> list[Body]:
    message = answer(
        store,
        "eRoamingPullPricingProductData",
        {"OperatorIDs": [OPERATOR, "FR*LYN"], **fields},
        partner=partner,
    )
    assert code(message) == "000"
    return list(message["PricingProductData"])


def products_of(groups: list[Body]) -> list[tuple[str, str, list[str]]]:
    return [
        (
            group["OperatorID"],
            group["ProviderID"],
            [one["ProductID"] for one in group["PricingProductDataRecords"]],
        )
        for group in groups
    ]


def test_products_are_for_their_provider(store: Store) -> None:
    push_products(store, "fullLoad", "AC1", "DC")
    push_products(store, "fullLoad", "Public", provider="*")
    push_products(store, "fullLoad", "Theirs", provider="FR-EMP")
    push_products(store, "fullLoad", "Nuit", operator="FR*LYN", provider="dedcb")
    own = [("DE*ABC", "DE-DCB", ["AC1", "DC"]), ("DE*ABC", "*", ["Public"]), ("FR*LYN", "dedcb", ["Nuit"])]
    assert products_of(pull_products(store)) == own
    assert products_of(pull_products(store, OperatorIDs=["frlyn"])) == own[2:]
    assert products_of(pull_products(store, OperatorIDs=[])) == []
    assert products_of(pull_products(store, "FR-EMP")) == [
        ("DE*ABC", "*", ["Public"]),
        ("DE*ABC", "FR-EMP", ["Theirs"]),
    ]


def test_changed_products_since_the_last_call(store: Store, clock: Clock) -> None:
    push_products(store, "fullLoad", "AC1", "DC")
    push_products(store, "fullLoad", "Public", provider="*")
    then = clock.later().isoformat()
    assert pull_products(store, LastCall=then) == []
    push_products(store, "update", "DC", cost=2)
    assert products_of(pull_products(store, LastCall=then)) == [("DE*ABC", "DE-DCB", ["DC"])]


def test_prices_are_for_their_provider(store: Store) -> None:
    push_data(store, "fullLoad", evse(ONE))
    push_prices(store, "fullLoad", price(ONE), price(ONE, "*", "AC1", "DC"), price(TWO, "FR-EMP"))
    body = {"ProviderID": PROVIDER, "OperatorIDs": ["deabc"]}
    message = answer(store, "eRoamingPullEVSEPricing", body)
    assert message["EVSEPricing"] == [
        {
            "OperatorID": OPERATOR,
            "OperatorName": "ABC",
            "EVSEPricing": [price(ONE), price(ONE, "*", "AC1", "DC")],
        }
    ]
    other = {"ProviderID": PROVIDER, "OperatorIDs": ["FR*LYN"]}
    assert answer(store, "eRoamingPullEVSEPricing", other)["EVSEPricing"] == []


def test_changed_prices_since_the_last_call(store: Store, clock: Clock) -> None:
    push_prices(store, "fullLoad", price(ONE), price(TWO))
    then = clock.later().isoformat()
    push_prices(store, "update", price(TWO, PROVIDER, "DC"))
    body = {"ProviderID": PROVIDER, "OperatorIDs": [OPERATOR], "LastCall": then}
    (group,) = answer(store, "eRoamingPullEVSEPricing", body)["EVSEPricing"]
    assert group["EVSEPricing"] == [price(TWO, PROVIDER, "DC")]


@pytest.mark.parametrize("fields", [{"OperatorIDs": None}, {"OperatorIDs": 17}, {"LastCall": "x"}])
def test_022_for_what_is_no_price_pull(store: Store, fields: Body) -> None:
    for operation in ("eRoamingPullPricingProductData", "eRoamingPullEVSEPricing"):
        body = {"ProviderID": PROVIDER, "OperatorIDs": [OPERATOR], **fields}
        refused = answer(store, operation, body)
        assert refused == {**EMPTY[operation], "StatusCode": refused["StatusCode"]}
        assert code(refused) == "022"


# --- charge detail records

SESSION = "f98efba4-02d8-4fa0-b810-9a9d50d2c52{}"


@pytest.fixture
def records(store: Store, clock: Clock) -> Store:
    for number, evse_id in enumerate((ONE, "FR*LYN*E1", TWO)):
        record = {"SessionID": SESSION.format(number), "EvseID": evse_id, "HubOperatorID": None}
        store.records.keep(record, store.now, forwarded=number != 1)
        clock.later()
    return store


def pull_records(store: Store, page: str = "0", size: str = "20", **fields: Any) -> Body:
    body = {"From": "2026-11-22T14:00:00+01:00", "To": "2026-11-23T14:00:00+01:00", **fields}
    return answer(
        store, "eRoamingGetChargeDetailRecords", {"ProviderID": PROVIDER, **body}, page=page, size=size
    )


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, [0, 1, 2]),
        ({"To": "2026-11-22T13:01:00Z"}, [0, 1]),
        ({"From": "2026-11-22T13:01:00Z", "To": "2026-11-22T13:01:00Z"}, [1]),
        ({"From": "2026-11-22T14:01:30+01:00"}, [2]),
        ({"From": "2027-11-22T14:01:30+01:00"}, []),
        ({"SessionID": [SESSION.format(1)]}, [1]),
        ({"SessionID": SESSION.format(2).upper()}, [2]),
        ({"SessionID": []}, [0, 1, 2]),
        ({"OperatorID": OPERATOR}, [0, 2]),
        ({"OperatorID": ["frlyn"]}, [1]),
        ({"CDRForwarded": True}, [0, 2]),
        ({"CDRForwarded": False}, [1]),
        ({"CDRForwarder": False}, [0, 1, 2]),
    ],
)
def test_records_that_are_asked_for(records: Store, fields: Body, found: list[int]) -> None:
    page = pull_records(records, **fields)
    assert [int(one["SessionID"][-1]) for one in page["content"]] == found
    assert page["totalElements"] == len(found)


def test_records_come_in_pages(records: Store) -> None:
    pages = [pull_records(records, page=str(number), size="2") for number in range(2)]
    assert [int(one["SessionID"][-1]) for page in pages for one in page["content"]] == [0, 1, 2]
    assert [page["last"] for page in pages] == [False, True]


@pytest.mark.parametrize(
    "fields",
    [{"From": None}, {"To": None}, {"To": "tomorrow"}, {"SessionID": 17}, {"CDRForwarded": "true"}],
)
def test_022_for_what_is_no_pull_of_records(records: Store, fields: Body) -> None:
    assert code(pull_records(records, **fields)) == "022"


def test_one_record_of_a_session(records: Store, clock: Clock) -> None:
    again = {"SessionID": SESSION.format(1).upper(), "EvseID": "FR*LYN*E1"}
    records.records.keep(again, clock.now, forwarded=True)
    page = pull_records(records, CDRForwarded=True)
    assert [int(one["SessionID"][-1]) for one in page["content"]] == [0, 1, 2]


# --- the catalogue


def test_a_catalogue_is_of_many_operators_and_the_same_for_a_seed() -> None:
    operators = ["DE*ABC", "FR*LYN", "+49*810"]
    made = catalogue(faker(7), 300, operators, [ONE])
    assert made == catalogue(faker(7), 300, operators, [ONE])
    assert made != catalogue(faker(8), 300, operators, [ONE])
    assert made[0]["EvseID"] == ONE
    assert made[0]["IsHubjectCompatible"] is True
    assert len({plain_id(one["EvseID"]) for one in made}) == 300
    assert {one["OperatorID"] for one in made} == set(operators)
    assert all(plain_id(one["OperatorID"]) == operator_of(one["EvseID"]) for one in made)


def test_a_published_catalogue_can_be_pulled(store: Store, clock: Clock) -> None:
    made = catalogue(faker(7), 50, ["DE*ABC", "FR*LYN", "+49*810"])
    store.publish(made)
    page = pull_data(store)
    assert sorted(ids(page)) == sorted(one["EvseID"] for one in made)
    pulled = {one["EvseID"]: one for one in page["content"]}
    for one in made:
        got = pulled[one["EvseID"]]
        assert {**got, **one, "DynamicInfoAvailable": got["DynamicInfoAvailable"]} == got
    offered = sum(one["DynamicInfoAvailable"] != "false" for one in made)
    assert sum(map(len, grouped(pull_status(store)).values())) == offered
    then = clock.later()
    store.publish([{**made[0], "MaxCapacity": 40}])
    (changed,) = pull_data(store, LastCall=then.isoformat())["content"]
    assert (changed["EvseID"], changed["deltaType"]) == (made[0]["EvseID"], "update")


# --- the freedoms of the answer


def page_of(store: Store) -> Answer:
    store.publish(catalogue(faker(7), 5, [OPERATOR]))
    return Answer(message=pull_data(store))


PULL = OPERATIONS[0]
"""Which operation it is does not matter to these changes."""


def test_status_code_object_absent_or_null(store: Store) -> None:
    honest = page_of(store)
    assert "StatusCode" not in pulls.without_status_code().change(PULL, honest).message
    assert pulls.null_status_code().change(PULL, honest).message["StatusCode"] is None
    assert pulls.honest().change(PULL, honest) == honest
    assert honest.message["StatusCode"]["Code"] == "000"


def test_records_of_older_partners(store: Store) -> None:
    honest = page_of(store)
    changed = pulls.records_of_older_partners().change(PULL, honest).message
    for before, after in zip(honest.message["content"], changed["content"], strict=True):
        assert after["RenewableEnergy"] is None
        assert after["CalibrationLawDataAvailability"] is None
        assert all(one["lang"] is None for one in after["ChargingStationNames"])
        assert after["EvseID"] == before["EvseID"]
        assert before["RenewableEnergy"] is not None
        assert after["OpeningTimes"] == before.get("OpeningTimes")


def test_unknown_values(store: Store) -> None:
    honest = page_of(store)
    changed = pulls.unknown_values().change(PULL, honest).message
    for before, after in zip(honest.message["content"], changed["content"], strict=True):
        assert after["Plugs"] == [*before["Plugs"], pulls.TOMORROW]
    by_id = Answer(message=pull_status(store, "eRoamingPullEvseStatusByID", EvseID=[ONE, TWO]))
    states = pulls.unknown_status().change(PULL, by_id).message["EVSEStatusRecords"]["EvseStatusRecord"]
    assert [one["EvseStatus"] for one in states] == [pulls.TOMORROW, "EvseNotFound"]
    every = pulls.unknown_status().change(PULL, Answer(message=pull_status(store))).message
    for group in every["EvseStatuses"]["OperatorEvseStatus"]:
        assert group["EvseStatusRecord"][0]["EvseStatus"] == pulls.TOMORROW


@pytest.mark.parametrize("freedom", pulls.FREEDOMS)
def test_a_freedom_leaves_the_store_as_it_is(store: Store, freedom: str) -> None:
    honest = page_of(store)
    before = copy.deepcopy(honest.message)
    script = pulls.FREEDOMS[freedom]()
    assert script.name == freedom
    assert script.change(PULL, honest).message != before
    assert honest.message == before
    assert pull_data(store) == before


def test_an_empty_page(store: Store) -> None:
    page = pulls.empty_page().change(PULL, page_of(store)).message
    assert (page["content"], page["totalElements"], page["last"], page["first"]) == ([], 0, True, True)


def test_a_page_that_fails_once(store: Store) -> None:
    scripts = pulls.fails_once(page=2)
    assert [script.change(PULL, page_of(store)).status for script in scripts] == [200, 200, 500]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"content": [], "StatusCode": {"Code": "000"}}, Said.POSITIVE),
        ({"content": [], "StatusCode": None}, Said.POSITIVE),
        ({"content": []}, Said.POSITIVE),
        ({"content": [], "StatusCode": {"Code": "022"}}, Said.NEGATIVE),
        ({"Result": False, "StatusCode": {"Code": "017"}}, Said.NEGATIVE),
    ],
)
def test_what_an_answer_to_a_pull_says(body: Body, said: Said) -> None:
    known = {operation.name for operation in OPERATIONS}
    for operation in known & EMPTY.keys():
        exchange = Exchange(
            number=1,
            direction="target-to-hub",
            operation=operation,
            method="POST",
            path="/",
            request=Part(),
            started=0,
            finished=1,
            status=200,
            answer=Part(body=json.dumps(body).encode()),
        )
        assert answer_of(exchange) is said


def test_times_are_in_whole_milliseconds() -> None:
    store = Store(lambda: datetime(2026, 11, 22, 13, 0, 0, 123456, UTC))
    assert store.now == datetime(2026, 11, 22, 13, 0, 0, 123000, UTC)
    assert abs(Store().now - datetime.now(UTC)) < timedelta(seconds=5)


def test_operators_of_prices_in_the_other_spelling_are_no_filter(store: Store) -> None:
    push_products(store, "fullLoad", "AC1")
    push_products(store, "fullLoad", "Nuit", operator="FR*LYN")
    body = {"OperatorIds": ["FR*LYN"]}
    both = answer(store, "eRoamingPullPricingProductData", body)["PricingProductData"]
    assert [one["OperatorID"] for one in both] == [OPERATOR, "FR*LYN"]


# --- what the tables say of it


def broken(operation: str, message: Mapping[str, Any]) -> list[str]:
    found = look(BY_NAME[operation].answer, message, "emp")
    return [f"{one.pointer}: {one.message}" for one in found if one.verdict is not Verdict.PASS]


def test_answers_are_as_their_tables_have_them(store: Store, clock: Clock) -> None:
    then = clock.now - timedelta(hours=1)
    store.publish(catalogue(faker(7), 200, [OPERATOR, "FR*LYN", "+49*810"], [ONE]))
    for notation in geo.NOTATIONS:
        for last_call in (None, then.isoformat()):
            page = pull_data(store, GeoCoordinatesResponseFormat=notation, LastCall=last_call)
            assert page["numberOfElements"] == 200
            assert broken("eRoamingPullEvseData", page) == []
    assert broken("eRoamingPullEvseStatus", pull_status(store)) == []
    by_id = pull_status(store, "eRoamingPullEvseStatusByID", EvseID=[ONE, "DE*ABC*E404"])
    assert broken("eRoamingPullEvseStatusByID", by_id) == []
    push_prices(store, "fullLoad", price(ONE))
    body = {"ProviderID": PROVIDER, "OperatorIDs": [OPERATOR]}
    assert broken("eRoamingPullEVSEPricing", answer(store, "eRoamingPullEVSEPricing", body)) == []


@pytest.mark.parametrize("operation", EMPTY)
def test_refusals_are_as_their_tables_have_them(store: Store, operation: str) -> None:
    refused = answer(store, operation, {})
    assert code(refused) == "022"
    assert broken(operation, refused) == []
    assert broken(operation, negative(BY_NAME[operation], "017")) == []


def test_every_push_and_pull_is_known(store: Store) -> None:
    for operation in OPERATIONS:
        kept = operation.name.startswith(("eRoamingPush", "eRoamingPull", "eRoamingGet"))
        kept = kept and operation.name != "eRoamingPushAuthenticationData"
        assert (store.answer(operation.name, PROVIDER, {}) is not None) is kept
