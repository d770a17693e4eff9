"""The one thing that all writers go through."""

import base64
import binascii
import gzip
import json
import os
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel

from conformance.hub.journal import Exchange, Note, NotJson, Part, parse
from conformance.judge.frame import Frame
from conformance.judge.outcome import Outcome, Record
from conformance.judge.rules.push import PUSH_AUTH, identifications
from conformance.judge.verdicts import Judgement
from conformance.oicp.types import EVCO_ID, EVSE_ID, OPERATOR_ID, PROVIDER_ID, SESSION_ID, UID, plain_id
from conformance.redaction.forms import CUT, MARK, Secrets, mark
from conformance.redaction.lexer import rewrite
from conformance.redaction.pseudonyms import Pseudonyms, plain

if TYPE_CHECKING:
    from conformance.profile import Profile

Kind = Literal["pin", "hash", "uid", "evco_id", "text", "number", "credential"]
_Table = TypeVar("_Table", bound=BaseModel)
_OWN = frozenset({"test", "requirement", "requirements", "operation", "cause", "stimulus"})
"""Fields of notes in which the suite names its own."""

_FIELDS: Mapping[str, Kind] = {"pin": "pin", "hashedpin": "hash", "legacyhashdata": "hash"}
_PERSONAL: Mapping[str, Kind] = {"uid": "uid", "evcoid": "evco_id", "printednumber": "text"}
_CREDENTIALS = (
    *("authorization", "proxyauthorization", "cookie", "setcookie", "xapikey", "apikey", "password"),
    *("accesstoken", "refreshtoken", "clientsecret", "privatekey"),
)
_HEADER = re.compile(
    r"(proxy-)?authorization|(set-)?cookie|.*(api-?key|token|secret|password|credential|subscription-key).*",
    re.IGNORECASE,
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_KEY_LINE = re.compile(r"^[A-Za-z0-9+/=]{16,}$", re.MULTILINE)
_SCHEME = re.compile(r"\b(Basic|Bearer)( +)([A-Za-z0-9+/=._~-]{8,})", re.IGNORECASE)
_IN_URL = re.compile(r"(?<=//)[^/\s?#\"'<>@]+:[^/\s?#\"'<>@]*@")
_BCRYPT = re.compile(r"\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]+")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z.+-]+")
_PLAIN_SIGN = r"[^\s\"'\\&,;{}\[\]<>()]"
_RUNS = re.compile(r"[0-9A-Za-z]+")
_IDS = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z*-]|%2[Aa]){6,}[0-9A-Za-z]")
# What ends a word, though it has letters or digits in it; an escaped asterisk is a part of an id.
_ESCAPE = re.compile(r"(%(?!2[Aa])[0-9A-Fa-f]{2}|\\+(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.))", re.DOTALL)
_ID_FORMS = [
    re.compile(form, re.IGNORECASE) for form in (OPERATOR_ID, PROVIDER_ID, EVSE_ID, EVCO_ID, SESSION_ID, UID)
]
# A word of its own, and no part of an id, a number, a time or an address.
_WORD = re.compile(
    r"(?<![0-9A-Za-z*+-])(?<![0-9A-Za-z][.:/])[0-9A-Za-z]+(?![0-9A-Za-z*+-])(?![.:/][0-9A-Za-z])"
)
_STUMP = re.compile(rf"[0-9A-Za-z*-]{{3,}}(?={CUT})")
_SHORTEST_WORD = 3
_LONG_WORD = 6
_SHORTEST_ID = 8
_MOST_RUNS = 4
"""Parts that separators make of an EvcoID."""
_QUICK = re.compile(r"PRIVATE KEY|basic |bearer |\$2[abxy]\$|//[^/\s]*@|authorization|cookie", re.IGNORECASE)
_HINTS = ("\\u", "private key", "basic ", "bearer ", "$2", "@", "authorization", "cookie")
_LARGE = 64 * 1024
"""Characters from which on a body is a load of EVSEs, in which nobody quotes a PIN."""
_AROUND = 60
_SHORT = 500
"""Characters of a text that may well come again."""
_GZIP = b"\x1f\x8b"
_LONGEST = 64 * 1024 * 1024


