"""The fields of every message that the target writes, as the tables of the messages have them.

These requirements come out of the models; a message of the target is judged field by field.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import get_args

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.alike import Accepts, alike
from oicp_conformance.judge.facts import WITHOUT_BODY
from oicp_conformance.judge.long_lists import look
from oicp_conformance.judge.message_tables import holder_of, messages_sent
from oicp_conformance.judge.outcome import (
    Outcome,
    Passes,
    Record,
    Verdict,
    broken,
    held,
    operation_of,
    quoted,
)
from oicp_conformance.judge.requirement import (
    REQUIREMENTS,
    Demand,
    JudgedBy,
    Requirement,
    cpo,
    emp,
    requirement,
    rule,
)
from oicp_conformance.judge.requirements.acceptance import NOT_OFFERED
from oicp_conformance.judge.source import source_of_field
from oicp_conformance.judge.structure import Looked
from oicp_conformance.oicp.fields import Path, fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.operations import Party, of_party
from oicp_conformance.oicp.types import Role


def _define() -> None:
    """Define a requirement for each field of each message, on all operations that share the message."""
    demands: dict[str, dict[Role, Demand]] = defaultdict(dict)
    for party in get_args(Party):
        role: Role = "cpo" if party == "cpo" else "emp"
        for operation in of_party(party):
            for name, model in messages_sent(operation, party).items():
                sharing = tuple(one.name for one in of_party(party) if name in messages_sent(one, party))
                for id_, demand in _of_message(role, name, model, sharing):
                    demands[id_][role] = demand
    for id_, by_role in demands.items():
        requirement(id_, *by_role.values(), by=JudgedBy.TABLE)


def _of_message(
    role: Role, name: str, model: type[Message], operations: tuple[str, ...]
) -> Iterator[tuple[str, Demand]]:
    define = cpo if role == "cpo" else emp
    for field in fields_of(model).values():
        need = "mandatory" if field.mandatory else "optional"
        yield (
            ".".join((name, *field.path)),
            define(
                "MUST",
                f"{field.path[-1]} is {need} in {name}: {field.type_name}.",
                source_of_field(role, holder_of(name, model, field), field.path[-1]),
                on=operations,
            ),
        )


_define()


def field_requirement(message: str, *path: str) -> Requirement:
    """The requirement on a field of a message; raises KeyError where no target writes such a field."""
    return REQUIREMENTS[".".join((message, *path))]


def _message(exchange: Exchange, role: Role) -> tuple[str, type[Message]] | None:
    """The name and the table of what the target wrote, where it is meant to be an OICP message."""
    if exchange.operation is None or not isinstance(exchange.sent.json, dict):
        return None
    if exchange.by_target:
        return operation_of(exchange).request_model(role, exchange.sent.json)
    if not _bears_message(exchange):
        return None
    if (
        exchange.expects != "accept"
        and answer_of(exchange) is Answer.NEGATIVE
        and _is_acknowledgement(exchange)
    ):
        return None
    answer = operation_of(exchange).answer
    return answer.__name__, answer


def _bears_message(exchange: Exchange) -> bool:
    """Whether the target's answer is meant to be an OICP message."""
    return exchange.status in _WITH_MESSAGE and exchange.purpose != NOT_OFFERED.id


# A refusal may come as 4xx, and then needs no body of OICP; of a 5xx the status says enough.
_WITH_MESSAGE = frozenset(range(200, 300)) - WITHOUT_BODY
"""Statuses of an answer that is meant to be an OICP message."""


def _is_acknowledgement(exchange: Exchange) -> bool:
    """Whether a refusal came as a plain acknowledgement in place of the operation's own answer (C207)."""
    return (
        "Result" not in operation_of(exchange).answer.model_fields and exchange.answer.get("Result") is False
    )


def _quoted(found: object) -> str:
    """A value as JSON, so that a text is told from a number; the judge's own words as they are."""
    if isinstance(found, str) and found in ("nothing", "null"):
        return found
    return quoted(found)


@dataclass(frozen=True, eq=False)
class _Alike:
    """Messages with the same fields, all of them in order."""

    accepts: Accepts
    requirements: tuple[str, ...]


