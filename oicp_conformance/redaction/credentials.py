"""What is told by its form in any text: credentials and private keys; and the secrets that are listed."""

import base64
import binascii
import re
from collections.abc import Iterable

from oicp_conformance.profile import MARK
from oicp_conformance.redaction.forms import Secrets
from oicp_conformance.redaction.hints import may_hold_credential
from oicp_conformance.redaction.memory import Learned
from oicp_conformance.redaction.names import OF_DRIVERS, SPELT, Names

PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_SCHEME = re.compile(r"\b(Basic|Bearer)( +)([A-Za-z0-9+/=._~-]{8,})", re.IGNORECASE)
_IN_URL = re.compile(r"(?<=//)[^/\s?#\"'<>@]+@")
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?")
_NAME = rf"[\w.~%\[-]*(?:{SPELT}|[_-]key)\]?(?:\[\])?"
_IN_QUERY = re.compile(
    rf"(?P<name>(?<![\w.~%\[-])(?:{_NAME}|(?<=[?&;#])(?:key|sig|auth|authorization|code_verifier|jsessionid))=)"
    r"(?P<value>[^&;#\s\"'\\<>]+)",
    re.IGNORECASE,
)
"""A parameter of a query, of a fragment or of a form."""
_QUOTED = re.compile(
    rf"(?P<name>(?<![\w-])(?P<word>[\w-]*(?:{SPELT}))(?:\\*[\"'])?\s*[:=]\s*\\*[\"'])(?P<value>[^\"'\\\r\n]+)",
    re.IGNORECASE,
)
"""A field as programs write it."""
_BARE = re.compile(
    rf"(?P<name>(?<![\w-])(?P<word>[\w-]*(?:{SPELT})):\s*)"
    r"(?P<value>(?=[^\s\"'\\<>,;]*[0-9])[^\s\"'\\<>,;]{6,})",
    re.IGNORECASE,
)
"""A field in a sentence: its value has a digit, which a word of the sentence has not."""
_ELEMENT = re.compile(rf"(?P<name><[\w:.-]*(?:{SPELT})(?:\s[^<>]*)?>)(?P<value>[^<]+)", re.IGNORECASE)
_PART = re.compile(
    rf"(?P<name>\bname=\"?{_NAME}\"?[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)(?P<value>[^\r\n]+)",
    re.IGNORECASE,
)
"""A part of a form that has several."""
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z.+-]+")


class Credentials:
    """Marks credentials, private keys and listed secrets; the credentials that it has seen, anywhere."""

    def __init__(self, secrets: Secrets, names: Names, learned: Learned) -> None:
        self._secrets = secrets
        self._learned = learned
        self._names = names
        headers = "|".join(["(?:proxy-)?authorization", "(?:set-)?cookie", *map(re.escape, names.headers)])
        self._header_line = re.compile(
            rf"(?P<name>(?<![\w-])(?:{headers})"
            rf"(?:[\"'\\]+\s*[:=,]\s*\\*[\"']?|\s*[:=]\s*))(?P<value>[^\r\n\"'\\]+)",
            re.IGNORECASE,
        )

    def learn(self, headers: Iterable[tuple[str, str]]) -> None:
        """Remember the credentials of a message: they may be quoted elsewhere."""
        for name, value in headers:
            if not self._names.is_secret(name):
                continue
            # What follows a cookie says how to keep it.
            said = value.partition(";")[0] if name.lower() == "set-cookie" else value
            pieces = re.split(r"[\s;,]+", said)
            pieces += [piece.partition("=")[2] for piece in pieces]
            decoded = list(map(_from_base64, pieces))
            pieces += [*decoded, *(one.partition(":")[2] for one in decoded)]
            for piece in pieces:
                if not _MEDIA_TYPE.fullmatch(piece) and self._secrets.learn(piece):
                    self._learned.more()

    def marked(self, text: str) -> str:
        """A text with a mark in the place of each."""
        marked = self._secrets.replaced(text)
        if self._names.headers or may_hold_credential(marked):
            marked = PRIVATE_KEY.sub(MARK, marked)
            marked = _SCHEME.sub(_unless_a_word, marked)
            marked = _IN_URL.sub(f"{MARK}@", marked)
            for named in (_IN_QUERY, _PART, _ELEMENT, _QUOTED, _BARE):
                marked = named.sub(_after_its_name, marked)
            marked = _JWT.sub(MARK, marked)
            marked = self._header_line.sub(_with_its_scheme, marked)
        return text if marked == text else marked


def is_credential(parameter: str) -> bool:
    """Whether a parameter of a URL holds a credential, by its name."""
    return _IN_QUERY.fullmatch(f"?{parameter}=x", 1) is not None


def _after_its_name(found: re.Match[str]) -> str:
    known = found.groupdict()
    is_other = found["value"].startswith((MARK, "***")) or (known.get("word") or "").lower() in OF_DRIVERS
    return found[0] if is_other else f"{found['name']}{MARK}"


def _from_base64(text: str) -> str:
    """What a text says in Base64, as the credentials of a header do; empty where it says nothing."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _unless_a_word(found: re.Match[str]) -> str:
    """A credential after its scheme, and not a word that follows one."""
    is_word = found[3].isalpha() and found[3].islower()
    return found[0] if is_word else f"{found[1]}{found[2]}{MARK}"


def _with_its_scheme(found: re.Match[str]) -> str:
    scheme, blank, _ = found["value"].partition(" ")
    kept = f"{scheme} " if blank and scheme.lower() in {"basic", "bearer"} else ""
    return f"{found['name']}{kept}{MARK}"
