"""How a secret may be written: as it is, escaped, encoded, cut short. And whether it is in a text."""

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import pairwise
from urllib.parse import quote, quote_plus

from oicp_conformance.profile import MARK, SHORTEST_SECRET
from oicp_conformance.redaction.encoded import RUN, readings, readings_of

_LONG = 8
"""Characters from which on a secret is found in the middle of a word, too."""
_MOST_SEEN = 32
"""Credentials that are remembered: a target may have another one for each request."""
_ESCAPES = ("\\", "%", "&#")
CUT = "…"
"""Where a text was cut."""
_FEW = 4
"""Characters of what is left of a secret where a text was cut, that tell that it is one."""
_LARGE = 1024 * 1024
"""Characters of a text from which on its Base64 is left to the final search: it takes its time."""


def _is_escaped(text: str) -> bool:
    return any(one in text for one in _ESCAPES)


def mark(length: int) -> str:
    """The mark in a text that has to keep its length."""
    return MARK + "*" * (length - len(MARK)) if length >= len(MARK) else "*" * length


def _written(secret: str) -> Iterable[str]:
    """The ways in which programs write a text."""
    yield secret
    raw = secret.encode()
    for ascii_only in (True, False):
        yield json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield json.dumps(json.dumps(secret, ensure_ascii=ascii_only))[3:-3]
    for percent in (quote(secret), quote(secret, safe=""), quote_plus(secret)):
        yield percent
        yield re.sub("%..", lambda found: found[0].lower(), percent)
    yield html.escape(secret)
    yield html.escape(secret, quote=False)
    yield repr(secret)[1:-1]
    yield repr(raw)[2:-1]
    yield raw.decode("latin-1")
    yield raw.hex()
    yield raw.hex().upper()
    for encoding in ("utf-16-le", "utf-16-be"):
        yield secret.encode(encoding).decode("latin-1")
    yield from _in_base64(raw)


def _encoded_again(secret: str) -> Iterable[str]:
    """Rarer ways: encoded twice, in Base32, Base85, octal, and as uuencode writes it."""
    raw = secret.encode()
    octal = "".join(f"\\{byte:03o}" for byte in raw)
    yield octal
    yield octal.replace("\\", "\\\\")  # in JSON
    yield base64.b85encode(raw).decode()
    yield base64.a85encode(raw).decode()
    # A line has 45 bytes, and their number before it.
    yield binascii.b2a_uu(raw[:45], backtick=True)[1:-1].decode()
    yield binascii.b2a_uu(raw[:45])[1:-1].decode()
    for base32 in (base64.b32encode(raw), base64.b32hexencode(raw)):
        yield (digits := base32.decode().rstrip("="))
        yield digits.lower()
    yield from (secret.lower(), secret.upper())  # as names of hosts and of headers are written
    # What is encoded as a whole may be encoded again.
    for once in (base64.b64encode(raw), base64.urlsafe_b64encode(raw).rstrip(b"=")):
        yield from _in_base64(once)
        yield once.hex()


