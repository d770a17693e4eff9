"""The freedoms that a sender has, as changes of a message: what is left out, filled, null, added.

Every function gives a new message; the form that the receiver's document has decides what is mandatory.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from oicp_conformance.oicp.fields import fields_of
from oicp_conformance.oicp.messages import Choice, IdentificationType, Message

Body = dict[str, Any]
NON_ASCII = "Grüße – 充電 ⚡ зарядка"


def minimal(model: type[Message], body: Mapping[str, Any]) -> Body:
    """Only what is mandatory."""
    return {name: body[name] for name, info in model.model_fields.items() if info.is_required()}


def nulls(model: type[Message], body: Mapping[str, Any]) -> Body:
    """Null in all that is optional, in the identification's other options too."""
    empty = {name: None for name, info in model.model_fields.items() if not info.is_required()}
    filled = {**empty, **minimal(model, body)}
    if isinstance(given := filled.get("Identification"), Mapping):
        filled["Identification"] = dict.fromkeys(IdentificationType.model_fields) | dict(given)
    return filled


def longest(model: type[Message], body: Mapping[str, Any]) -> Body:
    """Every text of the message at its greatest length, where its table sets one."""
    filled = dict(body)
    for field in fields_of(model).values():
        found = re.search(r"String \(([0-9]+)\)$", field.type_name)
        # The product stays one that there is: who does not know it may refuse.
        size = int(found.group(1)) if found else 0
        if size and len(field.path) == 1:
            stem = f"{field.path[0]}-"
            filled[field.path[0]] = (stem * size)[:size]
    return filled


def with_unknown_field(body: Mapping[str, Any]) -> Body:
    """With a field that OICP 2.3 does not have."""
    return {**body, "SomethingOfTomorrow": {"Value": [1, "two"]}}


def without_separators(body: Mapping[str, Any]) -> Body:
    """With ids of the ISO form written without the separators around the operator and the provider."""
    bare = {}
    if found := re.match(r"([A-Za-z]{2})\*?([A-Za-z0-9]{3})\*?(E.*)", body["EvseID"]):
        bare["EvseID"] = "".join(found.groups())
    if re.match("[A-Za-z]", body["ProviderID"]):
        bare["ProviderID"] = re.sub("[*-]", "", body["ProviderID"])
    return {**body, **bare}


def with_non_ascii(body: Mapping[str, Any], name: str) -> Body:
    """With characters beyond ASCII in one of its texts."""
    return {**body, name: NON_ASCII}


def beginning(purpose: str, model: type[Message]) -> Callable[[Body], Body]:
    """The change of a start whose session is to be stopped in a permitted form.

    The partner's session id, the EvseID and the provider stay the same through a session: a stop that writes
    them in another form, or leaves the partner's session id out, belongs to a session that began so.
    """
    changes: dict[str, Callable[[Body], Body]] = {
        "request.minimal": lambda body: {
            **minimal(model, body),
            "SessionID": body["SessionID"],
        },
        "request.nulls": lambda body: {**nulls(model, body), "SessionID": body["SessionID"]},
        "request.maximal": lambda body: longest(model, body),
        "request.separators": without_separators,
        "request.non-ascii": lambda body: with_non_ascii(body, "EMPPartnerSessionID"),
    }
    return changes.get(purpose, lambda body: body)


@dataclass(frozen=True)
class Malformed:
    """A request that is none: what is wrong with it, and its body or raw bytes."""

    name: str
    body: Any = None
    raw: bytes | None = None


NOT_JSON = (
    Malformed("empty body", raw=b""),
    Malformed("not JSON", raw=b"<eRoaming/>"),
    Malformed("half a JSON", raw=b'{"SessionID": "'),
    Malformed("a JSON list", raw=b"[]"),
    Malformed("a JSON text", raw=b'"eRoaming"'),
)


def malformed_names(model: type[Message]) -> list[str]:
    """The names of all that `malformed` makes, for the parameters of a test."""
    return [one.name for one in malformed(model, {})]


def malformed(model: type[Message], body: Mapping[str, Any]) -> Iterator[Malformed]:
    """What is no message of the table: each mandatory field missing, null, of a wrong type; and no JSON."""
    for name, info in model.model_fields.items():
        if info.is_required():
            yield Malformed(f"without {name}", {key: body[key] for key in body if key != name})
            yield Malformed(f"{name} null", {**body, name: None})
            structured = isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)
            yield Malformed(f"{name} of a wrong type", {**body, name: "text" if structured else [17]})
            if isinstance(info.annotation, type) and issubclass(info.annotation, Choice):
                yield Malformed(f"{name} empty", {**body, name: {}})
    yield from NOT_JSON


def malformed_as(name: str, model: type[Message], body: Mapping[str, Any]) -> Malformed:
    """The one of `malformed` that has a name."""
    return next(one for one in malformed(model, body) if one.name == name)


def replaced_by(wrong: Malformed) -> Callable[[Body], Any]:
    """A change that puts something malformed in the place of a message."""
    return lambda _: wrong.body
