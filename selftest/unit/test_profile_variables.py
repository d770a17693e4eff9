"""`${NAME}` in a profile, and what becomes of its value in all that is written."""

import json
from pathlib import Path

import pytest

from oicp_conformance.profile import Profile, ProfileError, as_saved, restore
from oicp_conformance.redaction import Redactor
from selftest.unit.profiles import CPO, EMP, errors, read

TOKEN = "acme-token-0815"  # noqa: S105 - it is none
ENVIRON = {"TOKEN": TOKEN, "HOST": "cpo.acme.example", "UID": "1234ABCD", "SHORT": "abc"}


def test_strings_anywhere_have_the_values_of_variables(tmp_path: Path) -> None:
    my = CPO.replace("127.0.0.1:9000", "${HOST}:${PORT}/x").replace('"DE*ABC*E2*1"', '"DE*ABC*E${NUMBER}*1"')
    my += '[stimuli]\ndriver = "command"\ncommand = ["./x", "--token=${TOKEN}", "$${TOKEN} and $5"]\n'
    profile = read(tmp_path, my=my, environ={**ENVIRON, "PORT": "9000", "NUMBER": "7"})
    assert profile.target.base_url == "http://cpo.acme.example:9000/x"
    assert profile.partner.evse_ids == ["DE*ABC*E1*1", "DE*ABC*E7*1"]
    assert profile.stimuli.shim == f"{tmp_path}/x --token={TOKEN} ${{TOKEN}} and $5"


def test_strings_in_inline_tables_have_them_too(tmp_path: Path) -> None:
    profile = read(tmp_path, my=EMP.replace("1234ABCD", "${UID}"), environ=ENVIRON)
    assert profile.partner.accepts == [{"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}]


def test_all_unset_variables_are_named_with_their_keys(tmp_path: Path) -> None:
    my = CPO.replace("127.0.0.1:9000", "${HOST}:${PORT}").replace('"DE*ABC*E2*1"', '"${EVSE}"')
    my += "[stimuli]\nwait = 0\n"
    assert errors(tmp_path, my=my, environ=ENVIRON) == [
        "my.toml:4: [target] base_url: the environment variable PORT is not set",
        "my.toml:8: [partner] evse_ids[1]: the environment variable EVSE is not set",
        "my.toml:10: [stimuli] wait: found 0, expected a number greater than 0",
    ]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (
            "${MY-TOKEN}",
            'found "${MY-TOKEN}", expected ${NAME} with the name of an environment variable; '
            "write $${ for a literal ${",
        ),
        (
            "${}",
            'found "${}", expected ${NAME} with the name of an environment variable; '
            "write $${ for a literal ${",
        ),
        ("${TOKEN", 'found "${" without "}"; write $${ for a literal ${'),
    ],
)
def test_what_is_not_the_name_of_a_variable(tmp_path: Path, written: str, text: str) -> None:
    my = CPO.replace("Acme CPO", written)
    assert errors(tmp_path, my=my, environ=ENVIRON) == [f"my.toml:2: [target] name: {text}"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [("$TOKEN", "$TOKEN"), ("$", "$"), ("$$", "$$"), ("{TOKEN}", "{TOKEN}"), ("$${}", "${}")],
)
def test_other_dollar_signs_stay(tmp_path: Path, written: str, kept: str) -> None:
    assert read(tmp_path, my=CPO.replace("Acme CPO", written)).target.name == kept


def test_a_variable_that_is_empty_is_set(tmp_path: Path) -> None:
    my = CPO.replace("Acme CPO", "${EMPTY}")
    assert errors(tmp_path, my=my, environ={"EMPTY": ""}) == [
        'my.toml:2: [target] name: found "", expected a string that is not empty'
    ]


def test_a_variable_below_need_not_be_set_where_it_is_replaced(tmp_path: Path) -> None:
    base = CPO.replace("http://127.0.0.1:9000", "${URL}")
    my = 'extends = "base.toml"\n[target]\nbase_url = "http://127.0.0.1:1"\n'
    assert read(tmp_path, my=my, base=base).target.base_url == "http://127.0.0.1:1"


# --- its value is a secret


def secret_profile(folder: Path) -> Profile:
    (folder / TOKEN).mkdir(exist_ok=True)
    (folder / TOKEN / "ca.pem").touch()
    my = CPO.replace("Acme CPO", "Acme ${TOKEN}").replace("127.0.0.1:9000", "${HOST}:9000")
    my += '[target.paths]\neRoamingAuthorizeRemoteStart = "/${TOKEN}/start"\n'
    my += '[target.tls]\nca = "${TOKEN}/ca.pem"\n'
    my += '[hub]\nlisten = "${HOST}:8600"\n'
    my += '[stimuli]\ndriver = "http"\nurl = "http://${HOST}/${TOKEN}"\n'
    return read(folder, my=my, environ=ENVIRON)


def test_its_value_is_a_secret_of_the_profile(tmp_path: Path) -> None:
    assert secret_profile(tmp_path).secret_values == {
        "[target] name (TOKEN)": TOKEN,
        "[target] base_url (HOST)": "cpo.acme.example",
    }


