"""Profiles that are wrong: each line names the key, what was found and what is expected."""

from pathlib import Path

import pytest

from oicp_conformance.profile import load
from selftest.profile_texts import CPO, EMP, changed, problems, written


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
        ('name = "Acme CPO"\n', "", "[target] name: missing, expected a string"),
        ('role = "cpo"\n', "", '[target] role: missing, expected "cpo" or "emp"'),
        ('base_url = "http://127.0.0.1:9000"\n', "", "[target] base_url: missing, expected a URL such as"),
        (
            'operator_id = "DE*ABC"\n',
            "",
            '[partner] operator_id: missing, expected an OperatorID such as "DE*ABC" (role cpo needs it)',
        ),
        (
            'evse_ids = ["DE*ABC*E1*1", "DE*ABC*E2*1"]\n',
            "",
            '[partner] evse_ids: missing, expected a list with an EvseID such as "DE*ABC*E1*1" (role cpo',
        ),
        (
            '["DE*ABC*E1*1", "DE*ABC*E2*1"]',
            "[]",
            "[partner] evse_ids: found [], expected a list with an EvseID such as",
        ),
        # wrong types
        ('"Acme CPO"', "7", "[target] name: found 7, expected a string"),
        ('"Acme CPO"', '""', '[target] name: found "", expected a string that is not empty'),
        ("[partner]", "version = 4.2\n[partner]", "[target] version: found 4.2, expected a string"),
        ("[partner]", 'timeout = "9"\n[partner]', '[target] timeout: found "9", expected a number'),
        ("[partner]", "timeout = true\n[partner]", "[target] timeout: found true, expected a number"),
        ("[partner]", "tls = 1\n[partner]", "[target.tls]: found 1, expected a table"),
        ("[partner]", "paths = 1\n[partner]", "[target.paths]: found 1, expected a table"),
        (
            '["DE*ABC*E1*1", "DE*ABC*E2*1"]',
            '"DE*ABC*E1*1"',
            '[partner] evse_ids: found "DE*ABC*E1*1", expected a list',
        ),
        (
            '["DE*ABC*E1*1", "DE*ABC*E2*1"]',
            '["DE*ABC*E1*1", 5]',
            "[partner] evse_ids[1]: found 5, expected a string",
        ),
        ("[partner]", "hub = 1\n[partner]", "[target] hub: unknown key"),
        # bad values
        ('"cpo"', '"csms"', '[target] role: found "csms", expected "cpo" or "emp"'),
        ('"DE*ABC"', '"ABC"', '[partner] operator_id: found "ABC", expected an OperatorID such as "DE*ABC"'),
        ('"DE*ABC"', '"DE*ABC\\n"', '[partner] operator_id: found "DE*ABC\\n", expected an OperatorID such'),
        (
            '["DE*ABC*E1*1", "DE*ABC*E2*1"]',
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
