"""What was seen in fields, and turns up again elsewhere: PINs, hashes, ids, and what else the names tell."""

import re
from collections.abc import Callable, Set
from functools import lru_cache

from oicp_conformance.profile import MARK
from oicp_conformance.redaction.forms import CUT, mark
from oicp_conformance.redaction.memory import Learned, Pieces
from oicp_conformance.redaction.names import Kind
from oicp_conformance.redaction.pseudonyms import Pseudonyms, plain

_BCRYPT = re.compile(r"\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]+")
_RUNS = re.compile(r"[0-9A-Za-z]+")
_IDS = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z*-]|%2[Aa]){6,}[0-9A-Za-z]")
# What ends a word, though it has letters or digits in it; an escaped asterisk is a part of an id.
_ESCAPE = re.compile(r"(%(?!2[Aa])[0-9A-Fa-f]{2}|\\+(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.))", re.DOTALL)
# A word of its own, and no part of an id, a number, a time or an address.
_WORD = re.compile(
    r"(?<![0-9A-Za-z*+-])(?<![0-9A-Za-z][.:/])[0-9A-Za-z]+(?![0-9A-Za-z*+-])(?![.:/][0-9A-Za-z])"
)
_STUMP = re.compile(rf"[0-9A-Za-z*-]{{3,}}(?={CUT})")
# A word of a language, or several: nobody knows it for a secret outside of its field.
_ORDINARY = re.compile(r"[A-Za-z]?[a-z]+(?:[ _.-][A-Za-z]?[a-z]+)*")
_SHORTEST_WORD = 3
_LONG_WORD = 6
_SHORTEST_ID = 8
_MOST_RUNS = 4
"""Parts that separators make of an EvcoID."""


