"""A quick look at a text: whether there may be a secret in it, by a name before it or by its form."""

import re
from collections.abc import Iterable, Set
from functools import lru_cache

from oicp_conformance.redaction.memory import Pieces
from oicp_conformance.redaction.names import LIKE_CREDENTIALS, SPELT, Names

_FORMS = (
    # OICP itself has fields and paths that begin with the name of the header.
    r"PRIVATE KEY|basic |bearer |\$2[abxy]\$|//[^/\s]*@|(?:authorization|cookie)[\"'\\\s]*[:=,]"
    # Of a JWT in Base64; in other case this is a part of ordinary ids.
    r"|(?-i:eyJ)"
    rf"|(?:{SPELT}|[_-]key)[\]\[\"'\\\s]*[:=>\r\n]"
    r"|(?<![\w.~%\[-])(?:key|sig|auth|authorization|code_verifier|jsessionid)="
)
_CREDENTIAL = re.compile(_FORMS, re.IGNORECASE)
_OF_FORMS = (
    *(
        "\\u",
        "private key",
        "basic ",
        "bearer ",
        "$2",
        "@",
        "authorization",
        "cookie",
        "eyj",
        "jsessionid",
        "?",
        "&",
    ),
    *("token", "secret", "passw", "pwd", "passphrase", "credential", "jwt", "signature", "key"),
)
"""Without any of these, an expression here needs no try: they are slow."""
_AROUND = 60
"""Characters around a hint in which the whole of what it hints at stands."""


def may_hold_credential(text: str) -> bool:
    """Whether a text may hold something that is told by its form."""
    low = text.lower()
    return any(hint in low for hint in _OF_FORMS) and _CREDENTIAL.search(text) is not None


class Hints:
    """What there is in a text before a secret, or as a part of one."""

    def __init__(self, names: Names) -> None:
        spelt = "|".join(map(_spelt, names.kinds))
        like = "|".join(map(_spelt, LIKE_CREDENTIALS))
        self._pattern = re.compile(
            rf'\\u|"(?:{spelt})"\s*:|(?:{like})"\s*:|\bPIN\b|[?&][\w.~-]*=|{_FORMS}', re.IGNORECASE
        )
        written = (*names.kinds, *names.fields, *names.headers)
        # A hint ends at a quotation mark, and has no other.
        ends = {re.split('[-_ "]', name.lower())[-1] for name in written}
        hints = {f'{end}"' for end in (*ends, *LIKE_CREDENTIALS, "key")} | {"pin", *_OF_FORMS}
        # Where a hint is found, a shorter one that it contains is found, too.
        self._hints = sorted(one for one in hints if not any(less in one for less in hints - {one}))
        self._is_around = lru_cache(maxsize=4096)(self._is_there)
        """Whether there is one around a hint; most hints stand in the same words again and again."""
        self._without = Pieces()
        """Pieces of bodies that have none in them."""

    def are_in(self, text: str) -> bool:
        """Whether there is any in a text."""
        return text not in self._without and self._are_in(text, self._hints)

    def are_in_pieces(self, text: str, pieces: Set[str]) -> bool:
        """The same of a text that its quotation marks make these pieces of; each is looked at once."""
        new = pieces - self._without
        if not new:
            return False
        low = '"'.join([*new, ""]).lower()
        some = [hint for hint in self._hints if hint in low]
        if len(low) != sum(map(len, new)) + len(new):
            return self._are_in(text, self._hints)
        self._without.remember(one for one in new if not _holds(one, some))
        return bool(some) and self._are_in(text, some)

    def _are_in(self, text: str, hints: Iterable[str]) -> bool:
        low = text.lower()
        if len(low) != len(text):
            return self._pattern.search(text) is not None
        for hint in hints:
            at = low.find(hint)
            while at >= 0:
                start = max(0, at - _AROUND)
                # The character before it tells whether a word begins.
                before = min(start, 1)
                if self._is_around(text[start - before : at + len(hint) + _AROUND], before):
                    return True
                at = low.find(hint, at + len(hint))
        return False

    def _is_there(self, around: str, start: int) -> bool:
        return self._pattern.search(around, start) is not None


def _holds(piece: str, hints: Iterable[str]) -> bool:
    low = f'{piece}"'.lower()
    return any(hint in low for hint in hints)


def _spelt(name: str) -> str:
    """An expression for a name with whatever separators are in it."""
    return "[-_ ]?".join(map(re.escape, name))
