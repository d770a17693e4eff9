"""What is wrong with a profile is said without the secrets in it.

The profile is not valid then, so that they are taken from its tables as they were read.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from oicp_conformance.profile.values import SHORTEST_SECRET

MARK = "(redacted)"
"""What is written in place of a secret."""
_USER_OF_URL = re.compile(r"(?<=://)[^/?#\s\"]*@")


class Mask:
    """Takes secrets out of the words of errors."""

    def __init__(self, raw: Mapping[str, Any], environ: Mapping[str, str], values: Collection[str]) -> None:
        """Look for the secrets that the tables list, for those of their variables, and for the `values`."""
        secrets = raw.get("secrets")
        table = secrets if isinstance(secrets, Mapping) else {}
        found = {*values, *_strings(table.get("values"))}
        found |= {environ.get(name, "") for name in _strings(table.get("environment"))}
        found |= set(_pins(raw.get("partner")))
        # A short one, such as a PIN, also occurs in text that is not secret.
        self._short = {one for one in found if len(one) < SHORTEST_SECRET}
        # The longest ones first: one may be a part of another.
        self._secrets = sorted(found - self._short, key=len, reverse=True)

    def value(self, value: Any) -> Any:
        """A value, with all that is in it, that may be shown."""
        if isinstance(value, Mapping):
            return {key: self.value(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        if isinstance(value, str):
            return MARK if value and value in self._short else self.text(value)
        return value

    def text(self, text: str) -> str:
        """A text that may be shown."""
        for secret in self._secrets:
            for form in {secret, json.dumps(secret, ensure_ascii=False)[1:-1]}:
                text = text.replace(form, MARK)
        return without_user(text)


def without_user(text: str) -> str:
    """A text with the users and passwords of its URLs redacted."""
    return _USER_OF_URL.sub(f"{MARK}@", text)


def _strings(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one


def _pins(value: Any) -> Iterator[str]:
    """The PINs and their hashes in the Identifications of a table."""
    if isinstance(value, list):
        for one in value:
            yield from _pins(one)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if key == "PIN":
                yield from _strings(one)
            elif key == "HashedPIN" and isinstance(one, Mapping):
                yield from _strings(one.get("Value"))
            else:
                yield from _pins(one)
