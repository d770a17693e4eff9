"""Scripted answers: how a test makes the hub answer differently from Hubject."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any

from pydantic_core import to_json

from oicp_conformance.oicp.empty import EMPTY
from oicp_conformance.oicp.messages import eRoamingAcknowledgement
from oicp_conformance.oicp.operations import Operation

_MANY = 100
"""Records of a page beyond which another encoder writes it, without blanks, in a fifth of the time."""


@dataclass(frozen=True)
class Answer:
    """What the hub is about to answer."""

    status: int = 200
    message: Mapping[str, Any] = field(default_factory=dict)
    raw: bytes | None = None
    """A body in place of the message, which is not a message."""
    delay: float = 0.0
    """Seconds until it is sent."""
    hang_up: bool = False
    """Close the connection and answer nothing."""

    @cached_property
    def body(self) -> bytes:
        """What goes over the wire."""
        if self.raw is not None:
            return self.raw
        records = self.message.get("content")
        if isinstance(records, list) and len(records) > _MANY:
            return to_json(self.message, inf_nan_mode="constants")
        return json.dumps(self.message, ensure_ascii=False).encode()

    @property
    def value(self) -> Mapping[str, Any] | None:
        """What the body reads as, where that is known without reading it."""
        return self.message if self.raw is None else None


@dataclass(frozen=True)
class Script:
    """A change of the hub's honest answer, with the name under which the journal knows it."""

    name: str
    change: Callable[[Operation, Answer], Answer]
    refuses: bool = False
    """Whether the hub does not do what it was asked, so that no session begins and none ends."""


def status_code(code: str, description: str | None = None) -> dict[str, Any]:
    """A StatusCode."""
    return {"Code": code} | ({"Description": description} if description else {})


def acknowledgement(code: str = "000", **fields: Any) -> dict[str, Any]:
    """An eRoamingAcknowledgement; its Result follows from the code."""
    return {"Result": code == "000", "StatusCode": status_code(code), **fields}


def negative(operation: Operation, code: str, **fields: Any) -> dict[str, Any]:
    """The negative answer of an operation."""
    if operation.answer is eRoamingAcknowledgement:
        return acknowledgement(code, **fields)
    if operation.name in EMPTY:
        return {**EMPTY[operation.name], "StatusCode": status_code(code), **fields}
    return {"AuthorizationStatus": "NotAuthorized", "StatusCode": status_code(code), **fields}


def refuse(code: str, **fields: Any) -> Script:
    """Refuse with a code, in the operation's own answer."""
    return Script(
        f"refused with {code}",
        lambda operation, _: Answer(message=negative(operation, code, **fields)),
        refuses=True,
    )


def system_error(code: str = "001") -> Script:
    """An eRoamingAcknowledgement that tells of a system error, whatever answer is expected."""
    return Script(f"system error {code}", lambda *_: Answer(message=acknowledgement(code)), refuses=True)


def http_error(status: int = 500) -> Script:
    """An HTTP error whose body is not OICP."""
    body = HTTPStatus(status).phrase.encode()
    return Script(f"HTTP {status}", lambda *_: Answer(status, raw=body), refuses=True)


def garbage() -> Script:
    """HTTP 200 with a body that is not JSON."""
    return Script("no JSON", lambda *_: Answer(raw=b"<html>"), refuses=True)


def hang_up() -> Script:
    """Take the request and close the connection."""
    return Script("hung up", lambda *_: Answer(hang_up=True), refuses=True)


def late(seconds: float) -> Script:
    """The honest answer, but late."""
    return Script("late", lambda _, answer: replace(answer, delay=seconds))


SLOW = (late(0.5),) * 4
"""Answers during which a push that does not wait for the one before shows itself.

So many, since the first may meet pushes that an earlier test has caused, and that come alone.
"""


def with_nulls() -> Script:
    """The honest answer with null in every optional field that it does not use."""

    def change(operation: Operation, answer: Answer) -> Answer:
        empty = {name: None for name, info in operation.answer.model_fields.items() if not info.is_required()}
        status = {"Description": None, "AdditionalInfo": None} | dict(answer.message.get("StatusCode", {}))
        return replace(answer, message=empty | dict(answer.message) | {"StatusCode": status})

    return Script("nulls", change)


def with_fields(**fields: Any) -> Script:
    """The honest answer with some fields put in."""
    return Script("other fields", lambda _, answer: replace(answer, message={**answer.message, **fields}))


def without(*names: str) -> Script:
    """The honest answer without some fields."""

    def change(_: Operation, answer: Answer) -> Answer:
        return replace(answer, message={k: v for k, v in answer.message.items() if k not in names})

    return Script(f"without {', '.join(names)}", change)


def with_texts(description: str, additional_info: str) -> Script:
    """The honest answer with texts in its StatusCode, which OICP leaves open."""

    def change(_: Operation, answer: Answer) -> Answer:
        texts = {"Description": description, "AdditionalInfo": additional_info}
        return replace(
            answer, message={**answer.message, "StatusCode": {**answer.message["StatusCode"], **texts}}
        )

    return Script("texts", change)


def _with_plain_ids() -> Script:
    """The honest answer with its SessionID in upper case and the ProviderID without a separator."""

    def change(_: Operation, answer: Answer) -> Answer:
        message = dict(answer.message)
        if isinstance(session := message.get("SessionID"), str):
            message["SessionID"] = session.upper()
        if isinstance(provider := message.get("ProviderID"), str):
            message["ProviderID"] = provider.replace("-", "").replace("*", "")
        return replace(answer, message=message)

    return Script("plain ids", change)


FORM = "form: "
"""How the names of permitted forms of an answer begin in the journal."""
FORMS: Mapping[str, Script] = {
    name: Script(FORM + name, one.change)
    for name, one in {
        "nulls": with_nulls(),
        "an unknown field": with_fields(SomethingOfTomorrow={"Value": 1}),
        "no StatusCode": without("StatusCode"),
        "long texts": with_texts("Success " + "x" * 192, "y" * 1000),
        "empty texts": with_texts("", ""),
        "texts beyond ASCII": with_texts("Erfolg \U0001f50c", 'Grüße – 充電 зарядка "\\ \u2028'),
        "plain ids": _with_plain_ids(),
    }.items()
}
"""The forms that a positive answer of Hubject may have besides the usual one, by name."""
