"""What the redactor does with one value, one text, one message."""

import base64
import gzip
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicp_conformance.journal.notes import Upload, Wait
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.oicp.pins import pin_matches
from oicp_conformance.oicp.types import EVCO_ID, UID, plain_id, provider_of
from oicp_conformance.profile import Profile, ProfileError, load
from oicp_conformance.redaction import MARK, Redactor
from oicp_conformance.redaction.pseudonyms import Pseudonyms
from oicp_conformance.reporting.requirements_page import listing
from selftest.support import cpo_profile
from selftest.unit.redactors import HASH, body_of, exchange, profile, redactor

# --- values keep what a rule looks at


@given(st.from_regex(EVCO_ID, fullmatch=True))
def test_evco_id_keeps_its_form(value: str) -> None:
    made = Pseudonyms()
    other = made.evco_id(value)
    assert re.fullmatch(EVCO_ID, other)
    assert provider_of(other) == provider_of(value)
    assert other != value
    bare, lower = value.replace("-", "").replace("*", ""), value.lower()
    assert plain_id(made.evco_id(bare)) == plain_id(other) == plain_id(made.evco_id(lower))


@given(st.text("ABCXabcx0129-* äß", max_size=20))
def test_what_is_no_evco_id_stays_none(value: str) -> None:
    other = Pseudonyms().evco_id(value)
    assert bool(re.fullmatch(EVCO_ID, other)) == bool(re.fullmatch(EVCO_ID, value))
    assert provider_of(other) == provider_of(value)
    assert len(other) == len(value)


@given(st.text("0123456789ABCDEFabcdefgXZ:-", min_size=1, max_size=22))
def test_uid_keeps_its_form(value: str) -> None:
    made = Pseudonyms()
    other = made.uid(value)
    assert bool(re.fullmatch(UID, other)) == bool(re.fullmatch(UID, value))
    assert made.uid(value.upper()).upper() == other.upper()


@given(st.text(min_size=1, max_size=30))
def test_pin_is_another_and_as_long(value: str) -> None:
    made = Pseudonyms()
    assert len(made.pin(value)) == len(value)
    assert made.pin(value) == made.pin(value)


@given(st.sets(st.text("0123456789", min_size=3, max_size=3), max_size=100))
def test_different_pins_stay_different(values: set[str]) -> None:
    made = Pseudonyms()
    others = {made.pin(value) for value in values}
    assert len(others) == len(values)
    assert all(made.pin(value) != value for value in values)


def test_two_runs_have_nothing_in_common() -> None:
    assert Pseudonyms().uid("1234ABCD1234ABCD") != Pseudonyms().uid("1234ABCD1234ABCD")


def upload(pin: str, evco_id: str = "DEDCBC12345678X") -> dict[str, Any]:
    code = {
        "EvcoID": evco_id,
        "HashedPIN": {"Value": bcrypt.hashpw(pin.encode(), bcrypt.gensalt(4)).decode()},
    }
    record = {"Identification": {"QRCodeIdentification": {**code}}}
    return {"ProviderAuthenticationData": {"AuthenticationDataRecord": [record]}}


@pytest.mark.parametrize(("pin", "matches"), [("1234", True), ("4321", False)])
def test_hash_is_one_of_the_other_pin_if_it_was(pin: str, matches: bool) -> None:
    made = redactor()
    sent = upload(pin)
    said = exchange(sent, operation="eRoamingPushAuthenticationData")
    written = made.exchange(said).request.json
    code = written["ProviderAuthenticationData"]["AuthenticationDataRecord"][0]["Identification"]
    given_hash = sent["ProviderAuthenticationData"]["AuthenticationDataRecord"][0]["Identification"]
    value = code["QRCodeIdentification"]["HashedPIN"]["Value"]
    assert value != given_hash["QRCodeIdentification"]["HashedPIN"]["Value"]
    (customer,) = made.profile(profile()).partner.accepts
    other = customer["QRCodeIdentification"]["PIN"]
    assert other != "1234"
    assert pin_matches(str(other), value) is matches


# --- messages


