"""How one exchange of a hand-written journal goes: how the request is sent, and how it is answered."""

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, fields
from typing import Any, Final, Self

from oicp_conformance.hub.script import negative
from oicp_conformance.journal.exchange import Expects, Part
from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.oicp.operations import Operation

Body = dict[str, Any]
ABSENT: Final = object()
"""In place of a value: the message lacks the field."""
JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """How a request was answered."""

    code: str = "000"
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What the message has in place of its own."""
    status: int | None = 200
    raw: bytes | None = None
    """A body in place of the message."""
    content_type: str | None = JSON
    seconds: float = 0.1
    trouble: str | None = None
    """Why there is none."""

    def part(self, operation: Operation, message: Mapping[str, Any]) -> Part:
        """The answer of an operation; `message` is its yes."""
        said = message if self.code == "000" else negative(operation, self.code)
        return part(changed(said, self.fields) if self.raw is None else self.raw, self.content_type)


def accepted(**changes: Any) -> Answer:
    """A yes."""
    return Answer(fields=changes)


def slow(seconds: float) -> Answer:
    """A yes that takes its time."""
    return Answer(seconds=seconds)


def refused(code: str = "400", **changes: Any) -> Answer:
    """An orderly no."""
    return Answer(code, changes)


def http(status: int, raw: bytes = b"") -> Answer:
    """A status, and a body that is not a message."""
    return Answer(status=status, raw=raw)


def nothing(trouble: str = "timeout") -> Answer:
    """No answer came."""
    return Answer(status=None, raw=b"", trouble=trouble)


@dataclass(frozen=True)
class Way:
    """How a request is sent and answered."""

    answer: Answer = field(default_factory=Answer)
    path: str | None = None
    """Another one than the operation's."""
    query: str = ""
    method: str = "POST"
    raw: bytes | None = None
    """A body in place of the message."""
    content_type: str | None = JSON
    purpose: str | None = None
    """Of a request of the hub: the requirement that it tries, if it is no ordinary one."""
    expects: Expects = "accept"
    control: int | None = None
    repeats: int | None = None
    scripted: str | None = None
    edit: Callable[[Body], None] | None = None
    """Changes the request message before it is sent: what a fault does to it, too."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> tuple[Self, dict[str, Any]]:
        """The way, and the fields of the message: OICP's names are no names of ours."""
        own = {one.name for one in fields(cls)} & given.keys()
        return cls(**{name: given[name] for name in own}), {
            name: value for name, value in given.items() if name not in own
        }


def changed(body: Mapping[str, Any], changes: Mapping[str, Any]) -> Body:
    """A message with some fields changed."""
    return {name: value for name, value in {**body, **changes}.items() if value is not ABSENT}


def edited(body: Body, edit: Callable[[Body], None] | None) -> Body:
    """A message after such an edit, if there is one."""
    if edit is None:
        return body
    copy = deepcopy(body)
    edit(copy)
    return copy


def part(body: Body | bytes, content_type: str | None = JSON) -> Part:
    """Half an exchange."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Part((("Content-Type", content_type),) if content_type else (), raw)


def spelled_by_python(outcome: Outcome) -> bool:
    """Whether a report would show a value of a message as Python spells it, and not as JSON does."""
    told = f"{outcome.message} {outcome.expected} {outcome.found}"
    return re.search(r"\b(True|False|None)\b|[{\[]'", told) is not None