def secrets_of(profile: "Profile", environ: Mapping[str, str]) -> dict[str, str]:
    """The secrets that a profile names, by the place where it does."""
    table = profile.secrets
    named = {f"[secrets] values[{index}]": value for index, value in enumerate(table.values)}
    for index, name in enumerate(table.environment):
        if value := environ.get(name):
            named[f"[secrets] environment[{index}] ({name})"] = value
    for place, url in (
        ("[target] base_url", profile.target.base_url),
        ("[stimuli] url", profile.stimuli.url),
    ):
        user, at, _ = (url or "").partition("//")[2].partition("/")[0].rpartition("@")
        password = user.partition(":")[2]
        if at and len(password) >= 6:
            named[f"{place}: password"] = password
            named[f"{place}: user and password"] = user
    for place, tls in (("[target.tls]", profile.target.tls), ("[hub.tls]", profile.hub.tls)):
        for key in ("key", "certificate"):
            file = getattr(tls, key, None)
            text = file.read_text(encoding="latin-1") if file and file.is_file() else ""
            for block in _PRIVATE_KEY.findall(text):
                lines = _KEY_LINE.findall(block)
                named |= {f"{place} {key}, line {number}": line for number, line in enumerate(lines, start=2)}
    return named


class Redactor:
    """Takes secrets out of what is to be written; what it has seen in a field, out of texts as well."""

    def __init__(
        self,
        named: Mapping[str, str],
        *,
        headers: Sequence[str] = (),
        secret_fields: Sequence[str] = (),
        personal: bool = False,
        only_listed: bool = False,
    ) -> None:
        self._secrets = Secrets(named)
        self._pseudonyms = Pseudonyms()
        self._headers = frozenset(map(str.lower, headers))
        self._only_listed = only_listed
        all_kinds: dict[str, Kind] = {
            **dict.fromkeys(_CREDENTIALS, "credential"),
            **dict.fromkeys(map(_bare, headers), "credential"),
            **dict.fromkeys(map(_bare, secret_fields), "text"),
            **(_PERSONAL if personal else {}),
            **_FIELDS,
        }
        self._kinds = {} if only_listed else all_kinds
        self._pins: dict[str, str] = {}
        """The PINs of the profile by plain EvcoID: of these, the judge looks at hashes."""
        self._words: dict[str, Kind] = {}
        """What was seen in fields, but for ids: PINs, hashes."""
        self._ids: dict[str, Kind] = {}
        """The ids that were seen, as they are compared."""
        self._odd: list[str] = []
        """Of the words those that have more than letters and digits in them."""
        names = "|".join(sorted(map(re.escape, {*secret_fields, "PIN", "HashedPIN", *_ids(personal)})))
        self._keyed = re.compile(
            rf"(?P<key>(?P<q>\\*[\"'])(?:{names})(?P=q)\s*[:=]\s*|\b(?:{names})\s*[:=]\s*|\b(?:{names}) )"
            rf"(?:(?P<quote>\\*[\"'])(?P<quoted>.*?)(?P=quote)|(?P<bare>{_PLAIN_SIGN}*[0-9]{_PLAIN_SIGN}*))"
        )
        named_headers = "|".join(["(?:proxy-)?authorization", "(?:set-)?cookie", *map(re.escape, headers)])
        self._header_line = re.compile(
            rf"(?P<name>(?<![\w-])(?:{named_headers})"
            rf"(?:[\"'\\]+\s*[:=,]\s*\\*[\"']?|\s*[:=]\s*))(?P<value>[^\r\n\"'\\]+)",
            re.IGNORECASE,
        )
        self._names = [name.lower() for name in {*secret_fields, "PIN", *_ids(personal)}]
        self._interesting = re.compile(
            rf'\\u|"(?:{"|".join(map(_spelt, self._kinds))})"\s*:|\bPIN\b|{_QUICK.pattern}', re.IGNORECASE
        )
        ends = {re.split("[-_ ]", name.lower())[-1] for name in (*self._kinds, *secret_fields, *headers)}
        self._hints = sorted({f'{name}"' for name in ends} | {"pin", *_HINTS})
        """Without any of these, the expression before needs no try."""
        self.failures: dict[int, str] = {}
        """The exchanges that could not be redacted, and why."""
        self._may_be_listed = True
        self._memory: dict[str, str] = {}

    @classmethod
    def from_profile(cls, profile: "Profile", environ: Mapping[str, str] = os.environ) -> "Redactor":
        """The redactor of a run; it knows the PINs of the profile."""
        table = profile.secrets
        redactor = cls(
            secrets_of(profile, environ),
            headers=table.headers,
            secret_fields=table.fields,
            personal=table.personal,
        )
        for one in (*profile.partner.accepts, *profile.partner.refuses):
            for value in one.values():
                pin, evco_id = value.get("PIN"), value.get("EvcoID")
                if isinstance(pin, str) and pin and isinstance(evco_id, str):
                    redactor._pins[plain_id(evco_id)] = pin
            redactor.json(one)
        return redactor

    @classmethod
    def of_listed(cls, profile: "Profile", environ: Mapping[str, str] = os.environ) -> "Redactor":
        """The redactor for what is redacted already, but for the secrets that this profile lists."""
        return cls(secrets_of(profile, environ), headers=profile.secrets.headers, only_listed=True)

    # --- what is written

    def exchange(self, exchange: Exchange) -> Exchange:
        """An exchange that may be written; one that cannot be redacted is written without what was said."""
        try:
            return self._exchange(exchange)
        except Exception as error:  # noqa: BLE001 - a mistake must cost neither the run nor a secret
            self.failures[exchange.number] = f"exchange {exchange.number}: {type(error).__name__}"
            bare = replace(exchange, method="", path="", request=Part(), answer=Part())
            return replace(bare, detail="it could not be redacted")

    def _exchange(self, exchange: Exchange) -> Exchange:
        for part in (exchange.request, exchange.answer):
            self._learn(part)
        if exchange.operation == PUSH_AUTH:
            self._know_hashes(exchange)
        return replace(
            exchange,
            method=self._kept(exchange.method),
            path=self._path(exchange.path),
            detail=self.text(exchange.detail),
            request=self._part(exchange.request),
            answer=self._part(exchange.answer),
        )

    def note(self, note: Note) -> Note:
        """A note that may be written."""

        def redacted(value: Any) -> Any:
            if isinstance(value, str) and not isinstance(value, Enum):
                return self.text(value) if " " in value else self._kept(value)
            return self.json(value) if isinstance(value, Mapping) else value

        values = {one.name: getattr(note, one.name) for one in fields(note) if one.name not in _OWN}
        return replace(note, **{name: redacted(value) for name, value in values.items()})

    def record(self, record: Record) -> Record:
        """All that was said and done, as it may be written."""
        return Record(
            self.profile(record.profile),
            tuple(map(self.exchange, record.exchanges)),
            tuple(map(self.note, record.notes)),
        )

    def frame(self, frame: Frame) -> Frame:
        """The frame of a run, as it may be written."""
        stopped, trouble = frame.stopped and self.text(frame.stopped), tuple(map(self.text, frame.trouble))
        return replace(frame, stopped=stopped, trouble=trouble)

    def profile(self, profile: "Profile") -> "Profile":
        """A profile that may be written; the secrets that it lists are left out."""
        return self._model(profile)

    def outcome(self, outcome: Outcome) -> Outcome:
        """What a rule says, as it may be written; what it is about has gone through `exchange` before."""
        try:
            found = self._found(outcome.found, outcome.pointer)
            message, expected = self.text(outcome.message), self.text(outcome.expected)
        except Exception:  # noqa: BLE001 - a mistake must cost neither the run nor a secret
            message = expected = found = MARK
        pointer = outcome.pointer and self.listed(outcome.pointer)
        return replace(outcome, message=message, expected=expected, found=found, pointer=pointer)

    def judgement(self, judgement: Judgement) -> Judgement:
        """A judgement that may be written."""
        rows = [
            replace(row, findings=list(map(self.outcome, row.findings)), reason=self.text(row.reason))
            for row in judgement.rows
        ]
        return replace(
            judgement,
            record=replace(judgement.record, profile=self.profile(judgement.record.profile)),
            rows=rows,
            stopped=judgement.stopped and self.text(judgement.stopped),
            trouble=tuple(map(self.text, judgement.trouble)),
        )

    def json(self, value: Any, kind: Kind | None = None) -> Any:
        """A value of JSON, or what Python has for one."""
        if isinstance(value, str):
            return self._string(value, kind)
        if isinstance(value, Mapping):
            return {
                self._string(name, None): self.json(one, self._kind(name, kind))
                for name, one in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.json(one, kind) for one in value]
        if kind and isinstance(value, int | float) and not isinstance(value, bool):
            return json.loads(self._bare_token(json.dumps(value), kind))
        return value

    def text(self, text: str) -> str:
        """A text for people: a finding, a line on the terminal, the words of an error."""
        if text in self._memory:
            return self._memory[text]
        # Text of two bytes a character has a NUL in each: nothing in it would be a word.
        redacted = self.listed(text.replace("\0", ""))
        if not self._only_listed:
            low = redacted.lower()
            if any(name in low for name in self._names):
                redacted = self._keyed.sub(self._in_words, redacted)
            if "$2" in redacted:
                redacted = _BCRYPT.sub(lambda hashed: self._again("hash", hashed[0]), redacted)
            redacted = self._quoted(redacted, words=True)
            redacted = _STUMP.sub(self._stump, redacted) if CUT in redacted else redacted
        if len(text) < _SHORT:
            self._memory[text] = redacted
        return redacted

    def listed(self, text: str) -> str:
        """A text without the secrets that the profile lists, without credentials and private keys."""
        redacted = self._secrets.replaced(text)
        if self._headers or (_hinted(redacted, _HINTS) and _QUICK.search(redacted)):
            redacted = _PRIVATE_KEY.sub(MARK, redacted)
            redacted = _SCHEME.sub(_unless_a_word, redacted)
            redacted = _IN_URL.sub(f"{MARK}@", redacted)
            redacted = self._header_line.sub(_marked, redacted)
        return text if redacted == text else redacted

    def leaks(self, text: str) -> list[str]:
        """The places of the profile of which the secret is in a text."""
        return self._secrets.found_in(text)

    # --- what was seen

    def _know_hashes(self, upload: Exchange) -> None:
        for _, given in identifications(upload):
            code = given.get("QRCodeIdentification")
            hashed = code.get("HashedPIN") if isinstance(code, dict) else None
            value = hashed.get("Value") if isinstance(hashed, dict) else None
            pin = self._pins.get(plain_id(str(code.get("EvcoID")))) if isinstance(code, dict) else None
            if pin and isinstance(value, str):
                self._pseudonyms.know_hash(value, pin)

    def _learn(self, part: Part) -> None:
        """Remember the credentials of a message: they may be quoted elsewhere."""
        for name, value in part.headers:
            if not self._is_secret(name):
                continue
            # What follows a cookie says how to keep it.
            said = value.partition(";")[0] if name.lower() == "set-cookie" else value
            pieces = re.split(r"[\s;,]+", said)
            pieces += [piece.partition("=")[2] for piece in pieces]
            decoded = list(map(_from_base64, pieces))
            pieces += [*decoded, *(one.partition(":")[2] for one in decoded)]
            for piece in pieces:
                if not _MEDIA_TYPE.fullmatch(piece) and self._secrets.learn(piece):
                    self._memory.clear()

    def _model(self, model: _Table) -> _Table:
        """A table of the profile; it is not looked at again, so that no mark in it is in the way."""
        values = {name: getattr(model, name) for name in type(model).model_fields}
        changed = {
            name: self._model(value) if isinstance(value, BaseModel) else self.json(value)
            for name, value in values.items()
            if isinstance(value, BaseModel | str | Mapping | list)
        }
        if "environment" in values:
            changed |= {"values": [], "environment": []}
        return model.model_copy(update=changed)

    def _is_secret(self, header: str) -> bool:
        return header.lower() in self._headers or _HEADER.fullmatch(header) is not None

    def _kind(self, name: str, within: Kind | None) -> Kind | None:
        """Of which kind the value of a field is."""
        if within == "hash" and name.lower() == "function":
            return None
        return within or self._kinds.get(_bare(name))

    # --- messages

    def _part(self, part: Part) -> Part:
        headers = tuple((self.text(name), self._header(name, value)) for name, value in part.headers)
        body = self._body(part.body)
        same = headers == part.headers and body is part.body
        return part if same else replace(part, headers=headers, body=body)

    def _header(self, name: str, value: str) -> str:
        if not self._is_secret(name):
            return self.text(value)
        scheme, blank, _ = value.partition(" ")
        return f"{scheme} {MARK}" if blank and scheme.lower() in {"basic", "bearer", "digest"} else MARK

    def _body(self, body: bytes) -> bytes:
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
            redacted = self._message(text)
            return body if redacted == text else redacted.encode(encoding)
        raise AssertionError  # every byte is a character of Latin-1

    def _compressed(self, body: bytes) -> bytes:
        try:
            inside = zlib.decompressobj(wbits=31).decompress(body, _LONGEST)
        except zlib.error:
            return body
        redacted = self._body(inside) if not inside.startswith(_GZIP) else inside
        return body if redacted == inside else gzip.compress(redacted, mtime=0)

    def _message(self, text: str) -> str:
        """A body: JSON token by token, what is none as a text."""
        if not self._is_interesting(text):
            return text
        if text.lstrip("\ufeff \t\r\n")[:1] not in {"{", "[", '"'}:
            return self.text(text)
        # What is not in the whole is in no part of it.
        self._may_be_listed = self._secrets.are_in(text)
        try:
            redacted = rewrite(text, kind_of=self._kind, string=self._string, bare=self._bare_token)
        finally:
            self._may_be_listed = True
        try:
            parse(redacted.encode())
        except (NotJson, UnicodeEncodeError):
            return self.text(redacted)
        # What stands across tokens is in no string.
        return self.listed(redacted) if self._secrets.are_in(redacted) else redacted

    def _is_interesting(self, text: str) -> bool:
        if self._has_name(text) or self._secrets.are_in(text):
            return True
        return len(text) < _LARGE and self._quoted(text, words=True) != text

    def _has_name(self, text: str) -> bool:
        """Whether there is a name in a text after which a secret may stand, or the like.

        The expression for that is slow: it is tried only where there is a hint.
        """
        low = text.lower()
        if len(low) != len(text):
            return self._interesting.search(text) is not None
        for hint in self._hints:
            at = low.find(hint)
            while at >= 0:
                if self._interesting.search(text, max(0, at - _AROUND), at + len(hint) + _AROUND):
                    return True
                at = low.find(hint, at + len(hint))
        return False

    def _string(self, value: str, kind: Kind | None) -> str:
        """A string of JSON; it is never longer than it was."""
        if not value:
            return value
        if kind == "credential":
            return mark(len(value))
        if kind is not None:
            return self._other(kind, value)
        kept = self._kept(value)
        return self.text(kept)[: len(value)] if " " in kept or self._has_name(kept) else kept

    def _other(self, kind: Kind, value: str) -> str:
        """The pseudonym of a value that was seen in a field; it is remembered."""
        known, key = (self._ids, plain(value)) if kind in {"uid", "evco_id"} else (self._words, value)
        if key not in known:
            known[key] = kind
            self._memory.clear()
            is_odd = len(value) >= _LONG_WORD and not value.isalnum() and not _BCRYPT.match(value)
            if is_odd and known is self._words:
                self._odd.append(value)
        return self._pseudonym(kind, value)

    def _pseudonym(self, kind: Kind, value: str) -> str:
        made: str = getattr(self._pseudonyms, kind)(value)
        return made

    def _kept(self, value: str) -> str:
        """A value that keeps its form where it is an id, and its length where it is none."""
        if not (self._may_be_listed and self._secrets.are_in(value)):
            return self._quoted(value, words=False)
        if any(form.fullmatch(value) for form in _ID_FORMS):
            return self._secrets.replaced(value, self._pseudonyms.part)
        redacted = self._secrets.replaced(value, lambda found: mark(len(found)))
        redacted = self._quoted(redacted, words=False)
        is_url, still = re.match(r"https?://", value), re.match(r"https?://", redacted)
        return f"{is_url[0]}{MARK}" if is_url and not still else redacted

    def _path(self, path: str) -> str:
        """A path with its query, segment by segment: some are ids."""
        bare, question, query = path.partition("?")
        redacted = "/".join(map(self._kept, bare.split("/"))) + question
        redacted += "&".join(self._keyed.sub(self._in_words, self._kept(one)) for one in query.split("&"))
        return self._secrets.replaced(redacted)

    def _bare_token(self, token: str, kind: Kind | None) -> str:
        """A number of JSON, or what is no JSON."""
        if token in {"true", "false", "null"}:
            return token
        if kind:
            return re.sub("[0-9]+", lambda found: self._digits(found[0]), token)
        if self._may_be_listed and re.fullmatch("-?[0-9]+", token) and self._secrets.are_in(token):
            return re.sub("[0-9]+", lambda found: self._pseudonyms.number(found[0]), token)
        return self._secrets.replaced(token) if self._may_be_listed else token

    def _digits(self, digits: str) -> str:
        self._words.setdefault(digits, "number")
        return self._pseudonyms.number(digits)

    # --- texts

    def _found(self, text: str, pointer: str | None) -> str:
        """What was found at a pointer, as a finding shows it: as JSON, as it is, or in the judge's words."""
        kind: Kind | None = None
        for step in (pointer or "").split("/")[1:]:
            kind = self._kind(step, kind)
        if kind is None:
            return self.text(text)
        if "… (" in text or kind == "credential":
            return MARK
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        if isinstance(value, dict | list):
            return json.dumps(self.json(value, kind), ensure_ascii=False)
        quoted = text[1:-1] if text.startswith('"') else text
        if quoted in self._words or plain(quoted) in self._ids:
            return text.replace(quoted, self._pseudonym(self._words.get(quoted, kind), quoted))
        return self.text(text)

    def _in_words(self, found: re.Match[str]) -> str:
        """A field in a text: its value is redacted as it is in a message."""
        value = found["quoted"] if found["quoted"] is not None else found["bare"]
        name = next(iter(_RUNS.findall(found["key"])), "")
        kind = self._kinds.get(_bare(name))
        if kind is None or not value or value == MARK:
            return found[0]
        made = value if value in self._pseudonyms.made else self._string(value, kind)
        quote = found["quote"] or ""
        return f"{found['key']}{quote}{made}{quote}"

    def _again(self, kind: Kind, value: str) -> str:
        """A pseudonym; of what is one already, itself."""
        return value if value in self._pseudonyms.made else self._pseudonym(kind, value)

    def _quoted(self, text: str, *, words: bool) -> str:
        """A text without what was seen in fields: ids anywhere, PINs and the like as words of their own."""
        if not (self._ids or (words and self._words)):
            return text
        for odd in self._odd if words else ():
            if odd in text:
                text = text.replace(odd, self._again(self._words[odd], odd))
        if "%" not in text and "\\" not in text:
            return self._words_of(text, words=words)
        pieces = _ESCAPE.split(text)
        pieces[::2] = [self._words_of(one, words=words) for one in pieces[::2]]
        return "".join(pieces)

    def _stump(self, found: re.Match[str]) -> str:
        """What is left of something that was seen in a field, where a text was cut."""
        word = found[0]
        is_one = any(one.startswith(word) for one in self._words) or any(
            one.startswith(plain(word)) for one in self._ids
        )
        return MARK if is_one and not any(one.startswith(word) for one in self._pseudonyms.made) else word

    def _words_of(self, text: str, *, words: bool) -> str:
        if words and not self._words.keys().isdisjoint(_RUNS.findall(text)):
            text = _WORD.sub(self._word, text)
        return _IDS.sub(self._id, text) if self._ids else text

    def _word(self, found: re.Match[str]) -> str:
        kind = self._words.get(found[0])
        return self._again(kind, found[0]) if kind and len(found[0]) >= _SHORTEST_WORD else found[0]

    def _id(self, found: re.Match[str]) -> str:
        """An id that was seen, with whatever separators, and in a longer word, too."""
        word = found[0].replace("%2A", "*").replace("%2a", "*")
        for compared, start, end in _parts(word):
            if kind := self._ids.get(compared):
                made = f"{word[:start]}{self._again(kind, word[start:end])}{word[end:]}"
                return made.replace("*", "%2A") if len(word) < len(found[0]) else made
        return found[0]


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


def _hinted(text: str, hints: Iterable[str]) -> bool:
    """Whether a text may be of interest: a quick look."""
    low = text.lower()
    return any(hint in low for hint in hints)


def _bare(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).lower()


def _from_base64(text: str) -> str:
    """What a text says in Base64, as the credentials of a header do; empty where it says nothing."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _spelt(name: str) -> str:
    """An expression for a name with whatever separators are in it."""
    return "[-_ ]?".join(map(re.escape, name))


def _ids(personal: bool) -> tuple[str, ...]:
    return ("UID", "EvcoID") if personal else ()


def _unless_a_word(found: re.Match[str]) -> str:
    """A credential after its scheme, and not a word that follows one."""
    is_word = found[3].isalpha() and found[3].islower()
    return found[0] if is_word else f"{found[1]}{found[2]}{MARK}"


def _marked(found: re.Match[str]) -> str:
    value = found["value"]
    scheme, blank, _ = value.partition(" ")
    kept = f"{scheme} " if blank and scheme.lower() in {"basic", "bearer"} else ""
    return f"{found['name']}{kept}{MARK}"