def test_only_what_is_secret_changes() -> None:
    raw = (
        b'{ "EvseID":"DE*ABC*E1*1","Identification" : {"QRCodeIdentification": {"EvcoID":"DE-DCB-C1",\n'
        b'"PIN":"1234",'
        b'"HashedPIN": {"Value":"%s","Function":"Bcrypt","LegacyHashData":{"Function":"MD5","Salt":"abcdef",'
        b'"Value":"81dc9bdb52d04dc20036dbd8313ed055"}}}}, "Number": 1.50e1, "Twice":1, "Twice":2,'
        b'"UID":"1234ABCD",'
        b'"At": "2026-11-22T12:34:00.1234+01:00", "Big": 123456789012345678901234567890, "Postal": "1234"}'
    ) % HASH.encode()
    written = body_of(redactor(), raw)
    before, after = raw.decode(), written.decode()
    assert len(before) == len(after)
    for kept in (
        '{ "EvseID":"DE*ABC*E1*1"',
        "1.50e1",
        '"Twice":1, "Twice":2',
        "1234ABCD",
        "12:34:00.1234+01:00",
    ):
        assert kept in after
    for kept in (
        '"Function":"Bcrypt"',
        '"Function":"MD5"',
        '"Postal": "1234"',
        "678901234567890",
        "DE-DCB-C1",
    ):
        assert kept in after
    for gone in ('"PIN":"1234"', HASH, "81dc9bdb52d04dc20036dbd8313ed055", "abcdef"):
        assert gone not in after
    assert re.search(r'"PIN":"[0-9]{4}"', after)


def test_ordinary_word_is_replaced_in_its_own_field_alone() -> None:
    """A target may have "string" for a salt: that takes the word from no message and from no sentence."""
    made = redactor()
    cdr = {"Identification": {"QRCodeIdentification": {"HashedPIN": {"LegacyHashData": {"Salt": "string"}}}}}
    body = body_of(made, {**cdr, "Description": "a valid string", "PartnerProductID": "string"})
    written = json.loads(body)
    hashed = written["Identification"]["QRCodeIdentification"]["HashedPIN"]
    assert hashed["LegacyHashData"]["Salt"] != "string"
    assert (written["Description"], written["PartnerProductID"]) == ("a valid string", "string")
    assert made.text("Input should be a valid string") == "Input should be a valid string"
    pointer = "/Identification/QRCodeIdentification/HashedPIN/LegacyHashData/Salt"
    finding = Outcome("r", "o", Verdict.FAIL, "not a valid string", 1, pointer, "a string", "string")
    shown = made.outcome(finding)
    assert (shown.message, shown.expected) == ("not a valid string", "a string")
    assert shown.found == hashed["LegacyHashData"]["Salt"]


def test_what_has_the_form_of_a_secret_is_replaced_everywhere() -> None:
    made = redactor()
    cdr = {"QRCodeIdentification": {"HashedPIN": {"LegacyHashData": {"Salt": "x7Kq2"}}}}
    body_of(made, cdr)
    assert "x7Kq2" not in made.text("the salt was x7Kq2 then")


def test_ids_are_kept_unless_they_are_asked_for() -> None:
    body = {
        "Identification": {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}},
        "EvcoID": "DE-DCB-C12345678-X",
    }
    assert json.loads(body_of(redactor(), body)) == body
    text = body_of(redactor(personal=True), body).decode()
    assert "1234ABCD" not in text
    assert "C12345678" not in text
    assert "DE-DCB-C" in text


@pytest.mark.parametrize("pin", ["5551234", 5551234])
def test_text_that_was_told_before_its_pin_was_seen(pin: str | int) -> None:
    made, text = redactor(), "refused: 5551234"
    assert made.text(text) == text
    body_of(made, {"PIN": pin})
    assert "5551234" not in made.text(text)


def test_pin_that_is_a_number_or_escaped_or_deep() -> None:
    made = redactor()
    text = body_of(
        made, b'{"P\\u0049N": "\\u0031234", "x": [{"pin": 1234}, {"HashedPIN": "5f4dcc3b5aa765d61d83"}]}'
    )
    assert json.loads(text)["PIN"] != "1234"
    assert b"1234" not in text
    assert b"5f4dcc3b5aa765d61d83" not in text


