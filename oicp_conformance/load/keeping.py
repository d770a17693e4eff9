"""Which sessions of a load are kept to be judged: a sample, and each in which something is wrong."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Wait
from oicp_conformance.judge.requirements.acceptance import VALID
from oicp_conformance.judge.requirements.authorizations import ACCEPTED
from oicp_conformance.judge.requirements.charge_detail_records import SENT
from oicp_conformance.judge.requirements.emp_robustness import PARALLEL
from oicp_conformance.load.knowing import TEST
from oicp_conformance.load.stories import fault, is_shed
from oicp_conformance.oicp.operation_names import AUTHORIZE_START, CDR, REMOTE_START, REMOTE_STOP

MOST = 1000
"""Sessions that one process keeps of the sample, and as many with a fault in them."""


class Keeper:
    """Keeps whole sessions, as lines of JSON, until they are fetched."""

    def __init__(self, share: float, draw: random.Random) -> None:
        self._share = share
        self._draw = draw
        self._left = {True: MOST, False: MOST}
        self._lines: list[dict[str, Any]] = []
        self._has_whole = False
        self.sessions = 0
        """How many there were."""
        self.left_out = 0
        """Of those with a fault, how many there was no room for."""

    def offer(self, exchanges: Sequence[Exchange], *, is_whole: bool) -> None:
        """Take in a session that is over, or was broken off.

        The first that went all its way is kept in any case.
        """
        if not exchanges:
            return
        self.sessions += 1
        is_faulty = any(map(fault, exchanges))
        is_first = is_whole and len(exchanges) > 1 and not self._has_whole
        self._has_whole = self._has_whole or is_first
        if not is_faulty and not is_first and self._draw.random() >= self._share:
            return
        if not self._left[is_faulty]:
            self.left_out += is_faulty
            return
        self._left[is_faulty] -= 1
        self._lines += [one.as_json() for one in exchanges if not is_shed(one)]

    def fetch(self) -> dict[str, Any]:
        """Return what was kept since this was last asked for."""
        lines, self._lines = self._lines, []
        counts = {"sessions": self.sessions, "left_out": self.left_out}
        self.sessions, self.left_out = 0, 0
        return {"lines": lines, **counts}


def merged(by_hub: Iterable[Exchange], by_target: Iterable[Exchange], mark: str) -> list[Exchange]:
    """Make one journal of the sessions that were kept and of what the target sent in them.

    Of what the target sent, that remains which names a session that was kept, or one that the load never had.
    """
    ours = list(by_hub)
    kept = {_session(one) for one in ours}
    theirs = [
        one
        for one in by_target
        if (session := _session(one)) and (session in kept or not session.startswith(mark))
    ]
    in_order = sorted([*ours, *theirs], key=lambda one: one.started)
    made: list[Exchange] = []
    rejected: dict[tuple[str, str | None, bytes], int] = {}
    for number, one in enumerate(in_order, 1):
        said = (_session(one), one.operation, one.request.body)
        again = None if one.by_target else rejected.get(said)
        made.append(replace(_credited(one), number=number, repeats=again))
        if not one.by_target and answer_of(one) is Answer.NEGATIVE:
            rejected[said] = number
    return made


def awaited(exchanges: Iterable[Exchange], seconds: float) -> Iterator[Wait]:
    """The charge detail records that were due: of each session whose stop the CPO has acknowledged.

    `seconds` is how long the hub listened in the end with nothing coming; 0 if the CPO was still sending.
    """
    came: dict[str, int] = {}
    stops: dict[str, Exchange] = {}
    for one in exchanges:
        if one.by_target and one.operation == CDR:
            came.setdefault(_session(one), one.number)
        elif one.operation == REMOTE_STOP and answer_of(one) is Answer.POSITIVE:
            stops.setdefault(_session(one), one)
    for session, stop in stops.items():
        yield Wait(
            TEST,
            SENT.id,
            CDR,
            seconds,
            came.get(session),
            session=session,
            after=stop.number,
            unasked=seconds,
            detail="" if session in came else f"{CDR} was not received before the end of the load",
        )


def _credited(exchange: Exchange) -> Exchange:
    """The exchange, as one that was to be accepted where it was left open, and was accepted."""
    basic = {AUTHORIZE_START: ACCEPTED.id, REMOTE_START: VALID.id, REMOTE_STOP: VALID.id}
    purpose = basic.get(exchange.operation or "")
    is_open = exchange.purpose == PARALLEL.id and answer_of(exchange) is Answer.POSITIVE
    return replace(exchange, purpose=purpose, expects="accept") if is_open and purpose else exchange


def _session(exchange: Exchange) -> str:
    return str(exchange.request.get("SessionID") or "").lower()
