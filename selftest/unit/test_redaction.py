"""What the redactor does with one value, one text, one message."""

import base64
import binascii
import contextlib
import gzip
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicp_conformance.journal.archive import save_lines
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.notes import Ocpp, Upload, Wait
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.oicp.pins import pin_matches
from oicp_conformance.oicp.types import EVCO_ID, UID, plain_id, provider_of
from oicp_conformance.profile import Profile, ProfileError, load
from oicp_conformance.redaction import MARK, Redactor
from oicp_conformance.redaction.compressed import LONGEST
from oicp_conformance.redaction.encoded import readings
from oicp_conformance.redaction.pseudonyms import Pseudonyms
from oicp_conformance.reporting.requirements_page import listing
from oicp_conformance.stimuli.http import HttpStimuli
from selftest.support import cpo_profile

LONG = 'Tr0ub/4dor & "3"é'
SHORT = "s3cr3t"
HASH = "$2b$04$ky2qLw0orOj90gGOBUubsOvN35Ds0oZ/HlTjSoCTuYU83wWH2W8iq"


def profile(**secrets: Any) -> Profile:
    raw: dict[str, Any] = {
        "target": {"name": "An EMP", "role": "emp", "base_url": "http://127.0.0.1:9"},
        "partner": {
            "provider_id": "DE-DCB",
            "accepts": [{"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "PIN": "1234"}}],
        },
        "secrets": secrets,
    }
    return Profile.model_validate(raw)


def redactor(**secrets: Any) -> Redactor:
    return Redactor.from_profile(profile(**secrets), {})


def exchange(body: bytes | object, **values: Any) -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given: dict[str, Any] = {
        "number": 1,
        "direction": "target-to-hub",
        "operation": "eRoamingAuthorizeStart",
        "method": "POST",
        "path": "/x",
        "request": Part((("Content-Type", "application/json"),), raw),
        "started": 1.0,
        "finished": 2.0,
    }
    return Exchange(**{**given, **values})


def body_of(made: Redactor, body: bytes | object) -> bytes:
    return made.exchange(exchange(body)).request.body


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


# --- listed secrets, in whatever form


def aligned(secret: str, before: int) -> str:
    return base64.b64encode(b"x" * before + secret.encode() + b"y").decode()


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda secret: secret,
    "JSON": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "JSON in ASCII": lambda secret: json.dumps(secret)[1:-1],
    "JSON in JSON": lambda secret: json.dumps(json.dumps(secret))[1:-1],
    "all of it as \\u": lambda secret: "".join(f"\\u{ord(sign):04X}" for sign in secret),
    "some of it as \\u": lambda secret: f"\\u{ord(secret[0]):04x}" + json.dumps(secret)[2:-1],
    "with a slash as PHP": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "percent": quote,
    "percent of all": lambda secret: "".join(f"%{byte:02x}" for byte in secret.encode()),
    "form": lambda secret: quote(secret, safe="").replace("%20", "+"),
    "HTML": escape,
    "HTML numbers": lambda secret: "".join(f"&#{ord(sign)};" for sign in secret),
    "Python": repr,
    "Python bytes": lambda secret: repr(secret.encode()),
    "hexadecimal": lambda secret: secret.encode().hex(),
    **{
        f"Base64 after {before}": lambda secret, before=before: aligned(secret, before)  # type: ignore[misc]
        for before in range(4)
    },
    "cut": lambda secret: f"{secret[:-2]}… (300 characters)",
    "cut before": lambda secret: f"…{secret[3:]}",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", [LONG, "acme-token-00"])
def test_listed_secret_in_any_form(form: str, secret: str) -> None:
    made = redactor(values=[secret])
    written = FORMS[form](secret)
    text = made.text(f"<before {written} after>")
    core = written.strip("'\"b…").partition("…")[0][4:-4]
    assert core not in text, text
    assert text.startswith("<before ")
    assert text.endswith(" after>")
    if not form.startswith("cut"):
        assert made.leaks(f"<before {written} after>") == ["[secrets] values[0]"]
        assert made.leaks(text) == []
        for body in (f'{{"x": "{written}"}}', f"{{broken {written}", written):
            assert core.encode() not in body_of(made, body.encode()), body


def test_short_secret_is_a_word_of_its_own() -> None:
    made = redactor(values=[SHORT])
    assert made.text(f"x{SHORT}y {SHORT}!") == f"x{SHORT}y {MARK}!"
    assert made.leaks(f"x{SHORT}y") == []


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
        "x", "y", Verdict.FAIL, "the PIN is missing", 1, "/a/PIN", "PIN in clear, no HashedPIN", "EvcoID"
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


# --- credentials in URLs, in fields named like them, and encoded twice

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
    from oicp_conformance.redaction.names import LIKE_CREDENTIALS  # noqa: PLC0415 - only here

    names = {
        step for one in OPERATIONS for model in (one.answer,) for path in fields_of(model) for step in path
    }
    assert len(names) > 20
    assert not [one for one in names if one.lower().endswith(LIKE_CREDENTIALS)]


def test_jwt_is_a_credential_wherever_it_stands() -> None:
    made = redactor()
    assert made.text(f"refused {JWT} today") == f"refused {MARK} today"
    assert JWT not in json.dumps(made.exchange(exchange({"note": f"it was {JWT}"})).request.json)


def test_header_of_a_session_is_a_credential() -> None:
    part = Part((("X-Session-Id", "abc123XYZ"), ("X-Request-Id", "17")), b"{}")
    assert redactor().exchange(exchange({}, request=part)).request.headers == (
        ("X-Session-Id", MARK),
        ("X-Request-Id", "17"),
    )


@pytest.mark.parametrize(
    "written",
    [
        lambda raw: base64.b64encode(base64.b64encode(raw)).decode(),
        lambda raw: base64.urlsafe_b64encode(raw).decode(),
        lambda raw: base64.b32encode(raw).decode(),
        lambda raw: raw.hex(":"),
        lambda raw: raw.hex("-").upper(),
        lambda raw: quote(quote(raw.decode(), safe=""), safe=""),
        lambda raw: quote(quote(quote(raw.decode(), safe=""), safe=""), safe=""),
        lambda raw: base64.b85encode(raw).decode(),
        lambda raw: base64.a85encode(raw).decode(),
        lambda raw: "".join(f"\\{byte:03o}" for byte in raw),
        lambda raw: json.dumps("".join(f"\\{byte:03o}" for byte in raw)),
        lambda raw: binascii.b2a_uu(raw).decode(),
    ],
)
def test_listed_secret_encoded_twice_or_oddly(written: Callable[[bytes], str]) -> None:
    made = redactor(values=[LONG])
    text = written(LONG.encode())
    assert made.leaks(f"x {text} y") == ["[secrets] values[0]"]
    assert MARK in made.text(f"x {text} y")
    assert not made.leaks(made.text(f"x {text} y"))


PACKED: dict[str, Callable[[bytes], tuple[bytes, Callable[[bytes], bytes]]]] = {
    "zlib": lambda raw: (zlib.compress(raw), zlib.decompress),
    "gzip twice": lambda raw: (gzip.compress(gzip.compress(raw)), lambda one: unpacked(unpacked(one))),
    "after a gzip": lambda raw: (gzip.compress(b"{}") + raw, lambda one: one),
    "a second gzip": lambda raw: (gzip.compress(b"{}") + gzip.compress(raw), gzip.decompress),
    "a gzip that breaks off": lambda raw: (gzip.compress(raw + bytes(99))[:-9], unpacked),
    "a gzip that is none": lambda raw: (b"\x1f\x8b\x08" + raw, lambda one: one),
    "beyond what is inflated": lambda raw: (gzip.compress(b"x" * LONGEST + raw), unpacked),
    "UTF-32": lambda raw: (raw.decode().encode("utf-32"), lambda one: one.replace(b"\0", b"")),
    "UTF-16": lambda raw: (raw.decode().encode("utf-16"), lambda one: one.replace(b"\0", b"")),
}


def in_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def unpacked(body: bytes) -> bytes:
    return zlib.decompressobj(31).decompress(body)


@pytest.mark.parametrize("form", PACKED)
def test_listed_secret_in_a_packed_body(form: str) -> None:
    packed, unpack = PACKED[form](b'{"a": "x acme-token-00"}')
    made = redactor(values=["acme-token-00"])
    written = body_of(made, packed)
    assert b"acme" not in written
    with contextlib.suppress(zlib.error):
        assert b"acme" not in unpack(written)
    nothing = PACKED[form](b'{"a": "b"}')[0]
    if form not in {"a gzip that is none", "beyond what is inflated"}:
        assert body_of(made, nothing) == nothing


def test_what_cannot_be_read_is_not_written() -> None:
    made = redactor(values=["acme-token-00"])

    def written(coding: str, body: bytes) -> bytes:
        part = Part((("Content-Encoding", coding),), body)
        return made.exchange(exchange({}, request=part)).request.body

    assert written("br", b"\x8b\xff\x80{}\x03") == MARK.encode()
    assert written("br", b"{}") == b"{}"
    bare = zlib.compress(b'"acme-token-00 ' + b"x" * 40 + b'"', wbits=-15)
    assert b"acme" not in zlib.decompress(written("deflate", bare), wbits=-15)
    deep = b"{}"
    for _ in range(9):
        deep = gzip.compress(deep)
    assert len(written("gzip", deep)) < len(deep)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda raw: json.dumps({"a": in_base64(gzip.compress(raw))}),
        lambda raw: json.dumps({"a": in_base64(base64.b64encode(b"u:" + raw))}),
        lambda raw: f"/a/{in_base64(b'[' + base64.b64encode(b'u:' + raw) + b']')}/b",
    ],
)
def test_listed_secret_in_layers(wrap: Callable[[bytes], str]) -> None:
    made = redactor(values=["acme-token-00"])
    text = wrap(b"acme-token-00")
    assert made.leaks(text) == ["[secrets] values[0]"]
    assert not made.leaks(made.text(text))
    assert not made.leaks(body_of(made, text.encode()).decode())
    other = wrap(b"another-text-")
    assert body_of(made, other.encode()).decode() == other