def _in_base64(raw: bytes) -> Iterable[str]:
    """What is the same in Base64 wherever in the encoded text the secret stands."""
    for before in range(3):
        # The first signs are those of what stands before as well, the last ones of what follows.
        encoded = base64.b64encode(b"\0" * before + raw).decode()
        found = encoded[(0, 2, 3)[before] : (before + len(raw)) * 8 // 6]
        if len(found) >= _LONG:
            yield found
            yield found.replace("/", "\\/")
            yield found.replace("+", "-").replace("/", "_")


def _escaped(secret: str) -> str:
    """An expression for the secret with any of its characters escaped as JSON, URLs, HTML and Python do."""
    signs = []
    for sign in secret:
        number = ord(sign)
        ways = [re.escape(sign), rf"&#0*{number};", rf"&#[xX]0*(?i:{number:x});"]
        ways.append("".join(f"(?i:%(?:25)*{byte:02x})" for byte in sign.encode()))
        ways.append("".join(rf"(?i:\\+x{byte:02x})" for byte in sign.encode()))
        units = sign.encode("utf-16-be").hex()
        ways.append("".join(rf"\\+u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4)))
        if sign in "/\"'\\":
            ways.append(rf"\\+{re.escape(sign)}")
        signs.append(f"(?:{'|'.join(ways)})")
    return "".join(signs)


def _byte_by_byte(raw: bytes) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Expressions for bytes as dumps write them: in hexadecimal with separators, as `5A:65`, `0x5a, 0x65` and
    `=5A=65`, and as a list of decimal numbers.

    Each begins with a sign, if it can: from there on they are found quickly.
    """
    in_hex = r"[\s,:;_-]{0,2}(?:0x|=)?".join(
        "".join(sign if sign.isdigit() else f"[{sign}{sign.upper()}]" for sign in f"{byte:02x}")
        for byte in raw
    )
    first, rest = str(raw[0]), "".join(rf"[\s,;]{{1,9}}{byte}" for byte in raw[1:])
    return re.compile(in_hex), re.compile(rf"{first}(?<!\d{first}){rest}(?!\d)")


class Secret:
    """One secret that a text must not hold."""

    def __init__(self, value: str, *, listed: bool = False) -> None:
        """A `listed` one is also known in rarer forms; to look for them takes its time."""
        self.value = value
        bare = value[:1].isalnum() and value[-1:].isalnum() and len(value) < _LONG
        self._around = (r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])") if bare else ("", "")
        written = (*_written(value), *(_encoded_again(value) if listed else ()))
        self._is_listed = listed
        forms = {one for one in written if len(one) >= SHORTEST_SECRET} or {value}
        self.forms = sorted(forms, key=len, reverse=True)
        self._shortest = len(self.forms[-1])

    @cached_property
    def _literal(self) -> re.Pattern[str]:
        before, after = self._around
        return re.compile(f"{before}(?:{'|'.join(map(re.escape, self.forms))}){after}")

    @cached_property
    def _any_way(self) -> re.Pattern[str]:
        before, after = self._around
        return re.compile(f"{before}{_escaped(self.value)}{after}")

    @cached_property
    def _bytes(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        return _byte_by_byte(self.value.encode())

    def is_in(self, text: str) -> bool:
        """Whether a text holds it."""
        if len(text) < self._shortest:
            return False
        if any(form in text for form in self.forms) and self._literal.search(text):
            return True
        if self._is_listed and any(one.search(text) for one in self._bytes):
            return True
        return _is_escaped(text) and self._any_way.search(text) is not None

    def replaced(self, text: str, by: Callable[[str], str]) -> str:
        """A text with something else in its place."""
        if any(form in text for form in self.forms):
            text = self._literal.sub(lambda found: by(found[0]), text)
        for one in self._bytes if self._is_listed else ():
            text = one.sub(lambda found: by(found[0]), text)
        if _is_escaped(text):
            text = self._any_way.sub(lambda found: by(found[0]), text)
        return self._without_stumps(text, by) if CUT in text else text

    def _without_stumps(self, text: str, by: Callable[[str], str]) -> str:
        """A text without what is left of a secret where the text was cut."""
        pieces = text.split(CUT)
        for form in self.forms:
            for before, after in pairwise(range(len(pieces))):
                if begun := _overlap(pieces[before], form):
                    pieces[before] = pieces[before][:-begun] + by(form[:begun])
                if ended := _overlap(form, pieces[after]):
                    pieces[after] = by(form[-ended:]) + pieces[after][ended:]
        return CUT.join(pieces)


def _overlap(first: str, second: str) -> int:
    """How many characters at the end of one text are those at the beginning of the other, if it is a few."""
    longest = min(len(first), len(second))
    return next((size for size in range(longest, _FEW - 1, -1) if first.endswith(second[:size])), 0)


class Secrets:
    """The secrets of a run, each with the place in the profile that names it."""

    def __init__(self, named: Mapping[str, str]) -> None:
        self._named = {place: Secret(value, listed=True) for place, value in named.items()}
        self._seen: dict[str, Secret] = {}
        self._sorted: list[Secret] | None = None

    def learn(self, value: str) -> bool:
        """Remember a credential that was seen, of many the latest ones; tells whether it is a new one."""
        if len(value) < _LONG or value in self._seen or MARK in value:
            return False
        self._seen[value] = Secret(value)
        if len(self._seen) > _MOST_SEEN:
            del self._seen[next(iter(self._seen))]
        self._sorted = None
        return True

    def replaced(self, text: str, by: Callable[[str], str] = lambda _: MARK) -> str:
        """A text without any of them."""
        for secret in self._all:
            text = secret.replaced(text, by)
        if not self._all or len(text) > _LARGE:
            return text

        def marked(found: re.Match[str]) -> str:
            is_cut = text.startswith(CUT, found.end())
            return by(found[0]) if self._are_encoded(found[0], is_cut=is_cut) else found[0]

        return RUN.sub(marked, text)

    def are_in(self, text: str) -> bool:
        """Whether a text holds any of them."""
        if not self._all:
            return False
        if any(secret.is_in(text) for secret in self._all):
            return True
        if len(text) > _LARGE:
            return False
        return any(secret.is_in(one) for one in readings(text) for secret in self._all)

    def found_in(self, text: str) -> list[str]:
        """The places of the profile of which the secret is in a text, or in what is encoded there."""
        if not self._named:
            return []
        texts = (text, *readings(text))
        return [place for place, one in self._named.items() if any(map(one.is_in, texts))]

    def _are_encoded(self, run: str, *, is_cut: bool) -> bool:
        for one in readings_of(run):
            for secret in self._all:
                if secret.is_in(one) or (is_cut and _overlap(one, secret.value)):
                    return True
        return False

    @property
    def _all(self) -> list[Secret]:
        """The longest ones first: one may be a part of another."""
        if self._sorted is None:
            known = [*self._named.values(), *self._seen.values()]
            self._sorted = sorted(known, key=lambda one: len(one.value), reverse=True)
        return self._sorted
