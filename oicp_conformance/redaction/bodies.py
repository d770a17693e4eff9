"""Bodies of messages, in any encoding: JSON token by token, what is none as a text."""

import codecs

from oicp_conformance.journal.json_text import NotJson, parse
from oicp_conformance.profile import MARK
from oicp_conformance.redaction.compressed import READABLE, Compressed, inflated
from oicp_conformance.redaction.credentials import Credentials
from oicp_conformance.redaction.forms import Secrets
from oicp_conformance.redaction.lexer import rewrite
from oicp_conformance.redaction.memory import Learned, Pieces
from oicp_conformance.redaction.names import Names
from oicp_conformance.redaction.texts import Texts
from oicp_conformance.redaction.values import Values

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""The encodings with several bytes a character, by their byte order marks."""
_NULS = ((b"\0\0\0", "utf-32"), (b"\0", "utf-16"))
"""The same without one, by what is beside the first sign of JSON."""
_LONGEST_BEGINNING = 12
"""Bytes in which a NUL stands where there are several bytes a character."""
_DEEPEST = 4
"""How often a body may be compressed, or followed by another one: deeper, nothing is written."""


class Bodies:
    """Takes secrets out of bodies; one without any stays the same object."""

    def __init__(
        self,
        secrets: Secrets,
        credentials: Credentials,
        names: Names,
        texts: Texts,
        values: Values,
        learned: Learned,
    ) -> None:
        self._secrets = secrets
        self._credentials = credentials
        self._names = names
        self._texts = texts
        self._values = values
        self._unlisted = values.where_nothing_is_listed()
        self._still = learned.forgetting(Pieces())
        """Strings that stay as they are where nothing is listed."""
        self._whole = learned.remembering(self._of)

    def body(self, body: bytes, coding: str = "") -> bytes:
        """A body that may be written; `coding` is what its Content-Encoding says."""
        return self._whole((body, coding))

    def _of(self, whole: tuple[bytes, str]) -> bytes:
        return self._body(*whole, _DEEPEST)

    def _body(self, body: bytes, coding: str, depth: int) -> bytes:
        if not body:
            return body
        if (compressed := inflated(body, coding)) is not None:
            return self._compressed(body, compressed, depth)
        for encoding in (*_wide(body), "utf-8", "latin-1"):
            try:
                text = body.decode(encoding)
            except UnicodeDecodeError:
                # Nobody knows what is in it, so nobody knows what is secret in it.
                if encoding == "utf-8" and any(one.strip() not in READABLE for one in coding.split(",")):
                    return MARK.encode()
                continue
            redacted = self._decoded(text)
            return body if redacted == text else redacted.encode(encoding)
        raise AssertionError  # every byte is a character of Latin-1

    def _compressed(self, body: bytes, compressed: Compressed, depth: int) -> bytes:
        if not depth:
            return MARK.encode()
        inside = self._body(compressed.inside, "", depth - 1)
        rest = self._body(compressed.rest, "", depth - 1)
        same = inside == compressed.inside and rest == compressed.rest
        return body if same and compressed.whole else compressed.again(inside, rest)

    def _decoded(self, text: str) -> str:
        is_listed = self._secrets.are_in(text)
        if not is_listed and not self._texts.may_change(text):
            return text
        if text.lstrip("\ufeff \t\r\n")[:1] not in {"{", "[", '"'}:
            return self._texts.text(text)
        # What is not in the whole is in no part of it.
        values = self._values if is_listed else self._unlisted
        redacted = rewrite(
            text,
            kind_of=self._names.kind,
            string=values.string,
            bare=values.token,
            still=None if is_listed else self._still,
        )
        try:
            parse(redacted.encode())
        except (NotJson, UnicodeEncodeError):
            return self._texts.text(redacted)
        # What stands across tokens is in no string.
        return self._credentials.marked(redacted) if self._secrets.are_in(redacted) else redacted


def _wide(body: bytes) -> tuple[str, ...]:
    """The encoding with several bytes a character that a body has: read as another, no word is one."""
    if b"\0" not in body[:_LONGEST_BEGINNING]:
        return ()
    for mark, name in _MARKS:
        if body.startswith(mark) and b"\0" in body[: 2 * len(mark) + 4]:
            return (name,)
    for nuls, name in _NULS:
        if body[1:].startswith(nuls):
            return (f"{name}-le",)
        if body.startswith(nuls):
            return (f"{name}-be",)
    return ()
