"""Values in the place of others: of the same form, the same one for the same value, and not to be undone.

What a rule can look at stays: length, separators, case, digit or letter, whether it could be hexadecimal, the
provider that an EvcoID names, the operator that an EvseID names, and whether a hash is the one of a PIN.
"""

import hashlib
import re
import secrets

import bcrypt

from oicp_conformance.oicp.pins import pin_matches
from oicp_conformance.oicp.types import DATE_TIME

_DIGITS = "0123456789"
# The letters of hexadecimal numbers, and the others: nothing changes its class.
_CLASSES = (_DIGITS, "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ")
# Signs that mean something in an id: where its form is not known, none comes and none goes.
_MEANT = "CEX"
_EVCO = (
    re.compile(r"(?P<head>[A-Z]{2}-?[A-Z0-9]{3}-?C)[A-Z0-9]{8}-?[A-Z0-9](?P<tail>)", re.IGNORECASE),
    re.compile(r"(?P<head>[A-Z]{2}[*-]?[A-Z0-9]{3}[*-]?)[A-Z0-9]{6}[*-]?(?P<tail>[0-9X])", re.IGNORECASE),
)
_EVSE = (
    re.compile(r"(?P<head>[A-Z]{2}\*?[A-Z0-9]{3}\*?E)[A-Z0-9*]{1,30}(?P<tail>)", re.IGNORECASE),
    re.compile(r"(?P<head>\+?[0-9]{1,3}\*[0-9]{3}\*)[0-9*]{1,32}(?P<tail>)"),
)
_BCRYPT = re.compile(r"\$2[abxy]\$[0-9]{2}\$")
_MOST_TRIES = 100
_SEPARATORS = str.maketrans("", "", "-* ")


def plain(value: str) -> str:
    """A value as it is compared: letters and digits of ASCII, in upper case."""
    bare = value.translate(_SEPARATORS)
    return (bare if bare.isascii() and bare.isalnum() else re.sub(r"[^0-9A-Za-z]", "", bare)).upper()


class Pseudonyms:
    """The pseudonyms of one run."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._given: dict[tuple[str, str, str], str] = {}
        self._taken: dict[tuple[str, str], str] = {}
        self._hashes: dict[str, str] = {}
        self.made: set[str] = set()
        """All that was made, as it was written."""

    def know_hash(self, value: str, pin: str) -> None:
        """A hash that may be the one of a PIN: then its pseudonym is the one of the PIN's."""
        if value not in self._hashes and (found := _BCRYPT.match(value)) and pin_matches(pin, value):
            made = bcrypt.hashpw(self.pin(pin).encode(), bcrypt.gensalt(4)).decode()
            self._hashes[value] = self._noted(found[0][:3] + made[3:])

    def pin(self, value: str) -> str:
        """Another PIN, as long."""
        return self._noted(self._other("pin", value, value, signs=_DIGITS))

    def uid(self, value: str) -> str:
        """Another UID; equal in either case and with any separators."""
        return self._noted(_dressed(self._other("uid", plain(value), plain(value)), value))

    def evco_id(self, value: str) -> str:
        """Another EvcoID of the same provider; equal in either case and with any separators."""
        return self._id(value, _EVCO)

    def text(self, value: str) -> str:
        """Another text of the same form; an id keeps what it names, and a time stays what it is."""
        if re.fullmatch(DATE_TIME, value):
            return value
        return self._id(value, (*_EVCO, *_EVSE), otherwise=0)

    def part(self, value: str) -> str:
        """Another text of the same form, for a part of an id."""
        return self._noted(self._other("part", value, value, meant=_MEANT))

    def number(self, digits: str) -> str:
        """Another number with as many digits."""
        made = self._other("number", digits, digits)
        return self._noted(f"1{made[1:]}" if made.startswith("0") else made)

    def hash(self, value: str) -> str:
        """Another hash of the same form."""
        if value not in self._hashes:
            head = found[0] if (found := _BCRYPT.match(value)) else ""
            self._hashes[value] = self._noted(head + self._other("hash", value[len(head) :], value))
        return self._hashes[value]

    def _id(self, value: str, forms: tuple[re.Pattern[str], ...], otherwise: int = 5) -> str:
        """Another id; of one that has no known form, so many characters stay at its beginning."""
        match = next((found for form in forms if (found := form.fullmatch(value))), None)
        head = match["head"] if match else _leading(value, otherwise)
        tail = match["tail"] if match else ""
        free = value[len(head) : len(value) - len(tail)]
        made = self._other("id", plain(free), plain(value), meant="" if match or not otherwise else _MEANT)
        return self._noted(f"{head}{_dressed(made, free)}{tail}")

    def _noted(self, made: str) -> str:
        self.made.add(made)
        return made

    def _other(self, kind: str, value: str, compared: str, *, meant: str = "", signs: str = "") -> str:
        """Another value: the same one where `compared` is the same, and not one that another has.

        The letters in `meant` stay; `signs` take the place of what is neither letter nor digit.
        """
        key = (kind, compared, value)
        if key not in self._given:
            made = value
            for attempt in range(_MOST_TRIES):
                stream = hashlib.shake_256(self._key + f"{attempt} {key}".encode()).digest(2 * len(value))
                numbers = (int.from_bytes(stream[at : at + 2]) for at in range(0, len(stream), 2))
                pairs = zip(value, numbers, strict=True)
                made = "".join(_in_class(sign, number, meant, signs) for sign, number in pairs)
                if made != value and self._taken.setdefault((kind, made), compared) == compared:
                    break
            self._given[key] = made
        return self._given[key]


def _in_class(sign: str, number: int, meant: str, signs: str) -> str:
    if sign.upper() in meant or not (sign.isalnum() or (signs and sign.isprintable())):
        return sign
    others = _CLASSES[2] if sign.isalnum() else signs
    known = next((one for one in _CLASSES if sign.upper() in one), others)
    some = [one for one in known if one not in meant]
    made = some[number % len(some)]
    return made.lower() if sign.islower() else made


def _dressed(made: str, value: str) -> str:
    """A plain value in the separators and in the case of the one that it stands for."""
    signs = iter(made)
    return "".join(
        (next(signs).lower() if sign.islower() else next(signs))
        if sign.isascii() and sign.isalnum()
        else sign
        for sign in value
    )


def _leading(value: str, count: int) -> str:
    """The beginning of a value, with so many characters that are no separators."""
    for at, sign in enumerate(value):
        if count == 0:
            return value[:at]
        count -= sign not in "*-+"
    return value
