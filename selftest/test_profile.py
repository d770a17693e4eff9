"""The profile: what is read from it, and files that are none."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from oicp_conformance.profile import Hub, Profile, ProfileError, Target, load
from oicp_conformance.stimuli.command import CommandStimuli
from selftest.profile_texts import CPO, EMP, FULL_CPO, changed, problems, written


def test_a_full_profile_is_read(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    for name in ("ca.pem", "hubject.pem", "hubject.key", "hub.pem", "hub.key"):
        (tmp_path / "tls" / name).touch()
    profile = load(written(tmp_path, FULL_CPO))
    assert profile.path == tmp_path / "profile.toml"
    target = profile.target
    assert (target.name, target.version, target.role) == ("Acme CPO", "4.2.0", "cpo")
    assert target.base_url == "https://cpo.example:9000/oicp"
    assert target.timeout == 12.0
    assert target.paths == {"eRoamingAuthorizeRemoteStart": "/custom/{providerID}/start"}
    assert target.tls is not None
    assert target.tls.ca == tmp_path / "tls/ca.pem"
    assert target.tls.certificate == tmp_path / "tls/hubject.pem"
    assert target.tls.key == tmp_path / "tls/hubject.key"
    assert profile.partner.operator_id == "DE*ABC"
    assert profile.partner.evse_ids == ["DE*ABC*E1*1", "+49*810*000*438"]
    assert profile.counterpart.provider_id == "DE*8EO"
    assert profile.counterpart.evse_ids == ["DE*ABC*E1*1"]
    assert (profile.hub.host, profile.hub.port) == ("::1", 0)
    assert profile.hub.tls is not None
    assert profile.hub.tls.client_ca == tmp_path / "tls/ca.pem"
    assert profile.supports.eRoamingAuthorizeStop
    assert profile.supports.eRoamingReservation
    assert not profile.supports.eRoamingDynamicPricing
    assert profile.supports.eRoamingChargingNotifications == ["Start", "End"]
    assert profile.stimuli.driver == "command"
    assert isinstance(profile.stimuli, CommandStimuli)
    assert profile.stimuli.command == [str(tmp_path / "stimulate.sh"), "--fast"]
    assert profile.stimuli.folder == tmp_path
    assert profile.stimuli.wait == 2.5


def test_the_least_profile_has_all_defaults(tmp_path: Path) -> None:
    profile = load(written(tmp_path, CPO))
    assert profile.target.timeout == 60.0
    assert profile.target.version is None
    assert profile.target.tls is None
    assert profile.target.paths == {}
    assert (profile.counterpart.provider_id, profile.counterpart.operator_id) == ("DE-DCB", "DE*ABC")
    assert (profile.hub.host, profile.hub.port, profile.hub.tls) == ("127.0.0.1", 8600, None)
    assert not any(profile.supports.model_dump().values())
    assert (profile.stimuli.driver, profile.stimuli.wait) == ("none", 10.0)


def test_an_emp_is_online_unless_it_says_otherwise(tmp_path: Path) -> None:
    partner = load(written(tmp_path, EMP)).partner
    assert partner.mode == "online"
    assert partner.provider_id == "DE-DCB"
    assert partner.accepts == [{"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}]
    assert partner.refuses == []


def test_an_offline_emp_needs_nothing_that_it_accepts(tmp_path: Path) -> None:
    text = EMP.partition("[[")[0] + 'mode = "offline"\n'
    assert load(written(tmp_path, text)).partner.mode == "offline"


def test_every_kind_of_identification_is_kept_as_it_is(tmp_path: Path) -> None:
    text = """