class Seen:
    """The values that were seen in fields; in their place are pseudonyms.

    They are replaced wherever they stand, but for ordinary words: these are only in their own fields.
    """

    def __init__(self, pseudonyms: Pseudonyms, learned: Learned) -> None:
        self._pseudonyms = pseudonyms
        self._learned = learned
        self._words: dict[str, Kind] = {}
        """What was seen, but for ids: PINs, hashes."""
        self._ids: dict[str, Kind] = {}
        """The ids that were seen, as they are compared."""
        self._odd: list[str] = []
        """Of the words those that have more than letters and digits in them."""
        self._without = Pieces()
        """Pieces of bodies that have nothing in them that was seen."""

    # --- fields

    def in_field(self, kind: Kind, value: str) -> str:
        """What is written in place of the value of a field; the value is remembered."""
        if kind == "credential":
            return mark(len(value))
        known, key = (self._ids, plain(value)) if kind in {"uid", "evco_id"} else (self._words, value)
        if key not in known:
            known[key] = kind
            self._learn()
            is_odd = len(value) >= _LONG_WORD and not value.isalnum() and not _BCRYPT.match(value)
            if is_odd and known is self._words and not _ORDINARY.fullmatch(value):
                self._odd.append(value)
        return self._pseudonym(kind, value)

    def in_field_of_text(self, kind: Kind, value: str) -> str:
        """The same in a text, in which there may be a pseudonym already: that stays."""
        return value if value in self._pseudonyms.made else self.in_field(kind, value)

    def in_number(self, digits: str) -> str:
        """What is written in place of the digits of a number; they are remembered."""
        if digits not in self._words:
            self._words[digits] = "number"
            self._learn()
        return self._pseudonyms.number(digits)

    def known(self, kind: Kind, value: str) -> str | None:
        """What is written in place of a value if it was seen before."""
        if value in self._words or plain(value) in self._ids:
            return self._pseudonym(self._words.get(value, kind), value)
        return None

    def _learn(self) -> None:
        self._without = Pieces()
        self._learned.more()

    # --- elsewhere

    def is_in_pieces(self, text: str, pieces: Set[str]) -> bool:
        """Whether anything that was seen is in a text that its quotation marks make these pieces of."""
        without = self._without
        new = pieces - without
        across = any('"' in odd and odd in text for odd in self._odd)
        if not new and not across:
            return False
        # Of ids, the order in which they are found may tell what is in their place.
        looked_at = text if across or self._ids else '"'.join(new)
        if self._replaced(looked_at) != looked_at:
            return True
        without.remember(new)
        return False

    def in_text(self, text: str) -> str:
        """A text for people without what was seen, without any hash, and without what a cut left of them."""
        if "$2" in text:
            text = _BCRYPT.sub(lambda hashed: self._again("hash", hashed[0]), text)
        text = self._replaced(text)
        return _STUMP.sub(self._stump, text) if CUT in text else text

    def in_value(self, value: str) -> str:
        """A value of a message without the ids that were seen; what reads like a PIN may be none."""
        return _between_escapes(value, self._without_ids) if self._ids else value

    def _replaced(self, text: str) -> str:
        """A text without what was seen: ids anywhere, PINs and the like as words of their own."""
        for odd in self._odd:
            if odd in text:
                text = text.replace(odd, self._again(self._words[odd], odd))
        return _between_escapes(text, self._without_words) if self._words or self._ids else text

    def _without_words(self, text: str) -> str:
        if not self._words.keys().isdisjoint(_RUNS.findall(text)):
            text = _WORD.sub(self._word, text)
        return self._without_ids(text) if self._ids else text

    def _without_ids(self, text: str) -> str:
        return _IDS.sub(self._id, text)

    def _word(self, found: re.Match[str]) -> str:
        kind = self._words.get(found[0])
        if kind is None or len(found[0]) < _SHORTEST_WORD or _ORDINARY.fullmatch(found[0]):
            return found[0]
        return self._again(kind, found[0])

    def _id(self, found: re.Match[str]) -> str:
        """An id that was seen, with whatever separators, and in a longer word, too."""
        word = found[0].replace("%2A", "*").replace("%2a", "*")
        for compared, start, end in _parts(word):
            if kind := self._ids.get(compared):
                made = f"{word[:start]}{self._again(kind, word[start:end])}{word[end:]}"
                return made.replace("*", "%2A") if len(word) < len(found[0]) else made
        return found[0]

    def _stump(self, found: re.Match[str]) -> str:
        """What is left of something that was seen, where a text was cut."""
        word = found[0]
        is_one = any(one.startswith(word) and not _ORDINARY.fullmatch(one) for one in self._words) or any(
            one.startswith(plain(word)) for one in self._ids
        )
        return MARK if is_one and not any(one.startswith(word) for one in self._pseudonyms.made) else word

    def _again(self, kind: Kind, value: str) -> str:
        """A pseudonym; of what is one already, itself."""
        return value if value in self._pseudonyms.made else self._pseudonym(kind, value)

    def _pseudonym(self, kind: Kind, value: str) -> str:
        made: str = getattr(self._pseudonyms, kind)(value)
        return made


def _between_escapes(text: str, change: Callable[[str], str]) -> str:
    """A text with what stands between its escapes changed."""
    if "%" not in text and "\\" not in text:
        return change(text)
    pieces = _ESCAPE.split(text)
    pieces[::2] = map(change, pieces[::2])
    return "".join(pieces)


@lru_cache(maxsize=65536)
def _parts(word: str) -> tuple[tuple[str, int, int], ...]:
    """What an id may be of a word with separators: as it is compared, its beginning and its end."""
    runs = [found.span() for found in _RUNS.finditer(word)]
    most = min(len(runs), _MOST_RUNS)
    ranges = [
        (runs[first][0], runs[first + size - 1][1])
        for size in range(most, 0, -1)
        for first in range(len(runs) - size + 1)
    ]
    parts = ((plain(word[start:end]), start, end) for start, end in ranges)
    return tuple(part for part in parts if len(part[0]) >= _SHORTEST_ID)
