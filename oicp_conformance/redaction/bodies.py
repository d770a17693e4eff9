"""Bodies of messages, in any encoding: JSON token by token, what is none as a text."""

import gzip
import zlib

from oicp_conformance.journal.json_text import NotJson, parse
from oicp_conformance.redaction.credentials import Credentials
from oicp_conformance.redaction.forms import Secrets
from oicp_conformance.redaction.lexer import rewrite
from oicp_conformance.redaction.names import Names
from oicp_conformance.redaction.texts import Texts
from oicp_conformance.redaction.values import Values

_GZIP = b"\x1f\x8b"
_LONGEST = 8 * 1024 * 1024
"""Bytes of a body that are inflated: what is kept of it after them is nothing."""


class Bodies:
    """Takes secrets out of bodies; one without any stays the same object."""

    def __init__(
        self, secrets: Secrets, credentials: Credentials, names: Names, texts: Texts, values: Values
    ) -> None:
        self._secrets = secrets
        self._credentials = credentials
        self._names = names
        self._texts = texts
        self._values = values
        self._unlisted = values.where_nothing_is_listed()

    def body(self, body: bytes) -> bytes:
        """A body that may be written."""
        if not body:
            return body
        if body.startswith(_GZIP):
            return self._compressed(body)
        # With two bytes a character, no word would be one.
        wide = ("utf-16-le" if body[1:2] == b"\0" else "utf-16-be",) if b"\0" in body[:2] else ()
        for encoding in (*wide, "utf-8", "latin-1"):
            try:
                text = body.decode(encoding)
            except UnicodeDecodeError:
                continue
            redacted = self._decoded(text)
            return body if redacted == text else redacted.encode(encoding)
        raise AssertionError  # every byte is a character of Latin-1

    def _compressed(self, body: bytes) -> bytes:
        try:
            inside = zlib.decompressobj(wbits=31).decompress(body, _LONGEST)
        except zlib.error:
            return body
        redacted = self.body(inside) if not inside.startswith(_GZIP) else inside
        return body if redacted == inside else gzip.compress(redacted, mtime=0)

    def _decoded(self, text: str) -> str:
        is_listed = self._secrets.are_in(text)
        if not is_listed and not self._texts.may_change(text):
            return text
        if text.lstrip("\ufeff \t\r\n")[:1] not in {"{", "[", '"'}:
            return self._texts.text(text)
        # What is not in the whole is in no part of it.
        values = self._values if is_listed else self._unlisted
        redacted = rewrite(text, kind_of=self._names.kind, string=values.string, bare=values.token)
        try:
            parse(redacted.encode())
        except (NotJson, UnicodeEncodeError):
            return self._texts.text(redacted)
        # What stands across tokens is in no string.
        return self._credentials.marked(redacted) if self._secrets.are_in(redacted) else redacted
