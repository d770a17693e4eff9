"""Texts that were spoilt on their way: escaped for a page, or read in another character set."""

import html
import re

_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_REPLACED = "�"
"""What a decoder writes for what it cannot read."""


_DOUBTFUL = re.compile(f"[&{_REPLACED}]|[\u00c2-\u00f4][^\x00-\x7f]")
"""What is in any text that was spoilt; of one in UTF-8 that was misread, the first two letters of a pair."""


def is_legible(value: object) -> bool:
    """Whether no text in a JSON value is spoilt; the names in it do not matter."""
    if isinstance(value, str):
        return spoilt(value) is None
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            if not is_legible(one):
                return False
    return True


def spoilt(text: str) -> tuple[str, str] | None:
    """Say how a text was spoilt, and what was probably meant; None if it is legible.

    A text in UTF-8 that was read as ISO 8859-1 or Windows-1252 gives such pairs of letters ("Ã¼" for "ü")
    that every one of them is UTF-8 again: no text of any language is like that.
    """
    if (text.isascii() and "&" not in text) or not _DOUBTFUL.search(text):
        return None  # as of most: a load may have 100 000 records
    if _REPLACED in text:
        return "it contains the replacement character U+FFFD", "the characters themselves"
    meant = html.unescape(text)
    if _ENTITY.search(text) and meant != text:
        return "it is escaped for HTML", meant
    for charset in ("cp1252", "iso8859-1"):
        try:
            meant = text.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
        if meant != text:
            return "it is UTF-8 that was read in another character set", meant
    return None