def test_what_a_cut_left_of_a_listed_secret_in_layers() -> None:
    made = redactor(values=["acme-token-00"])
    run = in_base64(zlib.compress(b"x acme-token-00", wbits=31))
    cut = next(run[:size] for size in range(len(run)) if _reads(run[:size]).endswith("acme-to"))
    assert made.text(f"found {cut}… (300 characters)") == f"found {MARK}… (300 characters)"
    assert made.text(f"found {cut} (300 characters)") == f"found {cut} (300 characters)"


def _reads(run: str) -> str:
    return next(readings(run), "")


SAID = (
    *("password={}&x=1", "x=1&dbPassword={}", "https://a/cb#access_token={}", "/a?x=1;user[password]={}"),
    *("/a?Ocp-Apim-Subscription-Key={}", "/a?X-Amz-Signature={}", "https://{}@host/", "password: {}"),
    *("<a><ns:password>{}</ns:password></a>", '<a password="{}"/>', "curl -H 'X-Api-Key: {}'"),
    'Content-Disposition: form-data; name="password"\r\n\r\n{}\r\n--b--',
    '{{"m": "{{\\"clientSecret\\": \\"{}\\"}}"}}',
    '{{"pwd": "{}"}}',
)


@pytest.mark.parametrize("said", SAID)
def test_credential_by_its_name(said: str) -> None:
    made = redactor()
    text = said.format("hunter2SECRET")
    assert "hunter2SECRET" not in body_of(made, text.encode()).decode()
    assert "hunter2SECRET" not in made.text(text)
    assert made.text(made.text(text)) == made.text(text)


def test_what_only_sounds_like_a_credential_stays() -> None:
    text = "password: expected a text; idToken: '1234ABCD' token of 20 characters, monkey=1 key=none"
    assert redactor().text(text) == text


@pytest.mark.parametrize("name", ["X-Auth-Key", "X-Functions-Key", "X-Hub-Signature-256", "X-Auth"])
def test_header_named_like_a_credential_is_one(name: str) -> None:
    part = Part(((name, "abc123XYZ"), ("Idempotency-Key", "17"), ("WWW-Authenticate", "Basic")), b"{}")
    headers = redactor().exchange(exchange({}, request=part)).request.headers
    assert headers == ((name, MARK), *part.headers[1:])


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
