"""Values of messages, by the fields that they stand in: they keep the form that a rule looks at."""

import json
import re
from collections.abc import Mapping
from typing import Any

from oicp_conformance.oicp.types import EVCO_ID, EVSE_ID, OPERATOR_ID, PROVIDER_ID, SESSION_ID, UID
from oicp_conformance.profile import MARK
from oicp_conformance.redaction.forms import Secrets, mark
from oicp_conformance.redaction.names import Kind, Names
from oicp_conformance.redaction.pseudonyms import Pseudonyms
from oicp_conformance.redaction.seen import Seen
from oicp_conformance.redaction.texts import Texts

_ID_FORMS = [
    re.compile(form, re.IGNORECASE) for form in (OPERATOR_ID, PROVIDER_ID, EVSE_ID, EVCO_ID, SESSION_ID, UID)
]
_CONTRACT = re.compile(EVCO_ID, re.IGNORECASE)
_VALUES = frozenset({"value", "attributeValue"})
"""Fields of OCPP that hold the value of a setting."""
_HEX = re.compile("[0-9a-f]*", re.IGNORECASE)


class Values:
    """Takes secrets out of values of JSON, and out of what Python has for them."""

    def __init__(
        self, secrets: Secrets, names: Names, seen: Seen, texts: Texts, pseudonyms: Pseudonyms
    ) -> None:
        self._secrets = secrets
        self._names = names
        self._seen = seen
        self._texts = texts
        self._pseudonyms = pseudonyms

    def where_nothing_is_listed(self) -> "Values":
        """The same for values in which no listed secret is."""
        return Values(Secrets({}), self._names, self._seen, self._texts, self._pseudonyms)

    def json(self, value: Any, kind: Kind | None = None) -> Any:
        """A value with all that is in it."""
        if isinstance(value, str):
            return self.string(value, kind)
        if isinstance(value, Mapping):
            beside = self._kind_beside(value)
            return {
                self.string(name, None): self.json(
                    one, (name in _VALUES and beside) or self._names.kind(name, kind)
                )
                for name, one in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.json(one, kind) for one in value]
        if kind and isinstance(value, int | float) and not isinstance(value, bool):
            return json.loads(self.token(json.dumps(value), kind))
        return value

    def _kind_beside(self, value: Mapping[str, Any]) -> Kind | None:
        """Of which kind a value is that stands beside its name, as settings of OCPP do."""
        variable = value.get("variable")
        name = variable.get("name") if isinstance(variable, Mapping) else value.get("key")
        return "credential" if isinstance(name, str) and self._names.kind(name) == "credential" else None

    def string(self, value: str, kind: Kind | None) -> str:
        """A string; it is never longer than it was."""
        if not value:
            return value
        if kind is not None:
            # A token of OCPP may be a card or a contract.
            is_contract = kind == "uid" and _CONTRACT.fullmatch(value) and not _HEX.fullmatch(value)
            return self._seen.in_field("evco_id" if is_contract else kind, value)
        kept = self.kept(value)
        return self._texts.text(kept)[: len(value)] if self._texts.is_one(kept) else kept

    def token(self, token: str, kind: Kind | None) -> str:
        """A number of JSON, or what is no JSON."""
        if token in {"true", "false", "null"}:
            return token
        if kind:
            return re.sub("[0-9]+", lambda found: self._seen.in_number(found[0]), token)
        if re.fullmatch("-?[0-9]+", token) and self._secrets.are_in(token):
            return re.sub("[0-9]+", lambda found: self._pseudonyms.number(found[0]), token)
        return self._secrets.replaced(token)

    def kept(self, value: str) -> str:
        """A value that keeps its form where it is an id, and its length where it is none."""
        if not self._secrets.are_in(value):
            return self._seen.in_value(value)
        if any(form.fullmatch(value) for form in _ID_FORMS):
            return self._secrets.replaced(value, self._pseudonyms.part)
        redacted = self._secrets.replaced(value, lambda found: mark(len(found)))
        redacted = self._seen.in_value(redacted)
        is_url, still = re.match(r"https?://", value), re.match(r"https?://", redacted)
        return f"{is_url[0]}{MARK}" if is_url and not still else redacted
