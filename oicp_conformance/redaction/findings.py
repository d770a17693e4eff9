"""What a rule says of a message: it quotes values of the message in its own words."""

import json
from dataclasses import replace

from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.profile import MARK
from oicp_conformance.redaction.credentials import Credentials
from oicp_conformance.redaction.names import Kind, Names
from oicp_conformance.redaction.seen import Seen
from oicp_conformance.redaction.texts import Texts
from oicp_conformance.redaction.values import Values


class Findings:
    """Takes secrets out of outcomes, so that these tell what stands in the written messages."""

    def __init__(
        self, credentials: Credentials, names: Names, seen: Seen, texts: Texts, values: Values
    ) -> None:
        self._credentials = credentials
        self._names = names
        self._seen = seen
        self._texts = texts
        self._values = values

    def outcome(self, outcome: Outcome) -> Outcome:
        """An outcome that may be written; of one that cannot be redacted, no word is left."""
        try:
            found = self._found(outcome.found, outcome.pointer)
            message, expected = self._texts.text(outcome.message), self._texts.text(outcome.expected)
        except Exception:  # noqa: BLE001 - a mistake must cost neither the run nor a secret
            message = expected = found = MARK
        pointer = outcome.pointer and self._credentials.marked(outcome.pointer)
        return replace(outcome, message=message, expected=expected, found=found, pointer=pointer)

    def _found(self, text: str, pointer: str | None) -> str:
        """What was found at a pointer, as a finding shows it: as JSON, as it is, or in the judge's words."""
        kind: Kind | None = None
        for step in (pointer or "").split("/")[1:]:
            kind = self._names.kind(step, kind)
        if kind is None:
            return self._texts.text(text)
        if "… (" in text or kind == "credential":
            return MARK
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        if isinstance(value, dict | list):
            return json.dumps(self._values.json(value, kind), ensure_ascii=False)
        quoted = text[1:-1] if text.startswith('"') else text
        known = self._seen.known(kind, quoted)
        return self._texts.text(text) if known is None else text.replace(quoted, known)
