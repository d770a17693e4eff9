"""Credentials in URLs, in fields and headers named like them, and over OCPP."""

import json
from pathlib import Path
from typing import Any

import pytest

from oicp_conformance.journal.archive import save_lines
from oicp_conformance.journal.exchange import Part
from oicp_conformance.journal.notes import Ocpp
from oicp_conformance.redaction import MARK, Redactor
from oicp_conformance.redaction.hints import Hints
from oicp_conformance.redaction.names import LIKE_CREDENTIALS, Names
from oicp_conformance.stimuli.http import HttpStimuli
from selftest.unit.redactors import body_of, exchange, profile, redactor

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


@pytest.mark.parametrize(
    "name", ["token", "access_token", "key", "sig", "password", "TOKEN", "api_key", "client_secret"]
)
def test_query_of_a_url_has_no_credential(name: str) -> None:
    made = redactor()
    assert made.exchange(exchange({}, path=f"/x?page=1&{name}=abc123XYZ&size=2")).path == (
        f"/x?page=1&{name}={MARK}&size=2"
    )
    assert made.text(f"http://a/b?{name}=abc123XYZ failed") == f"http://a/b?{name}={MARK} failed"


def test_other_queries_stay() -> None:
    path = "/x?page=1&size=20&monkey=abc123&keyboard=abc123"
    assert redactor().exchange(exchange({}, path=path)).path == path


def test_credential_of_the_stimuli_url_is_looked_for_everywhere() -> None:
    stimuli = HttpStimuli(driver="http", url="http://127.0.0.1:9/s?run=1&token=canary-of-url")
    made = Redactor.from_profile(profile().model_copy(update={"stimuli": stimuli}), {})
    assert made.text("it says canary-of-url") == f"it says {MARK}"
    assert made.leaks("xcanary-of-urlx") == ["[stimuli] url: token"]


@pytest.mark.parametrize("name", ["sessionToken", "X-Refresh-Token", "dbPassword", "my_api_key", "jwt"])
def test_field_named_like_a_credential_is_one(name: str) -> None:
    said = redactor().exchange(exchange({name: "abc123XYZ", "EvseID": "DE*ABC*E1*1"})).request.json
    assert "abc123XYZ" not in json.dumps(said)
    assert said["EvseID"] == "DE*ABC*E1*1"


def test_no_field_of_oicp_is_named_like_a_credential() -> None:
    from oicp_conformance.oicp.fields import fields_of  # noqa: PLC0415 - only here
    from oicp_conformance.oicp.operations import OPERATIONS  # noqa: PLC0415 - only here

    names = {
        step for one in OPERATIONS for model in (one.answer,) for path in fields_of(model) for step in path
    }
    assert len(names) > 20
    assert not [one for one in names if one.lower().endswith(LIKE_CREDENTIALS)]


def test_jwt_is_a_credential_wherever_it_stands() -> None:
    made = redactor()
    assert made.text(f"refused {JWT} today") == f"refused {MARK} today"
    assert JWT not in json.dumps(made.exchange(exchange({"note": f"it was {JWT}"})).request.json)


def test_id_with_the_letters_of_a_jwt_is_not_a_hint() -> None:
    """A page with thousands of EVSEs has such an id, and to look at each of its values takes seconds."""
    hints = Hints(Names(headers=(), fields=(), personal=False, only_headers=False))
    assert not hints.are_in('{"EvseID": "FR*LYN*EYJO01307*1"}')
    assert hints.are_in(f'{{"note": "{JWT}"}}')


@pytest.mark.parametrize("name", ["my-Api_Key", "X-Licence-Plate", "licence_plate", *LIKE_CREDENTIALS, "UID"])
def test_name_of_a_secret_is_a_hint(name: str) -> None:
    hints = Hints(
        Names(headers=("X-Licence-Plate",), fields=("licence_plate",), personal=True, only_headers=False)
    )
    assert hints.are_in(f'{{"{name}": "abc"}}')
    assert hints.are_in(f'{{"{name.upper()}" :1}}')


def test_header_of_a_session_is_a_credential() -> None:
    part = Part((("X-Session-Id", "abc123XYZ"), ("X-Request-Id", "17")), b"{}")
    assert redactor().exchange(exchange({}, request=part)).request.headers == (
        ("X-Session-Id", MARK),
        ("X-Request-Id", "17"),
    )


SAID = (
    *("password={}&x=1", "x=1&dbPassword={}", "https://a/cb#access_token={}", "/a?x=1;user[password]={}"),
    *("/a?Ocp-Apim-Subscription-Key={}", "/a?X-Amz-Signature={}", "https://{}@host/", "password: {}"),
    *("<a><ns:password>{}</ns:password></a>", '<a password="{}"/>', "curl -H 'X-Api-Key: {}'"),
    'Content-Disposition: form-data; name="password"\r\n\r\n{}\r\n--b--',
    '{{"m": "{{\\"clientSecret\\": \\"{}\\"}}"}}',
    '{{"pwd": "{}"}}',
    *("id_token: '{}'", '{{"id_token": "{}"}}', "/map;jsessionid={}", "/cb?code_verifier={}"),
)