[[partner.accepts]]
RFIDIdentification = { UID = "1234ABCD", RFID = "mifareCls", PrintedNumber = "9876655" }
[[partner.accepts]]
QRCodeIdentification = { EvcoID = "DE-DCB-C12345678-X", PIN = "1234" }
[[partner.accepts]]
RemoteIdentification = { EvcoID = "DE-DCB-C12345678-X" }
[[partner.refuses]]
PlugAndChargeIdentification = { EvcoID = "DE-DCB-C87654321-X" }
"""
    partner = load(written(tmp_path, EMP + text)).partner
    assert partner.accepts[1] == {
        "RFIDIdentification": {"UID": "1234ABCD", "RFID": "mifareCls", "PrintedNumber": "9876655"}
    }
    assert partner.accepts[2] == {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "PIN": "1234"}}
    assert [next(iter(each)) for each in partner.refuses] == ["PlugAndChargeIdentification"]


@pytest.mark.parametrize(
    ("written_as", "read_as"),
    [("true", ["Start", "Progress", "End", "Error"]), ("false", []), ("[]", []), ('["Error"]', ["Error"])],
)
def test_charging_notifications_may_be_all_or_none(
    tmp_path: Path, written_as: str, read_as: list[str]
) -> None:
    for text in (CPO, EMP):
        profile = load(written(tmp_path, f"{text}[supports]\neRoamingChargingNotifications = {written_as}\n"))
        assert profile.supports.eRoamingChargingNotifications == read_as


def test_ids_in_lower_case_are_no_typing_error(tmp_path: Path) -> None:
    profile = load(written(tmp_path, changed(CPO, "DE*ABC*E1*1", "de*abc*e1*1")))
    assert profile.partner.evse_ids == ["de*abc*e1*1", "DE*ABC*E2*1"]


def test_a_byte_order_mark_is_no_typing_error(tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    file.write_bytes(b"\xef\xbb\xbf" + CPO.replace("\n", "\r\n").encode())
    assert load(file).target.name == "Acme CPO"


def test_a_relative_profile_has_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    written(tmp_path / "folder", CPO + '[stimuli]\ndriver = "command"\ncommand = "bin/stimulate \'a b\'"\n')
    monkeypatch.chdir(tmp_path)
    profile = load(Path("folder/profile.toml"))
    assert profile.path == tmp_path / "folder" / "profile.toml"
    assert isinstance(profile.stimuli, CommandStimuli)
    assert profile.stimuli.command == [str(tmp_path / "folder" / "bin/stimulate"), "a b"]


def test_a_command_of_the_path_and_an_absolute_one_stay_as_they_are(tmp_path: Path) -> None:
    for command in ("stimulate", "/opt/bin/stimulate"):
        text = f'{CPO}[stimuli]\ndriver = "command"\ncommand = ["{command}", "./argument"]\n'
        assert load(written(tmp_path, text)).stimuli.shim == f"{command} ./argument"


# --- files that are no profile


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"nope\.toml: no such file; expected a profile in TOML"):
        load(tmp_path / "nope.toml")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ProfileError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{tmp_path}: found a folder, expected a profile in TOML"


def test_a_file_below_a_file(tmp_path: Path) -> None:
    file = written(tmp_path, CPO)
    with pytest.raises(ProfileError, match=r"profile\.toml/x: cannot be read: Not a directory"):
        load(file / "x")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    written(tmp_path, CPO).chmod(0)
    with pytest.raises(ProfileError, match=r"profile\.toml: cannot be read: Permission denied"):
        load(tmp_path / "profile.toml")


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    file.write_bytes(CPO.replace("Acme", "Ström").encode("latin-1"))
    with pytest.raises(ProfileError, match=r"profile\.toml: line 2: found byte 0xf6, expected text in UTF-8"):
        load(file)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[target]\nname = "x"\nrole = cpo\n', "line 3"),
        ("[target]\n[target]\n", "line 2"),
        ('[target]\nname = "x"\n\nrole', "line 4"),
        ("x = " + "9" * 5000, "line 1"),
    ],
)
def test_a_file_that_is_not_toml(tmp_path: Path, text: str, line: str) -> None:
    assert problems(tmp_path, text)[0].startswith(f"{line}: not valid TOML: ")


# --- made in memory


def test_a_profile_made_in_memory_obeys_the_same_rules() -> None:
    target = {"name": "x", "role": "cpo", "base_url": "http://127.0.0.1:1"}
    profile = Profile.model_validate(
        {"target": target, "partner": {"operator_id": "DE*ABC", "evse_ids": ["DE*ABC*E1*1"]}}
    )
    assert profile.path is None
    with pytest.raises(ValidationError, match=r"partner\.operator_id\n  missing, expected an OperatorID"):
        Profile(target=Target.model_validate(target))


def test_a_profile_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Hub().listen = "x:1"  # type: ignore[misc]


def test_port_zero_lets_the_system_choose() -> None:
    assert Hub(listen="localhost:0").port == 0
    assert Hub(listen="localhost:65535").host == "localhost"


def test_stimuli_made_in_memory_run_where_the_suite_runs() -> None:
    assert CommandStimuli(command=["x"]).folder == Path.cwd()
