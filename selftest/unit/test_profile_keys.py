"""Keys that only one role has, and those of stimuli."""

from pathlib import Path

import pytest

from oicp_conformance.profile import as_saved, restore
from selftest.unit.profiles import CPO, EMP, errors, read


def test_a_hub_operator_and_its_products(tmp_path: Path) -> None:
    my = CPO.replace(
        "evse_ids", 'sub_operator_ids = ["DE*SUB", "+49*811"]\nproducts = ["AC1", "Öko 2"]\nevse_ids'
    )
    profile = read(tmp_path, my=my)
    assert profile.partner.sub_operator_ids == ["DE*SUB", "+49*811"]
    assert profile.partner.products == ["AC1", "Öko 2"]
    saved = as_saved(profile)
    assert saved["partner"]["products"] == ["AC1", "Öko 2"]
    assert "sub_provider_ids" not in saved["partner"]
    assert restore(saved, tmp_path / "run.json").partner == profile.partner


def test_a_hub_provider(tmp_path: Path) -> None:
    profile = read(tmp_path, my=EMP.replace("[[", 'sub_provider_ids = ["DE-SUB", "DEXYZ"]\n[[', 1))
    assert profile.partner.sub_provider_ids == ["DE-SUB", "DEXYZ"]
    assert "products" not in as_saved(profile)["partner"]


def test_without_them_there_are_none(tmp_path: Path) -> None:
    partner = read(tmp_path, my=CPO).partner
    assert (partner.sub_operator_ids, partner.sub_provider_ids, partner.products) == ([], [], [])


@pytest.mark.parametrize(
    ("toml", "added", "line"),
    [
        (
            CPO,
            'sub_operator_ids = ["SUB"]',
            'sub_operator_ids[0]: found "SUB", expected an OperatorID such as "DE*ABC"',
        ),
        (CPO, 'sub_operator_ids = "DE*SUB"', 'sub_operator_ids: found "DE*SUB", expected a list'),
        (CPO, 'products = [""]', 'products[0]: found "", expected a string that is not empty'),
        (
            CPO,
            f'products = ["{"x" * 51}"]',
            f'products[0]: found "{"x" * 51}", expected a string of at most 50 characters',
        ),
        (
            CPO,
            'sub_provider_ids = ["DE-SUB"]',
            'sub_provider_ids: found ["DE-SUB"], but it is only for role emp',
        ),
        (EMP, 'products = ["AC1"]', 'products: found ["AC1"], but it is only for role cpo'),
        (EMP, "sub_operator_ids = []", "sub_operator_ids: found [], but it is only for role cpo"),
        (
            EMP,
            'sub_provider_ids = ["DE"]',
            'sub_provider_ids[0]: found "DE", expected a ProviderID such as "DE-DCB"',
        ),
    ],
)
def test_what_they_cannot_be(tmp_path: Path, toml: str, added: str, line: str) -> None:
    my = toml.replace("[partner]\n", f"[partner]\n{added}\n")
    assert errors(tmp_path, my=my) == [f"my.toml:7: [partner] {line}"]


def test_only_a_cpo_has_charging_stations(tmp_path: Path) -> None:
    found = errors(tmp_path, my=f'{EMP}[stimuli]\ndriver = "ocpp"\nurl = "ws://127.0.0.1:9100"\n')
    assert [one for one in found if "only" in one] == [
        'my.toml:12: [stimuli] driver: found "ocpp", but it is only for role cpo'
    ]


def test_settle(tmp_path: Path) -> None:
    assert read(tmp_path, my=CPO).stimuli.settle == 0.3
    assert read(tmp_path, my=f"{CPO}[stimuli]\nsettle = 0\n").stimuli.settle == 0
    assert read(tmp_path, my=f'{CPO}[stimuli]\ndriver = "manual"\nsettle = 2.5\n').stimuli.settle == 2.5
    for value in ("-0.1", "nan", "inf"):
        (line,) = errors(tmp_path, my=f"{CPO}[stimuli]\nsettle = {value}\n")
        assert line.startswith("my.toml:10: [stimuli] settle: found ")
