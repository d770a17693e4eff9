"""A load of several pushes: what other pushes rely on is there before these are asked for."""

import threading
import time
from typing import Any

import pytest

from oicp_conformance.judge.requirements.price_pushes import KNOWN_PRODUCTS
from oicp_conformance.judge.verdicts import outcomes
from selftest.unit import examples as ex
from selftest.unit.journals import a_cpo
from selftest.unit.scene import PRODUCTS, WAIT, Scene, seconds_of

OPERATOR = "DE*ABC"


def push(scene: Scene, action: str, *names: str) -> None:
    """The CPO pushes some products."""
    records = [{"ProductID": name, "IsValid24hours": True} for name in names]
    data = {"OperatorID": OPERATOR, "ProviderID": "*", "PricingProductDataRecords": records}
    body: dict[str, Any] = {"ActionType": action, "PricingProductData": data}
    said = scene.stage.hubject.store.answer(PRODUCTS, OPERATOR, body)
    assert said is not None
    assert said["Result"] is True
    scene.says(PRODUCTS, body)


def piecewise(scene: Scene, *names: str) -> None:
    """The CPO loads products one by one, 50 ms after each other."""
    for number, name in enumerate(names):
        time.sleep(0.05)
        push(scene, "insert" if number else "fullLoad", name)


def load(scene: Scene, *names: str) -> set[str]:
    """Have the CPO load some products; gives those that are there when that is over for the suite."""
    loading = threading.Thread(target=piecewise, args=(scene, *names))
    loading.start()
    scene.stage.publish(PRODUCTS, "fullLoad")
    there = set(scene.stage.hubject.products("DE*ABC*E1*1"))
    loading.join()
    return there


def test_a_load_is_over_when_all_is_there_again(scene: Scene) -> None:
    push(scene, "fullLoad", "AC 1", "AC 3", "DC")
    assert load(scene, "AC 1", "AC 3", "DC") == {"AC 1", "AC 3", "DC"}


def test_what_a_load_leaves_out_is_not_waited_for_longer_than_for_a_push(scene: Scene) -> None:
    push(scene, "fullLoad", "AC 1", "AC 3", "DC")
    assert WAIT <= seconds_of(lambda: load(scene, "AC 1", "DC")) < WAIT + 1


def test_nothing_is_waited_for_after_a_load_in_one_push(scene: Scene) -> None:
    push(scene, "fullLoad", "AC 1")
    assert seconds_of(lambda: load(scene, "AC 1")) < WAIT


@pytest.mark.parametrize("action", ["fullLoad", "update"])
def test_product_that_a_load_left_out_is_not_known(action: str) -> None:
    """Also where it is there later for another reason than that the load went on."""
    cpo = a_cpo()
    cpo.push_products(ex.product(ProductID="AC 1"), ex.product(ProductID="AC 2"))
    cpo.push_products(ex.product(ProductID="AC 1"))
    priced = cpo.push_prices(ex.evse_pricing("AC 2"), action="insert")
    cpo.push_products(ex.product(ProductID="AC 2"), action=action)
    found = [one for one in outcomes(cpo.record) if one.requirement == KNOWN_PRODUCTS.id and one.is_finding]
    assert [one.exchange for one in found] == [priced.number]
