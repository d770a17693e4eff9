"""Texts that were spoilt on their way: escaped for a page, or read in another character set."""

import html
import re

_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_REPLACED = "�"
"""What a decoder writes for what it cannot read."""


def _is_plain(text: str) -> bool:
    """Whether a text is certainly legible, as most are."""
    return text.isascii() and "&" not in text


def are_plain(value: object) -> bool:
    """Whether all texts in a JSON value are certainly legible: that is found out in no time."""
    if isinstance(value, str):
        return _is_plain(value)
    if isinstance(value, dict):
        return all(map(are_plain, value.values()))
    return all(map(are_plain, value)) if isinstance(value, list) else True


def spoilt(text: str) -> tuple[str, str] | None:
    """Say how a text was spoilt, and what was probably meant; None if it is legible.

    A text in UTF-8 that was read as ISO 8859-1 or Windows-1252 gives such pairs of letters ("Ã¼" for "ü")
    that every one of them is UTF-8 again: no text of any language is like that.
    """
    if _is_plain(text):
        return None
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
