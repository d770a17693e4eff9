"""Texts of a target, as a page may show them."""

import re

from markupsafe import Markup

# Control characters, and those that turn the direction of what stands around them.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)


def plain(value: object) -> object:
    """A value without characters that cannot be seen."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNSEEN.sub("\ufffd", value)
    return value


def short(value: str, longest: int = 300) -> str:
    """A text that is not longer than that."""
    return value if len(value) <= longest else f"{value[:longest]}… ({len(value)} characters)"
