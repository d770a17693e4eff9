"""`--set KEY=VALUE`: single keys of a profile from the command line."""

from pathlib import Path
from typing import Any

import pytest

from selftest.unit.profiles import CPO, EMP, errors, read

HTTP = f'{CPO}[stimuli]\ndriver = "http"\nurl = "http://127.0.0.1:9001/"\n'


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("target.base_url=http://127.0.0.1:1/?", "base_url", None),
        ("target.base_url=http://127.0.0.1:1", "base_url", "http://127.0.0.1:1"),
        ("target.name=Acme = the best", "name", "Acme = the best"),
        ('target.name="quoted"', "name", "quoted"),
        ("target.timeout=5", "timeout", 5.0),
        ("target.timeout=0.5", "timeout", 0.5),
        (" target . timeout = 0.5", "timeout", 0.5),
        ("target.version=", "version", ""),
        ("target.version=4.20", "version", "4.20"),
        ("target.version=true", "version", "true"),
        ("target.name=2026-11-22", "name", "2026-11-22"),
        ("target.version=1\nx=2", "version", "1\nx=2"),
        ('target.paths."eRoamingX"=/x', "paths", {"eRoamingX": "/x"}),
    ],
)
def test_a_value_is_toml_if_it_can_be_else_a_string(
    tmp_path: Path, override: str, key: str, value: Any
) -> None:
    if value is None:
        assert errors(tmp_path, [override], my=CPO) == [
            '--set target.base_url: [target] base_url: found "http://127.0.0.1:1/?", expected a URL such as '
            '"http://127.0.0.1:9000", without a query'
        ]
    else:
        assert getattr(read(tmp_path, [override], my=CPO).target, key) == value


def test_lists_and_tables_of_toml(tmp_path: Path) -> None:
    profile = read(
        tmp_path,
        [
            'partner.accepts=[{ RemoteIdentification = { EvcoID = "DE-DCB-C12345678-X" } }]',
            "supports.eRoamingAuthorizeStop=true",
            'supports.eRoamingChargingNotifications=["End"]',
        ],
        my=EMP,
    )
    assert profile.partner.accepts == [{"RemoteIdentification": {"EvcoID": "DE-DCB-C12345678-X"}}]
    assert profile.supports.eRoamingAuthorizeStop
    assert profile.supports.eRoamingChargingNotifications == ["End"]


def test_the_last_one_holds_and_all_are_over_what_is_extended(tmp_path: Path) -> None:
    profile = read(
        tmp_path,
        ["target.name=first", "target.name=second", "hub.listen=127.0.0.1:0"],
        my='extends = "base.toml"\n[target]\nname = "Mine"\n',
        base=CPO,
    )
    assert (profile.target.name, profile.hub.port) == ("second", 0)
    assert profile.where("target", "name") == "--set target.name"
    assert profile.where("hub", "listen") == "--set hub.listen"
    assert profile.where("hub", "tls") == f"{tmp_path}/my.toml"


def test_a_variable_in_an_override_is_replaced(tmp_path: Path) -> None:
    profile = read(tmp_path, ["target.name=${TOKEN}"], {"TOKEN": "acme-token"}, my=CPO)
    assert profile.target.name == "acme-token"
    assert profile.secret_values == {"[target] name (TOKEN)": "acme-token"}
    assert errors(tmp_path, ["target.name=${TOKEN}"], my=CPO) == [
        "--set target.name: [target] name: the environment variable TOKEN is not set"
    ]


def test_a_path_in_an_override_starts_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "ca.pem").touch()
    monkeypatch.chdir(tmp_path / "here")
    profile = read(tmp_path, ["target.tls.ca=ca.pem"], my=CPO)
    assert profile.target.tls is not None
    assert profile.target.tls.ca == tmp_path / "here" / "ca.pem"


def test_another_driver_needs_no_other_change(tmp_path: Path) -> None:
    assert read(tmp_path, ["stimuli.driver=none"], my=HTTP).stimuli.driver == "none"
    profile = read(tmp_path, ["stimuli.driver=command", "stimuli.command=./x"], my=HTTP)
    assert profile.stimuli.shim == f"{Path.cwd()}/x"


@pytest.mark.parametrize(
    ("override", "line"),
    [
        (
            "target.base_ulr=http://h",
            "--set target.base_ulr: [target] base_ulr: unknown key; did you mean base_url?",
        ),
        ("taget.name=x", "--set taget.name: taget: unknown table; did you mean target?"),
        (
            "target.base_url=9000",
            '--set target.base_url: [target] base_url: found "9000", expected a URL such as '
            '"http://127.0.0.1:9000", without a query',
        ),
        ("target.timeout=soon", '--set target.timeout: [target] timeout: found "soon", expected a number'),
        (
            'partner.evse_ids=["DE*ABC*E1*1", "x"]',
            '--set partner.evse_ids: [partner] evse_ids[1]: found "x", expected an EvseID such as '
            '"DE*ABC*E1*1"',
        ),
        (
            "target.name.x=1",
            '--set target.name.x: [target] name: found {"x": 1}, expected a string',
        ),
        (
            "target.base_url",
            '--set target.base_url: expected KEY=VALUE such as "target.base_url=http://127.0.0.1:9000"',
        ),
        ("=x", "--set =x: found the key '', expected one such as target.base_url"),
        ("a b=x", "--set a b=x: found the key 'a b', expected one such as target.base_url"),
        (
            "partner.evse_ids[0]=x",
            "--set partner.evse_ids[0]=x: found the key 'partner.evse_ids[0]', expected one such as "
            "target.base_url",
        ),
        (
            "extends=b.toml",
            "--set extends=b.toml: extends can only be set in a profile; name that profile instead",
        ),
    ],
)
def test_an_override_that_cannot_be_used(tmp_path: Path, override: str, line: str) -> None:
    assert errors(tmp_path, [override], my=CPO) == [line]


def test_all_malformed_overrides_are_named(tmp_path: Path) -> None:
    assert len(errors(tmp_path, ["a", "b", "target.name=x"], my=CPO)) == 2