def test_short_values_and_words_of_the_profile_are_no_secrets(tmp_path: Path) -> None:
    my = EMP.replace("Acme EMP", "${SHORT}").replace('"DE-DCB"', '"DE-DCB"\nmode = "${MODE}"')
    my += '[stimuli]\ndriver = "${DRIVER}"\n'
    profile = read(tmp_path, my=my, environ={"SHORT": "abc", "MODE": "offline", "DRIVER": "manual"})
    assert (profile.target.name, profile.partner.mode, profile.stimuli.driver) == ("abc", "offline", "manual")
    assert profile.secret_values == {}


def test_a_run_redacts_its_value(tmp_path: Path) -> None:
    redactor = Redactor.from_profile(secret_profile(tmp_path), {})
    assert redactor.text(f"the token {TOKEN} is wrong") == "the token (redacted) is wrong"
    assert redactor.leaks(f"x{TOKEN}x") == ["[target] name (TOKEN)"]


def test_a_saved_run_does_not_hold_its_value_and_can_be_read_again(tmp_path: Path) -> None:
    profile = secret_profile(tmp_path)
    redacted = Redactor.from_profile(profile, {}).profile(profile)
    for one in (redacted, profile):  # the run redacts the profile before; without that, it is masked
        saved = as_saved(one)
        text = json.dumps(saved)
        assert TOKEN not in text
        assert "cpo.acme.example" not in text
        restored = restore(saved, tmp_path / "run.json", "my.toml")
        assert restored.partner == profile.partner
        assert restored.target.name.startswith("Acme (redacted)")
        assert restored.path == tmp_path / "my.toml"


def test_words_about_a_profile_do_not_hold_its_value(tmp_path: Path) -> None:
    my = CPO.replace("http://127.0.0.1:9000", "ftp://${TOKEN}").replace('"DE*ABC*E2*1"', '"x", "${SHORT}"')
    my += '[hub.tls]\ncertificate = "${TOKEN}/hub.pem"\nkey = "${TOKEN}.key"\n'
    my += '[secrets]\nvalues = ["s3cret-0"]\n'
    my += '[stimuli]\ndriver = "command"\ncommand = "run \'${TOKEN}\' \'"\n'
    lines = errors(tmp_path, my=my.replace('"cpo"', '"cpo"\nversion = ["s3cret-0", 1]'), environ=ENVIRON)
    assert lines == [
        'my.toml:4: [target] version: found ["(redacted)", 1], expected a string',
        'my.toml:5: [target] base_url: found "ftp://(redacted)", expected a URL such as '
        '"http://127.0.0.1:9000", without a query',
        'my.toml:9: [partner] evse_ids[1]: found "x", expected an EvseID such as "DE*ABC*E1*1"',
        'my.toml:9: [partner] evse_ids[2]: found "abc", expected an EvseID such as "DE*ABC*E1*1"',
        'my.toml:11: [hub.tls] certificate: found "(redacted)/hub.pem", expected a file, but '
        "(redacted)/hub.pem does not exist",
        'my.toml:12: [hub.tls] key: found "(redacted).key", expected a file, but '
        "(redacted).key does not exist",
        "my.toml:17: [stimuli] command: found \"run '(redacted)' '\", expected a command such as "
        '["./stimulate.sh"] or "./stimulate.sh" (No closing quotation)',
    ]


def test_words_about_a_profile_do_not_hold_pins_and_passwords(tmp_path: Path) -> None:
    my = EMP.replace("http://127.0.0.1:9000", "ftp://user:pa55@host")
    my += (
        '[[partner.refuses]]\nQRCodeIdentification = { EvcoID = "DE-DCB-C12345678-X", PIN = "4711" }\nX = 1\n'
    )
    assert errors(tmp_path, my=my) == [
        'my.toml:4: [target] base_url: found "ftp://(redacted)@host", expected a URL such as '
        '"http://127.0.0.1:9000", without a query',
        "my.toml:13: [partner] refuses[0].X: found 1, expected a table",
    ]
    my = my.replace("\nX = 1", '\nRFIDIdentification = { UID = "1" }')
    assert errors(tmp_path, my=my)[1].startswith(
        'my.toml:11: [partner] refuses[0]: found {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", '
        '"PIN": "(redacted)"}'
    )


def test_a_saved_profile_is_still_checked_for_its_types(tmp_path: Path) -> None:
    saved = as_saved(secret_profile(tmp_path))
    saved["target"]["timeout"] = "soon"
    with pytest.raises(ProfileError) as raised:
        restore(saved, tmp_path / "run.json", "my.toml")
    assert str(raised.value) == f'{tmp_path}/run.json: [target] timeout: found "soon", expected a number'


def test_a_saved_profile_needs_no_driver(tmp_path: Path) -> None:
    saved = as_saved(read(tmp_path, my=CPO)) | {"stimuli": {"driver": "acme", "wait": 4.0, "speed": 3}}
    restored = restore(saved, tmp_path / "run.json")
    assert (restored.stimuli.driver, restored.stimuli.wait) == ("acme", 4.0)
