"""The JSON Schema of the profile: up to date, complete, and of one mind with the suite."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from oicp_conformance.embedded import profile as embedded_profile
from oicp_conformance.oicp.types import EVCO_ID, EVSE_ID, OPERATOR_ID, PROVIDER_ID, UID
from oicp_conformance.profile import ProfileError, json_schema, load
from oicp_conformance.profile.schema import FILE, text
from oicp_conformance.profile.values import any_case
from selftest.support import cpo_profile
from selftest.unit.profiles import CPO, EMP, write

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def is_valid(toml: str) -> bool:
    return bool(VALIDATOR.is_valid(tomllib.loads(toml)))


def test_the_file_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "python -m oicp_conformance.profile"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def described(schema: Any, name: str = "") -> Iterator[tuple[str, bool]]:
    """The keys that a schema describes; those of rules, which only refer to them, are left out."""
    for key, one in schema.get("properties", {}).items():
        if isinstance(one, dict):
            yield f"{name}.{key}", bool(one.get("description"))
    for key, one in schema.get("$defs", {}).items():
        yield from described(one, key)


def test_each_key_is_described() -> None:
    found = dict(described(SCHEMA))
    assert found.pop("Target.base_url")
    assert {key for key, has_text in found.items() if not has_text} <= {
        f"Target.{key}" for key in SCHEMA["$defs"]["Target"]["properties"] if key.startswith("eRoaming")
    }
    assert {
        ".extends",
        "Partner.sub_operator_ids",
        "Stimuli.settle",
        "Stimuli.url",
        "Stimuli.command",
    } <= set(found)
    assert SCHEMA["$defs"]["Partner"]["properties"]["evse_ids"]["items"]["examples"] == ["DE*ABC*E1*1"]


PAGE = (ROOT / "docs/profile.md").read_text(encoding="utf-8")
PROFILES = {
    f"page of profiles {number}": block
    for number, block in enumerate(re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE), 1)
    if "[target]" in block
} | {
    "README of profiles": re.findall(
        r"^```toml\n(.*?)^```",
        (ROOT / "oicp_conformance/profile/README.md").read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )[0],
    "self-test": cpo_profile(),
    "reference CPO": embedded_profile("cpo", 1, {"base_url": "http://h", "stimuli_url": "http://h"}),
    "reference EMP": embedded_profile("emp", 1, {"base_url": "http://h", "stimuli_url": "http://h"}),
    "CPO": CPO,
    "EMP": EMP,
    "all notifications": f"{CPO}[supports]\neRoamingChargingNotifications = true\n",
    "command as text": f'{CPO}[stimuli]\ndriver = "command"\ncommand = "./x"\n',
    "driver of somebody else": f'{CPO}[stimuli]\ndriver = "acme"\nspeed = 3\n',
    "lower case": CPO.replace("DE*ABC", "de*abc"),
    "variables": CPO.replace("DE*ABC", "${OPERATOR}")
    .replace('"cpo"', '"${ROLE}"')
    .replace("http", "${HTTP}"),
    "over another": 'extends = "base.toml"\n[stimuli]\nwait = 3\n',
    "paths": f'{CPO}[target.paths]\neRoamingAuthorizeRemoteStart = "/x"\n',
    "offline": EMP.partition("[[")[0] + 'mode = "offline"\nsub_provider_ids = ["DE-SUB"]\n',
}


@pytest.mark.parametrize("name", PROFILES)
def test_profiles_are_valid(name: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(tomllib.loads(PROFILES[name]))] == []


@pytest.mark.parametrize(
    ("toml", "old", "new"),
    [
        (CPO, "[partner]", "tiemout = 3\n[partner]"),
        (CPO, "[partner]", "timeout = 0\n[partner]"),
        (CPO, "[partner]", 'timeout = "1"\n[partner]'),
        (CPO, 'name = "Acme CPO"\n', ""),
        (CPO, 'operator_id = "DE*ABC"\n', ""),
        (CPO, '"cpo"', '"csms"'),
        (CPO, '"DE*ABC*E1*1"', '"DE*ABC*1*1"'),
        (CPO, '"http://127.0.0.1:9000"', '"127.0.0.1:9000"'),
        (CPO, "[partner]", '[partner]\nmode = "online"'),
        (CPO, "[partner]", "[suports]\n[partner]"),
        (CPO, "[partner]", '[target.paths]\neRoamingStart = "/x"\n[partner]'),
        (CPO, "[partner]", '[stimuli]\ndriver = "http"\n[partner]'),
        (CPO, "[partner]", '[stimuli]\ndriver = "http"\nurl = "h"\n[partner]'),
        (CPO, "[partner]", '[stimuli]\ndriver = "manual"\nurl = "http://h"\n[partner]'),
        (CPO, "[partner]", "[stimuli]\nsettle = -1\n[partner]"),
        (CPO, "[partner]", "[supports]\neRoamingPushAuthenticationData = true\n[partner]"),
        (CPO, "[partner]", '[supports]\neRoamingChargingNotifications = ["Stop"]\n[partner]'),
        (CPO, "[partner]", '[secrets]\nvalues = ["abc"]\n[partner]'),
        (CPO, '"DE*ABC"', '"DE*ABC"\nproducts = [""]'),
        (CPO, '"DE*ABC"', '"DE*ABC"\nsub_operator_ids = ["ABC"]'),
        (EMP, '"1234ABCD"', '"ZZZZ"'),
        (EMP, '"1234ABCD" }', '"1234ABCD" }\nRemoteIdentification = { EvcoID = "DE-DCB-C12345678-X" }'),
        (EMP, "RFIDMifareFamilyIdentification", "MifareIdentification"),
        (EMP, EMP[EMP.index("[[") :], ""),
        (EMP, "[partner]", '[partner]\nproducts = ["AC1"]'),
    ],
)
def test_it_finds_what_the_suite_finds(tmp_path: Path, toml: str, old: str, new: str) -> None:
    assert old in toml
    bad = toml.replace(old, new, 1)
    assert is_valid(toml)
    assert not is_valid(bad)
    with pytest.raises(ProfileError):
        load(write(tmp_path, my=bad), operations=["eRoamingAuthorizeRemoteStart"])


@pytest.mark.parametrize("pattern", [OPERATOR_ID, PROVIDER_ID, EVSE_ID, EVCO_ID, UID])
def test_patterns_in_either_case_match_the_same(pattern: str) -> None:
    @settings(max_examples=20, deadline=None, database=None)
    @given(st.from_regex(pattern, fullmatch=True) | st.text("dDeEcCxX*-+aA1", max_size=15), st.booleans())
    def same(value: str, lower: bool) -> None:
        value = value.lower() if lower else value
        expected = re.fullmatch(pattern, value, re.IGNORECASE)
        assert bool(re.fullmatch(any_case(pattern), value)) == bool(expected)

    same()
