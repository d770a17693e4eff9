"""The profile: what is read from it, and what a user is told about a bad one."""

import os
import re
from collections.abc import Collection
from pathlib import Path

import pytest
from pydantic import ValidationError

from oicp_conformance.profile import Hub, Profile, ProfileError, Target, load
from oicp_conformance.stimuli.command import CommandStimuli

CPO = """
[target]
name = "Acme CPO backend"
role = "cpo"
base_url = "http://127.0.0.1:9000"
[partner]
operator_id = "DE*ABC"
evse_ids = ["DE*ABC*E1*1"]
"""

EMP = """
[target]
name = "Acme EMP backend"
role = "emp"
base_url = "http://127.0.0.1:9000"
[partner]
provider_id = "DE-DCB"
[[partner.accepts]]
RFIDMifareFamilyIdentification = { UID = "1234ABCD" }
"""

FULL_CPO = """
[target]
name = "Acme CPO backend"
version = "4.2.0"
role = "cpo"
base_url = "https://cpo.example:9000/oicp/"
timeout = 12
[target.paths]
eRoamingAuthorizeRemoteStart = "/custom/{providerID}/start"
[target.tls]
ca = "tls/ca.pem"
certificate = "tls/hubject.pem"
key = "tls/hubject.key"
[partner]
operator_id = "DE*ABC"
evse_ids = ["DE*ABC*E1*1", "+49*810*000*438"]
[counterpart]
provider_id = "DE*8EO"
[hub]
listen = "[::1]:0"
[hub.tls]
certificate = "tls/hub.pem"
key = "tls/hub.key"
client_ca = "tls/ca.pem"
[supports]
eRoamingAuthorizeStop = true
eRoamingChargingNotifications = ["Start", "End"]
eRoamingReservation = true
eRoamingPushAuthenticationData = false
[stimuli]
driver = "command"
command = ["./stimulate.sh", "--fast"]
wait = 2.5
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "profile.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(folder: Path, text: str, operations: Collection[str] | None = None) -> list[str]:
    """What a user is told about a profile: all lines, without file and line at their beginning."""
    file = written(folder, text)
    with pytest.raises(ProfileError) as caught:
        load(file, operations)
    lines = str(caught.value).splitlines()
    place = re.compile(rf"{re.escape(str(file))}(:[0-9]+)?: ")
    assert all(map(place.match, lines)), lines
    return [place.sub("", line, count=1) for line in lines]


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


def test_a_full_profile_is_read(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    for name in ("ca.pem", "hubject.pem", "hubject.key", "hub.pem", "hub.key"):
        (tmp_path / "tls" / name).touch()
    profile = load(written(tmp_path, FULL_CPO))
    assert profile.path == tmp_path / "profile.toml"
    target = profile.target
    assert (target.name, target.version, target.role) == ("Acme CPO backend", "4.2.0", "cpo")
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
    assert profile.partner.evse_ids == ["de*abc*e1*1"]


def test_a_byte_order_mark_is_no_typing_error(tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    file.write_bytes(b"\xef\xbb\xbf" + CPO.replace("\n", "\r\n").encode())
    assert load(file).target.name == "Acme CPO backend"


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
    with pytest.raises(ProfileError, match=r"profile\.toml: line 3: found byte 0xf6, expected text in UTF-8"):
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


# --- profiles that are wrong: each line names the key, what was found and what is expected


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # unknown keys
        ("[partner]", "tiemout = 3\n[partner]", "[target] tiemout: unknown key; did you mean timeout?"),
        (
            "[partner]",
            "zzz = 3\n[partner]",
            "[target] zzz: unknown key; expected one of name, version, role, base_url, timeout, paths, tls",
        ),
        ("[partner]", "[target.tsl]\n[partner]", "[target] tsl: unknown table; did you mean tls?"),
        ("[partner]", "[suports]\n[partner]", "suports: unknown table; did you mean supports?"),
        (
            "[partner]",
            "[target.tls]\ncert = 1\n[partner]",
            "[target.tls] cert: unknown key; expected one of ca, certificate",
        ),
        ("[partner]", '"a\\nb" = 1\n[partner]', '[target] "a\\nb": unknown key; expected one of'),
        (
            "[partner]",
            "[supports]\neroamingauthorizestop = true\n[partner]",
            "[supports] eroamingauthorizestop: unknown key; did you mean eRoamingAuthorizeStop?",
        ),
        ("[partner]", 'path = "x"\n[partner]', "[target] path: unknown key; did you mean paths?"),
        # missing keys
        ('name = "Acme CPO backend"\n', "", "[target] name: missing, expected a string"),
        ('role = "cpo"\n', "", '[target] role: missing, expected "cpo" or "emp"'),
        ('base_url = "http://127.0.0.1:9000"\n', "", "[target] base_url: missing, expected a URL such as"),
        (
            'operator_id = "DE*ABC"\n',
            "",
            '[partner] operator_id: missing, expected an OperatorID such as "DE*ABC" (role cpo needs it)',
        ),
        (
            'evse_ids = ["DE*ABC*E1*1"]\n',
            "",
            '[partner] evse_ids: missing, expected a list with an EvseID such as "DE*ABC*E1*1" (role cpo',
        ),
        ('["DE*ABC*E1*1"]', "[]", "[partner] evse_ids: found [], expected a list with an EvseID such as"),
        # wrong types
        ('"Acme CPO backend"', "7", "[target] name: found 7, expected a string"),
        ('"Acme CPO backend"', '""', '[target] name: found "", expected a string that is not empty'),
        ("[partner]", "version = 4.2\n[partner]", "[target] version: found 4.2, expected a string"),
        ("[partner]", 'timeout = "9"\n[partner]', '[target] timeout: found "9", expected a number'),
        ("[partner]", "timeout = true\n[partner]", "[target] timeout: found true, expected a number"),
        ("[partner]", "tls = 1\n[partner]", "[target.tls]: found 1, expected a table"),
        ("[partner]", "paths = 1\n[partner]", "[target.paths]: found 1, expected a table"),
        ('["DE*ABC*E1*1"]', '"DE*ABC*E1*1"', '[partner] evse_ids: found "DE*ABC*E1*1", expected a list'),
        ('["DE*ABC*E1*1"]', '["DE*ABC*E1*1", 5]', "[partner] evse_ids[1]: found 5, expected a string"),
        ("[partner]", "hub = 1\n[partner]", "[target] hub: unknown key"),
        # bad values
        ('"cpo"', '"csms"', '[target] role: found "csms", expected "cpo" or "emp"'),
        ('"DE*ABC"', '"ABC"', '[partner] operator_id: found "ABC", expected an OperatorID such as "DE*ABC"'),
        ('"DE*ABC"', '"DE*ABC\\n"', '[partner] operator_id: found "DE*ABC\\n", expected an OperatorID such'),
        (
            '["DE*ABC*E1*1"]',
            '["DE*ABC*E1*1", "DE*ABC"]',
            '[partner] evse_ids[1]: found "DE*ABC", expected an EvseID such as "DE*ABC*E1*1"',
        ),
        (
            "[partner]",
            "timeout = 0\n[partner]",
            "[target] timeout: found 0, expected a number greater than 0",
        ),
        ("[partner]", "timeout = inf\n[partner]", "[target] timeout: found Infinity, expected a finite numb"),
        (
            "[partner]",
            '[target.paths]\neRoamingX = "x"\n[partner]',
            '[target.paths] eRoamingX: found "x", expected a path that starts with "/"',
        ),
        (
            "[partner]",
            '[counterpart]\nprovider_id = "X"\n[partner]',
            '[counterpart] provider_id: found "X", expected a ProviderID such as "DE-DCB"',
        ),
        (
            "[partner]",
            "[counterpart]\nevse_ids = []\n[partner]",
            "[counterpart] evse_ids: found [], expected a list with at least one entry",
        ),
        # what is only for the other role
        (
            "[partner]",
            '[partner]\nprovider_id = "DE-DCB"',
            '[partner] provider_id: found "DE-DCB", but it is only for',
        ),
        (
            "[partner]",
            '[partner]\nmode = "online"',
            '[partner] mode: found "online", but it is only for role',
        ),
        ("[partner]", "[partner]\naccepts = []", "[partner] accepts: found [], but it is only for role emp"),
        ("[partner]", "[partner]\nrefuses = []", "[partner] refuses: found [], but it is only for role emp"),
        (
            "[partner]",
            "[supports]\neRoamingPushAuthenticationData = true\n[partner]",
            "[supports] eRoamingPushAuthenticationData: found true, but it is only for role emp",
        ),
        (
            "[partner]",
            "[supports]\neRoamingGetChargeDetailRecords = true\n[partner]",
            "[supports] eRoamingGetChargeDetailRecords: found true, but it is only for role emp",
        ),
        # supports
        (
            "[partner]",
            '[supports]\neRoamingReservation = "yes"\n[partner]',
            '[supports] eRoamingReservation: found "yes", expected true or false',
        ),
        (
            "[partner]",
            '[supports]\neRoamingChargingNotifications = ["Start", "Stop"]\n[partner]',
            '[supports] eRoamingChargingNotifications[1]: found "Stop", expected "Start", "Progress", "End"',
        ),
        (
            "[partner]",
            '[supports]\neRoamingChargingNotifications = ["End", "End"]\n[partner]',
            '[supports] eRoamingChargingNotifications: found ["End", "End"], expected each type at most once',
        ),
        (
            "[partner]",
            '[supports]\neRoamingChargingNotifications = "Start"\n[partner]',
            '[supports] eRoamingChargingNotifications: found "Start", expected true, false or a list of',
        ),
        # stimuli
        (
            "[partner]",
            '[stimuli]\ndriver = "https"\n[partner]',
            '[stimuli] driver: found "https", expected "command", "http", "manual", "none" or "ocpp"',
        ),
        (
            "[partner]",
            '[stimuli]\ndriver = "http"\n[partner]',
            '[stimuli] url: missing, expected a URL such as "http://127.0.0.1:9001/stimuli" (driver http',
        ),
        (
            "[partner]",
            '[stimuli]\ndriver = "command"\n[partner]',
            "[stimuli] command: missing, expected a command such as",
        ),
        (
            "[partner]",
            '[stimuli]\ndriver = "manual"\nurl = "http://h/"\n[partner]',
            '[stimuli] url: found "http://h/", but it is only for driver http or ocpp (this is manual)',
        ),
        (
            "[partner]",
            '[stimuli]\ncommand = "x"\n[partner]',
            '[stimuli] command: found "x", but it is only for driver command (this is none)',
        ),
        (
            "[partner]",
            '[stimuli]\ndriver = "http"\nurl = "h:9001"\n[partner]',
            '[stimuli] url: found "h:9001", expected a URL such as',
        ),
        (
            "[partner]",
            '[stimuli]\ndriver = "command"\ncommand = []\n[partner]',
            "[stimuli] command: found [], expected a command such as",
        ),
        (
            "[partner]",
            '[stimuli]\ndriver = "command"\ncommand = "  "\n[partner]',
            '[stimuli] command: found "  ", expected a command such as',
        ),
        (
            "[partner]",
            '[stimuli]\ndriver = "command"\ncommand = "x \'y"\n[partner]',
            '[stimuli] command: found "x \'y", expected a command such as',
        ),
        (
            "[partner]",
            '[stimuli]\ndriver = "command"\ncommand = ["./x", 3]\n[partner]',
            "[stimuli] command[1]: found 3, expected a string",
        ),
        (
            "[partner]",
            "[stimuli]\nwait = -1\n[partner]",
            "[stimuli] wait: found -1, expected a number greater than 0",
        ),
    ],
)
def test_one_problem_of_a_cpo_is_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    lines = problems(tmp_path, changed(CPO, old, new))
    assert len(lines) == 1, lines
    assert message in lines[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'provider_id = "DE-DCB"\n',
            "",
            '[partner] provider_id: missing, expected a ProviderID such as "DE-DCB" (role emp needs it)',
        ),
        (
            '"DE-DCB"',
            '"DE--DCB"',
            '[partner] provider_id: found "DE--DCB", expected a ProviderID such as "DE-DCB"',
        ),
        (
            '[[partner.accepts]]\nRFIDMifareFamilyIdentification = { UID = "1234ABCD" }\n',
            "",
            "[partner] accepts: missing, expected at least one Identification (role emp needs it",
        ),
        (
            '[[partner.accepts]]\nRFIDMifareFamilyIdentification = { UID = "1234ABCD" }\n',
            "accepts = []\n",
            "[partner] accepts: found [], expected at least one Identification",
        ),
        (
            "[[partner.accepts]]",
            'mode = "ofline"\n[[partner.accepts]]',
            '[partner] mode: found "ofline", expected "online" or "offline"',
        ),
        (
            "[[partner.accepts]]",
            'operator_id = "DE*ABC"\n[[partner.accepts]]',
            '[partner] operator_id: found "DE*ABC", but it is only for role cpo',
        ),
        (
            "[[partner.accepts]]",
            'evse_ids = ["DE*ABC*E1*1"]\n[[partner.accepts]]',
            '[partner] evse_ids: found ["DE*ABC*E1*1"], but it is only for role cpo',
        ),
        (
            "RFIDMifareFamilyIdentification =",
            "RfidMifareFamilyIdentification =",
            "RemoteIdentification; did you mean RFIDMifareFamilyIdentification?",
        ),
        (
            '"1234ABCD" }',
            '"1234ABCD" }\nRemoteIdentification = { EvcoID = "DE-DCB-C12345678-X" }',
            "expected exactly one of RFIDMifareFamilyIdentification, RFIDIdentification, QRCode",
        ),
        (
            '"1234ABCD" }',
            '"1234ABCD" }\n[[partner.refuses]]',
            "[partner] refuses[0]: found {}, expected exactly one of RFIDMifareFamilyIdentification,",
        ),
        (
            "{ UID =",
            "{ Uid =",
            "[partner] accepts[0].RFIDMifareFamilyIdentification.UID: missing, expected a value of "
            'OICP\'s UIDType such as "1234ABCD"',
        ),
        (
            'RFIDMifareFamilyIdentification = { UID = "1234ABCD" }',
            'RFIDIdentification = { UID = "1234ABCD" }',
            "[partner] accepts[0].RFIDIdentification.RFID: missing, expected a value of OICP's RFIDType",
        ),
        (
            '{ UID = "1234ABCD" }',
            '"1234ABCD"',
            '[partner] accepts[0].RFIDMifareFamilyIdentification: found "1234ABCD", expected a table',
        ),
        (
            'UID = "1234ABCD"',
            'UID = "1234ABCD", ExpiryDate = 2026-11-22',
            '[partner] accepts[0].RFIDMifareFamilyIdentification.ExpiryDate: found "2026-11-22", expected',
        ),
    ],
)
def test_one_problem_of_an_emp_is_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    lines = problems(tmp_path, changed(EMP, old, new))
    assert len(lines) == 1, lines
    assert message in lines[0]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h",
        "127.0.0.1:9000",
        "http://",
        "http://h:0",
        "http://h:99999",
        "http://h:port",
        "http://h/?a=b",
        "http://h/#a",
        "http://h/a b",
        "http://[::1",
        "http://h\\n/",
        "http://[v1.93]",
        "http://\N{FULLWIDTH LATIN SMALL LETTER H}.example",
        "http://cpo\N{SOFT HYPHEN}.example",
    ],
)
def test_a_base_url_that_is_none(tmp_path: Path, url: str) -> None:
    lines = problems(tmp_path, changed(CPO, "http://127.0.0.1:9000", url))
    assert len(lines) == 1
    assert lines[0].startswith(f'[target] base_url: found "{url}", expected a URL such as "http://')


@pytest.mark.parametrize(
    "listen",
    ["8600", ":8600", "127.0.0.1", "127.0.0.1:", "h:65536", "h:-1", "::1:8600", "[::1]", "http://h:1"],
)
def test_an_address_to_listen_at_that_is_none(tmp_path: Path, listen: str) -> None:
    lines = problems(tmp_path, f'{CPO}[hub]\nlisten = "{listen}"\n')
    assert lines == [f'[hub] listen: found "{listen}", expected "host:port" such as "127.0.0.1:8600"']


def test_files_that_are_not_there_or_folders(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    text = """
[hub.tls]
certificate = "hub.pem"
key = "folder"
client_ca = 3
[target.tls]
ca = ""
"""
    assert problems(tmp_path, CPO + text) == [
        '[target.tls] ca: found "", expected the name of a file',
        f'[hub.tls] certificate: found "hub.pem", expected a file, but {tmp_path}/hub.pem does not exist',
        f'[hub.tls] key: found "folder", expected a file, but {tmp_path}/folder is a folder',
        "[hub.tls] client_ca: found 3, expected the name of a file",
    ]


def test_a_certificate_and_its_key_need_each_other(tmp_path: Path) -> None:
    (tmp_path / "x.pem").touch()
    for key, other in (("certificate", "key"), ("key", "certificate")):
        assert problems(tmp_path, f'{CPO}[target.tls]\n{key} = "x.pem"\n') == [
            f"[target.tls] {other}: missing, expected a file ({key} needs it)"
        ]
        assert problems(tmp_path, f'{CPO}[hub.tls]\n{key} = "x.pem"\n') == [
            f"[hub.tls] {other}: missing, expected a file"
        ]


def test_paths_are_for_operations_that_there_are(tmp_path: Path) -> None:
    text = CPO + '[target.paths]\neRoamingAuthoriseRemoteStart = "/start"\n'
    known = ["eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"]
    assert load(written(tmp_path, text)).target.paths == {"eRoamingAuthoriseRemoteStart": "/start"}
    assert problems(tmp_path, text, operations=known) == [
        "[target.paths] eRoamingAuthoriseRemoteStart: unknown operation; "
        "did you mean eRoamingAuthorizeRemoteStart?"
    ]
    fine = changed(text, "Authorise", "Authorize")
    assert load(written(tmp_path, fine), operations=known).target.paths


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = """
[target]
nmae = "Acme"
role = "emp"
base_url = 5
[partner]
operator_id = "DE*ABC"
accepts = [{ RFIDMifareFamilyIdentification = { UID = "1234ABCD" } }, 3]
[hub]
listen = "8600"
[stimuli]
driver = "http"
wait = 0
"""
    keys = [line.partition(": ")[0] for line in problems(tmp_path, text)]
    assert sorted(keys) == [
        "[hub] listen",
        "[partner] accepts[1]",
        "[partner] operator_id",
        "[partner] provider_id",
        "[stimuli] url",
        "[stimuli] wait",
        "[target] base_url",
        "[target] name",
        "[target] nmae",
    ]


def test_an_empty_file_lacks_a_target(tmp_path: Path) -> None:
    assert problems(tmp_path, "") == ["[target]: missing, expected a table"]


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
