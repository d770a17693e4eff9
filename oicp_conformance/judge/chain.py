"""What led to an exchange: all of its session before it, and the stimuli that were given on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Plug, Wait
from oicp_conformance.judge.outcome import Record
from oicp_conformance.oicp.operations import meant_by

MOST = 20
"""Exchanges that a chain has at most: the last ones."""
AUTHORIZED = frozenset({"eRoamingAuthorizeStart", "eRoamingAuthorizeStop"})
"""What a hub answers as it did then: which customers it knew is not in the journal."""
_NAMES = ("SessionID", "EvseID", "Type", "ActionType", "Identification", "Duration", "From", "To")


def chain(record: Record, number: int) -> list[Exchange]:
    """What led to an exchange: the earlier ones of its session in order, and itself.

    What the target sent by itself and in no session of the hub's comes after what was said in its test. Of a
    request of the hub without a session, and of one that is not in the record, there is nothing before it.
    Requests that the hub sent at the same time as the last belong to it.
    """
    last = next((one for one in record.exchanges if one.number == number), None)
    if last is None:
        return []
    session = next((one for one in record.sessions if _has(one.exchanges, number)), None)
    if session is not None:
        before = [one for one in session.exchanges if one.number < number]
    elif begun := _of_an_earlier_test(record, last):
        before = [begun]
    elif last.by_target and stimulus(record, last) is None:
        of_test = [one for one in record.exchanges if one.number < number and one.test == last.test]
        # What else it sent by itself meanwhile led to nothing.
        before = [
            one
            for one in of_test
            if not one.by_target or one.operation == last.operation or stimulus(record, one)
        ]
    else:
        before = []
    beside = [one for one in record.exchanges if are_at_once(one, last) and one not in [*before, last]]
    return [*[*before, *beside][1 - MOST :], last]


def _of_an_earlier_test(record: Record, last: Exchange) -> Exchange | None:
    """The card that a request of the target goes on with by itself, where the test of that card is over."""
    if not last.by_target or last.operation in AUTHORIZED or stimulus(record, last) is not None:
        return None
    names = ("EvseID", "Identification")
    if not all(last.request.get(name) for name in names):
        return None
    cards = [
        one
        for one in record.exchanges
        if one.number < last.number
        and one.operation in AUTHORIZED
        and all(one.request.get(name) == last.request.get(name) for name in names)
    ]
    return cards[-1] if cards and cards[-1].test != last.test else None


def are_at_once(one: Exchange, other: Exchange) -> bool:
    """Whether the hub sent two requests of a test at the same time: none waited for the other's response."""
    if one.by_target or other.by_target or one.test != other.test:
        return False
    return one.started < (other.finished or other.started) and other.started < (one.finished or one.started)


def _has(exchanges: Sequence[Exchange], number: int) -> bool:
    return any(one.number == number for one in exchanges)


def stimulus(record: Record, exchange: Exchange) -> Wait | None:
    """The stimulus that brought the target to send a request, if one was given for it.

    What the target sent of the operation before it sent what was asked for came for the same stimulus. A
    request to a path that OICP does not have came for the stimulus of the operation that it means.
    """
    given = [one for one in record.waits if one.stimulus]
    answered = next((one for one in given if one.came == exchange.number), None)
    if answered or not exchange.by_target:
        return answered
    if exchange.operation:
        of_test = [one for one in given if (one.test, one.operation) == (exchange.test, exchange.operation)]
        return next((one for one in of_test if (one.after or 0) < exchange.number < (one.came or 0)), None)
    meant = meant_by(exchange.path.partition("?")[0], exchange.request.json)
    unmet = [
        one
        for one in given
        if meant and one.operation == meant.name and one.came is None and one.test == exchange.test
    ]
    return next((one for one in reversed(unmet) if (one.after or 0) < exchange.number), None)


def in_vain(record: Record, test: str | None, last: int) -> Iterator[Wait]:
    """What did not come in a test after an exchange, although it was asked for, or due without that."""
    for one in record.waits:
        had_to = one.stimulus in {None, "done"} or one.unasked > 0
        if one.test == test and one.came is None and had_to and (one.after or 0) >= last:
            yield one


@dataclass(frozen=True)
class Given:
    """A stimulus that was carried out on the way of a chain."""

    stimulus: str
    parameters: dict[str, Any]
    note: Wait | Plug

    @property
    def meaning(self) -> str:
        """What it asks for, in words."""
        meanings = {"plug-in": "the cable is plugged in", "unplug": "the cable is taken out"}
        return meanings.get(self.stimulus, f"the target should send {self.stimulus}")


def stimuli(record: Record, led: Sequence[Exchange]) -> list[list[Given]]:
    """For each exchange of a chain the stimuli that were given before it, each once."""
    sessions = {one.number: session for session in record.sessions for one in session.exchanges}
    plugs = [one for one in record.notes if isinstance(one, Plug) and one.outcome == "done"]
    used: list[Wait | Plug] = []
    evses: dict[str, str | None] = {}
    """The sessions that have begun in the chain, and their EVSEs."""
    steps = []
    for exchange in led:
        due = [
            Given(one.stimulus, {"SessionID": one.session, "EvseID": evses[one.session]}, one)
            for one in plugs
            if one.session in evses and one.after < exchange.number
        ]
        new = [one for one in [*due, *_waited(record, exchange)] if one.note not in used]
        used += [one.note for one in new]
        steps.append(new)
        if session := sessions.get(exchange.number):
            evses[session.id] = session.evse
    return steps


def _waited(record: Record, exchange: Exchange) -> Iterator[Given]:
    given = stimulus(record, exchange)
    if given is not None:
        yield Given(given.operation, parameters(given, exchange), given)


def parameters(given: Wait, exchange: Exchange) -> dict[str, Any]:
    """The parameters of a stimulus: as the notes have them, else as the target's request tells."""
    if given.parameters is not None:
        return dict(given.parameters)
    body = exchange.request.object
    made: dict[str, Any] = {name: body[name] for name in _NAMES if body.get(name) is not None}
    if given.session:
        made["SessionID"] = given.session
    return made