@pytest.mark.parametrize(
    "body",
    [
        b'{"PIN": "1234", "x": 1} trailing PIN=1234',
        b'{"PIN": "1234", "x": ',
        b"{'PIN': '1234'}",
        b"{PIN: 1234}",
        b"<html>no customer has PIN 1234</html>",
        b"PIN=1234&x=1",
        b'{"Description": "the PIN 1234 is wrong"}',
        b'{"Description": "they said 1234 and left"}',
        b'{"inner": "{\\"PIN\\": \\"1234\\"}"}',
        b'\xff\xfe {"PIN": "1234"}',
        gzip.compress(b'{"PIN": "1234"}', mtime=0),
    ],
)
def test_pin_in_any_body(body: bytes) -> None:
    written = body_of(redactor(), body)
    inside = gzip.decompress(written) if written.startswith(b"\x1f\x8b") else written
    assert b"1234" not in inside
    assert is_json(written) == is_json(body)


def is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def test_headers_and_what_they_hold() -> None:
    made = redactor(headers=["X-Acme"])
    basic = base64.b64encode(b"acme:pa55word-of-acme").decode()
    headers = (
        ("Authorization", f"Basic {basic}"),
        ("cookie", "session=abcdefgh12345"),
        ("X-Api-Key", "k"),
        ("x-acme", "zyxwvuts"),
        ("Content-Type", "application/json"),
    )
    body = {"echo": f"Basic {basic} zyxwvuts pa55word-of-acme", "AuthorizationStatus": "Authorized"}
    said = exchange(body)
    written = made.exchange(replace(said, request=replace(said.request, headers=headers)))
    assert [value for _, value in written.request.headers] == [
        f"Basic {MARK}",
        MARK,
        MARK,
        MARK,
        "application/json",
    ]
    text = written.request.body.decode()
    for secret in (basic, "zyxwvuts", "pa55word-of-acme"):
        assert secret not in text
    assert '"AuthorizationStatus": "Authorized"' in text


def test_cookie_is_known_where_it_comes_back() -> None:
    made = redactor()
    said = exchange({"echo": "it was abcdefgh12345"})
    headers = (
        ("Set-Cookie", "session=abcdefgh12345; Path=/api/oicp/x; HttpOnly"),
        ("X-Token-Type", "application/json"),
        ("Content-Type", "application/json"),
        ("X-Options", "HttpOnly /api/oicp/x"),
    )
    written = made.exchange(replace(said, request=replace(said.request, headers=headers)))
    assert b"abcdefgh12345" not in written.request.body
    assert dict(written.request.headers)["Content-Type"] == "application/json"
    assert dict(written.request.headers)["X-Options"] == "HttpOnly /api/oicp/x"


def test_private_keys() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA1234567890\nabc=\n-----END RSA PRIVATE KEY-----"
    made = redactor()
    assert made.text(f"a {key} b") == f"a {MARK} b"
    assert b"MIIEow" not in body_of(made, {"key": key})


def test_password_of_a_url() -> None:
    raw = profile().model_dump(exclude_unset=True)
    raw["target"]["base_url"] = "http://user:pa55w0rd@127.0.0.1:9"
    made = Redactor.from_profile(Profile.model_validate(raw), {})
    assert "pa55w0rd" not in made.text("at http://user:pa55w0rd@127.0.0.1:9 it says pa55w0rd")
    assert "pa55w0rd" not in made.profile(Profile.model_validate(raw)).target.base_url
    assert made.text("http://other:unlisted@host/") == f"http://{MARK}@host/"


def test_paths_and_queries() -> None:
    made = redactor(values=["acme-token-00"], personal=True)
    body_of(made, {"EvcoID": "DE-DCB-C12345678-X"})
    path = "/api/oicp/x/operators/DE*ABC/acme-token-00/DEDCBC12345678X?PIN=1234&key=acme-token-00&page=1234"
    written = made.exchange(exchange(b"", path=path)).path
    for gone in ("acme-token-00", "PIN=1234", "C12345678"):
        assert gone not in written
    assert written.startswith("/api/oicp/x/operators/DE*ABC/")
    assert written.endswith("&page=1234")


# --- findings and notes


