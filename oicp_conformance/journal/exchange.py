"""One HTTP request and its answer, as it was on the wire, and as a line of the journal file."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import ConfigDict

from oicp_conformance.journal.json_text import NotJson, parse, repeated
from oicp_conformance.journal.page import Page
from oicp_conformance.journal.times import iso, seconds_of
from oicp_conformance.oicp.operations import Direction

Expects = Literal["accept", "refuse", "any"]
"""What a conformant target does with a request of the hub: accept, refuse, or either in good order."""

GIVEN_UP = "given up"
"""The trouble of a request to the target whose response was not waited for to the end (see `hub.limits`)."""

READ_STRICTLY = ConfigDict(strict=True, extra="forbid", revalidate_instances="always")
"""How pydantic looks at what was read from a file."""


@dataclass(frozen=True)
class Part:
    """One half of an exchange: a request or an answer."""

    __pydantic_config__ = READ_STRICTLY

    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut: bool = False
    """Whether there was more of the body than the suite has: it is read as no JSON then."""
    length: int | None = None
    """Of a body of which not all is kept: how many bytes came."""
    sha256: str | None = None
    """Of such a body: the digest of all that came, in hexadecimal."""
    over_budget: bool = False
    """Whether it is cut because the run had no room left for it, which says nothing of who sent it."""

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return self._first.get(name.lower())

    @cached_property
    def _first(self) -> dict[str, str]:
        return {name.lower(): value for name, value in reversed(self.headers)}

    @cached_property
    def _read(self) -> tuple[Any, str | None]:
        if self.cut:
            return None, "it is not complete"
        try:
            value = parse(self.body)
        except NotJson as error:
            return None, str(error)
        return Page.of(self.body, value) or value, None

    def reads_as(self, value: Any) -> Self:
        """The same part; if its body is a large page, that is not read: it is known to be this value."""
        if page := Page.of(self.body, value):
            self.__dict__["_read"] = page, None
        return self

    @property
    def json(self) -> Any:
        """The JSON value of the body, or None when there is none: `problem` tells them apart."""
        value = self._read[0]
        return value.whole if isinstance(value, Page) else value

    @property
    def problem(self) -> str | None:
        """Why the body is no JSON text, or None."""
        return self._read[1]

    @cached_property
    def repeated(self) -> list[str]:
        """The names that its JSON has more than once in one object, as pointers; none in what is no JSON."""
        try:
            return repeated(self.body) if self.problem is None else []
        except RecursionError:
            return []

    @cached_property
    def object(self) -> Mapping[str, Any]:
        """The body when it is a JSON object, else an empty one."""
        value = self._read[0]
        return value if isinstance(value, dict | Page) else {}

    def get(self, name: str) -> Any:
        """A field of the body; null is absent."""
        return self.object.get(name)

    def as_json(self) -> dict[str, Any]:
        """For the journal file: text where the body is UTF-8, else Base64."""
        record: dict[str, Any] = {"headers": [list(pair) for pair in self.headers]}
        try:
            record["body"] = self.body.decode("utf-8")
        except UnicodeDecodeError:
            record["base64"] = base64.b64encode(self.body).decode("ascii")
        marks = {
            "cut": self.cut,
            "length": self.length,
            "sha256": self.sha256,
            "over_budget": self.over_budget,
        }
        # A length of 0 is one.
        return record | {
            name: value for name, value in marks.items() if value is not None and value is not False
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The reverse of `as_json`."""
        body = record["body"].encode() if "body" in record else base64.b64decode(record["base64"])
        return cls(
            tuple((k, v) for k, v in record["headers"]),
            body,
            cut=record.get("cut", False),
            length=record.get("length"),
            sha256=record.get("sha256"),
            over_budget=record.get("over_budget", False),
        )


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and its answer, either way round."""

    # What was judged of one is kept by it: to hash all that was said would cost more than to judge it.
    __hash__ = object.__hash__

    __pydantic_config__ = READ_STRICTLY

    number: int
    direction: Direction
    operation: str | None
    """The operation that the path names; None when it names none."""
    method: str
    path: str
    """As it was sent, with its query."""
    request: Part
    started: float
    """Seconds since the epoch, by the suite's clock."""
    finished: float | None = None
    status: int | None = None
    answer: Part = field(default_factory=Part)
    trouble: str | None = None
    """Why there is no answer: `timeout`, `unreachable`, `hung up`, `broke off`, `not HTTP`, `tls`, or that it
    was `given up`."""
    detail: str = ""
    test: str | None = None
    purpose: str | None = None
    """The requirement that the hub tries with this request."""
    expects: Expects = "any"
    control: int | None = None
    """The exchange of which this is the control: the same without what was special."""
    repeats: int | None = None
    """The rejected exchange that this one tries again; only the last try is judged for its purpose."""
    scripted: str | None = None
    """How the hub answered on purpose when it was not honest."""
    peer: str | None = None
    """The address from which a request to the hub came."""
    certificate: str | None = None
    """The subject of the certificate that came with it, where one was asked for and shown."""
    stranger: bool = False
    """Whether that address is not the target's: nobody is judged for it, and it has no operation."""

    @property
    def by_target(self) -> bool:
        """Whether the target sent the request."""
        return self.direction == "target-to-hub"

    @property
    def sent(self) -> Part:
        """The half that the target wrote."""
        return self.request if self.by_target else self.answer

    @property
    def seconds(self) -> float:
        """How long the answer took."""
        return (self.finished or self.started) - self.started

    def without_purpose(self) -> Self:
        """The same, as a request of which nothing is expected."""
        return replace(self, purpose=None, expects="any", control=None, repeats=None)

    def as_json(self) -> dict[str, Any]:
        """One line of the journal file."""
        record = {one.name: getattr(self, one.name) for one in fields(self)}
        record["started"] = iso(self.started)
        record["finished"] = iso(self.finished) if self.finished else None
        record["request"] = self.request.as_json()
        record["answer"] = self.answer.as_json()
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The reverse of `as_json`."""
        values = dict(record)
        values["started"] = seconds_of(values["started"])
        if values["finished"]:
            values["finished"] = seconds_of(values["finished"])
        values["request"] = Part.from_json(values["request"])
        values["answer"] = Part.from_json(values["answer"])
        return cls(**values)