@pytest.mark.parametrize("said", SAID)
def test_credential_by_its_name(said: str) -> None:
    made = redactor()
    text = said.format("hunter2SECRET")
    assert "hunter2SECRET" not in body_of(made, text.encode()).decode()
    assert "hunter2SECRET" not in made.text(text)
    assert made.text(made.text(text)) == made.text(text)


@pytest.mark.parametrize(
    "value",
    [
        {"auth": {"basic": ["hunter2SECRET"]}},
        {"credentials": {"user": "a", "pass": "hunter2SECRET"}},
        {"Bearer": "hunter2SECRET"},
        {"otp": "hunter2SECRET"},
    ],
)
def test_field_of_json_holds_a_credential(value: Any) -> None:
    assert "hunter2SECRET" not in str(redactor().exchange(exchange(value)).request.json)


def test_what_only_sounds_like_a_credential_stays() -> None:
    text = "password: expected a text; idToken: '1234ABCD' token of 20 characters, monkey=1 key=none"
    assert redactor().text(text) == text


@pytest.mark.parametrize(
    "name",
    [
        *("X-Auth-Key", "X-Functions-Key", "X-Hub-Signature-256", "X-Auth"),
        *("X-Forwarded-Authorization", "Proxy-Authorization"),
    ],
)
def test_header_named_like_a_credential_is_one(name: str) -> None:
    part = Part(((name, "abc123XYZ"), ("Idempotency-Key", "17"), ("WWW-Authenticate", "Basic")), b"{}")
    headers = redactor().exchange(exchange({}, request=part)).request.headers
    assert headers == ((name, MARK), *part.headers[1:])


def test_user_of_an_absolute_url_is_not_in_host() -> None:
    said = (("Host", "acme:hunter2@cpo.example:80"), ("Host", "cpo.example"))
    headers = redactor().exchange(exchange({}, request=Part(said, b"{}"))).request.headers
    assert headers == (("Host", f"{MARK}@cpo.example:80"), ("Host", "cpo.example"))


def test_password_of_a_station_is_changed_over_ocpp() -> None:
    def written(**payload: Any) -> Any:
        note = redactor().note(Ocpp("t", 1.0, "C", "1.6", "central", "call", "X", "1", payload, None))
        assert isinstance(note, Ocpp)
        return note.payload

    assert "hunter2" not in str(written(key="AuthorizationKey", value="hunter2hunter2"))
    variable = {"variable": {"name": "BasicAuthPassword"}, "attributeValue": "hunter2hunter2"}
    assert "hunter2" not in str(written(setVariableData=[variable]))
    assert written(key="HeartbeatInterval", value="hunter2") == {
        "key": "HeartbeatInterval",
        "value": "hunter2",
    }


def test_c1_controls_are_escaped_in_json(tmp_path: Path) -> None:
    save_lines(tmp_path, [exchange({}, method="P\x9b31m\x7fOST")], [])
    written = (tmp_path / "journal.jsonl").read_text(encoding="utf-8")
    assert "\\u009b31m\\u007f" in written
    assert "\x9b" not in written
    assert json.loads(written)["method"] == "P\x9b31m\x7fOST"


@pytest.mark.parametrize("personal", [False, True])
def test_tokens_of_ocpp_change_as_identifications_do(personal: bool) -> None:
    redactor = Redactor({}, personal=personal)
    card = redactor.json({"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}})
    contract = redactor.json({"PlugAndChargeIdentification": {"EvcoID": "DE-DCB-C12345678-X"}})

    def token(**payload: Any) -> Any:
        said = Ocpp("t", 1.0, "CP-1", "2.0.1", "station", "call", "Authorize", "1", payload, None)
        note = redactor.note(said)
        assert isinstance(note, Ocpp)
        return note.payload

    uid = card["RFIDMifareFamilyIdentification"]["UID"]
    evco_id = contract["PlugAndChargeIdentification"]["EvcoID"]
    assert (uid != "1234ABCD") is personal
    assert token(idTag="1234ABCD") == {"idTag": uid}
    of_card = {"idToken": "1234ABCD", "type": "ISO14443"}
    assert token(idToken=of_card) == {"idToken": of_card | {"idToken": uid}}
    of_contract = {"idToken": "DE-DCB-C12345678-X", "type": "eMAID"}
    assert token(idToken=of_contract) == {"idToken": of_contract | {"idToken": evco_id}}