def test_findings_tell_what_stands_in_the_journal() -> None:
    made = redactor()
    body = {"Identification": {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "PIN": "9876543"}}}
    written = json.loads(body_of(made, body))
    other = written["Identification"]["QRCodeIdentification"]["PIN"]
    finding = Outcome(
        "x", "y", Verdict.FAIL, "PIN 9876543 is too long", 1, "/Identification/QRCodeIdentification/PIN"
    )
    told = made.outcome(replace(finding, found='"9876543"', expected=str(body["Identification"])))
    assert (told.message, told.found) == (f"PIN {other} is too long", f'"{other}"')
    assert told.expected == str(written["Identification"])
    assert made.outcome(told) == told, "once is enough"


def test_words_of_the_judge_stay() -> None:
    made = redactor(values=["acme-token-00"], headers=["X-Acme"], personal=True)
    for line in listing():
        assert made.text(line) == line
    finding = Outcome(
        "x", "y", Verdict.FAIL, "the PIN is missing", 1, "/a/PIN", "PIN in clear text, no HashedPIN", "EvcoID"
    )
    assert made.outcome(finding) == finding


def test_notes() -> None:
    made = redactor(personal=True, values=["acme-token-00"])
    shown = {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "PIN": "1234"}}
    wait = Wait(
        "t",
        "r",
        "o",
        1.0,
        None,
        presented=shown,
        detail="PIN 1234: acme-token-00",
        session="abc",
        evse="DE*ABC*E1",
    )
    note = made.note(wait)
    assert isinstance(note, Wait)
    text = str(note)
    for gone in ("1234'", "C12345678", "acme-token-00"):
        assert gone not in text
    upload_note = made.note(Upload("t", shown, authorized=True, exchange=1))
    assert isinstance(upload_note, Upload)
    assert upload_note.identification == note.presented
    assert (note.session, note.evse, note.seconds) == ("abc", "DE*ABC*E1", 1.0)


# --- the profile

BAD = {
    'values = ["acme-token-00", "short"]': "[secrets] values[1]: found something else, expected at least 6",
    'values = "acme-token-00"': "[secrets] values: found something else, expected a list",
    "values = [123456]": "[secrets] values[0]: found something else, expected a string",
    'environment = ["SHORT"]': '[secrets] environment[0]: found "SHORT", expected a variable with a value',
    'environment = [""]': '[secrets] environment[0]: found "", expected a string that is not empty',
    "personal = 1": "[secrets] personal: found 1, expected true or false",
    'header = ["X"]': "[secrets] header: unknown key; did you mean headers?",
}


@pytest.mark.parametrize("line", BAD)
def test_profile_that_cannot_be_used(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT", "abc")
    file = tmp_path / "profile.toml"
    file.write_text(f"{cpo_profile()}\n[secrets]\n{line}\n", encoding="utf-8")
    with pytest.raises(ProfileError) as raised:
        load(file)
    assert re.sub(r"(\.toml):[0-9]+: ", r"\1: ", str(raised.value)).startswith(f"{file}: {BAD[line]}")
    assert "acme-token-00" not in str(raised.value)


def test_words_about_a_profile_have_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    toml = cpo_profile("ftp://user:pa55w0rd@host").replace('"A CPO"', '"A CPO"\nversion = ["acme-token-00"]')
    file.write_text(f'{toml}\n[secrets]\nvalues = ["acme-token-00"]\n', encoding="utf-8")
    with pytest.raises(ProfileError) as raised:
        load(file)
    assert "[target] base_url: found" in str(raised.value)
    assert "[target] version: found" in str(raised.value)
    assert "pa55w0rd" not in str(raised.value)
    assert "acme-token-00" not in str(raised.value)


def test_secrets_are_not_saved() -> None:
    given = profile(values=["acme-token-00"], environment=["ACME_HOME"], headers=["X-Acme"], personal=True)
    made = Redactor.from_profile(given, {"ACME_HOME": "/home/acme-token-01"})
    saved = made.profile(given)
    assert (saved.secrets.values, saved.secrets.environment) == ([], [])
    assert (saved.secrets.headers, saved.secrets.personal) == (["X-Acme"], True)
    assert made.leaks("at /home/acme-token-01") == ["[secrets] environment[0] (ACME_HOME)"]
