"""What led to an exchange: all of its session before it, and the stimuli that were given on the way."""

from collections.abc import Sequence
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Wait
from oicp_conformance.judge.outcome import Record
from oicp_conformance.oicp.operations import meant_by

MOST = 20
"""Exchanges that a chain has at most: the last ones."""
_NAMES = ("SessionID", "EvseID", "Type", "ActionType", "Identification", "Duration", "From", "To")


def chain(record: Record, number: int) -> list[Exchange]:
    """What led to an exchange: the earlier ones of its session in order, and itself.

    What the target sent by itself and in no session of the hub's comes after what was said in its test. Of a
    request of the hub without a session, and of one that is not in the record, there is nothing before it.
    """
    last = next((one for one in record.exchanges if one.number == number), None)
    if last is None:
        return []
    session = next((one for one in record.sessions if _has(one.exchanges, number)), None)
    if session is not None:
        before = [one for one in session.exchanges if one.number < number]
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
    return [*before[1 - MOST :], last]


def _has(exchanges: Sequence[Exchange], number: int) -> bool:
    return any(one.number == number for one in exchanges)


def stimulus(record: Record, exchange: Exchange) -> Wait | None:
    """The stimulus that brought the target to send a request, if one was given for it.

    A request to a path that OICP does not have came for the stimulus of the operation that it means.
    """
    given = [one for one in record.waits if one.stimulus]
    answered = next((one for one in given if one.came == exchange.number), None)
    if answered or exchange.operation or not exchange.by_target:
        return answered
    meant = meant_by(exchange.path.partition("?")[0], exchange.request.json)
    unmet = [
        one
        for one in given
        if meant and one.operation == meant.name and one.came is None and one.test == exchange.test
    ]
    return next((one for one in reversed(unmet) if (one.after or 0) < exchange.number), None)


def parameters(given: Wait, exchange: Exchange) -> dict[str, Any]:
    """The parameters of a stimulus: as the notes have them, else as the target's request tells."""
    if given.parameters is not None:
        return dict(given.parameters)
    body = exchange.request.object
    made: dict[str, Any] = {name: body[name] for name in _NAMES if body.get(name) is not None}
    if given.session:
        made["SessionID"] = given.session
    return made
