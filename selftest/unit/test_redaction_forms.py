"""A listed secret is found in whatever form it is written."""

import base64
import binascii
import contextlib
import gzip
import json
import zlib
from collections.abc import Callable
from html import escape
from urllib.parse import quote

import pytest

from oicp_conformance.journal.exchange import Part
from oicp_conformance.redaction import MARK
from oicp_conformance.redaction.compressed import LONGEST
from oicp_conformance.redaction.encoded import readings
from selftest.unit.redactors import LONG, SHORT, body_of, exchange, redactor


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
        lambda raw: base64.b32encode(raw).decode().lower(),
        lambda raw: base64.b32hexencode(raw).decode(),
        lambda raw: base64.b64encode(raw).hex(),
        lambda raw: ", ".join(f"0x{byte:02X}" for byte in raw),
        lambda raw: "".join(f"={byte:02X}" for byte in raw),
        lambda raw: quote(quote("".join(f"%{byte:02X}" for byte in raw))),
        lambda raw: json.dumps({"type": "Buffer", "data": list(raw)}),
        lambda raw: json.dumps(list(raw), indent=4),
    ],
)
def test_listed_secret_encoded_twice_or_oddly(written: Callable[[bytes], str]) -> None:
    made = redactor(values=[LONG])
    text = written(LONG.encode())
    assert made.leaks(f"x {text} y") == ["[secrets] values[0]"]
    assert MARK in made.text(f"x {text} y")
    assert not made.leaks(made.text(f"x {text} y"))


def test_numbers_that_are_not_the_secret_stay() -> None:
    raw = list(LONG.encode())
    made = redactor(values=[LONG])
    for other in (raw[:-1], [raw[0] + 100, *raw[1:]], [*raw[:-1], raw[-1] * 10]):
        text = json.dumps(other)
        assert made.text(text) == text
        assert not made.leaks(text)


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
