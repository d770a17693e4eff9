"""Texts for people: findings, lines on the terminal, the words of errors."""

import re
from functools import lru_cache

from oicp_conformance.profile import MARK
from oicp_conformance.redaction.credentials import Credentials
from oicp_conformance.redaction.hints import Hints
from oicp_conformance.redaction.memory import Learned
from oicp_conformance.redaction.names import Names
from oicp_conformance.redaction.seen import Seen

_PLAIN_SIGN = r"[^\s\"'\\&,;{}\[\]<>()]"
_NAME = re.compile(r"[0-9A-Za-z]+")
_SHORT = 500
"""Characters of a text that may well come again."""
_HUGE = 1024 * 1024
"""Characters from which on a body has too many pieces to look at each."""
_LARGE = 64 * 1024
"""Characters from which on a body is a load of EVSEs, in which nobody quotes a PIN."""


class Texts:
    """Takes secrets out of texts: by their form, after their names, and where they were seen before."""

    def __init__(
        self, credentials: Credentials, names: Names, seen: Seen, learned: Learned, *, only_listed: bool
    ) -> None:
        self._credentials = credentials
        self._names = names
        self._seen = seen
        self._hints = Hints(names)
        self._are_hints_in = lru_cache(maxsize=20_000)(self._hints.are_in)
        """The same for values: most come again and again."""
        self._only_listed = only_listed
        spelt = "|".join(sorted(map(re.escape, names.in_texts)))
        self._field = re.compile(
            rf"(?P<key>(?P<q>\\*[\"'])(?:{spelt})(?P=q)\s*[:=]\s*|\b(?:{spelt})\s*[:=]\s*|\b(?:{spelt}) )"
            rf"(?:(?P<quote>\\*[\"'])(?P<quoted>.*?)(?P=quote)|(?P<bare>{_PLAIN_SIGN}*[0-9]{_PLAIN_SIGN}*))"
        )
        self._low_names = [name.lower() for name in names.in_texts]
        self._short = learned.remembering(self._text)

    def text(self, text: str) -> str:
        """A text that may be written."""
        return self._short(text) if len(text) < _SHORT else self._text(text)

    def _text(self, text: str) -> str:
        # Text of two bytes a character has a NUL in each: nothing in it would be a word.
        redacted = self._credentials.marked(text.replace("\0", ""))
        if not self._only_listed:
            low = redacted.lower()
            if any(name in low for name in self._low_names):
                redacted = self.fields(redacted)
            redacted = self._seen.in_text(redacted)
        return redacted

    def is_one(self, value: str) -> bool:
        """Whether a value of a message is a text rather than a word, an id or a number."""
        if len(value) > _SHORT:
            return " " in value or self._hints.are_in(value)
        return " " in value or self._are_hints_in(value)

    def may_change(self, body: str) -> bool:
        """Whether there may be anything to take out of a body but listed secrets: a quick look."""
        if len(body) >= _HUGE:
            return self._hints.are_in(body)
        pieces = set(body.split('"'))
        is_hinted = self._hints.are_in_pieces(body, pieces)
        return is_hinted or (len(body) < _LARGE and self._seen.is_in_pieces(body, pieces))

    def fields(self, text: str) -> str:
        """A text with the fields redacted that are named in it, as they are in a message."""
        return self._field.sub(self._redacted_field, text)

    def _redacted_field(self, found: re.Match[str]) -> str:
        value = found["quoted"] if found["quoted"] is not None else found["bare"]
        name = next(iter(_NAME.findall(found["key"])), "")
        kind = self._names.kind(name)
        if kind is None or not value or value == MARK:
            return found[0]
        quote = found["quote"] or ""
        return f"{found['key']}{quote}{self._seen.in_field_of_text(kind, value)}{quote}"