_MOST_KINDS, _MOST_ALIKE = 500, 16
"""How many messages are known, of other kinds and of the same: a target may send any."""
_KNOWN: Mapping[Role, dict[Hashable, list[_Alike]]] = {role: {} for role in get_args(Role)}
"""The messages of a role that were in order, by operation, direction and how many fields they have."""
_OFTEN = 8
"""How many messages with the same fields are looked at field by field: a validator takes as long to make."""


@lru_cache(maxsize=1024)
def _counting(model: type[Message], held: frozenset[Path]) -> Iterator[int]:  # noqa: ARG001 - the key
    """Counts the messages that have these fields."""
    return count(1)


def _learn(
    exchange: Exchange,
    role: Role,
    model: type[Message],
    held: Collection[Path],
    requirements: tuple[str, ...],
) -> None:
    """Remember a message that has these fields, all of them in order."""
    body = exchange.sent.object
    key = exchange.operation, exchange.direction, len(body)
    known = _KNOWN[role].get(key, [])
    if len(known) == _MOST_ALIKE or len(_KNOWN[role]) == _MOST_KINDS:
        return
    fields = frozenset(held)
    if next(_counting(model, fields)) < _OFTEN:
        return
    accepts = alike(model, fields, with_nulls=b"null" in exchange.sent.body)
    if accepts(body):
        _KNOWN[role][key] = [*known, _Alike(accepts, requirements)]


# A run judges most of them twice: in their test, and at the end.
@lru_cache(maxsize=4096)
def _judged(exchange: Exchange, role: Role) -> tuple[Outcome | Passes, ...]:
    if (message := _message(exchange, role)) is None:
        return ()
    name, model = message
    found = tuple(look(model, exchange.sent.object, role))
    if any(one.verdict is not Verdict.PASS for one in found):
        return tuple(_outcome(name, exchange, one) for one in found)
    held = tuple(one.field.path for one in found)
    requirements = _requirements(name, held)
    _learn(exchange, role, model, held, requirements)
    return (Passes(requirements, (exchange,)),)


@lru_cache(maxsize=1024)
def _requirements(name: str, held: tuple[Path, ...]) -> tuple[str, ...]:
    """The requirements on these fields of a message."""
    return tuple(".".join((name, *path)) for path in held)


def _outcome(name: str, exchange: Exchange, looked: Looked) -> Outcome:
    requirement = ".".join((name, *looked.field.path))
    if looked.verdict is Verdict.PASS:
        return held(requirement, exchange)
    return broken(
        requirement,
        exchange,
        looked.message,
        pointer=looked.pointer,
        expected=looked.expected,
        found=_quoted(looked.found),
        erratum=looked.erratum,
        verdict=looked.verdict,
    )


@rule(by_exchange=True)
def fields(record: Record) -> Iterator[Outcome | Passes]:
    """Presence, type, pattern, length and enumeration of every field."""
    known, with_message, not_offered = _KNOWN[record.role], _WITH_MESSAGE, NOT_OFFERED.id
    passed: dict[_Alike, list[Exchange]] = defaultdict(list)
    ready: dict[Hashable, list[tuple[Accepts, Callable[[Exchange], None]]]] = {}
    """What is known of messages of a kind, each with what keeps an exchange in which it passed."""
    for exchange in record.exchanges:
        # A microsecond for each message counts here, so that no function is called which says the same.
        direction = exchange.direction
        if direction == "target-to-hub":
            body = exchange.request.object
        elif exchange.status in with_message and exchange.purpose != not_offered:
            body = exchange.answer.object
        else:
            continue
        key = exchange.operation, direction, len(body)
        some = ready.get(key)
        if some is None:
            some = ready[key] = [(one.accepts, passed[one].append) for one in known.get(key, ())]
        for accepts, keep in some:
            if accepts(body):
                keep(exchange)
                break
        else:
            yield from _judged(exchange, record.role)
            del ready[key]  # it may have been learnt meanwhile
    for one, exchanges in passed.items():
        if exchanges:
            yield Passes(one.requirements, exchanges)
