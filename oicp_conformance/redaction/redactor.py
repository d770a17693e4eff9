"""The one thing that all writers go through."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.notes import Note
from oicp_conformance.judge.frame import Frame
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.verdicts import Judgement
from oicp_conformance.profile import Profile
from oicp_conformance.redaction.bodies import Bodies
from oicp_conformance.redaction.credentials import Credentials
from oicp_conformance.redaction.findings import Findings
from oicp_conformance.redaction.forms import Secrets
from oicp_conformance.redaction.listed import secrets_of
from oicp_conformance.redaction.memory import Learned
from oicp_conformance.redaction.messages import Messages
from oicp_conformance.redaction.names import Names
from oicp_conformance.redaction.pins import hashes_of, pins_of
from oicp_conformance.redaction.pseudonyms import Pseudonyms
from oicp_conformance.redaction.seen import Seen
from oicp_conformance.redaction.texts import Texts
from oicp_conformance.redaction.values import Values

_Table = TypeVar("_Table", bound=BaseModel)
_Whole = TypeVar("_Whole", Exchange, Note)
_OWN = frozenset({"test", "requirement", "requirements", "operation", "cause", "stimulus", "begin", "end"})
"""Fields of notes in which the suite names its own."""
_FIELDS = {kind: tuple(one.name for one in fields(kind) if one.name not in _OWN) for kind in get_args(Note)}
"""The other fields of each kind of note."""


class Redactor:
    """Takes secrets out of what is to be written; what it has seen in a field, out of texts as well."""

    def __init__(
        self,
        named: Mapping[str, str],
        *,
        headers: Sequence[str] = (),
        secret_fields: Sequence[str] = (),
        personal: bool = False,
        pins: Mapping[str, str] = {},
        only_listed: bool = False,
    ) -> None:
        names = Names(headers=headers, fields=secret_fields, personal=personal, only_headers=only_listed)
        self._learned = Learned()
        self._secrets = Secrets(named)
        self._credentials = Credentials(self._secrets, names, self._learned)
        self._pins = pins
        self._pseudonyms = Pseudonyms()
        seen = Seen(self._pseudonyms, self._learned)
        self._texts = Texts(self._credentials, names, seen, self._learned, only_listed=only_listed)
        self._values = Values(self._secrets, names, seen, self._texts, self._pseudonyms)
        bodies = Bodies(self._secrets, self._credentials, names, self._texts, self._values, self._learned)
        self._messages = Messages(self._credentials, names, self._texts, self._values, bodies, self._learned)
        self._findings = Findings(self._credentials, names, seen, self._texts, self._values)
        self.failures: dict[int, str] = {}
        """The exchanges that could not be redacted, and why."""
        self._made: dict[int, tuple[Exchange, int, Exchange]] = {}
        """What was made of exchanges, by their number: of which, when so much was learned, and what."""
        self._noted: dict[int, tuple[Note, int, Note]] = {}
        """The same of notes, by their id."""

    @classmethod
    def from_profile(cls, profile: Profile, environ: Mapping[str, str] = os.environ) -> "Redactor":
        """The redactor of a run; it knows the PINs of the profile."""
        table = profile.secrets
        redactor = cls(
            secrets_of(profile, environ),
            headers=table.headers,
            secret_fields=table.fields,
            personal=table.personal,
            pins=pins_of(profile),
        )
        for one in (*profile.partner.accepts, *profile.partner.refuses):
            redactor.json(one)
        return redactor

    @classmethod
    def of_listed(cls, profile: Profile, environ: Mapping[str, str] = os.environ) -> "Redactor":
        """The redactor for what is redacted already, but for the secrets that this profile lists."""
        return cls(secrets_of(profile, environ), headers=profile.secrets.headers, only_listed=True)

    # --- what was said and done

    def exchange(self, exchange: Exchange) -> Exchange:
        """An exchange that may be written; one that cannot be redacted is written without what was said."""
        known = self._made.get(exchange.number)
        if known is not None and known[0] is exchange and known[1] == self._learned.count:
            return known[2]
        made = self._exchange_or_nothing(exchange)
        self._made[exchange.number] = exchange, self._learned.count, made
        return made

    def _exchange_or_nothing(self, exchange: Exchange) -> Exchange:
        try:
            return self._exchange(exchange)
        except Exception as error:  # noqa: BLE001 - a mistake must cost neither the run nor a secret
            self.failures[exchange.number] = f"exchange {exchange.number}: {type(error).__name__}"
            bare = replace(exchange, method="", path="", request=Part(), answer=Part())
            return replace(bare, detail="it could not be redacted")

    def _exchange(self, exchange: Exchange) -> Exchange:
        for part in (exchange.request, exchange.answer):
            self._credentials.learn(part.headers)
        for value, pin in hashes_of(exchange, self._pins):
            self._pseudonyms.know_hash(value, pin)
        made = {
            "method": self._values.kept(exchange.method),
            "path": self._messages.path(exchange.path),
            "detail": self.text(exchange.detail),
            "certificate": exchange.certificate and self.text(exchange.certificate),
            "request": self._messages.part(exchange.request),
            "answer": self._messages.part(exchange.answer),
        }
        return _changed(exchange, made)

    def note(self, note: Note) -> Note:
        """A note that may be written."""
        known = self._noted.get(id(note))
        if known is not None and known[0] is note and known[1] == self._learned.count:
            return known[2]
        made = self._note(note)
        self._noted[id(note)] = note, self._learned.count, made
        return made

    def _note(self, note: Note) -> Note:
        def redacted(value: Any) -> Any:
            if isinstance(value, str) and not isinstance(value, Enum):
                return self.text(value) if " " in value else self._values.kept(value)
            return self.json(value) if isinstance(value, Mapping) else value

        return _changed(note, {name: redacted(getattr(note, name)) for name in _FIELDS[type(note)]})

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

    def profile(self, profile: Profile) -> Profile:
        """A profile that may be written; the secrets that it lists are left out."""
        return self._model(profile)

    def _model(self, model: _Table) -> _Table:
        """A table of the profile; it is not looked at again, so that no mark in it is in the way."""
        values = {name: getattr(model, name) for name in type(model).model_fields}
        changed = {
            name: self._key(value)
            for name, value in values.items()
            if isinstance(value, BaseModel | str | Path | Mapping | list)
        }
        if "environment" in values:
            changed |= {"values": [], "environment": []}
        return model.model_copy(update=changed)

    def _key(self, value: Any) -> Any:
        """A value of the profile; the name of a file may hold the value of a variable."""
        if isinstance(value, BaseModel):
            return self._model(value)
        if isinstance(value, list) and any(isinstance(one, BaseModel) for one in value):
            return list(map(self._key, value))
        return Path(self.json(str(value))) if isinstance(value, Path) else self.json(value)

    # --- what the judge says

    def outcome(self, outcome: Outcome) -> Outcome:
        """What a rule says, as it may be written; what it is about has gone through `exchange` before."""
        return self._findings.outcome(outcome)

    def judgement(self, judgement: Judgement) -> Judgement:
        """A judgement that may be written."""
        rows = [
            replace(row, findings=list(map(self.outcome, row.findings)), reason=self.text(row.reason))
            for row in judgement.rows
        ]
        return replace(
            judgement,
            record=replace(
                judgement.record,
                profile=self.profile(judgement.record.profile),
                notes=tuple(map(self.note, judgement.record.notes)),
            ),
            rows=rows,
            stopped=judgement.stopped and self.text(judgement.stopped),
            trouble=tuple(map(self.text, judgement.trouble)),
        )

    # --- values and texts

    def json(self, value: Any) -> Any:
        """A value of JSON, or what Python has for one."""
        return self._values.json(value)

    def text(self, text: str) -> str:
        """A text for people: a finding, a line on the terminal, the words of an error."""
        return self._texts.text(text)

    def listed(self, text: str) -> str:
        """A text without the secrets that the profile lists, without credentials and private keys."""
        return self._credentials.marked(text)

    def leaks(self, text: str) -> list[str]:
        """The places of the profile of which the secret is in a text."""
        return self._secrets.found_in(text)


def _changed(whole: _Whole, made: Mapping[str, Any]) -> _Whole:
    """An exchange or a note with what was made of its fields: the same one where that is the same."""
    old = {name: getattr(whole, name) for name in made}
    # Texts are compared. Any other value is a new object, and is taken without a comparison.
    new = {
        name: one
        for name, one in made.items()
        if one is not old[name] and not (isinstance(one, str) and one == old[name])
    }
    return replace(whole, **new) if new else whole
