"""Identifications in a profile, checked as the data types of OICP."""

from pathlib import Path

import pytest

from selftest.unit.profiles import EMP, errors, read

ISO, DIN = "DE-DCB-C12345678-X", "DE*DCB*123456*7"


def refuses(text: str) -> str:
    return f"{EMP}[[partner.refuses]]\n{text}\n"


@pytest.mark.parametrize(
    "text",
    [
        'RFIDMifareFamilyIdentification = { UID = "DEADBEEF" }',
        'RFIDMifareFamilyIdentification = { UID = "deadbeef" }',
        'RFIDMifareFamilyIdentification = { UID = "1234567890ABCD" }',
        'RFIDMifareFamilyIdentification = { UID = "1234567890ABCDEF1234" }',
        'RFIDIdentification = { UID = "1234ABCD", RFID = "mifareCls", EvcoID = "DE*DCB*123456*7" }',
        'RFIDIdentification = { UID = "1234ABCD", RFID = "nfc", ExpiryDate = "2030-01-01T00:00:00Z" }',
        'RFIDIdentification = { UID = "1234ABCD", RFID = "nfc", ExpiryDate = "2030-01-01T00:00:00+01:00" }',
        f'QRCodeIdentification = {{ EvcoID = "{ISO}", PIN = "any text: 20 signs" }}',
        f'QRCodeIdentification = {{ EvcoID = "{DIN}", PIN = "" }}',
        f'QRCodeIdentification = {{ EvcoID = "{ISO}" }}',
        f'QRCodeIdentification = {{ EvcoID = "{ISO}", HashedPIN = {{ Value = "$2a$10$abcdefghij", '
        'Function = "Bcrypt" } }',
        f'PlugAndChargeIdentification = {{ EvcoID = "{ISO}" }}',
        'RemoteIdentification = { EvcoID = "dedcbc12345678x" }',
        f'RemoteIdentification = {{ EvcoID = "{DIN}", Extra = "kept" }}',
    ],
)
def test_well_formed_ones_are_kept_as_they_are(tmp_path: Path, text: str) -> None:
    profile = read(tmp_path, my=refuses(text))
    (kind,) = profile.partner.refuses[0]
    assert text.startswith(f"{kind} = ")
    accepted = read(tmp_path, my=EMP + "[[partner.accepts]]\n" + text)
    assert accepted.partner.accepts[1] == profile.partner.refuses[0]


UID = "(pattern ^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$)"
EVCO = (
    "(pattern ^(([A-Za-z]{2}-?[A-Za-z0-9]{3}-?C[A-Za-z0-9]{8}-?[0-9A-Za-z])"
    "|([A-Za-z]{2}[*-]?[A-Za-z0-9]{3}[*-]?[A-Za-z0-9]{6}[*-]?[0-9X]))$)"
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            'RFIDMifareFamilyIdentification = { UID = "ZZZZ" }',
            'RFIDMifareFamilyIdentification.UID: found "ZZZZ", expected a value of OICP\'s UIDType such as '
            f'"1234ABCD" {UID}',
        ),
        (
            'RFIDMifareFamilyIdentification = { UID = "1234ABCDE" }',
            'RFIDMifareFamilyIdentification.UID: found "1234ABCDE", expected a value of OICP\'s UIDType such '
            f'as "1234ABCD" {UID}',
        ),
        (
            "RFIDMifareFamilyIdentification = { UID = 12345678 }",
            "RFIDMifareFamilyIdentification.UID: found 12345678, expected a value of OICP's UIDType such as "
            '"1234ABCD"',
        ),
        (
            "RFIDMifareFamilyIdentification = { }",
            "RFIDMifareFamilyIdentification.UID: missing, expected a value of OICP's UIDType such as "
            '"1234ABCD"',
        ),
        (
            'RFIDIdentification = { UID = "1234ABCD", RFID = "mifare" }',
            'RFIDIdentification.RFID: found "mifare", expected a value of OICP\'s RFIDType (should be '
            "'mifareCls', 'mifareDes', 'calypso', 'nfc' or 'mifareFamily')",
        ),
        (
            'RemoteIdentification = { EvcoID = "DE-DCB-12345678-X" }',
            'RemoteIdentification.EvcoID: found "DE-DCB-12345678-X", expected a value of OICP\'s EvcoIDType '
            f'such as "DE-DCB-C12345678-X" {EVCO}',
        ),
        (
            'RemoteIdentification = { EvcoID = "" }',
            'RemoteIdentification.EvcoID: found "", expected a value of OICP\'s EvcoIDType such as '
            f'"DE-DCB-C12345678-X" {EVCO}',
        ),
        (
            f'QRCodeIdentification = {{ EvcoID = "{ISO}", HashedPIN = {{ Value = "$2a$10$abcdefghij", '
            'Function = "MD5" } }',
            'QRCodeIdentification.HashedPIN.Function: found "MD5", expected a value of OICP\'s '
            "HashFunctionType (should be 'Bcrypt')",
        ),
        (
            f'QRCodeIdentification = {{ EvcoID = "{ISO}", PIN = "123456789012345678901" }}',
            'QRCodeIdentification.PIN: found "(redacted)", expected a value of OICP\'s String (20) (String '
            "should have at most 20 characters)",
        ),
    ],
)
def test_a_malformed_one_is_refused_with_the_type(tmp_path: Path, text: str, line: str) -> None:
    assert errors(tmp_path, my=refuses(text)) == [f"my.toml:12: [partner] refuses[0].{line}"]
    accepts = f"{EMP}[[partner.accepts]]\n{text}\n"
    assert errors(tmp_path, my=accepts) == [f"my.toml:12: [partner] accepts[1].{line}"]
